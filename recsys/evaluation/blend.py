"""Several scorers as one: a weighted sum of z-scores. Knows scorers; knows nothing of how they score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.evaluation.histories import Floats, Histories
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.neighbours import RandomWalk
from recsys.evaluation.scoring import Model, Scorer, Train, standardised


@dataclass(frozen=True, slots=True)
class Blend:
    """score(u, j) = sum over models m of weight_m (s_m(u, j) - mean_m(u)) / std_m(u), mean and std over all items.

    Scores of different units become comparable for each user (Lee 1997 for rankings of documents).
    """

    parts: tuple[Model, ...] = (Ease(), Sequential(), RandomWalk())
    weights: tuple[float, ...] = (1.0, 1.0, 0.5)

    def __post_init__(self) -> None:
        if len(self.parts) != len(self.weights) or not self.parts:
            raise ValueError(f"{len(self.parts)} models do not fit {len(self.weights)} weights")

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """For three parts, as they come; other sums are left as they were put together."""
        if len(self.parts) != 3:
            return {}
        return {"weights": ((1.0, 1.0, 0.0), (1.0, 1.0, 0.5), (1.0, 1.0, 1.0), (0.5, 1.0, 0.5), (1.0, 0.5, 0.5))}

    def fit(self, train: Train) -> Scorer:
        return self.combined([part.fit(train) for part in self.parts])

    def combined(self, scorers: Sequence[Scorer]) -> Scorer:
        """From parts that are fitted already."""
        return _Sum(tuple(scorers), self.weights)


@dataclass(frozen=True, slots=True)
class _Sum:
    scorers: tuple[Scorer, ...]
    weights: tuple[float, ...]

    def __call__(self, histories: Histories) -> Floats:
        total = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        for scorer, weight in zip(self.scorers, self.weights, strict=True):
            if weight:
                total += np.float32(weight) * standardised(scorer(histories))
        return total
