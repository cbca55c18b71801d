"""What comes before what beside the catalogue's own word, and what moderators decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.domain.paths import Decision, Prerequisite
from storage.repositories.courses import refresh_items
from storage.scope import Record, Scope, chunks
from storage.tables import PREREQUISITES

_P = PREREQUISITES.c


class SqlPrerequisites:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def propose(self, community_id: int, proposals: Sequence[Prerequisite], at: datetime) -> int:
        known = {(found.course, found.needs): found for found in self.all(community_id)}
        wanted = {(proposal.course, proposal.needs): proposal for proposal in proposals}
        # What is proposed again keeps its number: moderators may be looking at it.
        stale = [
            found.id
            for pair, found in known.items()
            if found.state is Decision.PROPOSED and _values(wanted.get(pair)) != _values(found)
        ]
        numbers = {pair: known[pair].id for pair in wanted if pair in known}
        for part in chunks([number for number in stale if number not in numbers.values()]):
            self._scope.run(delete(PREREQUISITES).where(_P.id.in_(part)))
        changed = set(stale)
        for pair, number in numbers.items():
            if number in changed:
                self._scope.run(update(PREREQUISITES).where(_P.id == number).values(_values(wanted[pair])))
        fresh = [proposal for pair, proposal in wanted.items() if pair not in known]
        rows = [
            _values(proposal)
            | {"community_id": community_id, "state": Decision.PROPOSED.value, "proposed_at": at, "decided_by": ""}
            for proposal in fresh
        ]
        self._scope.run(insert(PREREQUISITES), rows)
        return len(fresh)

    def all(self, community_id: int, *, state: Decision | None = None) -> list[Prerequisite]:
        wanted = select(PREREQUISITES).where(_P.community_id == community_id)
        if state is not None:
            wanted = wanted.where(_P.state == state.value)
        return [_prerequisite(row) for row in self._scope.rows(wanted.order_by(_P.confidence.desc(), _P.id))]

    def get(self, community_id: int, number: int) -> Prerequisite | None:
        row = self._scope.first(select(PREREQUISITES).where(_P.community_id == community_id, _P.id == number))
        return None if row is None else _prerequisite(row)

    def decide(self, community_id: int, number: int, state: Decision, *, by: str, at: datetime) -> Prerequisite | None:
        decided = {"state": state.value, "decided_at": at, "decided_by": by}
        mine = (_P.community_id == community_id) & (_P.id == number)
        if not self._scope.run(update(PREREQUISITES).where(mine).values(decided)):
            return None
        found = self.get(community_id, number)
        assert found is not None, "it was there a moment ago, in this transaction"
        refresh_items(self._scope, community_id, [found.course])
        return found


def _values(proposal: Prerequisite | None) -> dict[str, Any]:
    """What an inference may change."""
    if proposal is None:
        return {}
    return {
        "course": proposal.course,
        "needs": proposal.needs,
        "source": proposal.source,
        "confidence": proposal.confidence,
        "count": proposal.count,
        "of": proposal.of,
        "note": proposal.note,
    }


def _prerequisite(row: Record) -> Prerequisite:
    return Prerequisite(
        **{name: row._mapping[name] for name in ("course", "needs", "source", "confidence", "count", "of", "note")},  # noqa: SLF001 - SQLAlchemy's public name
        state=Decision(row.state),
        id=row.id,
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
