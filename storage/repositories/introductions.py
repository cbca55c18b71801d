"""What members chose about each other: the latest choice of each about each."""

from __future__ import annotations

from sqlalchemy import delete, insert, or_, select

from bot.domain.introductions import Introduction, Outcome
from storage.scope import Scope
from storage.tables import INTRODUCTIONS

_I = INTRODUCTIONS.c


class SqlIntroductions:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, introduction: Introduction) -> bool:
        mine = (_I.member_id == introduction.member_id) & (_I.other_id == introduction.other_id)
        known = self._scope.value(select(_I.outcome).where(mine))
        if known == introduction.outcome.value:
            return False
        self._scope.run(delete(INTRODUCTIONS).where(mine))
        values = {
            "community_id": community_id,
            "member_id": introduction.member_id,
            "other_id": introduction.other_id,
            "outcome": introduction.outcome.value,
            "at": introduction.at,
        }
        self._scope.run(insert(INTRODUCTIONS).values(values))
        return True

    def withdraw(self, member_id: int, other_id: int) -> bool:
        gone = delete(INTRODUCTIONS).where(_I.member_id == member_id, _I.other_id == other_id).returning(_I.other_id)
        return self._scope.value(gone) is not None

    def about(self, member_id: int) -> list[Introduction]:
        wanted = select(INTRODUCTIONS).where(or_(_I.member_id == member_id, _I.other_id == member_id))
        rows = self._scope.rows(wanted.order_by(_I.at, _I.member_id, _I.other_id))
        return [Introduction(row.member_id, row.other_id, Outcome(row.outcome), row.at) for row in rows]
