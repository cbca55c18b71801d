"""What those who came just before a newcomer began with. Knows arrivals and first items; knows no histories.

Only users who came earlier count, never those who came later: it is what could have been known at the time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from recsys.evaluation.histories import CELLS, Doubles, Floats, Histories, Integers
from recsys.evaluation.scoring import Scorer, Train

_FURTHEST: Final = 10
"""Half-lives after which somebody who came before counts for nothing."""
_SHARE, _MOST, _FEWEST = 0.15, 2_000, 60
"""Of the users by whom a half-life is chosen."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """P(j) = (sum over v who came before u of 2^(-d(u, v) / half_life) [v began with j] + prior p_j) / (sum + prior).

    d: how many came between them; p_j: share of all first items, which is all there is where nobody's arrival is known
    or half_life is inf. Popularity among newcomers with decay, shrunk to the overall one (Dirichlet prior).
    """

    half_life: float = math.inf
    prior: float = 20.0

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"half_life": (math.inf, 3000.0, 1000.0, 300.0, 100.0, 30.0), "prior": (5.0, 20.0, 80.0)}

    def fit(self, train: Train) -> Scorer:
        histories = train.histories
        began = np.flatnonzero(histories.lengths > 0)
        firsts = histories.items[histories.starts[began]]
        counts = np.bincount(firsts, minlength=histories.item_count).astype(np.float64)
        shares = counts / max(len(firsts), 1)
        if histories.arrivals is None or not math.isfinite(self.half_life):
            return _Recent(shares, np.zeros(0), firsts[:0], self.half_life, self.prior)
        came = histories.arrivals[began]
        known = np.flatnonzero(np.isfinite(came))
        order = known[np.argsort(came[known], kind="stable")]
        return _Recent(shares, came[order], firsts[order], self.half_life, self.prior)


def likeliest(inner: Train, people: Histories) -> Cohort:
    """By the mean log-likelihood of the first items of people who are not in `inner`, all of whom took something: a
    half-life is a question of calibration, not of one list."""
    best, figure = Cohort(), -np.inf
    empty = people.where(np.zeros(len(people.items), dtype=np.bool_))
    firsts = people.items[people.starts[:-1]]
    axes = best.axes()
    for half_life in axes["half_life"]:
        for prior in axes["prior"] if np.isfinite(half_life) else (best.prior,):
            model = Cohort(half_life, prior)
            shares = model.fit(inner)(empty)[np.arange(len(firsts)), firsts]
            likelihood = float(np.log(shares + 1e-9).mean())
            if likelihood > figure + 1e-3:
                best, figure = model, likelihood
    return best


def chosen(train: Train) -> Cohort:
    """The same by a part of the users, drawn; as it is where nobody's arrival is known, or there are too few."""
    histories = train.histories
    if histories.arrivals is None:
        return Cohort()
    begun = np.flatnonzero(histories.lengths > 0)
    aside = np.random.default_rng([train.seed, 13]).permutation(begun)
    aside = aside[: min(_MOST, max(8 * CELLS // max(histories.item_count, 1), 1), round(_SHARE * len(begun)))]
    if len(aside) < _FEWEST:
        return Cohort()
    rest = np.ones(len(histories), dtype=np.bool_)
    rest[aside] = False
    inner = Train(histories.where(rest[histories.rows]), train.catalogue, train.seed)
    return likeliest(inner, histories.take(np.sort(aside)))


@dataclass(frozen=True, slots=True)
class _Recent:
    shares: Doubles
    came: Doubles
    firsts: Integers
    half_life: float
    prior: float

    def __call__(self, histories: Histories) -> Floats:
        scores = np.tile(self.shares.astype(np.float32), (len(histories), 1))
        if histories.arrivals is None or not len(self.came):
            return scores
        window = int(_FURTHEST * self.half_life)
        places = np.searchsorted(self.came, histories.arrivals, side="left")
        for row in np.flatnonzero(np.isfinite(histories.arrivals)).tolist():
            stop = int(places[row])
            start = max(0, stop - window)
            weights = np.exp2(-np.arange(stop - start, 0, -1) / self.half_life)
            near = np.bincount(self.firsts[start:stop], weights, histories.item_count)
            scores[row] = (near + self.prior * self.shares) / (weights.sum() + self.prior)
        return scores
