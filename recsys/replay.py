"""What another policy would have earned, told from places that were drawn. Knows logged choices; knows no recommender.

Inverse propensity scoring (Horvitz & Thompson 1952), its self-normalised form (Swaminathan & Joachims 2015) and the
doubly robust estimator (Dudik, Langford & Li 2011) with a reward model by item that is fitted on other users.
Intervals are normal, with variances over users: what one person does twice is not two pieces of evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from recsys.columns import Floats
from recsys.exposed import Integers

Slate = tuple[tuple[str, float, float], ...]
"""What a place was drawn from: item, score and probability each."""
Target = Callable[[Slate], Sequence[float]]
"""The probabilities that a policy gives the items of a slate, in its order."""
NORMAL: Final = 1.959964
_FOLDS: Final = 5
_SHRINK: Final = 5.0
_SUM: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn place: who saw which item, how probable that was, and what it earned.

    `targets`: probabilities that policies computed elsewhere give this item, by their name. ValueError for a propensity
    that is none, or a slate whose probabilities are none.
    """

    user: str
    item: str
    reward: float
    propensity: float
    slate: Slate = ()
    targets: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not 0 < self.propensity <= 1:
            raise ValueError(f"a propensity is above 0 and at most 1, got {self.propensity!r}")
        if not math.isfinite(self.reward):
            raise ValueError(f"a reward is a finite number, got {self.reward!r}")
        if self.slate and abs(math.fsum(chance for _, _, chance in self.slate) - 1) > _SUM:
            raise ValueError("the probabilities of a slate do not sum to 1")
        if self.slate and self.item not in {item for item, _, _ in self.slate}:
            raise ValueError("the item is not one of its slate")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean reward of a place, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One policy on a log. effective: how many places drawn by this policy itself would say as much (Kish 1965).
    largest: the largest weight. ips, snips: None without a place; doubly_robust: None without slates."""

    policy: str
    places: int
    users: int
    effective: float
    largest: float
    ips: Estimate
    snips: Estimate
    doubly_robust: Estimate | None


def uniform(slate: Slate) -> list[float]:
    """Every item with the same probability."""
    return [1 / len(slate)] * len(slate)


def greedy(slate: Slate) -> list[float]:
    """The item of the largest score; items that tie share."""
    best = max(score for _, score, _ in slate)
    at_best = [score == best for _, score, _ in slate]
    return [yes / sum(at_best) for yes in at_best]


def logged(slate: Slate) -> list[float]:
    """As it was drawn."""
    return [chance for _, _, chance in slate]


POLICIES: Final[Mapping[str, Target]] = {"logged": logged, "uniform": uniform, "greedy": greedy}


def naive(places: Sequence[Drawn]) -> Estimate:
    """The mean of what was logged: what the logging policy earned, and no other one."""
    return _mean(np.asarray([place.reward for place in places]), _codes([place.user for place in places]))


def replay(places: Sequence[Drawn], policies: Mapping[str, Target] = POLICIES) -> list[Verdict]:
    """Every policy on the places that have a slate, and every named target on those that have it. ValueError when a
    policy gives something that is no probability."""
    found: list[Verdict] = []
    slated = [place for place in places if place.slate]
    if slated:
        model = _rewards(slated)
        for name, target in policies.items():
            chances = [_checked(name, place, target(place.slate)) for place in slated]
            found.append(_judged(name, slated, chances, model))
    for name in sorted({name for place in places for name in place.targets}):
        aimed = [place for place in places if name in place.targets]
        weights = np.asarray([_probability(name, place.targets[name]) / place.propensity for place in aimed])
        found.append(_verdict(name, aimed, weights, None))
    return found


def _judged(name: str, places: Sequence[Drawn], chances: Sequence[Floats], model: Sequence[Floats]) -> Verdict:
    at = [next(n for n, (item, _, _) in enumerate(place.slate) if item == place.item) for place in places]
    weights = np.asarray([chance[n] / place.propensity for chance, n, place in zip(chances, at, places, strict=True)])
    expected = np.asarray([float(chance @ rewards) for chance, rewards in zip(chances, model, strict=True)])
    errors = np.asarray([place.reward - rewards[n] for place, rewards, n in zip(places, model, at, strict=True)])
    return _verdict(name, places, weights, expected + weights * errors)


def _verdict(name: str, places: Sequence[Drawn], weights: Floats, robust: Floats | None) -> Verdict:
    users = _codes([place.user for place in places])
    rewards = np.asarray([place.reward for place in places])
    total, squares = float(weights.sum()), float(weights @ weights)
    return Verdict(
        policy=name,
        places=len(places),
        users=int(users.max()) + 1,
        effective=total * total / squares if squares > 0 else 0.0,
        largest=float(weights.max()),
        ips=_mean(weights * rewards, users),
        snips=_ratio(weights, rewards, users),
        doubly_robust=None if robust is None else _mean(robust, users),
    )


def _mean(values: Floats, users: Integers) -> Estimate:
    return _ratio(np.ones(len(values)), values, users)


def _ratio(weights: Floats, values: Floats, users: Integers) -> Estimate:
    """Weighted mean; the variance of a ratio by linearisation, over users (Cochran 1977, section 6.3)."""
    total = float(weights.sum())
    if not total > 0:
        return Estimate(math.nan, math.nan, math.nan)
    value = float(weights @ values) / total
    by_user = np.bincount(users, weights=weights * (values - value))
    count = len(by_user)
    if count < 2:
        return Estimate(value, math.nan, math.nan)
    error = math.sqrt(float(by_user @ by_user) * count / (count - 1)) / total
    return Estimate(value, value - NORMAL * error, value + NORMAL * error)


def _rewards(places: Sequence[Drawn]) -> list[Floats]:
    """Expected reward of every item of every slate, told from places of other users: an item's mean, drawn towards the
    mean of all."""
    folds = _codes([place.user for place in places]) % _FOLDS
    items = {item for place in places for item, _, _ in place.slate}
    column = {item: at for at, item in enumerate(sorted(items))}
    earned, often = np.zeros((_FOLDS, len(column))), np.zeros((_FOLDS, len(column)))
    for place, fold in zip(places, folds.tolist(), strict=True):
        earned[fold, column[place.item]] += place.reward
        often[fold, column[place.item]] += 1
    earned, often = earned.sum(axis=0) - earned, often.sum(axis=0) - often
    middle = earned.sum(axis=1, keepdims=True) / np.maximum(often.sum(axis=1, keepdims=True), 1)
    means = (earned + _SHRINK * middle) / (often + _SHRINK)
    return [
        means[fold, [column[item] for item, _, _ in place.slate]]
        for place, fold in zip(places, folds.tolist(), strict=True)
    ]


def _checked(name: str, place: Drawn, chances: Sequence[float]) -> Floats:
    found = np.asarray([_probability(name, chance) for chance in chances])
    if len(found) != len(place.slate) or abs(float(found.sum()) - 1) > _SUM:
        raise ValueError(f"what the policy {name!r} gives a slate is no distribution")
    return found


def _probability(name: str, chance: float) -> float:
    if not 0 <= chance <= 1:
        raise ValueError(f"the policy {name!r} gives {chance!r}, which is no probability")
    return chance


def _codes(words: Iterable[str]) -> Integers:
    code: dict[str, int] = {}
    return np.asarray([code.setdefault(word, len(code)) for word in words], dtype=np.int64)
