"""Ties between a member and those who take part in each candidate. Knows pairs of members; no rooms."""

from __future__ import annotations

import numpy as np

from recsys.discussions.board import Board, Question
from recsys.discussions.measures import Columns, gathered
from recsys.discussions.messages import DAY, HOUR, Integers, Mask
from recsys.discussions.people import Tie
from recsys.discussions.topics import NOBODY


def ties(board: Board, question: Question) -> Columns:
    topics, people, at = board.topics, board.people, question.topics
    seats = topics.people[at]
    there = seats != NOBODY
    # Whoever takes part, topic after topic; every topic has somebody.
    others, place = np.unique(seats[there], return_inverse=True)
    count = there.sum(axis=1)
    first = np.cumsum(count) - count
    scale = people.fading.weight(question.now)
    known = people.ties.values[people.ties.rows(question.member, others.tolist())]
    known[:, Tie.FOLLOWED :] /= scale
    # How often one goes where this person is, for how often this person is anywhere.
    follow = known[:, Tie.FOLLOWED] / np.sqrt(gathered(people.messages_faded, others) / scale + 1)
    cosine = known[:, Tie.TOGETHER] / np.sqrt(gathered(people.joins, others) + gathered(people.started, others) + 5)
    talk = known[:, Tie.ANSWERED] + known[:, Tie.WAS_ANSWERED]
    ago = question.now - topics.people_at[at][there]
    recent = np.exp2(-np.minimum(ago, 30 * DAY) / (6 * HOUR))
    each = np.stack([cosine, follow, talk, known[:, Tie.LED]], axis=1)[place]
    sums = np.add.reduceat(each, first)
    most = np.maximum.reduceat(each[:, :2], first)
    fresh = np.add.reduceat(each[:, 1:3] * recent[:, None], first)
    means = sums / count[:, None]
    starter, starts = _found(others, topics.starter[at])
    poster, _ = _found(others, topics.poster[at])
    return {
        "together-mean": means[:, 0],
        "together-max": most[:, 0],
        "follow-mean": means[:, 1],
        "follow-max": most[:, 1],
        "follow-recent": fresh[:, 0],
        "talk-mean": means[:, 2],
        "talk-recent": fresh[:, 1],
        "starter-follow": np.where(starts, follow[starter], 0.0),
        "starter-talk": np.where(starts, talk[starter], 0.0),
        "poster-follow": follow[poster],
        "poster-talk": talk[poster],
        "poster-answered": known[poster, Tie.ANSWERED],
        "led-mean": means[:, 3],
    }


def _found(others: Integers, wanted: Integers) -> tuple[Integers, Mask]:
    """Places of codes among sorted ones, and whether they are there: a starter may have lost its seat."""
    place = np.minimum(np.searchsorted(others, wanted), len(others) - 1)
    return place, np.asarray(others[place] == wanted)
