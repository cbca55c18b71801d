"""What users took, in order, as flat arrays. Knows codes of items; knows no names, no files and no models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.signals import HISTORY_CAP

Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]
Csr = Any
"""A scipy.sparse.csr_matrix; the library comes without types."""

CELLS: Final = 4_000_000
"""How many scores are held at once: 16 MB of float32."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Row r took `items[starts[r]:starts[r + 1]]`, oldest first. ratings: NaN where there is none. times: seconds.

    An item comes at most once in a row. `item_count` is the size of the catalogue that the codes are of. arrivals: when
    each row's user came, shape (rows,), in any unit that orders; None where the log does not tell.
    """

    starts: Integers
    items: Integers
    times: Doubles
    ratings: Floats
    item_count: int
    arrivals: Doubles | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Integers:
        return np.diff(self.starts)

    @property
    def rows(self) -> Integers:
        """The row of every entry."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    @property
    def position(self) -> Integers:
        """How many of the same row come before each entry."""
        return np.arange(len(self.items), dtype=np.int64) - np.repeat(self.starts[:-1], self.lengths)

    @property
    def back(self) -> Integers:
        """How many of the same row come after each entry."""
        return np.repeat(self.starts[1:], self.lengths) - 1 - np.arange(len(self.items), dtype=np.int64)

    @property
    def rated(self) -> bool:
        return bool(np.isfinite(self.ratings).any())

    def item(self, row: int) -> Integers:
        return self.items[self.starts[row] : self.starts[row + 1]]

    def where(self, kept: Mask) -> Histories:
        """The same rows with only the entries of the mask, shape (entries,)."""
        counts = np.bincount(self.rows[kept], minlength=len(self))
        entries = (self.items[kept], self.times[kept], self.ratings[kept])
        return Histories(starts_of(counts), *entries, self.item_count, self.arrivals)

    def take(self, rows: Integers) -> Histories:
        """Some rows, in the order given."""
        lengths = self.lengths[rows]
        starts = starts_of(lengths)
        entries = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1], dtype=np.int64)
        arrivals = None if self.arrivals is None else self.arrivals[rows]
        taken = (self.items[entries], self.times[entries], self.ratings[entries])
        return Histories(starts, *taken, self.item_count, arrivals)

    def latest(self, count: int = HISTORY_CAP) -> Histories:
        """Only the last `count` entries of every row: what one user can weigh is bounded."""
        return self if not len(self) or self.lengths.max() <= count else self.where(self.back < count)

    def faded(self, fade: float, *, cap: int = HISTORY_CAP) -> Csr:
        """Shape (rows, items), float32: the latest entry weighs 1, each step back `fade` times as much."""
        kept = self.latest(cap)
        weights = np.ones(len(kept.items), dtype=np.float32)
        if fade != 1.0:
            weights = np.power(np.float32(fade), kept.back.astype(np.float32))
        return kept.matrix(weights)

    def matrix(self, values: Floats) -> Csr:
        """Shape (rows, items) with these values of the entries."""
        return sparse.csr_matrix((values, self.items, self.starts), shape=(len(self), self.item_count))

    def users_of_items(self) -> Integers:
        """How many rows hold each item, shape (items,)."""
        return np.bincount(self.items, minlength=self.item_count).astype(np.int64)


def starts_of(counts: NDArray[Any]) -> Integers:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def empty_rows(count: int, item_count: int) -> Histories:
    """Rows of nobody who took anything."""
    return Histories(
        np.zeros(count + 1, dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        np.zeros(0),
        np.zeros(0, dtype=np.float32),
        item_count,
    )


def joined(users: Integers, items: Integers, times: Doubles, ratings: Floats, shape: tuple[int, int]) -> Histories:
    """Rows from entries in any order: by user, then time, then the order given; shape is (users, items)."""
    order = np.lexsort((np.arange(len(users)), times, users))
    counts = np.bincount(users, minlength=shape[0])
    return Histories(starts_of(counts), items[order], times[order], ratings[order], shape[1])


def batches(rows: int, width: int) -> Iterator[slice]:
    """Slices of rows so that a matrix of `width` columns stays within CELLS."""
    size = max(1, min(2048, CELLS // max(width, 1)))
    for first in range(0, rows, size):
        yield slice(first, min(first + size, rows))
