"""Counts of what was shown lately: who is crowded, who had enough chances, and how fresh the counts are."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import ItemId
from bot.usecases.traffic import CROWD_FROM, RECOUNT, TRIED_FROM, CountTraffic
from tests.bot.reading import items
from tests.bot.world import World


def show(world: World, item: str, people: int, *, hours_ago: float = 1, policy: str = "main") -> None:
    rows = [
        Exposure(
            world.member(f"m{n}").id, ItemId(item), 1, 0.5, (), policy, "foryou",
            world.clock.now() - timedelta(hours=hours_ago), f"{item}-{n}-{hours_ago}-{policy}",
        )
        for n in range(people)
    ]  # fmt: skip
    with world.store.write() as uow:
        uow.exposures.add(world.community.id, rows)
        uow.commit()


def people(world: World, count: int) -> None:
    for n in range(count):
        world.arrives(f"m{n}", language="en")


def test_what_many_met_today_is_crowded_and_comes_last(stocked: World) -> None:
    people(stocked, CROWD_FROM + 2)
    count = CountTraffic(stocked.store, stocked.community.id)
    show(stocked, "course:web-css", CROWD_FROM - 1)
    show(stocked, "course:linux", CROWD_FROM + 2, hours_ago=30)
    assert count(stocked.clock.now()).crowded == frozenset()
    show(stocked, "course:sql", CROWD_FROM + 2)
    fresh = CountTraffic(stocked.store, stocked.community.id)
    assert fresh(stocked.clock.now()).crowded == {"course:sql"}
    stocked.restart()
    stocked.arrives("lin", language="en")
    everything = stocked.everything_for("lin")
    assert everything.index("course:sql") > 5


def test_what_took_its_share_of_the_drawn_places_is_drawn_no_more(stocked: World) -> None:
    people(stocked, TRIED_FROM)
    show(stocked, "course:sql", TRIED_FROM, policy="explore", hours_ago=50)
    show(stocked, "course:linux", TRIED_FROM - 1, policy="explore", hours_ago=50)
    counted = CountTraffic(stocked.store, stocked.community.id)(stocked.clock.now())
    assert counted.tried == {"course:sql"}
    assert counted.crowded == frozenset()


def test_trials_are_shown_and_pressed(stocked: World) -> None:
    people(stocked, 3)
    show(stocked, "course:sql", 3)
    member = stocked.member("m0").id
    saved = Interaction(member, ItemId("course:sql"), Signal.SAVE, stocked.clock.now(), "press:x:save")
    with stocked.store.write() as uow:
        uow.interactions.add(stocked.community.id, saved)
        uow.commit()
    counted = CountTraffic(stocked.store, stocked.community.id)(stocked.clock.now())
    assert counted.trials == {"course:sql": (3, 1)}


def test_nobody_waits_for_counts_and_they_are_a_minute_old_at_most(stocked: World) -> None:
    people(stocked, 1)
    time = [100.0]
    count = CountTraffic(stocked.store, stocked.community.id, monotonic=lambda: time[0])
    assert count(stocked.clock.now()).trials == {}
    show(stocked, "course:sql", 1)
    assert count(stocked.clock.now()).trials == {}
    time[0] += RECOUNT
    assert count(stocked.clock.now()).trials == {"course:sql": (1, 0)}
    assert items(stocked.asks("m0", "foryou").message)
