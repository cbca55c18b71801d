"""What is learned from: everything while it fits, then twice the questions with half of what was not joined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from recsys.discussions.features import rivals
from recsys.discussions.fitting import TooLittle, fit_discussions
from recsys.discussions.lessons import KEPT, WHOLE, drawn, lessons
from recsys.discussions.replay import alive_at
from tests.recsys.discussions.talks import community, log_of

ALIVE = 48 * 3600.0


def test_what_fits_is_learned_from_whole() -> None:
    log = log_of(community(3, seed=1))
    joins = log.joins()
    found, thin = lessons(log, joins, 10_000_000, ALIVE)
    assert (found == joins).all()
    assert not thin.any()


def test_of_too_much_the_latest_is_learned_from_and_the_early_part_of_it_thinned() -> None:
    log = log_of(community(20, seed=2))
    joins, rows = log.joins(), 4_000
    found, thin = lessons(log, joins, rows, ALIVE)
    where = np.flatnonzero(found)
    assert (where == np.flatnonzero(joins)[-len(where) :]).all()
    cut = len(where) - round(WHOLE * len(where))
    assert thin[where[:cut]].all()
    assert thin.sum() == cut
    candidates = alive_at(log, ALIVE)
    stored = candidates[found & ~thin].sum() + KEPT * candidates[thin].sum()
    assert stored == pytest.approx(rows, rel=0.1)
    assert candidates[found].sum() > 1.5 * rows


def test_the_joined_topic_always_stays() -> None:
    rng = np.random.default_rng(0)
    sizes = []
    for truth in (0, 57, 99):
        for _ in range(50):
            stay, place = drawn(100, truth, rng)
            assert stay[place] == truth
            assert (np.diff(stay) > 0).all()
            sizes.append(len(stay))
    assert np.mean(sizes) == pytest.approx(50.5, abs=2)
    assert drawn(1, 0, rng)[1] == 0


def test_too_little_passes_through_a_context_as_it_is() -> None:
    @contextmanager
    def context() -> Iterator[None]:
        yield

    with pytest.raises(TooLittle, match="3 questions"), context():
        raise TooLittle(3)


def test_a_ranker_of_thinned_questions_is_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.discussions.fitting.ROWS", 30_000)
    log = log_of(community(25, seed=8))
    one, other = (fit_discussions(log, now=5.0, seed=3) for _ in range(2))
    assert one.trees == other.trees
    assert one.figures["ndcg@10"] > one.figures["recency"]


def test_rivals_are_what_the_member_likes_and_was_written_in_later() -> None:
    found = rivals(
        {
            "room-joins-faded": np.array([0.5, 0.2, 0.2, 0.5]),
            "room-open": np.array([2.0, 2.0, 2.0, 2.0]),
            "gap": np.array([3.0, 1.0, 2.0, 2.0]),
        }
    )
    np.testing.assert_allclose(found["room-rate"], [0.25, 0.1, 0.1, 0.25])
    np.testing.assert_allclose(found["rooms-ahead"], [0.9, 0.0, 0.2, 0.2])
    np.testing.assert_allclose(found["rates-ahead"], [0.45, 0.0, 0.1, 0.1])
