"""What people decided to lift. Knows the decisions of a query; knows no reasons of its own."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.candidates.source import Sparse
from recsys.columns import Floats, Slots
from recsys.request import Request
from recsys.types import Evidence

BOOST = "boost"


@dataclass(frozen=True, slots=True)
class Decided:
    """As much as was decided, already on the scale of the score; 0 for all other items."""

    name: str = BOOST

    def propose(self, request: Request, n: int) -> Slots:
        return self._lifted(request).best(request.admitted, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        return self._lifted(request).at(slots)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: the words of whoever decided it."""
        items, boosts = request.view.items, request.query.decisions.boosts
        lifts = [boosts.get(items[slot].id) for slot in slots.tolist()]
        return [Evidence(note=lift.why if lift is not None else "") for lift in lifts]

    def _lifted(self, request: Request) -> Sparse:
        boosts = request.query.decisions.boosts
        return request.once("boosts", lambda: Sparse.of(request, {item: lift.by for item, lift in boosts.items()}))
