"""The model that Studyhall itself trains and serves, asked as the product asks it. Knows its public interface only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recsys.actions import ActionLog
from recsys.evaluation.histories import Floats, Histories
from recsys.evaluation.scoring import Scorer, Train
from recsys.fitting import FitParameters, fit_log
from recsys.types import Interaction, Model

_ACTION = "enrol"
"""What every action of the log counts as: a whole one."""


@dataclass(frozen=True, slots=True)
class Product:
    """`recsys.collaborative.CollaborativeModel` as `recsys.fitting` trains it, through `scores(history, now)`.

    It chooses by itself, inside what it is trained on, whether the learned order is better than the plain one.
    """

    parameters: FitParameters = field(default_factory=FitParameters)

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """None: what is judged is what the product would do."""
        return {}

    def fit(self, train: Train) -> Scorer:
        latest = train.histories.latest()
        _, users = np.unique(latest.rows, return_inverse=True)
        # The log of the product names items in order; codes are in order already.
        taken = np.flatnonzero(latest.users_of_items())
        names = tuple(_name(code) for code in taken.tolist())
        number = np.full(latest.item_count, -1, dtype=np.int64)
        number[taken] = np.arange(len(taken))
        weights = np.ones(len(latest.items), dtype=np.float32)
        log = ActionLog(names, users.astype(np.int64), number[latest.items], weights)
        model = fit_log(log, now=0.0, parameters=self.parameters, progress=train.progress)
        return served(model)


def served(model: Model) -> Scorer:
    """Any trained model of the product whose items are named by `_name`."""
    return _Served(model)


@dataclass(frozen=True, slots=True)
class _Served:
    model: Model

    def __call__(self, histories: Histories) -> Floats:
        scores = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        for row in range(len(histories)):
            found = self.model.scores(_actions(histories.item(row).tolist()), 0.0)
            codes = [int(name) for name in found]
            scores[row, codes] = list(found.values())
        return scores


def _actions(items: Sequence[int]) -> list[Interaction]:
    return [Interaction("", _name(item), _ACTION, 0.0) for item in items]


def _name(code: int) -> str:
    """Of one width, so that the order of names is the order of codes."""
    return f"{code:09d}"
