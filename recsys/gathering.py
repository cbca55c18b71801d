"""A log of actions from columns: `actions.collect` for millions of rows. Knows no text, and nobody's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.actions import FULL_WEIGHT, ActionLog, Integers
from recsys.signals import HISTORY_CAP, Feedback, Rule, Scale

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ActionColumns:
    """One row an action, in the order in which they were stored; all of shape (rows,) but the words.

    users: numbers of people, of any size. items, signals: codes into `names` and `words`. at: seconds. sequence: rises.
    """

    users: Integers
    items: NDArray[np.int32]
    signals: NDArray[np.int8]
    at: Floats
    values: NDArray[np.float32]
    sequence: Integers
    names: tuple[str, ...]
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.users)

    def where(self, kept: Mask) -> ActionColumns:
        return ActionColumns(
            self.users[kept],
            self.items[kept],
            self.signals[kept],
            self.at[kept],
            self.values[kept],
            self.sequence[kept],
            self.names,
            self.words,
        )


def gather(
    columns: ActionColumns,
    feedback: Feedback | None = None,
    *,
    learnable: Callable[[str], bool] | None = None,
    seen: int = 0,
) -> tuple[ActionLog, Mask]:
    """As `actions.collect`, users in order of their numbers; and of each entry, whether any of its rows has a sequence
    of at most `seen`: whoever learnt from those knows of it."""
    feedback = feedback or Feedback()
    weights = np.minimum(_worth(columns, feedback) / FULL_WEIGHT, 1.0)
    kept = (weights > 0) & np.isfinite(columns.at)
    if learnable is not None:
        open_ = np.asarray([learnable(name) for name in columns.names], dtype=np.bool_)
        kept &= open_[columns.items] if len(columns) else kept
    rows = np.flatnonzero(kept)
    width = np.int64(max(len(columns.names), 1))
    numbers, users = np.unique(columns.users[rows], return_inverse=True)
    keys = users * width + columns.items[rows]
    at = columns.at[rows]
    # Within a pair the latest first; of one instant the first that came, as both sorts keep the order of equals.
    order = np.lexsort((-at, keys))
    firsts = np.flatnonzero(np.concatenate(([True], np.diff(keys[order]) != 0))) if len(rows) else np.zeros(0, np.int64)
    entry = order[firsts]
    best = np.maximum.reduceat(weights[rows][order], firsts) if len(rows) else np.zeros(0)
    known = np.minimum.reduceat(columns.sequence[rows][order], firsts) <= seen if len(rows) else np.zeros(0, np.bool_)
    del order, firsts
    line = np.lexsort((entry, at[entry], users[entry]))
    line = line[_back(users[entry][line], len(numbers)) < HISTORY_CAP]
    entry = entry[line]
    taken, items = np.unique(columns.items[rows][entry], return_inverse=True)
    names, items = _by_name([columns.names[code] for code in taken.tolist()], items)
    log = ActionLog(names, users[entry].astype(np.int64), items, best[line].astype(np.float32))
    return log, np.asarray(known[line], dtype=np.bool_)


def _worth(columns: ActionColumns, feedback: Feedback) -> Floats:
    """`Feedback.weight` of every row; 0 for signals that may not be learnt from."""
    worth = np.zeros(len(columns))
    for code, word in enumerate(columns.words):
        rule = feedback.rules.get(word)
        if rule is None or word not in feedback.trainable:
            continue
        mine = columns.signals == code
        worth[mine] = _scaled(rule, columns.values[mine].astype(np.float64))
    return worth


def _scaled(rule: Rule, values: Floats) -> Floats:
    finite = np.isfinite(values)
    values = np.where(finite, values, 0.0)
    match rule.scale:
        case Scale.NONE:
            factor = np.ones(len(values))
        case Scale.FRACTION:
            factor = np.clip(values, 0.0, 1.0)
        case Scale.STARS:
            factor = np.clip(values, 1.0, 5.0) - 3.0
    return np.asarray(np.where(finite, rule.weight * factor, 0.0))


def _back(users: Integers, count: int) -> Integers:
    """How many of the same user come after each, in sorted rows."""
    ends = np.cumsum(np.bincount(users, minlength=count))
    return np.asarray(ends[users] - 1 - np.arange(len(users), dtype=np.int64))


def _by_name(names: list[str], items: NDArray[Any]) -> tuple[tuple[str, ...], Integers]:
    """Names in order of code point, and the codes that say the same."""
    order = sorted(range(len(names)), key=names.__getitem__)
    number = np.empty(len(names), dtype=np.int64)
    number[order] = np.arange(len(names))
    return tuple(names[code] for code in order), number[items] if len(names) else items.astype(np.int64)
