"""The whole recommender: what is asked, answered and explained."""

from __future__ import annotations

import math
import random
import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.corpus import MemoryCorpus
from recsys.ranking import CATALOGUE
from recsys.recommender import Recommender, RecommenderConfig
from recsys.types import Declared, Filter, Interaction, Item, Query, Recommendation
from tests.fakes.vectors import DictIndex
from tests.recsys.worlds import DIMENSION, NOW, TOPICS, World, course, did, near, post, topic_of, topic_vector

HISTORY = (
    did("me", "course:0", "complete", 20),
    did("me", "course:4", "enrol", 10),
    did("me", "post:0", "reply", 5),
    did("me", "course:1", "dismiss", 3),
)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def recommender(world: World) -> Recommender:
    return world.recommender(world.model())


def names(found: list[Recommendation]) -> list[str]:
    return [one.item for one in found]


def test_the_list_fits_its_user(recommender: Recommender, world: World) -> None:
    found = recommender.recommend(Query("me", NOW, k=5, history=HISTORY, explore=False))
    topics = [topic_of(item) for one in found if (item := world.corpus.get(one.item))]
    assert topics.count("rust") >= 4
    assert [one.rank for one in found] == [1, 2, 3, 4, 5]
    for one in found:
        assert one.score == pytest.approx(sum(reason.value for reason in one.reasons), abs=1e-6)


def test_what_is_known_or_over_is_left_out(recommender: Recommender) -> None:
    query = Query("me", NOW, k=200, history=HISTORY, where=Filter(exclude=frozenset({"course:8"})))
    found = set(names(recommender.recommend(query)))
    assert not found & {"course:0", "course:4", "post:0", "course:1", "course:8", "event:3"}
    assert len(found) == 40 + 24 + 3 - 5


def test_a_press_changes_the_next_answer(recommender: Recommender) -> None:
    query = Query("me", NOW, k=5, history=HISTORY, explore=False)
    first = recommender.recommend(query)[0].item
    dismissed = recommender.recommend(replace(query, history=(*HISTORY, did("me", first, "dismiss", 0))))
    assert first not in names(dismissed)
    web = tuple(did("me", f"course:{n}", "save", 0) for n in (3, 7, 11, 15))
    turned = recommender.recommend(replace(query, history=(*HISTORY, *web)))
    assert any(one.item in {f"course:{n}" for n in range(19, 40, 4)} for one in turned)


def test_a_newcomer_gets_topics_then_popular_and_fresh(recommender: Recommender) -> None:
    declared = recommender.recommend(Query("new", NOW, declared=Declared(topics=("data",))))
    assert declared[0].reasons[0].source == "declared"
    assert declared[0].reasons[0].evidence.note == "data"
    bare = recommender.recommend(Query("new", NOW))
    sources = {reason.source for one in bare for reason in one.reasons}
    assert {"popular", "fresh"} <= sources
    assert not sources & {"semantic", "collaborative", "declared", "social"}
    assert len({one.item.partition(":")[0] for one in bare[:5]}) >= 2


def test_never_empty_as_long_as_something_is_admitted(world: World) -> None:
    lonely = Item("thing:1", 5, "course", "rust", author="a")
    recommender = World([lonely, course(1)]).recommender()
    query = Query("me", NOW, where=Filter(exclude=frozenset({"course:1"})), declared=Declared(topics=("web",)))
    everything = frozenset({"popular", "fresh", "semantic", "declared", "upcoming"})
    for muted in (frozenset[str](), everything):
        found = recommender.recommend(replace(query, declared=replace(query.declared, muted=muted)))
        assert names(found) == ["thing:1"]
        assert found[0].reasons
    assert found[0].reasons[0].source == CATALOGUE
    one_author = World([course(n, author="only") for n in range(30)]).recommender()
    assert len(one_author.recommend(Query("me", NOW, k=10))) == 10


@pytest.mark.parametrize("k", [0, -3, 1, 2, 7, 1_000])
def test_at_most_k(recommender: Recommender, k: int) -> None:
    found = recommender.recommend(Query("me", NOW, k=k, history=HISTORY))
    assert len(found) == min(max(k, 0), 40 + 24 + 3 - 4)
    assert len(set(names(found))) == len(found)


