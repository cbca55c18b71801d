"""Raw updates, stored before the platform is told that we have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, func, select, update

from bot.ports import InboxRow
from storage.scope import Record, Scope, chunks
from storage.tables import INBOX

_I = INBOX.c

_LEAVE: Final = (
    update(INBOX)
    .where(_I.id == bindparam("b_id"), _I.state == "pending")
    .values(state=bindparam("b_state"), reason=bindparam("b_reason"))
)

_FINISH: Final = (
    update(INBOX)
    .where(_I.id.in_(bindparam("b_ids", expanding=True)), _I.state == "pending")
    .values(state="done", reason="")
    .returning(_I.id)
)


class SqlInbox:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, platform: str, updates: Sequence[tuple[str, str]], at: datetime) -> int:
        rows = [
            {
                "community_id": community_id,
                "platform": platform,
                "native_id": native_id,
                "raw": raw,
                "received_at": at,
                "state": "pending",
                "attempts": 0,
                "reason": "",
            }
            for native_id, raw in updates
        ]
        new = self._scope.run(self._scope.insert(INBOX).on_conflict_do_nothing(), rows)
        if new:
            self._scope.topics.add("inbox")
        return new

    def pending(self, *, limit: int) -> list[InboxRow]:
        """In order of arrival."""
        rows = self._scope.rows(select(INBOX).where(_I.state == "pending").order_by(_I.id).limit(limit))
        return [_row(row) for row in rows]

    def since(self, community_id: int, platform: str, at: datetime, *, limit: int) -> list[InboxRow]:
        # Limited before it is filtered: nothing but its end is read, however long the inbox is.
        newest = select(_I.id).order_by(_I.id.desc()).limit(limit).scalar_subquery()
        mine = and_(_I.community_id == community_id, _I.platform == platform, _I.raw != "", _I.received_at >= at)
        return [_row(row) for row in self._scope.rows(select(INBOX).where(_I.id.in_(newest), mine).order_by(_I.id))]

    def pending_of(self, community_id: int, platform: str, native_ids: Sequence[str]) -> list[InboxRow]:
        waits = and_(_I.community_id == community_id, _I.platform == platform, _I.state == "pending")
        found = [
            row
            for part in chunks(native_ids)
            for row in self._scope.rows(select(INBOX).where(waits, _I.native_id.in_(part)))
        ]
        return [_row(row) for row in sorted(found, key=lambda row: row.id)]

    def finish(self, inbox_id: int) -> bool:
        return self._leave(inbox_id, "done", "")

    def finish_all(self, inbox_ids: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for part in chunks(inbox_ids):
            found |= {row.id for row in self._scope.rows(_FINISH, [{"b_ids": part}])}
        return found

    def park(self, inbox_id: int, reason: str) -> None:
        self._leave(inbox_id, "parked", reason)

    def retry(self, inbox_id: int, reason: str) -> int:
        count = update(INBOX).where(_I.id == inbox_id).values(attempts=_I.attempts + 1, reason=reason)
        return int(self._scope.value(count.returning(_I.attempts)) or 0)

    def counts(self) -> dict[str, int]:
        rows = self._scope.rows(select(_I.state, func.count()).group_by(_I.state))
        return {row[0]: row[1] for row in rows}

    def forget(self, community_id: int, platform: str, words: str) -> int:
        handled = and_(_I.community_id == community_id, _I.platform == platform, _I.state != "pending", _I.raw != "")
        named = _I.raw.contains(json.dumps(words), autoescape=True)
        return self._scope.run(update(INBOX).where(handled, named).values(raw=""))

    def sweep(self, before: datetime) -> int:
        # The row stays: its key is what makes a late redelivery a redelivery.
        done = and_(_I.state.in_(("done", "parked")), _I.received_at < before, _I.raw != "")
        return self._scope.run(update(INBOX).where(done).values(raw=""))

    def _leave(self, inbox_id: int, state: str, reason: str) -> bool:
        return self._scope.run(_LEAVE, [{"b_id": inbox_id, "b_state": state, "b_reason": reason}]) == 1


def _row(row: Record) -> InboxRow:
    return InboxRow(row.id, row.community_id, row.platform, row.native_id, row.raw, row.received_at, row.attempts)
