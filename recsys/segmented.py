"""What people like somebody chose: counts by declared topic, level and language. Knows counts; knows no vectors.

One person counts once for an item. Counted are explicit actions of people who may be learnt from, on public items.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from recsys.columns import Floats
from recsys.rules import FEWEST, NOTABLE
from recsys.signals import Feedback
from recsys.types import Declared, Interaction

Rows = NDArray[np.int64]

LEVELS: Final = 3
_COLUMNS: Final = 1 + LEVELS
"""Of a table: all its people, then those of each level."""
_SMALLEST: Final = 16
_GRID: Final = 2.0 ** np.arange(-4.0, 12.5, 0.5)
_FEW_CELLS: Final = 50
_TABLES: Final = 32
_ITEMS: Final = 1_000
_GROWN: Final = 1.1
_FEW_PEOPLE: Final = 20
"""The most chosen item counts as chosen by at least so many: what three people chose in a new place is not a hit."""
MOST_RATIO: Final = 8.0
"""How much more often than everybody a segment is believed to choose, at most: what a push by few can win."""
_MOST_TOPICS: Final = 20
"""Declared topics of one person that are looked at: nobody is made to wait for a list of thousands."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """Pseudo-counts: people that a segment is taken to have had who chose as everybody (or as the wider segment) does.

    By kind of segment; `cell` is a topic at a level.
    """

    topic: float = 4.0
    level: float = 4.0
    language: float = 4.0
    cell: float = 4.0


class Table:
    """Of one segment: how many people chose each item, in all and by level. One writer, many readers.

    A row that lost its people stays with zeros.
    """

    __slots__ = ("_arranged", "_at", "_counts", "_rows", "totals")

    def __init__(self) -> None:
        self._at: dict[int, int] = {}
        self._rows: Rows = np.zeros(_SMALLEST, dtype=np.int64)
        self._counts: Floats = np.zeros((_COLUMNS, _SMALLEST))
        self._arranged: tuple[int, Rows, Rows, Floats] | None = None
        self.totals: list[int] = [0] * _COLUMNS

    def add(self, row: int, level: int | None, by: int) -> int:
        """How many chose the item afterwards."""
        at = self._at.get(row)
        if at is None:
            at = len(self._at)
            if at == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
                self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)], axis=1)
            self._rows[at] = row
            self._at[row] = at
        self._counts[0, at] += by
        self.totals[0] += by
        if level is not None:
            self._counts[1 + level, at] += by
            self.totals[1 + level] += by
        return int(self._counts[0, at])

    def arranged(self) -> tuple[Rows, Rows, Floats]:
        """Rows sorted, their places, and the counts by place, shape (4, places)."""
        count = len(self._at)
        known = self._arranged
        if known is None or known[0] != count or known[3] is not self._counts:
            rows, counts = self._rows, self._counts
            count = min(count, len(rows), counts.shape[1])
            order = np.argsort(rows[:count], kind="stable")
            known = (count, rows[:count][order], order, counts)
            self._arranged = known
        return known[1:]

    def at(self, rows: Rows, *columns: int) -> list[Floats]:
        """Of each column, shape (len(rows),): how many chose each item, 0 for what nobody of the segment chose."""
        known, order, counts = self.arranged()
        if not len(known):
            return [np.zeros(len(rows)) for _ in columns]
        places = known.searchsorted(rows)
        here = known.take(places, mode="clip") == rows
        places = order.take(places, mode="clip")
        return [counts[column].take(places) * here for column in columns]

    def of(self, row: int) -> list[float]:
        """Of one item: how many chose it, in all and by level."""
        at = self._at.get(row)
        return [0.0] * _COLUMNS if at is None else self._counts[:, at].tolist()

    def most(self, n: int) -> Rows:
        """Rows of the n items that most people of the segment chose."""
        known, order, counts = self.arranged()
        taken = counts[0].take(order)
        if len(known) > n:
            best = np.argpartition(-taken, n)[:n]
            known, taken = known[best], taken[best]
        kept: Rows = known[taken > 0]
        return kept


@dataclass(frozen=True, slots=True)
class Segment:
    """People like one newcomer: of the topics, level and languages that were declared. most: people who chose the item
    that most chose."""

    everybody: Table
    topics: tuple[tuple[str, Table], ...]
    level: int | None
    languages: tuple[Table, ...]
    strengths: Strengths
    most: int

    def __bool__(self) -> bool:
        """Whether there is anybody like that."""
        return bool(self.topics or self.languages or self.level is not None)

    def ratios(self, rows: Rows, levels: Floats, spoken: Floats) -> tuple[Floats, Floats]:
        """How many chose each item, and how much more often people like this one do than everybody.

        levels, spoken: what the catalogue says of the items' level and language, as a ratio. The topics are averaged
        (each may be why somebody came), language and level count as independent of them until a topic at the level has
        counts of its own.
        """
        strengths, whole = self.strengths, self.everybody.totals
        columns = (0,) if self.level is None else (0, 1 + self.level)
        chosen, *leveled = self.everybody.at(rows, *columns)
        share = chosen / max(whole[0], 1)
        at_level = levels
        for column, counts in zip(columns[1:], leveled, strict=True):
            at_level = ratio(counts, share * whole[column], levels, strengths.level)
        if self.languages:
            counted = sum((table.at(rows, 0)[0] for table in self.languages), np.zeros(len(rows)))
            people = sum(table.totals[0] for table in self.languages)
            spoken = ratio(counted, share * people, spoken, strengths.language)
        about = at_level
        if self.topics:
            about = np.zeros(len(rows))
            for _, table in self.topics:
                counts, *leveled = table.at(rows, *columns)
                by_topic = ratio(counts, share * table.totals[0], 1.0, strengths.topic) * at_level
                for column, cell in zip(columns[1:], leveled, strict=True):
                    by_topic = ratio(cell, share * table.totals[column], by_topic, strengths.cell)
                about += by_topic
            about /= len(self.topics)
        return chosen, np.minimum(about * spoken, MOST_RATIO)

    def told(self, row: int) -> tuple[int, str, float]:
        """Of the segments that chose an item clearly more often than everybody, the narrowest (the one of most people
        among equals): how many of its people chose the item, its name, and how many times as often.

        (0, "", 1.0) when none speaks that is large enough: no number under five, nor one from which fewer than five
        others could be worked out.
        """
        taken, whole = self.everybody.of(row), self.everybody.totals
        share = taken[0] / max(whole[0], 1)
        found: list[tuple[bool, float, str, float]] = []

        def look(
            name: str, count: float, people: int, wider: tuple[float, ...], strength: float, *, narrow: bool
        ) -> None:
            times = (count + strength) / (share * people + strength)
            rest = all(other == count or other - count >= FEWEST for other in wider)
            if count >= FEWEST and times >= NOTABLE and rest:
                found.append((narrow, count, name, times))

        column = None if self.level is None else 1 + self.level
        for topic, table in self.topics:
            counts = table.of(row)
            look(f"topic={topic}", counts[0], table.totals[0], (taken[0],), self.strengths.topic, narrow=False)
            if column is not None:
                wider = (counts[0], taken[column], taken[0])
                name = f"level={self.level};topic={topic}"
                look(name, counts[column], table.totals[column], wider, self.strengths.cell, narrow=True)
        if not found and column is not None:
            name = f"level={self.level}"
            look(name, taken[column], whole[column], (taken[0],), self.strengths.level, narrow=False)
        _, count, name, times = max(found, default=(False, 0, "", 1.0))
        return int(count), name, times


class Segments:
    """Counts of choices by segment. One writer, many readers.

    How much more (or less) a segment chose an item than everybody did is a ratio with a Gamma prior of shape a m and
    rate a, so of mean m, and the number who chose it is Poisson with the mean ratio x E, where E is what would be
    expected if the segment chose like everybody: its share of all choices times those of the item. The posterior mean

        (k + a m) / (E + a)

    with k of the segment's people: `a` pseudo-counts draw it to m (Clayton & Kaldor 1987, Empirical Bayes estimates of
    age-standardized relative risks, Biometrics 43; DuMouchel 1999 for large tables of counts). For a topic m is 1, for
    a level or language what the catalogue says of the item, for a topic at a level the product of both ratios. Each `a`
    maximises the marginal (negative binomial) likelihood of the counts here, by kind of segment, made anew when choices
    have grown by a tenth.

    row_of: the row of an item that may be counted, None for one that may not (a private room's, one that is gone).
    """

    def __init__(self, row_of: Callable[[str], int | None] = lambda _: None, feedback: Feedback | None = None) -> None:
        self._row_of = row_of
        self._feedback = feedback or Feedback()
        self._writing = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forget everybody and all they did."""
        with self._writing:
            self._people: dict[str, Declared | None] = {}
            self._chosen: dict[str, set[int]] = {}
            self._choosers: dict[int, set[str]] = {}
            self.everybody = Table()
            self._topics: dict[str, Table] = {}
            self._languages: dict[str, Table] = {}
            self._most = 0
            self._estimated = 0
            self.strengths = Strengths()

    def knows(self, user: str) -> bool:
        return user in self._people

    @property
    def most(self) -> int:
        """People who chose the item that most chose."""
        return self._most

    def of(self, said: Declared) -> Segment:
        """The segments of somebody who said this of themselves, those that anybody chose anything in."""
        whole = self.everybody.totals
        level = level_of(said)
        topics = [(name, table) for name in topics_of(said) if (table := self._topics.get(name)) and table.totals[0]]
        languages = [table for name in said.languages if (table := self._languages.get(name)) and table.totals[0]]
        return Segment(
            self.everybody,
            tuple(topics),
            level if level is not None and whole[1 + level] else None,
            tuple(languages),
            self.strengths,
            max(self._most, _FEW_PEOPLE),
        )

    def declare(self, people: Mapping[str, Declared | None]) -> None:
        """What people said of themselves, from now on and for all they chose before. None: not to be counted."""
        with self._writing:
            for user, said in people.items():
                if user in self._people and self._people[user] == said:
                    continue
                rows = self._chosen.get(user, set())
                for row in rows:
                    self._count(user, row, -1)
                self._people[user] = said
                if said is None:
                    for row in self._chosen.pop(user, set()):
                        self._choosers[row].discard(user)
                    continue
                for row in rows:
                    self._count(user, row, 1)

    def observe(self, interactions: Iterable[Interaction]) -> None:
        """Count explicit positive actions of people who were declared."""
        with self._writing:
            for done in interactions:
                if done.signal not in self._feedback.trainable or self._people.get(done.user) is None:
                    continue
                row = self._row_of(done.item)
                if row is None or not self._feedback.weight(done) > 0:
                    continue
                rows = self._chosen.setdefault(done.user, set())
                if row not in rows:
                    rows.add(row)
                    self._choosers.setdefault(row, set()).add(done.user)
                    self._count(done.user, row, 1)

    def remove(self, rows: Iterable[int]) -> None:
        """Items that are gone, or no longer public, count nowhere."""
        with self._writing:
            for row in rows:
                for user in self._choosers.pop(row, ()):
                    self._count(user, row, -1)
                    self._chosen[user].discard(row)

    def settle(self) -> None:
        """Estimate the strengths anew where enough was added since."""
        with self._writing:
            total = self.everybody.totals[0]
            if total and not self._estimated / _GROWN <= total <= self._estimated * _GROWN:
                self.strengths = estimated(self.everybody, self._topics, self._languages)
                self._estimated = total

    def _count(self, user: str, row: int, by: int) -> None:
        said = self._people[user]
        if said is None:
            return
        level = level_of(said)
        taken = self.everybody.add(row, level, by)
        if taken > self._most:
            self._most = taken
        elif by < 0 and taken + 1 == self._most:
            self._most = int(self.everybody.arranged()[2][0].max(initial=0))
        for topic in topics_of(said):
            _table(self._topics, topic).add(row, level, by)
        for language in dict.fromkeys(said.languages):
            _table(self._languages, language).add(row, level, by)


def key(topic: str) -> str:
    """A topic as it is counted: its case and the blanks around it tell nothing."""
    return topic.strip().casefold()


def level_of(said: Declared) -> int | None:
    return said.level if said.level is not None and 0 <= said.level < LEVELS else None


def topics_of(said: Declared) -> tuple[str, ...]:
    """The topics that somebody is counted under, each once."""
    return tuple(dict.fromkeys(topic for name in said.topics if (topic := key(name))))[:_MOST_TOPICS]


def _table(tables: dict[str, Table], name: str) -> Table:
    table = tables.get(name)
    if table is None:
        table = tables[name] = Table()
    return table


def ratio(chosen: Floats, expected: Floats, prior: Floats | float, strength: float) -> Floats:
    """The posterior mean (k + a m) / (E + a): see `Segments`."""
    return np.asarray((chosen + strength * prior) / (expected + strength), dtype=np.float64)


def estimated(everybody: Table, topics: Mapping[str, Table], languages: Mapping[str, Table]) -> Strengths:
    """The strengths that make these counts likeliest; the default of a kind that has told too little.

    Looked at are the items most chosen (1,000) and the largest segments of each kind (32), whose counts decide.
    """
    rows = everybody.most(_ITEMS)
    every = range(_COLUMNS)
    taken, *leveled = everybody.at(rows, *every)
    share = taken / max(everybody.totals[0], 1)
    default, alike = Strengths(), np.ones(len(rows))
    by_level = [(counts, share * everybody.totals[1 + at], alike) for at, counts in enumerate(leveled)]
    level = likeliest(by_level, default.level)
    largest = [(table.at(rows, *every), table.totals) for table in _largest(topics)]
    by_topic = [(counts[0], share * totals[0], alike) for counts, totals in largest]
    topic = likeliest(by_topic, default.topic)
    cells = []
    for counts, totals in largest:
        wider = ratio(counts[0], share * totals[0], 1.0, topic)
        for at, (chosen, expected, _) in enumerate(by_level):
            prior = wider * ratio(chosen, expected, 1.0, level)
            cells.append((counts[1 + at], share * totals[1 + at], prior))
    by_language = [(table.at(rows, 0)[0], share * table.totals[0], alike) for table in _largest(languages)]
    return Strengths(topic, level, likeliest(by_language, default.language), likeliest(cells, default.cell))


def _largest(tables: Mapping[str, Table]) -> list[Table]:
    return sorted(tables.values(), key=lambda table: -table.totals[0])[:_TABLES]


def likeliest(tables: Sequence[tuple[Floats, Floats, Floats]], default: float) -> float:
    """The pseudo-counts `a` under which tables of (k, E, m) are likeliest: k is negative binomial of size a m and mean
    E m. On a grid of half octaves from 1/16 to 4,096; `default` where fewer than 50 cells hold anybody."""
    usable = [(chosen[kept], expected[kept], prior[kept]) for chosen, expected, prior in tables
              if (kept := (expected > 0) & (prior > 0)).any()]  # fmt: skip
    if not usable:
        return default
    chosen, expected, prior = (np.concatenate(columns) for columns in zip(*usable, strict=True))
    some = chosen > 0
    if int(some.sum()) < _FEW_CELLS:
        return default
    k, size_of = chosen[some], prior[some]
    best, worth = default, -np.inf
    for strength in _GRID.tolist():
        # ln NB without what does not depend on the strength.
        likelihood = float((strength * prior * np.log(strength / (expected + strength))).sum())
        likelihood -= float((k * np.log(expected[some] + strength)).sum())
        likelihood += float((gammaln(k + strength * size_of) - gammaln(strength * size_of)).sum())
        if likelihood > worth:
            best, worth = strength, likelihood
    return best
