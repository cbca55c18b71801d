"""The additive score: its sum, its parts, their truth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.ranking import CATALOGUE, DEFAULT_WEIGHTS, AdditiveRanker, RankingConfig, Weight
from recsys.recommender import Recommender
from recsys.types import Candidate, Decisions, Declared, Filter, Lift, Query, Reason
from tests.recsys.worlds import NOW, World, course, did, near, post

HISTORY = (did("me", "course:0", "complete", 20), did("me", "course:4", "enrol", 10))


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def recommender(world: World) -> Recommender:
    return world.recommender(world.model())


def parts(recommender: Recommender, query: Query, item: str) -> dict[str, Reason]:
    reasons = recommender.explain(query, item)
    assert reasons is not None
    assert len({reason.source for reason in reasons}) == len(reasons)
    return {reason.source: reason for reason in reasons}


def ranker_of(recommender: Recommender) -> AdditiveRanker:
    return recommender._engine.ranker


def test_the_ranker_orders_by_the_sum_of_its_reasons(recommender: Recommender, world: World) -> None:
    query = Query("me", NOW, history=HISTORY, declared=Declared(topics=("web",), level=1, weekly_hours=4))
    candidates = {item.id: [Candidate(item.id, "any", 1.0)] for item in world.items} | {"nowhere": []}
    ranked = ranker_of(recommender)(query, candidates)
    assert {item for item, _ in ranked} == {item.id for item in world.items}
    scores = [math.fsum(reason.value for reason in reasons) for _, reasons in ranked]
    assert scores == pytest.approx(sorted(scores, reverse=True))


def test_a_score_does_not_depend_on_the_other_candidates(recommender: Recommender) -> None:
    query = Query("me", NOW, history=HISTORY)
    alone = ranker_of(recommender)(query, {"course:8": []})
    among = ranker_of(recommender)(query, {f"course:{n}": [] for n in range(40)})
    for one, other in zip(alone[0][1], dict(among)["course:8"], strict=True):
        assert one.source == other.source
        assert one.value == pytest.approx(other.value, abs=1e-6)
        assert one.evidence == other.evidence


def test_a_history_gives_less_room_to_what_is_popular_or_declared(recommender: Recommender) -> None:
    declared = Declared(topics=("rust",))
    new = parts(recommender, Query("me", NOW, declared=declared), "course:8")
    known = parts(recommender, Query("me", NOW, history=HISTORY, declared=declared), "course:8")
    assert new["declared"].value == pytest.approx(DEFAULT_WEIGHTS["declared"].cold)
    assert known["declared"].value < new["declared"].value
    assert known["popular"].value < new["popular"].value
    assert "semantic" not in new
    assert known["semantic"].value > 0.1


@pytest.mark.parametrize("source", ["semantic", "popular", "collaborative", "quality", "language"])
def test_what_is_muted_weighs_nothing(recommender: Recommender, source: str) -> None:
    query = Query("me", NOW, history=HISTORY, declared=Declared(level=0))
    assert source in parts(recommender, query, "course:8")
    muted = replace(query, declared=replace(query.declared, muted=frozenset({source})))
    assert source not in parts(recommender, muted, "course:8")


def test_level_hours_and_language_fit(recommender: Recommender) -> None:
    query = Query("me", NOW, declared=Declared(level=0, weekly_hours=5, languages=("en",)))
    fits, off = parts(recommender, query, "course:3"), parts(recommender, query, "course:35")
    assert fits["level"].value > 0 > off["level"].value
    assert fits["hours"].value > 0
    assert fits["hours"].evidence.count == 3
    assert off["hours"].value < fits["hours"].value
    assert fits["language"].value > 0 > off["language"].value
    assert off["language"].evidence.note == "zh"


def test_level_is_told_from_a_history_of_three(recommender: Recommender) -> None:
    history = tuple(did("me", f"course:{n}") for n in (2, 5, 8))
    reason = parts(recommender, Query("me", NOW, history=history), "course:11")["level"]
    assert (reason.evidence.note, reason.evidence.count) == ("history", 3)
    assert reason.value > 0
    assert "level" not in parts(recommender, Query("me", NOW, history=history[:2]), "course:11")


def test_near_to_a_dismissed_item_is_lowered_and_says_so(world: World) -> None:
    twin = course(90, "web", row=90)
    world = World([*world.items, twin])
    world.indexes["public"].add([90], near("web", 3)[None])
    recommender = world.recommender()
    query = Query("me", NOW, history=(did("me", "course:3", "dismiss", 0), did("me", "course:0", "dismiss", 0)))
    reason = parts(recommender, query, "course:90")["dismissed"]
    assert reason.value == pytest.approx(DEFAULT_WEIGHTS["dismissed"].warm, abs=0.01)
    assert reason.evidence.items == ("course:3",)
    assert "dismissed" not in parts(recommender, query, "course:1")


def test_repeats_cost_more_each_time(recommender: Recommender) -> None:
    query = Query("me", NOW, shown={"course:8": 1, "course:12": 3, "course:16": 99})
    values = [parts(recommender, query, item)["repeat"] for item in ("course:8", "course:12", "course:16")]
    assert [reason.value for reason in values] == pytest.approx([-0.06, -0.18, -0.3])
    assert [reason.evidence.count for reason in values] == [1, 3, 99]


def test_prerequisites_lift_when_done_and_lower_when_missing() -> None:
    world = World([*World().items, course(50, "rust", prerequisites=("course:0", "course:1", "elsewhere"), row=50)])
    recommender = world.recommender()
    done = parts(
        recommender,
        Query("me", NOW, history=(did("me", "course:0", "complete"), did("me", "course:1", "complete"))),
        "course:50",
    )
    half = parts(recommender, Query("me", NOW, history=(did("me", "course:0", "complete"),)), "course:50")
    none = parts(recommender, Query("me", NOW, history=(did("me", "course:0", "enrol"),)), "course:50")
    assert done["path"].value > 0 > half["path"].value > none["path"].value
    assert done["path"].evidence.items == ("course:0", "course:1")
    assert (half["path"].evidence.items, half["path"].evidence.note) == (("course:1",), "missing")


def test_a_prerequisite_in_a_private_room_is_not_told() -> None:
    secret = course(51, "rust", audience="room:7", row=51)
    world = World([*World().items, secret, course(50, "rust", prerequisites=("course:51",), row=50)])
    recommender = world.recommender()
    history = (did("me", "course:51", "complete"),)
    for query in (Query("me", NOW), Query("me", NOW, history=history)):
        assert "path" not in parts(recommender, query, "course:50")
    inside = Query("me", NOW, history=history, where=Filter(audiences=frozenset({"public", "room:7"})))
    assert parts(recommender, inside, "course:50")["path"].evidence.items == ("course:51",)


def test_a_solved_discussion_is_worth_more() -> None:
    world = World([post(1, "rust", "a", solved=True), post(2, "rust", "b"), *World().items[:10]])
    assert parts(world.recommender(), Query("me", NOW), "post:1")["quality"].evidence.note == "solved"
    assert "quality" not in parts(world.recommender(), Query("me", NOW), "post:2")


def test_nothing_to_say_is_said(world: World) -> None:
    bare = World([course(1, quality=None, reactions=0)])
    bare.corpus.forget_popularity()
    reasons = bare.recommender().explain(Query(None, NOW), "course:1")
    assert reasons == (Reason(CATALOGUE, 0.0),)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parts_are_finite_whatever_is_asked(recommender: Recommender, data: st.DataObject) -> None:
    number = st.sampled_from([0.0, -1.0, 1.0, 1e300, -1e300, math.nan, math.inf, NOW])
    history = data.draw(
        st.lists(
            st.builds(
                did,
                st.just("me"),
                st.sampled_from(["course:0", "course:9", "post:1", "event:1", "nowhere", "\ud800"]),
                st.sampled_from(["enrol", "dismiss", "rate", "progress", "reply", "?"]),
                number,
                number,
            ),
            max_size=8,
        )
    )
    declared = Declared(
        topics=tuple(data.draw(st.lists(st.sampled_from(["rust", "", "课程", "\ud800"]), max_size=3))),
        level=data.draw(st.none() | st.integers(-1, 3)),
        weekly_hours=data.draw(st.none() | number),
        languages=tuple(data.draw(st.lists(st.sampled_from(["en", "zh", "?"]), max_size=2))),
    )
    query = Query("me", data.draw(st.sampled_from([0.0, NOW, 1e12])), history=tuple(history), declared=declared)
    for found in recommender.recommend(query):
        assert math.isfinite(found.score)
        assert found.score == pytest.approx(sum(reason.value for reason in found.reasons), abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_refuse_nonsense(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Weight(bad, 1.0)
    with pytest.raises(ValueError, match="above 0"):
        RankingConfig(half=-1.0)
    assert np.isclose(Weight(1.0, 0.0).at(2, 2.0), 0.5)


@pytest.mark.parametrize("source", sorted(DEFAULT_WEIGHTS))
def test_less_of_a_part_orders_by_the_score_without_it(recommender: Recommender, world: World, source: str) -> None:
    """ "Use less of this" does what it says: every score loses that part, and nothing else."""
    query = Query(
        "me",
        NOW,
        history=(*HISTORY, did("me", "post:3", "reply", 2), did("me", "course:1", "dismiss", 3)),
        declared=Declared(topics=("web",), level=1, weekly_hours=4, languages=("en",)),
        shown={"course:8": 3},
        decisions=Decisions(boosts={"course:9": Lift(0.2, "why")}),
    )
    candidates: dict[str, list[Candidate]] = {item.id: [] for item in world.items}
    full = dict(ranker_of(recommender)(query, candidates))
    without = {item: [r for r in reasons if r.source != source] for item, reasons in full.items()}
    muted = replace(query, declared=replace(query.declared, muted=frozenset({source})))
    found = ranker_of(recommender)(muted, candidates)
    for item, reasons in found:
        kept = {r.source: r.value for r in without[item]}
        assert {r.source: r.value for r in reasons if r.source != CATALOGUE} == pytest.approx(kept, abs=1e-9)
    scores = {item: round(math.fsum(r.value for r in reasons), 9) for item, reasons in without.items()}
    assert [item for item, _ in found] == sorted(scores, key=lambda item: (-scores[item], item))
