"""What people decided to lift. Knows the decisions of a query; knows no reasons of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.candidates.source import Sparse, best
from recsys.columns import Floats, Slots
from recsys.request import Request
from recsys.types import Evidence

BOOST = "boost"


@dataclass(frozen=True, slots=True)
class Decided:
    """As much as was decided, already on the scale of the score; 0 for all other items."""

    name: str = BOOST

    def propose(self, request: Request, n: int) -> Slots:
        slots = request.view.slots(request.query.decisions.boosts)
        slots = slots[request.admitted[slots]]
        return best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        boosts = request.query.decisions.boosts
        if not boosts:
            return np.zeros(len(slots))
        lifted = request.once("boosts", lambda: Sparse.of(request, {item: lift.by for item, lift in boosts.items()}))
        return lifted.at(slots)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: the words of whoever decided it."""
        items, boosts = request.view.items, request.query.decisions.boosts
        lifts = [boosts.get(items[slot].id) for slot in slots.tolist()]
        return [Evidence(note=lift.why if lift is not None else "") for lift in lifts]
