"""Popularity and neighbourhoods: what most took, what goes with what one took, what people like one took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from recsys.evaluation.histories import Csr, Floats, Histories, Integers
from recsys.evaluation.scoring import Linear, Scorer, Train, blocks, busiest, dense, gram_block, largest, only


@dataclass(frozen=True, slots=True)
class Popularity:
    """score(j) = sum over the actions on j of 2^(-age / half-life).

    half_life: as a share of the time that the log spans, so that it needs no unit; inf counts everything alike.
    firsts: count only what was anybody's first item, which is what newcomers begin with.
    """

    half_life: float = math.inf
    firsts: bool = False

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"half_life": (math.inf, 0.3, 0.1, 0.03)}

    def fit(self, train: Train) -> Scorer:
        histories = train.histories
        weights = np.ones(len(histories.items))
        span = float(np.ptp(histories.times)) if len(histories.times) else 0.0
        if math.isfinite(self.half_life) and span > 0:
            age = (histories.times.max() - histories.times) / span
            weights = np.exp2(-age / self.half_life)
        if self.firsts:
            weights = weights * (histories.position == 0)
        return _Constant(np.bincount(histories.items, weights, histories.item_count).astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Constant:
    scores: Floats

    def __call__(self, histories: Histories) -> Floats:
        return np.tile(self.scores, (len(histories), 1))


@dataclass(frozen=True, slots=True)
class ItemNeighbours:
    """score(u, j) = sum over i in the faded history of u of w_i s_ij, for i among the `near` items most like j.

    s_ij = n_ij / (sqrt(n_i n_j) + shrink): cosine over users, shrunk (Sarwar et al. 2001; Deshpande & Karypis 2004).
    """

    near: int = 200
    shrink: float = 10.0
    fade: float = 0.7
    max_items: int = 100_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.5, 0.7, 0.85, 1.0), "shrink": (0.0, 10.0, 100.0), "near": (50, 200)}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        taken = only(train.histories, codes).latest().faded(1.0)
        columns = taken.tocsc()
        norms: Floats = np.sqrt(np.asarray(taken.sum(axis=0), dtype=np.float32).ravel())
        parts: list[Csr] = []
        for block in blocks(len(codes)):
            alike = gram_block(columns, taken, block)
            rows = np.repeat(np.arange(block.start, block.stop), np.diff(alike.indptr))
            alike.data /= norms[rows] * norms[alike.indices] + np.float32(self.shrink)
            parts.append(largest(alike, self.near))
            train.tick(block.stop, len(codes))
        # Neighbours were chosen for each target; a history is multiplied from the other side.
        return Linear(_stacked(parts, len(codes)).T.tocsr(), codes, self.fade)


@dataclass(frozen=True, slots=True)
class RandomWalk:
    """RP3beta: three steps user -> item -> user -> item over the bipartite graph, damped by popularity.

    w_ij = (sum over users v of p(v|i)^alpha p(j|v)^alpha) / n_j^beta (Paudel et al. 2017), the `near` largest of each
    i; a history is faded by steps back.
    """

    alpha: float = 1.0
    beta: float = 0.6
    near: int = 200
    fade: float = 0.7
    max_items: int = 100_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.5, 0.7, 0.85, 1.0), "beta": (0.4, 0.6, 0.8), "alpha": (0.8, 1.0, 1.2)}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        taken = only(train.histories, codes).latest().faded(1.0)
        users = np.asarray(taken.sum(axis=1)).ravel()
        items = np.maximum(np.asarray(taken.sum(axis=0)).ravel(), 1).astype(np.float32)
        onward = (sparse.diags(np.power(np.maximum(users, 1), -self.alpha)) @ taken).astype(np.float32).tocsr()
        back = (taken @ sparse.diags(np.power(items, -self.alpha))).astype(np.float32).tocsc()
        damping = np.power(items, -self.beta)
        parts: list[Csr] = []
        for block in blocks(len(codes)):
            walks = gram_block(back, onward, block)
            walks.data *= damping[walks.indices]
            parts.append(largest(walks, self.near))
            train.tick(block.stop, len(codes))
        return Linear(_stacked(parts, len(codes)), codes, self.fade)


def _stacked(parts: list[Csr], count: int) -> Csr:
    return sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix((count, count), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class UserNeighbours:
    """score(u, j) = sum over the `near` users v most like u who took j of sim(u, v).

    sim is the cosine of faded histories (Herlocker et al. 1999; the fade is ours): who lately took the same.
    """

    near: int = 200
    fade: float = 0.8

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.7, 0.85), "near": (100, 300)}

    def fit(self, train: Train) -> UserNeighbourScorer:
        latest = train.histories.latest()
        return UserNeighbourScorer(_unit(latest.faded(self.fade)).T.tocsr(), latest.faded(1.0), self.near, self.fade)


@dataclass(frozen=True, slots=True)
class UserNeighbourScorer:
    """people: unit vectors of the training users as columns, shape (items, users). taken: what they took."""

    people: Csr
    taken: Csr
    near: int
    fade: float

    def __call__(self, histories: Histories) -> Floats:
        return dense(self._nearest(histories) @ self.taken)

    def because(self, history: Integers, item: int, n: int = 3) -> list[tuple[int, float]]:
        """Rows of the training part that took `item`, most alike first, with their part of the score."""
        one = Histories(
            np.asarray([0, len(history)]),
            history,
            np.arange(len(history), dtype=np.float64),
            np.full(len(history), np.nan, dtype=np.float32),
            self.taken.shape[1],
        )
        likeness = self._nearest(one)
        took = np.asarray(self.taken[likeness.indices, item].todense()).ravel() > 0
        found = sorted(
            zip((-likeness.data[took]).tolist(), likeness.indices[took].tolist(), strict=True),
        )
        return [(user, -value) for value, user in found[:n]]

    def _nearest(self, histories: Histories) -> Csr:
        """Likeness to the nearest training users, shape (rows, users)."""
        own = _unit(histories.faded(self.fade))
        starts, columns, values = [0], [], []
        step = 64
        for first in range(0, len(histories), step):
            alike = (own[first : first + step] @ self.people).tocsr()
            for row in range(alike.shape[0]):
                ends = slice(alike.indptr[row], alike.indptr[row + 1])
                who, how = alike.indices[ends], alike.data[ends]
                if len(how) > self.near:
                    nearest = np.argpartition(-how, self.near - 1)[: self.near]
                    who, how = who[nearest], how[nearest]
                starts.append(starts[-1] + len(who))
                columns.append(who)
                values.append(how)
        shape = (len(histories), self.taken.shape[0])
        if not columns:
            return sparse.csr_matrix(shape, dtype=np.float32)
        return sparse.csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape=shape)


def _unit(matrix: Csr) -> Csr:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags(1.0 / np.maximum(norms, 1e-12)) @ matrix).astype(np.float32).tocsr()
