"""What was shown, and what followed, becomes weights: consented, attributed, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Exposure, Interaction, ScorePart, Signal
from bot.domain.items import ItemId
from bot.usecases.weighing import FOLLOWS, LearnRanking, answered, last_ranking
from recsys.rankfile import NAME
from tests.bot.world import CATALOGUE, World
from tests.fakes.clock import START

SHOWN = Exposure(
    7, ItemId("course:sql"), 1, 0.5, (ScorePart("popular", 0.1, plain=0.2),), "main", "foryou", START, "e1"
)


def followed(signal: Signal, after: timedelta, key: str = "elsewhere", member: int = 7) -> Interaction:
    return Interaction(member, SHOWN.item, signal, START + after, key)


def clicks(shown: Sequence[Exposure], *actions: Interaction) -> list[tuple[bool, bool]]:
    return [(row.clicked, row.dismissed) for row in answered(shown, actions)]


def test_a_press_names_its_exposure() -> None:
    later = replace(SHOWN, key="e2", at=START + timedelta(hours=1))
    pressed = followed(Signal.SAVE, timedelta(hours=2), "press:e1:save")
    assert clicks([SHOWN, later], pressed) == [(True, False), (False, False)]
    away = followed(Signal.DISMISS, timedelta(hours=2), "press:e2:dismiss")
    assert clicks([SHOWN, later], away) == [(False, False), (False, True)]


def test_another_action_belongs_to_the_last_exposure_before_it() -> None:
    later = replace(SHOWN, key="e2", at=START + timedelta(hours=1))
    assert clicks([SHOWN, later], followed(Signal.ENROL, timedelta(hours=2))) == [(False, False), (True, False)]
    assert clicks([SHOWN, later], followed(Signal.ENROL, timedelta(minutes=5))) == [(True, False), (False, False)]
    for no_answer in (
        followed(Signal.ENROL, -timedelta(hours=1)),
        followed(Signal.ENROL, FOLLOWS + timedelta(hours=2)),
        followed(Signal.ENROL, timedelta(hours=2), member=8),
    ):
        assert clicks([SHOWN, later], no_answer) == [(False, False), (False, False)]


def test_only_suggested_lists_that_are_ripe() -> None:
    rows = [SHOWN, replace(SHOWN, key="e2", surface="learn"), replace(SHOWN, key="e3", at=START + timedelta(days=2))]
    (row,) = answered(rows, [], until=START)
    assert (row.user, row.item, row.kind, row.rank) == ("member:7", "course:sql", "course", 1)
    assert row.parts == {"popular": 0.2}


@pytest.fixture
def busy(stocked: World) -> World:
    """Twelve members who enrol in whatever their list says is new to everybody, and in nothing else."""
    for n in range(12):
        stocked.arrives(f"m{n}", language="en")
    return stocked


def lists(world: World, days: int) -> None:
    fresh = {f"course:{course.id}" for course in CATALOGUE if "rust" in course.tags}
    for day in range(days):
        for n in range(12):
            member = world.member(f"m{n}")
            exposures = [
                Exposure(member.id, ItemId(f"course:{course.id}"), rank, 0.3, (
                    ScorePart("quality" if f"course:{course.id}" in fresh else "level", 0.3),),
                    "main", "foryou", world.clock.now(), f"x{day}-{n}-{rank}")
                for rank, course in enumerate(CATALOGUE[(n + day) % 6:][:5], 1)
            ]  # fmt: skip
            with world.store.write() as uow:
                uow.exposures.add(world.community.id, exposures)
                uow.commit()
            for exposure in exposures:
                if exposure.item in fresh and (day + exposure.rank) % 2:
                    world.does(f"m{n}", Signal.SAVE, exposure.item)
        world.clock.go_on(days=1)


def learn(world: World) -> LearnRanking:
    return world.app.learn_ranking


def test_weights_are_learnt_published_and_survive_a_restart(busy: World) -> None:
    lists(busy, 16)
    busy.clock.go_on(days=2)
    found = learn(busy)(busy.community.id)
    assert found.published
    assert found.ranking is not None
    assert found.ranking.multipliers["quality"] > 1.2 * found.ranking.multipliers["level"]
    assert busy.app.engine.ranking.learnt == found.ranking
    busy.restart()
    assert busy.app.engine.ranking.learnt == found.ranking


def test_nothing_is_learnt_from_whoever_does_not_allow_it(busy: World) -> None:
    lists(busy, 10)
    busy.clock.go_on(days=2)
    for n in range(12):
        member = busy.member(f"m{n}")
        busy.change(replace(member, consent=replace(member.consent, granted=frozenset({ConsentKind.REACTIONS}))))
    found = learn(busy)(busy.community.id)
    assert not found.published
    assert "0 lists" in found.note
    assert busy.app.engine.ranking.learnt is None


def test_damaged_weights_are_left_out(tmp_path: Path) -> None:
    assert last_ranking(tmp_path) is None
    (tmp_path / NAME).write_text('{"format": 1}')
    assert last_ranking(tmp_path) is None
