"""Two linear models in closed form over the items most acted on. Knows arrays of actions; knows no rows that are kept.

`ease`: B = -P / diag(P), P the ridged inverse of X'X, rows of X being faded histories (Steck 2019, arXiv 1905.03375).
`sequential`: B = (S'S + ridge)^-1 S'T, rows of S being faded pasts, rows of T what came next (SLIST, Choi et al. 2021).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from recsys.actions import ActionLog, Integers

Floats = NDArray[np.float32]

MOST_ITEMS: Final = 5_000
"""Time grows with the cube of it, memory with its square: 100 MB for each matrix."""
MOST_ACTIONS: Final = 2_000_000
"""Of a longer log the users drawn first that stay within it: more of them would change little."""
CALLS: Final = 4
"""How often `closed_forms` calls `done`."""
_EASE_FADE, _EASE_RIDGE = 0.7, 20.0
_PAST_FADE, _PAST_RIDGE, _PAST = 0.8, 60.0, 12
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Closed:
    """codes: sorted items that take part. ease, sequential: shape (codes, codes), from row to column."""

    codes: Integers
    ease: Floats
    sequential: Floats


def closed_forms(log: ActionLog, done: Callable[[], None] = lambda: None) -> Closed:
    """ValueError when the histories cannot be told apart by these ridges."""
    users = np.bincount(log.items, minlength=len(log.names))
    codes = np.sort(np.lexsort((np.arange(len(users)), -users))[:MOST_ITEMS]).astype(np.int64)
    number = np.full(len(log.names), -1, dtype=np.int64)
    number[codes] = np.arange(len(codes))
    kept = (number[log.items] >= 0) & drawn(log)
    rows, items, weights = log.users[kept], number[log.items[kept]], log.weights[kept]
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=log.user_count)))).astype(np.int64)
    place = np.arange(len(rows), dtype=np.int64) - starts[rows]
    back = starts[rows + 1] - 1 - np.arange(len(rows), dtype=np.int64)
    count = len(codes)
    faded = weights * np.float32(_EASE_FADE) ** back.astype(np.float32)
    histories = sparse.csr_matrix((faded, items, starts), shape=(log.user_count, count))
    ease = _inverse(_gram(histories, count), _EASE_RIDGE)
    done()
    ease /= -ease.diagonal()
    np.fill_diagonal(ease, 0)
    done()
    pasts, nexts = _steps(items, weights, place, count)
    inverse = _inverse(_gram(pasts, count), _PAST_RIDGE)
    done()
    moves = (pasts.T @ nexts).tocsc()
    sequential = np.empty((count, count), dtype=np.float32)
    for first in range(0, count, _BLOCK):
        sequential[:, first : first + _BLOCK] = (moves[:, first : first + _BLOCK].T @ inverse).T
    np.fill_diagonal(sequential, 0)
    done()
    return Closed(codes, np.ascontiguousarray(ease), sequential)


def drawn(log: ActionLog) -> NDArray[np.bool_]:
    """Which entries belong to the users drawn to stay within MOST_ACTIONS."""
    if len(log) <= MOST_ACTIONS:
        return np.ones(len(log), dtype=np.bool_)
    order = np.random.default_rng(0).permutation(log.user_count)
    lengths = np.bincount(log.users, minlength=log.user_count)
    kept = np.zeros(log.user_count, dtype=np.bool_)
    kept[order[np.cumsum(lengths[order]) <= MOST_ACTIONS]] = True
    return kept[log.users]


def _steps(items: Integers, weights: Floats, place: Integers, count: int) -> tuple[Any, Any]:
    """One row for every action but a user's first: what came before it, and the action itself."""
    at = np.arange(len(items), dtype=np.int64)
    follows = np.flatnonzero(place >= 1)
    row = np.full(len(items), -1, dtype=np.int64)
    row[follows] = np.arange(len(follows))
    rows, columns, values = [], [], []
    for step in range(1, _PAST + 1):
        later = at[place >= step]
        rows.append(row[later])
        columns.append(items[later - step])
        values.append(weights[later - step] * np.float32(_PAST_FADE ** (step - 1)))
    shape = (len(follows), count)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    nexts = sparse.csr_matrix((weights[follows], (np.arange(len(follows)), items[follows])), shape=shape)
    return sparse.csr_matrix(entries, shape=shape), nexts


def _gram(rows: Any, count: int) -> Floats:
    """X'X as a dense float32 matrix in column order, by blocks of columns so that no sparse copy of it exists."""
    gram = np.zeros((count, count), dtype=np.float32, order="F")
    columns = rows.tocsc()
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        gram[:, first:last] = (columns[:, first:last].T @ rows).toarray().T
    return gram


def _inverse(gram: Floats, ridge: float) -> Floats:
    """Of a symmetric positive definite matrix, in its own memory. ValueError when it is not one."""
    gram[np.diag_indices(len(gram))] += np.float32(ridge)
    factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1, clean=0)
    if not failed:
        inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ValueError("the histories are too alike for this ridge: choose a larger one")
    for first in range(0, len(inverse), _BLOCK):
        last = min(first + _BLOCK, len(inverse))
        square = inverse[first:last, first:last]
        square[:] = np.tril(square) + np.tril(square, -1).T
        inverse[first:last, last:] = inverse[last:, first:last].T
    return np.asarray(inverse, dtype=np.float32)
