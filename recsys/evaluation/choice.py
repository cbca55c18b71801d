"""A multinomial choice among all items and none of them. Knows arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from recsys.evaluation.histories import Csr, Floats, Histories, Integers
from recsys.evaluation.scoring import Scorer, Train, busiest, dense, only

_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class SoftmaxChoice:
    """P(j | u) = exp(x_u . y_j + c_j) / (exp(c_0) + sum over items i of exp(x_u . y_i + c_i)), class 0: none of these.

    The conditional logit with an outside option (McFadden 1974) over factors: x_u is the faded mean of the vectors of
    what u took. Examples: every action given what came before it, and none after the end of every history. Exact
    gradients of the cross-entropy over all classes, Adagrad (Duchi et al. 2011), `examples` drawn anew each epoch.
    """

    rank: int = 48
    fade: float = 0.7
    epochs: int = 4
    examples: int = 60_000
    rate: float = 0.15
    max_items: int = 10_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """None: a fit takes too long to choose by repeating it."""
        return {}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        histories = only(train.histories, codes).latest()
        rng = np.random.default_rng([train.seed, 4])
        state = _Softmax(len(codes), self.rank, self.rate, rng)
        # Entry e is the choice after the entries before it; entry -row is the end of that row.
        pool = np.concatenate([np.flatnonzero(histories.position >= 1), -1 - np.flatnonzero(histories.lengths > 0)])
        drawn = min(self.examples, len(pool))
        done, total = 0, self.epochs * -(-drawn // _BATCH)
        for _ in range(self.epochs):
            order = rng.choice(pool, drawn, replace=False)
            for first in range(0, drawn, _BATCH):
                past, chosen = self._examples(histories, order[first : first + _BATCH])
                state.step(past, chosen)
                done += 1
                train.tick(done, total)
        return ChoiceScorer(state.inner, state.outer, state.bias, codes, self.fade)

    def _examples(self, histories: Histories, entries: Integers) -> tuple[Csr, Integers]:
        ends = entries < 0
        rows = np.where(ends, -1 - entries, histories.rows[np.maximum(entries, 0)])
        stops = np.where(ends, histories.starts[rows + 1], entries)
        lengths = stops - histories.starts[rows]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        at = np.repeat(histories.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
        blank = np.zeros(len(at))
        past = Histories(starts, histories.items[at], blank, blank.astype(np.float32), histories.item_count)
        chosen = np.where(ends, histories.item_count, histories.items[np.maximum(entries, 0)])
        return _mean(past, self.fade), chosen


def _mean(histories: Histories, fade: float) -> Csr:
    faded = histories.faded(fade)
    totals = np.asarray(faded.sum(axis=1)).ravel()
    return (sparse.diags(1.0 / np.maximum(totals, 1e-9)) @ faded).astype(np.float32).tocsr()


class _Softmax:
    """inner: vectors of what was taken (items, rank). outer, bias: of what may be chosen, the last for none."""

    def __init__(self, items: int, rank: int, rate: float, rng: np.random.Generator) -> None:
        self.inner: Floats = (0.3 * rng.standard_normal((items, rank))).astype(np.float32)
        self.outer: Floats = (0.3 * rng.standard_normal((items + 1, rank))).astype(np.float32)
        # Nothing but its own constant speaks for none of these.
        self.outer[-1] = 0
        self.bias: Floats = np.zeros(items + 1, dtype=np.float32)
        self._rate = np.float32(rate)
        self._seen = [np.full_like(part, 1e-6) for part in (self.inner, self.outer, self.bias)]

    def step(self, past: Csr, chosen: Integers) -> None:
        users = dense(past @ self.inner)
        logits: Floats = users @ self.outer.T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        logits[np.arange(len(chosen)), chosen] -= 1
        of_users = logits @ self.outer
        of_outer = logits.T @ users
        of_outer[-1] = 0
        self._down(self.outer, of_outer, self._seen[1])
        self._down(self.bias, logits.sum(axis=0, dtype=np.float32), self._seen[2])
        self._down(self.inner, dense(past.T @ of_users), self._seen[0])

    def _down(self, values: Floats, gradients: Floats, seen: Floats) -> None:
        seen += gradients**2
        values -= self._rate * gradients / np.sqrt(seen)


@dataclass(frozen=True, slots=True)
class ChoiceScorer:
    """Scores are logits: their order is that of the probabilities."""

    inner: Floats
    outer: Floats
    bias: Floats
    codes: Integers
    fade: float

    def __call__(self, histories: Histories) -> Floats:
        logits = self._logits(histories)
        scores = np.full((len(histories), histories.item_count), logits.min(initial=0.0) - 1, dtype=np.float32)
        scores[:, self.codes] = logits[:, :-1]
        return scores

    def none(self, histories: Histories) -> Floats:
        """Probability that the user takes none of the items, shape (rows,)."""
        logits = self._logits(histories)
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(logits[:, -1] / logits.sum(axis=1))

    def _logits(self, histories: Histories) -> Floats:
        users = dense(_mean(only(histories, self.codes), self.fade) @ self.inner)
        return np.asarray(users @ self.outer.T + self.bias)
