"""An order keeps every "before" that can be kept, and says what cannot."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from recsys.paths.graph import Edge, in_order, reaches

NAMES = st.sampled_from([f"i{number}" for number in range(8)])
PAIRS = st.lists(st.tuples(NAMES, NAMES, st.booleans(), st.floats(0, 1)), max_size=20)


def by_name(name: str) -> int:
    return len(name)


def test_edges_decide_and_the_key_decides_the_rest() -> None:
    level = {"a": 2, "b": 0, "c": 1, "d": 1}
    ordered = in_order("abcd", [Edge("a", "b"), Edge("zzz", "b")], lambda name: level[name])
    assert ordered.names == ("c", "d", "a", "b")
    assert ordered.cuts == ()


def test_a_circle_is_cut_where_it_binds_least_and_said() -> None:
    edges = [Edge("a", "b"), Edge("b", "c"), Edge("c", "a", bound=False, weight=0.9)]
    ordered = in_order("abc", edges, by_name)
    assert ordered.names == ("a", "b", "c")
    ((edge, circle),) = [(cut.edge, cut.circle) for cut in ordered.cuts]
    assert (edge.before, edge.after) == ("c", "a")
    assert circle == ("a", "b", "c")
    # All bound alike: names decide, whatever the order of the input.
    alike = in_order("cba", [Edge("c", "a"), Edge("b", "c"), Edge("a", "b")], by_name)
    assert (alike.names, [(c.edge.before, c.edge.after) for c in alike.cuts]) == (("b", "c", "a"), [("a", "b")])


@given(PAIRS, st.randoms(use_true_random=False))
def test_every_edge_is_kept_or_cut(pairs: list[tuple[str, str, bool, float]], rng: random.Random) -> None:
    edges = [Edge(*pair) for pair in pairs]
    names = sorted({name for a, b, *_ in pairs for name in (a, b)})
    ordered = in_order(names, edges, by_name)
    assert sorted(ordered.names) == names
    cut = {(c.edge.before, c.edge.after) for c in ordered.cuts}
    place = {name: at for at, name in enumerate(ordered.names)}
    for edge in edges:
        if edge.before != edge.after and (edge.before, edge.after) not in cut:
            assert place[edge.before] < place[edge.after]
    for c in ordered.cuts:
        known = {(edge.before, edge.after) for edge in edges}
        around = zip(c.circle, (*c.circle[1:], c.circle[0]), strict=True)
        assert all(pair in known for pair in around)
    rng.shuffle(edges)
    assert in_order(names[::-1], edges, by_name) == ordered


def test_reaching_through_others() -> None:
    needs = {"c": ["b"], "b": ["a"], "a": ["c"]}
    assert reaches(needs, "c", "a")
    assert not reaches(needs, "c", "zzz")
