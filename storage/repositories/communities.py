"""Communities, and the counters that number what changes in them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Executable, bindparam, func, insert, select, update

from bot.domain.people import Community
from bot.errors import NotFound
from bot.ports import Marks
from storage.scope import Record, Scope
from storage.tables import COMMUNITIES, CONSENT_CHANGES, LINKS

_C = COMMUNITIES.c


def _raise(counter: ColumnElement[int]) -> Executable:
    raised = {counter: counter + bindparam("b_count")}
    return update(COMMUNITIES).where(_C.id == bindparam("b_community")).values(raised).returning(counter)


_RAISE_REVISION: Final = _raise(_C.revision)
_RAISE_SEQUENCE: Final = _raise(_C.sequence)


_CHANGES = CONSENT_CHANGES.c
_MARKS: Final = select(
    _C.revision,
    _C.sequence,
    select(func.max(_CHANGES.id)).where(_CHANGES.community_id == bindparam("b_community")).scalar_subquery(),
    select(func.max(LINKS.c.sequence)).where(LINKS.c.community_id == bindparam("b_community")).scalar_subquery(),
).where(_C.id == bindparam("b_community"))


class SqlCommunities:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, name: str, *, language: str, timezone: str, sample: bool) -> Community:
        row = {"name": name, "language": language, "timezone": timezone, "sample": sample, "revision": 0, "sequence": 0}
        community_id = self._scope.value(insert(COMMUNITIES).values(row).returning(_C.id))
        return Community(community_id, name, language, timezone, sample)

    def get(self, community_id: int) -> Community | None:
        row = self._scope.first(select(COMMUNITIES).where(_C.id == community_id))
        return None if row is None else _community(row)

    def all(self) -> list[Community]:
        return [_community(row) for row in self._scope.rows(select(COMMUNITIES).order_by(_C.id))]

    def configure(self, community_id: int, *, language: str, timezone: str) -> Community:
        here = update(COMMUNITIES).where(_C.id == community_id)
        self._scope.run(here.values(language=language, timezone=timezone))
        community = self.get(community_id)
        if community is None:
            raise NotFound(f"There is no community {community_id}.")
        self._scope.topics.add("community")
        return community

    def marks(self, community_id: int) -> Marks:
        rows = self._scope.rows(_MARKS, [{"b_community": community_id}])
        return Marks(rows[0][0], rows[0][1], rows[0][2] or 0, rows[0][3] or 0) if rows else Marks()


def next_revisions(scope: Scope, community_id: int, count: int) -> range:
    """`count` fresh revisions of items. The row stays locked until the end, so they become visible in order."""
    return _next(scope, _RAISE_REVISION, community_id, count)


def next_sequence(scope: Scope, community_id: int, count: int) -> range:
    """`count` fresh numbers for interactions and their withdrawals, visible in order."""
    return _next(scope, _RAISE_SEQUENCE, community_id, count)


def _next(scope: Scope, raised: Executable, community_id: int, count: int) -> range:
    [row] = scope.rows(raised, [{"b_community": community_id, "b_count": count}])
    return range(row[0] - count + 1, row[0] + 1)


def _community(row: Record) -> Community:
    return Community(row.id, row.name, row.language, row.timezone, row.sample)
