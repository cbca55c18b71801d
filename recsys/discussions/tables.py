"""Columns that grow, and pairs with values that fade. Knows codes and numbers; knows nothing of what they mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.messages import Doubles, Integers

_FIRST: Final = 64
_LARGEST: Final = 500.0
"""Half-lives after which faded values are brought back to a common zero: 2^500 is far from where doubles end."""


def grown(column: NDArray[Any], size: int, fill: float) -> NDArray[Any]:
    """The same values with room for `size` rows or more; new rows hold `fill`."""
    rows = len(column)
    if size <= rows:
        return column
    wider = np.full((max(size, 2 * rows, _FIRST), *column.shape[1:]), fill, dtype=column.dtype)
    wider[:rows] = column
    return wider


class Fading:
    """Weights that halve with age, kept without touching them: forward decay (Cormode et al. 2009).

    What happens at t is added as 2^((t - zero) / half) and read as a share of what it would be worth now.
    """

    def __init__(self, half: float) -> None:
        self._half = half
        self._zero: float | None = None

    def weight(self, now: float) -> float:
        """What one happening at `now` (seconds) is added as."""
        if self._zero is None:
            self._zero = now
        return math.exp2((now - self._zero) / self._half)

    def due(self, now: float) -> float:
        """A factor to multiply everything stored by, once in many half-lives; 1 when there is nothing to do."""
        if self._zero is None or now - self._zero < _LARGEST * self._half:
            return 1.0
        factor = math.exp2(-(now - self._zero) / self._half)
        self._zero = now
        return factor


class Pairs:
    """Values of ordered pairs of codes, shape (pairs, columns). Row 0 belongs to every pair that was never seen."""

    def __init__(self, columns: int, fill: float = 0.0) -> None:
        self._rows: dict[int, int] = {}
        self._fill = fill
        self.values: Doubles = np.full((_FIRST, columns), fill)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, one: int, other: int) -> int:
        """The row of a pair, made if there was none."""
        key = one << 32 | other
        row = self._rows.get(key)
        if row is None:
            row = len(self._rows) + 1
            self._rows[key] = row
            if row >= len(self.values):
                self.values = grown(self.values, row + 1, self._fill)
        return row

    def at(self, one: int, other: int) -> Doubles:
        """The values of a pair, to be changed in place at once: a later new pair may move them."""
        row = self.row(one, other)
        return np.asarray(self.values[row])

    def rows(self, one: int, others: Sequence[int]) -> Integers:
        """Rows of one code with each of the others; 0 where there is none."""
        get, high = self._rows.get, one << 32
        return np.asarray([get(high | other, 0) for other in others], dtype=np.int64)
