"""What moderators see of digests: numbers of people, none of a handful, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.interactions import Signal
from bot.domain.permissions import Role
from bot.domain.schedules import Outcome
from bot.usecases.digest_report import document
from tests.bot.reading import items, words_of
from tests.bot.usecases.test_digest import send
from tests.bot.world import World

GETTING = [f"m{number}" for number in range(7)]


@pytest.fixture
def readers(stocked: World) -> World:
    """Seven with a digest, of whom six did something with it; six who stopped, one of them with a reason."""
    for who in GETTING:
        stocked.arrives(who, language="en")
        stocked.does(who, Signal.COMPLETE, "course:rust-start")
        stocked.press(who, stocked.asks(who, "digest"), "on")
    for who in GETTING:
        assert send(stocked, who=who)[0] is Outcome.DONE
    for sent in stocked.deliver():
        who = next(one for one in GETTING if stocked.home(one).room == sent.sending.room)
        if who != "m0":
            stocked.press(who, sent, "like", item=items(sent.message)[0])
    for number in range(6):
        who = f"s{number}"
        stocked.arrives(who, language="en")
        stocked.press(who, stocked.asks(who, "digest"), "on")
        shown = stocked.press(who, stocked.asks(who, "digest"), "stop")
        if number == 0:
            stocked.press(who, shown, "why-many")
    stocked.arrives("mod", language="en")
    stocked.change(replace(stocked.member("mod"), role=Role.MODERATOR))
    return stocked


def test_moderators_see_how_digests_do(readers: World) -> None:
    with readers.store.read() as uow:
        found = uow.digests.figures(readers.community.id, days=28, at=readers.clock.now())
    assert (found.getting, found.paused, found.acted, found.unreachable) == (7, 0, 6, 0)
    assert dict(found.stops) == {"stopped": 5, "many": 1}
    assert document(found) == {
        "days": 28, "getting": 7, "paused": None, "written": None, "acted": 6, "little": None, "unreachable": None,
        "stops": {"many": None, "irrelevant": None, "time": None, "stopped": 5},
    }  # fmt: skip
    text = words_of(readers.asks("mod", "rec", "digests").message)
    assert "Switched on: 7 members; paused now: fewer than 5" in text
    assert "did something with what stood in it: 6 members" in text
    assert "Stopped: 6 members. Reasons given: none (5 members)" in text
    assert "too many" not in text, "one person's reason is nobody's business"
    readers.asks("mod", "profile")
    readers.change(replace(readers.member("mod"), language="zh"))
    assert "已打开：7 人；目前暂停：少于 5 人" in words_of(readers.asks("mod", "rec", "周报").message)


def test_for_nobody_else(readers: World) -> None:
    assert "Switched on" not in words_of(readers.asks("m1", "rec", "digests").message)


def test_what_was_done_before_it_came_or_long_ago_counts_nothing(readers: World) -> None:
    readers.clock.go_on(seconds=40 * 86400)
    with readers.store.read() as uow:
        found = uow.digests.figures(readers.community.id, days=28, at=readers.clock.now())
    assert (found.getting, found.acted) == (7, 0)
