"""Groups of learners: found where there are any, the same twice, never a handful; themes likewise."""

from __future__ import annotations

import random

import numpy as np
import pytest

from recsys.personas import Personas, Subject, find_personas
from recsys.rules import FEWEST
from recsys.themes import SIZES, find_themes

CAMPS = {
    "rust": ("rust", "concurrency", "compilers"),
    "web": ("css", "react", "javascript"),
    "ml": ("nlp", "math", "llm"),
}


def crowd(sizes: dict[str, int], seed: int = 2) -> list[Subject]:
    rng = random.Random(seed)
    found = []
    for camp, size in sizes.items():
        for number in range(size):
            topics = {topic: rng.uniform(0.6, 1.0) for topic in CAMPS[camp]} | {"git": 1.0}
            level = 2 if camp == "rust" else 0
            kinds = {"course": rng.randint(1, 5)}
            found.append(Subject(f"{camp}{number}", topics, {}, level, kinds, rng.random(), (9, 10, 20)))
    return found


def camps_of(found: Personas) -> list[set[str]]:
    return [{member.rstrip("0123456789") for member in group.members} for group in found.groups]


def test_groups_are_found_where_there_are_any() -> None:
    found = find_personas(crowd({"rust": 14, "web": 11, "ml": 8}), seed=1)
    assert camps_of(found) == [{"rust"}, {"web"}, {"ml"}]
    assert found.stability > 0.9
    rust = found.groups[0]
    assert {topic.name for topic in rust.topics} <= set(CAMPS["rust"])
    assert all(topic.lift > 1 and 0 < topic.share <= 1 for topic in rust.topics)
    assert (rust.level, found.groups[1].level, rust.kind) == (2, 0, "course")
    assert found.left_out == 0


def test_the_order_of_people_changes_nothing_and_a_seed_is_a_result() -> None:
    people = crowd({"rust": 9, "web": 9})
    one = find_personas(people, seed=4)
    assert find_personas(list(reversed(people)), seed=4) == one


@pytest.mark.parametrize("few", range(1, FEWEST))
def test_a_handful_is_told_of_to_nobody(few: int) -> None:
    found = find_personas(crowd({"rust": 20, "web": few}), seed=1)
    assert all(len(group.members) >= FEWEST for group in found.groups)
    assert {"web"} not in camps_of(found)
    alone = find_personas(crowd({"web": few}), seed=1)
    assert alone.groups == ()
    assert alone.left_out == few


def test_nobody_and_people_all_alike_are_borne() -> None:
    assert find_personas([], seed=0).groups == ()
    same = [Subject(f"m{n}", {"rust": 1.0}) for n in range(12)]
    found = find_personas(same, seed=0)
    assert [len(group.members) for group in found.groups] == [12]
    assert [topic.name for topic in found.groups[0].topics] == ["rust"]
    # Who said and did nothing is in no group.
    assert find_personas([*same, Subject("silent")], seed=0).learners == 12


def test_themes_are_the_groups_of_the_catalogue() -> None:
    rng = np.random.default_rng(5)
    names = [f"t{n}" for n in range(SIZES[0])]
    terms, rows = [], []
    for number in range(72):
        theme = number % len(names)
        terms.append([f"{names[theme]}-{word}" for word in rng.choice(5, 3, replace=False).tolist()])
        rows.append(np.eye(8)[theme] + 0.05 * rng.standard_normal(8))
    vectors = np.asarray(rows, dtype=np.float32)
    found = find_themes(terms, vectors, seed=1)
    assert found is not None
    assert found.stability > 0.9
    for theme, words in enumerate(found.words):
        assert len({word.partition("-")[0] for word in words}) == 1
        at = [names[n % len(names)] for n in range(72) if found.labels[n] == theme]
        assert set(at) == {words[0].partition("-")[0]}
    again = find_themes(terms, vectors, seed=1)
    assert again is not None
    assert again.words == found.words
    assert np.array_equal(again.labels, found.labels)


def test_too_little_has_no_themes() -> None:
    assert find_themes([["a"]] * 5, np.zeros((5, 3), dtype=np.float32), seed=0) is None
    assert find_themes([[f"w{n}"] for n in range(40)], np.eye(40, dtype=np.float32), seed=0) is None
    with pytest.raises(ValueError, match="have 2 vectors"):
        find_themes([["a"]], np.zeros((2, 3), dtype=np.float32), seed=0)
