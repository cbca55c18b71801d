"""Few, good, mixed, one surprise: whatever the ranking was."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.digest_choice import FLOOR, PER_AUTHOR, chosen
from recsys.types import Recommendation

KINDS = ("course", "post", "event")


def rec(rank: int, kind: str, score: float, policy: str = "main", propensity: float = 1.0) -> Recommendation:
    return Recommendation(f"{kind}:{rank}", rank, score, (), policy, propensity)


rankings = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.floats(-0.2, 1.0),
        st.sampled_from(["main", "main", "main", "explore"]),
        st.integers(0, 4),
    ),
    max_size=25,
)


@given(rankings, st.sampled_from([3, 5, 10]))
def test_the_contract(rows: list[tuple[str, float, str, int]], k: int) -> None:
    ranked = [rec(n, kind, score, policy, 0.25 if policy == "explore" else 1.0) for n, (kind, score, policy, _) in
              enumerate(rows, start=1)]  # fmt: skip
    by = {one.item: (f"a{row[3]}" if row[3] else "", True) for one, row in zip(ranked, rows, strict=True)}
    taken = chosen(ranked, k, by.__getitem__)
    assert len(taken) <= k
    assert len({one.item for one in taken}) == len(taken)
    assert all(one.score >= FLOOR for one in taken)
    authors = Counter(name for one in taken if (name := by[one.item][0]))
    assert max(authors.values(), default=0) <= PER_AUTHOR
    drawn = [one for one in taken if one.policy == "explore"]
    good = [one for one in ranked if one.score >= FLOOR]
    assert len(drawn) == any(one.policy == "explore" for one in good)
    assert all(one is next(r for r in good if r.policy == "explore") and one.propensity == 0.25 for one in drawn)
    kinds = {one.item.partition(":")[0] for one in taken}
    mains = {one.item.partition(":")[0] for one in good if one.policy == "main" and not by[one.item][0]}
    if len(taken) >= 2 and len(mains) >= 2:
        assert len(kinds) >= 2


def test_order_is_kept_and_the_surprise_comes_last() -> None:
    ranked = [rec(1, "course", 0.9), rec(2, "post", 0.5, "explore", 0.1), rec(3, "post", 0.8), rec(4, "post", 0.7)]
    assert [one.rank for one in chosen(ranked, 3, lambda _: ("", False))] == [1, 3, 2]


def test_a_school_is_no_author_where_there_is_nobody_else() -> None:
    ranked = [rec(n, "course", 0.9) for n in range(1, 6)]
    assert len(chosen(ranked, 5, lambda _: ("Ferris School", False))) == 5
    assert len(chosen(ranked, 5, lambda _: ("member:7", True))) == 2
    mixed = [*ranked, rec(6, "course", 0.2), rec(7, "course", 0.2), rec(8, "course", 0.2)]
    names = {one.item: ("Ferris School" if one.rank < 6 else f"s{one.rank}", False) for one in mixed}
    assert [one.rank for one in chosen(mixed, 5, names.__getitem__)] == [1, 2, 6, 7, 8]


def test_a_pin_needs_no_score() -> None:
    assert [
        one.rank for one in chosen([rec(1, "course", 0.0, "pin"), rec(2, "post", 0.01)], 5, lambda _: ("", False))
    ] == [1]
