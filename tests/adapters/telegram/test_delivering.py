"""Delivery through the real SDK to a strict server in which things go wrong: nothing is lost, or doubled knowingly."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from random import Random
from typing import cast

import pytest

from adapters.delivery import Delivery, Policy
from adapters.pacing import Limits, Pacing, Rate
from adapters.telegram.adapter import TelegramMessenger
from adapters.telegram.client import Access, Client
from adapters.telegram.presses import Presses
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.refs import RoomRef
from bot.ports import Store
from tests.fakes.delivering import SendingStore
from tests.telegram_server import TelegramServer
from tests.telegram_server.app import Fault

FAST = Limits(total=Rate(1000, 1.0), room=Rate(1000, 1.0))
POLICY = Policy(first_backoff=0.02, longest_backoff=0.05, poll=0.05, send_timeout=0.5)


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def deliver(server: TelegramServer, store: SendingStore, *rows: Sending) -> None:
    """Until every row has its outcome."""

    async def run() -> None:
        client = Client(Access(server.token, server.base_url))
        await client.open()
        messenger = TelegramMessenger(client, lambda room: None, Presses(time.monotonic, 8.0))
        delivery = Delivery(
            cast("Store", store),
            {"telegram": messenger},
            Pacing({"telegram": FAST}, time.monotonic),
            WallClock(),
            lambda row: True,
            monotonic=time.monotonic,
            rng=Random(1),
            policy=POLICY,
        )
        with store.write() as uow:
            for row in rows:
                uow.outbox.add(1, row, WallClock().now())
            uow.commit()
        running = asyncio.create_task(delivery.run())
        async with asyncio.timeout(20):
            while store.states().keys() & {"pending", "sending"}:
                await asyncio.sleep(0.01)
        delivery.stop()
        await running
        await client.leave()

    asyncio.run(run())


def row(key: str, chat: int, delivery: DeliveryClass) -> Sending:
    words = Outgoing((Paragraph((Text(f"words {key}"),)),))
    return Sending(key, RoomRef("telegram", str(chat)), words, delivery)


@pytest.mark.parametrize(
    ("delivery", "fault", "state", "times"),
    [
        (DeliveryClass.AT_MOST_ONCE, Fault("cut", after=True), "in_doubt", 1),
        (DeliveryClass.AT_MOST_ONCE, Fault("cut"), "in_doubt", 0),
        (DeliveryClass.AT_MOST_ONCE, Fault("status", 502), "in_doubt", 0),
        (DeliveryClass.AT_MOST_ONCE, Fault("late", 1.0), "in_doubt", 0),
        (DeliveryClass.AT_MOST_ONCE, Fault("limit", 1), "sent", 1),
        (DeliveryClass.AT_LEAST_ONCE, Fault("cut", after=True), "sent", 2),
        (DeliveryClass.AT_LEAST_ONCE, Fault("cut"), "sent", 1),
        (DeliveryClass.AT_LEAST_ONCE, Fault("garbage"), "sent", 1),
        (DeliveryClass.AT_LEAST_ONCE, Fault("status", 500), "sent", 1),
        (DeliveryClass.AT_LEAST_ONCE, Fault("late", 1.0), "sent", 1),
        (DeliveryClass.AT_LEAST_ONCE, Fault("limit", 1), "sent", 1),
    ],
)
def test_what_becomes_of_a_send(
    server: TelegramServer, delivery: DeliveryClass, fault: Fault, state: str, times: int
) -> None:
    ann = server.world.person("Ann")
    ann.sends(None, "/start")
    server.fails("sendMessage", fault)
    store = SendingStore()
    deliver(server, store, row("a", ann.id, delivery))
    assert store.states() == {state: 1}
    assert len(ann.inbox) == times


def test_a_storm_loses_and_doubles_nothing(server: TelegramServer) -> None:
    people = [server.world.person(str(number)) for number in range(20)]
    for person in people:
        person.sends(None, "/start")
    people[3].blocks_bot()
    random = Random(7)
    clear = [Fault("none"), Fault("limit", 1), Fault("status", 500), Fault("cut")]
    server.fails("sendMessage", *(random.choice(clear) for _ in range(60)))
    store = SendingStore()
    rows = [row(f"{p.id}-{n}", p.id, DeliveryClass.AT_LEAST_ONCE) for p in people for n in range(3)]
    deliver(server, store, *rows)
    assert store.states() == {"sent": 57, "refused": 3}
    for person in people:
        assert [m.text for m in person.inbox] == (
            [] if person.blocked else [f"words {person.id}-{n}" for n in range(3)]
        )


def test_a_group_that_moved_is_followed(server: TelegramServer) -> None:
    old = server.world.group("Hall", supergroup=False)
    new = server.world.migrate(old)
    store = SendingStore()
    deliver(server, store, row("a", old.id, DeliveryClass.AT_MOST_ONCE))
    assert store.states() == {"sent": 1}
    assert [m.text for m in server.shown(new)] == ["words a"]
