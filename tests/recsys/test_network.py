"""The small network: its gradients against differences, its parts against its scores, its arrays against nonsense."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recsys.network import HIDDEN, Examples, Network, _drawn, _gradients, train_network


def puzzle(queries: int = 300, width: int = 6, seed: int = 0) -> Examples:
    """The right one has the largest product of two numbers, which no sum of the two can tell."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 9, queries)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    values = rng.standard_normal((starts[-1], width)).astype(np.float32)
    product = values[:, 0] * values[:, 1]
    answers = [int(product[a:b].argmax()) for a, b in pairwise(starts.tolist())]
    return Examples(values, starts, np.asarray(answers))


def share_right(network: Network, examples: Examples) -> float:
    scores = network.scores(examples.values)
    ends = zip(examples.starts[:-1], examples.starts[1:], examples.answers, strict=True)
    return float(np.mean([scores[a:b].argmax() == answer for a, b, answer in ends]))


def test_it_learns_what_no_sum_can_tell() -> None:
    learned = train_network(puzzle(1_500), epochs=12, seed=1)
    assert share_right(learned, puzzle(seed=5)) > 0.75


def test_gradients_are_the_slopes_of_the_cross_entropy() -> None:
    examples, rng = puzzle(5), np.random.default_rng(3)
    weights = {
        "straight": rng.standard_normal(6).astype(np.float32),
        "first": _drawn(rng, 6, 32),
        "first_bias": rng.standard_normal(32).astype(np.float32),
        "second": _drawn(rng, 32, 32),
        "second_bias": rng.standard_normal(32).astype(np.float32),
        "out": _drawn(rng, 32, 1)[:, 0],
    }

    def loss() -> float:
        flat = {name: values.astype(np.float64) for name, values in weights.items()}
        one = np.maximum(examples.values @ flat["first"] + flat["first_bias"], 0)
        two = np.maximum(one @ flat["second"] + flat["second_bias"], 0)
        scores = examples.values @ flat["straight"] + two @ flat["out"]
        ends = zip(examples.starts[:-1], examples.starts[1:], examples.answers, strict=True)
        return float(np.mean([np.log(np.exp(scores[a:b]).sum()) - scores[a + answer] for a, b, answer in ends]))

    slopes = _gradients(weights, examples)
    for name, values in weights.items():
        at = tuple(0 for _ in values.shape)
        kept, small = values[at], np.float32(1e-3)
        values[at] = kept + small
        above = loss()
        values[at] = kept - small
        below = loss()
        values[at] = kept
        assert slopes[name][at] == pytest.approx((above - below) / (2 * small), abs=2e-3), name


def test_parts_sum_to_the_score_above_the_mean() -> None:
    learned = train_network(puzzle(), epochs=2, seed=0)
    values = puzzle(20, seed=7).values
    middle = learned._of(np.zeros((1, 6), dtype=np.float32))[0]
    assert np.allclose(learned.parts(values).sum(axis=1), learned.scores(values) - middle, atol=1e-4)


def test_the_same_seed_gives_the_same_network() -> None:
    one, other = (train_network(puzzle(), epochs=2, seed=4) for _ in range(2))
    assert all(np.array_equal(one.arrays()[name], other.arrays()[name]) for name in one.arrays())


def test_a_column_that_never_differs_is_borne() -> None:
    examples = puzzle(50)
    examples.values[:, 3] = 7.0
    learned = train_network(examples, epochs=1, seed=0)
    assert np.isfinite(learned.scores(examples.values)).all()


def test_nothing_to_learn_from_is_said() -> None:
    nothing = Examples(np.zeros((0, 6), np.float32), np.zeros(1, np.int64), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="nothing to learn"):
        train_network(nothing, epochs=1, seed=0)


@pytest.mark.parametrize("damage", [{"out": np.zeros(3, np.float32)}, {"mean": np.full(6, np.nan, np.float32)}])
def test_arrays_that_do_not_fit_are_refused(damage: dict[str, np.ndarray]) -> None:
    whole = train_network(puzzle(30), epochs=1, seed=0).arrays()
    with pytest.raises(ValueError, match="finite numbers"):
        Network(**{**whole, **damage})


def test_a_row_that_stands_for_three_is_three_rows() -> None:
    rng = np.random.default_rng(3)
    values = rng.standard_normal((40 * 4, 5)).astype(np.float32)
    answers = np.zeros(40, dtype=np.int64)
    some = Examples(values, np.arange(0, 161, 4), answers, np.tile(np.asarray([1, 1, 3, 1], np.float32), 40))
    rows = (np.arange(0, 160, 4)[:, None] + np.asarray([0, 1, 2, 2, 2, 3])).ravel()
    weights = {
        "straight": rng.standard_normal(5).astype(np.float32),
        "first": rng.standard_normal((5, HIDDEN)).astype(np.float32),
        "first_bias": np.zeros(HIDDEN, dtype=np.float32),
        "second": rng.standard_normal((HIDDEN, HIDDEN)).astype(np.float32),
        "second_bias": np.zeros(HIDDEN, dtype=np.float32),
        "out": rng.standard_normal(HIDDEN).astype(np.float32),
    }
    one = _gradients(weights, some)
    other = _gradients(weights, Examples(values[rows], np.arange(0, 241, 6), answers))
    for name in weights:
        assert np.allclose(one[name], other[name], atol=1e-4)
    assert some.take(np.asarray([2])).stand_for is not None
