"""Recorded interactions as arrays, with what was left out and why. Knows columns' meanings; knows no models."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from recsys.evaluation.arrivals import arrivals_of
from recsys.evaluation.errors import BadData
from recsys.evaluation.histories import Histories, Integers, joined
from recsys.evaluation.leftout import LeftOut, Sorting
from recsys.evaluation.reading import numbered_rows, read_rows
from recsys.signals import Feedback

_UNITS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Numbers of this size are times in nano-, micro- and milliseconds since 1970; smaller ones seconds or steps."""

_NO_NAMES: Final = frozenset({"nan", "NaN", "<NA>", "NaT"})
"""What tables write where there is nothing."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the values are. `signal` and `rating` may be absent from the file."""

    user: str = "user"
    item: str = "item"
    time: str = "time"
    signal: str = "signal"
    rating: str = "rating"
    item_id: str = "id"
    item_text: str = "text"


@dataclass(frozen=True, slots=True)
class Events:
    """The usable rows of one file. users, items: codes into the names, in order of first sight.

    in_order: there are no times, and the steps of each user are numbered in the order of the file.
    """

    source: str
    user_names: tuple[str, ...]
    item_names: tuple[str, ...]
    users: Integers
    items: Integers
    times: np.ndarray[Any, np.dtype[np.float64]]
    ratings: np.ndarray[Any, np.dtype[np.float32]]
    left_out: LeftOut
    in_order: bool = False

    def __len__(self) -> int:
        return len(self.users)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All items there are, in order of code point: a tie between equal scores goes to the first. texts: may be ''.

    links: for each relation of a graph what every item is linked to, as words.
    """

    items: tuple[str, ...]
    texts: tuple[str, ...] = ()
    links: tuple[tuple[tuple[str, ...], ...], ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def described(self) -> bool:
        """Is anything said of any item?"""
        return any(self.texts) or bool(self.links)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Interactions of named users over a catalogue; `repeats`: later actions of a user on the same item, left out."""

    users: tuple[str, ...]
    catalogue: Catalogue
    histories: Histories
    repeats: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)


def read_events(
    path: Path,
    columns: Columns,
    *,
    latest: float | None = None,
    signals: frozenset[str] | None = None,
    timed: bool = True,
) -> Events:
    """Rows of a file that can be used.

    latest: rows after this moment (seconds) are left out. signals: only these words count; without it, all but those
    that the product takes for a dislike. timed: a file without a time column is refused; otherwise it is in order.
    BadData where no row is left.
    """
    reader = _Reader(latest, signals, Feedback())
    needed = (columns.user, columns.item, *((columns.time,) if timed else ()))
    optional = (*(() if timed else (columns.time,)), columns.signal, columns.rating)
    for line, row in numbered_rows(path, needed, optional):
        reader.add(line, row)
    return reader.events(path.name, anywhere=not timed)


def read_texts(path: Path, columns: Columns) -> dict[str, str]:
    """Text by item id; the later of two rows of one id counts. BadData where there is no item."""
    found: dict[str, str] = {}
    for identity, text in read_rows(path, (columns.item_id,), (columns.item_text,)):
        name = name_of(identity)
        if name:
            found[name] = str(text) if text is not None and text == text else ""
    if not found:
        raise BadData(f"{path.name} has no item with an id in column {columns.item_id}")
    return found


def moment_of(text: str) -> float | None:
    """A single moment as the times of a file are read: seconds; None where it is none."""
    moment = stamp_of(text)
    if moment is None:
        return None
    return float(in_seconds(np.asarray([moment]), np.asarray([True]))[0])


def catalogue_of(files: Sequence[Events], texts: Mapping[str, str] | None = None) -> Catalogue:
    """Every item that a file or the list of texts names."""
    texts = texts or {}
    names = tuple(sorted({name for events in files for name in events.item_names} | set(texts)))
    return Catalogue(names, tuple(texts.get(name, "") for name in names) if texts else ())


def dataset_of(events: Events, catalogue: Catalogue, users: Sequence[str] | None = None) -> Dataset:
    """Rows by user: those of `users` in that order (others are dropped), or all, in order of code point.

    Of a user's several actions on one item the first keeps its place, because only what is new can be recommended;
    the latest rating counts.
    """
    names = tuple(sorted(events.user_names)) if users is None else tuple(users)
    user_code = {name: code for code, name in enumerate(names)}
    item_code = {name: code for code, name in enumerate(catalogue.items)}
    of_user = np.asarray([user_code.get(name, -1) for name in events.user_names], dtype=np.int64)
    of_item = np.asarray([item_code[name] for name in events.item_names], dtype=np.int64)
    rows, items = of_user[events.users], of_item[events.items]
    ours = rows >= 0
    whole = joined(rows[ours], items[ours], events.times[ours], events.ratings[ours], (len(names), len(catalogue)))
    pairs = whole.rows * np.int64(max(len(catalogue), 1)) + whole.items
    _, first, place = np.unique(pairs, return_index=True, return_inverse=True)
    ratings = whole.ratings.copy()
    rated = np.flatnonzero(np.isfinite(whole.ratings))
    # Entries are in order of time, and the last assignment to one place wins.
    ratings[first[place[rated]]] = whole.ratings[rated]
    kept = np.zeros(len(pairs), dtype=np.bool_)
    kept[first] = True
    histories = Histories(whole.starts, whole.items, whole.times, ratings, whole.item_count).where(kept)
    if users is None:
        # Rows of named users may come from a file without times, in another unit than the training part's.
        histories = replace(histories, arrivals=arrivals_of(names, histories))
    return Dataset(names, catalogue, histories, int(len(pairs) - len(first)), events.left_out)


