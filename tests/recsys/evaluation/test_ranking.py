"""Full ranking: what is masked never appears, ties go to the smaller id, and a NaN is an error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Floats
from recsys.evaluation.ranking import NOTHING, best, flat, masked
from tests.recsys.evaluation.worlds import histories_of

SCORES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, -np.inf, np.inf, 1e-40, -1e-40]), st.floats(width=32, allow_nan=False)
)


@given(st.lists(st.lists(SCORES, min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 8))
@settings(max_examples=200, deadline=None)
def test_the_order_is_by_score_then_id(rows: list[list[float]], k: int) -> None:
    scores: Floats = np.asarray(rows, dtype=np.float32)
    for row, ranked in zip(scores.tolist(), best(scores, k).tolist(), strict=True):
        open_items = [item for item in range(6) if row[item] > -np.inf]
        expected = sorted(open_items, key=lambda item: (-row[item], item))[:k]
        assert ranked == expected + [NOTHING] * (k - len(expected))


def test_what_was_seen_is_never_ranked_however_good() -> None:
    scores = np.asarray([[9, 8, 7, 6]], dtype=np.float32)
    seen = histories_of([[0, 2]], 4)
    assert best(masked(scores, seen, None), 4).tolist() == [[1, 3, NOTHING, NOTHING]]
    assert best(masked(scores, seen, np.asarray([True, False, True, True])), 2).tolist() == [[3, NOTHING]]
    assert scores.tolist() == [[9, 8, 7, 6]]


def test_a_score_that_is_no_number_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="not a number"):
        best(np.asarray([[1, np.nan]], dtype=np.float32), 1)


def test_a_row_of_equal_scores_is_flat() -> None:
    assert flat(np.asarray([[1, 1, 1], [1, 1, 2]], dtype=np.float32)).tolist() == [True, False]