def test_an_empty_catalogue_and_no_vectors() -> None:
    empty = Recommender(MemoryCorpus(), {}, None, topic_vector)
    assert empty.recommend(Query("me", NOW, history=HISTORY, declared=Declared(topics=("rust",)))) == []
    assert empty.explain(Query("me", NOW), "course:1") is None
    assert empty.related("course:1", 5, Filter(), NOW) == []
    bare = Recommender(MemoryCorpus(course(n) for n in range(9)), {"public": DictIndex(DIMENSION)}, None, topic_vector)
    assert len(bare.recommend(Query("me", NOW, k=5, history=HISTORY))) == 5


def test_the_same_query_has_the_same_answer_and_the_seed_moves_only_surprises(recommender: Recommender) -> None:
    query = Query("me", NOW, k=10, history=HISTORY, seed=1)
    assert recommender.recommend(query) == recommender.recommend(query)
    other = recommender.recommend(replace(query, seed=2))
    main = [one.item for one in recommender.recommend(query)[:4]]
    assert [one.item for one in other[:4]] == main
    drawn = {recommender.recommend(replace(query, seed=seed))[4].item for seed in range(30)}
    assert len(drawn) > 1
    assert {one.policy for one in recommender.recommend(replace(query, explore=False))} == {"main"}


def test_what_is_explained_is_what_was_scored(recommender: Recommender) -> None:
    query = Query("me", NOW, k=20, history=HISTORY, declared=Declared(topics=("web",), level=1))
    for one in recommender.recommend(query):
        explained = recommender.explain(query, one.item)
        assert explained is not None
        scored = [reason for reason in one.reasons if reason.source not in {"diversity", "explore", "balance"}]
        assert [reason.source for reason in explained] == [reason.source for reason in scored]
        for mine, theirs in zip(explained, scored, strict=True):
            assert mine.value == pytest.approx(theirs.value, abs=1e-6)
            assert mine.evidence == theirs.evidence


def test_anything_visible_can_be_explained_and_nothing_else(recommender: Recommender) -> None:
    query = Query("me", NOW, history=HISTORY)
    assert recommender.explain(query, "course:0")
    assert recommender.explain(query, "event:3")
    assert recommender.explain(query, "nowhere") is None
    assert recommender.explain(query, "post:100") is None
    assert recommender.explain(replace(query, where=Filter(audiences=frozenset({"room:7"}))), "post:100")


def test_evidence_is_of_the_users_own_history(recommender: Recommender) -> None:
    own = {done.item for done in HISTORY}
    found = recommender.recommend(Query("me", NOW, k=30, history=HISTORY))
    for one in found:
        for reason in one.reasons:
            if reason.source == "diversity":
                assert set(reason.evidence.items) <= set(names(found[: one.rank - 1]))
                assert found[reason.evidence.count - 1].item == reason.evidence.items[0]
            elif reason.evidence.note != "missing":
                assert set(reason.evidence.items) <= own


def test_a_model_is_swapped_whole(world: World) -> None:
    recommender = world.recommender()
    query = Query("me", NOW, k=10, history=HISTORY)
    assert "collaborative" not in {r.source for one in recommender.recommend(query) for r in one.reasons}
    recommender.swap_model(world.model())
    assert "collaborative" in {r.source for one in recommender.recommend(query) for r in one.reasons}
    assert "collaborative" in recommender.generators()
    recommender.swap_model(None)
    assert recommender.model is None


def test_related_items(recommender: Recommender, world: World) -> None:
    found = recommender.related("course:0", 5, Filter(), NOW)
    assert "course:0" not in names(found)
    assert len(found) == 5
    for one in found:
        item = world.corpus.get(one.item)
        assert item is not None
        assert topic_of(item) == "rust"
        assert one.score == pytest.approx(sum(reason.value for reason in one.reasons))
        assert all(reason.evidence.items == ("course:0",) for reason in one.reasons)
    posts = recommender.related("course:0", 5, Filter(kinds=frozenset({"post"})), NOW)
    assert posts
    assert all(name.startswith("post:") for name in names(posts))
    assert recommender.related("post:100", 5, Filter(), NOW) == []
    assert recommender.related("nowhere", 5, Filter(), NOW) == []


def test_one_user_with_a_hundred_thousand_interactions(recommender: Recommender) -> None:
    rng = random.Random(1)
    history = tuple(
        Interaction("me", f"course:{rng.randrange(60)}", rng.choice(["click", "browse", "dismiss"]), NOW - n)
        for n in range(100_000, 0, -1)
    )
    begun = time.perf_counter()
    found = recommender.recommend(Query("me", NOW, history=history))
    assert time.perf_counter() - begun < 2
    assert len(found) == 10
    assert not any(name.startswith("course:") for name in names(found))