class _Reader:
    """Collects rows as codes: eight bytes a value, whatever the length of the ids."""

    def __init__(self, latest: float | None, signals: frozenset[str] | None, feedback: Feedback) -> None:
        self._latest, self._signals, self._feedback = latest, signals, feedback
        self._user_codes: dict[str, int] = {}
        self._item_codes: dict[str, int] = {}
        self._users, self._items = array("q"), array("q")
        self._times, self._ratings = array("d"), array("f")
        self._left_out = Sorting()
        self._untimed = 0

    def add(self, line: int, row: Sequence[Any]) -> None:
        user, item, time, signal, rating = row
        user_name, item_name = name_of(user), name_of(item)
        if not user_name or not item_name:
            self._left_out.leave("without a user" if not user_name else "without an item", line)
            return
        if not self._counts(signal):
            self._left_out.count("of another signal" if self._signals is not None else "a dislike", 1)
            return
        self._left_out.keep(line)
        moment = stamp_of(time)
        if moment is None:
            self._untimed += 1
        self._users.append(self._user_codes.setdefault(user_name, len(self._user_codes)))
        self._items.append(self._item_codes.setdefault(item_name, len(self._item_codes)))
        self._times.append(math.nan if moment is None else moment)
        self._ratings.append(_rating(rating))

    def _counts(self, signal: Any) -> bool:
        if signal is None or signal == "":
            return self._signals is None
        word = str(signal).strip()
        if self._signals is not None:
            return word in self._signals
        rule = self._feedback.rules.get(word)
        return rule is None or rule.weight > 0

    def events(self, source: str, *, anywhere: bool) -> Events:
        times = np.frombuffer(self._times, dtype=np.float64) if len(self._times) else np.zeros(0)
        in_order = anywhere and 0 < self._untimed == len(times)
        if in_order:
            # No time at all: the order of the file is the order of what each one did, and no clock for all of them.
            times = _steps(np.frombuffer(self._users, dtype=np.int64) if len(times) else np.zeros(0, np.int64))
        usable = np.isfinite(times)
        self._left_out.leave_kept("without a time", ~usable)
        times = in_seconds(times, usable)
        if self._latest is not None:
            future = usable & (times > self._latest)
            self._left_out.leave_kept("in the future", future)
            usable &= ~future
        left_out = self._left_out.found()
        if not usable.any():
            raise BadData(f"{source} has no row that can be used: {str(left_out) or 'it is empty'}")
        users = np.frombuffer(self._users, dtype=np.int64)[usable]
        items = np.frombuffer(self._items, dtype=np.int64)[usable]
        user_names, users = _still_there(tuple(self._user_codes), users)
        item_names, items = _still_there(tuple(self._item_codes), items)
        ratings = np.frombuffer(self._ratings, dtype=np.float32)[usable]
        return Events(source, user_names, item_names, users, items, times[usable], ratings, left_out, in_order)


def _steps(users: Integers) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How many rows of the same user come before each."""
    order = np.argsort(users, kind="stable")
    firsts = np.concatenate(([0], np.cumsum(np.bincount(users))))[:-1] if len(users) else np.zeros(0, np.int64)
    steps = np.empty(len(users))
    steps[order] = np.arange(len(users)) - firsts[users[order]]
    return steps


def _still_there(names: tuple[str, ...], codes: Integers) -> tuple[tuple[str, ...], Integers]:
    """Only the names that a code still points to."""
    found, renumbered = np.unique(codes, return_inverse=True)
    return tuple(names[code] for code in found.tolist()), renumbered.astype(np.int64)


def name_of(value: Any) -> str:
    """An id as text; '' for what is none. 12.0 is 12: tables with gaps turn whole numbers into such, and gaps into nan.

    That holds for the text of a table, too: all who have no id would otherwise be one person called "nan".
    """
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    name = str(value).strip()
    if name.endswith(".0") and name[:-2].isdecimal():
        return name[:-2]
    return "" if name in _NO_NAMES else name


def stamp_of(value: Any) -> float | None:
    """A number as it is, or an ISO 8601 time as seconds since 1970; without a zone it is UTC."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    else:
        return number if math.isfinite(number) else None
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def in_seconds(times: np.ndarray[Any, np.dtype[np.float64]], usable: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """By the size of the middle one: one wrong value does not change the unit of the file."""
    if usable.any():
        middle = abs(float(np.median(times[usable])))
        for above, divisor in _UNITS:
            if middle >= above:
                return times / divisor
    return times


def _rating(value: Any) -> float:
    try:
        number = math.nan if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan
