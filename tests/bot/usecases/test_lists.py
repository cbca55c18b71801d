"""/learn, /foryou and /saved: what is listed, filtered, paged, and noted as wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.interactions import Signal
from bot.domain.items import Event
from bot.domain.people import Level
from tests.bot.reading import acts, card_of, cards, items, labels, titles, words_of
from tests.bot.world import CATALOGUE, World, course
from tests.fakes.clock import START


def test_learn_finds_what_was_asked_for(stocked: World) -> None:
    found = stocked.asks("lin", "learn", "async rust")
    assert found.message.blocks[0].type == "heading"
    assert titles(found.message)[:2] == ["Async Rust in practice", "Rust 异步编程实战"]
    card = cards(found.message)[0]
    assert card.facts == ("Ferris School", "intermediate", "12 h", "$39")
    assert card.reasons == ("Close in meaning", "Has your words")
    assert card.title_link is not None
    assert found.sending.room == stocked.home("lin").room


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("rust, under 5 hours", lambda c: c.hours is not None and c.hours <= 5),
        ("free rust courses", lambda c: c.price == 0),
        ("rust in Chinese", lambda c: c.language == "zh"),
        ("python for beginners", lambda c: c.level is Level.BEGINNER),
        ("rust under $40", lambda c: c.price is not None and c.price <= 40),
        ("rust without macros", lambda c: "macros" not in c.summary),
        ("免费 python", lambda c: c.price == 0),
    ],
)
def test_chips_filter(stocked: World, words: str, holds: object) -> None:
    found = stocked.asks("lin", "learn", words)
    known = {str(c.item): c for c in CATALOGUE}
    assert items(found.message)
    assert all(holds(known[item]) for item in items(found.message))  # type: ignore[operator]
    assert any(act.startswith("chip") for act in acts(found.message))


def test_a_chip_can_be_taken_away(stocked: World) -> None:
    found = stocked.asks("lin", "learn", "rust, under 5 hours, in Chinese")
    assert {"≤ 5 h ✕", "中文 ✕"} <= set(labels(found.message))
    assert items(found.message) == []
    wider = stocked.press("lin", found, "chip1")
    assert wider.sending.edits == found.ref
    assert "≤ 5 h ✕" not in labels(wider.message)
    assert titles(wider.message)[0] == "Rust 异步编程实战"
    widest = stocked.press("lin", wider, "chip0")
    assert "Async Rust in practice" in titles(widest.message)


def test_a_kind_is_a_switch(stocked: World) -> None:
    stocked.says("mei", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    found = stocked.asks("lin", "learn", "rust task")
    assert {item.partition(":")[0] for item in items(found.message)} == {"course", "post"}
    posts = stocked.press("lin", found, "kind-post")
    assert {item.partition(":")[0] for item in items(posts.message)} == {"post"}
    everything = stocked.press("lin", posts, "kind-post")
    assert items(everything.message) == items(found.message)


def test_more_never_repeats_and_ends(stocked: World) -> None:
    for surface in ("foryou", "learn"):
        page = stocked.asks(f"lin-{surface}", surface, "rust python web databases shell" if surface == "learn" else "")
        seen = items(page.message)
        while "more" in acts(page.message):
            page = stocked.press(f"lin-{surface}", page, "more")
            assert items(page.message)
            assert not set(items(page.message)) & set(seen)
            seen += items(page.message)
        assert len(seen) > 5
        if surface == "foryou":
            assert set(seen) == {c.item for c in CATALOGUE}


def test_nothing_found_is_said_and_noted_as_demand(stocked: World) -> None:
    found = stocked.asks("lin", "learn", "zzzz quux, under 1 h")
    assert "I found nothing that fits" in words_of(found.message)
    assert stocked.demand() == [("learn", "zzzz quux", 0.0)]
    noted = stocked.press("lin", found, "tell")
    assert noted.notice.startswith("Noted")
    assert ("wanted", "zzzz quux", 0.0) in stocked.demand()


def test_learn_without_words_tells_how_and_shows_something(stocked: World) -> None:
    found = stocked.asks("lin", "learn")
    assert "Tell me what you want to learn" in words_of(found.message)
    assert items(found.message)


def test_only_a_filter_is_a_wish_too(stocked: World) -> None:
    found = stocked.asks("lin", "learn", "under 3 hours")
    assert set(items(found.message)) == {"course:web-css", "course:sql"}


def test_a_newcomer_is_told_that_little_is_known(stocked: World) -> None:
    assert "I know little about you yet" in words_of(stocked.asks("lin", "foryou").message)
    stocked.does("lin", Signal.ENROL, "course:rust-start")
    assert "I know little about you yet" not in words_of(stocked.asks("lin", "foryou").message)


def test_foryou_of_one_kind(stocked: World) -> None:
    stocked.says("mei", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    shown = stocked.asks("lin", "foryou", "discussions")
    assert {item.partition(":")[0] for item in items(shown.message)} == {"post"}


def test_what_is_suggested_is_kept_as_exposure_with_its_parts(stocked: World) -> None:
    stocked.arrives("lin")
    stocked.does("lin", Signal.ENROL, "course:rust-start")
    shown = stocked.asks("lin", "foryou")
    keys = shown.sending.exposures
    assert len(keys) == len(items(shown.message)) == 5
    with stocked.store.read() as uow:
        exposures = [uow.exposures.get(stocked.community.id, key) for key in keys]
    for rank, (exposure, item) in enumerate(zip(exposures, items(shown.message), strict=True), 1):
        assert exposure is not None
        assert (exposure.item, exposure.rank, exposure.surface) == (item, rank, "foryou")
        assert exposure.score == pytest.approx(sum(part.value for part in exposure.parts), abs=1e-6)
        assert exposure.policy in {"main", "explore"}
        assert (exposure.propensity < 1.0) == (exposure.policy == "explore")


def test_the_post_of_a_member_is_not_suggested_to_them(stocked: World) -> None:
    ref = stocked.says("lin", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    post = stocked.post(ref)
    assert post is not None
    assert post.item not in items(stocked.asks("lin", "foryou", "discussions").message)
    assert post.item in items(stocked.asks("mei", "foryou", "discussions").message)


def test_events_say_when_and_how_many_seats_and_past_ones_are_gone(stocked: World) -> None:
    stocked.add_events(
        Event("live", "Profiling rust live", START + timedelta(days=2), place="#stage", capacity=20, going=14),
        Event("past", "Profiling rust, the first time", START - timedelta(days=2)),
    )
    shown = stocked.asks("lin", "foryou", "events")
    assert items(shown.message) == ["event:live"]
    assert card_of(shown.message, "event:live").facts == ("Wed, Jan 6, 09:00", "#stage", "6 seats left")


def test_saved_is_listed_newest_first_and_what_is_gone_is_left_out(stocked: World) -> None:
    ref = stocked.says("mei", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    found = stocked.asks("lin", "learn", "rust task lock")
    post = stocked.post(ref)
    assert post is not None
    for item in ("course:rust-async", post.item):
        stocked.clock.go_on(minutes=1)
        stocked.press("lin", found, "save", item=item)
    saved = stocked.asks("lin", "saved")
    assert items(saved.message) == [post.item, "course:rust-async"]
    assert saved.sending.exposures == ()
    stocked.deletes(ref)
    saved = stocked.asks("lin", "saved")
    assert items(saved.message) == ["course:rust-async"]
    assert stocked.dropped == []
    why = stocked.press("lin", saved, "why", item="course:rust-async")
    assert "You kept this for later yourself" in words_of(why.message)


def test_nothing_saved_says_what_to_do(stocked: World) -> None:
    assert "Try /learn" in words_of(stocked.asks("lin", "saved").message)


def test_in_a_room_the_answer_goes_to_the_member_alone(stocked: World) -> None:
    stocked.arrives("lin")
    answer = stocked.asks("lin", "foryou", room="general")
    assert answer.sending.room == stocked.home("lin").room
    assert answer.notice == "I have answered you in your direct messages."


def test_a_message_that_may_no_longer_be_seen_does_not_go_out(stocked: World) -> None:
    ref = stocked.says("mei", "How do I cancel a rust task that waits for a lock?")
    stocked.index()
    found = stocked.asks("lin", "learn", "rust task lock")
    stocked.put(stocked.pressing("lin", next(b.code for b in cards(found.message)[0].buttons[0]), found.ref))
    stocked.dispatcher.drain()
    with stocked.store.write() as uow:
        uow.messages.delete(stocked.community.id, ref, stocked.clock.now())
        uow.commit()
    assert stocked.deliver() == []
    assert len(stocked.dropped) == 1


def test_without_an_encoder_words_are_still_found(stocked: World) -> None:
    stocked.encoder.broken = True
    found = stocked.asks("lin", "learn", "macros")
    assert titles(found.message)[0] == "Rust macros in depth"
    assert items(stocked.asks("lin", "foryou").message)


def test_a_new_course_is_found_by_words_before_it_is_embedded(stocked: World) -> None:
    with stocked.store.write() as uow:
        uow.courses.upsert(stocked.community.id, course("zig", "Zig comptime explained", tags=("zig",)))
        uow.commit()
    assert titles(stocked.asks("lin", "learn", "comptime").message)[0] == "Zig comptime explained"
