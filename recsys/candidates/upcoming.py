"""Happenings of the next weeks. Knows dates and interests."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from recsys.candidates.declared import DeclaredTopics
from recsys.candidates.semantic import Semantic
from recsys.candidates.source import best
from recsys.columns import Floats, Slots
from recsys.request import Request
from recsys.signals import DAY
from recsys.types import Evidence


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A base value for any happening, more for one that matches interests or topics; less the later after a week."""

    window: float = 28.0
    base: float = 0.4
    semantic: Semantic = field(default_factory=Semantic)
    declared: DeclaredTopics = field(default_factory=DeclaredTopics)
    name: str = "upcoming"

    def propose(self, request: Request, n: int) -> Slots:
        slots, now = request.view.dated(), request.query.now
        starts = request.view.columns.starts_at[slots]
        slots = slots[(starts >= now) & (starts <= now + self.window * DAY) & request.admitted[slots]]
        return best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        values = np.zeros(len(slots))
        starts, now = request.view.columns.starts_at[slots], request.query.now
        dated = ((starts >= now) & (starts <= now + self.window * DAY)).nonzero()[0]
        if len(dated):
            chosen = slots[dated]
            near = np.interp((starts[dated] - now) / DAY, [0.0, 7.0, self.window], [1.0, 1.0, 0.5])
            match = np.maximum(self.semantic.values(request, chosen), self.declared.values(request, chosen))
            values[dated] = near * (self.base + (1 - self.base) * match)
        return values

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: whole days until it starts; items: what of the history it matches, if that is why."""
        days = ((request.view.columns.starts_at[slots] - request.query.now) // DAY).astype(np.int64).tolist()
        matched = (self.semantic.values(request, slots) > 0).tolist()
        like = self.semantic.evidence(request, slots)
        return [
            Evidence(items=some.items if matches else (), count=count)
            for some, matches, count in zip(like, matched, days, strict=True)
        ]
