"""Columns of actions become the log that `collect` makes, row by row; nothing malformed gets in."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.actions import collect
from recsys.gathering import ActionColumns, gather
from recsys.signals import HISTORY_CAP
from recsys.types import Interaction

WORDS = ("browse", "click", "dismiss", "enrol", "progress", "rate", "reply", "save", "unknown")
NAMES = ("course:é", "course:b", "course:课", "post:1", "course:a\x00")
ODD = st.sampled_from([0.0, 0.3, 1.0, 2.0, 3.5, 5.0, -7.0, float("nan"), float("inf")])
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, len(NAMES) - 1),
        st.integers(0, len(WORDS) - 1),
        st.sampled_from([0.0, 1.0, 2.0, 4e12, float("nan"), float("-inf")]),
        ODD,
    ),
    max_size=40,
)


def columns_of(rows: list[tuple[int, int, int, float, float]]) -> ActionColumns:
    users, items, signals, at, values = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return ActionColumns(
        np.asarray(users, dtype=np.int64),
        np.asarray(items, dtype=np.int32),
        np.asarray(signals, dtype=np.int8),
        np.asarray(at, dtype=np.float64),
        np.asarray(values, dtype=np.float32),
        np.arange(1, len(rows) + 1),
        NAMES,
        WORDS,
    )


@given(ROWS)
@settings(max_examples=300)
def test_the_same_log_as_from_single_interactions(rows: list[tuple[int, int, int, float, float]]) -> None:
    log, known = gather(columns_of(rows), learnable=lambda item: item != "post:1", seen=3)
    single = [Interaction(f"u{u}", NAMES[i], WORDS[s], at, float(np.float32(v))) for u, i, s, at, v in rows]
    expected = collect(single, learnable=lambda item: item != "post:1")
    assert log.names == expected.names
    assert log.users.tolist() == expected.users.tolist()
    assert log.items.tolist() == expected.items.tolist()
    np.testing.assert_allclose(log.weights, expected.weights, rtol=1e-6)
    earlier = gather(columns_of(rows[:3]), learnable=lambda item: item != "post:1")[0]
    assert int(known.sum()) == len(earlier)


def test_one_user_cannot_weigh_more_than_a_history() -> None:
    many = 100_000
    names = tuple(f"c{n:06}" for n in range(many))
    columns = ActionColumns(
        np.zeros(many, np.int64), np.arange(many, dtype=np.int32), np.zeros(many, np.int8), np.arange(many) * 1.0,
        np.ones(many, np.float32), np.arange(many), names, ("enrol",),
    )  # fmt: skip
    log, _ = gather(columns)
    assert len(log) == HISTORY_CAP
    assert log.names == names[-HISTORY_CAP:]
