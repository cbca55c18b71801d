"""Popularity among people of one kind: K-means over histories. Knows arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from recsys.evaluation.factors import right_factors
from recsys.evaluation.histories import Floats, Histories, Integers
from recsys.evaluation.scoring import Scorer, Train, dense


@dataclass(frozen=True, slots=True)
class Personas:
    """score(u, j) = (n_cj + prior p_j) / (n_c + prior): the share of persona c of u who took j, shrunk to that of all.

    Personas are the clusters of K-means (Lloyd 1982, seeded by k-means++, Arthur & Vassilvitskii 2007) over unit
    vectors of faded histories in the space of their leading singular vectors.
    """

    clusters: int = 60
    rank: int = 32
    fade: float = 0.8
    rounds: int = 15
    prior: float = 20.0

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"clusters": (30, 100, 300)}

    def fit(self, train: Train) -> Scorer:
        histories = train.histories.latest()
        faded = histories.faded(self.fade)
        factors = right_factors(faded, self.rank, train.seed)
        points = _unit(dense(faded @ factors))
        centres = _seeds(points, min(self.clusters, max(len(points), 1)), np.random.default_rng([train.seed, 5]))
        for done in range(self.rounds):
            belongs = nearest(points, centres)
            chosen = sparse.csr_matrix(
                (np.ones(len(points), dtype=np.float32), (belongs, np.arange(len(points)))),
                shape=(len(centres), len(points)),
            )
            sizes = np.asarray(chosen.sum(axis=1)).ravel()
            moved = dense(chosen @ points) / np.maximum(sizes, 1)[:, None]
            # A cluster that lost everybody stays where it is.
            centres = np.where(sizes[:, None] > 0, moved, centres).astype(np.float32)
            train.tick(done + 1, self.rounds)
        belongs = nearest(points, centres)
        sizes = np.bincount(belongs, minlength=len(centres))
        keys = belongs[histories.rows] * np.int64(histories.item_count) + histories.items
        counts = np.bincount(keys, minlength=len(centres) * histories.item_count).reshape(len(centres), -1)
        overall = histories.users_of_items() / max(len(histories), 1)
        shares = (counts + self.prior * overall) / (sizes + self.prior)[:, None]
        return PersonaScorer(factors, centres, shares.astype(np.float32), self.fade)


@dataclass(frozen=True, slots=True)
class PersonaScorer:
    """shares: shape (personas, items)."""

    factors: Floats
    centres: Floats
    shares: Floats
    fade: float

    def __call__(self, histories: Histories) -> Floats:
        return np.asarray(self.shares[self.personas(histories)])

    def personas(self, histories: Histories) -> Integers:
        """Which persona each user is, shape (rows,)."""
        return nearest(_unit(dense(histories.faded(self.fade) @ self.factors)), self.centres)


def nearest(points: Floats, centres: Floats) -> Integers:
    """The nearest centre of each point; ties to the first."""
    distances = (centres**2).sum(axis=1) - 2 * (points @ centres.T)
    return np.asarray(distances.argmin(axis=1), dtype=np.int64)


def _unit(points: Floats) -> Floats:
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _seeds(points: Floats, count: int, rng: np.random.Generator) -> Floats:
    """k-means++: each next centre is a point drawn with probability in its squared distance to the nearest so far."""
    if not len(points):
        return np.zeros((1, points.shape[1]), dtype=np.float32)
    found = [int(rng.integers(len(points)))]
    far = ((points - points[found[0]]) ** 2).sum(axis=1).astype(np.float64)
    while len(found) < count and far.sum() > 0:
        found.append(int(rng.choice(len(points), p=far / far.sum())))
        far = np.minimum(far, ((points - points[found[-1]]) ** 2).sum(axis=1))
    return points[found].copy()
