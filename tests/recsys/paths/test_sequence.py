"""Orders that are more than chance are found, others are not; few learners decide nothing."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys.paths.sequence import SequenceRule, before_counts, taken, usually_before
from recsys.types import Interaction

LOOSE = SequenceRule(lift=0.0, share=0.0, most=100)


def took(user: str, *items: str, signal: str = "enrol") -> list[Interaction]:
    return [Interaction(user, item, signal, float(at)) for at, item in enumerate(items, 1)]


def community(rng: Random, *, learners: int, usual: float) -> list[Interaction]:
    """Learners who take a before b in `usual` of all cases, and x and y, which have nothing to do with it, anyhow."""
    log: list[Interaction] = []
    for number in range(learners):
        pair = ["a", "b"] if rng.random() < usual else ["b", "a"]
        others = rng.sample(["x", "y"], 2)
        log += took(f"u{number}", *(pair + others if number % 2 else others + pair))
    return log


def test_a_usual_order_is_found_with_its_counts() -> None:
    found = usually_before(taken(community(Random(1), learners=200, usual=0.9)), LOOSE)
    assert [(p.needs, p.item) for p in found] == [("a", "b")]
    (p,) = found
    assert p.of == 200
    assert 165 <= p.count <= 195
    # The posterior mean lies between what was seen and "no direction".
    assert 0.5 < p.confidence < p.count / p.of


def test_chance_is_no_order() -> None:
    for seed in range(20):
        assert usually_before(taken(community(Random(seed), learners=200, usual=0.5)), LOOSE) == []


def test_few_learners_decide_nothing() -> None:
    always = [entry for number in range(9) for entry in took(f"u{number}", "a", "b")]
    assert usually_before(taken(always), LOOSE) == []
    twelve = [entry for number in range(12) for entry in took(f"u{number}", "a", "b")]
    assert len(usually_before(taken(twelve), LOOSE)) == 1


def test_what_goes_together_no_more_than_anything_else_is_left_out() -> None:
    """Everybody takes both: the order is clear, but that says nothing of the two."""
    everybody = [entry for number in range(100) for entry in took(f"u{number}", "a", "b")]
    assert usually_before(taken(everybody)) == []
    others = [entry for number in range(100, 250) for entry in took(f"u{number}", "x", "y")]
    assert {(p.needs, p.item) for p in usually_before(taken(everybody + others))} == {("a", "b"), ("x", "y")}


def test_the_first_time_counts_and_what_happens_at_once_has_no_order() -> None:
    log = [
        *took("u", "a", "b"),
        Interaction("u", "a", "complete", 99.0),
        Interaction("v", "a", "enrol", 5.0),
        Interaction("v", "b", "enrol", 5.0),
        Interaction("w", "a", "click", 1.0),
        Interaction("w", "b", "enrol", math.nan),
    ]
    counts = before_counts(taken(log)).toarray()
    assert counts.tolist() == [[0, 1], [0, 0]]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 20)), max_size=60))
def test_counts_are_those_of_a_plain_loop(rows: list[tuple[int, int, int]]) -> None:
    log = taken(Interaction(f"u{user}", f"i{item}", "enrol", float(at)) for user, item, at in rows)
    first: dict[tuple[int, int], int] = {}
    for user, item, at in rows:
        first[user, item] = min(at, first.get((user, item), at))
    expected = np.zeros((len(log.names), len(log.names)), dtype=int)
    for (user, item), at in first.items():
        for (other_user, other), later in first.items():
            if user == other_user and at < later:
                expected[log.names.index(f"i{item}"), log.names.index(f"i{other}")] += 1
    assert before_counts(log).toarray().tolist() == expected.tolist()


def test_one_learner_with_very_many_items_costs_and_counts_little() -> None:
    many = [Interaction("u", f"i{number}", "enrol", float(number)) for number in range(100_000)]
    log = taken(many)
    assert len(log.users) == 200
    assert usually_before(log, LOOSE) == []
    assert usually_before(taken([])) == []
