"""What many act on now. Knows decayed counts; knows the user only by languages and level."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recsys.candidates.source import best_of_order
from recsys.columns import NO_LEVEL, Floats, Mask, Slots
from recsys.request import Request
from recsys.types import Evidence


@dataclass(frozen=True, slots=True)
class Popular:
    """log(1 + c) / (log(1 + c) + half) of the decayed sum of actions c, plus what a discussion drew, decayed by age.

    An item in none of the user's languages counts `other_language`, a level off `other_level` for each step.
    half_life: seconds.
    """

    half_life: float
    half: float = 3.0
    other_language: float = 0.5
    other_level: float = 0.8
    name: str = "popular"

    def propose(self, request: Request, n: int) -> Slots:
        columns, now = request.view.columns, request.query.now
        activity, beside = request.view.activity()
        oldest = now - 12 * self.half_life

        def eligible(slots: Slots) -> Mask:
            recent = (columns.engagement[slots] > 0) & (columns.created_at[slots] > oldest)
            active: Mask = request.admitted[slots] & ((columns.popularity[slots] > 0) | recent)
            return active

        def ceiling(at: int) -> float:
            # A little more, for rounding; no segment makes an item worth more than this.
            most = math.log1p(min(2.0 ** min(activity.bounds[at] - now / self.half_life, 1000.0), 1e300) * 1.000001)
            return most / (most + self.half)

        return best_of_order(
            lambda slots: self.values(request, slots), activity.order, ceiling, beside=beside, eligible=eligible, n=n
        )

    def values(self, request: Request, slots: Slots) -> Floats:
        columns, now = request.view.columns, request.query.now
        counted = columns.popularity[slots] * self._faded(columns.popular_at[slots] - now)
        drawn = columns.engagement[slots] * self._faded(columns.created_at[slots] - now)
        strength = np.log1p(counted + 0.5 * drawn)
        worth: Floats = strength / (strength + self.half)
        return self._segmented(request, slots, worth)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: how many different users acted on it; for a discussion nobody acted on, how many take part."""
        items, people = request.view.items, request.view.columns.people[slots].tolist()
        acted = zip(slots.tolist(), people, strict=True)
        return [Evidence(count=count or items[slot].participants) for slot, count in acted]

    def _faded(self, since: Floats) -> Floats:
        """since: minus the age, in seconds."""
        return np.exp2(np.minimum(since, 0.0) / self.half_life)

    def _segmented(self, request: Request, slots: Slots, worth: Floats) -> Floats:
        """What it is worth for who declared languages or a level."""
        view, declared = request.view, request.query.declared
        if declared.languages:
            spoken = view.languages.any_of(view.columns.language[slots], declared.languages)
            worth = np.where(spoken, worth, worth * self.other_language)
        if declared.level is not None:
            levels = view.columns.level[slots]
            off = np.where(levels == NO_LEVEL, 0, np.abs(levels - declared.level))
            worth = worth * self.other_level ** np.minimum(off, 10)
        return worth
