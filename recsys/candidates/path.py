"""What comes next after what is done, and what comes too early. Knows prerequisites and what the user finished."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.candidates.source import best
from recsys.columns import Floats, Slots, united
from recsys.request import Request
from recsys.types import Evidence


@dataclass(frozen=True, slots=True)
class Path:
    """1 when all prerequisites are done, down to -1 when none is; 0 without prerequisites that the catalogue knows.

    Prerequisites are item ids.
    """

    name: str = "path"

    def propose(self, request: Request, n: int) -> Slots:
        unlocks = request.view.unlocks
        opened = [request.view.unlocked_by(item) for item in sorted(request.done) if item in unlocks]
        if not opened:
            return np.zeros(0, dtype=np.int64)
        slots = united(*opened)
        slots = slots[request.admitted[slots]]
        return best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        values = np.zeros(len(slots))
        for at in request.view.columns.needs[slots].nonzero()[0].tolist():
            known, done = self._split(request, int(slots[at]))
            if known:
                values[at] = 1.0 if len(done) == len(known) else len(done) / len(known) - 1.0
        return values

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """items: the prerequisites that are done, or, when some are not, those that are missing (note "missing")."""
        return [self._told(request, slot) for slot in slots.tolist()]

    def _told(self, request: Request, slot: int) -> Evidence:
        known, done = self._split(request, slot)
        missing = tuple(item for item in known if item not in done)
        if missing:
            return Evidence(items=missing, count=len(missing), note="missing")
        return Evidence(items=done, count=len(done))

    def _split(self, request: Request, slot: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The prerequisites that this query may see, and those of them that are done."""
        view, audiences = request.view, request.query.where.audiences
        known = tuple(
            item
            for item in dict.fromkeys(view.items[slot].prerequisites)
            if (at := view.slot(item)) is not None and view.items[at].audience in audiences
        )
        return known, tuple(item for item in known if item in request.done)
