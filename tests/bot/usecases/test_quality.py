"""Ratings, marks and what becomes of them: within a minute in the lists, and in the report for authors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.permissions import Role
from bot.domain.quality import CourseQuality
from bot.usecases.author_report import Advice, CourseReport, shown
from bot.usecases.rating import parse_rating
from tests.bot.reading import cards, words_of
from tests.bot.world import World

RUST = "course:rust-start"


@pytest.fixture
def rated(stocked: World) -> World:
    """Twenty learners of old, who took and rated three courses."""
    joined = stocked.clock.now()
    for number in range(20):
        stocked.arrives(f"u{number}", language="en")
        for course, stars in (("rust-start", 4.0 + number % 2), ("sql", 3.0), ("linux", 2.0)):
            at = joined + timedelta(hours=number)
            stocked.does(f"u{number}", Signal.ENROL, f"course:{course}", at=at)
            stocked.does(f"u{number}", Signal.RATE, f"course:{course}", value=stars, at=at)
    stocked.clock.go_on(days=120)
    refresh(stocked)
    return stocked


def refresh(world: World) -> int:
    return world.app.refresh_quality(world.community.id)


def quality(world: World, course: str = "rust-start") -> CourseQuality | None:
    with world.store.read() as uow:
        return uow.qualities.get(world.community.id, [course]).get(course)


def in_lists(world: World, item: str = RUST) -> float | None:
    world.app.engine.refresh()
    known = world.app.engine.item(item)
    assert known is not None
    return known.quality


def report(world: World, course: str = "rust-start", author: str | None = "Ferris School") -> CourseReport:
    found = world.app.report(world.community.id, author, world.clock.now())
    return next(one for one in found if one.course.id == course)


def test_what_people_rate_reaches_the_lists_and_only_when_it_changes(rated: World) -> None:
    best, worst = in_lists(rated), in_lists(rated, "course:linux")
    assert best is not None
    assert worst is not None
    assert best > 0.5 > worst
    assert in_lists(rated, "course:web-css") is None
    found = quality(rated)
    assert found is not None
    assert found.value == pytest.approx(0.5 + sum(found.parts.values()), abs=1e-3)
    assert (found.ratings, found.enrolled) == (20, 20)
    assert refresh(rated) == 0
    # Somebody rates: the next look, seconds later, has it.
    rated.does("u0", Signal.RATE, RUST, value=1.0, at=rated.clock.now())
    refresh(rated)
    after = quality(rated)
    assert after is not None
    assert after.value < found.value


def test_an_import_of_the_catalogue_keeps_it(rated: World) -> None:
    before = in_lists(rated)
    with rated.store.write() as uow:
        known = uow.courses.get(rated.community.id, ["rust-start"])["rust-start"]
        uow.courses.upsert(rated.community.id, replace(known, summary="Another summary."))
        uow.commit()
    assert in_lists(rated) == before


def test_consent_taken_back_takes_the_voice_back(rated: World) -> None:
    for number in range(20):
        member = rated.member(f"u{number}")
        rated.change(replace(member, consent=replace(member.consent, granted=frozenset())))
    refresh(rated)
    assert quality(rated) is None
    assert in_lists(rated) is None


def test_a_crowd_of_new_accounts_hardly_moves_it(rated: World) -> None:
    before = quality(rated)
    for number in range(60):
        rated.arrives(f"fake{number}")
        rated.does(f"fake{number}", Signal.ENROL, RUST, at=rated.clock.now())
        rated.does(f"fake{number}", Signal.RATE, RUST, value=1.0, at=rated.clock.now())
    rated.clock.go_on(days=3)
    refresh(rated)
    after = quality(rated)
    assert before is not None
    assert after is not None
    assert 0 < before.value - after.value < 0.05


def test_who_comes_from_an_import_is_known_since_their_first_act(stocked: World) -> None:
    stocked.clock.go_on(days=400)
    stocked.arrives("old")
    stocked.does("old", Signal.CLICK, "course:sql", at=stocked.clock.now() - timedelta(days=300))
    stocked.does("old", Signal.RATE, RUST, value=5.0, at=stocked.clock.now() - timedelta(days=1))
    with stocked.store.read() as uow:
        (act,) = uow.qualities.evidence(stocked.community.id, ["rust-start"])
    assert act.since == stocked.clock.now() - timedelta(days=300)


def test_a_learner_rates_in_chat_and_the_last_word_counts(rated: World) -> None:
    rated.arrives("lin", language="en")
    assert "Thank you: 4 of 5 for “Rust from zero”" in words_of(rated.asks("lin", "rate", "rust-start 4").message)
    assert "2 of 5" in words_of(rated.asks("lin", "rate", "Rust from zero 2 stars").message)
    with rated.store.read() as uow:
        mine = [i for i in uow.interactions.of_member(rated.member("lin").id) if i.signal is Signal.RATE]
    assert [(i.item, i.value) for i in mine] == [(RUST, 2.0)]
    assert "no course called" in words_of(rated.asks("lin", "rate", "nothing of the kind 3").message)
    assert "Which one?" in words_of(rated.asks("lin", "rate", "rust 3").message)
    assert "1 to 5" in words_of(rated.asks("lin", "rate", "rust-start").message)
    rated.arrives("shy", language="en", consent=())
    assert "switched off" in words_of(rated.asks("shy", "rate", "rust-start 5").message)


def test_a_mark_of_an_expert_is_one_a_person_editable_and_audited(rated: World) -> None:
    rated.arrives("mod", language="en")
    rated.change(replace(rated.member("mod"), role=Role.MODERATOR))
    before = quality(rated, "linux")
    assert "expert's mark: 5 of 5" in words_of(rated.asks("mod", "rate", "linux 5 clear and short").message)
    assert "your mark already" in words_of(rated.asks("mod", "rate", "linux 5 clear and short").message)
    refresh(rated)
    after = quality(rated, "linux")
    assert before is not None
    assert after is not None
    assert after.parts["experts"] > 0
    assert after.value > before.value
    rated.asks("mod", "rate", "linux 2 outdated")
    with rated.store.read() as uow:
        marks = [(mark.stars, mark.note) for mark in uow.qualities.marks(rated.community.id)]
        audited = [row.reason for row in uow.audit.all(rated.community.id) if row.action == "course.mark"]
    assert marks == [(2, "outdated")]
    assert audited == ["2 outdated", "5 clear and short"]
    refresh(rated)
    lower = quality(rated, "linux")
    assert lower is not None
    assert lower.value < after.value


def test_an_expert_needs_no_role(rated: World) -> None:
    rated.arrives("eva", language="en")
    with rated.store.write() as uow:
        eva = rated.member("eva").id
        assert uow.qualities.set_expert(rated.community.id, eva, expert=True, by="cli", at=rated.clock.now())
        assert not uow.qualities.set_expert(rated.community.id, eva, expert=True, by="cli", at=rated.clock.now())
        uow.commit()
    assert "expert's mark" in words_of(rated.asks("eva", "rate", "sql 4").message)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("rust-book 4", ("rust-book", 4, "")),
        ("CS50 2023 5/5 great", ("CS50 2023", 5, "great")),
        ("Rust 程序设计语言 4分，第十章较难", ("Rust 程序设计语言", 4, "第十章较难")),
        ("rust-book", None),
        ("4", None),
        ("rust-book 9", None),
        ("", None),
    ],
)
def test_ratings_as_people_write_them(words: str, told: tuple[str, int, str] | None) -> None:
    assert parse_rating(words) == told


def test_the_report_says_what_to_do_and_hides_few(rated: World) -> None:
    start = rated.clock.now() - timedelta(days=100)
    for number in range(12):
        rated.does(f"u{number}", Signal.PROGRESS, RUST, value=0.1 if number < 8 else 0.4, at=start)
    for number in range(6):
        done = Interaction(
            rated.member(f"u{number}").id, ItemId(RUST), Signal.DISMISS, start, f"d{number}", 1.0, "hard"
        )
        with rated.store.write() as uow:
            uow.interactions.add(rated.community.id, done)
            uow.commit()
    for number in range(18):
        rated.does(f"u{number}", Signal.COMPLETE, "course:sql", at=start)
    found = report(rated)
    assert (found.enrolled, found.finished, found.too_hard, found.too_easy) == (20, None, 6, None)
    assert found.stops == (8, None, None, None)
    assert found.advice == (Advice.TOO_HARD, Advice.EARLY)
    assert found.ratings == 20
    # Two did not finish: telling that 18 of 20 did would tell of two.
    assert report(rated, "sql").finished is None
    assert report(rated, "linux").advice == (Advice.LOW,)
    assert report(rated, "web-css").advice == (Advice.UNKNOWN,)
    assert rated.app.report(rated.community.id, "nobody", rated.clock.now()) == []


def test_groups_under_five_are_hidden_also_by_difference() -> None:
    assert [shown(count) for count in (0, 1, 4, 5, 9)] == [None, None, None, 5, 9]
    assert [shown(count, 20) for count in (4, 15, 16, 19, 20)] == [None, 15, None, None, 20]


def test_the_report_in_chat_is_for_staff(rated: World) -> None:
    rated.arrives("lin", language="en")
    assert "Only moderators" in words_of(rated.asks("lin", "report", "Ferris School").message)
    rated.change(replace(rated.member("lin"), role=Role.OWNER))
    said = words_of(rated.asks("lin", "report", "ferris school").message)
    assert "Rust from zero" in said
    assert "Enrolled: 20. Finished: fewer than 5." in said
    assert "from 20 people" in said
    assert "What to do:" in said
    assert "U1" not in said
    assert "Ferris School" in words_of(rated.asks("lin", "report", "whoever").message)
    assert "All authors" in words_of(rated.asks("lin", "report", "all").message)


def test_a_card_tells_the_stars_of_five_people_or_more(rated: World) -> None:
    rated.arrives("lin", language="en")
    (found,) = [c for c in cards(rated.asks("lin", "learn", "rust from zero").message) if c.item == RUST]
    assert "★ 4.4 (20 ratings)" in found.facts
    rated.does("u1", Signal.RATE, "course:web-css", value=1.0, at=rated.clock.now() - timedelta(days=1))
    refresh(rated)
    assert quality(rated, "web-css") is not None
    (few,) = [c for c in cards(rated.asks("lin", "learn", "css layouts").message) if c.item == "course:web-css"]
    assert not any("★" in fact for fact in few.facts)
