"""What a ranker of discussions sees of each candidate. Knows the state; knows no model and no outcome."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.board import Board, Question
from recsys.discussions.customs import habits, passed
from recsys.discussions.measures import FOREVER, Columns, log_minutes, places, value_of
from recsys.discussions.messages import DAY, HOUR, Integers
from recsys.discussions.names import NAMES
from recsys.discussions.people import Place
from recsys.discussions.relations import ties

Table = NDArray[np.float32]


def activity(board: Board, question: Question) -> Columns:
    topics, at, now = board.topics, question.topics, question.now
    last, start, count = topics.last[at], topics.start[at], topics.count[at]
    found: Columns = {
        "gap": log_minutes(now - last),
        "age": log_minutes(now - start),
        "gap-before": log_minutes(np.minimum(last - topics.before[at], FOREVER)),
        "messages": np.log1p(count),
        "participants": np.log1p(topics.participants[at]),
        "pace": np.log1p(count) - log_minutes(last - start),
        "spread": topics.participants[at] / count,
        "unanswered": (topics.participants[at] == 1).astype(np.float64),
        "length": np.log1p(topics.length[at] / count),
        "people-day": (topics.people_at[at] > now - DAY).sum(axis=1).astype(np.float64),
    }
    since = topics.people_since[at]
    found["joins-10m"] = (since > now - HOUR / 6).sum(axis=1).astype(np.float64)
    found["joins-hour"] = (since > now - HOUR).sum(axis=1).astype(np.float64)
    found["overdue"] = found["gap"] - log_minutes((last - start) / np.maximum(count - 1, 1))
    for at_window, window in enumerate(topics.windows):
        found[f"messages-{round(window / 60)}m"] = topics.within[at, at_window]
    return found


def starters(board: Board, question: Question) -> Columns:
    topics, people, at = board.topics, board.people, question.topics
    starter, poster = topics.starter[at], topics.poster[at]
    return {
        "starter-messages": np.log1p(people.messages[starter]),
        "starter-joined": np.log1p(people.received[starter]) - np.log1p(people.started[starter]),
        "poster-messages": np.log1p(people.messages[poster]),
        "poster-joins": np.log1p(people.joins[poster]),
    }


def rooms(board: Board, question: Question) -> Columns:
    topics, people, now, member = board.topics, board.people, question.now, question.member
    unique, place = np.unique(topics.room[question.topics], return_inverse=True)
    mine = people.places.values[people.places.rows(member, unique.tolist())]
    scale = people.fading.weight(now)
    total = max(value_of(people.messages, member), 1.0)
    faded = value_of(people.messages_faded, member) / scale
    joins = value_of(people.joins, member)
    joins_faded = value_of(people.joins_faded, member) / scale
    all_joins = max(people.all_joins, 1.0)
    general = people.room_joins[unique] / all_joins
    recent = people.room_joins_faded / scale
    general_faded = recent[unique] / max(recent.sum(), 1e-9)
    since = np.where(mine[:, Place.MESSAGES] > 0, now - mine[:, Place.LAST], FOREVER)
    latest = people.latest(member)
    last_room = latest[-1].room if latest else -1
    moves = people.moves.values[people.moves.rows(last_room, unique.tolist()), 0] if latest else np.zeros(len(unique))
    left = value_of(people.room_left, last_room) if latest else 0.0
    of_room: Columns = {
        "room-share": mine[:, Place.MESSAGES] / total,
        "room-share-faded": mine[:, Place.MESSAGES_FADED] / scale / (faded + 0.1),
        "room-joins": (mine[:, Place.JOINS] + 3 * general) / (joins + 3),
        "room-joins-faded": (mine[:, Place.JOINS_FADED] / scale + 2 * general_faded) / (joins_faded + 2),
        "room-since": log_minutes(since),
        "room-last": (unique == last_room).astype(np.float64),
        "room-move": (moves / scale + 5 * general_faded) / (left / scale + 5),
        "room-general": general_faded,
        "room-hour": np.log1p(topics.room_within[unique, topics.windows.index(HOUR)]),
        "room-day": np.log1p(topics.room_within[unique, topics.windows.index(DAY)]),
        "room-gap": log_minutes(now - topics.room_last[unique]),
        "room-open": np.bincount(place, minlength=len(unique)).astype(np.float64),
    }
    found = {name: values[place] for name, values in of_room.items()}
    found["room-lift"] = found["room-joins-faded"] / (found["room-general"] + 1e-3)
    return found


def standing(columns: Columns, room: Integers) -> Columns:
    """Places among the candidates: the best has 0. Trees can't compare two candidates, so this is done for them."""
    ranks = places(np.stack([-sign * columns[name] for name, sign in _RANKED.items()], axis=1))
    found: Columns = {f"{name}-rank": ranks[:, at] for at, name in enumerate(_RANKED)}
    gap = columns["gap"]
    best = np.full(int(room.max()) + 1, np.inf)
    np.minimum.at(best, room, gap)
    found["gap-behind"] = gap - gap.min()
    found["gap-behind-room"] = gap - best[room]
    return found


def rivals(columns: Columns) -> Columns:
    """How much of what the member likes is fresher than each candidate: who reads from the top stops before the rest.

    The member's share of joins in a room goes to the topics open there, whole or in equal parts, and is summed over the
    candidates that were written in later.
    """
    share, gap = columns["room-joins-faded"], columns["gap"]
    rate = share / columns["room-open"]
    order = np.argsort(gap, kind="stable")
    # Equally fresh ones are no rivals, in whatever order they come.
    first = np.searchsorted(gap[order], gap, side="left")
    weights = np.stack([share, rate])[:, order]
    ahead = np.zeros((2, len(gap) + 1))
    np.cumsum(weights, axis=1, out=ahead[:, 1:])
    return {"room-rate": rate, "rooms-ahead": ahead[0, first], "rates-ahead": ahead[1, first]}


_RANKED: Final = {
    "gap": -1.0,
    "age": -1.0,
    "room-joins-faded": 1.0,
    "room-move": 1.0,
    "together-mean": 1.0,
    "follow-max": 1.0,
    "talk-recent": 1.0,
    "room-habit-gap": -1.0,
    "passed-last": -1.0,
    "follow-recent": 1.0,
}


def features(board: Board, question: Question) -> Table:
    """Shape (candidates, len(NAMES)), float32."""
    if not len(question):
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    columns: Columns = {}
    for part in (activity, starters, rooms, ties, habits, passed):
        columns |= part(board, question)
    columns |= standing(columns, board.topics.room[question.topics])
    columns |= rivals(columns)
    return np.ascontiguousarray(np.stack([columns[name] for name in NAMES]).T, dtype=np.float32)
