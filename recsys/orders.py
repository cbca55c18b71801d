"""Orders of slots that outlast one version of a corpus. Knows columns; knows no filters and no scores.

What describes a slot never changes, so an order of the first slots holds for every later view; the few slots since
(the tail) are looked at one by one. Readers share what one of them worked out; doing it twice does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from recsys.columns import Columns, Floats, Mask, Slots

Rows = NDArray[np.int64]
TAIL: Final = 2_048
"""Slots after which the orders are made anew."""
_MAPS: Final = 16
_SMALL: Final = 2_048


@dataclass(frozen=True, slots=True)
class Settled:
    """Of the first `count` slots. rows: their row ids, sorted, each once; slots: the latest slot of each.

    newest: all slots, latest created first, ties by slot; created: their dates in that order. dated: those that start
    at some time.
    """

    count: int
    rows: Rows
    slots: Slots
    newest: Slots
    created: Floats
    dated: Slots

    @classmethod
    def of(cls, columns: Columns, count: int) -> Settled:
        row = columns.row[:count]
        by_row = np.argsort(row, kind="stable")
        ordered = row[by_row]
        last = np.ones(count, dtype=np.bool_)
        last[:-1] = ordered[1:] != ordered[:-1]
        created = columns.created_at[:count]
        newest = np.argsort(-created, kind="stable")
        return cls(
            count=count,
            rows=ordered[last],
            slots=by_row[last],
            newest=newest,
            created=created[newest],
            dated=np.flatnonzero(~np.isnan(columns.starts_at[:count])),
        )

    def at(self, rows: Rows) -> tuple[Slots, Mask]:
        """The slots of row ids, and which are known; the slot of an unknown one means nothing."""
        if not len(self.rows):
            return np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.bool_)
        place = np.minimum(self.rows.searchsorted(rows), len(self.rows) - 1)
        return self.slots[place], self.rows[place] == rows


class Orders:
    """The orders of one arrangement of slots: a corpus that sweeps out dead slots begins with new ones."""

    def __init__(self) -> None:
        self._settled: Settled | None = None
        self._maps: dict[int, tuple[Rows, Settled, Slots, Mask | None]] = {}

    def settled(self, columns: Columns, seen: int) -> Settled:
        """Orders of at most the first `seen` slots, and of all but TAIL of them."""
        known = self._settled
        if known is None or not known.count <= seen <= known.count + TAIL:
            fresh = Settled.of(columns, seen)
            if known is None or fresh.count > known.count:
                self._settled = fresh
            return fresh
        return known

    def slots_of(self, rows: Rows, settled: Settled) -> tuple[Slots, Mask | None]:
        """As `Settled.at` for the rows of an index, remembered as long as it is the same array; None: all known."""
        if len(rows) < _SMALL:
            return settled.at(rows)
        known = self._maps.get(id(rows))
        if known is None or known[0] is not rows or known[1] is not settled:
            slots, there = settled.at(rows)
            known = (rows, settled, slots, None if bool(there.all()) else there)
            if len(self._maps) >= _MAPS:
                self._maps.clear()
            self._maps[id(rows)] = known
        return known[2], known[3]
