"""Everything known about discussions at one moment, and the question of one member. Joins topics and people."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.discussions.messages import DAY, Integers, Message
from recsys.discussions.people import People
from recsys.discussions.topics import Topics


@dataclass(frozen=True, slots=True)
class Question:
    """Which of these topics does the member join at `now`? topics: codes, shape (candidates,)."""

    member: int
    now: float
    topics: Integers

    def __len__(self) -> int:
        return len(self.topics)


class Board:
    """State after a sequence of messages in order of time. One writer at a time."""

    def __init__(self, alive: float = 2 * DAY) -> None:
        self.topics = Topics(alive)
        self.people = People()

    def observe(self, message: Message) -> None:
        """A message of an equal or later time than every former one."""
        self.people.observe(message, self.topics)
        self.topics.observe(message)

    def question(self, member: int, now: float) -> Question:
        """All candidates of the member: topics alive strictly before `now` that it has not written in."""
        return Question(member, now, self.topics.candidates(member, now))
