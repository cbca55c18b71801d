"""Ids that were told already: the same answers as a dict, whatever the order and the spelling."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.files.seen import SeenIds

IDS = st.integers(-5, 30).map(str) | st.sampled_from(["007", "7", "+7", "x", "", "٣", str(2**63), str(-(2**63)), "1_0"])


@given(st.lists(st.tuples(IDS, st.integers(0, 3))))
def test_like_a_dict(told: list[tuple[str, int]]) -> None:
    seen, known = SeenIds(), dict[str, int]()
    for native_id, thread in told:
        assert seen.add(native_id, thread) is (native_id not in known)
        known.setdefault(native_id, thread)
        assert all(seen.thread_of(each) == known.get(each, 0) for each, _ in told)
