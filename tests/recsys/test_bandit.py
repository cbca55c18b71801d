"""Thompson sampling: its probabilities are those that drawing many times gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.bandit import EQUAL, SPREAD, Odds, chances, posterior


@pytest.mark.parametrize("spread", [0.02, 0.2, None])
def test_chances_are_those_of_many_draws(spread: float | None) -> None:
    rng = np.random.default_rng(0)
    means = rng.uniform(0, 1, 15)
    deviations = np.full(15, spread) if spread else rng.uniform(0.02, 0.3, 15)
    drawn = (rng.normal(size=(100_000, 15)) * deviations + means).argmax(axis=1)
    often = np.bincount(drawn, minlength=15) / 100_000
    assert (1 - EQUAL) * often + EQUAL / 15 == pytest.approx(chances(means, deviations), abs=0.006)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-3, 1.0)), min_size=1, max_size=25))
def test_chances_are_probabilities_none_too_small(worths: list[tuple[float, float]]) -> None:
    means, deviations = np.asarray(worths).T
    found = chances(means, deviations)
    assert found.sum() == pytest.approx(1.0)
    assert np.all(found >= EQUAL / len(worths) - 1e-12)


def test_trials_narrow_and_move() -> None:
    scores = np.full(4, 0.3)
    means, deviations = posterior(scores, np.asarray([0, 10, 500, 500.0]), np.asarray([0, 0, 0, 200.0]), Odds())
    assert deviations[0] == pytest.approx(SPREAD / Odds().slope)
    assert deviations[0] > deviations[1] > deviations[2]
    assert means[0] == scores[0]
    assert means[3] > means[0] > means[1] > means[2]
