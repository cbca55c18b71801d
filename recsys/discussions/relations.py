"""Ties between a member and those who take part in each candidate. Knows pairs of members; no rooms."""

from __future__ import annotations

import numpy as np

from recsys.discussions.board import Board, Question
from recsys.discussions.measures import Columns, gathered
from recsys.discussions.messages import DAY, HOUR
from recsys.discussions.people import Tie
from recsys.discussions.topics import NOBODY


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
    seen = np.maximum(gathered(people.messages_faded, others) / scale, 0)
    topical = np.log1p(gathered(people.joins, others) + gathered(people.started, others))
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
