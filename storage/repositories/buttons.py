"""What buttons mean, and half-finished forms: both survive a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from bot.errors import NotFound
from bot.ports import ButtonRow
from storage.scope import Scope
from storage.tables import BUTTONS, CONVERSATIONS, MEMBERS

_B = BUTTONS.c
_C = CONVERSATIONS.c


class SqlButtons:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, rows: Sequence[ButtonRow]) -> None:
        values = [
            {
                "community_id": community_id,
                "code": row.code,
                "action": row.action,
                "payload": dict(row.payload),
                "owner": row.owner,
                "created_at": row.created_at,
                "expires_at": row.expires_at,
            }
            for row in rows
        ]
        self._scope.run(insert(BUTTONS), values)

    def get(self, community_id: int, code: str) -> ButtonRow | None:
        row = self._scope.first(select(BUTTONS).where(_B.community_id == community_id, _B.code == code))
        if row is None:
            return None
        return ButtonRow(row.code, row.action, row.payload, row.owner, row.created_at, row.expires_at)

    def end(self, community_id: int, code: str) -> None:
        self._scope.run(delete(BUTTONS).where(_B.community_id == community_id, _B.code == code))

    def sweep(self, before: datetime) -> int:
        return self._scope.run(delete(BUTTONS).where(func.coalesce(_B.expires_at, _B.created_at) < before))


class SqlConversations:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, member_id: int, kind: str) -> dict[str, Any] | None:
        state = self._scope.value(select(_C.state).where(_C.member_id == member_id, _C.kind == kind))
        return None if state is None else dict(state)

    def put(self, member_id: int, kind: str, state: Mapping[str, Any], at: datetime) -> None:
        community_id = self._scope.value(select(MEMBERS.c.community_id).where(MEMBERS.c.id == member_id))
        if community_id is None:
            raise NotFound(f"There is no member {member_id}.")
        row = {"member_id": member_id, "kind": kind, "community_id": community_id, "state": dict(state), "at": at}
        self._scope.run(
            self._scope.insert(CONVERSATIONS)
            .values(row)
            .on_conflict_do_update(index_elements=[_C.member_id, _C.kind], set_={"state": row["state"], "at": at})
        )

    def put_many(self, community_id: int, states: Sequence[tuple[int, str, Mapping[str, Any]]], at: datetime) -> None:
        put = self._scope.insert(CONVERSATIONS)
        put = put.on_conflict_do_update(
            index_elements=[_C.member_id, _C.kind], set_={"state": put.excluded.state, "at": put.excluded.at}
        )
        rows = [
            {"member_id": member, "kind": kind, "community_id": community_id, "state": dict(state), "at": at}
            for member, kind, state in states
        ]
        self._scope.run(put, rows)

    def end(self, member_id: int, kind: str) -> None:
        self._scope.run(delete(CONVERSATIONS).where(_C.member_id == member_id, _C.kind == kind))

    def sweep(self, before: datetime) -> int:
        return self._scope.run(delete(CONVERSATIONS).where(_C.at < before))
