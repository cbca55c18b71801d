"""Items as arrays by slot, so that filters and scores need no loop. Knows layout; knows no locks and no ranking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from recsys.orders import Activity, Orders, Settled
from recsys.types import Filter, Item

Slots = NDArray[np.int64]
"""Positions of items in the columns of one corpus; they mean nothing outside the view they came from."""
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

ALIVE: Final = np.iinfo(np.int64).max
NO_LEVEL: Final = np.iinfo(np.int64).min
_CACHED_FILTERS: Final = 16
_T = TypeVar("_T", bound=np.generic)


def within(slots: Slots, some: Slots) -> Mask:
    """Which of the slots are among some sorted ones."""
    if not len(some):
        return np.zeros(len(slots), dtype=np.bool_)
    return np.equal(some.take(some.searchsorted(slots), mode="clip"), slots)


def united(*parts: Slots) -> Slots:
    """The slots of all of them, sorted and each once. NumPy's `unique` hashes integers, which takes several times as
    long for the few hundred that there are."""
    together = np.concatenate(parts)
    together.sort()
    first = np.empty(len(together), dtype=np.bool_)
    first[:1] = True
    np.not_equal(together[1:], together[:-1], out=first[1:])
    return together[first]


class Codes:
    """Words as small numbers, given out in order and never taken back."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._words: list[str] = []

    def __len__(self) -> int:
        return len(self._codes)

    def add(self, word: str) -> int:
        code = self._codes.get(word)
        if code is None:
            code = len(self._words)
            # The word first: a reader that meets the code must find its word.
            self._words.append(word)
            self._codes[word] = code
        return code

    def word(self, code: int) -> str:
        """IndexError for a code that was not given out."""
        return self._words[code]

    def get(self, word: str) -> int | None:
        return self._codes.get(word)

    def any_of(self, codes: NDArray[np.int32], words: Collection[str]) -> Mask:
        """Which of `codes` stand for one of `words`."""
        wanted = [code for word in words if (code := self.get(word)) is not None]
        if len(wanted) == 1:
            return np.equal(codes, wanted[0])
        table = np.zeros(len(self) + 1, dtype=np.bool_)
        table[wanted] = True
        return np.asarray(table[codes], dtype=np.bool_)


@dataclass(slots=True)
class Columns:
    """One entry a slot. What describes an item never changes in place; `until` and the popularity columns do.

    until: the version of the corpus from which the slot is dead; ALIVE as long as it is not.

    hours, price, starts_at, quality: NaN when unknown. level: NO_LEVEL when unknown. popularity: a decayed sum that
    was true at `popular_at`. people: how many users it rests on. engagement: reactions, replies and participants.
    needs: has prerequisites.
    """

    until: NDArray[np.int64]
    row: NDArray[np.int64]
    kind: NDArray[np.int32]
    language: NDArray[np.int32]
    audience: NDArray[np.int32]
    author: NDArray[np.int32]
    level: NDArray[np.int64]
    hours: Floats
    price: Floats
    created_at: Floats
    starts_at: Floats
    quality: Floats
    engagement: Floats
    popularity: Floats
    popular_at: Floats
    people: NDArray[np.int64]
    needs: Mask

    @classmethod
    def empty(cls, capacity: int) -> Columns:
        def column(dtype: type[np.generic]) -> NDArray[Any]:
            return np.zeros(capacity, dtype=dtype)

        return cls(
            until=column(np.int64),
            row=column(np.int64),
            kind=column(np.int32),
            language=column(np.int32),
            audience=column(np.int32),
            author=column(np.int32),
            level=column(np.int64),
            hours=column(np.float64),
            price=column(np.float64),
            created_at=column(np.float64),
            starts_at=column(np.float64),
            quality=column(np.float64),
            engagement=column(np.float64),
            popularity=column(np.float64),
            popular_at=column(np.float64),
            people=column(np.int64),
            needs=column(np.bool_),
        )

    def __len__(self) -> int:
        return len(self.row)

    def taken(self, slots: Slots, capacity: int) -> Columns:
        """New arrays of `capacity` entries that begin with those of `slots`."""
        fresh = Columns.empty(capacity)
        for name in self.__slots__:
            getattr(fresh, name)[: len(slots)] = getattr(self, name)[slots]
        return fresh


