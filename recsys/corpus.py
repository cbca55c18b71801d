"""The items of a snapshot in memory. Knows items and how popular they are; knows no vectors and no users' profiles."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.columns import ALIVE, NO_LEVEL, Codes, Columns, Slots, View
from recsys.orders import Orders
from recsys.signals import DAY, Feedback
from recsys.types import Filter, Interaction, Item

_SMALLEST: Final = 64
_COMPACT_FROM: Final = 1_024
_SOLVED: Final = 0.75
"""The quality of a discussion that found its answer, where nobody rated it."""


class MemoryCorpus:
    """One writer, many readers. A change of an item takes a new slot and leaves its old one dead, so that a reader's
    view never sees a slot turn into another item; dead slots are swept out when they are a quarter of all.

    `popularity_half_life`: days after which an action counts half. A user counts for an item with the strongest action
    only.
    """

    def __init__(
        self,
        items: Iterable[Item] = (),
        *,
        feedback: Feedback | None = None,
        popularity_half_life: float = 14.0,
    ) -> None:
        if not popularity_half_life > 0:
            raise ValueError(f"popularity_half_life must be above 0 days, got {popularity_half_life!r}")
        self._feedback = feedback or Feedback()
        self._half_life = popularity_half_life * DAY
        self._writing = threading.RLock()
        self._kinds, self._languages, self._audiences, self._authors = Codes(), Codes(), Codes(), Codes()
        self._nobody = self._authors.add("")
        self._credits: dict[str, dict[str, float]] = {}
        self._version = 0
        self._clear(_SMALLEST)
        self._view = self._seen()
        self.upsert(items)

    @property
    def popularity_half_life(self) -> float:
        """In seconds."""
        return self._half_life

    def view(self) -> View:
        """The newest state to read from: hold one for the length of a query."""
        return self._view

    def __len__(self) -> int:
        return len(self._slots)

    def get(self, item: str) -> Item | None:
        view = self._view
        slot = view.slot(item)
        return None if slot is None else view.items[slot]

    def by_row(self, row: int) -> Item | None:
        view = self._view
        slots = view.at_rows((row,))
        return view.items[int(slots[0])] if len(slots) else None

    def rows(self, where: Filter) -> NDArray[np.int64]:
        """Sorted row ids of the items that the filter admits; read-only."""
        return self._view.rows(where)

    def items(self, where: Filter) -> Iterator[Item]:
        """The admitted items in order of their rows."""
        view = self._view
        slots = np.flatnonzero(view.mask(where))
        for slot in slots[np.argsort(view.columns.row[slots], kind="stable")]:
            yield view.items[slot]

    def upsert(self, items: Iterable[Item]) -> int:
        """Add or replace; how many changed anything. ValueError for a row that belongs to another item."""
        changed = 0
        with self._writing:
            try:
                for item in items:
                    changed += self._put(item)
            finally:
                self._publish()
        return changed

    def put(self, item: Item) -> bool:
        """Add or replace one item; whether anything changed."""
        return self.upsert((item,)) == 1

    def remove(self, items: Iterable[str]) -> int:
        """How many were there. Readers do not meet them from now on."""
        removed = 0
        with self._writing:
            for item in items:
                slot = self._slots.pop(item, None)
                if slot is None:
                    continue
                self._columns.until[slot] = self._version + 1
                del self._by_row[int(self._columns.row[slot])]
                self._credits.pop(item, None)
                removed += 1
            self._publish()
        return removed

    def observe(self, interactions: Iterable[Interaction], now: float) -> int:
        """Count actions towards popularity; how many counted. Repeats, negative and malformed ones do not.

        Times beyond `now` count as now: an item must not win by a date in the future.
        """
        counted = 0
        with self._writing:
            columns = self._columns
            for interaction in interactions:
                slot = self._slots.get(interaction.item)
                weight = self._feedback.weight(interaction)
                if slot is None or weight <= 0 or not math.isfinite(interaction.at):
                    continue
                credited = self._credits.setdefault(interaction.item, {})
                before = credited.get(interaction.user, 0.0)
                if weight <= before:
                    continue
                credited[interaction.user] = weight
                at, last = min(interaction.at, now), float(columns.popular_at[slot])
                newest = max(at, last)
                columns.popularity[slot] = columns.popularity[slot] * 0.5 ** ((newest - last) / self._half_life) + (
                    weight - before
                ) * 0.5 ** ((newest - at) / self._half_life)
                columns.popular_at[slot] = newest
                columns.people[slot] = len(credited)
                self._orders.touched(slot)
                counted += 1
        return counted

    def forget_popularity(self) -> None:
        """Start counting anew, as after an erasure of somebody's actions."""
        with self._writing:
            self._credits.clear()
            for column in (self._columns.popularity, self._columns.popular_at, self._columns.people):
                column[:] = 0
            self._orders.forgotten()

    def _clear(self, capacity: int) -> None:
        self._columns = Columns.empty(capacity)
        self._orders = Orders(self._half_life)
        self._slots: dict[str, int] = {}
        self._by_row: dict[int, int] = {}
        self._items: list[Item] = []
        self._previous: list[int] = []
        self._tags: dict[str, list[int]] = {}
        self._unlocks: dict[str, list[int]] = {}

    def _put(self, item: Item) -> bool:
        old = self._slots.get(item.id)
        if old is not None and self._items[old] == item:
            return False
        holder = self._by_row.get(item.row)
        if holder is not None and holder != old:
            raise ValueError(f"row {item.row} of {item.id!r} belongs to {self._items[holder].id!r}")
        slot = len(self._items)
        if slot == len(self._columns):
            self._columns = self._columns.taken(np.arange(slot, dtype=np.int64), 2 * slot)
        self._write(slot, item)
        if old is not None:
            columns = self._columns
            columns.until[old] = self._version + 1
            if columns.row[old] != item.row:
                del self._by_row[int(columns.row[old])]
            for column in (columns.popularity, columns.popular_at, columns.people):
                column[slot] = column[old]
        self._items.append(item)
        self._previous.append(-1 if old is None else old)
        self._enlist(slot, item)
        return True

    def _enlist(self, slot: int, item: Item) -> None:
        self._slots[item.id] = slot
        self._by_row[item.row] = slot
        for tag in {tag.casefold() for tag in item.tags}:
            self._tags.setdefault(tag, []).append(slot)
        for needed in set(item.prerequisites):
            self._unlocks.setdefault(needed, []).append(slot)

    def _write(self, slot: int, item: Item) -> None:
        columns = self._columns
        columns.row[slot] = item.row
        columns.kind[slot] = self._kinds.add(item.kind)
        columns.language[slot] = self._languages.add(item.language)
        columns.audience[slot] = self._audiences.add(item.audience)
        columns.author[slot] = self._authors.add(item.author)
        columns.level[slot] = NO_LEVEL if item.level is None else item.level
        columns.hours[slot] = _number(item.hours)
        columns.price[slot] = _number(item.price)
        columns.created_at[slot] = item.created_at if math.isfinite(item.created_at) else 0.0
        columns.starts_at[slot] = _number(item.starts_at)
        columns.quality[slot] = _SOLVED if item.quality is None and item.solved else _number(item.quality)
        columns.engagement[slot] = max(0, item.reactions) + 0.5 * max(0, item.replies) + max(0, item.participants)
        columns.needs[slot] = bool(item.prerequisites)
        columns.until[slot] = ALIVE

    def _publish(self) -> None:
        dead = len(self._items) - len(self._slots)
        if len(self._items) > _COMPACT_FROM and dead * 4 > len(self._items):
            self._compact()
        self._version += 1
        self._view = self._seen()

    def _compact(self) -> None:
        # Everything is made new, so that views handed out before keep their own arrays, lists and slots.
        alive: Slots = np.flatnonzero(self._columns.until[: len(self._items)] == ALIVE)
        columns, items = self._columns, self._items
        self._clear(_SMALLEST)
        self._columns = columns.taken(alive, max(_SMALLEST, 2 * len(alive)))
        for slot, old in enumerate(alive.tolist()):
            self._items.append(items[old])
            self._previous.append(-1)
            self._enlist(slot, items[old])

    def _seen(self) -> View:
        return View(
            version=self._version,
            n=len(self._items),
            columns=self._columns,
            slots_of=self._slots,
            slots_of_rows=self._by_row,
            items=self._items,
            previous=self._previous,
            kinds=self._kinds,
            languages=self._languages,
            audiences=self._audiences,
            tags=self._tags,
            unlocks=self._unlocks,
            orders=self._orders,
            nobody=self._nobody,
        )


def _number(value: float | None) -> float:
    return math.nan if value is None else value
