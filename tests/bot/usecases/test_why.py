""" "Why this?": every part of the score that was used, and switches that work."""

from __future__ import annotations

import re

import pytest

from bot.domain.interactions import Signal
from bot.domain.outgoing import Bullets
from tests.bot.reading import buttons_of, card_of, items, labels, strong, words_of
from tests.bot.world import Sent, World, course


@pytest.fixture
def known(stocked: World) -> World:
    """Lin has finished the first Rust course."""
    stocked.arrives("lin", language="en")
    stocked.does("lin", Signal.ENROL, "course:rust-start")
    stocked.does("lin", Signal.COMPLETE, "course:rust-start")
    return stocked


def lines(sent: Sent) -> list[str]:
    (bullets,) = [block for block in sent.message.blocks if isinstance(block, Bullets)]
    return ["".join(inline.text for inline in item if inline.type == "text") for item in bullets.items]


def sum_of(sent: Sent) -> float:
    return sum(float(line.split()[0].replace("−", "-").replace("+", "")) for line in lines(sent))


def test_the_parts_sum_to_the_score(known: World) -> None:
    shown = known.asks("lin", "foryou")
    for item in items(shown.message):
        why = known.press("lin", shown, "why", item=item)
        assert why.sending.edits is None
        score = float(re.findall(r"-?\d+\.?\d*", strong(why.message)[0])[0])
        assert sum_of(why) == pytest.approx(score, abs=1e-9)
        assert card_of(shown.message, item).title in words_of(why.message)


def test_the_reasons_of_a_card_are_parts_of_its_score(known: World) -> None:
    shown = known.asks("lin", "foryou")
    for item in items(shown.message):
        why = words_of(known.press("lin", shown, "why", item=item).message)
        for reason in card_of(shown.message, item).reasons:
            assert reason in why


def test_what_was_finished_is_named(known: World) -> None:
    shown = known.asks("lin", "foryou")
    text = words_of(known.press("lin", shown, "why", item="course:rust-async").message)
    assert "Next after “Rust from zero”, which you finished" in text


def test_what_is_missing_is_never_called_finished(known: World) -> None:
    found = known.asks("lin", "foryou")
    while "course:rust-expert" not in items(found.message):
        found = known.press("lin", found, "more")
    text = words_of(known.press("lin", found, "why", item="course:rust-expert").message)
    assert "Builds on “Async Rust in practice”, which you have not finished" in text
    assert "Next after" not in text


def test_using_less_of_a_source_changes_later_lists(known: World) -> None:
    shown = known.asks("lin", "foryou")
    why = known.press("lin", shown, "why", item="course:rust-async")
    button = next(b for b in buttons_of(why.message) if b.label == "use less: closeness to what you chose")
    (less,) = known.happens(known.pressing("lin", button.code, why.ref))
    assert less.notice == "Noted: closeness to what you chose counts for nothing from now on."
    assert "use again: closeness to what you chose" in labels(less.message)
    assert known.member("lin").profile.muted == {"semantic"}
    after = known.asks("lin", "foryou")
    assert items(after.message) != items(shown.message)
    for item in items(after.message):
        text = "\n".join(lines(known.press("lin", after, "why", item=item)))
        assert "Close to" not in text
    profile = known.asks("lin", "profile")
    assert "Counts for nothing: closeness to what you chose" in words_of(profile.message)
    known.press("lin", profile, "unmute")
    assert known.member("lin").profile.muted == frozenset()
    again = known.asks("lin", "foryou")
    text = "\n".join(lines(known.press("lin", again, "why", item=items(again.message)[0])))
    assert "Close to" in text or "Next after" in text


def test_the_second_press_uses_it_again(known: World) -> None:
    why = known.press("lin", known.asks("lin", "foryou"), "why", item="course:rust-async")
    known.press("lin", why, "less0")
    assert known.member("lin").profile.muted
    known.press("lin", why, "less0")
    assert not known.member("lin").profile.muted


def test_a_surprise_says_so_and_can_be_switched_off(known: World) -> None:
    known.add_courses(*(course(f"more-{n}", f"Course number {n}", f"Nobody took number {n}.") for n in range(9)))
    shown = known.asks("lin", "foryou")
    (surprise,) = [item for item in items(shown.message) if "A surprise" in words_of_card(shown, item)]
    why = known.press("lin", shown, "why", item=surprise)
    assert "A surprise: one place in five tries something new 🎲" in words_of(why.message)
    off = known.press("lin", why, "surprises")
    assert off.notice == "No more surprises in your lists."
    assert not known.member("lin").profile.surprises
    assert "A surprise" not in words_of(known.asks("lin", "foryou").message)


def words_of_card(sent: Sent, item: str) -> str:
    return "\n".join(card_of(sent.message, item).reasons)


def test_what_was_not_used_is_said(known: World) -> None:
    why = known.press("lin", known.asks("lin", "foryou"), "why", item="course:rust-async")
    assert "Not used: your reactions and your messages." in words_of(why.message)


def test_a_search_result_has_parts_too(known: World) -> None:
    found = known.asks("lin", "learn", "macros")
    why = known.press("lin", found, "why", item="course:rust-expert")
    assert "Has your words" in words_of(why.message)
    assert not any(label.startswith("use less") for label in labels(why.message))


def test_evidence_that_may_not_be_seen_is_not_named(known: World) -> None:
    known.joins("lin", "staff", private=True)
    known.says("mei", "How do we price the secret macros course?", "staff", private=True)
    with known.store.write() as uow:
        uow.rooms.configure(known_room(known, "staff"), indexed=True)
        uow.commit()
    ref = known.says("mei", "How do we teach the secret macros course well?", "staff", private=True)
    known.index()
    post = known.post(ref)
    assert post is not None
    known.does("lin", Signal.SAVE, post.item)
    inside = known.asks("lin", "foryou")
    assert items(inside.message)
    known.leaves("lin", "staff", private=True)
    for sent in (inside, known.asks("lin", "foryou")):
        for item in items(sent.message):
            if item != post.item:
                assert "secret" not in words_of(known.press("lin", sent, "why", item=item).message)


def known_room(world: World, name: str) -> int:
    return world.room(name).id
