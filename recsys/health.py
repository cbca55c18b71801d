"""Is the mix of what is suggested sound: whom it reaches, whom it forgets, whether it moves. Knows counts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.signals import DAY

POPULAR: Final = 0.1
"""The items that most people acted on, as a share of the catalogue."""
COLD_BELOW: Final = 5
TOP: Final = 20
HALF: Final = 7.0
"""Days: the last so many against those before them."""


@dataclass(frozen=True, slots=True)
class Stocked:
    """An item that could be suggested. `people`: how many acted on it."""

    item: str
    kind: str
    author: str
    people: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An item that was suggested to somebody at some time (seconds)."""

    item: str
    at: float
    policy: str = "main"


@dataclass(frozen=True, slots=True)
class Health:
    """Shares are 0-1; 0 where nothing was shown.

    coverage: of the catalogue, shown at all. popular: places that went to the most popular tenth. top_author: places of
    the author who has most of them, who is `author`. cold: places of items that hardly anybody acted on; cold_reach: of
    those items, shown at all. explored: places that were drawn. kinds: share of places by kind. drift: half the sum of
    the differences between the shares of the kinds this week and before (total variation). turnover: of the most shown
    items of the week before, how many are no longer among those of this week. None without both weeks.
    """

    places: int
    catalogue: int
    coverage: float
    popular: float
    author: str
    top_author: float
    cold: float
    cold_reach: float
    explored: float
    kinds: dict[str, float]
    drift: float | None
    turnover: float | None


def health(stock: Iterable[Stocked], placed: Iterable[Placed], *, now: float) -> Health:
    """Places of items that are no longer in stock are left out."""
    known = {each.item: each for each in stock}
    places = [place for place in placed if place.item in known]
    total = max(len(places), 1)
    shown = Counter(place.item for place in places)
    authors = Counter(known[place.item].author for place in places if known[place.item].author)
    author, most = authors.most_common(1)[0] if authors else ("", 0)
    cold = {item for item, each in known.items() if each.people < COLD_BELOW}
    popular = _popular(known)
    kinds = _kinds(known, places)
    recent = [place for place in places if place.at > now - HALF * DAY]
    before = [place for place in places if now - 2 * HALF * DAY < place.at <= now - HALF * DAY]
    both = bool(recent) and bool(before)
    return Health(
        places=len(places),
        catalogue=len(known),
        coverage=len(shown) / max(len(known), 1),
        popular=sum(shown[item] for item in popular) / total,
        author=author,
        top_author=most / total,
        cold=sum(shown[item] for item in cold) / total,
        cold_reach=len(cold & shown.keys()) / max(len(cold), 1),
        explored=sum(place.policy == "explore" for place in places) / total,
        kinds=kinds,
        drift=_distance(_kinds(known, recent), _kinds(known, before)) if both else None,
        turnover=_turnover(recent, before) if both else None,
    )


def _popular(known: Mapping[str, Stocked]) -> set[str]:
    count = int(np.ceil(POPULAR * len(known)))
    ranked = sorted(known.values(), key=lambda each: (-each.people, each.item))
    return {each.item for each in ranked[:count] if each.people > 0}


def _kinds(known: Mapping[str, Stocked], places: list[Placed]) -> dict[str, float]:
    counts = Counter(known[place.item].kind for place in places)
    return {kind: count / len(places) for kind, count in sorted(counts.items())}


def _distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(abs(one.get(kind, 0.0) - other.get(kind, 0.0)) for kind in {*one, *other}) / 2


def _turnover(recent: list[Placed], before: list[Placed]) -> float:
    def top(places: list[Placed]) -> set[str]:
        counts = Counter(place.item for place in places)
        return set(sorted(counts, key=lambda item: (-counts[item], item))[:TOP])

    former = top(before)
    return len(former - top(recent)) / len(former)
