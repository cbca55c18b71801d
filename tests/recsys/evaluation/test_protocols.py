"""What is trained on, shown and asked: nothing that is asked for is ever in the training part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Histories
from recsys.evaluation.protocols import Split, cold_item, cold_user, given, last_out, sampled, temporal, validation
from tests.recsys.evaluation.worlds import histories_of, wanderers

LOGS = st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=9, unique=True), min_size=6, max_size=25)
PROTOCOLS: dict[str, Callable[[Histories], Split]] = {
    "last-out": last_out,
    "temporal": temporal,
    "cold-user": lambda log: cold_user(log, seed=3, share=0.3),
    "cold-item": lambda log: cold_item(log, seed=3, share=0.3),
}


def lists_of(histories: Histories) -> list[list[int]]:
    return [histories.item(row).tolist() for row in range(len(histories))]


def split_of(name: str, log: Histories) -> Split | None:
    try:
        return PROTOCOLS[name](log)
    except EvaluationError:
        return None


@pytest.mark.parametrize("name", PROTOCOLS)
@over(LOGS)
@settings(max_examples=60, deadline=None)
def test_every_case_is_sound(name: str, rows: list[list[int]]) -> None:
    split = split_of(name, histories_of(rows, 12))
    for scene in () if split is None else split.scenes:
        assert len(scene.cases) == len(scene.truth) == len(scene.seen)
        for history, truth, seen in zip(*map(lists_of, (scene.cases, scene.truth, scene.seen)), strict=True):
            assert truth
            assert set(history) <= set(seen)
            assert not set(truth) & set(seen)
            if scene.candidates is not None:
                assert scene.candidates[truth].all()


def test_last_out_asks_for_the_last_and_trains_on_the_rest() -> None:
    split = last_out(histories_of([[3, 1, 2], [4], [0, 4]], 5))
    (scene,) = split.scenes
    assert lists_of(split.train) == [[3, 1], [4], [0]]
    assert lists_of(scene.cases) == [[3, 1], [0]]
    assert lists_of(scene.truth) == [[2], [4]]
    assert dict(split.not_judged) == {"with a single item": 1}
    assert lists_of(last_out(histories_of([[3, 1, 2], [4, 1]], 5), back=1).train) == [[3], [4]]


def test_temporal_learns_nothing_from_the_future_of_anybody() -> None:
    log = histories_of(wanderers(), 15)
    split = temporal(log, since=60.0)
    (scene,) = split.scenes
    assert split.train.times.max() < 60
    assert scene.truth.times.min() >= 60
    assert scene.cases.times.max() < 60
    later = temporal(log)
    assert np.mean(log.times < later.scenes[0].truth.times.min()) == pytest.approx(0.9, abs=0.02)


def test_a_temporal_split_needs_times_that_differ() -> None:
    log = histories_of([[0, 1], [1, 2]], 3)
    still = Histories(log.starts, log.items, np.zeros(4), log.ratings, 3)
    with pytest.raises(EvaluationError, match="times that differ"):
        temporal(still)


def test_newcomers_are_not_in_the_training_part() -> None:
    rows = [[user, 20 + user % 3, 23 + user % 4, 27, 28, 29] for user in range(20)]
    split = cold_user(histories_of(rows, 30), seed=1)
    # The first item of everybody is theirs alone, and so tells who was trained on.
    trained = {row[0] for row in lists_of(split.train)}
    assert len(trained) == 18
    assert [scene.name for scene in split.scenes] == ["first 0", "first 1", "first 2", "first 5"]
    for scene, known in zip(split.scenes, (0, 1, 2, 5), strict=True):
        for history, truth in zip(lists_of(scene.cases), lists_of(scene.truth), strict=True):
            assert len(history) == known
            user = [*history, *truth][0]
            assert [*history, *truth] == rows[user][: known + 1]
            assert user not in trained


def test_new_items_are_nowhere_in_training_nor_in_histories() -> None:
    log = histories_of(wanderers(), 15)
    split = cold_item(log, seed=2, share=0.2)
    among_new, among_all = split.scenes
    assert among_new.candidates is not None
    cold = np.flatnonzero(among_new.candidates)
    assert len(cold) == 3
    assert not np.isin(split.train.items, cold).any()
    assert not np.isin(among_all.cases.items, cold).any()
    assert np.isin(among_all.truth.items, cold).all()
    assert among_all.candidates is None
    # Another new item that the user has taken before is not asked to be avoided, it is masked.
    assert np.isin(among_new.seen.items, cold).any()


def test_files_are_taken_as_they_are() -> None:
    train = histories_of([[0, 1], [1, 2]], 5)
    split = given(train, histories_of([[0], [], [3]], 5), histories_of([[1, 0], [2], [3]], 5))
    (scene,) = split.scenes
    assert split.train is train
    assert lists_of(scene.cases) == [[0], []]
    assert lists_of(scene.truth) == [[1], [2]]
    assert dict(split.not_judged) == {"with nothing new in the truth": 1}


def test_a_log_too_short_says_so() -> None:
    with pytest.raises(EvaluationError, match="too short"):
        last_out(histories_of([[0], [1]], 2))


@pytest.mark.parametrize("name", PROTOCOLS)
def test_validation_sees_only_the_training_part(name: str) -> None:
    split = split_of(name, histories_of(wanderers(), 15))
    assert split is not None
    allowed = {
        (item, moment) for item, moment in zip(split.train.items.tolist(), split.train.times.tolist(), strict=True)
    }
    folds = validation(split, 2, 1000, seed=1)
    assert len(folds) == 2
    for fold in folds:
        parts = [fold.train, *(part for scene in fold.scenes for part in (scene.cases, scene.truth))]
        for part in parts:
            assert set(zip(part.items.tolist(), part.times.tolist(), strict=True)) <= allowed


def test_a_sample_of_cases_is_the_same_for_everybody() -> None:
    (scene,) = last_out(histories_of(wanderers(), 15)).scenes
    one, again = sampled(scene, 20, seed=4), sampled(scene, 20, seed=4)
    assert len(one) == 20
    assert lists_of(one.cases) == lists_of(again.cases)
    assert lists_of(one.cases) != lists_of(sampled(scene, 20, seed=5).cases)
    assert sampled(scene, None, seed=4) is scene
