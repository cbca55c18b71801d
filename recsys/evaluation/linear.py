"""Closed-form linear item-item models: EASE on faded histories, and a sequential one. Knows arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Csr, Floats
from recsys.evaluation.scoring import Linear, Scorer, Train, blocks, busiest, dense, only


@dataclass(frozen=True, slots=True)
class Ease:
    """score(u) = x_u B with B = I - P / diag(P), P = (X'X + ridge I)^-1 (Steck 2019, arXiv 1905.03375).

    Rows of X, and x_u, are histories whose entries weigh fade^(steps back), which is ours; fade 1 is EASE itself.
    """

    ridge: float = 50.0
    fade: float = 0.7
    max_items: int = 10_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.6, 0.75, 0.9, 1.0), "ridge": (10.0, 50.0, 250.0)}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        faded = only(train.histories, codes).faded(self.fade)
        weights = inverse(gram(faded, train), self.ridge)
        weights /= -weights.diagonal()
        np.fill_diagonal(weights, 0)
        return Linear(weights, codes, self.fade)


@dataclass(frozen=True, slots=True)
class Sequential:
    """score(u) = s_u B with B = (S'S + ridge I)^-1 S'T: the transition model of SLIST (Choi et al. 2021).

    One row for every action but a user's first: in S what came before it, weighing fade^(steps back - 1) for the last
    `steps`; in T the action itself.
    """

    ridge: float = 60.0
    fade: float = 0.8
    steps: int = 15
    max_items: int = 10_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.6, 0.8, 0.9), "ridge": (20.0, 60.0, 200.0)}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        histories = only(train.histories, codes).latest()
        pasts, nexts = self._steps(histories.items, histories.position, len(codes))
        return Linear(regressed(pasts, nexts, self.ridge, train), codes, self.fade)

    def _steps(self, items: Any, position: Any, count: int) -> tuple[Csr, Csr]:
        at = np.arange(len(items), dtype=np.int64)
        follows = np.flatnonzero(position >= 1)
        row = np.full(len(items), -1, dtype=np.int64)
        row[follows] = np.arange(len(follows))
        rows, columns, values = [], [], []
        for step in range(1, self.steps + 1):
            later = at[position >= step]
            rows.append(row[later])
            columns.append(items[later - step])
            values.append(np.full(len(later), self.fade ** (step - 1), dtype=np.float32))
        shape = (len(follows), count)
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        nexts = (np.ones(len(follows), dtype=np.float32), (np.arange(len(follows)), items[follows]))
        return sparse.csr_matrix(entries, shape=shape), sparse.csr_matrix(nexts, shape=shape)


def regressed(pasts: Csr, nexts: Csr, ridge: float, train: Train) -> Floats:
    """(S'S + ridge)^-1 S'T without its diagonal, of pasts S and what came next T: shape (items, items)."""
    count = pasts.shape[1]
    matrix = inverse(gram(pasts, train), ridge)
    moves = (pasts.T @ nexts).tocsc()
    weights = np.empty((count, count), dtype=np.float32)
    for block in blocks(count):
        weights[:, block] = (moves[:, block].T @ matrix).T
    np.fill_diagonal(weights, 0)
    return weights


def gram(rows: Csr, train: Train) -> Floats:
    """X'X, dense float32 in column order, by blocks so that no sparse copy of it exists."""
    count = rows.shape[1]
    columns = rows.tocsc()
    found = np.zeros((count, count), dtype=np.float32, order="F")
    for block in blocks(count):
        found[:, block] = dense(columns[:, block].T @ rows).T
        train.tick(block.stop, count)
    return found


def inverse(matrix: Floats, ridge: float) -> Floats:
    """(matrix + ridge I)^-1 of a symmetric positive semidefinite matrix, in its own memory."""
    if not len(matrix):
        return matrix
    matrix[np.diag_indices(len(matrix))] += np.float32(ridge)
    factor, failed = lapack.spotrf(matrix, lower=1, overwrite_a=1, clean=0)
    if not failed:
        factor, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise EvaluationError(f"the histories are too alike for a ridge of {ridge:g}: a linear model cannot be fitted")
    for block in blocks(len(factor)):
        square = factor[block, block]
        square[:] = np.tril(square) + np.tril(square, -1).T
        factor[block, block.stop :] = factor[block.stop :, block].T
    return np.asarray(factor, dtype=np.float32)
