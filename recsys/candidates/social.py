"""Discussions of people whom the user met in discussions. Knows who takes part; knows no texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.candidates.source import Sparse
from recsys.columns import Floats, Slots
from recsys.participation import TAKING_PART, Participation
from recsys.request import Request
from recsys.types import Evidence

_OWN = 50
_PEOPLE = 20
_THEIRS = 20


@dataclass(frozen=True, slots=True)
class _Circle:
    """Posts by item id: their affinity, the people met who take part, and where the user met them."""

    affinity: dict[str, float]
    people: dict[str, list[str]]
    met: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Social:
    """a / (a + half) of the affinity a: how often the user met those who take part, rooms of many counting less."""

    participation: Participation
    half: float = 1.0
    name: str = "social"

    def propose(self, request: Request, n: int) -> Slots:
        return self._affinity(request).best(request.admitted, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        raw = self._affinity(request).at(slots)
        return np.asarray(raw / (raw + self.half), dtype=np.float64)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: how many of the people met take part; items: the user's discussions where they met."""
        circle, items = self._circle(request), request.view.items
        return [self._told(circle, items[slot].id) for slot in slots.tolist()]

    @staticmethod
    def _told(circle: _Circle, item: str) -> Evidence:
        people = circle.people.get(item, [])
        met = dict.fromkeys(post for person in people for post in circle.met[person])
        return Evidence(items=tuple(met)[:3], count=len(people))

    def _affinity(self, request: Request) -> Sparse:
        return request.once("social.affinity", lambda: Sparse.of(request, self._circle(request).affinity))

    def _circle(self, request: Request) -> _Circle:
        return request.once("social.circle", lambda: self._drawn(request))

    def _drawn(self, request: Request) -> _Circle:
        user = request.query.user
        circle = _Circle({}, {}, {})
        if user is None:
            return circle
        own = dict.fromkeys(done.item for done in reversed(request.history) if done.signal in TAKING_PART)
        closeness: dict[str, float] = {}
        for post in list(own)[:_OWN]:
            others = [person for person in self.participation.people_of(post) if person != user]
            for person in others:
                closeness[person] = closeness.get(person, 0.0) + 1.0 / (1.0 + np.log1p(len(others)))
                circle.met.setdefault(person, []).append(post)
        closest = sorted(closeness, key=lambda person: (-closeness[person], person))[:_PEOPLE]
        for person in closest:
            # Of what may be read here: what somebody does elsewhere neither counts nor takes the place of what does.
            for post in self.participation.posts_of(person, _THEIRS, among=request.may_read):
                circle.affinity[post] = circle.affinity.get(post, 0.0) + float(closeness[person])
                circle.people.setdefault(post, []).append(person)
        return circle
