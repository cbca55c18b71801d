"""What is going on in each topic now: activity, ages, who takes part. Knows topics; knows no member's taste."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.messages import DAY, HOUR, Doubles, Integers, Message
from recsys.discussions.tables import grown

NOBODY: Final = -1
SEATS: Final = 32
"""How many of the latest different participants of a topic are kept by name."""
WINDOWS: Final = (HOUR / 6, HOUR, DAY, 2 * DAY)
"""Seconds over which messages are counted exactly."""
LONG_AGO: Final = -1e12


class Topics:
    """State after a sequence of messages in order of time. One writer at a time.

    Arrays are indexed by topic (or room); they may be longer than the number of topics.
    """

    def __init__(self, alive: float = 2 * DAY) -> None:
        self.alive = alive
        self.windows = WINDOWS if alive in WINDOWS else (*WINDOWS, alive)
        self.room: Integers = np.zeros(0, dtype=np.int64)
        self.starter: Integers = np.zeros(0, dtype=np.int64)
        self.poster: Integers = np.zeros(0, dtype=np.int64)
        self.start: Doubles = np.zeros(0)
        self.last: Doubles = np.zeros(0)
        self.before: Doubles = np.zeros(0)
        self.count: Doubles = np.zeros(0)
        self.length: Doubles = np.zeros(0)
        self.participants: Doubles = np.zeros(0)
        self.people: NDArray[np.int64] = np.zeros((0, SEATS), dtype=np.int64)
        self.people_at: Doubles = np.zeros((0, SEATS))
        self.people_since: Doubles = np.zeros((0, SEATS))
        self.within: Doubles = np.zeros((0, len(self.windows)))
        self.room_within: Doubles = np.zeros((0, len(self.windows)))
        self.room_last: Doubles = np.zeros(0)
        self._recent: list[deque[Message]] = [deque() for _ in self.windows]
        self._open: OrderedDict[int, float] = OrderedDict()
        self._joined: dict[int, set[int]] = {}
        self._seats: dict[int, int] = {}

    def candidates(self, member: int, now: float) -> Integers:
        """Topics with a message in the window before `now` in which the member has not written, by code.

        The window is what lies strictly before `now` and not further back than `alive`.
        """
        self.advance(now)
        joined: Collection[int] = self._joined.get(member, ())
        return np.asarray(sorted(topic for topic in self._open if topic not in joined), dtype=np.int64)

    def has_joined(self, member: int, topic: int) -> bool:
        joined = self._joined.get(member)
        return joined is not None and topic in joined

    def advance(self, now: float) -> None:
        """Let the time pass: what is older than its window is no longer counted."""
        for at, (recent, window) in enumerate(zip(self._recent, self.windows, strict=True)):
            oldest = now - window
            while recent and recent[0].time < oldest:
                past = recent.popleft()
                self.within[past.topic, at] -= 1
                self.room_within[past.room, at] -= 1
        oldest = now - self.alive
        while self._open:
            topic, last = next(iter(self._open.items()))
            if last >= oldest:
                break
            del self._open[topic]

    def observe(self, message: Message) -> bool:
        """Take a message in; its time is not before that of any former one. True for the member's first in it."""
        self.advance(message.time)
        time, room, topic, member, length = message
        self._grow(topic, room)
        if not self.count[topic]:
            self.room[topic], self.starter[topic], self.start[topic] = room, member, time
            self.last[topic] = time
        self.before[topic] = self.last[topic]
        self.last[topic] = time
        self.poster[topic] = member
        self.count[topic] += 1
        self.length[topic] += length
        self.room_last[room] = time
        for recent in self._recent:
            recent.append(message)
        self.within[topic] += 1
        self.room_within[room] += 1
        self._open[topic] = time
        self._open.move_to_end(topic)
        joined = self._joined.setdefault(member, set())
        new = topic not in joined
        if new:
            joined.add(topic)
            self.participants[topic] += 1
        self._sit(topic, member, time)
        return new

    def around(self, topic: int) -> list[int]:
        """The latest participants of a topic, in no order."""
        if topic >= len(self.people):
            return []
        return [person for person in self.people[topic].tolist() if person != NOBODY]

    def _sit(self, topic: int, member: int, time: float) -> None:
        key = topic << 32 | member
        seat = self._seats.get(key)
        if seat is None:
            filled = int(self.participants[topic])
            if filled <= SEATS and self.people[topic, filled - 1] == NOBODY:
                seat = filled - 1
            else:
                # All seats are taken: whoever has been silent longest leaves.
                seat = int(self.people_at[topic].argmin())
                del self._seats[topic << 32 | int(self.people[topic, seat])]
            self._seats[key] = seat
            self.people[topic, seat] = member
            self.people_since[topic, seat] = time
        self.people_at[topic, seat] = time

    def _grow(self, topic: int, room: int) -> None:
        if topic >= len(self.room):
            size = topic + 1
            for name, fill in (
                ("room", 0),
                ("starter", NOBODY),
                ("poster", NOBODY),
                ("start", LONG_AGO),
                ("last", LONG_AGO),
                ("before", LONG_AGO),
                ("count", 0),
                ("length", 0),
                ("participants", 0),
                ("people", NOBODY),
                ("people_at", LONG_AGO),
                ("people_since", LONG_AGO),
                ("within", 0),
            ):
                setattr(self, name, grown(getattr(self, name), size, fill))
        if room >= len(self.room_last):
            self.room_last = grown(self.room_last, room + 1, LONG_AGO)
            self.room_within = grown(self.room_within, room + 1, 0)
