"""What the benchmark of peers does itself: order of ties, and what is held back for choosing. No peer is needed."""

from __future__ import annotations

import numpy as np

from benchmarks.peer_models import PEERS, Log, chosen
from benchmarks.peers import OURS, ordered
from recsys.evaluation.models import MODELS


def test_of_equal_scores_the_smaller_id_comes_first_and_gaps_stay_gaps() -> None:
    items = np.asarray([[7, 3, 9, 1], [4, -1, -1, -1]])
    scores = np.asarray([[0.5, 0.9, 0.5, 0.5], [0.1, -np.inf, -np.inf, -np.inf]])
    assert ordered(items, scores, 3).tolist() == [[3, 1, 7], [4, -1, -1]]


def test_the_last_item_of_everybody_with_two_is_held_back() -> None:
    log = Log(np.asarray([0, 3, 4, 6]), np.asarray([5, 1, 2, 0, 4, 3]), np.full(6, np.nan, dtype=np.float32), 6)
    rest, users, wanted = log.without_last()
    assert rest.starts.tolist() == [0, 2, 3, 4]
    assert rest.items.tolist() == [5, 1, 0, 4]
    assert (users.tolist(), wanted.tolist()) == ([0, 2], [2, 3])


def test_a_peer_takes_the_setting_that_finds_most_of_what_was_held_back() -> None:
    log = Log(np.asarray([0, 2, 4]), np.asarray([0, 1, 2, 3]), np.full(4, np.nan, dtype=np.float32), 4)

    def fit(rest: Log, setting, seed):  # type: ignore[no-untyped-def]
        answers = {0: [1, 3], 1: [3, 1]}
        lists = np.asarray([[answers[user][setting["right"] - 1]] + [0] * 9 for user in (0, 1)])
        return lambda users, n: (lists[users], np.zeros((len(users), n)))

    peer = type(PEERS["implicit-als"])("none", fit, ({"right": 2}, {"right": 1}))
    assert chosen(peer, log, 0) == {"right": 1}


def test_ours_are_models_of_the_evaluation() -> None:
    assert set(OURS) <= set(MODELS)
