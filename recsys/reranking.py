"""From scores to a list worth reading: diverse, mixed, with room for a surprise. Knows scores; knows no sources.

Diversity is maximal marginal relevance (Carbonell & Goldstein 1998), with the penalty shown as a reason.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.bandit import Odds, chances, posterior
from recsys.columns import Floats, Mask, Slots
from recsys.request import Names, Request
from recsys.types import Evidence, Matrix, Query, Reason, Recommendation, Vector

DIVERSITY: Final = "diversity"
BALANCE: Final = "balance"
EXPLORE: Final = "explore"
PINNED: Final = "pinned"
PIN: Final = "pin"
MAIN: Final = "main"
BLOCK: Final = 5
_NO_TRIAL: Final = (0, 0)
_UNITS: Final = 1e9
UNKNOWN_BELOW: Final = 5
"""An item that fewer users acted on may be a surprise."""


@dataclass(frozen=True, slots=True)
class RerankingConfig:
    """`diversity`: the most that likeness to an item above can cost, from cosine `alike` (nothing) to 1 (all of it).

    `per_author`, `per_kind`: how many of one author, and of one kind in BLOCK, as long as there are others.
    `window`: how many of the best are looked at. `surprises`: from how many of the next best an exploration slot is
    drawn; one slot in BLOCK.
    """

    diversity: float = 0.15
    alike: float = 0.6
    per_author: int = 2
    per_kind: int = 3
    window: int = 60
    surprises: int = 20

    def __post_init__(self) -> None:
        if self.diversity < 0 or not -1 <= self.alike < 1:
            raise ValueError(f"diversity must be at least 0 and alike a cosine below 1, got {self!r}")
        if min(self.per_author, self.per_kind, self.window, self.surprises) < 1:
            raise ValueError(f"counts must be at least 1, got {self!r}")


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates best first. vectors: a zero row where there is none. authors: 0 for nobody. unknown: few met it.

    shown, acted: how often, to anybody. crowded: enough people met it today. tried: it had its share of exploration.
    waits: places of the prerequisites that are missing and among the candidates, by place.
    """

    items: Sequence[str]
    scores: Floats
    kinds: NDArray[np.int32]
    authors: NDArray[np.int32]
    vectors: Matrix
    unknown: Mask
    shown: Floats
    acted: Floats
    crowded: Mask
    tried: Mask
    waits: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One slot of the list: index into the pool, and what the choice adds to the reasons."""

    at: int
    added: tuple[Reason, ...] = ()
    policy: str = MAIN
    propensity: float = 1.0
    slate: tuple[tuple[str, float, float], ...] = ()


def window(authors: NDArray[np.int32], kinds: NDArray[np.int32], k: int, config: RerankingConfig) -> NDArray[np.int64]:
    """Indices of the candidates worth a look: the best, without one author or kind crowding out the others."""
    size, count = max(config.window, 3 * k), len(authors)
    if count <= size or _all_fit(authors[:size], kinds, config):
        return np.arange(min(count, size), dtype=np.int64)
    room: dict[int, int] = {}
    author_of, kind_of = authors.tolist(), kinds.tolist()
    owed = dict.fromkeys(set(kind_of), BLOCK)

    def enters(at: int) -> bool:
        author = author_of[at]
        left = room.get(author, config.per_author)
        if not left:
            return False
        # Of nobody there may be any number.
        room[author] = left - 1 if author else left
        owed[kind_of[at]] -= 1
        return True

    best = list(islice(filter(enters, range(count)), size))
    # The best are found; further down only kinds of which there are too few yet are looked for.
    rare = [kind for kind, more in owed.items() if more > 0]
    if rare and len(best) == size:
        below = best[-1] + 1
        found = np.logical_or.reduce([kinds[below:] == kind for kind in rare]).nonzero()[0]
        best += [at for at in (below + found).tolist() if owed[kind_of[at]] > 0 and enters(at)]
    elif len(best) < size:
        kept = set(best)
        best += [at for at in range(count) if at not in kept][: size - len(best)]
    return np.asarray(sorted(best), dtype=np.int64)


def _all_fit(authors: NDArray[np.int32], kinds: NDArray[np.int32], config: RerankingConfig) -> bool:
    """Whether the best, by these authors, may all stay: then there is nothing to look for further down."""
    ordered = np.sort(authors)
    once_more = ordered[config.per_author :]
    if bool(((once_more == ordered[: len(once_more)]) & (once_more > 0)).any()):
        return False
    here = np.bincount(kinds[: len(authors)], minlength=int(kinds.max()) + 1)
    return bool(((here >= BLOCK) | (np.bincount(kinds) == here)).all())


def choose(
    pool: Pool,
    k: int,
    *,
    surprise: random.Random | None,
    config: RerankingConfig,
    pinned: Choice | None = None,
    odds: Odds | None = None,
) -> list[Choice]:
    """At most k choices in order. `surprise`: the source of exploration, None for none. Deterministic.

    `pinned` takes the first place. `odds`: what the scores say about a positive action.
    """
    chosen = [pinned] if pinned is not None and k > 0 else []
    state = _State(pool, config)
    lottery = cache(lambda: _Lottery.of(pool, k, odds or Odds()))
    for place in range(len(chosen), min(k, len(pool.items))):
        if chosen:
            state.take(chosen[-1].at)
        unwanted = state.unwanted(place, k)
        allowed = state.allowed(unwanted)
        drawn = None
        if surprise is not None and place % BLOCK == BLOCK - 1:
            drawn = _drawn(pool, allowed, lottery(), surprise, config)
        choice = drawn or state.best(allowed)
        if unwanted and state.kinds[choice.at] not in unwanted:
            choice = replace(choice, added=(*choice.added, Reason(BALANCE, 0.0, Evidence(note="kind"))))
        chosen.append(choice)
    return chosen


@dataclass(frozen=True, slots=True)
class _Lottery:
    """Who may be drawn at all, and what is believed of each candidate's worth: the same for every place."""

    open_to: Mask
    means: Floats
    deviations: Floats

    @classmethod
    def of(cls, pool: Pool, k: int, odds: Odds) -> _Lottery:
        open_to = pool.unknown & ~pool.tried
        open_to[:k] = False
        return cls(open_to, *posterior(pool.scores, pool.shown, pool.acted, odds))


