"""From scores to a list: diverse, mixed, capped, with a surprise that is logged as one."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest

from recsys.reranking import BALANCE, DIVERSITY, EXPLORE, ListReranker, Pool, RerankingConfig, choose, window
from recsys.types import Declared, Query, Reason
from tests.recsys.worlds import NOW, World

PLAIN = RerankingConfig(diversity=0.0)


def pool(
    scores: list[float],
    kinds: list[int] | None = None,
    authors: list[int] | None = None,
    vectors: list[list[float]] | None = None,
    unknown: list[bool] | None = None,
) -> Pool:
    n = len(scores)
    return Pool(
        items=tuple(f"i:{k:03}" for k in range(n)),
        scores=np.asarray(scores, dtype=np.float64),
        kinds=np.asarray(kinds or [0] * n, dtype=np.int32),
        authors=np.asarray(authors or [0] * n, dtype=np.int32),
        vectors=np.asarray(vectors or np.eye(n), dtype=np.float32),
        unknown=np.asarray(unknown or [False] * n, dtype=np.bool_),
    )


def test_without_likeness_the_order_is_that_of_the_scores() -> None:
    assert [choice.at for choice in choose(pool([3, 2, 2, 1]), 4, surprise=None, config=PLAIN)] == [0, 1, 2, 3]


def test_a_twin_is_put_off_and_says_why() -> None:
    twins = pool([1.0, 0.95, 0.9], vectors=[[1, 0], [1, 0], [0, 1]])
    choices = choose(twins, 3, surprise=None, config=RerankingConfig(diversity=0.2))
    assert [choice.at for choice in choices] == [0, 2, 1]
    (reason,) = choices[2].added
    assert reason.source == DIVERSITY
    assert reason.value == pytest.approx(-0.2)
    assert (reason.evidence.items, reason.evidence.count) == (("i:000",), 1)
    assert not choices[1].added


def test_two_kinds_in_five_where_there_are_two() -> None:
    kinds = [0] * 20 + [1] * 3
    choices = choose(pool([1 - k / 100 for k in range(23)], kinds), 10, surprise=None, config=PLAIN)
    for block in (choices[:5], choices[5:]):
        assert {kinds[choice.at] for choice in block} == {0, 1}
        mixed = [choice for choice in block if kinds[choice.at] == 1]
        assert all(choice.added[-1] == Reason(BALANCE, 0.0, choice.added[-1].evidence) for choice in mixed)
    short = choose(pool([1 - k / 100 for k in range(23)], kinds), 3, surprise=None, config=PLAIN)
    assert {kinds[choice.at] for choice in short} == {0, 1}


def test_one_kind_is_no_trouble() -> None:
    choices = choose(pool([1.0] * 8), 8, surprise=None, config=PLAIN)
    assert [choice.at for choice in choices] == list(range(8))
    assert not any(choice.added for choice in choices)


def test_two_of_one_author_unless_there_is_nobody_else() -> None:
    authors = [1] * 10 + [2] * 3 + [0] * 2
    choices = choose(pool([1 - k / 100 for k in range(15)], authors=authors), 15, surprise=None, config=PLAIN)
    first = Counter(authors[choice.at] for choice in choices[:6])
    assert first == {1: 2, 2: 2, 0: 2}
    assert len(choices) == 15


def surprises(seed: int, k: int = 10) -> list[tuple[int, str, float]]:
    unknown = [False] * 10 + [True] * 8 + [False] * 2
    choices = choose(
        pool([1 - n / 100 for n in range(20)], unknown=unknown), k, surprise=random.Random(seed), config=PLAIN
    )
    return [(choice.at, choice.policy, choice.propensity) for choice in choices]


def test_one_slot_in_five_is_drawn_and_logged() -> None:
    drawn = surprises(7)
    assert [policy for _, policy, _ in drawn] == ["main"] * 4 + ["explore"] + ["main"] * 4 + ["explore"]
    assert [chance for _, _, chance in drawn] == pytest.approx([1.0] * 4 + [1 / 8] + [1.0] * 4 + [1 / 7])
    assert drawn == surprises(7)
    assert all(policy == "main" for _, policy, _ in surprises(7, k=4))


def test_the_logged_probability_is_the_true_one() -> None:
    drawn = Counter(surprises(seed, k=5)[4][0] for seed in range(4_000))
    assert set(drawn) == set(range(10, 18))
    for times in drawn.values():
        assert times == pytest.approx(4_000 * surprises(0, k=5)[4][2], rel=0.25)


def test_no_surprise_where_everything_is_known() -> None:
    choices = choose(pool([1.0] * 12), 5, surprise=random.Random(1), config=PLAIN)
    assert {choice.policy for choice in choices} == {"main"}


def test_the_window_keeps_rare_kinds_and_many_authors() -> None:
    authors = np.asarray([1] * 300 + list(range(2, 202)), dtype=np.int32)
    kinds = np.asarray([0] * 495 + [1] * 5, dtype=np.int32)
    kept = window(authors, kinds, 10, RerankingConfig(window=40))
    assert (authors[kept] == 1).sum() == 2
    assert (kinds[kept] == 1).sum() == 5
    assert kept.tolist() == sorted(kept.tolist())
    one = window(np.ones(100, dtype=np.int32), np.zeros(100, dtype=np.int32), 10, RerankingConfig(window=40))
    assert one.tolist() == list(range(40))


def test_the_library_reranker_keeps_sums_true() -> None:
    world = World()
    recommender = world.recommender()
    reranker = ListReranker(recommender._prepare)
    ranked = [(item.id, (Reason("x", 1 - n / 100), Reason("y", 0.001))) for n, item in enumerate(world.items)]
    query = Query("me", NOW, k=10, seed=3)
    chosen = reranker(query, [*ranked, ("nowhere", (Reason("x", 0.0),))])
    assert [found.rank for found in chosen] == list(range(1, 11))
    for found in chosen:
        assert found.score == pytest.approx(math.fsum(reason.value for reason in found.reasons), abs=1e-6)
        assert dict(ranked)[found.item] == found.reasons[:2]
    assert [found.policy for found in chosen].count(EXPLORE) <= 2
    quiet = reranker(Query("me", NOW, k=10, seed=3, declared=Declared(surprises=False)), ranked)
    assert {found.policy for found in quiet} == {"main"}


@pytest.mark.parametrize("bad", [{"diversity": -1.0}, {"alike": 1.0}, {"per_author": 0}, {"window": 0}])
def test_configuration_refuses_nonsense(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least"):
        RerankingConfig(**bad)  # type: ignore[arg-type]
