"""The additive score: every part that mattered is a reason. Knows parts and weights; knows no sources by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from recsys.bandit import Odds
from recsys.candidates.decided import BOOST
from recsys.candidates.source import Scorer
from recsys.columns import Floats, Slots
from recsys.ranklearning import LearntRanking
from recsys.request import Names, Request
from recsys.types import Candidate, Query, Reason

CATALOGUE: Final = "catalogue"
"""The reason of an item that nothing speaks for or against: it is simply there."""
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Weight:
    """What a part weighs for a newcomer (`cold`) and for somebody with a history (`warm`)."""

    cold: float
    warm: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cold) and math.isfinite(self.warm)):
            raise ValueError(f"a weight must be a finite number, got {self!r}")

    def at(self, positives: int, half: float) -> float:
        """The weight after so many liked items: half-way from cold to warm at `half` of them."""
        return self.warm + (self.cold - self.warm) * math.exp2(-positives / half)


DEFAULT_WEIGHTS: Final[Mapping[str, Weight]] = MappingProxyType(
    {
        "semantic": Weight(0.35, 0.35),
        "collaborative": Weight(0.55, 0.55),
        # On the scale of `collaborative`, for what that one does not know: an item has one of the two.
        "mapped": Weight(0.55, 0.55),
        "declared": Weight(0.45, 0.15),
        "popular": Weight(0.25, 0.05),
        # Of people like a newcomer: what somebody did soon tells more.
        "among": Weight(0.35, 0.0),
        "fresh": Weight(0.10, 0.08),
        "social": Weight(0.12, 0.12),
        # Shares of one value, so they weigh the same.
        "lively": Weight(0.30, 0.30),
        "rooms": Weight(0.30, 0.30),
        "company": Weight(0.30, 0.30),
        "rhythm": Weight(0.30, 0.30),
        "upcoming": Weight(0.15, 0.15),
        "path": Weight(0.15, 0.15),
        "quality": Weight(0.08, 0.08),
        "level": Weight(0.08, 0.08),
        "hours": Weight(0.04, 0.04),
        "language": Weight(0.12, 0.12),
        "dismissed": Weight(-0.40, -0.40),
        "repeat": Weight(-0.30, -0.30),
        "uptake": Weight(1.0, 1.0),
        "boost": Weight(1.0, 1.0),
    }
)
NOT_LEARNT: Final = frozenset({"uptake", "boost"})
"""Parts whose values are already on the scale of the score: they come out of the learning, or of
somebody's decision, and do not go into it."""


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """`weights` by name of the part. `half`: liked items after which a weight is half-way from cold to warm.

    `learnt`: what was learnt from exposures; its multipliers change the weights, its kinds are a part of their own.
    """

    weights: Mapping[str, Weight] = field(default_factory=lambda: DEFAULT_WEIGHTS, hash=False)
    half: float = 2.0
    learnt: LearntRanking | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if not self.half > 0:
            raise ValueError(f"half must be above 0, got {self.half!r}")

    def weight(self, name: str, request: Request) -> float:
        """0 for a part that the user muted or that nobody weighs."""
        weight = self.weights.get(name)
        if weight is None or name in request.query.declared.muted:
            return 0.0
        return weight.at(request.positives, self.half) * self.multiplier(name)

    @property
    def learnable(self) -> frozenset[str]:
        """The parts whose weights exposures may change."""
        return frozenset(self.weights) - NOT_LEARNT

    def multiplier(self, name: str) -> float:
        """What learning made of the weight set by hand."""
        if self.learnt is None or name in NOT_LEARNT:
            return 1.0
        return self.learnt.multipliers.get(name, 1.0)

    @property
    def odds(self) -> Odds:
        """Log-odds of a positive action by score: learnt, or a guess."""
        return Odds() if self.learnt is None else Odds(self.learnt.intercept, self.learnt.slope)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates best first, ties by id. totals: their scores. parts: what these are the sums of, already weighted, of
    the candidates as they came: parts[:, places[at]] are those of one, shape (parts,)."""

    request: Request
    scorers: tuple[Scorer, ...]
    slots: Slots
    items: Names
    parts: Floats
    places: Slots
    totals: Floats
    config: RankingConfig

    def probability(self, at: int) -> float | None:
        """Of a positive action by who looks; told from the score without what people decided to add."""
        if self.config.learnt is None:
            return None
        parts = self.parts[:, self.places[at]].tolist()
        decided = sum(part for scorer, part in zip(self.scorers, parts, strict=True) if scorer.name == BOOST)
        return self.config.learnt.probability(float(self.totals[at]) - decided)

    def reasons(self, chosen: Sequence[int]) -> list[tuple[Reason, ...]]:
        """Of each of some candidates the parts that are not 0, largest effect first."""
        places = np.asarray(chosen, dtype=np.int64)
        slots, parts = self.slots[places], self.parts[:, self.places[places]]
        found: list[list[Reason]] = [[] for _ in chosen]
        for row in np.flatnonzero(parts.any(axis=1)).tolist():
            name, multiplier = self.scorers[row].name, self.config.multiplier(self.scorers[row].name)
            told = parts[row].nonzero()[0]
            evidence = self.scorers[row].evidence(self.request, slots[told])
            for at, value, why in zip(told.tolist(), parts[row, told].tolist(), evidence, strict=True):
                found[at].append(Reason(name, value, why, None if multiplier == 1.0 else value / multiplier))
        return [tuple(sorted(reasons, key=_by_effect)) or (Reason(CATALOGUE, 0.0),) for reasons in found]


@dataclass(frozen=True, slots=True)
class AdditiveRanker:
    """score = sum of weight x value over the parts. Each value is on a fixed scale, so a score does not depend on the
    other candidates."""

    scorers: tuple[Scorer, ...]
    prepare: Callable[[Query], Request]
    config: RankingConfig = field(default_factory=RankingConfig)
    _by_positives: dict[int, list[float]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What the scorers weigh where nothing is muted: a list for each number of liked items, HISTORY_CAP at most."""

    def __call__(
        self, query: Query, candidates: Mapping[str, Sequence[Candidate]]
    ) -> list[tuple[str, tuple[Reason, ...]]]:
        """Candidates that the corpus does not know are left out."""
        request = self.prepare(query)
        ranked = self.rank(request, request.view.slots(candidates))
        return list(zip(ranked.items, ranked.reasons(range(len(ranked.items))), strict=True))

    def weights(self, request: Request) -> Sequence[float]:
        """What each of the scorers weighs here, in their order."""
        if request.query.declared.muted:
            return request.once("weights", lambda: self._weights(request))
        known = self._by_positives.get(request.positives)
        if known is None:
            known = self._by_positives[request.positives] = self._weights(request)
        return known

    def _weights(self, request: Request) -> list[float]:
        return [self.config.weight(scorer.name, request) for scorer in self.scorers]

    def rank(self, request: Request, slots: Slots) -> Ranked:
        """Score and order different slots."""
        parts = np.zeros((len(self.scorers), len(slots)))
        for row, (scorer, weight) in enumerate(zip(self.scorers, self.weights(request), strict=True)):
            if weight != 0.0 and len(slots):
                np.multiply(scorer.values(request, slots), weight, out=parts[row])
        totals = parts.sum(axis=0)
        if not np.isfinite(totals).all():
            totals = np.nan_to_num(parts, copy=False).sum(axis=0)
        order = _in_order(request, slots, totals)
        slots = slots[order]
        return Ranked(
            request=request,
            scorers=self.scorers,
            slots=slots,
            items=Names(request, slots),
            parts=parts,
            places=order,
            totals=totals[order],
            config=self.config,
        )


def _by_effect(reason: Reason) -> tuple[float, str]:
    return -abs(reason.value), reason.source


def _in_order(request: Request, slots: Slots, totals: Floats) -> Slots:
    """Places of the slots, largest total first, ties by id."""
    # Sums differ in their last bits from one order of summing to another: only what is beyond that decides.
    rounded = totals.round(_DIGITS)
    order = (-rounded).argsort()
    ordered = rounded[order]
    same = (ordered[1:] == ordered[:-1]).nonzero()[0]
    if len(same):
        # Runs of equals: where one ends and the next begins there is a gap between the neighbours that are the same.
        items = request.view.items
        ends = np.flatnonzero(np.diff(same) > 1)
        starts = np.concatenate([same[:1], same[ends + 1]])
        for first, last in zip(starts.tolist(), np.concatenate([same[ends], same[-1:]]).tolist(), strict=True):
            run = slice(first, last + 2)
            order[run] = sorted(order[run].tolist(), key=lambda at: items[int(slots[at])].id)
    return order
