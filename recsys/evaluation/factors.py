"""Matrix factorisation, the classic way: factors with an item mean, and biased factors by SGD. Knows arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from recsys.evaluation.histories import Csr, Floats, Histories, Integers
from recsys.evaluation.scoring import Scorer, Train, dense

_HELD: Final = 0.1
"""Share of the training ratings that a and b of the mean model are chosen on."""


def right_factors(matrix: Csr, rank: int, seed: int, rounds: int = 6) -> Floats:
    """The `rank` leading right singular vectors, shape (columns, rank), by power iteration (Halko et al. 2011)."""
    columns = matrix.shape[1]
    size = min(rank + 10, columns)
    base = np.random.default_rng(seed).standard_normal((columns, size)).astype(np.float32)
    for _ in range(rounds):
        base, _ = np.linalg.qr(dense(matrix.T @ dense(matrix @ base)))
    image = dense(matrix @ base)
    _, vectors = np.linalg.eigh((image.T @ image).astype(np.float64))
    found = base.astype(np.float64) @ vectors[:, ::-1][:, : min(rank, size)]
    # The sign of a singular vector is free; fixed, so that equal data give equal factors.
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])
    return np.asarray(found * np.where(signs == 0, 1, signs), dtype=np.float32)


def known_ratings(histories: Histories) -> Histories:
    return histories.where(np.isfinite(histories.ratings))


@dataclass(frozen=True, slots=True)
class MeanFactors:
    """R^_ij = a x_i . y_j + b Rbar_j: factors beside the item's mean.

    With ratings: Rbar_j is the mean rating of j (shrunk to the mean of all by `prior` ratings), y the right singular
    vectors of R - Rbar over what was rated (PureSVD, Cremonesi et al. 2010), x_i = (r_i - Rbar) Y, and a, b the least
    squares on a tenth of the ratings left out of Y. Without: R is 1 for what was taken, Rbar_j the share of users who
    took j, a = 1 and b = `mean_weight`.
    """

    rank: int = 64
    mean_weight: float = 0.1
    prior: float = 5.0

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"rank": (32, 64, 128), "mean_weight": (0.0, 0.1, 0.5)}

    def fit(self, train: Train) -> Scorer:
        if not train.histories.rated:
            taken = train.histories.latest().faded(1.0)
            means = (train.histories.users_of_items() / max(len(train.histories), 1)).astype(np.float32)
            factors = right_factors(taken, self.rank, train.seed)
            return MeanFactorScorer(factors, means, 1.0, self.mean_weight, rated=False)
        rated = known_ratings(train.histories)
        held = np.random.default_rng(train.seed).random(len(rated.items)) < _HELD
        a, b = self._weights(rated.where(~held), rated.where(held), train.seed)
        means = self._means(rated)
        factors = right_factors(_residuals(rated, means), self.rank, train.seed)
        return MeanFactorScorer(factors, means, a, b, rated=True)

    def _means(self, rated: Histories) -> Floats:
        total = float(rated.ratings.mean()) if len(rated.items) else 0.0
        sums = np.bincount(rated.items, rated.ratings, rated.item_count)
        return ((sums + self.prior * total) / (rated.users_of_items() + self.prior)).astype(np.float32)

    def _weights(self, rest: Histories, held: Histories, seed: int) -> tuple[float, float]:
        if len(held.items) < 2 or not len(rest.items):
            return 1.0, 1.0
        means = self._means(rest)
        factors = right_factors(_residuals(rest, means), self.rank, seed)
        users = dense(_residuals(rest, means) @ factors)
        inner = np.einsum("ij,ij->i", users[held.rows], factors[held.items])
        design = np.stack([inner, means[held.items]], axis=1).astype(np.float64)
        (a, b), *_ = np.linalg.lstsq(design, held.ratings.astype(np.float64), rcond=None)
        return float(a), float(b)


def _residuals(rated: Histories, means: Floats) -> Csr:
    return rated.matrix((rated.ratings - means[rated.items]).astype(np.float32))


@dataclass(frozen=True, slots=True)
class MeanFactorScorer:
    """factors: shape (items, rank). means: shape (items,)."""

    factors: Floats
    means: Floats
    a: float
    b: float
    rated: bool

    def __call__(self, histories: Histories) -> Floats:
        matrix = _residuals(known_ratings(histories), self.means) if self.rated else histories.faded(1.0)
        users = dense(matrix @ self.factors)
        return np.asarray(self.a * (users @ self.factors.T) + self.b * self.means, dtype=np.float32)

    def ratings(self, histories: Histories) -> Floats:
        return self(histories)


@dataclass(frozen=True, slots=True)
class SgdFactors:
    """R^_ij = mu + b_i + b_j + p_i . q_j by stochastic gradient descent on squared error (Funk 2006; Koren 2009).

    Steps by Adagrad (Duchi et al. 2011). With ratings: on the ratings. Without: 1 for what was taken and 0 for as many
    items drawn at random anew in every epoch. A user is folded in by ridge regression of the factors.
    """

    rank: int = 32
    epochs: int = 12
    rate: float = 0.08
    ridge: float = 0.02
    fold_ridge: float = 1.0

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"rank": (16, 48), "fold_ridge": (0.3, 3.0)}

    def fit(self, train: Train) -> Scorer:
        rated = train.histories.rated
        ours = known_ratings(train.histories) if rated else train.histories.latest()
        values = ours.ratings if rated else np.ones(len(ours.items), dtype=np.float32)
        users = ours.rows
        mean = float(values.mean()) if rated else 0.5
        state = _Descent(len(ours), ours.item_count, self, train.seed)
        rng = np.random.default_rng([train.seed, 2])
        for epoch in range(self.epochs):
            rows, items, goals = users, ours.items, values
            if not rated:
                rows = np.concatenate([users, users])
                items = np.concatenate([items, rng.integers(0, max(ours.item_count, 1), len(items))])
                goals = np.concatenate([values, np.zeros_like(values)])
            order = rng.permutation(len(rows))
            for first in range(0, len(order), _Descent.BATCH):
                batch = order[first : first + _Descent.BATCH]
                state.step(rows[batch], items[batch], goals[batch] - np.float32(mean))
            train.tick(epoch + 1, self.epochs)
        q = np.concatenate([np.ones((ours.item_count, 1), dtype=np.float32), state.q], axis=1)
        return SgdFactorScorer(q, state.b, mean, self.fold_ridge, rated=rated)


class _Descent:
    BATCH: Final = 2048

    def __init__(self, users: int, items: int, model: SgdFactors, seed: int) -> None:
        rng = np.random.default_rng([seed, 3])
        self._model = model
        # The first column of p is the user's bias: its partner in q is 1 and stays so.
        self.p = (0.1 * rng.standard_normal((users, model.rank + 1))).astype(np.float32)
        self.p[:, 0] = 0
        self.q = (0.1 * rng.standard_normal((items, model.rank))).astype(np.float32)
        self.b = np.zeros(items, dtype=np.float32)
        self._seen = [np.full_like(part, 1e-2) for part in (self.p, self.q, self.b)]

    def step(self, rows: Integers, items: Integers, goals: Floats) -> None:
        p, q, b = self.p[rows], self.q[items], self.b[items]
        wrong = (goals - p[:, 0] - b - np.einsum("ij,ij->i", p[:, 1:], q))[:, None]
        ridge = np.float32(self._model.ridge)
        of_p = np.concatenate([wrong, wrong * q], axis=1) - ridge * p
        self._apply(self.p, self._seen[0], rows, of_p)
        self._apply(self.q, self._seen[1], items, wrong * p[:, 1:] - ridge * q)
        self._apply(self.b[:, None], self._seen[2][:, None], items, wrong - ridge * b[:, None])

    def _apply(self, values: Floats, seen: Floats, at: Integers, gradients: Floats) -> None:
        there, place = np.unique(at, return_inverse=True)
        gather = sparse.csr_matrix(
            (np.ones(len(at), dtype=np.float32), (place, np.arange(len(at)))), shape=(len(there), len(at))
        )
        total = gather @ gradients
        seen[there] += total**2
        values[there] += np.float32(self._model.rate) * total / np.sqrt(seen[there])


@dataclass(frozen=True, slots=True)
class SgdFactorScorer:
    """q: shape (items, 1 + rank), the first column 1, for the user's own bias. b: shape (items,)."""

    q: Floats
    b: Floats
    mean: float
    ridge: float
    rated: bool

    def __call__(self, histories: Histories) -> Floats:
        return np.asarray(self.mean + self.b + self._users(histories) @ self.q.T, dtype=np.float32)

    def ratings(self, histories: Histories) -> Floats:
        return self(histories)

    def _users(self, histories: Histories) -> Floats:
        """p = argmin over the history of (r - mu - b - p.q)^2 + ridge |p|^2; without ratings also zeros everywhere."""
        ours = known_ratings(histories) if self.rated else histories.latest()
        width = self.q.shape[1]
        values = ours.ratings if self.rated else np.ones(len(ours.items), dtype=np.float32)
        aims = values - np.float32(self.mean) - self.b[ours.items]
        left = np.zeros((len(ours), width, width))
        for row in range(len(ours)):
            own = self.q[ours.item(row)]
            left[row] = own.T @ own
        right = np.asarray(ours.matrix(aims.astype(np.float32)) @ self.q, dtype=np.float64)
        if not self.rated and len(self.q):
            # As many zeros as ones, spread over all items: what the training drew at random.
            share = (ours.lengths / len(self.q))[:, None]
            left += share[:, :, None] * (self.q.T @ self.q).astype(np.float64)
            right += share * (self.q.T @ (-self.mean - self.b)).astype(np.float64)
        left += self.ridge * np.eye(width)
        return np.asarray(np.linalg.solve(left, right[:, :, None])[:, :, 0], dtype=np.float32)
