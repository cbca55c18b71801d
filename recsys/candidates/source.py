"""What a source of suggestions is, and how one becomes a generator. Knows requests; knows no particular source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from recsys.columns import Floats, Mask, Slots, united
from recsys.request import Request
from recsys.types import Candidate, Evidence, Query

_FIRST_LOOK: Final = 2
_FURTHER: Final = 4
"""How many times the wanted number is looked at first, and how many times more after that."""


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

    def evidence(self, request: Request, slots: Slots) -> Sequence[Evidence]:
        """What the value of each of some items rests on: true, and of this user's own history."""
        ...


class Source(Scorer, Protocol):
    """A part of the score that also finds items."""

    def propose(self, request: Request, n: int) -> Slots:
        """At most n different slots out of `request.admitted`, the best ones, in any order."""
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
        evidence = self.origin.evidence(request, slots)
        found = [
            Candidate(request.view.items[slot].id, self.source, value, told)
            for slot, value, told in zip(slots.tolist(), values.tolist(), evidence, strict=True)
        ]
        return sorted(found, key=lambda candidate: (-candidate.value, candidate.item))


@dataclass(frozen=True, slots=True)
class Sparse:
    """Values of a few slots, sorted by slot; all others are 0."""

    slots: Slots
    scores: Floats

    @classmethod
    def of(cls, request: Request, by_item: Mapping[str, float]) -> Sparse:
        if not by_item:
            return _SILENT
        slots = request.view.places(by_item)
        scores = np.fromiter(by_item.values(), dtype=np.float64, count=len(by_item))
        known = (slots >= 0).nonzero()[0]
        known = known[slots[known].argsort()]
        return cls(slots[known], scores[known])

    def at(self, slots: Slots) -> Floats:
        """Shape (len(slots),)."""
        if not len(self.slots):
            return np.zeros(len(slots))
        places = self.slots.searchsorted(slots)
        here = self.slots.take(places, mode="clip") == slots
        return np.where(here, self.scores.take(places, mode="clip"), 0.0)

    def best(self, admitted: Mask, n: int) -> Slots:
        """As `best` of those that are admitted."""
        if not len(self.slots):
            return self.slots
        here = admitted[self.slots]
        return best(self.scores[here], self.slots[here], n)


_SILENT: Final = Sparse(np.zeros(0, dtype=np.int64), np.zeros(0))


def best(values: Floats, slots: Slots, n: int) -> Slots:
    """The n slots of largest value, above-zero only, in any order; of equals those of the smallest slots."""
    above = values > 0
    values, slots = values[above], slots[above]
    if len(slots) <= n:
        return slots
    if n <= 0:
        return slots[:0]
    last = np.partition(values, len(values) - n)[len(values) - n]
    found: Slots = slots[values >= last]
    if len(found) > n:
        more = slots[values > last]
        found = np.concatenate([more, np.sort(slots[values == last])[: n - len(more)]])
    return found


def best_of_order(
    values: Callable[[Slots], Floats],
    order: Slots,
    ceiling: Callable[[int], float],
    *,
    beside: Slots,
    eligible: Callable[[Slots], Mask],
    n: int,
) -> Slots:
    """As `best` over all eligible slots of `order` and `beside`, looking at no more of the order than it takes.

    ceiling: the most that any slot from that place of the order on can be worth.
    """
    take = _FIRST_LOOK * n
    if n <= 0:
        return order[:0]
    while True:
        slots = united(order[:take], beside)
        slots = slots[eligible(slots)]
        worth = values(slots)
        found = best(worth, slots, n)
        if take >= len(order):
            return found
        most = ceiling(take)
        if most <= 0 or (n <= len(found) and most < float(np.partition(worth, len(worth) - n)[len(worth) - n])):
            return found
        take *= _FURTHER
