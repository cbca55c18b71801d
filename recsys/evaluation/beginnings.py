"""Item-item models of how histories begin: the first steps weigh most. Knows arrays only.

Who took hundreds of items gives hundreds of transitions, and most of them say nothing about second items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from recsys.evaluation.histories import Floats, Histories
from recsys.evaluation.linear import regressed
from recsys.evaluation.scoring import Linear, Model, Scorer, Train, busiest, dense, only


@dataclass(frozen=True, slots=True)
class EarlySequential:
    """score(u) = s_u B with B = (S'DS + ridge I)^-1 S'DT: weighted least squares of each item on the faded past.

    S and T as in `Sequential`; D is diagonal: an action after p others weighs p^-early.
    """

    ridge: float = 30.0
    fade: float = 0.6
    early: float = 1.0
    steps: int = 10
    max_items: int = 10_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.4, 0.6, 0.8), "early": (0.5, 1.0), "ridge": (10.0, 30.0, 100.0)}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        histories = only(train.histories, codes).latest()
        position = histories.position
        follows = np.flatnonzero(position >= 1)
        row = np.full(len(position), -1, dtype=np.int64)
        row[follows] = np.arange(len(follows))
        # Both sides carry the root of the weight, so that products carry the weight.
        root = np.power(np.maximum(position, 1), -self.early / 2).astype(np.float32)
        rows, columns, values = [], [], []
        for step in range(1, self.steps + 1):
            later = np.flatnonzero(position >= step)
            rows.append(row[later])
            columns.append(histories.items[later - step])
            values.append(root[later] * np.float32(self.fade ** (step - 1)))
        shape = (len(follows), len(codes))
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        pasts = sparse.csr_matrix(entries, shape=shape)
        nexts = sparse.csr_matrix((root[follows], (np.arange(len(follows)), histories.items[follows])), shape=shape)
        return Linear(regressed(pasts, nexts, self.ridge, train), codes, self.fade)


@dataclass(frozen=True, slots=True)
class Early:
    """Any model, trained on the first `count` items of everybody."""

    model: Model
    count: int = 8

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {}

    def fit(self, train: Train) -> Scorer:
        histories = train.histories
        return self.model.fit(replace(train, histories=histories.where(histories.position < self.count)))


@dataclass(frozen=True, slots=True)
class Moves:
    """score(u, j) = n_ij / (n_i + shrink), i the last item of u: how often j came right after i among first steps.

    n_ij counts only steps within the first `count` items: the maximum likelihood of a Markov chain, shrunk to 0.
    """

    shrink: float = 5.0
    count: int = 9

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"shrink": (1.0, 5.0, 20.0)}

    def fit(self, train: Train) -> Scorer:
        histories = train.histories
        position = histories.position
        at = np.flatnonzero((position >= 1) & (position < self.count))
        ones = np.ones(len(at), dtype=np.float32)
        shape = (histories.item_count, histories.item_count)
        moves = sparse.csr_matrix((ones, (histories.items[at - 1], histories.items[at])), shape=shape)
        totals = np.asarray(moves.sum(axis=1)).ravel()
        return _Onward((sparse.diags(1.0 / (totals + self.shrink)) @ moves).astype(np.float32).tocsr())


@dataclass(frozen=True, slots=True)
class _Onward:
    moves: Any

    def __call__(self, histories: Histories) -> Floats:
        return dense(histories.latest(1).faded(1.0) @ self.moves)
