"""``@bot words``: through the real SDK to the strict server, with a search that is handed in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from adapters.telegram.client import Access, Client
from adapters.telegram.envelope import Me
from adapters.telegram.inline import Inline, query_of, result_id
from adapters.telegram.invitations import Invitations
from adapters.telegram.presses import Presses
from adapters.telegram.receiving import Receiving
from bot.domain.outgoing import Card, Link, Outgoing
from bot.usecases.look_up import LookedUp, PublicCard
from bot.wording import choose
from storage import SqlStore
from tests.adapters.telegram.test_receiving import Failing, stored
from tests.fakes.clock import FakeClock
from tests.telegram_server import Asked, Person, TelegramServer
from tests.telegram_server.app import Fault

ME = Me("7000001", "studyhall_bot")


def card(number: int, title: str = "") -> PublicCard:
    title = title or f"Course <{number}> & more"
    shown = Card("Course", title, f"course:{number}", Link(title, f"https://a.example/{number}"), ("2 h",), "学" * 300)
    return PublicCard(f"course:{number}", title, "Course · 2 h", Outgoing((shown,)))


@dataclass
class Searching:
    """A search over `size` courses whose words contain everything but "nothing"."""

    size: int = 12
    wait: Callable[[], None] = lambda: None
    broken: bool = False
    asked: list[tuple[str, str | None, int]] = field(default_factory=list)

    def __call__(self, words: str, *, language: str | None = None, skip: int = 0) -> LookedUp:
        self.asked.append((words, language, skip))
        self.wait()
        if self.broken:
            raise RuntimeError("planted")
        size = 0 if words == "nothing" else self.size
        cards = tuple(card(number) for number in range(size)[skip : skip + 10])
        return LookedUp(cards, choose(language), skip + 10 if size > skip + 10 else None, shared=language != "zh-hans")


@pytest.fixture
def mei(server: TelegramServer) -> Person:
    return server.world.person("Mei", language="zh-hans")


def run(
    server: TelegramServer,
    kept: SqlStore,
    search: Searching,
    until: Callable[[], object],
    *,
    within: float = 2.5,
    storing_fails: int = 0,
    act: Callable[[], None] = lambda: None,
) -> None:
    async def main() -> None:
        client = Client(Access(server.token, server.base_url))
        await client.open()
        inline = Inline(client, search, monotonic=time.monotonic, within=within)
        inline.known_as("studyhall_bot")
        receiving: Receiving = Failing(
            kept,
            1,
            FakeClock(),
            Presses(time.monotonic, 8.0),
            Invitations(),
            monotonic=time.monotonic,
            poll_seconds=1,
            aside=inline.aside,
        )
        receiving.times = storing_fails  # type: ignore[attr-defined]
        polling = asyncio.create_task(receiving.poll(client, ME))
        act()
        async with asyncio.timeout(20):
            while not until():
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await inline.leave()
        await client.leave()

    asyncio.run(main())


def button(asked: Asked) -> str:
    assert asked.answer is not None
    assert asked.answer["button"]["start_parameter"] == "inline"
    return str(asked.answer["button"]["text"])


def test_what_is_found_is_shown_and_sent_as_a_card(server: TelegramServer, store: SqlStore, mei: Person) -> None:
    ann = server.world.person("Ann")
    asked = ann.searches("async  rust")
    search = Searching()
    run(server, store, search, lambda: asked.answer)
    assert search.asked == [("async rust", "en", 0)]
    assert asked.answer is not None
    results = asked.answer["results"]
    assert [r["title"] for r in results] == [f"Course <{n}> & more" for n in range(10)]
    assert results[0]["id"] == result_id("course:0")
    assert results[0]["description"] == "Course · 2 h"
    assert (asked.answer["next_offset"], asked.answer["is_personal"], asked.answer["cache_time"]) == ("10", False, 60)
    hall = server.world.group("Hall", bot="left")
    sent = ann.chooses(asked, 0, hall)
    assert sent.text.startswith("Course <0> & more\nCourse · 2 h\n学")
    assert sent.entities[0]["url"] == "https://a.example/0"
    assert sent.buttons == [{"text": "Find more", "url": "https://t.me/studyhall_bot?start=inline"}]
    assert stored(store) == []


def test_the_second_page_and_the_last(server: TelegramServer, store: SqlStore, mei: Person) -> None:
    second = mei.searches("rust", offset="10")
    run(server, store, Searching(), lambda: second.answer)
    assert second.answer is not None
    assert len(second.answer["results"]) == 2
    assert second.answer["next_offset"] == ""
    assert second.answer["is_personal"]


@pytest.mark.parametrize(("words", "said"), [("", "输入想学的内容，或打开我"), ("nothing", "没有找到，可以私下问我")])
def test_where_there_is_nothing_a_button_leads_on(
    server: TelegramServer,
    store: SqlStore,
    mei: Person,
    words: str,
    said: str,
) -> None:
    asked = mei.searches(words)
    run(server, store, Searching(), lambda: asked.answer)
    assert button(asked) == said


def test_a_search_that_fails_or_takes_too_long_is_answered_all_the_same(
    server: TelegramServer,
    store: SqlStore,
    mei: Person,
) -> None:
    asked = mei.searches("rust")
    run(server, store, Searching(broken=True), lambda: asked.answer)
    assert button(asked) == "暂时查不了，请稍后再试"
    release = threading.Event()
    slow = [server.world.person(str(number)).searches("rust") for number in range(4)]
    search = Searching(wait=lambda: void(release.wait(10)))
    began = time.monotonic()
    run(server, store, search, lambda: all(one.answer for one in slow), within=0.3, act=lambda: timer(release))
    assert time.monotonic() - began < 5
    assert {button(one) for one in slow} == {"Not now, try again in a moment"}
    assert len(search.asked) == 2  # the others never got a thread
    assert all(one.answer is not None and one.answer["cache_time"] == 0 for one in slow)


def void(_: object) -> None:
    """For calls whose result nobody wants."""


def timer(release: threading.Event) -> None:
    threading.Timer(1.5, release.set).start()


def test_only_the_newest_query_of_a_person_is_looked_up(
    server: TelegramServer,
    store: SqlStore,
    mei: Person,
) -> None:
    typed = [mei.searches("rust"[:length]) for length in range(1, 5)]
    search = Searching()
    run(server, store, search, lambda: typed[-1].answer)
    assert [words for words, _, _ in search.asked] == ["rust"]
    assert [one.answer is not None for one in typed] == [False, False, False, True]


def test_one_person_cannot_take_all_of_it(server: TelegramServer, store: SqlStore, mei: Person) -> None:
    search, asked = Searching(), list[Asked]()

    def answered() -> bool:
        if asked and asked[-1].answer is None:
            return False
        if asked and asked[-1].answer and not asked[-1].answer["results"]:
            return True
        asked.append(mei.searches(f"rust {len(asked)}"))
        return False

    run(server, store, search, answered)
    assert button(asked[-1]) == "输入太快了，请稍等"
    assert 20 <= len(search.asked) == len(asked) - 1 < 40


def test_what_is_stored_is_not_held_up_and_comes_again_without_harm(
    server: TelegramServer,
    store: SqlStore,
    mei: Person,
) -> None:
    before, asked, after = mei.sends(None, "before"), mei.searches("rust"), mei.sends(None, "after")
    run(server, store, Searching(), lambda: len(server.world.updates.confirmed) == 3, storing_fails=1)
    assert asked.answer is not None
    assert len(stored(store)) == 2
    assert before.id < after.id


@pytest.mark.parametrize("fault", [Fault("status", 500), Fault("cut"), Fault("limit", 1), Fault("garbage")])
def test_an_answer_that_the_platform_does_not_take_stops_nothing(
    server: TelegramServer,
    store: SqlStore,
    mei: Person,
    fault: Fault,
) -> None:
    server.fails("answerInlineQuery", fault)
    mei.searches("rust")
    again = server.world.person("Ann").searches("go")
    run(server, store, Searching(), lambda: again.answer or server.calls("answerInlineQuery"))


@pytest.mark.parametrize(
    "raw",
    [None, {}, {"inline_query": []}, {"inline_query": {"id": "1"}}, {"inline_query": {"id": "1", "from": {"id": []}}}],
)
def test_what_is_no_query_is_left_to_others(raw: object) -> None:
    assert query_of(raw) is None


def test_an_offset_of_nonsense_is_the_beginning() -> None:
    for offset in ("-1", "x", "٣", "99999999", "1.5"):
        query = query_of({"inline_query": {"id": "1", "from": {"id": 5}, "query": "a", "offset": offset}})
        assert query is not None
        assert query.skip == 0
