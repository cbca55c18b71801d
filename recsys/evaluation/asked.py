"""Histories as the product knows them: its log of actions, and its models asked for scores. Knows its public types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.actions import ActionLog
from recsys.evaluation.histories import Floats, Histories, Integers
from recsys.evaluation.scoring import Scorer
from recsys.types import Interaction, Model

_ACTION = "enrol"
"""What every action of the log counts as: a whole one."""


def log_of(histories: Histories) -> ActionLog:
    """What the product would learn from; `code_of` is the item of a name."""
    latest = histories.latest()
    _, users = np.unique(latest.rows, return_inverse=True)
    # The log of the product names items in order; codes are in order already.
    taken = np.flatnonzero(latest.users_of_items())
    names = tuple(_name(code) for code in taken.tolist())
    number = np.full(latest.item_count, -1, dtype=np.int64)
    number[taken] = np.arange(len(taken))
    weights = np.ones(len(latest.items), dtype=np.float32)
    return ActionLog(names, users.astype(np.int64), number[latest.items], weights)


def served(model: Model, users: Integers | None = None) -> Scorer:
    """Any trained model of the product whose items are named as in `log_of`.

    users: how many took each item. Then what the model does not name comes after all that it names, the most popular
    first, because a list that is not full is filled so. Without them it is 0, as is what the model scores below.
    """
    return _Served(model, users)


def code_of(name: str) -> int:
    return int(name)


@dataclass(frozen=True, slots=True)
class _Served:
    model: Model
    users: Integers | None

    def __call__(self, histories: Histories) -> Floats:
        scores = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        for row in range(len(histories)):
            found = self.model.scores(_actions(histories.item(row).tolist()), 0.0)
            if not found:
                continue
            codes = [code_of(name) for name in found]
            named = np.asarray(list(found.values()))
            if self.users is None:
                scores[row, codes] = np.maximum(named, 0)
            else:
                scores[row] = min(0.0, named.min()) - 1 - 1 / (1 + self.users)
                scores[row, codes] = named
        return scores


def _actions(items: Sequence[int]) -> list[Interaction]:
    return [Interaction("", _name(item), _ACTION, 0.0) for item in items]


def _name(code: int) -> str:
    """Of one width, so that the order of names is the order of codes."""
    return f"{code:09d}"
