"""Places of row ids, whether they lie dense or far apart: as a look at each of them says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys.rowplaces import RowPlaces

LOWEST, HIGHEST = -(2**63), 2**63 - 1
DENSE = st.integers(-5, 60)
ANY = st.integers(LOWEST, HIGHEST) | DENSE


@given(st.sets(DENSE) | st.sets(ANY), st.lists(ANY))
def test_places_are_where_the_rows_are(held: set[int], wanted: list[int]) -> None:
    rows = np.asarray(sorted(held), dtype=np.int64)
    places, there = RowPlaces.of(rows).find(np.asarray(wanted, dtype=np.int64))
    assert there.tolist() == [row in held for row in wanted]
    assert rows[places[there]].tolist() == [row for row in wanted if row in held]


def test_only_what_is_dense_has_a_table() -> None:
    assert RowPlaces.of(np.arange(7, 5_000)).table is not None
    assert RowPlaces.of(np.asarray([0, 2**40])).table is None
    assert RowPlaces.of(np.asarray([LOWEST, HIGHEST])).table is None
    assert RowPlaces.of(np.zeros(0, dtype=np.int64)).table is None