def _drawn(
    pool: Pool, allowed: Mask, lottery: _Lottery, surprise: random.Random, config: RerankingConfig
) -> Choice | None:
    """One of the next best that few have met, as Thompson sampling would choose, with the probability of that."""
    next_best = (allowed & lottery.open_to).nonzero()[0][: config.surprises]
    if not len(next_best):
        return None
    chance = chances(lottery.means[next_best], lottery.deviations[next_best]).tolist()
    drawn = min(bisect_right(list(accumulate(chance)), surprise.random()), len(next_best) - 1)
    reason = Reason(EXPLORE, 0.0, Evidence(count=len(next_best)))
    places, scores = next_best.tolist(), pool.scores[next_best].tolist()
    slate = tuple(zip([pool.items[at] for at in places], scores, chance, strict=True))
    return Choice(places[drawn], (reason,), EXPLORE, chance[drawn], slate)


class _State:
    """What was taken so far, and what that means for the rest."""

    def __init__(self, pool: Pool, config: RerankingConfig) -> None:
        count = len(pool.items)
        self._pool, self._config = pool, config
        self.kinds: list[int] = pool.kinds.tolist()
        self._taken: list[int] = []
        self._by_author: dict[int, int] = {}
        self._free = np.ones(count, dtype=np.bool_)
        self._room: Mask | None = None
        self._uncrowded = ~pool.crowded if pool.crowded.any() else None
        self._likenesses: list[Vector] = []
        """To each that was taken, of all."""
        self._most_alike = np.full(count, config.alike)
        self._penalties = np.zeros(count)
        self._worth = _rounded(pool.scores)

    def unwanted(self, place: int, k: int) -> Collection[int]:
        """Kinds that should not come next: at the end of a block of five (or of a shorter list of at least three) the
        only one in it, as two are owed; before that those that have all the room of one kind."""
        here = [self.kinds[at] for at in self._taken[place - place % BLOCK :]]
        last = len(here) == BLOCK - 1 or (place == k - 1 and len(here) >= 2)
        if last and len(set(here)) == 1:
            return here[:1]
        return [kind for kind in set(here) if here.count(kind) >= self._config.per_kind]

    def allowed(self, unwanted: Collection[int]) -> Mask:
        """The free ones that wait for nothing above them, whose author has room, that not everybody has met today and
        that are of a kind that is wanted; each only as long as there are such."""
        found = self._free
        other = self._other_than(unwanted) if unwanted else None
        for wanted in (self._ready(), self._room, self._uncrowded, other):
            if wanted is not None:
                fewer = found & wanted
                found = fewer if np.count_nonzero(fewer) else found
        return found

    def _other_than(self, kinds: Collection[int]) -> Mask:
        others = np.ones(len(self._free), dtype=np.bool_)
        for kind in kinds:
            others &= self._pool.kinds != kind
        return others

    def _ready(self) -> Mask | None:
        """An advanced course does not stand above one that it builds on and that is missing."""
        if not self._pool.waits:
            return None
        ready = np.ones(len(self._free), dtype=np.bool_)
        for at, needed in self._pool.waits.items():
            ready[at] = not self._free[list(needed)].any()
        return ready

    def best(self, allowed: Mask) -> Choice:
        """The one of most worth, of equals the first."""
        places = allowed.nonzero()[0]
        at = int(places[self._worth[places].argmax()])
        penalty = float(self._penalties[at])
        if penalty == 0.0:
            return Choice(at)
        most = min(float(self._most_alike[at]), 1.0)
        above = next(place for place, likeness in enumerate(self._likenesses) if likeness[at] >= most)
        evidence = Evidence(items=(self._pool.items[self._taken[above]],), count=above + 1)
        return Choice(at, (Reason(DIVERSITY, -penalty, evidence),))

    def take(self, at: int) -> None:
        self._free[at] = False
        self._taken.append(at)
        author = int(self._pool.authors[at])
        if author:
            self._by_author[author] = self._by_author.get(author, 0) + 1
            if self._by_author[author] >= self._config.per_author:
                others = self._pool.authors != author
                self._room = others if self._room is None else self._room & others
        if self._pool.vectors.shape[1]:
            self._put_off(self._pool.vectors.dot(self._pool.vectors[at]))

    def _put_off(self, likeness: Vector) -> None:
        """Whatever is like something that was taken pays for what it is most like."""
        config = self._config
        self._likenesses.append(likeness)
        np.maximum(self._most_alike, likeness, out=self._most_alike)
        share = (self._most_alike - config.alike) / (1.0 - config.alike)
        self._penalties = np.minimum(share, 1.0, out=share) * config.diversity
        self._worth = _rounded(self._pool.scores - self._penalties)


