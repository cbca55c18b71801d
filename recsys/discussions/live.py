"""Who talks where in a running community, ready to be asked. Knows users, posts and audiences by name; no texts.

Each audience has a board of its own: what is said where somebody may not read changes nothing of what they are shown.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from recsys.discussions.board import Board
from recsys.discussions.features import features
from recsys.discussions.fitting import ALIVE
from recsys.discussions.messages import Log, Message, in_order
from recsys.discussions.people import Place as Places
from recsys.discussions.people import Tie
from recsys.participation import TAKING_PART
from recsys.types import Interaction

REMEMBERED: Final = 100_000
"""The latest messages that count."""
_STRANGER: Final = (1 << 31) - 1


class Place(NamedTuple):
    """Where a post is."""

    audience: str
    room: str


class Said(NamedTuple):
    at: float
    user: str
    post: str


Where = Callable[[str], Place | None]
"""Of a post: its place, None for what is no post or no longer there."""


@dataclass(frozen=True, slots=True)
class Going:
    """Posts of one audience that go on, of which the user is not yet part. table: their features, a row a post."""

    posts: tuple[str, ...]
    table: np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Known:
    """What a reason can say of a post: people in it whom the user has met, messages lately, messages in that room."""

    met: int = 0
    lately: int = 0
    mine_there: int = 0


@dataclass(slots=True)
class _Side:
    """One audience: codes in order of first sight."""

    board: Board = field(default_factory=lambda: Board(ALIVE))
    users: dict[str, int] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def add(self, said: Said, room: str) -> None:
        if said.post not in self.posts:
            self.names.append(said.post)
        self.board.observe(
            Message(
                said.at,
                self.rooms.setdefault(room, len(self.rooms)),
                self.posts.setdefault(said.post, len(self.posts)),
                self.users.setdefault(said.user, len(self.users)),
            )
        )


class LiveDiscussions:
    """Any number of threads may ask while one writes; answers are of whole messages."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._lock = threading.Lock()
        self._said: deque[Said] = deque(maxlen=REMEMBERED)
        self._sides: dict[str, _Side] = {}
        self._places: dict[str, Place] = {}
        self._unplaced: set[str] = set()
        self._last = -math.inf
        self._fresh = 0
        self._stale = False

    def __len__(self) -> int:
        return len(self._said)

    def observe(self, interactions: Iterable[Interaction]) -> int:
        """Take in who wrote where; returns how many of the interactions say so.

        What comes later than something that happened after it is put in its place by `settle`.
        """
        counted = 0
        with self._lock:
            for done in interactions:
                if done.signal not in TAKING_PART or not math.isfinite(done.at):
                    continue
                said = Said(done.at, done.user, done.item)
                self._said.append(said)
                self._fresh += 1
                place = self._place(done.item)
                if place is None:
                    # It may become one, or come back.
                    self._unplaced.add(done.item)
                    continue
                counted += 1
                if self._stale or done.at < self._last or self._fresh > REMEMBERED:
                    self._stale = True
                    continue
                self._last = done.at
                self._sides.setdefault(place.audience, _Side()).add(said, place.room)
        return counted

    def moved(self, posts: Iterable[str]) -> None:
        """These were changed or removed: `settle` takes away what one did where it no longer is."""
        with self._lock:
            for post in posts:
                if post in self._unplaced or post in self._places:
                    self._stale |= self._where(post) != self._places.get(post)

    def settle(self) -> None:
        """After much was taken in: put everything in order of time, if it came otherwise."""
        with self._lock:
            if self._stale:
                self._rebuild()

    def clear(self) -> None:
        with self._lock:
            self._said.clear()
            self._rebuild()

    def log(self, audience: str) -> Log:
        """What was said in one audience, in order of time, without names."""
        users: dict[str, int] = {}
        posts: dict[str, int] = {}
        rooms: dict[str, int] = {}
        rows = []
        with self._lock:
            for said in self._said:
                place = self._where(said.post)
                if place is not None and place.audience == audience:
                    room = rooms.setdefault(place.room, len(rooms))
                    post = posts.setdefault(said.post, len(posts))
                    rows.append((said.at, room, post, users.setdefault(said.user, len(users))))
        table = np.asarray(rows, dtype=np.float64).reshape(-1, 4)
        codes = table[:, 1:].astype(np.int64)
        return in_order(table[:, 0], codes[:, 0], codes[:, 1], codes[:, 2], np.zeros(len(table)))

    def going(self, user: str, audiences: Iterable[str], now: float) -> list[Going]:
        """For each audience that has any, the posts that go on at `now` (seconds), with features."""
        found = []
        with self._lock:
            for audience in sorted(audiences):
                side = self._sides.get(audience)
                if side is None:
                    continue
                question = side.board.question(side.users.get(user, _STRANGER), now)
                if len(question):
                    names = tuple(side.names[topic] for topic in question.topics.tolist())
                    found.append(Going(names, features(side.board, question)))
        return found

    def known(self, user: str, post: str, audiences: Iterable[str]) -> Known:
        """What is true of a post in one of these audiences; zeros where nothing is known."""
        with self._lock:
            place = self._places.get(post)
            side = self._sides.get(place.audience) if place is not None and place.audience in set(audiences) else None
            if place is None or side is None or post not in side.posts:
                return Known()
            topic, member = side.posts[post], side.users.get(user, _STRANGER)
            topics, people = side.board.topics, side.board.people
            others = topics.around(topic)
            ties = people.ties.values[people.ties.rows(member, others), Tie.TOGETHER]
            mine = people.places.values[people.places.rows(member, [side.rooms[place.room]]), Places.MESSAGES]
            lately = topics.within[topic, topics.windows.index(topics.alive)]
            return Known(int((ties > 0).sum()), int(lately), int(mine.sum()))

    def _place(self, post: str) -> Place | None:
        place = self._where(post)
        if place is not None:
            self._places[post] = place
        return place

    def _rebuild(self) -> None:
        self._sides, self._places, self._unplaced, self._last = {}, {}, set(), -math.inf
        self._fresh, self._stale = 0, False
        for said in sorted(self._said, key=lambda each: each.at):
            place = self._place(said.post)
            if place is None:
                self._unplaced.add(said.post)
                continue
            self._sides.setdefault(place.audience, _Side()).add(said, place.room)
            self._last = said.at
