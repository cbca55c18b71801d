"""What was put before users and what they did with it, as arrays. Knows parts of scores by name; knows no titles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.columns import Floats, Mask

Integers = NDArray[np.int64]
LEARNABLE_POLICIES: Final = frozenset({"main", "explore", "digest"})
"""Slots that the recommender filled by itself: a search answers words and a pin is somebody's decision."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """One item in one list. `parts`: the parts of its score under the weights set by hand, by name.

    `clicked`: a positive action followed. `dismissed`: it was taken off the list, so it was certainly looked at.
    Items with the same `user` and `at` (seconds) stood in one list.
    """

    user: str
    item: str
    kind: str
    rank: int
    at: float
    parts: Mapping[str, float] = field(hash=False)
    clicked: bool = False
    dismissed: bool = False
    policy: str = "main"
    propensity: float = 1.0


@dataclass(frozen=True, slots=True)
class ExposureLog:
    """Rows in order of time, then list, then rank.

    parts: shape (rows, len(names)). lists, users, items: codes from 0 without gaps. kinds: index into `kind_names`.
    """

    names: tuple[str, ...]
    kind_names: tuple[str, ...]
    parts: Floats
    kinds: Integers
    ranks: Integers
    lists: Integers
    users: Integers
    items: Integers
    clicked: Mask
    dismissed: Mask

    def __len__(self) -> int:
        return len(self.ranks)

    def taken(self, rows: Mask) -> ExposureLog:
        """Some of the rows; lists are numbered anew, so that lists still have codes without gaps."""
        _, lists = np.unique(self.lists[rows], return_inverse=True)
        return ExposureLog(
            self.names,
            self.kind_names,
            self.parts[rows],
            self.kinds[rows],
            self.ranks[rows],
            lists.astype(np.int64),
            self.users[rows],
            self.items[rows],
            self.clicked[rows],
            self.dismissed[rows],
        )

    def before(self, share: float) -> Mask:
        """Which rows belong to the first `share` of the lists in time: what is later never teaches about earlier."""
        return np.less(self.lists, int(share * (self.lists[-1] + 1)) if len(self) else 0)


def log_of(exposed: Iterable[Exposed], names: Iterable[str]) -> ExposureLog:
    """Rows of `LEARNABLE_POLICIES` that are well formed. A part that is not in `names` is left out, one that is not in
    a row is 0 there. Neither the order nor repeats of the input matter."""
    ordered_names = tuple(sorted(names))
    column = {name: at for at, name in enumerate(ordered_names)}
    unique = {
        (each.at, each.user, each.rank, each.item): each
        for each in exposed
        if each.policy in LEARNABLE_POLICIES and each.rank >= 1 and math.isfinite(each.at)
    }
    rows = [unique[key] for key in sorted(unique)]
    kinds = tuple(sorted({row.kind for row in rows}))
    parts = np.zeros((len(rows), len(ordered_names)))
    for at, row in enumerate(rows):
        for name, value in row.parts.items():
            if name in column and math.isfinite(value):
                parts[at, column[name]] = value
    return ExposureLog(
        ordered_names,
        kinds,
        parts,
        _codes([row.kind for row in rows]),
        np.asarray([row.rank for row in rows], dtype=np.int64),
        _in_order([(row.at, row.user) for row in rows]),
        _codes([row.user for row in rows]),
        _codes([row.item for row in rows]),
        np.asarray([row.clicked for row in rows], dtype=np.bool_),
        np.asarray([row.dismissed and not row.clicked for row in rows], dtype=np.bool_),
    )


def _codes(words: list[str]) -> Integers:
    code = {word: at for at, word in enumerate(sorted(set(words)))}
    return np.asarray([code[word] for word in words], dtype=np.int64)


def _in_order(keys: list[tuple[float, str]]) -> Integers:
    code: dict[tuple[float, str], int] = {}
    return np.asarray([code.setdefault(key, len(code)) for key in keys], dtype=np.int64)
