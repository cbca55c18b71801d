"""An order of few weights: the top of its likelihood, the sum with a network, and few examples."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recsys.features import SUMMARY, WIDTH
from recsys.logit import _RIDGE, _fitted, together, train_logit
from recsys.network import Examples, Network, train_network


def asked(queries: int, slope: float, seed: int = 0) -> Examples:
    """Chosen by the popularity of the item, as strongly as the slope says."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 12, queries)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    values = rng.standard_normal((starts[-1], WIDTH)).astype(np.float32)
    often = values @ SUMMARY[:, -5]
    answers = [int((slope * often[a:b] + rng.gumbel(size=b - a)).argmax()) for a, b in pairwise(starts.tolist())]
    return Examples(values, starts, np.asarray(answers))


def share_right(order: Network, examples: Examples) -> float:
    scores = order.scores(examples.values)
    ends = zip(examples.starts[:-1], examples.starts[1:], examples.answers, strict=True)
    return float(np.mean([scores[a:b].argmax() == answer for a, b, answer in ends]))


def test_few_examples_are_enough() -> None:
    few, many = asked(60, 4.0), asked(500, 4.0, seed=1)
    assert share_right(train_logit(few), many) > share_right(train_network(few, epochs=6, seed=0), many) + 0.1


def test_it_stands_at_the_top_of_its_likelihood() -> None:
    examples = asked(200, 2.0)
    inputs = (examples.values @ SUMMARY).astype(np.float64)
    found = _fitted(inputs, examples)

    def likely(weights: np.ndarray) -> float:
        scores = inputs @ weights
        ends = zip(examples.starts[:-1], examples.starts[1:], examples.answers, strict=True)
        fit = sum(float(scores[a + answer] - np.log(np.exp(scores[a:b]).sum())) for a, b, answer in ends)
        return fit - _RIDGE / 2 * float(weights @ weights)

    best = likely(found)
    for place in range(len(found)):
        for step in (-0.05, 0.05):
            moved = found.copy()
            moved[place] += step
            assert likely(moved) < best


def test_the_sum_scores_as_both_do() -> None:
    network, logit = train_network(asked(200, 1.0), epochs=2, seed=0), train_logit(asked(100, 3.0, seed=2))
    values = asked(5, 1.0, seed=3).values
    both = together(network, logit).scores(values)
    assert np.diff(both) == pytest.approx(np.diff(network.scores(values) + logit.scores(values)), abs=1e-3)


def test_nothing_to_learn_from_and_nothing_that_differs() -> None:
    with pytest.raises(ValueError, match="nothing to learn"):
        train_logit(
            Examples(np.zeros((0, WIDTH), dtype=np.float32), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
        )
    alike = Examples(np.ones((6, WIDTH), dtype=np.float16), np.asarray([0, 3, 6]), np.asarray([0, 2]))
    assert not train_logit(alike).straight.any()
