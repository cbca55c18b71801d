"""A store of queued messages in memory. A transaction that is not committed leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Literal, Self

from bot.domain.outgoing import DeliveryClass, Receipt, Sending
from bot.domain.people import Identity
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.rooms import Room
from bot.domain.setup import RefusalCause
from bot.errors import StoreUnavailable
from bot.ports import OutboxRow


@dataclass(slots=True)
class _Queued:
    id: int
    community_id: int
    sending: Sending
    created_at: datetime
    due_at: datetime
    state: str = "pending"
    attempts: int = 0
    claimed_at: datetime | None = None
    reason: str = ""
    refs: tuple[MessageRef, ...] = ()


@dataclass
class SendingStore:
    """Only `outbox`, `rooms` (by address) and `members.identities`. `broken`: raise StoreUnavailable on write."""

    rows: dict[int, _Queued] = field(default_factory=dict)
    rooms: dict[RoomRef, Room] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)
    broken: bool = False
    lanes: dict[tuple[RoomRef, bool], list[_Queued]] = field(default_factory=dict)

    def write(self) -> SendingWork:
        if self.broken:
            raise StoreUnavailable("planted")
        return SendingWork(self)

    read = write

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows.values():
            found[row.state] = found.get(row.state, 0) + 1
        return found


class SendingWork:
    def __init__(self, store: SendingStore) -> None:
        self.undo: list[Callable[[], None]] = []
        self.outbox = _Outbox(store, self.undo)
        self.members = SimpleNamespace(
            identities=lambda member: [one for one in store.identities if one.member_id == member]
        )
        self.rooms = _Rooms(store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for step in reversed(self.undo):
            step()
        self.undo.clear()

    def commit(self) -> None:
        self.undo.clear()


class _Rooms:
    def __init__(self, store: SendingStore) -> None:
        self._store = store

    def by_ref(self, _community_id: int, ref: RoomRef) -> Room | None:
        return self._store.rooms.get(ref)

    def move(self, _community_id: int, old: RoomRef, new: RoomRef) -> bool:
        room = self._store.rooms.pop(old, None)
        if room is not None:
            self._store.rooms[new] = room
        return room is not None


class _Outbox:
    def __init__(self, store: SendingStore, undo: list[Callable[[], None]]) -> None:
        self._store = store
        self._undo = undo

    def add(self, community_id: int, sending: Sending, at: datetime) -> bool:
        rows = self._store.rows
        if any(row.community_id == community_id and row.sending.key == sending.key for row in rows.values()):
            return False
        row = _Queued(len(rows) + 1, community_id, sending, at, sending.not_before or at)
        rows[row.id] = row
        lane = self._store.lanes.setdefault((sending.room, sending.unsolicited), [])
        lane.append(row)
        self._undo.append(lambda: lane.remove(row))
        self._undo.append(lambda: _void(rows.pop(row.id)))
        return True

    def claim(self, platforms: Sequence[str], *, at: datetime, limit: int) -> list[OutboxRow]:
        heads = []
        for (room, _), lane in self._store.lanes.items():
            if room.platform in platforms and (head := _head(lane, at)) is not None:
                heads.append(head)
        heads.sort(key=lambda row: (row.sending.unsolicited, row.due_at, row.id))
        for row in heads[:limit]:
            self._set(row, state="sending", claimed_at=at)
        return [OutboxRow(row.id, row.community_id, row.sending, row.attempts, row.created_at) for row in heads[:limit]]

    def sent(self, outbox_id: int, receipt: Receipt, at: datetime) -> None:
        self._end(self._store.rows[outbox_id], state="sent", refs=receipt.refs)

    def defer(self, outbox_id: int, until: datetime, reason: str, *, failed: bool = True) -> None:
        row = self._store.rows[outbox_id]
        self._set(row, state="pending", due_at=until, reason=reason, attempts=row.attempts + int(failed))

    def park(
        self,
        outbox_id: int,
        state: Literal["refused", "in_doubt", "malformed", "dropped"],
        reason: str,
        *,
        cause: RefusalCause | None = None,
    ) -> None:
        self._end(self._store.rows[outbox_id], state=state, reason=reason)

    def recover(self, at: datetime) -> dict[str, int]:
        found = {"again": 0, "in_doubt": 0}
        for row in list(self._store.rows.values()):
            if row.state != "sending":
                continue
            assert row.claimed_at is not None
            forgotten = row.sending.delivery is DeliveryClass.NONCE and row.claimed_at < at - timedelta(minutes=2)
            if row.sending.delivery is DeliveryClass.AT_MOST_ONCE or forgotten:
                self._end(row, state="in_doubt", reason="the program stopped while it was being sent")
                found["in_doubt"] += 1
            else:
                self._set(row, state="pending", attempts=row.attempts + 1)
                found["again"] += 1
        return found

    def counts(self) -> dict[str, int]:
        return self._store.states()

    def receipts(self, community_id: int, key: str) -> tuple[MessageRef, ...]:
        for row in self._store.rows.values():
            if (row.community_id, row.sending.key) == (community_id, key):
                return row.refs
        return ()

    def _set(self, row: _Queued, **values: object) -> None:
        before = {name: getattr(row, name) for name in values}
        self._undo.append(lambda: _put(row, before))
        _put(row, values)

    def _end(self, row: _Queued, **values: object) -> None:
        self._set(row, **values)
        lane = self._store.lanes[row.sending.room, row.sending.unsolicited]
        place = lane.index(row)
        lane.pop(place)
        self._undo.append(lambda: lane.insert(place, row))


def _void(_: object) -> None:
    """For calls whose result nobody wants."""


def _put(row: _Queued, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _head(lane: list[_Queued], at: datetime) -> _Queued | None:
    for row in lane:
        if row.state == "sending":
            return None
        if row.due_at <= at:
            return row
        if row.claimed_at is not None:
            return None  # deferred: those behind it wait with it
    return None
