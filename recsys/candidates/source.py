"""What a source of suggestions is, and how one becomes a generator. Knows requests; knows no particular source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recsys.columns import Floats, Slots
from recsys.request import Request
from recsys.types import Candidate, Evidence, Query


class Scorer(Protocol):
    """One part of the score.

    `values` are on a fixed scale that does not depend on which items are asked about together: 0 says nothing, 1 is
    the most a part can say, and a part that can speak against an item goes down to -1.
    """

    @property
    def name(self) -> str: ...
    def values(self, request: Request, slots: Slots) -> Floats:
        """Shape (len(slots),)."""
        ...

    def evidence(self, request: Request, slot: int) -> Evidence:
        """What the value of this item rests on: true, and of this user's own history."""
        ...


class Source(Scorer, Protocol):
    """A part of the score that also finds items."""

    def propose(self, request: Request, n: int) -> Slots:
        """At most n different slots out of `request.admitted`, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Generator:
    """A source as a candidate generator."""

    origin: Source
    prepare: Callable[[Query], Request]

    @property
    def source(self) -> str:
        return self.origin.name

    def __call__(self, query: Query, n: int) -> Sequence[Candidate]:
        """At most n candidates, largest value first, ties by id."""
        request = self.prepare(query)
        slots = self.origin.propose(request, n)
        values = self.origin.values(request, slots)
        found = [
            Candidate(request.view.items[slot].id, self.source, value, self.origin.evidence(request, slot))
            for slot, value in zip(slots.tolist(), values.tolist(), strict=True)
        ]
        return sorted(found, key=lambda candidate: (-candidate.value, candidate.item))


@dataclass(frozen=True, slots=True)
class Sparse:
    """Values of a few slots, sorted by slot; all others are 0."""

    slots: Slots
    scores: Floats

    @classmethod
    def of(cls, request: Request, by_item: Mapping[str, float]) -> Sparse:
        known = [(slot, score) for item, score in by_item.items() if (slot := request.view.slot(item)) is not None]
        known.sort()
        return cls(np.asarray([slot for slot, _ in known], dtype=np.int64), np.asarray([score for _, score in known]))

    def at(self, slots: Slots) -> Floats:
        """Shape (len(slots),)."""
        if not len(self.slots):
            return np.zeros(len(slots))
        places = np.minimum(np.searchsorted(self.slots, slots), len(self.slots) - 1)
        return np.where(self.slots[places] == slots, self.scores[places], 0.0)


def best(values: Floats, slots: Slots, n: int) -> Slots:
    """The n slots of largest value, above-zero only, ties by slot."""
    above = values > 0
    values, slots = values[above], slots[above]
    if n <= 0:
        return slots[:0]
    if len(slots) > n:
        # Whoever ties with the last that fits stays, so that the choice among equals is by slot.
        kept = values >= np.partition(values, len(values) - n)[len(values) - n]
        values, slots = values[kept], slots[kept]
    return slots[np.lexsort((slots, -values))][:n]
