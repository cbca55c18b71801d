"""The engine in step with the store: nothing is missed, and nothing is read when nothing changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.domain.interactions import Signal
from bot.domain.people import Level, Profile
from recsys.types import Declared
from tests.bot.world import World


def test_an_answer_looks_once_when_nothing_changed(stocked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = stocked.app.engine
    engine.refresh()
    looks: list[str] = []
    honest = engine._store.read

    def read() -> Any:
        looks.append("read")
        return honest()

    monkeypatch.setattr(engine._store, "read", read)
    assert engine.refresh() == 0
    assert looks == ["read"]


def counted(world: World, topic: str, item: str) -> int:
    """How many people with this topic chose the item, as the engine knows."""
    world.app.engine.refresh()
    shelf = world.app.engine.shelf
    known = shelf.corpus.get(item)
    assert known is not None
    found = shelf.segments.of(Declared((topic,))).topics
    return found[0][1].of(known.row)[0] if found else 0


def test_people_count_among_those_like_them_as_they_declare_and_allow(stocked: World) -> None:
    lin = stocked.arrives("lin", language="en")
    stocked.does("lin", Signal.ENROL, "course:sql")
    assert counted(stocked, "rust", "course:sql") == 0
    stocked.change(replace(lin, profile=Profile(("rust",), Level.BEGINNER)))
    assert counted(stocked, "rust", "course:sql") == 1
    stocked.change(replace(lin, profile=Profile(("web",))))
    assert counted(stocked, "rust", "course:sql") == 0
    assert counted(stocked, "web", "course:sql") == 1
    # To save is allowed to everybody; to be counted among others takes a consent.
    stocked.does("lin", Signal.SAVE, "course:linux")
    assert counted(stocked, "web", "course:linux") == 1
    stocked.change(replace(stocked.member("lin"), consent=Consent(frozenset())))
    assert counted(stocked, "web", "course:sql") == counted(stocked, "web", "course:linux") == 0
    stocked.change(replace(stocked.member("lin"), consent=Consent(frozenset({ConsentKind.ENROLMENTS}))))
    assert counted(stocked, "web", "course:sql") == 1
    stocked.restart()
    assert counted(stocked, "web", "course:sql") == 1


def test_whatever_changes_is_taken_in_by_the_next_answer(stocked: World) -> None:
    stocked.arrives("lin", language="en")
    engine = stocked.app.engine
    engine.refresh()
    columns = engine.shelf.corpus.view

    def people(item: str) -> int:
        slot = columns().slot(item)
        assert slot is not None
        return int(columns().columns.people[slot])

    before = people("course:sql")
    stocked.does("lin", Signal.SAVE, "course:sql")
    assert engine.refresh() == 1
    assert people("course:sql") == before + 1
    assert engine.refresh() == 0
    stocked.says("lin", "How do I join two tables without losing rows?", "library")
    stocked.index()
    assert engine.refresh() >= 0
    assert engine.refresh() == 0
