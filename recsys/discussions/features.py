"""What a ranker of discussions sees of each candidate. Knows the state; knows no model and no outcome.

Every feature belongs to a group: what a group adds to a score is one reason. Groups:
activity (what goes on in the topic now), rooms (the member's rooms, and what follows what), people (ties between the
member and those who take part), habits (what the member is used to join), content (titles), newest (place among the
other candidates).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.board import Board, Question
from recsys.discussions.messages import DAY, HOUR, Doubles, Integers
from recsys.discussions.people import Habit, Place, Tie
from recsys.discussions.topics import LONG_AGO, NOBODY

Table = NDArray[np.float32]
Columns = dict[str, Doubles]

_MINUTES: Final = 60.0
_PRIOR: Final = 3.0
_FOREVER: Final = 4e7
"""Seconds that stand for never."""


def activity(board: Board, question: Question) -> Columns:
    topics, at, now = board.topics, question.topics, question.now
    last, start, count = topics.last[at], topics.start[at], topics.count[at]
    seated = topics.people_at[at]
    found: Columns = {
        "gap": _log_minutes(now - last),
        "age": _log_minutes(now - start),
        "gap-before": _log_minutes(np.minimum(last - topics.before[at], _FOREVER)),
        "messages": np.log1p(count),
        "participants": np.log1p(topics.participants[at]),
        "pace": np.log1p(count) - _log_minutes(last - start),
        "spread": topics.participants[at] / count,
        "unanswered": (topics.participants[at] == 1).astype(np.float64),
        "by-starter": (topics.poster[at] == topics.starter[at]).astype(np.float64),
        "length": np.log1p(topics.length[at] / count),
        "people-10m": (seated > now - 600).sum(axis=1).astype(np.float64),
        "people-hour": (seated > now - HOUR).sum(axis=1).astype(np.float64),
        "people-day": (seated > now - DAY).sum(axis=1).astype(np.float64),
    }
    since = topics.people_since[at]
    found["joins-10m"] = (since > now - HOUR / 6).sum(axis=1).astype(np.float64)
    found["joins-hour"] = (since > now - HOUR).sum(axis=1).astype(np.float64)
    found["joins-day"] = (since > now - DAY).sum(axis=1).astype(np.float64)
    found["overdue"] = found["gap"] - _log_minutes((last - start) / np.maximum(count - 1, 1))
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
    total = max(_of(people.messages, member), 1.0)
    faded = _of(people.messages_faded, member) / scale
    joins = _of(people.joins, member)
    joins_faded = _of(people.joins_faded, member) / scale
    all_joins = max(people.all_joins, 1.0)
    general = people.room_joins[unique] / all_joins
    recent = people.room_joins_faded / scale
    general_faded = recent[unique] / max(recent.sum(), 1e-9)
    since = np.where(mine[:, Place.MESSAGES] > 0, now - mine[:, Place.LAST], _FOREVER)
    latest = people.latest(member)
    last_room = latest[-1].room if latest else -1
    moves = people.moves.values[people.moves.rows(last_room, unique.tolist()), 0] if latest else np.zeros(len(unique))
    left = _of(people.room_left, last_room) if latest else 0.0
    of_room: Columns = {
        "room-share": mine[:, Place.MESSAGES] / total,
        "room-share-faded": mine[:, Place.MESSAGES_FADED] / scale / (faded + 0.1),
        "room-joins": (mine[:, Place.JOINS] + 3 * general) / (joins + 3),
        "room-joins-faded": (mine[:, Place.JOINS_FADED] / scale + 2 * general_faded) / (joins_faded + 2),
        "room-since": _log_minutes(since),
        "room-last": (unique == last_room).astype(np.float64),
        "room-move": (moves / scale + 5 * general_faded) / (left / scale + 5),
        "room-general": general_faded,
        "room-hour": np.log1p(topics.room_within[unique, 1]),
        "room-day": np.log1p(topics.room_within[unique, 3]),
        "room-gap": _log_minutes(now - topics.room_last[unique]),
        "room-open": np.bincount(place, minlength=len(unique)).astype(np.float64),
    }
    found = {name: values[place] for name, values in of_room.items()}
    found["room-lift"] = found["room-joins-faded"] / (found["room-general"] + 1e-3)
    found["room-now"] = (topics.last[question.topics] >= topics.room_last[topics.room[question.topics]]).astype(
        np.float64
    )
    return found


def ties(board: Board, question: Question) -> Columns:
    topics, people, at = board.topics, board.people, question.topics
    seats = topics.people[at]
    others, place = np.unique(seats, return_inverse=True)
    place = place.reshape(seats.shape)
    there = seats != NOBODY
    rows = people.ties.rows(question.member, others.tolist())
    rows[others == NOBODY] = 0
    scale = people.fading.weight(question.now)
    known = people.ties.values[rows].copy()
    known[:, Tie.FOLLOWED :] /= scale
    count = np.maximum(there.sum(axis=1), 1)
    # How often one goes where this person is, for how often this person is anywhere.
    seen = np.maximum(_gathered(people.messages_faded, others) / scale, 0)
    topical = np.log1p(_gathered(people.joins, others) + _gathered(people.started, others))
    follow = known[:, Tie.FOLLOWED] / np.sqrt(seen + 1)
    cosine = known[:, Tie.TOGETHER] / np.sqrt(np.expm1(topical) + 5)
    talk = known[:, Tie.ANSWERED] + known[:, Tie.WAS_ANSWERED]
    recent = np.exp2(-np.minimum(question.now - topics.people_at[at], 30 * DAY) / (6 * HOUR)) * there
    met = known[:, Tie.TOGETHER] > 0
    starter = np.searchsorted(others, topics.starter[at])
    poster = np.searchsorted(others, topics.poster[at])
    # A starter may have lost its seat.
    starter = np.where(others[np.minimum(starter, len(others) - 1)] == topics.starter[at], starter, 0)
    starter = np.minimum(starter, len(others) - 1)
    gone = topics.starter[at] != others[starter]
    latest = people.latest(question.member)
    mine = set(topics.around(latest[-1].topic)) if latest else set()
    same = np.asarray([other in mine for other in others.tolist()])
    return {
        "together-mean": cosine[place].sum(axis=1) / count,
        "together-max": cosine[place].max(axis=1),
        "follow-mean": follow[place].sum(axis=1) / count,
        "follow-max": follow[place].max(axis=1),
        "follow-recent": (follow[place] * recent).sum(axis=1),
        "talk-mean": talk[place].sum(axis=1) / count,
        "talk-max": talk[place].max(axis=1),
        "talk-recent": (talk[place] * recent).sum(axis=1),
        "met": met[place].sum(axis=1) / count,
        "starter-follow": np.where(gone, 0, follow[starter]),
        "starter-talk": np.where(gone, 0, talk[starter]),
        "poster-follow": follow[poster],
        "poster-talk": talk[poster],
        "poster-answered": known[poster, Tie.ANSWERED],
        "known-there": (same[place] & there).sum(axis=1).astype(np.float64),
        "led-mean": known[:, Tie.LED][place].sum(axis=1) / count,
    }


def habits(board: Board, question: Question) -> Columns:
    topics, people, at, now, member = board.topics, board.people, question.topics, question.now, question.member
    used = people.habit(member)
    gap, age = _log_minutes(now - topics.last[at]), _log_minutes(now - topics.start[at])
    latest = people.latest(member)
    since = now - _of(people.last, member, LONG_AGO)
    shared = {
        "member-topics": np.log1p(_of(people.joins, member) + _of(people.started, member)),
        "member-joins": np.log1p(_of(people.joins_faded, member) / people.fading.weight(now)),
        "member-since": _log_minutes(np.minimum(since, _FOREVER)),
        "member-starts": _of(people.started, member) / max(_of(people.joins, member) + _of(people.started, member), 1),
        "member-hour": float(sum(each.time > now - HOUR for each in latest)),
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
    times, rooms = people.written(member)
    room = topics.room[at]
    here = rooms[None, :] == room[:, None]
    after_start = times[None, :] > topics.start[at][:, None]
    after_last = times[None, :] > topics.last[at][:, None]
    seen = _of(people.last, member, LONG_AGO)
    unique, place = np.unique(room, return_inverse=True)
    mine = people.places.values[people.places.rows(member, unique.tolist())]
    general = people.all_habits / max(people.all_joins, 1.0)
    of_room = (people.room_habits[unique] + 20 * general) / (people.room_joins[unique] + 20)[:, None]
    count = mine[:, Place.JOINS] + _PRIOR
    gap = (mine[:, Place.GAP] + _PRIOR * of_room[:, Habit.GAP]) / count
    age = (mine[:, Place.AGE] + _PRIOR * of_room[:, Habit.AGE]) / count
    return {
        "passed": np.log1p(after_start.sum(axis=1)),
        "passed-room": np.log1p((after_start & here).sum(axis=1)),
        "passed-last": np.log1p(after_last.sum(axis=1)),
        "passed-last-room": np.log1p((after_last & here).sum(axis=1)),
        "room-mine-6h": (here & (times > now - 6 * HOUR)[None, :]).sum(axis=1).astype(np.float64),
        "room-mine-day": (here & (times > now - DAY)[None, :]).sum(axis=1).astype(np.float64),
        "unseen-people": (topics.people_at[at] > seen).sum(axis=1).astype(np.float64),
        "room-habit-gap": _log_minutes(now - topics.last[at]) - gap[place],
        "room-habit-age": _log_minutes(now - topics.start[at]) - age[place],
        "room-used-gap": of_room[place, Habit.GAP],
        "room-gap-habit": _log_minutes(now - topics.last[at]) - of_room[place, Habit.GAP],
    }


def standing(columns: Columns, room: Integers) -> Columns:
    """Places among the candidates: the best has 0. Trees can't compare two candidates, so this is done for them."""
    found: Columns = {}
    for name, sign in _RANKED.items():
        found[f"{name}-rank"] = places(-sign * columns[name])
    gap = columns["gap"]
    best = np.full(int(room.max()) + 1, np.inf)
    np.minimum.at(best, room, gap)
    found["gap-behind"] = gap - gap.min()
    found["gap-behind-room"] = gap - best[room]
    order = np.lexsort((gap, room))
    start = np.flatnonzero(np.r_[True, np.diff(room[order]) != 0])
    in_room = np.empty(len(gap))
    in_room[order] = np.arange(len(gap)) - np.repeat(start, np.diff(np.r_[start, len(gap)]))
    found["gap-rank-room"] = np.log1p(in_room)
    return found