def _rounded(scores: Floats) -> Floats:
    """In units of the last digit that counts. Equal up to that: the pool is in order of score and id, so of equals the
    first is the one."""
    return np.rint(scores * _UNITS)


@dataclass(frozen=True, slots=True)
class ListReranker:
    """The `Reranker` of the library: `choose` over what the corpus knows of the ranked items."""

    prepare: Callable[[Query], Request]
    config: RerankingConfig = field(default_factory=RerankingConfig)

    def __call__(self, query: Query, ranked: Sequence[tuple[str, tuple[Reason, ...]]]) -> list[Recommendation]:
        """Items that the corpus does not know are left out."""
        request = self.prepare(query)
        known = [(item, reasons) for item, reasons in ranked if request.view.slot(item) is not None]
        slots = request.view.slots(item for item, _ in known)
        scores = np.asarray([math.fsum(part.value for part in reasons) for _, reasons in known])
        choices = self.choices(request, slots, scores)
        return [
            recommendation(known[choice.at][0], place, known[choice.at][1], choice)
            for place, choice in enumerate(choices, start=1)
        ]

    def choices(self, request: Request, slots: Slots, scores: Floats, odds: Odds | None = None) -> list[Choice]:
        """Indices into `slots`, which come best first, in order of the list."""
        query, columns = request.query, request.view.columns
        authors = columns.author[slots]
        authors = np.where(authors == request.view.nobody, np.int32(0), authors + np.int32(1))
        kept = window(authors, columns.kind[slots], query.k, self.config)
        pin = _pin(request, slots)
        if pin is not None:
            kept = np.union1d(kept, [pin])
        pool = self._pooled(request, slots[kept], scores[kept], authors[kept])
        explores = query.explore and query.declared.surprises and EXPLORE not in query.declared.muted
        surprise = random.Random(query.seed) if explores else None
        pinned = None
        if pin is not None:
            at = int(np.searchsorted(kept, pin))
            pinned = _pinned(at, query.decisions.pins[pool.items[at]])
        chosen = choose(pool, query.k, surprise=surprise, config=self.config, pinned=pinned, odds=odds)
        if not len(kept) or kept[-1] == len(kept) - 1:
            return chosen
        return [replace(choice, at=int(kept[choice.at])) for choice in chosen]

    @staticmethod
    def _pooled(request: Request, slots: Slots, scores: Floats, authors: NDArray[np.int32]) -> Pool:
        columns, traffic = request.view.columns, request.query.traffic
        names = Names(request, slots)
        tested = np.zeros((len(slots), 2))
        if traffic.trials and len(names):
            tested[:] = [traffic.trials.get(name, _NO_TRIAL) for name in names]
        return Pool(
            items=names,
            scores=scores,
            kinds=columns.kind[slots],
            authors=authors,
            vectors=request.vectors(slots),
            unknown=columns.people[slots] < UNKNOWN_BELOW,
            shown=tested[:, 0],
            acted=tested[:, 1],
            crowded=_among(names, traffic.crowded),
            tried=_among(names, traffic.tried),
            waits=_waits(request, names, slots),
        )


