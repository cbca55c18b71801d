"""Personas in chat: for moderators only, of those who consent only, and never of a few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.domain.interactions import Signal
from bot.domain.people import Level, Profile
from bot.domain.permissions import Role
from bot.usecases.personas import personas_document
from bot.wording import Wording
from tests.bot.reading import words_of
from tests.bot.world import World

ALLOWED = frozenset({ConsentKind.ENROLMENTS})


def joined(world: World, who: str, *topics: str, consent: frozenset[ConsentKind] = ALLOWED) -> None:
    member = world.arrives(who, language="en", consent=consent)
    world.change(replace(member, profile=Profile(topics=topics, level=Level.BEGINNER)))


@pytest.fixture
def crowd(stocked: World) -> World:
    for n in range(7):
        joined(stocked, f"r{n}", "rust", "async")
        stocked.does(f"r{n}", Signal.ENROL, "course:rust-start")
        joined(stocked, f"p{n}", "python", "data")
    staff = stocked.arrives("mod", language="en", consent=())
    stocked.change(replace(staff, role=Role.MODERATOR))
    return stocked


def asked(crowd: World) -> str:
    """As the running program answers: at once with a promise, and soon after with the groups."""
    first = words_of(crowd.asks("mod", "personas").message)
    if "being worked out" not in first:
        return first
    assert crowd.app.kept_personas.work(crowd.community, crowd.clock.now())
    return words_of(crowd.asks("mod", "personas").message)


def test_moderators_read_groups_with_names_and_needs(crowd: World) -> None:
    with crowd.store.write() as uow:
        uow.demand.add(crowd.community.id, None, "learn", "embedded rust", 0.1, crowd.clock.now())
        uow.commit()
    text = asked(crowd)
    assert "7 members" in text
    assert "Rust" in text
    assert "Python" in text
    assert "“embedded rust”" in text
    assert "“Rust from zero”" in text
    assert not any(crowd.member(who).name in text for who in ("r0", "p3"))


def test_nobody_else_reads_them(crowd: World) -> None:
    assert "Only moderators" in words_of(crowd.asks("r0", "personas").message)


def test_without_consent_one_is_in_no_group_and_changes_nothing(crowd: World) -> None:
    before = asked(crowd)
    for n in range(6):
        joined(crowd, f"x{n}", "web", "css", consent=frozenset({ConsentKind.MATCHING}))
        crowd.does(f"x{n}", Signal.SAVE, "course:web-css")
    assert asked(crowd) == before


def test_who_takes_the_consent_back_is_gone_at_once_and_no_work_is_done_unasked(crowd: World) -> None:
    assert not crowd.app.kept_personas.work(crowd.community, crowd.clock.now())
    assert "7 members" in asked(crowd)
    assert "7 members" in words_of(crowd.asks("mod", "personas").message)
    crowd.change(replace(crowd.member("r0"), consent=Consent(frozenset())))
    assert "being worked out" in words_of(crowd.asks("mod", "personas").message)
    assert "6 members" in asked(crowd)


def test_no_number_below_five_can_be_worked_out(crowd: World) -> None:
    for n in range(3):
        joined(crowd, f"w{n}", "web", "css")
    found = crowd.app.personas(crowd.community, crowd.clock.now())
    document = personas_document(found)
    sizes = [len(told.persona.members) for told in found.told]
    assert all(size >= 5 for size in sizes)
    if 0 < found.personas.left_out < 5:
        assert document["members"] is None


def test_they_have_names_in_both_languages(crowd: World) -> None:
    personas = personas_document(crowd.app.personas(crowd.community, crowd.clock.now()))["personas"]
    assert isinstance(personas, list)
    for persona in personas:
        assert set(persona["name"]) == {"en", "zh"}
        assert Wording("zh").say("level-beginner") in persona["name"]["zh"]
