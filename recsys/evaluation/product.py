"""The model that Studyhall itself trains and serves, asked as the product asks it. Knows its public interface only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recsys.evaluation.asked import code_of, log_of, served
from recsys.evaluation.cohort import chosen
from recsys.evaluation.histories import Floats, Histories, Mask
from recsys.evaluation.newitems import NewItems
from recsys.evaluation.scoring import Scorer, Train
from recsys.fitting import FitParameters, fit_log


@dataclass(frozen=True, slots=True)
class Product:
    """`recsys.collaborative.CollaborativeModel` as `recsys.fitting` trains it, through `scores(history, now)`.

    It chooses by itself, inside what it is trained on, whether the learned order is better than the plain one. Without
    a history: what is popular among those who came just before, as the product's `popular` fades (`Cohort`). What
    nobody took, where there are descriptions: `NewItems`, whose map is that of the product's `mapped`.
    """

    parameters: FitParameters = field(default_factory=FitParameters)

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """None: what is judged is what the product would do."""
        return {}

    def fit(self, train: Train) -> Scorer:
        model = fit_log(log_of(train.histories), now=0.0, parameters=self.parameters, progress=train.progress)
        users = train.histories.users_of_items()
        scorer = served(model, users)
        known = np.zeros(train.histories.item_count, dtype=np.bool_)
        known[[code_of(name) for name in model.names]] = True
        untaken = users == 0
        if train.catalogue.described and untaken.any() and known.any():
            scorer = _Beside(served(model), NewItems().fit(train), untaken)
        return _Begun(scorer, _Beginning(train))


class _Beginning:
    """What those get who did nothing yet; worked out when the first of them asks."""

    def __init__(self, train: Train) -> None:
        self._train = train
        self._found: Scorer | None = None

    def __call__(self, histories: Histories) -> Floats:
        if self._found is None:
            self._found = chosen(self._train).fit(self._train)
        return self._found(histories)


@dataclass(frozen=True, slots=True)
class _Begun:
    scorer: Scorer
    beginning: Scorer

    def __call__(self, histories: Histories) -> Floats:
        scores = self.scorer(histories)
        blank = np.flatnonzero(histories.lengths == 0)
        if len(blank):
            scores[blank] = self.beginning(histories.take(blank))
        return scores


@dataclass(frozen=True, slots=True)
class _Beside:
    """Known items in the order of `scorer` and new ones among them, at the heights that `placed` has for both.

    untaken: which items `scorer` cannot know.
    """

    scorer: Scorer
    placed: Scorer
    untaken: Mask

    def __call__(self, histories: Histories) -> Floats:
        heights = self.placed(histories)
        scores = self.scorer(histories)
        taken = np.flatnonzero(~self.untaken)
        own = scores[:, taken]
        # What the model does not name comes after what it names, in the order of the heights.
        order = np.lexsort((-heights[:, taken], -own), axis=1)
        found = heights.copy()
        sorted_heights = -np.sort(-heights[:, taken], axis=1)
        np.put_along_axis(own, order, sorted_heights, axis=1)
        found[:, taken] = own
        return found
