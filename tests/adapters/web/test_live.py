"""Open pages are told what changed, and nothing that can grow without bound is kept for a page that does not read."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from adapters.buckets import Buckets
from adapters.web.live import Hub, Notice, Resync, RoomsChanged, TooManyStreams
from adapters.web.streams import encode
from bot.domain.refs import AccountRef
from bot.usecases.signin import web_account
from tests.adapters.web.conftest import Browser, Served, World

MEI = AccountRef("web", "m1")


def events(response: httpx.Response) -> Iterator[tuple[str, object]]:
    """A reader of server-sent events of its own."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_a_message_reaches_an_open_page(world: World, mei: Browser, served: Served) -> None:
    room = world.rooms["general"]
    with mei.client.stream("GET", "/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        seen = events(response)
        assert next(seen) == ("resync", {})
        world.say("general", "Sam", "News!", "q1")
        assert next(seen) == ("rooms", [room.id])
        world.hub.notify(web_account(world.people["Sam"].id), "for Sam")
        world.hub.notify(web_account(world.people["Mei"].id), "first line\nevent: evil")
        name, notice = next(seen)
        assert name == "notice"
        assert isinstance(notice, dict)
        assert notice["text"] == "first line\nevent: evil"


def test_rooms_that_are_not_for_me_are_silent(world: World, mei: Browser) -> None:
    with mei.client.stream("GET", "/events") as response:
        seen = events(response)
        next(seen)
        world.say("staff", "Ola", "psst", "q1")
        world.say("general", "Sam", "loud", "q2")
        assert next(seen) == ("rooms", [world.rooms["general"].id])


def test_a_stopping_server_does_not_wait_for_readers(world: World, mei: Browser, served: Served) -> None:
    with mei.client.stream("GET", "/events") as response:
        seen = events(response)
        next(seen)
        stopping = threading.Thread(target=served.stop)
        stopping.start()
        stopping.join(5)
        assert not stopping.is_alive()
        assert list(seen) == []


def test_a_reader_who_leaves_is_forgotten(world: World, mei: Browser) -> None:
    with mei.client.stream("GET", "/events") as response:
        seen = events(response)
        next(seen)
        assert world.hub.streams == 1
    for _ in range(100):
        if world.hub.streams == 0:
            return
        world.say("general", "Sam", "still there?", "q1")
        threading.Event().wait(0.02)
    pytest.fail("the stream of a reader who left is still open")


def test_one_member_has_a_limited_number_of_streams(world: World, mei: Browser) -> None:
    world.hub._per_member = 1
    with mei.client.stream("GET", "/events") as response:
        seen = events(response)
        next(seen)
        refused = mei.client.get("/events", headers={"accept": "application/json"})
        assert refused.status_code == 429
        assert refused.headers["retry-after"]


def test_a_page_that_does_not_read_keeps_little_and_is_told_to_look_anew() -> None:
    async def story() -> None:
        hub = Hub(lambda: 0.0)
        hub.bind(asyncio.get_running_loop())
        page = hub.connect(1, MEI, frozenset(f"room:{n}" for n in range(2000)))
        for n in range(1000):
            hub.publish(frozenset({f"room:{n}", "inbox"}))
            hub.notify(MEI, f"notice {n}")
        await asyncio.sleep(0.01)
        told = await page.next(1)
        assert told[0] == Resync()
        assert len(told) <= 22
        hub.publish(frozenset({"room:7"}))
        await asyncio.sleep(0)
        assert await page.next(1) == [RoomsChanged(("room:7",))]

    asyncio.run(story())


def test_changes_between_two_looks_are_one_event() -> None:
    async def story() -> None:
        hub = Hub(lambda: 0.0)
        hub.bind(asyncio.get_running_loop())
        page = hub.connect(1, MEI, frozenset({"room:1", "room:2"}))
        for topic in ("room:2", "room:1", "room:2", "room:9", "outbox"):
            hub.publish(frozenset({topic}))
        await asyncio.sleep(0)
        assert await page.next(1) == [RoomsChanged(("room:1", "room:2"))]
        assert await page.next(0.01) == []

    asyncio.run(story())


def test_a_notice_waits_for_a_page_that_reloads_but_not_for_ever() -> None:
    async def story() -> list[list[object]]:
        now = [0.0]
        hub = Hub(lambda: now[0])
        hub.bind(asyncio.get_running_loop())
        hub.notify(MEI, "Saved")
        await asyncio.sleep(0)
        soon = await hub.connect(1, MEI, frozenset()).next(0.01)
        other = await hub.connect(2, AccountRef("web", "m2"), frozenset()).next(0.01)
        now[0] = 60.0
        late = await hub.connect(1, MEI, frozenset()).next(0.01)
        return [list(soon), list(other), list(late)]

    soon, other, late = asyncio.run(story())
    assert [one.text for one in soon if isinstance(one, Notice)] == ["Saved"]
    assert other == []
    assert late == []


def test_a_closed_hub_takes_nobody_and_forgives_late_news() -> None:
    async def story() -> None:
        hub = Hub(lambda: 0.0)
        hub.bind(asyncio.get_running_loop())
        page = hub.connect(1, MEI, frozenset({"room:1"}))
        hub.close()
        assert page.closed
        with pytest.raises(TooManyStreams):
            hub.connect(1, MEI, frozenset())

    hub = Hub(lambda: 0.0)
    hub.publish(frozenset({"room:1"}))
    asyncio.run(story())


def test_an_event_is_one_event_whatever_it_says() -> None:
    wire = encode(Notice("n1", "a\n\nevent: x\ndata: y\r\nz"))
    assert wire.count(b"\n\n") == 1
    assert wire.endswith(b"\n\n")


def test_buckets_refill_and_forget() -> None:
    now = [0.0]
    buckets = Buckets(2, 0.5, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 2.0]
    assert buckets.take("b") == 0.0
    now[0] = 2.0
    assert [buckets.take("a"), buckets.take("a")] == [0.0, 2.0]
    for n in range(10_050):
        buckets.take(f"key {n}")
    assert len(buckets._buckets) == 10_000
