"""Every metric by hand, against its definition written out, and against figures that ranx gave."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recsys.evaluation.metrics import Likeness, accuracy, coverage, diversity, gini, novelty, popularity_lift
from recsys.evaluation.ranking import NOTHING
from tests.recsys.evaluation.worlds import histories_of, slow_figures

AT = (1, 5, 10, 20)


def lists(*rows: list[int]) -> np.ndarray:
    return np.asarray(rows, dtype=np.int32)


def test_the_figures_are_those_of_ranx() -> None:
    stored = json.loads((Path(__file__).parent / "ranx.json").read_text())
    ranked = lists(*(case["list"] for case in stored["cases"]))
    truth = histories_of([case["truth"] for case in stored["cases"]], stored["items"])
    figures = accuracy(ranked, truth, AT)
    assert set(figures) == set(stored["figures"])
    for name, expected in stored["figures"].items():
        assert figures[name] == pytest.approx(expected, abs=1e-8), name


CASES = st.integers(4, 25).flatmap(
    lambda n: st.lists(
        st.tuples(
            st.permutations(range(n)), st.lists(st.integers(0, n - 1), min_size=1, unique=True), st.integers(0, n)
        ),
        min_size=1,
        max_size=8,
    ).map(lambda cases: (n, cases))
)


@given(CASES, st.integers(1, 25))
@settings(max_examples=150, deadline=None)
def test_the_figures_follow_their_definitions(
    world: tuple[int, list[tuple[list[int], list[int], int]]], k: int
) -> None:
    items, cases = world
    width = max(k, items)
    padded = [[*ranked[:end], *[NOTHING] * (width - end)] for ranked, _, end in cases]
    figures = accuracy(lists(*padded), histories_of([truth for _, truth, _ in cases], items), (k,))
    for case, (ranked, truth, end) in enumerate(cases):
        for name, expected in slow_figures(ranked[:end], truth, k).items():
            assert figures[name][case] == pytest.approx(expected, abs=1e-12), name
        assert all(0 <= values[case] <= 1 + 1e-12 for values in figures.values())


def test_one_case_by_hand() -> None:
    # Taken: 7 and 3. Listed: 5, 7, 1, 3.
    figures = {
        name: float(found[0])
        for name, found in accuracy(lists([5, 7, 1, 3]), histories_of([[7, 3]], 9), (3, 4)).items()
    }
    assert figures["precision@3"] == pytest.approx(1 / 3)
    assert figures["recall@3"] == pytest.approx(1 / 2)
    assert figures["f1@3"] == pytest.approx(2 / 5)
    assert figures["mrr@4"] == pytest.approx(1 / 2)
    assert figures["map@4"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    ideal = 1 + 1 / math.log2(3)
    assert figures["ndcg@3"] == pytest.approx((1 / math.log2(3)) / ideal)
    assert figures["ndcg@4"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)


def test_novelty_is_the_mean_self_information_of_what_is_listed() -> None:
    popularity = np.asarray([7, 3, 0])
    found = novelty(lists([0, 1, NOTHING], [2, 0, 1]), popularity, 7, (1, 3))
    assert found["novelty@1"] == pytest.approx([0.0, 3.0])
    assert found["novelty@3"] == pytest.approx([(0 + 1) / 2, (3 + 0 + 1) / 3])


def test_coverage_and_gini_by_hand() -> None:
    assert coverage(lists([0, 1], [0, NOTHING]), 4) == 0.5
    # Listed 2, 1, 0, 0 times: (-3*0 - 1*0 + 1*1 + 3*2) / (4 * 3).
    assert gini(lists([0, 1], [0, NOTHING]), 4) == pytest.approx(7 / 12)
    assert gini(lists([0, 1], [1, 0]), 2) == 0
    assert gini(lists([0], [0]), 1000) == pytest.approx(0.999)
    assert gini(lists([NOTHING]), 3) == 0


def test_the_gini_coefficient_is_half_the_relative_mean_difference() -> None:
    rng = np.random.default_rng(3)
    ranked = np.stack([rng.choice(12, 4, replace=False) for _ in range(9)]).astype(np.int32)
    counts = np.bincount(ranked.ravel(), minlength=12)
    expected = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert gini(ranked, 12) == pytest.approx(expected)


def test_popularity_lift_compares_lists_with_histories() -> None:
    popularity = np.asarray([10, 4, 2, 2])
    histories = histories_of([[1], [2, 3], []], 4)
    # Histories 4 and 2, lists 7 and 2; the case without a history says nothing.
    assert popularity_lift(lists([0, 1], [3, 2], [0, 0]), histories, popularity) == pytest.approx(4.5 / 3 - 1)
    assert popularity_lift(lists([0, 1]), histories_of([[]], 4), popularity) is None


def test_diversity_is_one_minus_the_mean_cosine_of_pairs() -> None:
    description = sparse.csr_matrix(np.asarray([[1, 0, 0], [1, 1, 0], [0, 0, 2], [0, 0, 0]], dtype=np.float32))
    likeness = Likeness(description)
    ranked = lists([0, 1, 2], [2, 0, 3], [1, NOTHING, NOTHING])
    found = diversity(ranked, likeness, (2, 3), 0)
    half = math.sqrt(0.5)
    assert found["diversity@2"][:2] == pytest.approx([1 - half, 1])
    assert found["diversity@3"][:2] == pytest.approx([1 - half / 3, 1])
    assert np.isnan(found["diversity@3"][2])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_diversity_is_that_of_dense_cosines(seed: int) -> None:
    rng = np.random.default_rng(seed)
    description = rng.integers(0, 2, (10, 6)).astype(np.float32)
    unit = description / np.maximum(np.linalg.norm(description, axis=1, keepdims=True), 1e-12)
    ranked = np.stack([rng.choice(10, 5, replace=False) for _ in range(7)]).astype(np.int32)
    found = diversity(ranked, Likeness(sparse.csr_matrix(description)), (5,), 0)["diversity@5"]
    for row, values in zip(ranked, found, strict=True):
        cosines = (unit[row] @ unit[row].T)[np.triu_indices(5, 1)]
        assert values == pytest.approx(1 - cosines.mean(), abs=1e-6)
