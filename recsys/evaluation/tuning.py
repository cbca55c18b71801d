"""Choosing parameters inside the training part. Knows validation splits; is never shown the test part.

One parameter after the other in the order of a model's axes, each value judged with the best of the former by the
mean nDCG of the validation cases. A value must be better by more than the standard error of the difference on the same
cases, or the former stays: else one would follow the noise of the validation part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from recsys.evaluation.blend import Blend
from recsys.evaluation.datasets import Catalogue
from recsys.evaluation.histories import Doubles
from recsys.evaluation.judging import answer
from recsys.evaluation.metrics import accuracy
from recsys.evaluation.neighbours import Popularity
from recsys.evaluation.protocols import Split, validation
from recsys.evaluation.scoring import Model, Scorer, Train

CASES: Final = 10_000
"""How many users judge one set of parameters in one fold."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """figure: validation nDCG of the choice; None where nothing could be tried. tried: how many sets of parameters."""

    model: Any
    figure: float | None = None
    tried: int = 0


class Tuner:
    """Chooses for one split. Equal models are judged once, so a blend's parts cost nothing more."""

    def __init__(
        self, split: Split, catalogue: Catalogue, *, at: int, seed: int, folds: int = 1, tried: Callable[[], None]
    ) -> None:
        self._folds = validation(split, folds, CASES, seed) if folds else []
        self._fallbacks: list[Scorer] = [Popularity().fit(Train(fold.train, catalogue, seed)) for fold in self._folds]
        self._catalogue, self._at, self._seed, self._tried = catalogue, at, seed, tried
        self._chosen: dict[Model, Tuned] = {}

    @property
    def folds(self) -> int:
        return len(self._folds)

    def best(self, model: Model) -> Tuned:
        """The model with the parameters that did best on the validation splits."""
        if model not in self._chosen:
            self._chosen[model] = self._search(model)
        return self._chosen[model]

    def _search(self, model: Model) -> Tuned:
        if not self._folds or not model.axes():
            return Tuned(model)
        if isinstance(model, Blend):
            model = replace(model, parts=tuple(self.best(part).model for part in model.parts))
            # The parts are fitted once; only their weights differ.
            fitted = [[part.fit(self._train(fold)) for part in model.parts] for fold in self._folds]
            return self._walk(model, lambda blend: [blend.combined(scorers) for scorers in fitted])
        return self._walk(model, lambda changed: [changed.fit(self._train(fold)) for fold in self._folds])

    def _walk(self, model: Any, fit: Callable[[Any], Sequence[Scorer]]) -> Tuned:
        best, figures, tried = model, self._figures(fit(model)), 1
        self._tried()
        for name, values in model.axes().items():
            start = best
            for value in values:
                if value == getattr(start, name):
                    continue
                changed = replace(start, **{name: value})
                others, tried = self._figures(fit(changed)), tried + 1
                self._tried()
                gain = others - figures
                if gain.mean() > gain.std() / np.sqrt(len(gain)):
                    best, figures = changed, others
        return Tuned(best, float(figures.mean()), tried)

    def _train(self, fold: Split) -> Train:
        return Train(fold.train, self._catalogue, self._seed)

    def _figures(self, scorers: Sequence[Scorer]) -> Doubles:
        """nDCG of every validation case of every fold."""
        figures: list[Doubles] = []
        for fold, scorer, fallback in zip(self._folds, scorers, self._fallbacks, strict=True):
            for scene in fold.scenes:
                answers = answer(scene, scorer, fallback, self._at)
                figures.append(accuracy(answers.lists, scene.truth, (self._at,))[f"ndcg@{self._at}"])
        return np.concatenate(figures)


def attempts(model: Model) -> int:
    """How many sets of parameters a search judges, its blend's parts not counted."""
    axes = model.axes()
    others = [value for name, values in axes.items() for value in values if value != getattr(model, name)]
    return 1 + len(others) if axes else 0
