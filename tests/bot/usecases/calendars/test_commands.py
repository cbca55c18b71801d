"""``/calendar`` leads to a page and never says an address."""

from __future__ import annotations

import pytest

from bot.domain.outgoing import Outgoing
from bot.usecases.calendars.feeds import KeepFeed
from tests.bot.reading import buttons_of, words_of
from tests.bot.world import World


@pytest.fixture
def reached(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("STUDYHALL_PUBLIC_URL", "https://learn.example/")
    world.restart()
    world.arrives("lin", language="en")
    return world


def code_in(message: Outgoing) -> str:
    (button,) = buttons_of(message)
    assert button.url.startswith("https://learn.example/calendar/page/")
    return button.url.rpartition("/")[2]


def test_the_button_opens_the_page_of_whoever_asked(reached: World) -> None:
    answer = reached.asks("lin", "calendar", room="general")
    assert answer.sending.room != reached.place("general").room, "an own matter is answered in private"
    keep = KeepFeed(reached.store, reached.ids, reached.clock, reached.community.id)
    code = code_in(answer.message)
    assert keep.member_behind(code) == reached.member("lin").id
    reached.clock.go_on(minutes=31)
    assert keep.member_behind(code) is None


def test_it_says_whether_there_is_one_and_never_which(reached: World) -> None:
    assert "no calendar address" in words_of(reached.asks("lin", "calendar").message)
    keep = KeepFeed(reached.store, reached.ids, reached.clock, reached.community.id)
    secret = keep.renew(reached.member("lin").id)
    said = reached.asks("lin", "日历")
    assert "You have a calendar address" in words_of(said.message)
    assert secret[16:] not in repr(said.message)


def test_where_nothing_can_be_fetched_it_says_so(world: World) -> None:
    world.arrives("lin", language="zh")
    said = world.asks("lin", "calendar").message
    assert "无法从外部访问" in words_of(said)
    assert buttons_of(said) == []
