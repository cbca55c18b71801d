"""Items that are about what the user was after before. Knows interests and vectors; knows nobody else's actions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.candidates.nearest import near_profile, scaled
from recsys.candidates.source import best
from recsys.columns import Floats, Slots
from recsys.profile import Profile
from recsys.request import Request
from recsys.types import Evidence

SUPPORTS = 3


@dataclass(frozen=True, slots=True)
class Semantic:
    """The cosine to the nearest interest, on a scale from `low` to `high`; a lesser interest counts a little less."""

    low: float = 0.15
    high: float = 0.75
    name: str = "semantic"

    def propose(self, request: Request, n: int) -> Slots:
        slots, _ = near_profile(request, n)
        return best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        if not request.profile.interests or not len(slots):
            return np.zeros(len(slots))
        return np.asarray(self._by_interest(request, slots).max(axis=1))

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """The items of that interest that are nearest to this one; count: how many items the interest rests on."""
        found = [Evidence()] * len(slots)
        vectors = request.vectors(slots)
        if not request.profile.interests or not vectors.shape[1]:
            return found
        nearest = self._by_interest(request, slots).argmax(axis=1)
        names = [request.view.items[slot].id for slot in slots.tolist()]
        for number in set(nearest.tolist()):
            items = request.profile.interests[number].items
            here = (nearest == number).nonzero()[0]
            likeness = vectors[here] @ request.profile.interests[number].vectors.T
            orders = (-likeness).argsort(axis=1, kind="stable")[:, : SUPPORTS + 1].tolist()
            for at, order in zip(here.tolist(), orders, strict=True):
                # What was only looked at may come again, yet it is no reason for itself.
                others = [items[k] for k in order if items[k] != names[at]]
                found[at] = Evidence(tuple(others[:SUPPORTS]), len(items) - (names[at] in items))
        return found

    def _by_interest(self, request: Request, slots: Slots) -> Floats:
        """Shape (slots, interests)."""

        def work(some: Slots) -> Floats:
            centres = request.once("semantic.centres", lambda: request.profile.centres)
            weights = request.once("semantic.weights", lambda: _weights(request.profile))
            return scaled(request.cosines(some, centres).T, self.low, self.high) * weights

        return request.of_kept(("semantic", self), slots, work)


def _weights(profile: Profile) -> Floats:
    weights = np.asarray([interest.weight for interest in profile.interests])
    # A second interest at half the weight of the first still counts for three quarters.
    return np.asarray(0.5 + 0.5 * weights / weights.max(), dtype=np.float64)
