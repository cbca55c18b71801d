"""Boosted trees that order a few proposed items. Knows features and hits; knows not what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from recsys.evaluation.histories import Floats, Mask

_OPTIONS: Final = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 15,
    "num_leaves": 15,
    "learning_rate": 0.07,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.6,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
_ROUNDS: Final = 150


@dataclass(frozen=True, slots=True)
class Ranked:
    """LambdaMART (Burges 2010) by LightGBM: larger is better, comparable within one case only."""

    booster: Any

    def __call__(self, features: Floats) -> Floats:
        """Shape (cases, items, features) to (cases, items)."""
        cases, items, width = features.shape
        found = self.booster.predict(features.reshape(-1, width), num_threads=1)
        return np.asarray(found, dtype=np.float32).reshape(cases, items)


def learn_to_rank(features: Floats, hits: Mask, judging: Mask, summed: int, seed: int) -> Ranked | None:
    """Learn from the cases that do not judge; None where these are ordered no better than by the sum of the first
    `summed` features.

    features: shape (cases, items, features). hits: shape (cases, items), one in each case. judging: shape (cases,).
    """
    # Only who learns waits for the package.
    import lightgbm

    learning = ~judging
    if not learning.any() or not judging.any():
        return None
    _, items, width = features.shape
    table = lightgbm.Dataset(
        features[learning].reshape(-1, width), hits[learning].ravel().astype(np.int32), group=[items] * learning.sum()
    )
    found = Ranked(lightgbm.train({**_OPTIONS, "seed": seed}, table, _ROUNDS))
    plain = features[judging][:, :, :summed].sum(axis=2)
    gain = _gains(found(features[judging]), hits[judging]) - _gains(plain, hits[judging])
    return found if gain.mean() > gain.std() / np.sqrt(len(gain)) else None


def _gains(scores: Floats, hits: Mask, k: int = 10) -> Floats:
    """nDCG@k of each case."""
    own = scores[hits][:, None]
    rank = 1 + (scores > own).sum(axis=1)
    return np.where(rank <= k, 1 / np.log2(rank + 1), 0.0).astype(np.float32)