def places(values: NDArray[Any]) -> Doubles:
    """Logarithm of 1 + the place of each value, 0 for the smallest; equals have equal places. Shape as given."""
    return np.asarray(np.log1p(np.searchsorted(np.sort(values), values, side="left").astype(np.float64)))


_RANKED: Final = {
    "gap": -1.0,
    "age": -1.0,
    "messages-60m": 1.0,
    "people-hour": 1.0,
    "room-joins-faded": 1.0,
    "room-move": 1.0,
    "together-mean": 1.0,
    "follow-max": 1.0,
    "talk-recent": 1.0,
    "room-habit-gap": -1.0,
    "passed-last": -1.0,
    "follow-recent": 1.0,
    "met": 1.0,
}


NAMES: Final = (
    "gap",
    "age",
    "gap-before",
    "messages",
    "participants",
    "pace",
    "spread",
    "unanswered",
    "by-starter",
    "length",
    "people-10m",
    "people-hour",
    "people-day",
    "messages-10m",
    "messages-60m",
    "messages-360m",
    "messages-1440m",
    "messages-2880m",
    "starter-messages",
    "starter-joined",
    "poster-messages",
    "poster-joins",
    "room-share",
    "room-share-faded",
    "room-joins",
    "room-joins-faded",
    "room-since",
    "room-last",
    "room-move",
    "room-general",
    "room-hour",
    "room-day",
    "room-gap",
    "room-open",
    "room-lift",
    "room-now",
    "together-mean",
    "together-max",
    "follow-mean",
    "follow-max",
    "follow-recent",
    "talk-mean",
    "talk-max",
    "talk-recent",
    "met",
    "starter-follow",
    "starter-talk",
    "poster-follow",
    "poster-talk",
    "poster-answered",
    "known-there",
    "led-mean",
    "member-topics",
    "member-joins",
    "member-since",
    "member-starts",
    "member-hour",
    "candidates",
    "used-gap",
    "used-age",
    "used-people",
    "habit-gap",
    "habit-age",
    "habit-messages",
    "habit-people",
    "since-seen",
    "gap-rank",
    "age-rank",
    "messages-60m-rank",
    "people-hour-rank",
    "room-joins-faded-rank",
    "room-move-rank",
    "together-mean-rank",
    "follow-max-rank",
    "talk-recent-rank",
    "gap-behind",
    "gap-behind-room",
    "gap-rank-room",
    "joins-10m",
    "joins-hour",
    "joins-day",
    "overdue",
    "passed",
    "passed-room",
    "passed-last",
    "passed-last-room",
    "room-mine-6h",
    "room-mine-day",
    "unseen-people",
    "room-habit-gap",
    "room-habit-age",
    "room-used-gap",
    "room-gap-habit",
    "room-habit-gap-rank",
    "passed-last-rank",
    "follow-recent-rank",
    "met-rank",
)


def features(board: Board, question: Question) -> Table:
    """Shape (candidates, len(NAMES)), float32."""
    if not len(question):
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    columns: Columns = {}
    for part in (activity, starters, rooms, ties, habits, passed):
        columns |= part(board, question)
    columns |= standing(columns, board.topics.room[question.topics])
    table = np.empty((len(question), len(NAMES)), dtype=np.float32)
    for at, name in enumerate(NAMES):
        table[:, at] = columns[name]
    return table


def _log_minutes(seconds: Doubles | float) -> Doubles:
    return np.asarray(np.log1p(np.maximum(seconds, 0.0) / _MINUTES))


def _of(values: Doubles, code: int, default: float = 0.0) -> float:
    return float(values[code]) if 0 <= code < len(values) else default


def _gathered(values: Doubles, codes: Integers) -> Doubles:
    if not len(values):
        return np.zeros(len(codes))
    return np.asarray(np.where(codes >= 0, values[np.maximum(codes, 0)], 0.0))
