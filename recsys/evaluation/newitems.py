"""Items that nobody took yet, through what is said of them. Knows descriptions and scorers; knows no files.

A description (words of a text, links of one relation) maps what is known of known items to new ones. How much each
description says is learned on items that are known but were hidden for the purpose, never on the new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy import optimize

from recsys.evaluation.content import descriptions
from recsys.evaluation.histories import CELLS, Csr, Doubles, Floats, Histories, Integers, Mask
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.mapped import Placed, likeness_of, placed
from recsys.evaluation.scoring import Model, Scorer, Train, dense, standardised

_SEED: Final = 17
_FEW: Final = 50
"""Cases below which nothing is learned: then all descriptions weigh alike."""


@dataclass(frozen=True, slots=True)
class NewItems:
    """New: score(u, j) = b + sum over f of w_f z_f(u, j). Known: a (sum of z-scores of `parts`).

    For each description D (unit rows, TF-IDF) and all of them side by side three features, as z-scores by user:
    likeness to the faded history x_u D D'; likeness to the last item; and the map s_u D D' / (sum of likenesses + 1),
    the mean score of the known items that are like j, j itself left out. One more: what the product's `mapped` says of
    j (`placed`), z-scores among the new.
    w: the conditional logit (McFadden 1974) among items hidden on purpose, in `folds` draws of a tenth of the items.
    a, b: the same among all items, for users' last items whatever these are, so that new ones get what is theirs and
    no more.
    """

    parts: tuple[Model, ...] = (Ease(), Sequential())
    fade: float = 0.7
    folds: int = 4
    cases: int = 2_500
    penalty: float = 0.01

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """None: what there is to choose is chosen while fitting."""
        return {}

    def fit(self, train: Train) -> Scorer:
        blocks = tuple(_Block.of(matrix) for matrix in descriptions(train.catalogue))
        histories = train.histories
        known = histories.users_of_items() > 0
        rows = [block.rows for block in blocks]
        likeness = likeness_of(train, rows)
        weights, balance = self._learned(train, blocks, known, likeness)
        parts = [part.fit(train) for part in self.parts]
        return _NewItems(parts, blocks, known, self.fade, placed(rows, likeness, known), weights, balance)

    def _learned(
        self, train: Train, blocks: Sequence[_Block], known: Mask, likeness: Doubles
    ) -> tuple[Doubles, Doubles]:
        rng = np.random.default_rng([train.seed, _SEED])
        order = rng.permutation(np.flatnonzero(known))
        size = max(1, len(order) // 10)
        worlds = []
        for fold in range(self.folds):
            hidden = np.zeros(len(known), dtype=np.bool_)
            hidden[order[fold * size : (fold + 1) * size]] = True
            seen = train.histories.where(~hidden[train.histories.items])
            if hidden.any() and len(seen.items):
                inner = Train(seen, train.catalogue, train.seed)
                there = seen.users_of_items() > 0
                place = placed([block.rows for block in blocks], likeness, there)
                scorer = _NewItems([part.fit(inner) for part in self.parts], blocks, there, self.fade, place)
                worlds.append((scorer, hidden))
            train.tick(fold + 1, self.folds + 1)
        weights = np.full(3 * len(blocks) + 1, 1 / (3 * len(blocks) + 1))
        cases = [_hidden_cases(train.histories, hidden, self.cases, rng) for _, hidden in worlds]
        if sum(len(truth) for _, _, truth in cases) >= _FEW:
            tables = [
                _table(scorer, asked, hidden)
                for (scorer, hidden), asked in zip(worlds, cases, strict=True)
                if len(asked[2])
            ]
            weights = _logit(tables, weights, self.penalty)
        balance = np.asarray([0.2, 1.0, 0.0])
        lasts = [_last_cases(train.histories, hidden, self.cases, rng) for _, hidden in worlds]
        if sum(len(truth) for _, _, truth in lasts) >= _FEW:
            tables = [
                _both(scorer, asked, hidden, weights)
                for (scorer, hidden), asked in zip(worlds, lasts, strict=True)
                if len(asked[2])
            ]
            balance = _logit(tables, balance, 1e-4)
        return weights, balance


@dataclass(frozen=True, slots=True)
class _Block:
    """One description: unit rows, shape (items, features), and its transpose."""

    rows: Csr
    columns: Csr

    @classmethod
    def of(cls, matrix: Csr) -> _Block:
        used = np.unique(matrix.indices)
        rows = matrix[:, used].tocsr()
        return cls(rows, rows.T.tocsr())

    def like(self, history: Csr) -> Floats:
        return dense((history @ self.rows) @ self.columns)

    def mapped(self, scores: Floats, known: Mask, totals: Floats) -> Floats:
        """Mean of the scores of known items, weighed by likeness."""
        scores = np.where(known, scores, 0)
        through = np.asarray((self.columns @ scores.T).T)
        own = np.asarray(self.rows.multiply(self.rows).sum(axis=1), dtype=np.float32).ravel()
        spread = np.asarray((self.rows @ through.T).T)
        return np.asarray((spread - scores * own) / totals, dtype=np.float32)

    def totals(self, known: Mask) -> Floats:
        """Sum of the likenesses of each item to known items, itself left out, and 1."""
        sums = self.rows @ (self.columns @ known.astype(np.float32))
        own = np.asarray(self.rows.multiply(self.rows).sum(axis=1)).ravel() * known
        return np.asarray(np.maximum(sums - own, 0) + 1, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _NewItems:
    parts: Sequence[Scorer]
    blocks: Sequence[_Block]
    known: Mask
    fade: float
    placed: Placed
    weights: Doubles = field(default_factory=lambda: np.zeros(0))
    balance: Doubles = field(default_factory=lambda: np.zeros(3))

    def __call__(self, histories: Histories) -> Floats:
        scores = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        for rows, known, features in self.features(histories):
            new = np.tensordot(features, self.weights, axes=1)
            a, c, b = self.balance
            scores[rows] = np.where(self.known, a * known, c * new + b)
        scores[histories.lengths == 0] = 0
        return scores

    def features(self, histories: Histories) -> Iterator[tuple[slice, Floats, Floats]]:
        """By batches: rows, sums of z-scores of the parts (rows, items), features (rows, items, 3 descriptions + 1)."""
        totals = [block.totals(self.known) for block in self.blocks]
        step = max(1, CELLS // max(4 * histories.item_count, 1))
        for first in range(0, len(histories), step):
            rows = slice(first, min(first + step, len(histories)))
            part = histories.take(np.arange(rows.start, rows.stop))
            scores: Floats = np.sum([standardised(scorer(part)) for scorer in self.parts], axis=0, dtype=np.float32)
            faded, last = part.faded(self.fade), part.latest(1).faded(1.0)
            found = []
            for block, total in zip(self.blocks, totals, strict=True):
                found += [block.like(faded), block.like(last), block.mapped(scores, self.known, total)]
            yield rows, scores, np.stack([*map(standardised, found), self.placed(scores)], axis=2)


Asked = tuple[Histories, Histories, Integers]
"""Histories without what is hidden, what was taken before, and what was taken next."""
Table = tuple[Floats, Mask, Integers]
"""features (cases, items, features), what is out of the question (cases, items), the place of the truth (cases,)."""


def _hidden_cases(histories: Histories, hidden: Mask, most: int, rng: np.random.Generator) -> Asked:
    """Each user's latest hidden item, after what came before it."""
    new = hidden[histories.items]
    last = np.full(len(histories), -1, dtype=np.int64)
    # Entries are in order of position, and the last assignment to one place wins.
    last[histories.rows[new]] = histories.position[new]
    return _cases(histories, new, last, most, rng)