def _pin(request: Request, slots: Slots) -> int | None:
    """Where the first of the pins lies that is among the slots."""
    for slot in request.view.slots(request.query.decisions.pins).tolist():
        found = np.flatnonzero(slots == slot)
        if len(found):
            return int(found[0])
    return None


def _pinned(at: int, why: str) -> Choice:
    return Choice(at, (Reason(PINNED, 0.0, Evidence(note=why)),), PIN)


def _among(names: Sequence[str], some: frozenset[str]) -> Mask:
    if not some:
        return np.zeros(len(names), dtype=np.bool_)
    return np.asarray([name in some for name in names], dtype=np.bool_)


def _waits(request: Request, names: Sequence[str], slots: Slots) -> dict[int, tuple[int, ...]]:
    """Which candidates build on others among them that the user has not finished."""
    needing = np.flatnonzero(request.view.columns.needs[slots]).tolist()
    if not needing:
        return {}
    place = {name: at for at, name in enumerate(names)}
    found: dict[int, tuple[int, ...]] = {}
    for at in needing:
        needed = request.view.items[int(slots[at])].prerequisites
        missing = tuple(place[name] for name in needed if name in place and name not in request.done)
        if missing:
            found[at] = missing
    return found


def recommendation(
    item: str, rank: int, reasons: tuple[Reason, ...], choice: Choice, probability: float | None = None
) -> Recommendation:
    """With the reasons of the score and of the choice; their sum is the score."""
    parts = (*reasons, *choice.added)
    score = math.fsum([part.value for part in parts])
    return Recommendation(item, rank, score, parts, choice.policy, choice.propensity, probability, choice.slate)
