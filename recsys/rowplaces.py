"""Where row ids lie in a sorted array of them. Knows numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
_SPREAD: Final = 4
_SPARE: Final = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class RowPlaces:
    """rows: sorted, each once. Stores give row ids out one after another, so as a rule a table of all numbers from the
    first to the last is small, and one look into it costs a tenth of a binary search; None where it would be large."""

    rows: Rows
    table: NDArray[np.int32] | None

    @classmethod
    def of(cls, rows: Rows) -> Self:
        # As Python's integers, which do not overflow.
        wide = int(rows[-1]) - int(rows[0]) + 1 if len(rows) else 0
        if not len(rows) or wide > _SPREAD * len(rows) + _SPARE:
            return cls(rows, None)
        table = np.zeros(wide, dtype=np.int32)
        table[rows - rows[0]] = np.arange(len(rows), dtype=np.int32)
        return cls(rows, table)

    def find(self, wanted: Rows) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The places of row ids, and which of these are there; the place of one that is not means nothing."""
        rows = self.rows
        if not len(rows):
            return np.zeros(len(wanted), dtype=np.intp), np.zeros(len(wanted), dtype=np.bool_)
        if self.table is None:
            places = np.minimum(rows.searchsorted(wanted), len(rows) - 1)
        else:
            # What lies outside of the table, or between its rows, gets the place of some other row.
            places = self.table.take(wanted - rows[0], mode="clip").astype(np.intp)
        return places, np.equal(rows.take(places), wanted)
