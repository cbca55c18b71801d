"""Learners with a like history, as reasons: how many of those most like you took it. Knows no names and no ids.

Users are rows of a training log: whose row is whose cannot be found out from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.actions import ActionLog, Integers

FADE: Final = 0.8
KEPT: Final = 40
"""The latest items of each learner that count."""
NEAR: Final = 50

Codes = NDArray[np.int32]
_FADES: Final = np.asarray([FADE**back for back in range(KEPT)], dtype=np.float32)
_FEW: Final = 16
"""Of so many users fewer than one is met: then it is cheaper to sort those who are."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Rows of the learners most like one, most alike first; `ordered`: the same by row."""

    rows: Integers
    ordered: Integers


@dataclass(frozen=True, slots=True)
class Companions:
    """Learner r took `items[starts[r]:starts[r + 1]]` (codes of the model's items), oldest first."""

    starts: Integers
    items: Codes
    item_count: int
    _places: Integers = field(init=False, repr=False, compare=False)
    _rows: Codes = field(init=False, repr=False, compare=False)
    _values: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    _counts: Integers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        counts = np.diff(self.starts)
        if self.starts[0] != 0 or self.starts[-1] != len(self.items) or np.any(counts < 0):
            raise ValueError("the rows do not cover the entries")
        if len(self.items) and not (self.items.min() >= 0 and self.items.max() < self.item_count):
            raise ValueError("somebody took an item that is not there")
        rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        back = np.repeat(self.starts[1:], counts) - 1 - np.arange(len(self.items))
        values = np.power(np.float32(FADE), back.astype(np.float32))
        norms = np.sqrt(np.bincount(rows, values * values, len(counts)))
        order = np.argsort(self.items, kind="stable")
        places = np.concatenate(([0], np.cumsum(np.bincount(self.items, minlength=self.item_count))))
        object.__setattr__(self, "_places", places.astype(np.int64))
        object.__setattr__(self, "_counts", counts)
        object.__setattr__(self, "_rows", rows[order])
        object.__setattr__(self, "_values", (values / norms[rows]).astype(np.float32)[order])

    @classmethod
    def of(cls, log: ActionLog) -> Companions:
        """The latest KEPT items of everybody in a log (which is in order of user, then time)."""
        counts = np.bincount(log.users, minlength=log.user_count)
        ends = np.cumsum(counts)
        latest = (ends[log.users] - np.arange(len(log))) <= KEPT
        starts = np.concatenate(([0], np.cumsum(np.minimum(counts, KEPT)))).astype(np.int64)
        return cls(starts, log.items[latest].astype(np.int32), len(log.names))

    @classmethod
    def read(cls, stored: Mapping[str, Any], item_count: int) -> Companions | None:
        """From a model's arrays; None where a model has none (it was trained before they were kept)."""
        if "people_starts" not in stored:
            return None
        return cls(stored["people_starts"], stored["people_items"], item_count)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"people_starts": self.starts, "people_items": self.items}

    def alike(self, latest_first: Sequence[int], near: int = NEAR) -> Alike:
        """The `near` learners with the largest cosine of faded histories (Herlocker et al. 1999; the fade is ours).

        Whoever took nothing beyond this history has nothing to say and is left out; so is, by that, whoever asks.
        """
        codes = np.asarray(latest_first[:KEPT], dtype=np.int64)
        firsts = self._places[codes]
        lengths = self._places[codes + 1] - firsts
        ends = np.cumsum(lengths)
        entries = np.repeat(firsts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)
        rows, shared, likeness = _summed(
            self._rows[entries], np.repeat(_FADES[: len(codes)], lengths) * self._values[entries], len(self._counts)
        )
        more = shared < self._counts[rows]
        rows, likeness = rows[more], likeness[more]
        if len(rows) > near:
            kept = np.argpartition(-likeness, near - 1)[:near]
            rows, likeness = rows[kept], likeness[kept]
        return Alike(rows[np.lexsort((rows, -likeness))], np.sort(rows))

    def took(self, alike: Alike, code: int) -> tuple[int, int]:
        """(how many of these took an item, how many they are)."""
        here = self._rows[self._took(code)]
        if not len(here):
            return 0, len(alike.rows)
        # Whoever took an item stands in order of row, each once.
        among = here.take(here.searchsorted(alike.ordered), mode="clip") == alike.ordered
        return int(np.count_nonzero(among)), len(alike.rows)

    def _took(self, code: int) -> slice:
        """Where those who took an item lie in `_rows`."""
        return slice(int(self._places[code]), int(self._places[code + 1]))


def _summed(
    rows: Codes, values: NDArray[np.float32], users: int
) -> tuple[Integers, NDArray[np.intp], NDArray[np.float64]]:
    """The different rows, sorted; of each how often it is there, and the sum of its values."""
    if len(rows) * _FEW < users:
        met, number = np.unique(rows, return_inverse=True)
        return met.astype(np.int64), np.bincount(number), np.bincount(number, values).astype(np.float64)
    times = np.bincount(rows, minlength=users)
    known = np.flatnonzero(times)
    return known, times[known], np.bincount(rows, values, users)[known].astype(np.float64)
