"""From scores to a list: diverse, mixed, capped, with a surprise that is logged as one."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from recsys.reranking import BALANCE, DIVERSITY, EXPLORE, PINNED, ListReranker, Pool, RerankingConfig, choose, window
from recsys.types import Decisions, Declared, Evidence, Filter, Lift, Query, Reason
from tests.recsys.worlds import NOW, World, did

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
        shown=np.zeros(n),
        acted=np.zeros(n),
        crowded=np.zeros(n, dtype=np.bool_),
        tried=np.zeros(n, dtype=np.bool_),
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
    assert all(0 < chance < 1 for _, policy, chance in drawn if policy == "explore")
    assert all(chance == 1.0 for _, policy, chance in drawn if policy == "main")
    assert drawn == surprises(7)
    assert all(policy == "main" for _, policy, _ in surprises(7, k=4))


def test_the_logged_probability_is_the_true_one() -> None:
    logged: dict[int, float] = {}
    drawn: Counter[int] = Counter()
    for seed in range(4_000):
        at, _, chance = surprises(seed, k=5)[4]
        assert logged.setdefault(at, chance) == chance
        drawn[at] += 1
    assert set(drawn) == set(range(10, 18))
    assert math.fsum(logged.values()) == pytest.approx(1.0)
    for at, times in drawn.items():
        assert times == pytest.approx(4_000 * logged[at], rel=0.2)


def test_a_drawn_slot_tells_what_it_was_drawn_from() -> None:
    choice = choose(
        pool([1 - n / 100 for n in range(9)], unknown=[True] * 9), 5, surprise=random.Random(1), config=PLAIN
    )[4]
    assert [name for name, _, _ in choice.slate] == [f"i:{n:03}" for n in range(5, 9)]
    assert math.fsum(chance for _, _, chance in choice.slate) == pytest.approx(1.0)
    assert choice.propensity in [chance for _, _, chance in choice.slate]


def tried(shown: list[float], acted: list[float], seeds: int = 600, **more: object) -> Counter[int]:
    n = 5 + len(shown)
    made = replace(
        pool([1.0] * 5 + [0.5] * len(shown), unknown=[False] * 5 + [True] * len(shown)),
        shown=np.asarray([0.0] * 5 + shown),
        acted=np.asarray([0.0] * 5 + acted),
        **more,  # type: ignore[arg-type]
    )
    assert len(made.items) == n
    return Counter(choose(made, 5, surprise=random.Random(seed), config=PLAIN)[4].at for seed in range(seeds))


def test_what_was_shown_often_in_vain_gets_fewer_chances_than_what_is_new() -> None:
    drawn = tried([0, 60, 60], [0, 0, 10])
    assert drawn[5] > 2 * drawn[6] > 0
    assert drawn[7] > drawn[6]


def test_nothing_takes_more_than_its_share_of_the_exploration() -> None:
    worn = np.asarray([False] * 5 + [True, False])
    assert set(tried([0, 0], [0, 0], 50, tried=worn)) == {6}


def test_what_many_met_today_comes_after_the_others() -> None:
    crowded = replace(pool([1.0, 0.9, 0.2]), crowded=np.asarray([True, False, False]))
    assert [choice.at for choice in choose(crowded, 3, surprise=None, config=PLAIN)] == [1, 2, 0]


def test_a_course_does_not_stand_above_what_it_builds_on() -> None:
    waiting = replace(pool([1.0, 0.9, 0.2]), waits={0: (2,)})
    assert [choice.at for choice in choose(waiting, 3, surprise=None, config=PLAIN)] == [1, 2, 0]
    circle = replace(pool([1.0, 0.9]), waits={0: (1,), 1: (0,)})
    assert [choice.at for choice in choose(circle, 2, surprise=None, config=PLAIN)] == [0, 1]


def test_at_most_one_pin_takes_the_first_place_and_says_so() -> None:
    recommender = World().recommender()
    pins = {"nowhere": "gone", "course:39": "exam week", "course:38": "too"}
    query = Query("me", NOW, k=5, explore=False, decisions=Decisions(pins=pins))
    found = recommender.recommend(query)
    assert (found[0].item, found[0].policy, found[0].propensity) == ("course:39", "pin", 1.0)
    assert Reason(PINNED, 0.0, Evidence(note="exam week")) in found[0].reasons
    assert sum(one.policy == "pin" for one in found) == 1
    assert found[0].score == pytest.approx(sum(reason.value for reason in found[0].reasons))
    done = replace(query, history=(did("me", "course:39"),))
    assert recommender.recommend(done)[0].item == "course:38"
    elsewhere = replace(query, where=Filter(kinds=frozenset({"post"})))
    assert all(one.policy == "main" for one in recommender.recommend(elsewhere))


def test_a_boost_is_a_part_of_the_score() -> None:
    recommender = World().recommender()
    plain = Query("me", NOW, k=10, explore=False)
    before = [one.item for one in recommender.recommend(plain)]
    assert "course:39" not in before
    lifted = replace(plain, decisions=Decisions(boosts={"course:39": Lift(0.6, "exam week")}))
    first = recommender.recommend(lifted)[0]
    assert first.item == "course:39"
    (part,) = [reason for reason in first.reasons if reason.source == "boost"]
    assert (part.value, part.evidence.note) == (0.6, "exam week")
    assert first.score == pytest.approx(sum(reason.value for reason in first.reasons))
    muted = replace(lifted, declared=Declared(muted=frozenset({"boost"})))
    assert [one.item for one in recommender.recommend(muted)] == before


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
