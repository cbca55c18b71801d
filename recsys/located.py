"""Where numbered items lie in a corpus that changes. Knows ids and slots; knows no scores.

A model numbers its items once, a corpus gives every change of an item a new slot. Looking thousands of ids up for each
query would cost more than the query: here only what is new in the corpus since the last one is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.actions import Integers
from recsys.columns import Slots, View


@dataclass(frozen=True, slots=True)
class _Known:
    """The slot of every number among the first `count` slots of one arrangement; -1 for what was not there."""

    arrangement: Mapping[str, int]
    count: int
    slots: Slots


class Located:
    """For any number of threads: what one of them worked out is put in place with one assignment."""

    def __init__(self, names: Sequence[str], code: Callable[[str], int | None]) -> None:
        """code: the number of a name, its place in `names`; None for any other."""
        self._names, self._code = names, code
        self._known: _Known | None = None

    def at(self, view: View, codes: Integers) -> Slots:
        """The slots of numbered items, -1 for one that is not there (any more)."""
        slots = self._seen(view)[codes]
        alive = (slots >= 0) & (view.columns.until[slots] > view.version)
        return np.where(alive, slots, -1)

    def _seen(self, view: View) -> Slots:
        known = self._known
        if known is not None and known.arrangement is view.slots_of:
            if known.count == view.n:
                return known.slots
            if known.count > view.n:
                # Somebody holds an older view: not worth keeping.
                return view.places(self._names)
            slots = known.slots.copy()
            for slot in range(known.count, view.n):
                code = self._code(view.items[slot].id)
                if code is not None:
                    slots[code] = slot
        else:
            slots = view.places(self._names)
        self._known = _Known(view.slots_of, view.n, slots)
        return slots
