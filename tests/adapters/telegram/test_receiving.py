"""Receiving through the real SDK: what is confirmed is stored, and nothing that comes or fails stops what follows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from adapters.telegram.client import Access, Client
from adapters.telegram.envelope import Me
from adapters.telegram.inbound import Reading, parse
from adapters.telegram.invitations import Invitations
from adapters.telegram.presses import Presses
from adapters.telegram.receiving import Receiving
from bot.errors import StoreUnavailable
from bot.ports import InboxRow
from storage import SqlStore
from tests.fakes.clock import FakeClock
from tests.telegram_server import TelegramServer
from tests.telegram_server.app import Fault

ME = Me("7000001", "studyhall_bot")


class Failing(Receiving):
    """Cannot store the first `times` batches."""

    times = 0

    def keep(self, me: Me, updates: object, asked: object = None) -> int:
        if updates and self.times:
            self.times -= 1
            raise StoreUnavailable("the disk is full")
        return super().keep(me, updates)  # type: ignore[arg-type]


def receive(
    server: TelegramServer, store: SqlStore, until: Callable[[], object], *, times: int = 0
) -> tuple[Presses, list[float]]:
    presses, slept = Presses(time.monotonic, 8.0), list[float]()

    async def pause(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0.01)

    async def run() -> None:
        client = Client(Access(server.token, server.base_url))
        await client.open()
        receiving = Failing(
            store, 1, FakeClock(), presses, Invitations(), monotonic=time.monotonic, sleep=pause, poll_seconds=1
        )
        receiving.times = times
        polling = asyncio.create_task(receiving.poll(client, ME))
        async with asyncio.timeout(20):
            while not until():
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await client.leave()

    asyncio.run(run())
    return presses, slept


def stored(store: SqlStore) -> list[InboxRow]:
    with store.read() as uow:
        return uow.inbox.pending(limit=1000)


def test_nothing_is_confirmed_that_is_not_stored(server: TelegramServer, store: SqlStore) -> None:
    ann = server.world.person("Ann")
    for number in range(5):
        ann.sends(None, str(number))
    _, slept = receive(server, store, lambda: len(server.world.updates.confirmed) == 5, times=2)
    assert [row.native_id for row in stored(store)] == [f"7000001.{number}" for number in range(100_001, 100_006)]
    assert server.world.updates.handed[:15] == [*range(100_001, 100_006)] * 3
    assert slept == [1.0, 2.0]


def test_an_update_that_nobody_can_read_stops_nothing(server: TelegramServer, store: SqlStore) -> None:
    ann = server.world.person("Ann")
    ann.sends(None, "before")
    server.world.updates.push({"message": {"chat": [], "date": "\ud800"}})
    server.world.updates.push({"message": "no object"})
    ann.sends(None, "after")
    receive(server, store, lambda: len(server.world.updates.confirmed) == 4)
    rows = stored(store)
    assert len(rows) == 4
    for row in (rows[0], rows[3]):
        assert len(parse(row.raw, Reading())) == 1
    with pytest.raises(ValueError, match="telegram update"):
        parse(rows[1].raw, Reading())


@pytest.mark.parametrize("fault", [Fault("status", 502), Fault("cut"), Fault("garbage"), Fault("limit", 1)])
def test_a_platform_that_fails_is_asked_again(server: TelegramServer, store: SqlStore, fault: Fault) -> None:
    server.fails("getUpdates", fault, fault)
    server.world.person("Ann").sends(None, "hello")
    _, slept = receive(server, store, lambda: len(server.world.updates.confirmed) == 1)
    assert len(stored(store)) == 1
    assert slept == ([1.0, 1.0] if fault.kind == "limit" else [1.0, 2.0])


def test_a_press_is_remembered_once_however_often_it_comes(server: TelegramServer, store: SqlStore) -> None:
    ann = server.world.person("Ann")
    ann.sends(None, "/start")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    carrier = server.world.post(ann.private, server.world.bot, "x", markup=keys)
    press = ann.presses(carrier, "go")
    presses, _ = receive(server, store, lambda: len(server.world.updates.confirmed) == 2, times=2)
    found = presses.take(str(ann.id))
    assert found is not None
    assert (found.query, found.chat) == (press.id, str(ann.id))
    assert presses.take(str(ann.id)) is None


def test_it_is_known_when_telegram_has_more_than_it_may_give(server: TelegramServer, store: SqlStore) -> None:
    ann = server.world.person("Ann")
    for number in range(250):
        ann.sends(None, str(number))
    client, seen = Client(Access(server.token, server.base_url)), list[tuple[int, bool]]()

    async def run() -> None:
        await client.open()
        receiving = Failing(
            store, 1, FakeClock(), Presses(time.monotonic, 8.0), Invitations(), monotonic=time.monotonic, poll_seconds=1
        )
        keep = receiving.keep

        def noted(me: Me, updates: object) -> int:
            seen.append((len(updates), receiving.rushed()))  # type: ignore[arg-type]
            return keep(me, updates)

        receiving.keep = noted  # type: ignore[method-assign]
        polling = asyncio.create_task(receiving.poll(client, ME))
        async with asyncio.timeout(20):
            while len(server.world.updates.confirmed) < 250:
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await client.leave()

    asyncio.run(run())
    assert seen[:3] == [(100, True), (100, True), (50, False)]


def test_a_rush_is_over_when_telegram_cannot_be_asked(server: TelegramServer, store: SqlStore) -> None:
    ann = server.world.person("Ann")
    for number in range(100):
        ann.sends(None, str(number))
    server.fails("getUpdates", Fault("none"), Fault("status", 502))
    client, rushes = Client(Access(server.token, server.base_url)), list[bool]()

    async def run() -> None:
        await client.open()

        async def pause(_: float) -> None:
            rushes.append(receiving.rushed())
            await asyncio.sleep(0.01)

        receiving = Receiving(
            store,
            1,
            FakeClock(),
            Presses(time.monotonic, 8.0),
            Invitations(),
            monotonic=time.monotonic,
            sleep=pause,
            poll_seconds=1,
        )
        polling = asyncio.create_task(receiving.poll(client, ME))
        async with asyncio.timeout(20):
            while not rushes:
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await client.leave()

    asyncio.run(run())
    assert rushes[0] is False


def test_it_is_known_who_waits_for_an_answer(server: TelegramServer, store: SqlStore) -> None:
    world = server.world
    group, ann = world.group("Hall", bot="administrator"), world.person("Ann")
    ann.joins(group)
    ann.sends(group, "just talk")
    ann.sends(group, "/ask@studyhall_bot how?")
    ann.sends(None, "plain words")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    ann.presses(world.post(ann.private, world.bot, "x", markup=keys), "go")
    updates = list(world.updates.waiting)
    waited = [f"{ME.id}.{update['update_id']}" for update in updates[-3:]]
    receiving = Receiving(store, 1, FakeClock(), Presses(time.monotonic, 8.0), Invitations(), monotonic=time.monotonic)
    receiving.keep(ME, updates)
    assert receiving.hurried() == waited
    assert receiving.hurried() == []
    with store.read() as uow:
        found = uow.inbox.pending_of(1, "telegram", waited)
    assert [row.native_id for row in found] == waited


def test_a_server_that_does_not_wait_is_not_asked_without_a_pause(server: TelegramServer, store: SqlStore) -> None:
    server.fails("getUpdates", *[Fault("body", 200, words='{"ok":true,"result":[]}')] * 20)
    _, slept = receive(server, store, lambda: len(server.calls("getUpdates")) > 5)
    assert slept
    assert set(slept) == {0.2}
