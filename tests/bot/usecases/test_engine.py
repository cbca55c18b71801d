"""The engine in step with the store: nothing is missed, and nothing is read when nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.interactions import Signal
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
