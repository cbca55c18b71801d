"""Links between members: codes, answers, and the two becoming one and parting again.

Links into one member are a stack: to take one out, those above it are taken off and put back. So each only ever deals
with two members, and parting is joining read backwards.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import and_, insert, or_, select, update

from bot.domain.links import Link, LinkState, joined, parted
from bot.domain.people import Member
from bot.errors import NotFound
from storage.repositories.communities import next_sequence
from storage.repositories.joining import Joining
from storage.repositories.members import SqlMembers
from storage.repositories.schedules import follow_timezone
from storage.scope import Record, Scope
from storage.tables import LINKS

_L = LINKS.c
_MEMBER: Final[TypeAdapter[Member]] = TypeAdapter(Member)
_OPEN: Final = (LinkState.OFFERED.value, LinkState.ASKED.value)


class SqlLinks:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._members = SqlMembers(scope)

    def offer(self, link: Link, code: str) -> Link:
        self._void(link.first_id, LinkState.OFFERED)
        row = {
            "community_id": link.community_id,
            "first_id": link.first_id,
            "second_id": link.second_id,
            "first_platform": link.first_platform,
            "second_platform": link.second_platform,
            "code": code,
            "state": link.state.value,
            "made_at": link.made_at,
            "expires_at": link.expires_at,
            "first_agreed": link.first_agreed,
            "second_agreed": link.second_agreed,
        }
        number = self._scope.value(insert(LINKS).values(row).returning(_L.id))
        made = self.get(link.community_id, number)
        assert made is not None, "it was inserted"
        return made

    def by_code(self, community_id: int, code: str) -> Link | None:
        waiting = and_(_L.community_id == community_id, _L.code == code, _L.state == LinkState.OFFERED.value)
        row = self._scope.first(select(LINKS).where(waiting).order_by(_L.id.desc()).limit(1))
        return None if row is None else _link(row)

    def get(self, community_id: int, link_id: int) -> Link | None:
        row = self._scope.first(select(LINKS).where(_L.community_id == community_id, _L.id == link_id))
        return None if row is None else _link(row)

    def ask(self, link_id: int, second_id: int, platform: str, *, until: datetime) -> bool:
        asked = {
            "state": LinkState.ASKED.value,
            "second_id": second_id,
            "second_platform": platform,
            "expires_at": until,
            "code": "",
        }
        waiting = and_(_L.id == link_id, _L.state == LinkState.OFFERED.value)
        return self._scope.run(update(LINKS).where(waiting).values(asked)) == 1

    def agree(self, link_id: int, *, first: bool) -> Link | None:
        yes = {"first_agreed" if first else "second_agreed": True}
        asked = and_(_L.id == link_id, _L.state == LinkState.ASKED.value)
        rows = self._scope.rows(update(LINKS).where(asked).values(yes).returning(LINKS))
        return _link(rows[0]) if rows else None

    def end(self, link_id: int, state: LinkState, at: datetime) -> bool:
        ended = {"state": state.value, "ended_at": at, "code": ""}
        waiting = and_(_L.id == link_id, _L.state.in_(_OPEN))
        return self._scope.run(update(LINKS).where(waiting).values(ended)) == 1

    def join(self, link_id: int, at: datetime) -> Member | None:
        row = self._scope.first(select(LINKS).where(_L.id == link_id, _L.state == LinkState.ASKED.value))
        if row is None or not (row.first_agreed and row.second_agreed):
            return None
        first, second = self._members.get(row.first_id), self._members.get(row.second_id)
        if first is None or second is None or first.id != row.first_id or second.id != row.second_id:
            return None
        for member in (first, second):
            self._void(member.id, *LinkState, but=link_id)
        # Whoever is one with the second becomes one with the first, each by a link of their own.
        others = self._stack(second.id)
        for other in reversed(others):
            self._pop(other)
        self._push(row.id, first.id, row.second_id, at)
        for other in others:
            self._push(other.id, first.id, other.second_id, other.joined_at)
        return self._members.get(first.id)

    def part(self, link_id: int, at: datetime) -> bool:
        row = self._scope.first(select(LINKS).where(_L.id == link_id, _L.state == LinkState.JOINED.value))
        if row is None:
            return False
        above = [other for other in self._stack(row.first_id) if other.id != row.id and _after(other, row)]
        for other in reversed(above):
            self._pop(other)
        self._pop(row)
        self._scope.run(update(LINKS).where(_L.id == row.id).values(state=LinkState.PARTED.value, ended_at=at))
        for other in above:
            self._push(other.id, row.first_id, other.second_id, other.joined_at)
        return True

    def of(self, member_id: int) -> list[Link]:
        return [_link(row) for row in self._stack(member_id)]

    def revision(self, community_id: int) -> int:
        newest = select(_L.sequence).where(_L.community_id == community_id, _L.sequence.is_not(None))
        return int(self._scope.value(newest.order_by(_L.sequence.desc()).limit(1)) or 0)

    def _push(self, link_id: int, first_id: int, second_id: int, at: datetime) -> None:
        first, second = self._there(first_id), self._there(second_id)
        link = self._scope.first(select(LINKS).where(_L.id == link_id))
        assert link is not None, "it is there"
        Joining(self._scope, link.community_id, link_id, first_id, second_id).join()
        together = joined(first, second)
        self._members.update(together)
        follow_timezone(self._scope, together)
        kept = {"before": _dumped(first), "together": _dumped(self._there(first_id))}
        values = {
            "state": LinkState.JOINED.value,
            "first_id": first_id,
            "joined_at": at,
            "kept": kept,
            "sequence": next_sequence(self._scope, link.community_id, 1)[0],
        }
        self._scope.run(update(LINKS).where(_L.id == link_id).values(values))
        self._scope.topics.add("interactions")

    def _pop(self, row: Record) -> None:
        """The topmost link of its member is undone; it is then neither joined nor parted, which the caller decides."""
        number = next_sequence(self._scope, row.community_id, 1)[0]
        undone = {"state": LinkState.ASKED.value, "kept": None, "sequence": number}
        kept = {name: _MEMBER.validate_python(member) for name, member in row.kept.items()}
        now = self._there(row.first_id)
        self._scope.run(update(LINKS).where(_L.id == row.id).values(undone))
        first, second = parted(kept["before"], kept["together"], now, self._there(row.second_id))
        Joining(self._scope, row.community_id, row.id, row.first_id, row.second_id).part()
        for member in (first, second):
            self._members.update(member)
            follow_timezone(self._scope, member)
        self._scope.topics.add("interactions")

    def _stack(self, member_id: int) -> list[Record]:
        into = and_(_L.first_id == member_id, _L.state == LinkState.JOINED.value)
        return list(self._scope.rows(select(LINKS).where(into).order_by(_L.sequence)))

    def _void(self, member_id: int, *states: LinkState, but: int = 0) -> None:
        """What else waits for this member's word does so in vain."""
        theirs = or_(_L.first_id == member_id, _L.second_id == member_id)
        waiting = and_(theirs, _L.state.in_([state.value for state in states if state.value in _OPEN]))
        void = {"state": LinkState.VOID.value, "code": ""}
        self._scope.run(update(LINKS).where(waiting, _L.id != but).values(void))

    def _there(self, member_id: int) -> Member:
        member = self._members.get(member_id)
        if member is None:
            raise NotFound(f"There is no member {member_id}.")
        return member


def _after(one: Record, other: Record) -> bool:
    return bool(one.sequence > other.sequence)


def _dumped(member: Member) -> Any:
    return _MEMBER.dump_python(member, mode="json")


def _link(row: Record) -> Link:
    return Link(
        id=row.id,
        community_id=row.community_id,
        first_id=row.first_id,
        second_id=row.second_id,
        first_platform=row.first_platform,
        second_platform=row.second_platform,
        state=LinkState(row.state),
        made_at=row.made_at,
        expires_at=row.expires_at,
        first_agreed=row.first_agreed,
        second_agreed=row.second_agreed,
        joined_at=row.joined_at,
    )
