"""Estimators judged in simulated logs where the value of every policy is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from recsys.bandit import chances
from recsys.replay import POLICIES, Drawn, Estimate, Slate, greedy, naive, replay, uniform

WORTH = {f"i{n}": 0.05 + 0.08 * n for n in range(8)}
SCORES = {item: 1 - worth for item, worth in WORTH.items()}
"""The scores have it the wrong way round: the logging policy prefers what earns little."""


def true_value(target: Callable[[Slate], list[float]], slate: Slate) -> float:
    return math.fsum(chance * WORTH[item] for chance, (item, _, _) in zip(target(slate), slate, strict=True))


def slate_of(items: list[str]) -> Slate:
    scores = np.asarray([SCORES[item] for item in items])
    chance = chances(scores, np.full(len(items), 0.25))
    return tuple(zip(items, scores.tolist(), chance.tolist(), strict=True))


def simulated(seed: int, places: int = 900, users: int = 150) -> tuple[list[Drawn], Slate]:
    rng = np.random.default_rng(seed)
    slate = slate_of(list(WORTH))
    drawn = rng.choice(len(slate), places, p=[chance for _, _, chance in slate])
    rewards = rng.random(places) < [WORTH[slate[at][0]] for at in drawn]
    return [
        Drawn(f"u{n % users}", slate[at][0], float(reward), slate[at][2], slate, {"last": float(at == 7)})
        for n, (at, reward) in enumerate(zip(drawn.tolist(), rewards.tolist(), strict=True))
    ], slate


def covers(estimate: Estimate, value: float) -> bool:
    return estimate.low <= value <= estimate.high


def test_the_intervals_cover_the_true_value_and_the_naive_mean_does_not() -> None:
    covered = dict.fromkeys(("ips", "snips", "doubly_robust", "naive"), 0)
    for seed in range(60):
        places, slate = simulated(seed)
        value = true_value(uniform, slate)
        verdict = next(one for one in replay(places) if one.policy == "uniform")
        assert verdict.doubly_robust is not None
        covered["ips"] += covers(verdict.ips, value)
        covered["snips"] += covers(verdict.snips, value)
        covered["doubly_robust"] += covers(verdict.doubly_robust, value)
        covered["naive"] += covers(naive(places), value)
    assert min(covered["ips"], covered["snips"], covered["doubly_robust"]) >= 52
    assert covered["naive"] <= 6


def test_estimates_are_unbiased_and_the_others_are_tighter() -> None:
    found = {"ips": [], "snips": [], "doubly_robust": []}  # type: ignore[var-annotated]
    slate = slate_of(list(WORTH))
    for seed in range(120):
        verdict = next(one for one in replay(simulated(seed, 400)[0]) if one.policy == "greedy")
        for name, values in found.items():
            values.append(getattr(verdict, name).value)
    value = true_value(greedy, slate)
    for values in found.values():
        assert np.mean(values) == pytest.approx(value, abs=4 * np.std(values) / math.sqrt(120) + 0.002)


def test_the_logging_policy_replays_to_its_own_mean() -> None:
    places, _ = simulated(1)
    verdict = next(one for one in replay(places) if one.policy == "logged")
    assert verdict.snips == naive(places)
    assert verdict.ips == naive(places)
    assert verdict.effective == pytest.approx(len(places))
    assert verdict.largest == pytest.approx(1.0)


def test_how_much_a_log_says_about_a_policy_is_told() -> None:
    places, _ = simulated(2)
    by_name = {one.policy: one for one in replay(places)}
    assert set(by_name) == {*POLICIES, "last"}
    assert by_name["last"].effective < by_name["uniform"].effective < by_name["logged"].effective
    assert by_name["last"].largest > by_name["uniform"].largest
    assert by_name["last"].doubly_robust is None
    assert covers(by_name["last"].snips, WORTH["i7"])
    assert (by_name["uniform"].places, by_name["uniform"].users) == (900, 150)


def test_one_persons_habits_are_not_much_evidence() -> None:
    """The same log, once of many people and once of three."""
    places, _ = simulated(3)
    few = [
        Drawn(f"u{int(place.reward) + n % 2}", place.item, place.reward, place.propensity, place.slate)
        for n, place in enumerate(places)
    ]
    many, alone = (next(one for one in replay(log) if one.policy == "uniform").ips for log in (places, few))
    assert alone.high - alone.low > 2 * (many.high - many.low)
    assert many.value == pytest.approx(alone.value)


def test_nonsense_is_refused() -> None:
    slate: Slate = (("a", 0.5, 0.5), ("b", 0.1, 0.5))
    place = Drawn("u", "a", 1.0, 0.5, slate)
    assert replay([]) == []
    assert math.isnan(replay([place])[0].ips.low)
    for wrong in ({"propensity": 0.0}, {"propensity": 1.5}, {"reward": math.nan}, {"item": "c"}, {"slate": slate[:1]}):
        with pytest.raises(ValueError, match=r"propensity|reward|slate"):
            Drawn(**({"user": "u", "item": "a", "reward": 1.0, "propensity": 0.5, "slate": slate} | wrong))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no distribution"):
        replay([place], {"odd": lambda slate: [0.5, 0.2]})
    with pytest.raises(ValueError, match="no probability"):
        replay([Drawn("u", "a", 1.0, 0.5, targets={"odd": 2.0})])


def test_greedy_shares_ties() -> None:
    assert greedy((("a", 0.5, 0.2), ("b", 0.5, 0.2), ("c", 0.1, 0.6))) == [0.5, 0.5, 0.0]
