"""What speaks for an item after a history, as numbers. Knows links and counts; knows no names, and not what it adds to.

For every kind of link and every way to fade a history, the sum of the links from the history to each item; beside
them how often, when and at which place of their histories people took the item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.actions import ActionLog, Integers
from recsys.links import KINDS, Floats, Links

FADES: Final = (0.0, 0.5, 0.8, 0.95)
"""What each step back counts of the former; 0: the latest item alone."""
STEPS: Final = 40
"""How many items of a history are looked at."""
BREADTH: Final = 100
"""How many items are candidates for the learned order."""
POPULAR: Final = 15
"""So many of the most popular items stand beside those that links lead to; where there are BREADTH of these that are
more likely, they make no difference."""
COUNTS: Final = ("often", "begins", "ends", "place", "part")
_LINKED: Final = len(KINDS) * len(FADES)
_ABOUT: Final = 3 * _LINKED
_OF_ITEM: Final = _ABOUT + 3
_OF_USER: Final = _OF_ITEM + len(COUNTS)
WIDTH: Final = _OF_USER + 5
GROUPS: Final[Mapping[str, slice]] = {
    **{kind: slice(3 * at * len(FADES), 3 * (at + 1) * len(FADES)) for at, kind in enumerate(KINDS)},
    "together": slice(_ABOUT, _OF_ITEM),
    "item": slice(_OF_ITEM, _OF_USER),
    "user": slice(_OF_USER, WIDTH),
}
"""Which columns tell of what: by these the learned score is explained."""
_FLAT: Final = 1e-9
_FADED: Final = np.stack([np.float64(fade) ** np.arange(STEPS) for fade in FADES], axis=1)
"""What each step counts, shape (STEPS, fades)."""


def _summary() -> Floats:
    """Of the z-scores the mean by kind of link and the mean by fade, the place before and the counts of the item."""
    columns = np.zeros((WIDTH, len(KINDS) + len(FADES) + 1 + len(COUNTS)), dtype=np.float32)
    for kind in range(len(KINDS)):
        for fade in range(len(FADES)):
            column = 3 * (kind * len(FADES) + fade)
            columns[column, kind] = 1 / len(FADES)
            columns[column, len(KINDS) + fade] = 1 / len(KINDS)
    at = len(KINDS) + len(FADES)
    columns[_ABOUT, at] = 1
    columns[np.arange(_OF_ITEM, _OF_USER), at + 1 + np.arange(len(COUNTS))] = 1
    return columns


SUMMARY: Final = _summary()
"""Which columns are averaged where there is too little to learn each of them: shape (WIDTH, fewer)."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The links of a history: those of its step s, latest first, are entries[begins[s]:begins[s + 1]] of all links and
    lead to the items `targets`."""

    begins: Integers
    entries: Integers
    targets: NDArray[np.int32]

    def to(self, codes: Integers) -> tuple[Integers, Integers, NDArray[np.int32]]:
        """Of every link to one of these items, latest step first: its step, its entry, and which item it leads to."""
        wanted = np.zeros(max(int(codes.max()), int(self.targets.max(initial=0))) + 1, dtype=np.bool_)
        wanted[codes] = True
        here = wanted[self.targets].nonzero()[0]
        steps: Integers = self.begins.searchsorted(here, side="right") - 1
        return steps, self.entries[here], self.targets[here]


@dataclass(frozen=True, slots=True)
class Found:
    """What a history leads to; of all other items nothing is known.

    linked: by which links. items: sorted codes of the items that any link of the history leads to, and of the popular
    ones. total: of each of them the mean of its z-scores over all sums of links, mean and deviation being over all
    items of the catalogue. spread: these deviations, shape (kinds x fades,). candidates: at most BREADTH places in
    `items` that are not of the history, largest total first. values: shape (candidates, WIDTH).
    """

    linked: Linked
    items: Integers
    total: Floats
    spread: Floats
    candidates: Integers
    values: Floats


def most_popular(counts: Floats) -> Integers:
    """Sorted codes of the POPULAR items that most people took, ties by code."""
    return np.sort(np.argsort(-counts[0], kind="stable")[:POPULAR])


@dataclass(frozen=True, slots=True)
class Features:
    """links, and of each item COUNTS, shape (len(COUNTS), items). popular: sorted codes of items that may be
    candidates although no link leads to them: in a sparse log they are what is taken."""

    links: Links
    counts: Floats
    popular: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def of(self, codes: Integers, weights: NDArray[np.float64], length: int) -> Found:
        """codes: items of the history, latest first, and what each weighs (0-1). length: of the whole history."""
        count = self.counts.shape[1]
        linked = self._linked(codes)
        items, sums = self._sums(linked, weights)
        # Sums over all rows as products: BLAS does them in a fifth of the time of a reduction.
        ones = np.ones(len(items), dtype=np.float32)
        mean: Floats = ones @ sums / np.float32(max(count, 1))
        varies = ones @ (sums * sums) / np.float32(max(count, 1)) - mean * mean
        spread = np.sqrt(np.maximum(varies, 0))
        # Where nothing differs nothing is said.
        spread[spread <= _FLAT] = np.inf
        share = (1 / (_LINKED * spread)).astype(np.float32)
        total: Floats = sums @ share - mean @ share
        own = np.zeros(count, dtype=np.bool_)
        own[codes] = True
        new = (~own[items]).nonzero()[0]
        if len(new) > BREADTH:
            new = new[(-total[new]).argpartition(BREADTH - 1)[:BREADTH]]
        chosen = new[np.lexsort((new, -total[new]))]
        values = np.empty((len(chosen), WIDTH), dtype=np.float32)
        if len(chosen):
            self._fill(values, items[chosen], codes, length)
            sums, totals = sums[chosen], total[chosen]
            scores = (sums - mean) / spread
            values[:, 0:_ABOUT:3] = scores
            values[:, 1:_ABOUT:3] = scores - scores.max(axis=0)
            values[:, 2:_ABOUT:3] = sums
            values[:, _ABOUT] = totals
            values[:, _ABOUT + 1] = totals - totals[0]
            values[:, _ABOUT + 2] = np.arange(len(chosen))
        return Found(linked, items, total, spread, chosen, values)

    def _linked(self, codes: Integers) -> Linked:
        starts = self.links.starts
        firsts = starts[codes]
        lengths = starts[codes + 1] - firsts
        begins = np.zeros(len(codes) + 1, dtype=np.int64)
        np.cumsum(lengths, out=begins[1:])
        entries = np.repeat(firsts - begins[:-1], lengths) + np.arange(begins[-1], dtype=np.int64)
        return Linked(begins, entries, self.links.targets[entries])

    def _sums(self, linked: Linked, weights: NDArray[np.float64]) -> tuple[Integers, Floats]:
        """The items linked to, and of each the sums of its links, shape (items, kinds x fades)."""
        targets, steps = linked.targets, len(weights)
        there = np.zeros(self.counts.shape[1], dtype=np.bool_)
        there[targets] = True
        there[self.popular] = True
        items = there.nonzero()[0]
        number = np.empty(len(there), dtype=np.int32)
        number[items] = np.arange(len(items), dtype=np.int32)
        faded = (weights[:, None] * _FADED[:steps]).astype(np.float32)
        sums = np.empty((len(items), _LINKED), dtype=np.float32)
        values = self.links.values[:, linked.entries]
        # The kinds have their entries in the same places: one matrix, whose numbers are exchanged. With indices of 32
        # bits SciPy copies nothing.
        begins = linked.begins.astype(np.int32)
        links = sparse.csc_matrix((values[0], number[targets], begins), shape=(len(items), steps))
        for kind in range(len(KINDS)):
            links.data = values[kind]
            sums[:, kind * len(FADES) : (kind + 1) * len(FADES)] = links @ faded
        return items, sums

    def _fill(self, values: Floats, items: Integers, codes: Integers, length: int) -> None:
        """What does not come from links: the counts of the candidates, and what is known of the history."""
        counts = self.counts[:, items].T
        values[:, _OF_ITEM : _OF_ITEM + len(COUNTS)] = counts
        long = np.log1p(length)
        values[:, _OF_USER] = long
        values[:, _OF_USER + 1] = self.counts[0, codes[0]]
        values[:, _OF_USER + 2] = self.counts[3, codes[0]]
        values[:, _OF_USER + 3] = long - counts[:, 3]
        values[:, _OF_USER + 4] = self.counts[0, codes].mean()


def counts_of(log: ActionLog) -> Floats:
    """COUNTS of every item: log(1 + users), log(1 + users who began, ended with it), mean log place, mean part."""
    count = len(log.names)
    lengths = np.bincount(log.users, minlength=log.user_count)
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    place = np.arange(len(log)) - starts[log.users]
    last = place == lengths[log.users] - 1
    users = np.bincount(log.items, minlength=count)
    shown = np.maximum(users, 1)
    part = place / np.maximum(lengths[log.users] - 1, 1)
    return np.stack(
        [
            np.log1p(users),
            np.log1p(np.bincount(log.items[place == 0], minlength=count)),
            np.log1p(np.bincount(log.items[last], minlength=count)),
            np.bincount(log.items, np.log1p(place), count) / shown,
            np.bincount(log.items, part, count) / shown,
        ]
    ).astype(np.float32)
