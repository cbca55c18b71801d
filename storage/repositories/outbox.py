"""What must be sent, in the same transaction as its cause; who sends it marks it first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import and_, case, exists, func, literal, literal_column, or_, select, type_coerce, update

from bot.domain.incoming import RoomKind
from bot.domain.outgoing import DeliveryClass, Receipt, Sending
from bot.domain.quoting import quoted
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.setup import DeliveryProblem, RefusalCause
from bot.ports import OutboxRow, Showing, Unasked
from storage.codec import sending_from_json, sending_to_json
from storage.repositories.exposures import add_receipt, place_exposures
from storage.scope import Scope, chunks
from storage.tables import MESSAGES, OUTBOX, RECEIPTS, ROOMS

_O = OUTBOX.c
_R = RECEIPTS.c

NONCE_MEMORY: Final = timedelta(minutes=2)
"""How long a platform is trusted to remember the nonce of a message."""


GIVEN_UP: Final = "given up"
"""How the reason begins of what was dropped because it could not be sent for days."""


def _values(community_id: int, sending: Sending, at: datetime) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "key": sending.key,
        "platform": sending.room.platform,
        "native_id": sending.room.native_id,
        "thread_id": sending.room.thread_id or "",
        "sending": sending_to_json(sending),
        "delivery": sending.delivery.value,
        "unsolicited": sending.unsolicited,
        "member_id": sending.to_member if sending.unsolicited else None,
        "due_at": max(at, sending.not_before) if sending.not_before else at,
        "state": "pending",
        "attempts": 0,
        "created_at": at,
        "reason": "",
    }


class SqlOutbox:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, sending: Sending, at: datetime) -> bool:
        return self.add_many(community_id, [sending], at) == 1

    def add_many(self, community_id: int, sendings: Sequence[Sending], at: datetime) -> int:
        rows = [_values(community_id, sending, at) for sending in sendings]
        new = self._scope.run(self._scope.insert(OUTBOX).on_conflict_do_nothing(), rows)
        if new:
            self._scope.topics.add("outbox")
        return new

    def unasked(self, member_ids: Iterable[int], *, since: datetime) -> dict[int, list[Unasked]]:
        found: dict[int, list[Unasked]] = {}
        waits = _O.state == "pending"
        # Deferred ones wait for their moment; of those that were sent, what counts is when.
        at = case((waits, _O.due_at), else_=func.coalesce(_O.claimed_at, _O.due_at))
        for part in chunks(set(member_ids)):
            wanted = select(_O.id, _O.key, _O.member_id, type_coerce(at, OUTBOX.c.due_at.type).label("at"), _O.state)
            mine = and_(_O.member_id.in_(part), _O.unsolicited.is_(True), _O.member_id.is_not(None))
            counted = _O.state.in_(("pending", "sending", "sent", "in_doubt"))
            # A message may be sent long after it was due; what was due long before `since` and sent after it counts.
            late = or_(_O.due_at >= since, _O.claimed_at >= since)
            for row in self._scope.rows(wanted.where(mine, counted, late).order_by(_O.due_at, _O.id)):
                one = Unasked(row.id, row.key, row.at, row.state == "pending")
                if one.at >= since:
                    found.setdefault(row.member_id, []).append(one)
        return {member: sorted(rows, key=lambda one: (one.at, one.id)) for member, rows in found.items()}

    def revise(self, community_id: int, sending: Sending) -> bool:
        waits = and_(_O.community_id == community_id, _O.key == sending.key, _O.state == "pending")
        return self._scope.run(update(OUTBOX).where(waits).values(sending=sending_to_json(sending))) == 1

    def withdraw(self, community_id: int, keys: Collection[str]) -> int:
        waits = and_(_O.community_id == community_id, _O.state == "pending")
        gone = {"state": "dropped", "sending": "", "reason": "it has become untrue"}
        return sum(self._scope.run(update(OUTBOX).where(waits, _O.key.in_(part)).values(gone)) for part in chunks(keys))

    def state(self, community_id: int, key: str) -> str:
        return str(self._scope.value(select(_O.state).where(_O.community_id == community_id, _O.key == key)) or "")

    def cause(self, community_id: int, key: str) -> RefusalCause | None:
        refused = and_(_O.community_id == community_id, _O.key == key, _O.state == "refused")
        row = self._scope.first(select(_O.cause).where(refused))
        return None if row is None else RefusalCause(row.cause or RefusalCause.OTHER.value)

    def claim(self, platforms: Sequence[str], *, at: datetime, limit: int) -> list[OutboxRow]:
        older = OUTBOX.alias("older")
        in_the_way = exists().where(
            older.c.community_id == _O.community_id,
            older.c.platform == _O.platform,
            older.c.native_id == _O.native_id,
            older.c.thread_id == _O.thread_id,
            older.c.unsolicited == _O.unsolicited,
            older.c.id < _O.id,
            # Written out: with parameters here, SQLite does not see that the partial index covers it.
            older.c.state.in_([literal_column("'pending'"), literal_column("'sending'")]),
            or_(older.c.state == "sending", older.c.due_at <= at, older.c.claimed_at.is_not(None)),
        )
        due = (
            select(_O.id)
            .where(_O.state == "pending", _O.platform.in_(platforms), _O.due_at <= at, ~in_the_way)
            .order_by(_O.unsolicited, _O.due_at, _O.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = update(OUTBOX).where(_O.id.in_(due)).values(state="sending", claimed_at=at).returning(OUTBOX)
        rows = sorted(self._scope.rows(claimed), key=lambda row: (row.unsolicited, row.due_at, row.id))
        return [
            OutboxRow(row.id, row.community_id, sending_from_json(row.sending), row.attempts, row.created_at)
            for row in rows
        ]

    def sent(self, outbox_id: int, receipt: Receipt, at: datetime) -> None:
        row = self._scope.first(select(OUTBOX).where(_O.id == outbox_id))
        if row is None or row.state == "sent":
            return
        ids = [
            add_receipt(self._scope, row.community_id, message, outbox_id, part)
            for part, message in enumerate(receipt.refs)
        ]
        if ids and row.sending:
            place_exposures(self._scope, row.community_id, sending_from_json(row.sending).exposures, ids[0])
        kept = row.sending if row.sending and self._repeats(row.community_id, row.sending, receipt) else ""
        if receipt.refs and row.sending and sending_from_json(row.sending).edits is not None:
            self._supersede(row.community_id, receipt.refs, outbox_id)
        self._finish(outbox_id, "sent", {"finished_at": at, "sending": kept, "reason": "; ".join(receipt.degraded)})

    def _repeats(self, community_id: int, sending: str, receipt: Receipt) -> bool:
        """What was sent is on the platform and needs no copy here, but for words that may have to be taken back."""
        if not receipt.refs or not quoted(sending_from_json(sending).message):
            return False
        first = receipt.refs[0]
        stored = (
            select(MESSAGES.c.id)
            .join(ROOMS, ROOMS.c.id == MESSAGES.c.room_id)
            .where(
                ROOMS.c.community_id == community_id,
                ROOMS.c.platform == first.room.platform,
                ROOMS.c.native_id == first.room.native_id,
                ROOMS.c.thread_id == (first.room.thread_id or ""),
                MESSAGES.c.native_id == first.native_id,
            )
        )
        return self._scope.first(stored) is None

    def _supersede(self, community_id: int, refs: Sequence[MessageRef], newest: int) -> None:
        """What a message said before it was changed is nowhere to be seen any more."""
        for ref in refs:
            before = select(_R.outbox_id).where(
                _R.community_id == community_id,
                _R.platform == ref.room.platform,
                _R.native_id == ref.room.native_id,
                _R.message_native_id == ref.native_id,
                _R.outbox_id != newest,
            )
            self._scope.run(
                update(OUTBOX).where(_O.id.in_(before), _O.state == "sent", _O.sending != "").values(sending="")
            )

    def showing(self, community_id: int, quoted: Sequence[MessageRef]) -> list[Showing]:
        if not quoted:
            return []
        named = or_(
            *(_O.sending.contains(f'"native_id":{json.dumps(ref.native_id)}', autoescape=True) for ref in quoted)
        )
        # Written out: with parameters here, SQLite does not see that the partial index covers it.
        there = _O.state.in_([literal_column("'pending'"), literal_column("'sent'")])
        wanted = select(OUTBOX).where(_O.community_id == community_id, there, _O.sending != literal_column("''"), named)
        found = []
        for row in self._scope.rows(wanted.order_by(_O.id)):
            refs = self.receipts(community_id, row.key) if row.state == "sent" else ()
            if row.state == "pending" or refs:
                found.append(Showing(row.id, sending_from_json(row.sending), refs))
        return found

    def reword(self, outbox_id: int, sending: Sending) -> None:
        mine = (_O.id == outbox_id) & (_O.state == "pending")
        self._scope.run(update(OUTBOX).where(mine).values(sending=sending_to_json(sending)))

    def forget(self, outbox_id: int) -> None:
        self._scope.run(update(OUTBOX).where(_O.id == outbox_id, _O.state == "sent").values(sending=""))

    def sweep(self, before: datetime) -> int:
        old = and_(_O.state == literal_column("'sent'"), _O.sending != literal_column("''"), _O.finished_at < before)
        return self._scope.run(update(OUTBOX).where(old).values(sending=""))

    def defer(self, outbox_id: int, until: datetime, reason: str, *, failed: bool = True) -> None:
        again = {"due_at": until, "reason": reason, "attempts": _O.attempts + int(failed)}
        self._finish(outbox_id, "pending", again)

    def park(
        self,
        outbox_id: int,
        state: Literal["refused", "in_doubt", "malformed", "dropped"],
        reason: str,
        *,
        cause: RefusalCause | None = None,
    ) -> None:
        kept = {} if state == "in_doubt" else {"sending": ""}
        self._finish(outbox_id, state, {"reason": reason, "cause": cause.value if cause else None} | kept)

    def problems(self, community_id: int, *, since: datetime) -> list[DeliveryProblem]:
        there = ROOMS.c
        address = and_(
            there.community_id == _O.community_id,
            there.platform == _O.platform,
            there.native_id == _O.native_id,
            there.thread_id == _O.thread_id,
        )
        own = or_(_O.native_id.startswith("dm-"), there.kind == RoomKind.DIRECT.value)
        room = case((own, literal(0)), else_=literal(1)).label("room")
        wanted = or_(
            _O.state.in_(["refused", "in_doubt", "malformed"]),
            and_(_O.state == "dropped", _O.reason.startswith(GIVEN_UP)),
        )
        cause = func.coalesce(_O.cause, RefusalCause.OTHER.value).label("cause")
        rows = self._scope.rows(
            select(
                _O.platform, _O.state, cause, room, func.count().label("number"), func.max(_O.created_at).label("last")
            )
            .select_from(OUTBOX.outerjoin(ROOMS, address))
            .where(_O.community_id == community_id, _O.created_at >= since, wanted)
            .group_by(_O.platform, _O.state, cause, room)
        )
        found = [
            DeliveryProblem(row.platform, row.state, RefusalCause(row.cause), bool(row.room), row.number, row.last)
            for row in rows
        ]
        return sorted(found, key=lambda one: (-one.count, one.platform, one.state, one.cause, one.room))

    def recover(self, at: datetime) -> dict[str, int]:
        """Counts what goes out ``again`` and what is ``in_doubt``: sent at most once, or a nonce that the platform may
        have forgotten."""
        half_sent = and_(_O.state == "sending", _O.claimed_at <= at)
        forgotten = and_(_O.delivery == DeliveryClass.NONCE.value, _O.claimed_at < at - NONCE_MEMORY)
        doubtful = or_(_O.delivery == DeliveryClass.AT_MOST_ONCE.value, forgotten)
        reason = "the program stopped while this was being sent"
        in_doubt = self._scope.run(update(OUTBOX).where(half_sent, doubtful).values(state="in_doubt", reason=reason))
        back = {"state": "pending", "reason": reason, "attempts": _O.attempts + 1}
        again = self._scope.run(update(OUTBOX).where(half_sent).values(back))
        if in_doubt or again:
            self._scope.topics.add("outbox")
        return {"again": again, "in_doubt": in_doubt}

    def waiting(self, community_id: int, keys: Sequence[str]) -> frozenset[str]:
        there = and_(_O.community_id == community_id, _O.state.in_(("pending", "sending")), _O.key.in_(keys))
        return frozenset(self._scope.values(select(_O.key).where(there)))

    def counts(self) -> dict[str, int]:
        rows = self._scope.rows(select(_O.state, func.count()).group_by(_O.state))
        return {row[0]: row[1] for row in rows}

    def receipts(self, community_id: int, key: str) -> tuple[MessageRef, ...]:
        rows = self._scope.rows(
            select(RECEIPTS)
            .join(OUTBOX, _O.id == _R.outbox_id)
            .where(_O.community_id == community_id, _O.key == key)
            .order_by(_R.part, _R.id)
        )
        return tuple(
            MessageRef(RoomRef(row.platform, row.native_id, row.thread_id or None), row.message_native_id)
            for row in rows
        )

    def latest(self, community_id: int, prefix: str) -> tuple[MessageRef, ...]:
        mine = _O.community_id == community_id, _O.key >= prefix, _O.key < f"{prefix}\U0010ffff", _O.state == "sent"
        key = self._scope.value(select(_O.key).where(*mine).order_by(_O.id.desc()).limit(1))
        return () if key is None else self.receipts(community_id, key)

    def _finish(self, outbox_id: int, state: str, values: dict[str, Any]) -> None:
        self._scope.run(update(OUTBOX).where(_O.id == outbox_id).values({"state": state} | values))
        self._scope.topics.add("outbox")
