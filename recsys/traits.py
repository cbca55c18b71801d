"""Parts of the score that find no items: how well one fits its user. Knows requests; knows no weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recsys.candidates.nearest import scaled
from recsys.candidates.source import Sparse
from recsys.columns import NO_LEVEL, Codes, Floats, Slots
from recsys.request import Request
from recsys.types import Evidence

_INFER_FROM = 3


@dataclass(frozen=True, slots=True)
class Quality:
    """-1 to 1 for a quality of 0 to 1; 0 where nothing is known."""

    name: str = "quality"

    def values(self, request: Request, slots: Slots) -> Floats:
        rated = 2.0 * request.view.columns.quality[slots] - 1.0
        return np.where(np.isnan(rated), 0.0, np.minimum(np.maximum(rated, -1.0), 1.0))

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: "solved" for a discussion that found its answer and that nobody rated."""
        items = [request.view.items[slot] for slot in slots.tolist()]
        solved, plain = Evidence(note="solved"), Evidence()
        return [solved if item.quality is None and item.solved else plain for item in items]


@dataclass(frozen=True, slots=True)
class LevelFit:
    """1 on the user's level, 0 one step off, -1 further off. Undeclared, the level is the usual one of the history."""

    name: str = "level"

    def values(self, request: Request, slots: Slots) -> Floats:
        wanted, _ = self._wanted(request)
        if wanted is None:
            return np.zeros(len(slots))
        levels = request.view.columns.level[slots]
        return np.where(levels == NO_LEVEL, 0.0, 1.0 - np.minimum(np.abs(levels - wanted), 2))

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: "declared", or "history" with the number of items that it was told from."""
        _, told = self._wanted(request)
        return [Evidence(note="history", count=told) if told else Evidence(note="declared")] * len(slots)

    def _wanted(self, request: Request) -> tuple[int | None, int]:
        declared = request.query.declared.level
        if declared is not None:
            return declared, 0
        return request.once("level.told", lambda: self._told(request))

    def _told(self, request: Request) -> tuple[int | None, int]:
        levels = request.view.columns.level[request.liked]
        levels = levels[levels != NO_LEVEL]
        if len(levels) < _INFER_FROM:
            return None, 0
        ordered, half = np.sort(levels), len(levels) // 2
        # The median; of an even number the mean of both in the middle, without its half.
        middle = ordered[half] if len(levels) % 2 else (ordered[half - 1] + ordered[half]) / 2
        return int(middle), len(levels)


@dataclass(frozen=True, slots=True)
class HoursFit:
    """1 for what takes up to 4 weeks at the declared pace, 0 at 12, -1 from 30."""

    name: str = "hours"

    def values(self, request: Request, slots: Slots) -> Floats:
        weekly = request.query.declared.weekly_hours
        if weekly is None or not weekly > 0:
            return np.zeros(len(slots))
        weeks = request.view.columns.hours[slots] / weekly
        return np.nan_to_num(np.interp(weeks, [4.0, 12.0, 30.0], [1.0, 0.0, -1.0]))

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: weeks at the declared pace, rounded up."""
        weekly = request.query.declared.weekly_hours
        return [self._told(request.view.items[slot].hours, weekly) for slot in slots.tolist()]

    @staticmethod
    def _told(hours: float | None, weekly: float | None) -> Evidence:
        if not weekly or hours is None or not math.isfinite(hours / weekly):
            return Evidence()
        return Evidence(count=max(1, math.ceil(hours / weekly)))


@dataclass(frozen=True, slots=True)
class LanguageFit:
    """1 in a language of the user, -1 in another. Undeclared, the languages are those of the history."""

    name: str = "language"

    def values(self, request: Request, slots: Slots) -> Floats:
        spoken = self._spoken(request)
        if not spoken:
            return np.zeros(len(slots))
        view = request.view
        return np.where(view.languages.any_of(view.columns.language[slots], spoken), 1.0, -1.0)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: the language of the item."""
        return _worded(request.view.languages, request.view.columns.language[slots])

    def _spoken(self, request: Request) -> frozenset[str]:
        if request.query.declared.languages:
            return frozenset(request.query.declared.languages)
        return frozenset(request.view.items[slot].language for slot in request.liked.tolist())


def _worded(words: Codes, codes: NDArray[np.int32]) -> list[Evidence]:
    """Of each code its word as a note."""
    told = {code: Evidence(note=words.word(code)) for code in set(codes.tolist())}
    return [told[code] for code in codes.tolist()]


@dataclass(frozen=True, slots=True)
class Dismissed:
    """How near an item is to what the user does not want: 0 up to cosine `low`, 1 from `high`, fading with time."""

    low: float = 0.4
    high: float = 0.9
    name: str = "dismissed"

    def values(self, request: Request, slots: Slots) -> Floats:
        nearness = self._nearness(request, slots)
        return nearness.max(axis=1) if nearness.size else np.zeros(len(slots))

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """items: the dismissed one that is nearest."""
        nearness = self._nearness(request, slots)
        if not nearness.size:
            return [Evidence()] * len(slots)
        disliked = request.profile.disliked
        return [Evidence(items=(disliked[at],)) for at in nearness.argmax(axis=1).tolist()]

    def _nearness(self, request: Request, slots: Slots) -> Floats:
        profile = request.profile
        if not profile.disliked or not len(slots):
            return np.zeros((len(slots), 0))

        def work(some: Slots) -> Floats:
            near = scaled(request.cosines(some, profile.negatives).T, self.low, self.high)
            return np.asarray(near * profile.dislikes, dtype=np.float64)

        return request.of_kept(("dismissed.near", self), slots, work)


@dataclass(frozen=True, slots=True)
class Uptake:
    """How much more, or less, items of a kind are taken up than others of the same score, as exposures taught.

    Already on the scale of the score. by_kind: by name of the kind.
    """

    by_kind: Mapping[str, float] = field(default_factory=dict, hash=False)
    name: str = "uptake"

    def values(self, request: Request, slots: Slots) -> Floats:
        if not self.by_kind:
            return np.zeros(len(slots))
        kinds = request.view.kinds
        table = np.asarray([self.by_kind.get(kinds.word(code), 0.0) for code in range(len(kinds))])
        return np.asarray(table[request.view.columns.kind[slots]])

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: the kind."""
        return _worded(request.view.kinds, request.view.columns.kind[slots])


@dataclass(frozen=True, slots=True)
class Repeated:
    """How often it was shown already, in fifths."""

    name: str = "repeat"

    def values(self, request: Request, slots: Slots) -> Floats:
        shown = request.query.shown
        if not shown:
            return np.zeros(len(slots))
        times = request.once("repeat.shown", lambda: Sparse.of(request, shown)).at(slots)
        return np.clip(np.nan_to_num(times), 0.0, 5.0) / 5.0

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """count: how often it was shown."""
        items, shown = request.view.items, request.query.shown
        return [Evidence(count=int(shown.get(items[slot].id, 0))) for slot in slots.tolist()]
