"""Discussions that go on now and that the user may join, by a learned ranker. Knows groups of features; no texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.candidates.source import best
from recsys.columns import Floats, Slots
from recsys.discussions.live import Known, LiveDiscussions
from recsys.discussions.model import DiscussionModel
from recsys.discussions.names import GROUPS
from recsys.request import Request
from recsys.types import Evidence


@dataclass(frozen=True, slots=True)
class _Rated:
    """Slots in order, and what each group says of them, shape (slots, groups)."""

    slots: Slots
    parts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Talking:
    """One group's share of how likely the user joins: all four together are between 0 and 1.

    Posts in which nobody wrote lately, and those of which the user is part, have 0.
    """

    live: LiveDiscussions
    model: DiscussionModel
    name: str
    """The group: lively, rooms, company or rhythm."""

    def propose(self, request: Request, n: int) -> Slots:
        """The best of all groups together: each group alone would propose others than the ranker means."""
        rated = self._rated(request)
        here = request.admitted[rated.slots]
        return best(rated.parts[here].sum(axis=1), rated.slots[here], n)

    def values(self, request: Request, slots: Slots) -> Floats:
        rated = self._rated(request)
        if not len(rated.slots):
            return np.zeros(len(slots))
        at = np.minimum(np.searchsorted(rated.slots, slots), len(rated.slots) - 1)
        own = rated.parts[at, GROUPS.index(self.name)]
        return np.where(rated.slots[at] == slots, own, 0.0)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: people met who take part, messages lately, own messages in the room; by group."""
        user = request.query.user
        if user is None:
            return [Evidence()] * len(slots)
        return [self._told(request, user, request.view.items[slot].id) for slot in slots.tolist()]

    def _told(self, request: Request, user: str, item: str) -> Evidence:
        known: Known = request.once(
            f"talking.known.{item}", lambda: self.live.known(user, item, request.query.where.audiences)
        )
        return Evidence(
            count={"company": known.met, "lively": known.lately, "rooms": known.mine_there}.get(self.name, 0)
        )

    def _rated(self, request: Request) -> _Rated:
        return request.once("talking.rated", lambda: self._asked(request))

    def _asked(self, request: Request) -> _Rated:
        user = request.query.user
        slots: list[int] = []
        parts: list[NDArray[np.float64]] = []
        if user is not None:
            for going in self.live.going(user, request.query.where.audiences, request.query.now):
                found = [request.view.slot(post) for post in going.posts]
                there = [place for place, slot in enumerate(found) if slot is not None]
                slots += [slot for slot in found if slot is not None]
                parts.append(self.model.parts(going.table)[there])
        if not slots:
            return _Rated(np.zeros(0, dtype=np.int64), np.zeros((0, len(GROUPS))))
        order = np.argsort(slots)
        return _Rated(np.asarray(slots, dtype=np.int64)[order], np.concatenate(parts)[order])
