"""Young accounts can push an item only so far; a young community, and who stays, are not held back."""

from __future__ import annotations

import numpy as np

from recsys.crowding import AGE, ALWAYS, uncrowded
from recsys.gathering import ActionColumns
from recsys.signals import DAY

NOW = 1000 * DAY


def columns_of(rows: list[tuple[int, int, float]]) -> ActionColumns:
    """(user, item, days ago) in the order in which they were stored."""
    users, items, days = zip(*rows, strict=True) if rows else ((), (), ())
    count = len(rows)
    return ActionColumns(
        np.asarray(users, np.int64),
        np.asarray(items, np.int32),
        np.zeros(count, np.int8),
        NOW - np.asarray(days, np.float64) * DAY,
        np.ones(count, np.float32),
        np.arange(1, count + 1),
        tuple(f"c{n}" for n in range(20)),
        ("enrol",),
    )


def settled(users: int, item: int = 0) -> list[tuple[int, int, float]]:
    return [(user, item, 100.0) for user in range(users)]


def test_a_crowd_of_new_accounts_counts_as_much_as_those_who_stay() -> None:
    others = [(user, 1 + user % 10, 90.0) for user in range(500)]
    pushers = [(1000 + n, 0, 1.0) for n in range(50)]
    columns = columns_of([*others, *settled(8), *pushers])
    kept = uncrowded(columns, NOW)
    on_target = columns.items == 0
    assert int(kept[on_target].sum()) == 8 + ALWAYS + 8
    assert kept[~on_target].all()
    assert kept[on_target & (columns.users < 1000)].all()
    first = columns.users[on_target & kept & (columns.users >= 1000)]
    assert first.tolist() == list(range(1000, 1000 + ALWAYS + 8)), "who came first"


def test_what_else_a_late_one_did_is_not_learnt_from_either() -> None:
    others = [(user, 1 + user % 10, 90.0) for user in range(500)]
    pushers = [row for n in range(50) for row in ((1000 + n, 0, 1.0), (1000 + n, 1 + n % 10, 1.0))]
    columns = columns_of([*others, *pushers])
    kept = uncrowded(columns, NOW)
    assert sorted(set(columns.users[kept & (columns.users >= 1000)].tolist())) == [1000 + n for n in range(ALWAYS)]
    assert kept[columns.users < 1000].all()


def test_repeating_oneself_takes_no_more_places_and_loses_none() -> None:
    rows = [*settled(200, 1), *[(1000 + n % 3, 0, 1.0) for n in range(60)]]
    assert uncrowded(columns_of(rows), NOW).all()


def test_a_young_account_that_stays_counts_fully() -> None:
    old = (AGE / DAY) + 1
    rows = [*settled(200, 1), *[(1000 + n, 0, old) for n in range(50)], *[(1000 + n, 2, 0.0) for n in range(50)]]
    assert uncrowded(columns_of(rows), NOW).all()


def test_a_community_that_is_young_as_a_whole_is_not_held_back() -> None:
    assert uncrowded(columns_of([(n, n % 3, 1.0) for n in range(300)]), NOW).all()
    growing = [*settled(100), *[(1000 + n, 0, 1.0) for n in range(200)]]
    assert uncrowded(columns_of(growing), NOW).all()


def test_malformed_times_and_nobody() -> None:
    assert len(uncrowded(columns_of([]), NOW)) == 0
    assert len(uncrowded(columns_of([(0, 0, float("nan")), (1, 0, float("-inf")), (2, 1, 5.0)]), NOW)) == 3