def _last_cases(histories: Histories, hidden: Mask, most: int, rng: np.random.Generator) -> Asked:
    return _cases(histories, hidden[histories.items], histories.lengths - 1, most, rng)


def _cases(histories: Histories, new: Mask, at: Integers, most: int, rng: np.random.Generator) -> Asked:
    before = histories.position < at[histories.rows]
    asked = histories.where(before & ~new)
    rows = np.flatnonzero((at >= 1) & (asked.lengths > 0))
    rows = np.sort(rng.permutation(rows)[:most])
    return asked.take(rows), histories.where(before).take(rows), histories.items[histories.starts[rows] + at[rows]]


def _table(scorer: _NewItems, asked: Asked, hidden: Mask) -> Table:
    cases, seen, truth = asked
    codes = np.flatnonzero(hidden)
    found = [features[:, codes].astype(np.float32) for _, _, features in scorer.features(cases)]
    return (
        np.concatenate(found),
        dense(seen.faded(1.0, cap=len(seen.items) + 1)[:, codes]) > 0,
        np.searchsorted(codes, truth),
    )


def _both(scorer: _NewItems, asked: Asked, hidden: Mask, weights: Doubles) -> Table:
    """Three features: the score of a known item, the score of a hidden one, and whether it is hidden."""
    cases, seen, truth = asked
    found = []
    for _, known, features in scorer.features(cases):
        new = np.tensordot(features, weights, axes=1)
        flags = np.broadcast_to(hidden, known.shape)
        found.append(np.stack([np.where(hidden, 0, known), np.where(hidden, new, 0), flags], axis=2).astype(np.float32))
    return np.concatenate(found), _taken(seen), truth


def _taken(seen: Histories) -> Mask:
    taken = np.zeros((len(seen), seen.item_count), dtype=np.bool_)
    taken[seen.rows, seen.items] = True
    return taken


def _logit(tables: Sequence[Table], start: Doubles, penalty: float) -> Doubles:
    """Weights that make what was taken most likely, sum of squares held down. Deterministic (L-BFGS)."""

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        value, slope, cases = 0.0, np.zeros(len(weights)), 0
        for features, out, truth in tables:
            rows = np.arange(len(truth))
            # Flat and in one precision: a product of matrices, and no copy of the features.
            flat = features.reshape(-1, features.shape[2])
            logits = (flat @ weights.astype(np.float32)).reshape(out.shape).astype(np.float64)
            logits[out] = -1e9
            logits -= logits.max(axis=1, keepdims=True)
            likely = np.exp(logits)
            sums = likely.sum(axis=1)
            value -= float((logits[rows, truth] - np.log(sums)).sum())
            likely /= sums[:, None]
            slope += likely.astype(np.float32).ravel() @ flat - features[rows, truth].sum(axis=0)
            cases += len(truth)
        return value / cases + penalty * float(weights @ weights), slope / cases + 2 * penalty * weights

    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return np.asarray(found.x)
