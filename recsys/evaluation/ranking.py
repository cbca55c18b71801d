"""From scores to ranked lists: all items, seen ones masked, ties by id. Knows arrays; no models and no metrics."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Floats, Histories, Integers, Mask

NOTHING: Final = -1
"""What stands in a list where no more items may be ranked."""


def masked(scores: Floats, seen: Histories, candidates: Mask | None) -> Floats:
    """A copy in which what was seen, or is no candidate, is minus infinity. Shape (rows, items)."""
    scores = np.array(scores, dtype=np.float32)
    if candidates is not None:
        scores[:, ~candidates] = -np.inf
    scores[seen.rows, seen.items] = -np.inf
    return scores


def best(scores: Floats, k: int) -> NDArray[np.int32]:
    """The k best items of each row, best first; of equal scores the smaller item code, which is the smaller id.

    Items of minus infinity are never ranked: NOTHING stands in their place. EvaluationError when a score is NaN.
    Shape (rows, k).
    """
    rows, items = scores.shape
    lists = np.full((rows, k), NOTHING, dtype=np.int32)
    if np.isnan(scores).any():
        raise EvaluationError("a model gave a score that is not a number")
    width = min(k, items)
    if not width or not rows:
        return lists
    keys = _keys(np.ascontiguousarray(scores, dtype=np.float32))
    if width < items:
        keys = np.partition(keys, width - 1, axis=1)[:, :width]
    keys.sort(axis=1)
    chosen = (keys & np.int64(0xFFFFFFFF)).astype(np.int32)
    rankable = np.take_along_axis(scores, chosen, axis=1) > -np.inf
    lists[:, :width] = np.where(rankable, chosen, NOTHING)
    return lists


def _keys(scores: Floats) -> Integers:
    """Distinct integers in order of rank: the score's bits turned so that the best is least, then the item code."""
    # Minus zero equals zero and must tie with it.
    bits: NDArray[Any] = (scores + np.float32(0)).view(np.int32)
    ordered = np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits)
    keys = (~ordered).astype(np.int64) << np.int64(32)
    keys |= np.arange(scores.shape[1], dtype=np.int64)
    return keys


def flat(scores: Floats) -> Mask:
    """Rows whose scores are all the same: the model has nothing to say about them."""
    return np.asarray(scores.max(axis=1) == scores.min(axis=1)) if scores.shape[1] else np.zeros(len(scores), np.bool_)
