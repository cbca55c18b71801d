"""What moderators do in chat, and what others may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from bot.domain.permissions import Role
from bot.domain.schedules import Job
from bot.usecases.room_schedule import when
from tests.bot.reading import words_of
from tests.bot.world import World


@pytest.fixture
def staffed(stocked: World) -> World:
    stocked.arrives("mod", language="en")
    stocked.change(replace(stocked.member("mod"), role=Role.MODERATOR))
    stocked.says("mod", "Welcome to this room of ours, everybody.")
    return stocked


def said(world: World, who: str, name: str, words: str = "", room: str | None = None) -> str:
    return words_of(world.asks(who, name, words, room=room).message)


def suggestions(world: World) -> list[tuple[int, time, bool]]:
    with world.store.read() as uow:
        return [(s.weekday, s.at, s.enabled) for s in uow.schedules.all(world.community.id, Job.SUGGEST)]


def test_a_rooms_weekly_suggestion(staffed: World) -> None:
    assert "gets no weekly suggestion" in said(staffed, "mod", "suggest", room="general")
    assert suggestions(staffed) == []
    assert "every Friday at 09:30" in said(staffed, "mod", "suggest", "fri 9:30", room="general")
    assert suggestions(staffed) == [(4, time(9, 30), True)]
    assert "every Friday at 09:30" in said(staffed, "mod", "suggest", room="general")
    said(staffed, "mod", "suggest", "周一 8点", room="general")
    assert suggestions(staffed) == [(0, time(8), True)]
    for nonsense in ("blah", "fri 25:99", "fri 9:30 please"):
        assert "I don't understand" in said(staffed, "mod", "suggest", nonsense, room="general")
    assert suggestions(staffed) == [(0, time(8), True)]
    said(staffed, "mod", "suggest", "off", room="general")
    assert suggestions(staffed) == [(0, time(8), False)]
    with staffed.store.read() as uow:
        assert [row.action for row in uow.audit.all(staffed.community.id)].count("suggest.on") == 2


def test_only_moderators(staffed: World) -> None:
    staffed.arrives("lin", language="en")
    assert "Only moderators" in said(staffed, "lin", "suggest", "fri 9:00", room="general")
    assert "Only moderators" in said(staffed, "lin", "wanted")
    assert "Only moderators" in said(staffed, "lin", "room", "new")
    assert suggestions(staffed) == []
    assert "/wanted" in said(staffed, "mod", "help")
    assert "/wanted" not in said(staffed, "lin", "help")


def test_what_was_looked_for_in_vain(staffed: World) -> None:
    assert "Everything that was looked for was found." in said(staffed, "mod", "wanted")
    for who in ("lin", "mei"):
        staffed.asks(who, "learn", "zzqx frobnication")
    shown = said(staffed, "mod", "wanted")
    assert "zzqx frobnication – 2 times" in shown
    assert "lin" not in shown.casefold().replace("looked", "")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fri 18:00", (4, time(18))),
        ("Monday", (0, None)),
        ("9", (None, time(9))),
        ("周日 20点", (6, time(20))),
        ("星期天", (6, None)),
        ("18：30", (None, time(18, 30))),
        ("", None),
        ("24:00", None),
        ("soon", None),
        ("fri sat", None),
    ],
)
def test_days_and_hours_in_words(words: str, found: tuple[int | None, time | None] | None) -> None:
    assert when(words) == found


def test_the_letters_day_hour_and_zone_in_words(stocked: World) -> None:
    stocked.arrives("lin", language="en")
    first = stocked.asks("lin", "digest", "tue 7:00")
    assert "Changed." in words_of(first.message)
    stocked.commands("lin", "digest", "Asia/Shanghai")
    assert stocked.member("lin").timezone == "Asia/Shanghai"
    with stocked.store.read() as uow:
        settings = uow.digests.get(stocked.member("lin").id)
    assert (settings.weekday, settings.hour) == (1, 7)
    assert "I don't understand" in said(stocked, "lin", "digest", "whenever you like")


def test_a_search_that_found_nothing_good_says_so(stocked: World) -> None:
    answer = stocked.asks("lin", "learn", "zzqx frobnication")
    text = words_of(answer.message)
    assert "nothing" in text
    assert "Close in meaning" not in text