def test_old_enrolments_are_remembered_beyond_the_cap(recommender: Recommender) -> None:
    history = (did("me", "course:20", "enrol", 900), *(did("me", "course:0", "click", 1) for _ in range(500)))
    assert "course:20" not in names(recommender.recommend(Query("me", NOW, k=200, history=history)))


def test_malformed_interactions_are_survived(recommender: Recommender) -> None:
    history = (
        Interaction("me", "course:0", "enrol", math.nan),
        Interaction("me", "course:4", "rate", NOW, math.nan),
        Interaction("me", "course:8", "enrol", NOW + 1e10),
        Interaction("me", "nowhere", "enrol", NOW),
        Interaction("me", "\ud800课程\0", "?", -math.inf),
        *([did("me", "course:12", "enrol")] * 3),
    )
    found = names(recommender.recommend(Query("me", NOW, history=history)))
    assert len(found) == 10
    assert not set(found) & {"course:0", "course:4", "course:8", "course:12"}


def test_unicode_ids() -> None:
    items = [replace(course(n, "rust"), id=f"课程:{n}\0\ud800") for n in range(12)]
    recommender = World(items, [did("u", items[0].id)]).recommender()
    found = recommender.recommend(Query("我", NOW, k=5, history=(did("我", items[1].id),)))
    assert len(found) == 5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TOPICS), min_size=1, max_size=6), st.integers(0, 5))
def test_outsiders_see_no_trace_of_a_private_room(topics: list[str], seed: int) -> None:
    """Two worlds that differ in a private room only give the same answers, scores and reasons to those outside."""
    items = [course(n) for n in range(16)] + [post(n, TOPICS[n % 4], f"member-{n % 3}") for n in range(8)]
    private = [post(500 + n, topic, "member-1", audience="room:9", reactions=50) for n, topic in enumerate(topics)]
    noise = [did(f"learner-{n:02}", one.id, "reply", 1) for n in range(9) for one in private]
    noise += [did("me", one.id, "helpful", 0) for one in private]
    queries = [
        Query("me", NOW, k=8, history=HISTORY, seed=seed),
        Query(None, NOW, k=8, declared=Declared(topics=("rust",)), seed=seed),
    ]
    base = World(items)
    without = base.recommender()
    within = World(items + private, base.interactions + noise).recommender()
    for query in queries:
        mine = tuple(done for done in noise if done.user == query.user)
        assert without.recommend(query) == within.recommend(replace(query, history=query.history + mine))
        assert without.related("course:0", 5, query.where, NOW) == within.related("course:0", 5, query.where, NOW)


def test_answers_while_everything_is_written() -> None:
    world = World()
    recommender = world.recommender(world.model())
    stop, problems = threading.Event(), list[str]()

    def ask() -> None:
        while not stop.is_set():
            for one in recommender.recommend(Query("me", NOW, k=10, history=HISTORY)):
                if one.item.startswith("secret:"):
                    problems.append(one.item)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(120):
        row = 5_000 + turn
        world.indexes["public"].add([4_000 + turn], near("rust", turn)[None])
        world.corpus.put(course(4_000 + turn, "rust"))
        world.corpus.put(replace(course(row, "rust"), id=f"secret:{turn}", audience="room:1"))
        world.corpus.upsert(course(n, title=f"{TOPICS[n % 4]} {turn}") for n in range(40))
        world.corpus.remove([f"course:{4_000 + turn}"])
        world.corpus.observe([did(f"u{turn}", "course:8")], NOW)
        if turn % 40 == 0:
            recommender.swap_model(world.model())
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems


def test_what_vanishes_meanwhile_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    recommender = world.recommender()
    query = Query("me", NOW, k=5, history=HISTORY, explore=False)
    first = recommender.recommend(query)[0].item
    honest = recommender._reranker.choices

    def removing(*arguments: object) -> object:
        world.corpus.remove([first])
        return honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(recommender._reranker), "choices", lambda self, *arguments: removing(*arguments))
    found = recommender.recommend(query)
    assert first not in names(found)
    assert [one.rank for one in found] == [1, 2, 3, 4]


def test_configuration_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="per_source"):
        RecommenderConfig(per_source=0)
