"""The map of the product's `mapped`, with any descriptions of items for its own. Knows arrays; knows no texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from recsys.candidates.mapped import DOUBT
from recsys.evaluation.asked import code_of, log_of
from recsys.evaluation.histories import CELLS, Csr, Doubles, Floats, Integers, Mask
from recsys.evaluation.scoring import Train, standardised
from recsys.fitting import FitParameters, fit_log
from recsys.mapping import NEAR, PAIRS_OF, weighed

_HALF: Final = 4.0
"""Scores count s / (s + _HALF): one known item that everything leads to does not place all that is like it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """new: sorted codes. weights: shape (new, items), of the NEAR known items that each new one is most like, divided
    by their sum and DOUBT."""

    new: Integers
    weights: Any

    def __call__(self, scores: Floats) -> Floats:
        """Of scores (rows, items) of known items the weighed means, as z-scores among the new: 0 for all others."""
        found = np.zeros_like(scores)
        if not len(self.new):
            return found
        damped = np.maximum(scores, 0)
        damped /= damped + np.float32(_HALF)
        found[:, self.new] = standardised(np.asarray((self.weights @ damped.T).T, dtype=np.float32))
        return found


def likeness_of(train: Train, rows: Sequence[Csr]) -> Doubles:
    """What likeness by each description (unit rows of all items) says of likeness by links (`recsys.mapping`)."""
    model = fit_log(log_of(train.histories), now=0.0, parameters=FitParameters(examples=0))
    if len(model) < 2:
        return np.ones(len(rows)) / len(rows)
    chosen = np.unique(np.linspace(0, len(model) - 1, min(len(model), PAIRS_OF)).astype(np.int64))
    items = np.asarray([code_of(model.names[code]) for code in chosen.tolist()])
    found = np.stack([_products(each[items], each[items]) for each in rows], axis=2).astype(np.float64)
    return weighed(model, chosen.tolist(), found)[1:]


def placed(rows: Sequence[Csr], likeness: Doubles, known: Mask) -> Placed:
    """Every item that is not known by the known ones it is most like, by descriptions weighed by `likeness`."""
    new, there = np.flatnonzero(~known), np.flatnonzero(known)
    step = max(1, CELLS // max(len(there), 1))
    parts: list[Csr] = []
    for first in range(0, len(new), step):
        some = new[first : first + step]
        alike = np.zeros((len(some), len(there)), dtype=np.float32)
        for weight, each in zip(likeness.tolist(), rows, strict=True):
            if weight > 0:
                alike += np.float32(weight) * _products(each[some], each[there])
        near = np.argsort(-alike, axis=1, kind="stable")[:, :NEAR]
        values = np.maximum(np.take_along_axis(alike, near, axis=1), 0)
        values /= values.sum(axis=1, keepdims=True) + np.float32(DOUBT)
        starts = np.arange(0, values.size + 1, max(values.shape[1], 1))
        parts.append(
            sparse.csr_matrix((values.ravel(), there[near].ravel(), starts), shape=(len(some), len(known)))
            if values.size
            else sparse.csr_matrix((len(some), len(known)), dtype=np.float32)
        )
    whole = sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix((0, len(known)), dtype=np.float32)
    return Placed(new, whole)


def _products(one: Csr, other: Csr) -> Floats:
    return np.asarray((one @ other.T).toarray(), dtype=np.float32)
