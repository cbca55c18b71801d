"""Who wrote where and when, as arrays. Knows times, rooms, topics and members by code; never a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]
HOUR = 3_600.0
DAY = 86_400.0


class Message(NamedTuple):
    """time: seconds. The rest are codes, from 0 on. length: characters, 0 where nobody says."""

    time: float
    room: int
    topic: int
    member: int
    length: float = 0.0


@dataclass(frozen=True, slots=True)
class Log:
    """Messages in order of time; of equal times in the order given. All arrays have the same shape (messages,)."""

    times: Doubles
    rooms: Integers
    topics: Integers
    members: Integers
    lengths: Doubles

    def __post_init__(self) -> None:
        if len({len(self.times), len(self.rooms), len(self.topics), len(self.members), len(self.lengths)}) != 1:
            raise ValueError("times, rooms, topics, members and lengths belong together: one value each a message")
        if not np.isfinite(self.times).all() or (np.diff(self.times) < 0).any():
            raise ValueError("messages come in order of time, and each has one")

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Message]:
        """One by one; as Python numbers, which are quicker than NumPy's in a loop."""
        columns: list[list[Any]] = [
            column.tolist() for column in (self.times, self.rooms, self.topics, self.members, self.lengths)
        ]
        return map(Message._make, zip(*columns, strict=True))

    def firsts(self) -> Mask:
        """Is this the first message of its member in its topic? Shape (messages,)."""
        width = np.int64(self.members.max(initial=0) + 1)
        _, first = np.unique(self.topics * width + self.members, return_index=True)
        found = np.zeros(len(self), dtype=np.bool_)
        found[first] = True
        return found

    def joins(self) -> Mask:
        """Is this the first message of its member in a topic that another member started? Shape (messages,)."""
        topics, begin = np.unique(self.topics, return_index=True)
        starters = self.members[begin][np.searchsorted(topics, self.topics)]
        return np.asarray(self.firsts() & (starters != self.members))


def in_order(times: Doubles, rooms: Integers, topics: Integers, members: Integers, lengths: Doubles) -> Log:
    """A log of messages that come in any order."""
    order = np.argsort(times, kind="stable")
    return Log(times[order], rooms[order], topics[order], members[order], lengths[order])
