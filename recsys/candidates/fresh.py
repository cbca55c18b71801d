"""What is new. Knows dates; knows nothing of the user but what is admitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.candidates.source import best_of_order
from recsys.columns import Floats, Slots
from recsys.request import Request
from recsys.signals import DAY
from recsys.types import Evidence


@dataclass(frozen=True, slots=True)
class Fresh:
    """1 when it has just appeared, half after `half_life` days, 0 beyond `window` days: what is old is never new."""

    half_life: float = 7.0
    window: float = 30.0
    name: str = "fresh"

    def propose(self, request: Request, n: int) -> Slots:
        view, now = request.view, request.query.now
        settled = view.settled()
        return best_of_order(
            lambda slots: self.values(request, slots),
            settled.newest,
            lambda at: self._most(now - float(settled.created[at])),
            beside=view.tail(),
            eligible=lambda slots: request.admitted[slots],
            n=n,
        )

    def _most(self, age: float) -> float:
        """What something of this age is worth if its date is known; a little more, for rounding."""
        age = max(age, 0.0) / DAY
        return 1.000001 * 2.0 ** (-age / self.half_life) if age <= self.window else 0.0

    def values(self, request: Request, slots: Slots) -> Floats:
        return self._worth(request.query.now, request.view.columns.created_at[slots])

    def _worth(self, now: float, created: Floats) -> Floats:
        age = np.maximum(now - created, 0.0) / DAY
        # 0 is the date of items that have none.
        known = (age <= self.window) & (created > 0)
        return np.asarray(np.where(known, np.exp2(-age / self.half_life), 0.0), dtype=np.float64)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: whole days since it appeared."""
        now = request.query.now
        created = request.view.columns.created_at[slots].tolist()
        return [Evidence(count=int(max(0.0, now - at) // DAY)) for at in created]