@dataclass(frozen=True, slots=True)
class View:
    """What a reader sees: the first `n` slots at one version of a corpus.

    Safe to read while the corpus is written: a slot is never given to another item. What changes later is seen as it
    was; what is removed later is no longer found by its id. previous: the slot that an item had before, -1 for none.
    nobody: the code of an item without an author.
    """

    version: int
    n: int
    columns: Columns
    slots_of: Mapping[str, int]
    slots_of_rows: Mapping[int, int]
    items: Sequence[Item]
    previous: Sequence[int]
    kinds: Codes
    languages: Codes
    audiences: Codes
    tags: Mapping[str, Sequence[int]]
    unlocks: Mapping[str, Sequence[int]]
    orders: Orders
    nobody: int
    _masks: dict[Filter, Mask] = field(default_factory=dict)
    _rows: dict[Filter, NDArray[np.int64]] = field(default_factory=dict)
    _chosen: dict[tuple[int, int], tuple[NDArray[np.int64], Mask, Mask]] = field(default_factory=dict)

    def slot(self, item: str) -> int | None:
        """Where an item lies; None if it is unknown, or newer than this view."""
        return self._as_seen(self.slots_of.get(item))

    def _as_seen(self, slot: int | None) -> int | None:
        while slot is not None and slot >= self.n:
            slot = self.previous[slot] if self.previous[slot] >= 0 else None
        return slot

    def alive(self) -> Mask:
        """Shape (n,)."""
        return np.greater(self.columns.until[: self.n], self.version)

    def slots(self, items: Iterable[str]) -> Slots:
        """The slots of those that are known, in the order given."""
        places = self.places(items)
        return places[places >= 0]

    def places(self, items: Iterable[str]) -> Slots:
        """The slot of each item, -1 for one that is not known."""
        get = self.slots_of.get
        names = list(items)
        found = np.asarray([get(item, -1) for item in names], dtype=np.int64)
        for newer in (found >= self.n).nonzero()[0].tolist():
            slot = self.slot(names[newer])
            found[newer] = -1 if slot is None else slot
        return found

    def at_rows(self, rows: Iterable[int]) -> Slots:
        """The slots of those row ids that are known, in the order given."""
        of = self.slots_of_rows
        found = [slot for row in rows if (slot := self._as_seen(of.get(row))) is not None]
        return np.asarray(found, dtype=np.int64)

    def settled(self) -> Settled:
        """Orders of all slots but a tail of at most TAIL."""
        return self.orders.settled(self.columns, self.n)

    def masked(self, rows: NDArray[np.int64], mask: Mask) -> Mask:
        """Which of the sorted row ids of an index have their slot in `mask`, which has shape (n,)."""
        settled = self.settled()
        slots, known = self.orders.slots_of(rows, settled)
        found: Mask = mask[slots] if settled.count else np.zeros(len(rows), dtype=np.bool_)
        if known is not None:
            found &= known
        if settled.count < self.n and len(rows):
            tail = self.columns.row[settled.count : self.n]
            at = np.minimum(rows.searchsorted(tail), len(rows) - 1)
            here = rows[at] == tail
            # Of several slots of one row the last one counts: it is assigned last.
            found[at[here]] = mask[settled.count :][here]
        return found

    def masked_but(self, rows: NDArray[np.int64], shared: Mask, gone: Slots) -> Mask:
        """As `masked` for `shared` without the slots `gone`. `shared` is one of `unrestricted`, or a mask that nobody
        changes: what of an index it lets through is worked out once a version. The result may be written to."""
        if len(rows) <= len(gone):
            mask = shared.copy()
            mask[gone] = False
            return self.masked(rows, mask)
        known = self._chosen.get((id(rows), id(shared)))
        # The arrays are held beside the result, so that no other can come to have their ids.
        if known is None or known[0] is not rows or known[1] is not shared:
            known = (rows, shared, self.masked(rows, shared))
            if len(self._chosen) >= _CACHED_FILTERS:
                self._chosen.clear()
            self._chosen[id(rows), id(shared)] = known
        found = known[2].copy()
        # A row whose slot is dead has another one now, of which nothing was said.
        gone = self.columns.row[gone[shared[gone]]]
        at = np.minimum(rows.searchsorted(gone), len(rows) - 1)
        found[at[rows[at] == gone]] = False
        return found

    def found(self, rows: NDArray[np.int64]) -> Slots:
        """The slots of those row ids that are known, in the order given: `at_rows` for many."""
        settled = self.settled()
        slots, known = settled.at(rows)
        if settled.count < self.n:
            tail = self.columns.row[settled.count : self.n]
            order = np.argsort(tail, kind="stable")
            at = np.maximum(tail[order].searchsorted(rows, side="right") - 1, 0)
            newer = tail[order[at]] == rows
            slots, known = np.where(newer, settled.count + order[at], slots), known | newer
        there: Slots = slots[known]
        return there

    def tail(self) -> Slots:
        """The slots that `settled` leaves out."""
        return np.arange(self.settled().count, self.n, dtype=np.int64)

    def activity(self) -> tuple[Activity, Slots]:
        """Slots by what they drew, and those to be looked at besides."""
        return self.orders.activity(self.columns, self.n)

    def dated(self) -> Slots:
        """Slots of what starts at some time."""
        tail = self.tail()
        return np.concatenate([self.settled().dated, tail[~np.isnan(self.columns.starts_at[tail])]])

    def over(self, now: float) -> Slots:
        """Slots of what started before `now`."""
        dated = self.dated()
        over: Slots = dated[self.columns.starts_at[dated] < now]
        return over

    def mask(self, where: Filter) -> Mask:
        """Shape (n,): exactly the items that `where.admits`. Fresh: the caller may write to it."""
        mask = self.unrestricted(where).copy()
        if where.exclude:
            mask[self.slots(where.exclude)] = False
        return mask

    def unrestricted(self, where: Filter) -> Mask:
        """As `mask` if nothing were excluded; shared by all who ask, so nobody may write to it."""
        return self._shared_mask(replace(where, exclude=frozenset()) if where.exclude else where)

    def rows(self, where: Filter) -> NDArray[np.int64]:
        """Sorted row ids of the items that `where.admits`."""
        shared = replace(where, exclude=frozenset())
        rows = self._rows.get(shared)
        if rows is None:
            rows = np.sort(self.columns.row[: self.n][self._shared_mask(shared)])
            rows.setflags(write=False)
            _keep(self._rows, shared, rows)
        if where.exclude:
            gone = self.columns.row[self.slots(where.exclude)]
            rows = rows[np.isin(rows, gone, invert=True)]
        return rows

    def tagged(self, tag: str) -> Slots:
        """Slots of the items with this tag, whatever its case."""
        return self._listed(self.tags, tag.casefold())

    def unlocked_by(self, item: str) -> Slots:
        """Slots of the items that name `item` as a prerequisite."""
        return self._listed(self.unlocks, item)

    def _listed(self, lists: Mapping[str, Sequence[int]], key: str) -> Slots:
        slots = np.asarray(lists.get(key, ()), dtype=np.int64)
        slots = slots[slots < self.n]
        return slots[self.columns.until[slots] > self.version]

    def _shared_mask(self, where: Filter) -> Mask:
        mask = self._masks.get(where)
        if mask is None:
            mask = self._computed(where)
            mask.setflags(write=False)
            _keep(self._masks, where, mask)
        return mask

    def _computed(self, where: Filter) -> Mask:
        columns, n = self.columns, self.n
        mask = self.alive() & self.audiences.any_of(columns.audience[:n], where.audiences)
        if where.kinds:
            mask &= self.kinds.any_of(columns.kind[:n], where.kinds)
        if where.languages:
            mask &= self.languages.any_of(columns.language[:n], where.languages)
        if where.max_hours is not None:
            mask &= columns.hours[:n] <= where.max_hours
        if where.max_price is not None:
            mask &= columns.price[:n] <= where.max_price
        if where.level is not None:
            mask &= (columns.level[:n] == NO_LEVEL) | (columns.level[:n] == where.level)
        return mask


def _keep(cache: dict[Filter, NDArray[_T]], key: Filter, value: NDArray[_T]) -> None:
    # Readers share a view: dropping everything at the limit needs no lock and no order.
    if len(cache) >= _CACHED_FILTERS:
        cache.clear()
    cache[key] = value
