"""A room that the platform gave a new address: its past comes along."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Table, and_, delete, literal, select, update

from bot.domain.permissions import PUBLIC, room_audience
from bot.domain.refs import RoomRef
from storage.repositories.suggestable_posts import refresh_posts_of_room
from storage.scope import Record, Scope
from storage.tables import EVENT_CARDS, EVENT_THREADS, EVENTS, MEMBERSHIPS, MESSAGES, OUTBOX, ROOMS

_R = ROOMS.c
_M = MESSAGES.c
_S = MEMBERSHIPS.c
_C = EVENT_CARDS.c
_T = EVENT_THREADS.c

MOVED: Final = "old/"
"""Stands before the native ids of messages from before the move: the new address counts from 1 again."""


def move_rooms(scope: Scope, community_id: int, old: RoomRef, new: RoomRef) -> bool:
    """Rewrite the address of a room and its threads; False when there is no such room."""
    if old == new:
        return False
    whole = old.thread_id is None
    here = _at(ROOMS, community_id, old, with_threads=whole)
    rooms = scope.rows(select(ROOMS).where(here).order_by(_R.id))
    if not rooms:
        return False
    for room in rooms:
        thread_id = new.thread_id or (room.thread_id if whole else "")
        _move(scope, room, {"platform": new.platform, "native_id": new.native_id, "thread_id": thread_id})
    # A group that is a server of its own takes that along.
    scope.run(
        update(ROOMS)
        .where(_R.community_id == community_id, _R.server == old.native_id, _R.platform == new.platform)
        .values(server=new.native_id)
    )
    waiting = and_(_at(OUTBOX, community_id, old, with_threads=False), OUTBOX.c.state == "pending")
    target = {"platform": new.platform, "native_id": new.native_id, "thread_id": new.thread_id or ""}
    scope.run(update(OUTBOX).where(waiting).values(target))
    return True


def _move(scope: Scope, room: Record, address: dict[str, str]) -> None:
    marked = {"native_id": literal(MOVED) + _M.native_id, "reply_to_native": literal(MOVED) + _M.reply_to_native}
    scope.run(update(MESSAGES).where(_M.room_id == room.id).values(marked))
    taken = and_(_R.community_id == room.community_id, *(_R[name] == value for name, value in address.items()))
    there = scope.first(select(ROOMS).where(taken))
    if there is None:
        scope.run(update(ROOMS).where(_R.id == room.id).values(address))
        scope.topics.add(f"room:{room.id}")
        refresh_posts_of_room(scope, room.id)
        return
    # Something was said at the new address before we were told of the move: the two become one room.
    if room.audience != PUBLIC and there.audience == PUBLIC:
        closed = {"audience": room_audience(there.id), "indexed": False, "caught_up": None}
        scope.run(update(ROOMS).where(_R.id == there.id).values(closed))
    # What moderators decided about the room stays decided, whichever address was met first.
    if room.never:
        scope.run(update(ROOMS).where(_R.id == there.id).values(never=True, indexed=False, caught_up=None))
    elif room.indexed and not there.indexed and not there.never and room.audience == PUBLIC == there.audience:
        scope.run(update(ROOMS).where(_R.id == there.id).values(indexed=True, caught_up=0))
        scope.topics.add("rooms")
    scope.run(update(MESSAGES).where(_M.room_id == room.id).values(room_id=there.id))
    present = select(_S.member_id).where(_S.room_id == there.id)
    joined = and_(_S.room_id == room.id, _S.member_id.not_in(present))
    scope.run(update(MEMBERSHIPS).where(joined).values(room_id=there.id))
    scope.run(delete(MEMBERSHIPS).where(_S.room_id == room.id))
    scope.run(update(ROOMS).where(_R.parent_id == room.id).values(parent_id=there.id))
    for column in (_C.room_id, _T.room_id, _T.thread_room_id):
        # Of an event that has a card at both addresses, the one at the new address counts.
        both = select(_C.event_id).where(_C.room_id == there.id)
        mine = and_(column == room.id, _C.event_id.not_in(both)) if column is _C.room_id else column == room.id
        scope.run(update(column.table).where(mine).values({column.name: there.id}))
    scope.run(delete(EVENT_CARDS).where(_C.room_id == room.id))
    audience = {"audience": room_audience(there.id)}
    for table in (ROOMS, EVENTS):
        scope.run(update(table).where(table.c.audience == room_audience(room.id)).values(audience))
    scope.run(delete(ROOMS).where(_R.id == room.id))
    scope.topics.add(f"room:{there.id}")
    refresh_posts_of_room(scope, there.id)


def _at(table: Table, community_id: int, ref: RoomRef, *, with_threads: bool) -> ColumnElement[bool]:
    conditions = [
        table.c.community_id == community_id,
        table.c.platform == ref.platform,
        table.c.native_id == ref.native_id,
    ]
    if not with_threads:
        conditions.append(table.c.thread_id == (ref.thread_id or ""))
    return and_(*conditions)
