"""How the collaborative model is trained. Knows arrays of actions; knows no items' texts and no files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from recsys.actions import ActionLog, Integers, collect
from recsys.collaborative import EASE_FADE, SEQUENTIAL_FADE, STEPS, LinearModel, Weights
from recsys.companions import Companions
from recsys.signals import Feedback
from recsys.types import Interaction, Progress

Dense = NDArray[np.float32]
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class FitParameters:
    """`min_users`: an item that fewer users acted on is left out. `max_items`: only the most active ones take part.

    Memory is bounded by one float32 matrix of max_items squared (400 MB at 10,000); items beyond it are found by their
    text. `row`: entries kept of each item and part. The ridges are those of the closed forms.
    """

    min_users: int = 2
    max_items: int = 10_000
    row: int = 200
    ease_ridge: float = 20.0
    sequential_ridge: float = 60.0
    sequential_steps: int = 15

    def __post_init__(self) -> None:
        if min(self.min_users, self.max_items, self.row, self.sequential_steps) < 1:
            raise ValueError(f"counts must be at least 1, got {self!r}")
        if not (self.ease_ridge > 0 and self.sequential_ridge > 0):
            raise ValueError(f"a ridge must be above 0, got {self!r}")


def fit(
    interactions: Iterable[Interaction],
    *,
    now: float,
    feedback: Feedback | None = None,
    parameters: FitParameters | None = None,
    progress: Progress | None = None,
) -> LinearModel:
    """Train on the explicit actions among `interactions`; whatever else is there is left out."""
    feedback = feedback or Feedback()
    return fit_log(
        collect(interactions, feedback), now=now, feedback=feedback, parameters=parameters, progress=progress
    )


def fit_log(
    log: ActionLog,
    *,
    now: float,
    feedback: Feedback | None = None,
    parameters: FitParameters | None = None,
    progress: Progress | None = None,
) -> LinearModel:
    """Train on a log. The same log and parameters give the same model. `progress` counts blocks of rows."""
    parameters = parameters or FitParameters()
    log = restrict(log, parameters)
    count = len(log.names)
    steps = _Steps(progress, total=4 * -(-count // _BLOCK) + 2)
    position, back = _positions(log.users)
    weights = _empty() if not count else _weights(log, position, back, parameters, steps)
    digest = hashlib.sha256("\0".join(log.names).encode("utf-8", "surrogatepass"))
    for values in (weights.starts, weights.targets, weights.ease, weights.sequential, weights.together):
        digest.update(np.ascontiguousarray(values).tobytes())
    return LinearModel(
        names=log.names,
        weights=weights,
        user_count=log.user_count,
        version=f"linear-{digest.hexdigest()[:12]}",
        trained_at=now,
        feedback=feedback or Feedback(),
        people=Companions.of(log),
    )


def restrict(log: ActionLog, parameters: FitParameters) -> ActionLog:
    """Only items with enough users, the most active first (ties by name); users and items numbered anew."""
    users = np.bincount(log.items, minlength=len(log.names))
    kept = np.flatnonzero(users >= parameters.min_users)
    kept = np.sort(kept[np.lexsort((kept, -users[kept]))][: parameters.max_items])
    code = np.full(len(log.names), -1, dtype=np.int64)
    code[kept] = np.arange(len(kept))
    entries = code[log.items] >= 0
    _, renumbered = np.unique(log.users[entries], return_inverse=True)
    return ActionLog(
        tuple(log.names[item] for item in kept.tolist()),
        renumbered.astype(np.int64),
        code[log.items[entries]],
        log.weights[entries],
    )


class _Steps:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


def _empty() -> Weights:
    floats, integers = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32)
    return Weights(np.zeros(1, dtype=np.int64), integers, floats, floats, integers, integers)


def _positions(users: Integers) -> tuple[Integers, Integers]:
    """For every entry: how many of the same user come before it, and how many after."""
    counts = np.bincount(users) if len(users) else np.zeros(0, dtype=np.int64)
    ends = np.cumsum(counts)
    at = np.arange(len(users), dtype=np.int64)
    return at - (ends - counts)[users], ends[users] - 1 - at


def _weights(log: ActionLog, position: Integers, back: Integers, parameters: FitParameters, steps: _Steps) -> Weights:
    count = len(log.names)
    ease_keys, ease_values = _ease(log, back, parameters, steps)
    next_keys, next_values = _sequential(log, position, parameters, steps)
    keys = np.union1d(ease_keys, next_keys)
    ease, sequential = np.zeros(len(keys), dtype=np.float32), np.zeros(len(keys), dtype=np.float32)
    ease[np.searchsorted(keys, ease_keys)] = ease_values
    sequential[np.searchsorted(keys, next_keys)] = next_values
    sources = keys // count
    starts = np.searchsorted(sources, np.arange(count + 1)).astype(np.int64)
    targets = (keys % count).astype(np.int32)
    both = _csr(np.ones(len(log), dtype=np.int32), log.users, log.items, (log.user_count, count)).tocsc()
    together = np.zeros(len(keys), dtype=np.int32)
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        counted = (both[:, first:last].T @ both).toarray()
        entries = slice(int(starts[first]), int(starts[last]))
        together[entries] = counted[sources[entries] - first, targets[entries]]
        steps()
    users = np.bincount(log.items, minlength=count).astype(np.int32)
    return Weights(starts, targets, ease, sequential, together, users)


def _ease(log: ActionLog, back: Integers, parameters: FitParameters, steps: _Steps) -> tuple[Integers, Dense]:
    """B = -P / diag(P), with P the inverse of the ridged Gram matrix; the diagonal is left out."""
    count = len(log.names)
    recent = back < STEPS
    worth = log.weights[recent] * np.float32(EASE_FADE) ** back[recent].astype(np.float32)
    histories = _csr(worth, log.users[recent], log.items[recent], (log.user_count, count))
    inverse = _inverse(_gram(histories, count, steps), parameters.ease_ridge)
    steps()
    diagonal = inverse.diagonal().copy()
    found: list[tuple[Integers, Dense]] = []
    for first in range(0, count, _BLOCK):
        rows = inverse[first : first + _BLOCK] / -diagonal
        rows[np.arange(len(rows)), np.arange(first, first + len(rows))] = 0
        found.append(_largest(rows, first, parameters.row))
    return _joined(found)


def _sequential(log: ActionLog, position: Integers, parameters: FitParameters, steps: _Steps) -> tuple[Integers, Dense]:
    """B = (S'S + ridge)^-1 S'T: the rows of S are faded pasts, those of T the item that came next."""
    count, size = len(log.names), len(log)
    at = np.arange(size, dtype=np.int64)
    rows: list[Integers] = []
    columns: list[Integers] = []
    values: list[Dense] = []
    for step in range(1, parameters.sequential_steps + 1):
        later = at[position >= step]
        rows.append(later)
        columns.append(log.items[later - step])
        values.append(log.weights[later - step] * np.float32(SEQUENTIAL_FADE ** (step - 1)))
    pasts = _csr(np.concatenate(values), np.concatenate(rows), np.concatenate(columns), (size, count))
    follows = position >= 1
    nexts = _csr(log.weights[follows], at[follows], log.items[follows], (size, count))
    moves = (pasts.T @ nexts).tocsr()
    inverse = _inverse(_gram(pasts, count, steps), parameters.sequential_ridge)
    steps()
    found: list[tuple[Integers, Dense]] = []
    for first in range(0, count, _BLOCK):
        block = np.asarray(inverse[first : first + _BLOCK] @ moves, dtype=np.float32)
        block[np.arange(len(block)), np.arange(first, first + len(block))] = 0
        found.append(_largest(block, first, parameters.row))
        steps()
    return _joined(found)


def _csr(values: NDArray[Any], rows: Integers, columns: Integers, shape: tuple[int, int]) -> Any:
    return sparse.csr_matrix((values, (rows, columns)), shape=shape)


def _gram(rows: Any, count: int, steps: _Steps) -> Dense:
    """X'X as a dense float32 matrix in column order, by blocks of columns so that no sparse copy of it exists."""
    gram = np.zeros((count, count), dtype=np.float32, order="F")
    columns = rows.tocsc()
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        gram[:, first:last] = (columns[:, first:last].T @ rows).toarray().T
        steps()
    return gram


def _inverse(gram: Dense, ridge: float) -> Dense:
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


def _largest(block: Dense, first: int, kept: int) -> tuple[Integers, Dense]:
    """Keys (row * count + column) and values of the entries of largest size in each row."""
    count = block.shape[1]
    if kept < count:
        columns = np.argpartition(-np.abs(block), kept, axis=1)[:, :kept]
    else:
        columns = np.broadcast_to(np.arange(count), block.shape)
    values = np.take_along_axis(block, columns, axis=1)
    keys = (np.arange(first, first + len(block))[:, None] * count + columns).ravel()
    present = values.ravel() != 0
    return keys[present], values.ravel()[present]


def _joined(found: list[tuple[Integers, Dense]]) -> tuple[Integers, Dense]:
    return np.concatenate([keys for keys, _ in found]), np.concatenate([values for _, values in found])
