"""Who did what as staff, and what members looked for."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import insert, select

from bot.ports import AuditRow, Sought
from storage.scope import Scope
from storage.tables import AUDIT, DEMAND

_A = AUDIT.c
_D = DEMAND.c


class SqlAudit:
    """Entries are sealed: each carries a hash of itself and of the seal before it, so a change of the past shows."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, row: AuditRow) -> None:
        last = select(_A.seal).where(_A.community_id == community_id).order_by(_A.id.desc()).limit(1)
        values = {"community_id": community_id, "at": row.at, "actor": row.actor, "action": row.action}
        values |= {"target": row.target, "reason": row.reason, "seal": seal(self._scope.value(last) or "", row)}
        self._scope.run(insert(AUDIT).values(values))

    def all(self, community_id: int, *, limit: int = 100) -> list[AuditRow]:
        """Newest first."""
        rows = self._scope.rows(
            select(AUDIT).where(_A.community_id == community_id).order_by(_A.id.desc()).limit(limit)
        )
        return [AuditRow(row.at, row.actor, row.action, row.target, row.reason) for row in rows]


class SqlDemand:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, member_id: int | None, kind: str, words: str, best: float, at: datetime) -> None:
        values = {"community_id": community_id, "member_id": member_id, "kind": kind, "words": words, "best": best}
        self._scope.run(insert(DEMAND).values(values | {"at": at}))

    def all(self, community_id: int, *, since: datetime, below: float) -> list[tuple[str, str, float, datetime]]:
        """(kind, words, best score, time), oldest first."""
        wanted = (_D.community_id == community_id) & (_D.at >= since) & (_D.best < below)
        rows = self._scope.rows(select(DEMAND).where(wanted).order_by(_D.at, _D.id))
        return [(row.kind, row.words, row.best, row.at) for row in rows]

    def sought(self, community_id: int, *, since: datetime, below: float) -> list[Sought]:
        wanted = (_D.community_id == community_id) & (_D.at >= since) & (_D.best < below)
        rows = self._scope.rows(select(DEMAND).where(wanted).order_by(_D.at, _D.id))
        return [Sought(row.member_id, row.kind, row.words, row.best, row.at) for row in rows]


def seal(before: str, row: AuditRow) -> str:
    """SHA-256 over the previous seal and every field, in an unambiguous form."""
    fields = [before, row.at.astimezone(UTC).isoformat(), row.actor, row.action, row.target, row.reason]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
