"""Titles: what fits a member's last topics is found, by words in both scripts, and encoded once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.discussions.board import Board
from recsys.discussions.content import CONTENT, Matrix, TitleVectors, Words, likeness
from recsys.discussions.measures import places
from tests.recsys.discussions.talks import HOUR, Said, log_of


class Counting:
    """An encoder of two subjects that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        return np.asarray([[1.0, 0.0] if "rust" in text else [0.6, 0.8] for text in texts], dtype=np.float32)


def test_likeness_by_hand() -> None:
    # Member 1 wrote in rust, python, a topic without a title; rust and python are open.
    log = log_of(
        [
            Said(0, 0, 0, 1),
            Said(1 * HOUR, 0, 1, 1),
            Said(2 * HOUR, 0, 2, 1),
            Said(3 * HOUR, 0, 3, 2),
            Said(4 * HOUR, 0, 4, 2),
            Said(4 * HOUR, 0, 5, 2),
        ]
    )
    board, encode = Board(), Counting()
    for message in log:
        board.observe(message)
    vectors = TitleVectors(["rust", "python", "", "rust too", "other", ""], encode, 2)
    question = board.question(1, 5 * HOUR)
    assert question.topics.tolist() == [3, 4, 5]
    for _ in range(2):
        table = likeness(board, question, vectors)
    assert sorted(encode.asked) == ["other", "python", "rust", "rust too"]
    found = dict(zip(CONTENT, table.T.tolist(), strict=True))
    np.testing.assert_allclose(found["mean"], [0.8, 0.8, 0.0], atol=1e-6)
    np.testing.assert_allclose(found["best"], [1.0, 1.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found["last"], [0.6, 1.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found["faded"], [(0.8 + 0.6) / 1.8, (0.48 + 1.0) / 1.8, 0.0], atol=1e-6)
    assert not likeness(board, board.question(7, 5 * HOUR), vectors).any()


def test_rare_words_weigh_more_in_both_scripts() -> None:
    texts = ["how to learn python", "how to learn rust", "怎么学习算法", "怎么学习数据库", "how to cook"]
    words = Words(texts)
    rows = words(["rust ownership", "how to learn rust", "how to learn python", "数据库索引", "怎么学习算法", ""])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1
    assert rows[3] @ rows[4] < words(["数据库"])[0] @ rows[3]
    assert not rows[5].any()
    np.testing.assert_allclose(np.linalg.norm(rows[:5], axis=1), 1.0, rtol=1e-5)


def test_places_of_equals_are_equal() -> None:
    found = places(np.asarray([[3.0, 1.0], [1.0, 1.0], [3.0, 0.0], [2.0, 1.0]]))
    np.testing.assert_allclose(np.expm1(found), [[2, 1], [0, 1], [2, 0], [1, 1]], atol=1e-12)
