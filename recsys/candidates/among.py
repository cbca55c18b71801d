"""What people like a newcomer chose, by what both declared. Knows counts of segments; knows no history."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.candidates.source import best
from recsys.columns import NO_LEVEL, Floats, Slots, united
from recsys.request import Request
from recsys.segmented import LEVELS, MOST_RATIO, Segment, Segments
from recsys.types import Evidence

_KNOWN: Final = 12
"""Liked items after which what somebody did tells so much more that this part (whose weight halves with every two) is
silent."""
_DEEP: Final = 40
"""Items of the topics that are proposed: what is tagged with it, or popular, others propose, and each item
costs every part of the score."""


@dataclass(frozen=True, slots=True)
class Among:
    """log(1 + c r) / log(1 + 8 most) of the number of people c who chose an item and the ratio r, at most 8, by which
    people like this one choose it more often than all (`Segments`), `most` being the c of the item most chosen; 0 where
    nobody is like this one.

    An item in none of the user's languages is taken to be chosen `other_language` times as often, a level off
    `other_level` for each step, until counts tell better.
    """

    segments: Segments
    other_language: float = 0.5
    other_level: float = 0.8
    name: str = "among"

    def propose(self, request: Request, n: int) -> Slots:
        """What most people of each topic chose; what is chosen by all alike others propose."""
        segment = self._segment(request)
        if not segment or not segment.topics:
            return np.zeros(0, dtype=np.int64)
        each = max(1, _DEEP // len(segment.topics))
        rows = united(*(table.most(each) for _, table in segment.topics))
        slots = request.view.found(rows)
        slots = slots[request.admitted[slots]]
        # Where all of them fit nobody asks which is best.
        return slots if len(slots) <= n else best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        segment = self._segment(request)
        if not segment or not len(slots):
            return np.zeros(len(slots))
        view, declared = request.view, request.query.declared
        levels, spoken = np.ones(len(slots)), np.ones(len(slots))
        if declared.languages:
            spoken[~view.languages.any_of(view.columns.language[slots], declared.languages)] = self.other_language
        if declared.level is not None:
            of_items = view.columns.level[slots]
            off = np.where(of_items == NO_LEVEL, 0, np.abs(of_items - declared.level))
            levels = self.other_level ** np.minimum(off, LEVELS)
        chosen, ratios = segment.ratios(view.columns.row[slots], levels, spoken)
        worth: Floats = np.log1p(chosen * ratios) / math.log1p(MOST_RATIO * segment.most)
        return worth

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: how many people of the segment in `note` chose it, `times` as often as everybody; or no note."""
        segment = self._segment(request)
        if not segment:
            return [Evidence()] * len(slots)
        told = [segment.told(row) for row in request.view.columns.row[slots].tolist()]
        return [Evidence(count=count, note=name, times=round(times, 2) if name else 0.0) for count, name, times in told]

    def _segment(self, request: Request) -> Segment | None:
        if request.positives > _KNOWN:
            return None
        return request.once("among", lambda: self.segments.of(request.query.declared))
