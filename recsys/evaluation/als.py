"""Factors for what was taken, without ratings, by alternating least squares. Knows arrays only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import CELLS, Csr, Floats, Histories, Integers
from recsys.evaluation.scoring import Train

_STILL: Final = 1e-10
"""A residual below this is none: one goes no further along it."""


@dataclass(frozen=True, slots=True)
class ImplicitFactors:
    """score(u, j) = x_u . y_j of the factors that minimise

    sum over all u, j of c_uj (p_uj - x_u . y_j)^2 + sum of ridge_u |x_u|^2 + sum of ridge_j |y_j|^2,

    p_uj 1 for what was taken and else 0, c_uj = 1 + confidence fade^(steps back) for what was taken and else 1 (Hu,
    Koren & Volinsky 2008; the fade is ours: what was taken lately is surer). ridge_u = ridge (n_u / mean n)^scaling, so
    that busy users and items are held back more (Rendle et al. 2022, where it mattered most). Each half round takes
    `steps` of conjugate gradients from where the last one ended (Takacs, Pilaszy & Tikk 2011).

    rank: length of the factors. rounds: of both sides.
    """

    rank: int = 128
    confidence: float = 10.0
    fade: float = 0.8
    ridge: float = 40.0
    scaling: float = 1.0
    rounds: int = 8
    steps: int = 3

    def __post_init__(self) -> None:
        if min(self.rank, self.rounds, self.steps) < 1:
            raise EvaluationError(f"rank, rounds and steps must be at least 1, got {self!r}")
        if not (self.confidence > 0 and self.ridge > 0 and 0 < self.fade <= 1 and 0 <= self.scaling <= 1):
            raise EvaluationError(
                f"confidence and ridge must be above 0, fade in (0, 1], scaling in [0, 1], got {self!r}"
            )

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.6, 0.8, 1.0), "confidence": (10.0, 30.0), "ridge": (15.0, 40.0, 100.0), "rank": (128, 256)}

    def fit(self, train: Train) -> FactorScorer:
        surer = train.histories.latest().faded(self.fade) * np.float32(self.confidence)
        columns = surer.T.tocsr()
        rng = np.random.default_rng([train.seed, 6])
        users: Floats = np.zeros((surer.shape[0], self.rank), dtype=np.float32)
        # Small beside 1: the first half round must not be led by chance.
        items: Floats = (rng.standard_normal((surer.shape[1], self.rank)) / (10 * self.rank)).astype(np.float32)
        for done in range(self.rounds):
            self._improve(users, surer, items)
            self._improve(items, columns, users)
            train.tick(done + 1, self.rounds)
        return FactorScorer(items, _gram(items), self._ridges(surer), self.confidence, self.fade)

    def _ridges(self, surer: Csr) -> Ridges:
        lengths = np.diff(surer.indptr)
        there = lengths[lengths > 0]
        return Ridges(self.ridge, self.scaling, float(there.mean()) if len(there) else 1.0)

    def _improve(self, mine: Floats, surer: Csr, theirs: Floats) -> None:
        """Conjugate gradients for (G + Y' diag(c - 1) Y + ridge) x = Y' c of every row, in place; G = Y'Y."""
        gram, ridges = _gram(theirs), self._ridges(surer)(np.diff(surer.indptr))
        for block in _blocks(surer, self.rank):
            part = surer[block]
            system = _System(part, theirs[part.indices], theirs, gram, ridges[block][:, None])
            mine[block] = _conjugate(system, mine[block], self.steps)


@dataclass(frozen=True, slots=True)
class _System:
    """The equations of a block of rows. surer: c - 1 of what they took. vectors: the factors of every entry of it."""

    surer: Csr
    vectors: Floats
    theirs: Floats
    gram: Floats
    ridges: Floats

    def aims(self) -> Floats:
        return self._sums(self.surer.data + np.float32(1))

    def __call__(self, x: Floats) -> Floats:
        rows = np.repeat(np.arange(len(x)), np.diff(self.surer.indptr))
        weights = self.surer.data * np.einsum("ek,ek->e", self.vectors, x[rows])
        return np.asarray(x @ self.gram + self.ridges * x + self._sums(weights))

    def _sums(self, weights: Floats) -> Floats:
        entries = (weights, self.surer.indices, self.surer.indptr)
        return np.asarray(sparse.csr_matrix(entries, self.surer.shape) @ self.theirs, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Ridges:
    """ridge (n / mean)^scaling for rows of n entries; what has no entries is held as one that has one."""

    ridge: float
    scaling: float
    mean: float

    def __call__(self, lengths: Integers) -> Floats:
        return np.asarray(self.ridge * (np.maximum(lengths, 1) / self.mean) ** self.scaling, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class FactorScorer:
    """items: factors, shape (items, rank). gram: items' items, kept so that a fold-in needs the history alone."""

    items: Floats
    gram: Floats
    ridges: Ridges
    confidence: float
    fade: float

    def __call__(self, histories: Histories) -> Floats:
        return np.asarray(self.fold(histories) @ self.items.T, dtype=np.float32)

    def fold(self, histories: Histories) -> Floats:
        """The factors of each history, exactly: shape (rows, rank); zeros for an empty one."""
        surer = histories.faded(self.fade)
        users = np.zeros((len(histories), self.gram.shape[0]), dtype=np.float32)
        for row in range(len(histories)):
            ends = slice(surer.indptr[row], surer.indptr[row + 1])
            if ends.start < ends.stop:
                users[row] = self.of_one(surer.indices[ends], surer.data[ends])
        return users

    def of_one(self, taken: Integers, weights: Floats) -> Floats:
        """x = (G + Y_u' diag(c - 1) Y_u + ridge)^-1 Y_u' c by Cholesky; weights: 1 for the latest, fading."""
        own, surer = self.items[taken], np.float32(self.confidence) * weights
        matrix = self.gram + (own.T * surer) @ own
        matrix[np.diag_indices(len(matrix))] += self.ridges(np.asarray([len(taken)]))[0]
        _, found, failed = lapack.sposv(matrix, (1 + surer) @ own, overwrite_a=1, overwrite_b=1)
        if failed:
            raise EvaluationError("the factors are too alike for this ridge: choose a larger one")
        return np.asarray(found, dtype=np.float32)


def _gram(factors: Floats) -> Floats:
    return np.asarray(factors.T @ factors, dtype=np.float32)


def _blocks(matrix: Csr, rank: int) -> Iterator[slice]:
    """Slices of rows whose entries' factors stay within CELLS (a single row may be longer)."""
    ends, rows = matrix.indptr, matrix.shape[0]
    first = 0
    while first < rows:
        last = int(np.searchsorted(ends, ends[first] + CELLS // rank, side="right")) - 1
        last = min(max(last, first + 1), rows)
        yield slice(first, last)
        first = last


def _conjugate(system: _System, start: Floats, steps: int) -> Floats:
    """`steps` of conjugate gradients for every row at once, from `start`."""
    x = start.copy()
    residual = system.aims() - system(x)
    along = residual.copy()
    left = np.einsum("ij,ij->i", residual, residual)
    for _ in range(steps):
        image = system(along)
        steep = np.einsum("ij,ij->i", along, image)
        moving = (left > _STILL) & (steep > 0)
        pace = np.divide(left, steep, out=np.zeros_like(left), where=moving)[:, None]
        x += pace * along
        residual -= pace * image
        new = np.einsum("ij,ij->i", residual, residual)
        along = residual + np.divide(new, left, out=np.zeros_like(left), where=moving)[:, None] * along
        left = new
    return x
