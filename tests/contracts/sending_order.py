"""What a delivery relies on: order within rooms, waiting that is no failure, recovery by class. For any store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Receipt, Sending, Text
from bot.domain.refs import MessageRef, RoomRef
from bot.ports import OutboxRow, Store, UnitOfWork

T = TypeVar("T")
AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WORDS = Outgoing((Paragraph((Text("hello"),)),))


class SendingOrderContract:
    """Subclasses give `store` (a fixture) with a community of id `community` in it."""

    community = 1

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    def do(self, store: Store, change: Callable[[UnitOfWork], T]) -> T:
        with store.write() as uow:
            result = change(uow)
            uow.commit()
        return result

    def queue(
        self,
        store: Store,
        key: str,
        room: str = "r1",
        *,
        thread: str | None = None,
        unsolicited: bool = False,
        later: timedelta | None = None,
        delivery: DeliveryClass = DeliveryClass.AT_LEAST_ONCE,
    ) -> None:
        not_before = AT + later if later is not None else None
        one = Sending(
            key, RoomRef("web", room, thread), WORDS, delivery, unsolicited=unsolicited, not_before=not_before
        )
        assert self.do(store, lambda uow: uow.outbox.add(self.community, one, AT))

    def claim(self, store: Store, *, after: float = 0, limit: int = 99) -> dict[str, OutboxRow]:
        at = AT + after * SECOND
        rows = self.do(store, lambda uow: uow.outbox.claim(["web"], at=at, limit=limit))
        return {row.sending.key: row for row in rows}

    def sent(self, store: Store, row: OutboxRow) -> None:
        receipt = Receipt((MessageRef(row.sending.room, f"m{row.id}"),))
        self.do(store, lambda uow: uow.outbox.sent(row.id, receipt, AT))

    def defer(self, store: Store, row: OutboxRow, seconds: float, *, failed: bool) -> None:
        self.do(store, lambda uow: uow.outbox.defer(row.id, AT + seconds * SECOND, "planted", failed=failed))

    def test_the_head_of_every_room_and_no_more(self, store: Store) -> None:
        for number in range(3):
            self.queue(store, f"a{number}", "a")
            self.queue(store, f"b{number}", "b")
        self.queue(store, "t0", "a", thread="7")
        found = self.claim(store)
        assert list(found) == ["a0", "b0", "t0"]
        assert self.claim(store) == {}
        self.sent(store, found["a0"])
        assert list(self.claim(store)) == ["a1"]

    def test_answers_come_first_and_do_not_wait_for_the_unsolicited(self, store: Store) -> None:
        self.queue(store, "digest", unsolicited=True)
        self.queue(store, "answer")
        self.queue(store, "digest2", unsolicited=True)
        assert list(self.claim(store, limit=1)) == ["answer"]
        assert list(self.claim(store)) == ["digest"]

    def test_those_behind_a_deferred_one_wait_with_it(self, store: Store) -> None:
        for key in ("first", "second"):
            self.queue(store, key)
        self.defer(store, self.claim(store)["first"], 30, failed=False)
        assert self.claim(store, after=29) == {}
        assert list(self.claim(store, after=30)) == ["first"]

    def test_one_that_is_for_later_holds_nobody_up(self, store: Store) -> None:
        self.queue(store, "later", later=30 * SECOND)
        self.queue(store, "now")
        found = self.claim(store)
        assert list(found) == ["now"]
        self.sent(store, found["now"])
        assert list(self.claim(store, after=30)) == ["later"]

    @pytest.mark.parametrize("state", ["refused", "in_doubt", "malformed", "dropped"])
    def test_a_parked_one_holds_nobody_up(self, store: Store, state: str) -> None:
        for key in ("first", "second"):
            self.queue(store, key)
        row = self.claim(store)["first"]
        self.do(store, lambda uow: uow.outbox.park(row.id, state, "planted"))  # type: ignore[arg-type]
        assert list(self.claim(store)) == ["second"]

    def test_only_failures_are_attempts(self, store: Store) -> None:
        self.queue(store, "a")
        row = self.claim(store)["a"]
        assert row.attempts == 0
        self.defer(store, row, 1, failed=False)
        row = self.claim(store, after=1)["a"]
        assert row.attempts == 0
        self.defer(store, row, 2, failed=True)
        assert self.claim(store, after=2)["a"].attempts == 1

    def test_a_crash_is_recovered_by_class(self, store: Store) -> None:
        for delivery in DeliveryClass:
            self.queue(store, delivery.value, delivery.value, delivery=delivery)
        self.queue(store, "untouched", "at_most_once", delivery=DeliveryClass.AT_MOST_ONCE)
        assert len(self.claim(store)) == len(DeliveryClass)
        self.do(store, lambda uow: uow.outbox.recover(AT + 10 * SECOND))
        found = self.claim(store, after=10)
        assert sorted(found) == ["at_least_once", "idempotent_edit", "nonce", "untouched"]
        assert found["nonce"].attempts == 1
        assert found["untouched"].attempts == 0

    def test_a_nonce_that_may_be_forgotten_is_in_doubt(self, store: Store) -> None:
        self.queue(store, "a", delivery=DeliveryClass.NONCE)
        self.claim(store)
        self.do(store, lambda uow: uow.outbox.recover(AT + 600 * SECOND))
        assert self.claim(store, after=600) == {}
        with store.read() as uow:
            assert uow.outbox.counts() == {"in_doubt": 1}

    def test_what_is_sent_has_a_receipt(self, store: Store) -> None:
        self.queue(store, "a")
        row = self.claim(store)["a"]
        self.sent(store, row)
        with store.read() as uow:
            assert uow.outbox.receipts(self.community, "a") == (MessageRef(RoomRef("web", "r1"), f"m{row.id}"),)
            assert uow.outbox.counts() == {"sent": 1}
