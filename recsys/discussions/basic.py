"""The few features that any learned ranker of discussions begins with. Knows the state; knows no model."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.board import Board, Question
from recsys.discussions.messages import HOUR
from recsys.discussions.people import Place, Tie
from recsys.discussions.topics import NOBODY

Table = NDArray[np.float32]
BASIC: Final = ("messages", "hours", "room-share", "affinity", "participants")
"""Messages in the window, hours since the last, share of the member's messages that were in the room, mean number of
topics shared with the participants, number of participants."""


def basic(board: Board, question: Question) -> Table:
    """Shape (candidates, len(BASIC)), float32."""
    topics, people = board.topics, board.people
    at = question.topics
    table = np.zeros((len(at), len(BASIC)), dtype=np.float32)
    if not len(at):
        return table
    table[:, 0] = topics.within[at, topics.windows.index(topics.alive)]
    table[:, 1] = (question.now - topics.last[at]) / HOUR
    rooms, place = np.unique(topics.room[at], return_inverse=True)
    mine = people.places.values[people.places.rows(question.member, rooms.tolist()), Place.MESSAGES][place]
    wrote = people.messages[question.member] if question.member < len(people.messages) else 0.0
    table[:, 2] = mine / max(wrote, 1.0)
    seats = topics.people[at]
    others, place = np.unique(seats, return_inverse=True)
    rows = people.ties.rows(question.member, others.tolist())
    rows[others == NOBODY] = 0
    table[:, 3] = people.ties.values[rows, Tie.TOGETHER][place.reshape(seats.shape)].sum(axis=1) / np.maximum(
        (seats != NOBODY).sum(axis=1), 1
    )
    table[:, 4] = topics.participants[at]
    return table
