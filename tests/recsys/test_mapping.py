"""A course imported today, and what learners of courses like it took."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.collaborative import CollaborativeModel
from recsys.columns import Slots
from recsys.mapping import FEATURES, Described, Placing, learn
from recsys.recommender import Recommender
from recsys.types import Filter, Interaction, Item, Query
from tests.fakes.vectors import DictIndex
from tests.recsys.worlds import DIMENSION, NOW, World, course, did, near

COURSES = Filter(kinds=frozenset({"course"}))


def authored() -> World:
    """Learners keep to an author and go through all topics: texts mislead, authors tell."""
    topics = ("rust", "python", "data", "web")
    items = [course(n, topics[n % 4], author=f"school-{n // 8}", level=None, language="en") for n in range(40)]
    done = [
        did(f"learner-{user}", f"course:{8 * (user % 5) + (user + step * 3) % 8}", "enrol", 30 - step)
        for user in range(60)
        for step in range(5)
    ]
    return World(items, done)


def imported(world: World, *fresh: Item) -> None:
    world.corpus.upsert(fresh)
    for item in fresh:
        world.indexes["public"].add([item.row], near(item.title.split()[0], item.row)[None])


def history(*numbers: int) -> tuple[Interaction, ...]:
    return tuple(did("me", f"course:{number}", "enrol", 9 - at) for at, number in enumerate(numbers))


def mapped(world: World, recommender: Recommender, query: Query) -> dict[str, float]:
    found = recommender.generators()["mapped"](query, 20)
    return {candidate.item: candidate.value for candidate in found}


def test_likenesses_of_everything_that_is_said() -> None:
    one = course(1, "rust", prerequisites=("course:9",))
    other = replace(course(9, "rust"), author=one.author, level=(one.level or 0) + 1, tags=("rust", "async"))
    vectors = np.stack([near("rust", 1), near("rust", 9)])
    found = Described([other], vectors[1:]).likenesses([one], vectors[:1])[0, 0]
    assert dict(zip(FEATURES, found.tolist(), strict=True)) == pytest.approx(
        {
            "text": float(vectors[0] @ vectors[1]),
            "tags": 0.5,
            "author": 1.0,
            "level": 0.5,
            "language": 1.0,
            "prerequisites": 1.0,
        },
        abs=1e-6,
    )
    bare = Item(id="x", row=5, kind="course", title="x", language="fr")
    assert Described([other], vectors[1:]).likenesses([bare], np.zeros((1, 0), np.float32))[0, 0].tolist() == [0] * 6


def test_what_tells_where_an_item_belongs_is_learned() -> None:
    world = authored()
    model = world.model()
    assert isinstance(model, CollaborativeModel)
    items = [world.corpus.get(name) for name in model.names]
    known = [item for item in items if item is not None]
    vectors = np.stack([near(item.title.split()[0], item.row) for item in known])
    weights = dict(zip(("any", *FEATURES), learn(model, known, vectors).tolist(), strict=True))
    assert weights["author"] > 0.3
    assert weights["author"] > 5 * max(weights["text"], weights["tags"])


def test_a_course_of_today_is_listed_for_who_took_its_like() -> None:
    world = authored()
    recommender = world.recommender(world.model())
    ours = course(90, "web", author="school-1", level=None, language="en", created_at=NOW)
    others = course(91, "web", author="school-4", level=None, language="en", created_at=NOW)
    asked = Query("me", NOW, history=history(8, 11), where=COURSES)
    assert mapped(world, recommender, asked) == {}
    imported(world, ours, others)
    values = mapped(world, recommender, asked)
    assert values["course:90"] > 2 * values.get("course:91", 0.0)
    reasons = {reason.source: reason for reason in recommender.explain(asked, "course:90") or ()}
    evidence = reasons["mapped"].evidence
    # What it is like is of the same school, and taken by those who took what the member took.
    assert 8 <= int(evidence.note.split()[1]) < 16
    assert set(evidence.items) <= {"course:8", "course:11"}
    assert evidence.items
    assert "collaborative" not in reasons
    known = {reason.source for reason in recommender.explain(asked, "course:9") or ()}
    assert "collaborative" in known
    assert "mapped" not in known


def test_without_a_history_or_a_vector_nothing_is_said() -> None:
    world = authored()
    recommender = world.recommender(world.model())
    fresh = course(90, "web", author="school-1", created_at=NOW)
    world.corpus.put(fresh)
    asked = Query("me", NOW, history=history(8, 11), where=COURSES)
    assert mapped(world, recommender, asked) == {}
    # Its vector comes a moment later.
    world.indexes["public"].add([90], near("web", 90)[None])
    assert set(mapped(world, recommender, asked)) == {"course:90"}
    assert mapped(world, recommender, Query("me", NOW, where=COURSES)) == {}


def test_private_and_removed_courses_are_not_placed() -> None:
    world = authored()
    recommender = world.recommender(world.model())
    imported(world, course(90, "web", author="school-1"))
    world.corpus.put(course(92, "web", author="school-1", audience="room:7"))
    world.indexes["room:7"] = DictIndex(DIMENSION)
    world.indexes["room:7"].add([92], near("web", 92)[None])
    where = replace(COURSES, audiences=frozenset({"public", "room:7"}))
    asked = Query("me", NOW, history=history(8, 11), where=where)
    assert set(mapped(world, recommender, asked)) == {"course:90"}
    world.corpus.remove(["course:90"])
    assert mapped(world, recommender, asked) == {}


def test_each_item_is_looked_at_once() -> None:
    world = authored()
    model = world.model()
    assert isinstance(model, CollaborativeModel)
    placing = Placing(model, frozenset({"course"}))
    imported(world, course(90, "web", author="school-1"))
    looked: list[int] = []

    def vectors_of(slots: Slots) -> np.ndarray:
        looked.append(len(slots))
        return _vectors(world, slots)

    for _ in range(3):
        placed = placing(world.corpus.view(), vectors_of)
    assert looked == [len(model), 1]
    assert [name for name, _ in placed.near(int(placed.slots[0]))]
    assert placed.near(0) == []
    imported(world, course(93, "web", author="school-2"))
    assert len(placing(world.corpus.view(), vectors_of).slots) == 2
    assert looked[2:] == [1]


def test_a_catalogue_too_small_to_learn_from_places_nothing() -> None:
    world = World([course(n) for n in range(4)], [did(f"u{u}", f"course:{n}") for u in range(9) for n in range(4)])
    recommender = world.recommender(world.model())
    imported(world, course(90, "rust"))
    assert mapped(world, recommender, Query("me", NOW, history=history(0), where=COURSES)) == {}


def test_thousands_of_new_courses_are_placed_by_and_by() -> None:
    world = authored()
    model = world.model()
    assert isinstance(model, CollaborativeModel)
    placing = Placing(model, frozenset({"course"}))
    fresh = [course(number, "web", author="school-1") for number in range(100, 400)]
    imported(world, *fresh)
    view = world.corpus.view()
    counts = [len(placing(view, lambda slots: _vectors(world, slots)).slots) for _ in range(4)]
    assert counts == [128, 256, 300, 300]


def test_what_gets_no_vector_is_not_asked_for_again_and_again() -> None:
    world = authored()
    model = world.model()
    assert isinstance(model, CollaborativeModel)
    placing = Placing(model, frozenset({"course"}))
    world.corpus.upsert([course(number, "web") for number in range(100, 400)])
    looked: list[int] = []

    def nothing(slots: Slots) -> np.ndarray:
        looked.append(len(slots))
        return np.zeros((len(slots), 0), dtype=np.float32)

    for _ in range(20):
        assert not len(placing(world.corpus.view(), nothing).slots)
    assert len(looked) < 6


def _vectors(world: World, slots: Slots) -> np.ndarray:
    items = world.corpus.view().items
    return np.stack([near(items[slot].title.split()[0], items[slot].row) for slot in slots.tolist()])
