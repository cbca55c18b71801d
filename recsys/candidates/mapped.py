"""New items like those that learners with a like history took. Knows a map and a trained model; knows no texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.candidates.collaborative import Collaborative
from recsys.candidates.source import Sparse
from recsys.collaborative import CollaborativeModel
from recsys.columns import Floats, Slots, within
from recsys.mapping import Placed, Placing
from recsys.request import Request
from recsys.types import Evidence

DOUBT: Final = 0.2
KINDS: Final = frozenset({"course"})
"""What is placed: discussions come and go too fast to be learned from others."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What `Collaborative` would say of an item nobody acted on: the mean of its values for the items most alike,
    weighed by likeness, with `doubt` more weight of nothing. 0 for whatever the model knows by itself.
    """

    collaborative: Collaborative
    placing: Placing
    doubt: float = DOUBT
    name: str = "mapped"

    @classmethod
    def of(cls, collaborative: Collaborative, model: CollaborativeModel) -> Mapped:
        return cls(collaborative, Placing(model, KINDS))

    def propose(self, request: Request, n: int) -> Slots:
        return self._values(request).best(request.admitted, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        return self._values(request).at(slots)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """items: what of the history led to the known item that tells most here; note: the title of that one."""
        telling = [(at, self._telling(request, slot)) for at, slot in enumerate(slots.tolist())]
        known = {at: slot for at, slot in telling if slot is not None}
        told = self.collaborative.evidence(request, np.asarray(list(known.values()), dtype=np.int64))
        found = [Evidence()] * len(slots)
        for (at, slot), evidence in zip(known.items(), told, strict=True):
            found[at] = Evidence(evidence.items, note=request.view.items[slot].title)
        return found

    def _telling(self, request: Request, slot: int) -> int | None:
        """The slot of the known item that tells most about a new one."""
        placed, there = self._placed(request), self._there(request)
        near = ((name, weight * float(there[placed.codes[name]])) for name, weight in placed.near(slot))
        found = [(-worth, name) for name, worth in near if worth > 0]
        return request.view.slot(min(found)[1]) if found else None

    def _placed(self, request: Request) -> Placed:
        return request.once("mapped.placed", lambda: self.placing(request.view, request.vectors))

    def _there(self, request: Request) -> Floats:
        """The values of the known items that new ones are placed by, in their order; 0 where nothing is said."""

        def work() -> Floats:
            placed, spoken = self._placed(request), self.collaborative.spoken(request)
            slots = spoken.scores.slots
            if not len(slots) or not len(placed.slots):
                return np.zeros(len(placed.known))
            values = self.collaborative.values(request, slots)
            numbers = placed.numbers[spoken.codes]
            # What is like the history itself is what `semantic` says.
            kept = (values > 0) & (numbers >= 0) & ~within(slots, request.past)
            there = np.zeros(len(placed.known))
            there[numbers[kept]] = values[kept]
            return there

        return request.once("mapped.there", work)

    def _values(self, request: Request) -> Sparse:
        def work() -> Sparse:
            placed = self._placed(request)
            there = self._there(request)
            if not there.any():
                return Sparse(placed.slots[:0], there[:0])
            values = placed.weights @ there / (placed.totals + self.doubt)
            # What was named before this view, or is gone since.
            kept = (values > 0) & (placed.slots < request.view.n)
            return Sparse(placed.slots[kept], values[kept])

        return request.once("mapped.values", work)
