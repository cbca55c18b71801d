"""Rooms, who is in them, and who may therefore read what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, insert, literal, or_, select, update

from bot.domain.incoming import Place, RoomKind
from bot.domain.people import Member
from bot.domain.permissions import PUBLIC, Audience, Viewer, member_audience, room_audience
from bot.domain.refs import RoomRef
from bot.domain.rooms import Room
from bot.errors import NotFound
from storage.repositories.members import SqlMembers
from storage.repositories.moves import move_rooms
from storage.repositories.setup import SqlHomes
from storage.repositories.suggestable_posts import refresh_posts_of_room
from storage.scope import Record, Scope, chunks
from storage.tables import MEMBERS, MEMBERSHIPS, ROOMS

_R = ROOMS.c
_S = MEMBERSHIPS.c

_BY_ID: Final = select(ROOMS).where(_R.id == bindparam("b_id"))
_BY_REF: Final = select(ROOMS).where(
    _R.community_id == bindparam("b_community"),
    _R.platform == bindparam("b_platform"),
    _R.native_id == bindparam("b_native"),
    _R.thread_id == bindparam("b_thread"),
)


class SqlRooms:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, room_id: int) -> Room | None:
        rows = self._scope.rows(_BY_ID, [{"b_id": room_id}])
        return _room(rows[0]) if rows else None

    def by_ref(self, community_id: int, ref: RoomRef) -> Room | None:
        where = {
            "b_community": community_id,
            "b_platform": ref.platform,
            "b_native": ref.native_id,
            "b_thread": ref.thread_id or "",
        }
        rows = self._scope.rows(_BY_REF, [where])
        return _room(rows[0]) if rows else None

    def ensure(self, community_id: int, place: Place) -> Room:
        """A thread in a private room has that room's audience. A room that was private stays private: what was said
        behind closed doors is not published because a platform forgot to say so."""
        room = self.by_ref(community_id, place.room)
        if room is None:
            return self._make(community_id, place)
        named = {"name": place.name, "topic": place.topic, "group_name": place.group, "server": place.server}
        now = {"name": room.name, "topic": room.topic, "group_name": room.group, "server": room.server}
        changes: dict[str, Any] = {name: value for name, value in named.items() if value and value != now[name]}
        closed = place.private and room.audience == PUBLIC
        if closed:
            changes |= {"audience": room_audience(room.id), "indexed": False, "caught_up": None}
        if not changes:
            return room
        self._scope.run(update(ROOMS).where(_R.id == room.id).values(changes))
        self._scope.topics.add(f"room:{room.id}")
        if closed:
            self._close_threads(room.id)
        if closed or "name" in changes:
            refresh_posts_of_room(self._scope, room.id)
        return self._known(room.id)

    def direct(self, community_id: int, platform: str, member_id: int) -> Room:
        """A room that the platform made for the two is preferred to an address of our own."""
        row = self._scope.first(
            select(ROOMS)
            .where(
                _R.community_id == community_id,
                _R.platform == platform,
                _R.kind == RoomKind.DIRECT.value,
                _R.audience == member_audience(member_id),
            )
            .order_by(_R.id)
            .limit(1)
        )
        if row is not None:
            return _room(row)
        owner = SqlMembers(self._scope).get(member_id)
        if owner is None or owner.community_id != community_id:
            raise NotFound(f"There is no member {member_id}.")
        if owner.id != member_id:
            return self.direct(community_id, platform, owner.id)
        place = Place(RoomRef(platform, f"dm-{member_id}"), owner.name, RoomKind.DIRECT, private=True)
        room = self._make(community_id, place)
        self._scope.run(update(ROOMS).where(_R.id == room.id).values(audience=member_audience(member_id)))
        joins = {"room_id": room.id, "member_id": member_id, "community_id": community_id, "left_at": None}
        self._scope.run(insert(MEMBERSHIPS).values(joins | {"joined_at": self._scope.now()}))
        return self._known(room.id)

    def join(self, room_id: int, member_id: int, at: datetime) -> None:
        room = self._known(room_id)
        row = {"room_id": room_id, "member_id": member_id, "community_id": room.community_id}
        # Events may come late and twice: the newest word counts.
        self._scope.run(
            self._scope.insert(MEMBERSHIPS)
            .values(row | {"joined_at": at, "left_at": None})
            .on_conflict_do_update(
                index_elements=[_S.room_id, _S.member_id],
                set_={"joined_at": at, "left_at": None},
                where=and_(_S.left_at.is_not(None), _S.left_at <= at),
            )
        )
        if room.kind is RoomKind.DIRECT and room.audience == room_audience(room.id):
            person = select(MEMBERS.c.id).where(MEMBERS.c.id == member_id, MEMBERS.c.bot.is_(False))
            if self._scope.first(person) is not None:
                self._scope.run(update(ROOMS).where(_R.id == room_id).values(audience=member_audience(member_id)))
        self._scope.topics.add(f"room:{room_id}")

    def leave(self, room_id: int, member_id: int, at: datetime) -> None:
        room = self._known(room_id)
        row = {"room_id": room_id, "member_id": member_id, "community_id": room.community_id}
        self._scope.run(
            self._scope.insert(MEMBERSHIPS)
            .values(row | {"joined_at": at, "left_at": at})
            .on_conflict_do_update(
                index_elements=[_S.room_id, _S.member_id],
                set_={"left_at": at},
                where=and_(_S.left_at.is_(None), _S.joined_at <= at),
            )
        )
        self._scope.topics.add(f"room:{room_id}")

    def close(self, room_id: int, at: datetime) -> None:
        room = self._known(room_id)
        self._scope.run(update(ROOMS).where(_R.id == room_id).values(audience=room_audience(room_id), indexed=False))
        self._close_threads(room_id)
        mine = or_(ROOMS.c.id == room_id, ROOMS.c.parent_id == room_id)
        there = and_(_S.room_id.in_(select(_R.id).where(mine)), _S.left_at.is_(None))
        self._scope.run(update(MEMBERSHIPS).where(there).values(left_at=at))
        self._scope.topics.add(f"room:{room.id}")
        refresh_posts_of_room(self._scope, room_id)

    def members_of(self, room_id: int) -> list[int]:
        there = and_(_S.room_id == room_id, _S.left_at.is_(None))
        return self._scope.values(select(_S.member_id).where(there).order_by(_S.member_id))

    def all(self, community_id: int) -> list[Room]:
        return [
            _room(row) for row in self._scope.rows(select(ROOMS).where(_R.community_id == community_id).order_by(_R.id))
        ]

    def directs(self, community_id: int, platform: str, member_ids: Iterable[int]) -> dict[int, Room]:
        found: dict[int, Room] = {}
        owners = {member_audience(member): member for member in member_ids}
        for part in chunks(owners):
            theirs = select(ROOMS).where(
                _R.community_id == community_id,
                _R.platform == platform,
                _R.kind == RoomKind.DIRECT.value,
                _R.audience.in_(part),
            )
            for row in self._scope.rows(theirs.order_by(_R.id)):
                found.setdefault(owners[Audience(row.audience)], _room(row))
        return found

    def viewer(self, member: Member) -> Viewer:
        return self.viewers([member])[member.id]

    def viewers(self, members: Iterable[Member]) -> dict[int, Viewer]:
        people = {member.id: member for member in members}
        audiences = {member: {PUBLIC, member_audience(member)} for member in people}
        audience = literal("room:") + cast(_R.id, String)
        for part in chunks(people):
            joined = (
                select(_S.member_id, _R.audience, _R.community_id)
                .join(MEMBERSHIPS, _S.room_id == _R.id)
                .where(_S.member_id.in_(part), _S.left_at.is_(None), _R.audience == audience)
            )
            for row in self._scope.rows(joined):
                if row.community_id == people[row.member_id].community_id:
                    audiences[row.member_id].add(Audience(row.audience))
        return {
            one.id: Viewer(one.community_id, one.id, frozenset(audiences[one.id]), one.role) for one in people.values()
        }

    def configure(self, room_id: int, *, indexed: bool) -> bool:
        room = self._known(room_id)
        if indexed and room.never:
            return False
        # A thread for a few keeps its own state when the room around it is switched on.
        threads = and_(_R.parent_id == room_id, _R.audience == room.audience) if indexed else _R.parent_id == room_id
        self._switch(or_(_R.id == room_id, threads), indexed=indexed)
        return True

    def rule_out(self, room_id: int, *, never: bool) -> None:
        self._known(room_id)
        here = or_(_R.id == room_id, _R.parent_id == room_id)
        self._scope.run(update(ROOMS).where(here).values(never=never))
        if never:
            self._switch(here, indexed=False)

    def lock(self, room_id: int, *, locked: bool) -> None:
        self._scope.run(update(ROOMS).where(_R.id == room_id).values(locked=locked))
        self._scope.topics.add(f"room:{room_id}")

    def catching_up(self, community_id: int) -> list[tuple[Room, int]]:
        waiting = select(ROOMS).where(_R.community_id == community_id, _R.indexed, _R.caught_up.is_not(None))
        return [(_room(row), int(row.caught_up)) for row in self._scope.rows(waiting.order_by(_R.id))]

    def caught_up(self, room_id: int, until: int | None) -> None:
        self._scope.run(update(ROOMS).where(_R.id == room_id, _R.indexed).values(caught_up=until))

    def _switch(self, here: ColumnElement[bool], *, indexed: bool) -> None:
        """What was said while a room was off has to be looked at once it is on."""
        wanted = and_(here, _R.indexed.is_not(indexed))
        if indexed:
            wanted = and_(wanted, or_(_R.never.is_(None), _R.never.is_(False)))
        changed = self._scope.values(
            update(ROOMS).where(wanted).values(indexed=indexed, caught_up=0 if indexed else None).returning(_R.id)
        )
        for room_id in changed:
            self._scope.topics.add(f"room:{room_id}")
            refresh_posts_of_room(self._scope, room_id)
        if changed and indexed:
            self._scope.topics.add("rooms")

    def move(self, community_id: int, old: RoomRef, new: RoomRef) -> bool:
        """With its threads. Messages keep a mark of the old address: the platform counts anew at the new one."""
        SqlHomes(self._scope).move(community_id, old, new)
        return move_rooms(self._scope, community_id, old, new)

    def _make(self, community_id: int, place: Place) -> Room:
        parent = self._parent(community_id, place)
        inherits = parent is not None and parent.audience != PUBLIC and not place.closed
        private = place.private or place.kind is RoomKind.DIRECT or inherits
        # A thread follows its room; anything else that the platforms tell us of waits for a moderator's word.
        indexed = place.indexed and not private
        if parent is not None and (inherits or not private):
            indexed = parent.indexed
        row = {
            "community_id": community_id,
            "platform": place.room.platform,
            "native_id": place.room.native_id,
            "thread_id": place.room.thread_id or "",
            "name": place.name,
            "kind": place.kind.value,
            "topic": place.topic,
            "group_name": place.group,
            "audience": parent.audience if parent is not None and inherits else PUBLIC,
            "indexed": indexed,
            "parent_id": parent.id if parent is not None else None,
            "server": place.server or None,
            "never": parent.never if parent is not None else None,
            "caught_up": None,
            "locked": None,
        }
        room_id = self._scope.value(insert(ROOMS).values(row).returning(_R.id))
        if private and not inherits:
            self._scope.run(update(ROOMS).where(_R.id == room_id).values(audience=room_audience(room_id)))
        if place.room.thread_id is None:
            self._adopt(room_id, place.room, community_id)
        self._scope.topics.add(f"room:{room_id}")
        return self._known(room_id)

    def _parent(self, community_id: int, place: Place) -> Room | None:
        if place.room.thread_id is None:
            return None
        return self.by_ref(community_id, RoomRef(place.room.platform, place.room.native_id))

    def _adopt(self, room_id: int, ref: RoomRef, community_id: int) -> None:
        """Threads may be known before their room."""
        orphans = and_(
            _R.community_id == community_id,
            _R.platform == ref.platform,
            _R.native_id == ref.native_id,
            _R.thread_id != "",
            _R.parent_id.is_(None),
        )
        self._scope.run(update(ROOMS).where(orphans).values(parent_id=room_id))
        if self._known(room_id).audience != PUBLIC:
            self._close_threads(room_id)

    def _close_threads(self, room_id: int) -> None:
        """Public threads of a room that turned out to be private take its audience."""
        threads = self._scope.values(select(_R.id).where(_R.parent_id == room_id, _R.audience == PUBLIC))
        closed = {"audience": room_audience(room_id), "indexed": False, "caught_up": None}
        self._scope.run(update(ROOMS).where(_R.id.in_(threads)).values(closed))
        for thread in threads:
            refresh_posts_of_room(self._scope, thread)

    def _known(self, room_id: int) -> Room:
        room = self.get(room_id)
        if room is None:
            raise NotFound(f"There is no room {room_id}.")
        return room


def _room(row: Record) -> Room:
    return Room(
        id=row.id,
        community_id=row.community_id,
        ref=RoomRef(row.platform, row.native_id, row.thread_id or None),
        name=row.name,
        kind=RoomKind(row.kind),
        topic=row.topic,
        group=row.group_name,
        audience=Audience(row.audience),
        indexed=row.indexed,
        parent_id=row.parent_id,
        server=row.server or "",
        never=bool(row.never),
        locked=bool(row.locked),
    )
