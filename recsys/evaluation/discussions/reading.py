"""Community logs and titles from files. Knows columns' meanings; knows no protocol and no models."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from recsys.discussions.messages import Doubles, Integers, Log, in_order
from recsys.evaluation.datasets import in_seconds, name_of, stamp_of
from recsys.evaluation.errors import BadData
from recsys.evaluation.leftout import LeftOut, Sorting
from recsys.evaluation.reading import numbered_rows, read_rows

LONGEST: Final = 300
"""Characters of a title that are read."""


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Where the values are. `length` and `text` may be absent."""

    time: str = "time"
    room: str = "room"
    topic: str = "topic"
    member: str = "member"
    length: str = "length"
    text: str = "text"
    title: str = "title"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The usable messages of one file. Topics are numbered in order of code point: a tie goes to the first.

    titles: of each topic, '' where there is none; empty when there are none at all. unknown: titles of no topic here.
    """

    source: str
    log: Log
    topics: tuple[str, ...]
    rooms: int
    members: int
    titles: tuple[str, ...]
    left_out: LeftOut
    unknown: int = 0

    @property
    def titled(self) -> int:
        """Topics that have a title."""
        return sum(map(bool, self.titles))


def read_titles(path: Path, columns: LogColumns) -> dict[str, str]:
    """Title by topic; the later of two rows of a topic counts. BadData where there is none."""
    found: dict[str, str] = {}
    for topic, title in read_rows(path, (columns.topic, columns.title)):
        name, text = name_of(topic), _text(title)
        if name and text:
            found[name] = text
    if not found:
        raise BadData(f"{path.name} has no title of a topic in column {columns.title}")
    return found


def read_log(
    path: Path, columns: LogColumns, *, latest: float | None = None, titles: Mapping[str, str] | None = None
) -> Recorded:
    """Messages of a file in order of time. latest: what is after this moment (seconds) is left out.

    Without titles the text of a topic's first message, where the file has texts, stands for it: it is known when the
    topic is. The same message twice counts once. BadData where no message is left, or no title is of a topic here.
    """
    reader = _Reader(latest)
    needed = (columns.time, columns.room, columns.topic, columns.member)
    for line, row in numbered_rows(path, needed, (columns.length, columns.text)):
        reader.add(line, row)
    return reader.recorded(path.name, titles)


class _Reader:
    """Collects messages as codes: eight bytes a value, whatever the length of the ids."""

    def __init__(self, latest: float | None) -> None:
        self._latest = latest
        self._codes: tuple[dict[str, int], ...] = ({}, {}, {})
        self._columns = (array("q"), array("q"), array("q"))
        self._times, self._lengths = array("d"), array("d")
        self._texts: dict[int, tuple[float, str]] = {}
        self._left_out = Sorting()

    def add(self, line: int, row: Sequence[Any]) -> None:
        time, *names, length, text = row
        identities = [name_of(name) for name in names]
        for identity, what in zip(identities, ("a room", "a topic", "a member"), strict=True):
            if not identity:
                self._left_out.leave(f"without {what}", line)
                return
        stamp = stamp_of(time)
        if stamp is None:
            self._left_out.leave("without a time", line)
            return
        self._left_out.keep(line)
        for codes, column, identity in zip(self._codes, self._columns, identities, strict=True):
            column.append(codes.setdefault(identity, len(codes)))
        self._times.append(stamp)
        words = _text(text)
        self._lengths.append(_length(length, words))
        topic = self._columns[1][-1]
        if words and (topic not in self._texts or stamp < self._texts[topic][0]):
            self._texts[topic] = (stamp, words[:LONGEST])

    def recorded(self, source: str, titles: Mapping[str, str] | None) -> Recorded:
        times = np.frombuffer(self._times, dtype=np.float64) if len(self._times) else np.zeros(0)
        times = in_seconds(times, np.isfinite(times))
        rooms, topics, members = (np.asarray(column, dtype=np.int64) for column in self._columns)
        usable = np.ones(len(times), dtype=np.bool_)
        if self._latest is not None:
            usable = times <= self._latest
            self._left_out.leave_kept("in the future", ~usable)
        lengths = np.asarray(self._lengths, dtype=np.float64)
        once = np.flatnonzero(usable)[_once(times[usable], *(codes[usable] for codes in (rooms, topics, members)))]
        self._left_out.count("twice", int(usable.sum()) - len(once))
        left_out = self._left_out.found()
        if not len(once):
            raise BadData(f"{source} has no message that can be used: {str(left_out) or 'it is empty'}")
        names, topics = _by_name(self._codes[1], topics[once])
        _, rooms = _by_name(self._codes[0], rooms[once])
        _, members = _by_name(self._codes[2], members[once])
        log = in_order(times[once], rooms, topics, members, lengths[once])
        unknown = len(titles.keys() - set(names)) if titles is not None else 0
        if titles and unknown == len(titles):
            raise BadData(f"none of the {unknown} titles is of a topic of {source}: are the topics named alike?")
        return Recorded(
            source,
            log,
            names,
            int(rooms.max()) + 1,
            int(members.max()) + 1,
            self._titles(names, titles),
            left_out,
            unknown,
        )

    def _titles(self, names: Sequence[str], titles: Mapping[str, str] | None) -> tuple[str, ...]:
        if titles is None:
            codes = self._codes[1]
            titles = {name: self._texts[codes[name]][1] for name in names if codes[name] in self._texts}
        found = tuple(titles.get(name, "")[:LONGEST] for name in names)
        return found if any(found) else ()


def _once(times: Doubles, rooms: Integers, topics: Integers, members: Integers) -> Integers:
    """Rows of which no earlier one has the same time, place and member, in the order of the file."""
    order = np.lexsort((np.arange(len(times)), rooms, members, topics, times))
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = times[order][1:] == times[order][:-1]
    for codes in (rooms, topics, members):
        same[1:] &= codes[order][1:] == codes[order][:-1]
    return np.sort(order[~same])


def _by_name(codes: Mapping[str, int], used: Integers) -> tuple[tuple[str, ...], Integers]:
    """Names that a row still has, in order of code point, and the rows renumbered by them."""
    names = list(codes)
    left = sorted(names[code] for code in np.unique(used).tolist())
    place = np.zeros(len(names), dtype=np.int64)
    for at, name in enumerate(left):
        place[codes[name]] = at
    return tuple(left), place[used]


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if value is not None and value == value else ""


def _length(value: Any, words: str) -> float:
    try:
        number = math.nan if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    return max(number, 0.0) if math.isfinite(number) else float(len(words))
