"""Each source of suggestions: the common contract, and what it is there for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.participation import Participation
from recsys.request import Request
from recsys.types import CandidateGenerator, Corpus, Decisions, Declared, Filter, Lift, Query
from tests.contracts.candidate_generator import CandidateGeneratorContract
from tests.recsys.worlds import NOW, World, course, did, event, post, topic_of

HISTORY = (
    did("me", "course:0", "complete", 20),
    did("me", "course:4", "enrol", 10),
    did("me", "post:0", "reply", 5),
    did("me", "course:1", "dismiss", 3),
    did("me", "course:8", "click", 2),
)
ROOM = Filter(audiences=frozenset({"public", "room:7"}))


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.items += [
        course(80, "rust", prerequisites=("course:0",), row=80),
        course(81, "rust", prerequisites=("course:0", "course:3"), row=81),
        event(9, "rust", 5),
        course(85, "rust", created_at=NOW - 86_400.0, row=85),
    ]
    return World(world.items)


SOURCES = (
    "semantic", "declared", "popular", "among", "fresh", "social", "upcoming", "path", "collaborative", "mapped",
    "boost",
)  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
class TestEverySource(CandidateGeneratorContract):
    @pytest.fixture
    def generator(self, world: World, source: str) -> CandidateGenerator:
        return world.recommender(world.model()).generators()[source]

    @pytest.fixture
    def corpus(self, world: World) -> Corpus:
        return world.corpus

    @pytest.fixture
    def query(self) -> Query:
        lifted = {"course:16": Lift(0.2, "new"), "course:0": Lift(0.5, "known"), "post:4": Lift(0.1, "good")}
        topics = Declared(topics=("rust", "web"))
        return Query("me", NOW, history=HISTORY, declared=topics, decisions=Decisions(boosts=lifted))

    @pytest.fixture
    def known(self) -> Collection[str]:
        return ("course:0", "course:4", "post:0", "course:1")


def test_every_source_is_held_to_the_contract(world: World) -> None:
    assert set(SOURCES) == set(world.recommender(world.model()).generators())


def asked(world: World, source: str, query: Query, n: int = 10) -> list[str]:
    generator = world.recommender(world.model()).generators()[source]
    return [candidate.item for candidate in generator(query, n)]


def test_semantic_finds_the_interest(world: World) -> None:
    query = Query("me", NOW, history=HISTORY)
    for name in asked(world, "semantic", query):
        item = world.corpus.get(name)
        assert item is not None
        assert topic_of(item) == "rust"


def test_semantic_names_the_history_it_rests_on(world: World) -> None:
    found = world.recommender().generators()["semantic"](Query("me", NOW, history=HISTORY), 3)
    for candidate in found:
        assert set(candidate.evidence.items) <= {"course:0", "course:4", "post:0", "course:8"}
        assert candidate.evidence.count == 4 - (candidate.item in {"course:0", "course:4", "post:0", "course:8"})
        assert candidate.item not in candidate.evidence.items


def test_a_private_room_is_found_by_its_members_only(world: World) -> None:
    query = Query("me", NOW, history=HISTORY)
    private = {"post:100", "post:101", "post:102", "post:103"}
    assert not private & set(asked(world, "semantic", query, 1_000))
    assert private <= set(asked(world, "semantic", replace(query, where=ROOM), 1_000))


def test_the_index_of_a_private_room_is_not_even_asked(world: World) -> None:
    before = world.indexes["room:7"].asked
    asked(world, "semantic", Query("me", NOW, history=HISTORY))
    assert world.indexes["room:7"].asked == before


def test_what_was_done_in_a_private_room_does_not_shape_a_public_answer(world: World) -> None:
    secret = (did("me", "post:100", "reply"), did("me", "post:101", "helpful"))
    query = Query("me", NOW, history=HISTORY)
    for source, generator in world.recommender(world.model()).generators().items():
        assert list(generator(query, 20)) == list(generator(replace(query, history=HISTORY + secret), 20)), source


def test_declared_topics_are_found_by_tag_and_by_meaning(world: World) -> None:
    found = world.recommender().generators()["declared"](Query("me", NOW, declared=Declared(topics=("web",))), 100)
    kinds = {candidate.item.partition(":")[0] for candidate in found}
    assert {"course", "post"} <= kinds
    assert {candidate.evidence.note for candidate in found} == {"web"}
    assert all(candidate.value == 1.0 for candidate in found if candidate.item.startswith("course:"))


def test_popular_counts_people(world: World) -> None:
    found = world.recommender().generators()["popular"](Query(None, NOW), 100)
    for candidate in found:
        users = {done.user for done in world.interactions if done.item == candidate.item}
        item = world.corpus.get(candidate.item)
        assert item is not None
        assert candidate.evidence.count == (len(users) or item.participants)


def test_popular_for_a_newcomer_prefers_their_language_and_level(world: World) -> None:
    query = Query(None, NOW, declared=Declared(languages=("zh",), level=0), where=Filter(kinds=frozenset({"course"})))
    first = world.corpus.get(asked(world, "popular", query, 1)[0])
    assert first is not None
    assert first.language == "zh"


def test_old_things_are_not_fresh(world: World) -> None:
    found = world.recommender().generators()["fresh"](Query(None, NOW), 1_000)
    assert "course:85" in {candidate.item for candidate in found}
    for candidate in found:
        item = world.corpus.get(candidate.item)
        assert item is not None
        assert candidate.evidence.count == int((NOW - item.created_at) // 86_400) <= 30


def test_upcoming_matches_interests(world: World) -> None:
    assert asked(world, "upcoming", Query("me", NOW, history=HISTORY)) == ["event:1", "event:9", "event:2"]


def test_path_opens_with_what_is_done(world: World) -> None:
    query = Query("me", NOW, history=HISTORY)
    assert asked(world, "path", query) == ["course:80"]
    both = (*HISTORY, did("me", "course:3", "progress", value=1.0))
    assert asked(world, "path", replace(query, history=both)) == ["course:80", "course:81"]


def test_collaborative_says_how_many_took_both(world: World) -> None:
    found = world.recommender(world.model()).generators()["collaborative"](Query("me", NOW, history=HISTORY), 10)
    took: dict[str, set[str]] = {}
    for done in world.interactions:
        took.setdefault(done.item, set()).add(done.user)
    assert found
    for candidate in found:
        if candidate.evidence.items:
            both = took[candidate.evidence.items[0]] & took[candidate.item]
            assert both
            assert candidate.evidence.count == (len(both) if len(both) >= 5 else 0)


def test_social_follows_people_met(world: World) -> None:
    found = world.recommender().generators()["social"](Query("me", NOW, history=HISTORY), 50)
    met = set(world.participation.people_of("post:0"))
    for candidate in found:
        there = met & set(world.participation.people_of(candidate.item))
        assert candidate.evidence.count == len(there) > 0
        assert candidate.evidence.items == ("post:0",)


def test_participation_forgets() -> None:
    participation = Participation(
        [did("a", "post:1", "reply"), did("b", "post:1", "post"), did("a", "post:2", "click")]
    )
    assert participation.people_of("post:1") == ("a", "b")
    assert participation.posts_of("a", 5) == ("post:1",)
    participation.remove_user("a")
    assert participation.people_of("post:1") == ("b",)
    participation.remove_post("post:1")
    assert participation.posts_of("b", 5) == ()


def test_participation_is_bounded() -> None:
    participation = Participation(did("a", f"post:{n}", "reply") for n in range(1_000))
    assert participation.posts_of("a", 1_000) == tuple(f"post:{n}" for n in range(999, 799, -1))
    assert participation.people_of("post:0") == ()
    participation.observe(did(f"u{n}", "post:5000", "reply") for n in range(1_000))
    assert len(participation.people_of("post:5000")) == 200


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 400), st.integers(0, 9)), max_size=40),
    st.integers(0, 12),
    st.sampled_from([-400.0, 0.0, 35.0]),
)
def test_popular_and_fresh_propose_what_a_look_at_everything_would(
    acts: list[tuple[int, int, int]], n: int, later: float
) -> None:
    """Orders made before, or between, or after what was done: the same as all values sorted."""
    world = World()
    recommender = world.recommender()
    query = Query(
        "me", NOW + later * 86_400, history=HISTORY[:2], declared=Declared(languages=("en",), level=0), explore=False
    )
    sources = {source.name: source for source in recommender._engine.sources}
    for step, (number, days, user) in enumerate(acts):
        world.corpus.observe([did(f"u{user}", f"course:{number}", "enrol", days)], NOW)
        if step == 5:
            world.corpus.put(post(999, "rust", "member-1", created_at=NOW + 40 * 86_400.0))
        if step == 9:
            world.corpus.forget_popularity()
        request = recommender._prepare(query)
        for name in ("popular", "fresh"):
            source = sources[name]
            found = source.propose(request, n)
            everything = np.flatnonzero(request.admitted)
            values = source.values(request, everything)
            ordered = everything[np.lexsort((everything, -values))][: np.count_nonzero(values > 0)].tolist()
            expected = [slot for slot in ordered if name == "fresh" or _acted(request, slot)]
            assert sorted(found.tolist()) == sorted(expected[:n])


def _acted(request: Request, slot: int) -> bool:
    columns = request.view.columns
    recent = columns.created_at[slot] > request.query.now - 12 * 14 * 86_400.0
    return bool(columns.popularity[slot] > 0 or (columns.engagement[slot] > 0 and recent))
