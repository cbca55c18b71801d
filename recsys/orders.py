"""Orders of slots that outlast one version of a corpus. Knows columns; knows no filters and no scores.

What describes a slot never changes, so an order of the first slots holds for every later view; the few slots since
(the tail) are looked at one by one. Readers share what one of them worked out; doing it twice does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from recsys.rowplaces import RowPlaces

if TYPE_CHECKING:
    from recsys.columns import Columns, Floats, Mask, Slots

Rows = NDArray[np.int64]
TAIL: Final = 2_048
"""Slots after which the orders are made anew."""
_LONGEST_LOG: Final = 65_536
_MAPS: Final = 16
_SMALL: Final = 2_048


@dataclass(frozen=True, slots=True)
class Settled:
    """Of the first `count` slots. rows: their row ids; slots: the latest slot of each, in their order.

    newest: all slots, latest created first, ties by slot; created: their dates in that order. dated: those that start
    at some time.
    """

    count: int
    rows: RowPlaces
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
            rows=RowPlaces.of(ordered[last]),
            slots=by_row[last],
            newest=newest,
            created=created[newest],
            dated=np.flatnonzero(~np.isnan(columns.starts_at[:count])),
        )

    def at(self, rows: Rows) -> tuple[Slots, Mask]:
        """The slots of row ids, and which are known; the slot of an unknown one means nothing."""
        places, known = self.rows.find(rows)
        return (self.slots[places] if self.count else places), known


@dataclass(frozen=True, slots=True)
class Activity:
    """Slots by what they drew, most first, when the order was made. bounds: log2 of that, were it all of the time 0 (at
    time t it is 2 ** (bound - t / half-life)). log, since: where to find the slots that were acted on afterwards.
    """

    columns: Columns
    order: Slots
    bounds: Floats
    count: int
    log: list[int]
    since: int

    @classmethod
    def of(cls, columns: Columns, count: int, half_life: float, log: list[int]) -> Activity:
        since = len(log)  # before the columns are read: what is written meanwhile is in the log as well
        with np.errstate(divide="ignore"):
            acted = np.log2(columns.popularity[:count]) + columns.popular_at[:count] / half_life
            drawn = np.log2(0.5 * columns.engagement[:count]) + columns.created_at[:count] / half_life
        bounds = np.logaddexp2(acted, drawn)
        some = np.flatnonzero(bounds > -np.inf)
        order = some[np.argsort(-bounds[some], kind="stable")]
        return cls(columns, order, bounds[order], count, log, since)


class Orders:
    """The orders of one arrangement of slots: a corpus that sweeps out dead slots begins with new ones.

    half_life: of what was done with items, in seconds.
    """

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._log: list[int] = []
        self._activity: Activity | None = None
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

    def touched(self, slot: int) -> None:
        """The writer's word that the popularity of a slot has grown, after it has."""
        if len(self._log) >= _LONGEST_LOG:
            self._log = []
        self._log.append(slot)

    def forgotten(self) -> None:
        """The writer's word that popularity is counted anew."""
        self._log = []

    def activity(self, columns: Columns, seen: int) -> tuple[Activity, Slots]:
        """An order of the first slots, and the slots, not among them or acted on since, that stand outside of it."""
        known, log = self._activity, self._log
        if (
            known is None
            or known.columns is not columns
            or known.log is not log
            or len(log) - known.since > TAIL
            or not known.count <= seen <= known.count + TAIL
        ):
            fresh = Activity.of(columns, seen, self._half_life, log)
            if known is None or known.columns is not columns or fresh.count >= known.count:
                self._activity = fresh
            known = fresh
        since = np.asarray(log[known.since :], dtype=np.int64)
        return known, np.concatenate([since[since < seen], np.arange(known.count, seen)])

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
