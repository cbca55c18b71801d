"""/profile: what is known, what may be used, in which language."""

from __future__ import annotations

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Signal
from tests.bot.reading import buttons_of, items, words_of
from tests.bot.world import Sent, World


def switches(sent: Sent) -> dict[str, bool | None]:
    names = ("Messages", "Reactions", "Enrolments", "Matching")
    return {button.label: button.pressed for button in buttons_of(sent.message) if button.label in names}


def test_it_shows_what_was_said_and_done(stocked: World) -> None:
    stocked.arrives("lin", language="en")
    stocked.does("lin", Signal.ENROL, "course:rust-start")
    text = words_of(stocked.asks("lin", "profile").message)
    assert "Topics: not said" in text
    assert "Language: English" in text
    assert "I know one thing you did." in text


def test_every_switch_switches(stocked: World) -> None:
    shown = stocked.asks("lin", "profile")
    assert switches(shown) == {"Messages": False, "Reactions": False, "Enrolments": True, "Matching": False}
    on = stocked.press("lin", shown, "c-reactions")
    assert on.notice == "Switched on: your reactions."
    assert switches(on)["Reactions"] is True
    off = stocked.press("lin", on, "c-enrolments")
    assert off.notice == "Switched off: your enrolments. It is no longer stored or used."
    assert stocked.member("lin").consent.granted == {ConsentKind.REACTIONS}


def test_what_is_switched_off_is_neither_stored_nor_used(stocked: World) -> None:
    stocked.arrives("lin", consent=frozenset(ConsentKind))
    stocked.does("lin", Signal.ENROL, "course:rust-start")
    with_history = stocked.everything_for("lin")
    assert "course:rust-start" not in with_history
    profile = stocked.press("lin", stocked.asks("lin", "profile"), "c-enrolments")
    assert "I know nothing of what you did yet." in words_of(profile.message)
    stocked.does("lin", Signal.ENROL, "course:rust-async")
    assert stocked.history("lin") == []
    assert {"course:rust-start", "course:rust-async"} <= set(stocked.everything_for("lin"))
    stocked.press("lin", profile, "c-enrolments")
    assert stocked.history("lin") == [("enrol", "course:rust-start")]


def test_messages_count_only_while_allowed(stocked: World) -> None:
    stocked.arrives("lin")
    stocked.says("lin", "How do I cancel a rust task that waits for a lock?")
    assert stocked.history("lin") == []
    stocked.press("lin", stocked.asks("lin", "profile"), "c-messages")
    ref = stocked.says("lin", "How do I share a mutex between two rust tasks?")
    post = stocked.post(ref)
    assert post is not None
    assert stocked.history("lin") == [("post", post.item)]


def test_the_language_can_be_changed(stocked: World) -> None:
    shown = stocked.asks("lin", "profile")
    chinese = stocked.press("lin", shown, "language")
    assert "你的资料" in words_of(chinese.message)
    assert stocked.member("lin").language == "zh"
    found = stocked.asks("lin", "learn", "rust")
    assert "报名" in words_of(found.message)
    assert "Rust 异步编程实战" in words_of(found.message)
    back = stocked.press("lin", chinese, "language")
    assert "Your profile" in words_of(back.message)


def test_a_suggestion_says_what_it_was_ranked_from(stocked: World) -> None:
    stocked.arrives("lin", language="en", consent=())
    assert "Ranked from what you pressed here, and: nothing else." in words_of(stocked.asks("lin", "foryou").message)
    stocked.press("lin", stocked.asks("lin", "profile"), "c-messages")
    shown = stocked.asks("lin", "foryou")
    assert "and: your messages." in words_of(shown.message)
    assert items(shown.message)
