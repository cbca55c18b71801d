"""The past once more, in order, stopping at chosen moments. Knows logs and state; computes no features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.discussions.board import Board, Question
from recsys.discussions.messages import Integers, Log, Mask, Message

UNREACHABLE: Final = -1


@dataclass(frozen=True, slots=True)
class Moment:
    """A message that is asked about before it is known.

    at: its place in the log. truth: place of its topic among the candidates, UNREACHABLE where that was not alive.
    topics: how many topics the member had written in.
    """

    at: int
    question: Question
    truth: int
    topics: int


def replay(log: Log, asked: Mask, board: Board) -> Iterator[Moment]:
    """Feed the log to the board and stop before each message that is asked about.

    Nothing of the same time or later has reached the board then. Messages of equal times are all asked about before
    any of them counts. The iterator must be taken to its end for the board to have seen everything.
    """
    flags = asked.tolist()
    waiting: list[Message] = []
    for at, message in enumerate(log):
        if waiting and waiting[-1].time < message.time:
            for earlier in waiting:
                board.observe(earlier)
            waiting.clear()
        if flags[at]:
            yield _asked(board, at, message)
        waiting.append(message)
    for earlier in waiting:
        board.observe(earlier)


def alive_at(log: Log, alive: float) -> Integers:
    """How many topics are alive strictly before each message: an upper bound of its candidates, shape (messages,)."""
    order = np.lexsort((np.arange(len(log)), log.topics))
    times, topics = log.times[order], log.topics[order]
    until = times + alive
    same = topics[1:] == topics[:-1]
    # A topic that goes on is counted once: its former stretch ends where the next message begins.
    until[:-1] = np.where(same, np.minimum(until[:-1], times[1:]), until[:-1])
    begun = np.searchsorted(log.times, log.times, side="left")
    ended = np.searchsorted(np.sort(until), log.times, side="left")
    return np.asarray(begun - ended, dtype=np.int64)


def latest(log: Log, asked: Mask, rows: int, alive: float) -> Mask:
    """Of the messages asked about the last ones that have no more than `rows` candidates together."""
    wanted = np.flatnonzero(asked)[::-1]
    within = np.cumsum(alive_at(log, alive)[wanted]) <= rows
    found = np.zeros(len(log), dtype=np.bool_)
    found[wanted[within]] = True
    return found


def _asked(board: Board, at: int, message: Message) -> Moment:
    question = board.question(message.member, message.time)
    place = int(np.searchsorted(question.topics, message.topic))
    there = place < len(question) and question.topics[place] == message.topic
    return Moment(at, question, place if there else UNREACHABLE, board.people.topics_of(message.member))
