"""Intervals and tests against what theory and enumeration say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from recsys.evaluation.stats import differences, holm, intervals


def test_the_interval_is_about_two_standard_errors() -> None:
    values = np.random.default_rng(1).normal(0.3, 0.2, (900, 1))
    (found,) = intervals(values, seed=2)
    error = values.std() / 30
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.25 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.25 * error)


def test_a_case_without_a_figure_is_left_out_of_that_figure_only() -> None:
    values = np.asarray([[1.0, 1.0, np.nan], [3.0, np.nan, np.nan]])
    first, second, third = intervals(values, seed=0)
    assert (first.mean, second.mean) == (2.0, 1.0)
    assert (second.low, second.high) == (1.0, 1.0)
    assert np.isnan([third.mean, third.low, third.high]).all()


def test_the_sign_test_agrees_with_all_signs_enumerated() -> None:
    gaps = np.asarray([0.5, 0.2, -0.1, 0.4, 0.3, 0.0, 0.1, -0.2])
    (found,) = differences(np.stack([gaps, np.zeros(8)], axis=1), seed=3)
    means = [abs(np.dot(signs, gaps)) for signs in product((-1, 1), repeat=8)]
    exact = np.mean([mean >= abs(gaps.sum()) - 1e-9 for mean in means])
    assert found.p == pytest.approx(exact, abs=0.015)
    assert found.mean == pytest.approx(gaps.mean())


def test_equal_models_differ_by_nothing() -> None:
    values = np.random.default_rng(4).random(50)
    (found,) = differences(np.stack([values, values], axis=1), seed=5)
    assert (found.mean, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_pairing_sees_what_unpaired_figures_hide() -> None:
    rng = np.random.default_rng(6)
    base = rng.random(300)
    found = differences(np.stack([base + 0.01, base + rng.normal(0, 0.005, 300)], axis=1), seed=7)[0]
    assert found.low > 0
    assert found.p < 0.001


def test_holm_by_hand() -> None:
    assert holm(np.asarray([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.asarray([0.6, 0.9])) == pytest.approx([1.0, 1.0])


def test_every_pair_is_compared_once_and_the_seed_decides() -> None:
    values = np.random.default_rng(8).random((40, 4))
    first, again = differences(values, seed=9), differences(values, seed=9)
    assert [(d.one, d.other) for d in first] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert first == again
    assert differences(values[:, :1], seed=9) == []
