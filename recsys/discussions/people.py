"""Who talks where and with whom: rooms of members, ties between members, habits. Knows members; knows no candidates."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from recsys.discussions.messages import DAY, HOUR, Doubles, Message
from recsys.discussions.tables import Fading, Pairs, grown
from recsys.discussions.topics import LONG_AGO, Topics

HALF_LIFE: Final = 30 * DAY
"""How fast rooms and ties are forgotten."""
LATEST: Final = 30
"""Different topics of a member that are remembered in order."""
WRITTEN: Final = 256
"""Messages of a member whose times are remembered."""
_PRIOR: Final = 5.0
"""Joins of the average member that a member's own habits are shrunk by."""


class Tie(IntEnum):
    """Columns of a pair (member, other)."""

    TOGETHER = 0
    """Topics both wrote in, ever."""
    FOLLOWED = 1
    """Topics that the member joined after the other, faded."""
    LED = 2
    """Topics that the other joined after the member, faded."""
    ANSWERED = 3
    """Messages of the member right after one of the other, faded."""
    WAS_ANSWERED = 4
    """Messages of the other right after one of the member, faded."""


class Place(IntEnum):
    """Columns of a pair (member, room)."""

    MESSAGES = 0
    MESSAGES_FADED = 1
    JOINS = 2
    JOINS_FADED = 3
    LAST = 4
    GAP = 5
    """Sum over the joins there of Habit.GAP; the next of Habit.AGE."""
    AGE = 6


class Habit(IntEnum):
    """What a topic is like when somebody joins it, as logarithms."""

    GAP = 0
    AGE = 1
    MESSAGES = 2
    PARTICIPANTS = 3


class Latest(NamedTuple):
    time: float
    topic: int
    room: int


class People:
    """State after a sequence of messages in order of time; fed together with Topics, which sees each message later."""

    def __init__(self) -> None:
        self.ties = Pairs(len(Tie))
        self.places = Pairs(len(Place))
        self.moves = Pairs(1)
        self.fading = Fading(HALF_LIFE)
        self.messages: Doubles = np.zeros(0)
        self.messages_faded: Doubles = np.zeros(0)
        self.joins: Doubles = np.zeros(0)
        self.joins_faded: Doubles = np.zeros(0)
        self.started: Doubles = np.zeros(0)
        self.received: Doubles = np.zeros(0)
        self.last: Doubles = np.zeros(0)
        self.habits: Doubles = np.zeros((0, len(Habit)))
        self.all_habits: Doubles = np.zeros(len(Habit))
        self.all_joins = 0.0
        self.room_joins: Doubles = np.zeros(0)
        self.room_joins_faded: Doubles = np.zeros(0)
        self.room_left: Doubles = np.zeros(0)
        self.room_habits: Doubles = np.zeros((0, len(Habit)))
        self._written: dict[int, deque[float]] = {}
        self._latest: dict[int, dict[int, Latest]] = {}

    def latest(self, member: int) -> Sequence[Latest]:
        """The member's last messages in different topics, latest last."""
        return tuple(self._latest.get(member, {}).values())

    def topics_of(self, member: int) -> int:
        """In how many topics the member has written, its own included."""
        return int(self.joins[member] + self.started[member]) if member < len(self.joins) else 0

    def written(self, member: int) -> Doubles:
        """Times of the member's last messages, latest last, shape (messages,)."""
        return np.asarray(self._written.get(member, ()), dtype=np.float64)

    def habit(self, member: int) -> Doubles:
        """How the topics were that the member joined: means of logarithms, shrunk to those of everybody."""
        mean = self.all_habits / max(self.all_joins, 1.0)
        if member >= len(self.joins):
            return mean
        return np.asarray((self.habits[member] + _PRIOR * mean) / (self.joins[member] + _PRIOR))

    def observe(self, message: Message, topics: Topics) -> None:
        """Take a message in before `topics` does."""
        time, room, topic, member, _ = message
        self._grow(member, room)
        self._fade(time)
        weight = self.fading.weight(time)
        known = topic < len(topics.count) and topics.count[topic] > 0
        joined = topics.has_joined(member, topic)
        if known:
            poster = int(topics.poster[topic])
            if poster != member:
                self.ties.at(member, poster)[Tie.ANSWERED] += weight
                self.ties.at(poster, member)[Tie.WAS_ANSWERED] += weight
            if not joined:
                self._join(message, topics, weight)
        else:
            self.started[member] += 1
        place = self.places.at(member, room)
        place[Place.MESSAGES] += 1
        place[Place.MESSAGES_FADED] += weight
        place[Place.LAST] = time
        self.messages[member] += 1
        self.messages_faded[member] += weight
        self.last[member] = time
        self._written.setdefault(member, deque(maxlen=WRITTEN)).append(time)
        self._remember(Latest(time, topic, room), member, weight)

    def _remember(self, now: Latest, member: int, weight: float) -> None:
        latest = self._latest.setdefault(member, {})
        if latest:
            before = next(reversed(latest.values()))
            if before.topic != now.topic:
                self.moves.at(before.room, now.room)[0] += weight
                self.room_left[before.room] += weight
        latest.pop(now.topic, None)
        latest[now.topic] = now
        if len(latest) > LATEST:
            del latest[next(iter(latest))]

    def _join(self, message: Message, topics: Topics, weight: float) -> None:
        time, room, topic, member, _ = message
        for other in topics.around(topic):
            mine = self.ties.at(member, other)
            mine[Tie.TOGETHER] += 1
            mine[Tie.FOLLOWED] += weight
            theirs = self.ties.at(other, member)
            theirs[Tie.TOGETHER] += 1
            theirs[Tie.LED] += weight
        starter = int(topics.starter[topic])
        self.received[starter] += 1
        seen = np.log1p(
            [
                (time - topics.last[topic]) / HOUR * 60,
                (time - topics.start[topic]) / HOUR * 60,
                topics.count[topic],
                topics.participants[topic],
            ]
        )
        self.habits[member] += seen
        self.all_habits += seen
        self.all_joins += 1
        self.joins[member] += 1
        self.joins_faded[member] += weight
        self.room_joins[room] += 1
        self.room_habits[room] += seen
        self.room_joins_faded[room] += weight
        place = self.places.at(member, room)
        place[Place.JOINS] += 1
        place[Place.JOINS_FADED] += weight
        place[Place.GAP] += seen[Habit.GAP]
        place[Place.AGE] += seen[Habit.AGE]

    def _fade(self, now: float) -> None:
        factor = self.fading.due(now)
        if factor == 1.0:
            return
        self.ties.values[:, Tie.FOLLOWED :] *= factor
        self.places.values[:, [Place.MESSAGES_FADED, Place.JOINS_FADED]] *= factor
        self.moves.values *= factor
        for faded in (self.messages_faded, self.joins_faded, self.room_joins_faded, self.room_left):
            faded *= factor

    def _grow(self, member: int, room: int) -> None:
        if member >= len(self.messages):
            for name in ("messages", "messages_faded", "joins", "joins_faded", "started", "received", "habits"):
                setattr(self, name, grown(getattr(self, name), member + 1, 0.0))
            self.last = grown(self.last, member + 1, LONG_AGO)
        if room >= len(self.room_joins):
            for name in ("room_joins", "room_joins_faded", "room_left", "room_habits"):
                setattr(self, name, grown(getattr(self, name), room + 1, 0.0))
