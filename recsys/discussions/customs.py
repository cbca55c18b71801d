"""What a member is used to join, and what it has seen and passed by. Knows the member's past; no ties to others."""

from __future__ import annotations

from typing import Final

import numpy as np

from recsys.discussions.board import Board, Question
from recsys.discussions.measures import FOREVER, Columns, log_minutes, value_of
from recsys.discussions.people import Habit, Place
from recsys.discussions.topics import LONG_AGO

_PRIOR: Final = 3.0


def habits(board: Board, question: Question) -> Columns:
    topics, people, at, now, member = board.topics, board.people, question.topics, question.now, question.member
    used = people.habit(member)
    gap, age = log_minutes(now - topics.last[at]), log_minutes(now - topics.start[at])
    joined, started = value_of(people.joins, member), value_of(people.started, member)
    since = now - value_of(people.last, member, LONG_AGO)
    shared = {
        "member-topics": np.log1p(joined + started),
        "member-joins": np.log1p(value_of(people.joins_faded, member) / people.fading.weight(now)),
        "member-since": log_minutes(np.minimum(since, FOREVER)),
        "member-starts": started / max(joined + started, 1.0),
        "candidates": np.log1p(float(len(at))),
        "used-gap": used[Habit.GAP],
        "used-age": used[Habit.AGE],
        "used-people": used[Habit.PARTICIPANTS],
    }
    found: Columns = {name: np.full(len(at), value) for name, value in shared.items()}
    found["habit-gap"] = gap - used[Habit.GAP]
    found["habit-age"] = age - used[Habit.AGE]
    found["habit-messages"] = np.log1p(topics.count[at]) - used[Habit.MESSAGES]
    found["habit-people"] = np.log1p(topics.participants[at]) - used[Habit.PARTICIPANTS]
    # Was there anything in the topic since the member was last seen?
    found["since-seen"] = np.sign(since - (now - topics.start[at]))
    return found


def passed(board: Board, question: Question) -> Columns:
    """What the member did since each topic went on without it: whoever wrote elsewhere has seen it and passed by."""
    topics, people, at, now, member = board.topics, board.people, question.topics, question.now, question.member
    times = people.written(member)
    room = topics.room[at]
    seen = value_of(people.last, member, LONG_AGO)
    unique, place = np.unique(room, return_inverse=True)
    mine = people.places.values[people.places.rows(member, unique.tolist())]
    general = people.all_habits / max(people.all_joins, 1.0)
    of_room = (people.room_habits[unique] + 20 * general) / (people.room_joins[unique] + 20)[:, None]
    count = mine[:, Place.JOINS] + _PRIOR
    gap = (mine[:, Place.GAP] + _PRIOR * of_room[:, Habit.GAP]) / count
    age = (mine[:, Place.AGE] + _PRIOR * of_room[:, Habit.AGE]) / count
    return {
        "passed": np.log1p(len(times) - np.searchsorted(times, topics.start[at], side="right")),
        "passed-last": np.log1p(len(times) - np.searchsorted(times, topics.last[at], side="right")),
        "unseen-people": (topics.people_at[at] > seen).sum(axis=1).astype(np.float64),
        "room-habit-gap": log_minutes(now - topics.last[at]) - gap[place],
        "room-habit-age": log_minutes(now - topics.start[at]) - age[place],
        "room-used-gap": of_room[place, Habit.GAP],
        "room-gap-habit": log_minutes(now - topics.last[at]) - of_room[place, Habit.GAP],
    }
