"""Learners most like one: against the cosine written out, without whoever asks, through the model's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.actions import collect
from recsys.companions import FADE, KEPT, Companions, _summed
from recsys.fitting import FitParameters, fit
from recsys.modelfile import load, save
from tests.recsys.test_collaborative import path_of, wanderers
from tests.recsys.worlds import NOW


def test_the_nearest_are_those_of_the_largest_cosine() -> None:
    log = collect(wanderers())
    people = Companions.of(log)
    faded = np.zeros((log.user_count, len(log.names)))
    for user in range(log.user_count):
        mine = log.items[log.users == user]
        faded[user, mine] = FADE ** np.arange(len(mine))[::-1]
    unit = faded / np.linalg.norm(faded, axis=1, keepdims=True)
    history = [3, 2, 7]
    own = np.zeros(len(log.names))
    own[history] = FADE ** np.arange(3)
    likeness = unit @ own
    beyond = [row for row in range(len(faded)) if likeness[row] > 0 and set(np.flatnonzero(faded[row])) - set(history)]
    expected = sorted(beyond, key=lambda row: (-likeness[row], row))[:10]
    alike = people.alike(history, near=10)
    assert np.allclose(likeness[alike.rows], likeness[expected])
    for code in range(len(log.names)):
        assert people.took(alike, code) == (int((faded[alike.rows, code] > 0).sum()), 10)


def test_few_that_are_met_among_many_are_summed_like_many() -> None:
    drawn = np.random.default_rng(2)
    for number in (0, 1, 30, 300):
        rows = drawn.integers(0, 60, number).astype(np.int32)
        values = drawn.random(number, dtype=np.float32)
        by_sorting, by_counting = _summed(rows, values, 10_000), _summed(rows, values, 60)
        for one, other in zip(by_sorting, by_counting, strict=True):
            assert np.array_equal(one, other)


def test_whoever_asks_is_not_their_own_neighbour() -> None:
    log = collect([*path_of(0, [0, 1]), *path_of(1, [0, 1, 2]), *path_of(2, [4])])
    people = Companions.of(log)
    codes = [log.names.index("c:1"), log.names.index("c:0")]
    assert people.alike(codes).rows.tolist() == [1]
    assert people.alike([]).rows.tolist() == []


def test_only_the_latest_items_are_kept() -> None:
    log = collect([*path_of(0, list(range(KEPT + 5))), *path_of(1, [1])])
    people = Companions.of(log)
    assert np.diff(people.starts).tolist() == [KEPT, 1]
    assert "c:4" not in {log.names[code] for code in people.items[:KEPT].tolist()}


def test_they_go_through_the_models_file(tmp_path: Path) -> None:
    model = fit(wanderers(), now=NOW, parameters=FitParameters(min_users=1))
    save(model, tmp_path)
    again = load(tmp_path)
    assert model.people is not None
    assert again.people is not None
    assert np.array_equal(again.people.items, model.people.items)
    assert again.people.alike([0, 1]).rows.tolist() == model.people.alike([0, 1]).rows.tolist()
    assert Companions.read({}, 3) is None


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match="do not cover"):
        Companions(np.asarray([0, 3]), np.asarray([1, 2], dtype=np.int32), 4)
    with pytest.raises(ValueError, match="not there"):
        Companions(np.asarray([0, 2]), np.asarray([1, 9], dtype=np.int32), 4)
