"""The mix of what is suggested, in figures that a few places make plain."""

from __future__ import annotations

import pytest

from recsys.health import Placed, Stocked, health

DAY = 86_400.0
NOW = 100 * DAY
STOCK = [Stocked(f"course:{n}", "course", f"school-{n % 3}", 50 - n) for n in range(8)] + [
    Stocked("post:1", "post", "", 0),
    Stocked("post:2", "post", "", 1),
]


def places(*told: tuple[str, float], policy: str = "main") -> list[Placed]:
    return [Placed(item, NOW - days * DAY, policy) for item, days in told]


def test_every_figure() -> None:
    shown = places(("course:0", 1), ("course:0", 2), ("course:3", 3), ("gone", 1))
    shown += places(("post:1", 2), policy="explore")
    found = health(STOCK, shown, now=NOW)
    assert (found.places, found.catalogue) == (4, 10)
    assert found.coverage == pytest.approx(0.3)
    assert found.popular == pytest.approx(0.5)
    assert (found.author, found.top_author) == ("school-0", 0.75)
    assert (found.cold, found.cold_reach) == (0.25, 0.5)
    assert found.explored == 0.25
    assert found.kinds == {"course": 0.75, "post": 0.25}
    assert (found.drift, found.turnover) == (None, None)


def test_this_week_against_the_one_before() -> None:
    before = places(*((f"course:{n}", 8.0) for n in range(4)))
    now = places(("course:0", 1.0), ("course:1", 1.0), ("post:1", 1.0), ("post:2", 1.0))
    found = health(STOCK, [*before, *now], now=NOW)
    assert found.drift == pytest.approx(0.5)
    assert found.turnover == pytest.approx(0.5)
    still = health(STOCK, [*before, *places(*((f"course:{n}", 1.0) for n in range(4)))], now=NOW)
    assert (still.drift, still.turnover) == (0.0, 0.0)


def test_nothing_shown_and_nothing_there() -> None:
    assert health([], [], now=NOW).coverage == 0.0
    assert health(STOCK, [], now=NOW).kinds == {}
