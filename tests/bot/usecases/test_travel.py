"""Whoever's app begins to speak another language is asked whether their clock changed; nobody's place is looked up."""

from __future__ import annotations

from tests.bot.reading import labels, words_of
from tests.bot.world import Sent, World


def says_in(world: World, language: str) -> list[Sent]:
    return world.commands("lin", "digest", language=language)


def travels(sent: list[Sent]) -> list[Sent]:
    return [one for one in sent if "Are you travelling?" in words_of(one.message)]


def test_a_change_is_asked_about_once_and_a_tap_answers(world: World) -> None:
    world.arrives("lin", language="en")
    world.press("lin", world.asks("lin", "digest"), "on")
    assert travels(says_in(world, "de")) == []  # the first hint is only remembered
    assert travels(says_in(world, "de")) == []
    (asked,) = travels(says_in(world, "zh-hans"))
    assert {"UTC", "Asia/Shanghai"} <= set(labels(asked.message))
    world.restart()
    world.press("lin", asked, f"z{labels(asked.message).index('Asia/Shanghai')}")
    assert world.member("lin").timezone == "Asia/Shanghai"
    assert travels(says_in(world, "zh-hans")) == []


def test_who_gets_no_digest_is_not_asked(world: World) -> None:
    world.arrives("lin", language="en")
    for language in ("de", "zh-hans", "ja"):
        assert travels(says_in(world, language)) == []


def test_a_language_that_is_spoken_everywhere_tells_nothing(world: World) -> None:
    world.arrives("lin", language="en")
    world.press("lin", world.asks("lin", "digest"), "on")
    says_in(world, "de")
    assert travels(says_in(world, "en")) == []
