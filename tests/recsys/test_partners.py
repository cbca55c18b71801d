"""Partners: what brings two learners together, what does not count, and that strangers to the round change nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from recsys.partners import WEIGHTS, WINDOW, Learner, Match, busiest_hours, learnt_worth, rank

ME = Learner(
    "me",
    frozenset({"rust", "sql"}),
    begun=frozenset({"course:a", "course:b"}),
    finished=frozenset({"course:b"}),
    level=1,
    language="en",
    hours=frozenset(range(18, 24)),
    seen=True,
    actions=9,
)
PLAIN = Learner("other", actions=9)


def parts(other: Learner, me: Learner = ME) -> dict[str, float]:
    (match,) = rank(me, [other], k=1) or [Match("", 0.0, ())]
    assert sum(reason.value for reason in match.reasons) == pytest.approx(match.score)
    return {reason.source: reason.value for reason in match.reasons}


def test_each_part_speaks_for_what_it_is_about() -> None:
    same = replace(PLAIN, declared=ME.declared)
    assert parts(same) == {"shared": pytest.approx(WEIGHTS["shared"])}
    assert parts(replace(PLAIN, finished=frozenset({"course:a"}))) == {"teaches": WEIGHTS["teaches"] / 2}
    assert parts(replace(PLAIN, begun=frozenset({"course:b"}))) == {"learns": WEIGHTS["learns"] / 2}
    assert parts(replace(PLAIN, answered={"rust": 3, "go": 50})) == {"answered": WEIGHTS["answered"] / 2}
    around = parts(replace(same, level=1, language="en", hours=frozenset({22, 23, 0, 1, 2, 3})))
    assert around["level"] == WEIGHTS["level"]
    assert around["language"] == WEIGHTS["language"]
    assert around["hours"] == pytest.approx(WEIGHTS["hours"] * 2 / WINDOW)
    against = parts(replace(same, level=3, language="zh"))
    assert against["level"] < 0 > against["language"]


def test_without_a_subject_nobody_is_suggested() -> None:
    assert rank(ME, [replace(PLAIN, level=1, language="en", hours=ME.hours)], k=5) == []
    assert rank(ME, [ME], k=5) == []


def test_evidence_names_what_is_shared() -> None:
    (match,) = rank(ME, [replace(PLAIN, declared=ME.declared, hours=frozenset({23, 0, 1, 2, 3, 4}), seen=True)], k=1)
    by_source = {reason.source: reason.evidence for reason in match.reasons}
    assert set(by_source["shared"].items) == {"rust", "sql"}
    assert (by_source["hours"].note, by_source["hours"].count) == ("23", 1)


def test_a_subject_that_everybody_names_counts_for_less() -> None:
    crowd = [Learner(f"p{n}", frozenset({"rust"}), actions=9) for n in range(20)]
    rare = Learner("rare", frozenset({"sql"}), actions=9)
    found = rank(ME, [*crowd, rare], k=30)
    assert found[0].id == "rare"
    assert [match.id for match in found[1:4]] == ["p0", "p1", "p10"]


def test_a_few_actions_say_nothing_yet() -> None:
    young = Learner("young", frozenset({"rust"}), {"sql": 3.0}, finished=frozenset({"course:a"}), actions=4)
    assert set(parts(young)) == {"shared"}
    assert "teaches" in parts(replace(young, actions=5))
    assert parts(replace(young, actions=5))["shared"] > parts(young)["shared"]


def test_choices_teach_what_counts() -> None:
    worth = learnt_worth([frozenset({"sql"})], [frozenset({"rust", "sql"}), frozenset({"rust"})])
    assert worth == {"sql": pytest.approx(2 / 3), "rust": pytest.approx(1 / 3)}
    two = [Learner("r", frozenset({"rust"}), actions=9), Learner("s", frozenset({"sql"}), actions=9)]
    assert [match.id for match in rank(ME, two, k=2)] == ["r", "s"]
    assert [match.id for match in rank(ME, two, k=2, worth=worth)] == ["s", "r"]


def test_hours_go_around_the_clock() -> None:
    assert len(busiest_hours([23, 0, 1, 1, 2])) == WINDOW
    assert {23, 0, 1, 2} <= busiest_hours([23, 0, 1, 1, 2, 12])
    assert busiest_hours([]) == frozenset()


def test_the_order_of_the_others_changes_nothing() -> None:
    rng = random.Random(3)
    topics = ["rust", "sql", "go", "web", "ml"]
    others = [Learner(f"o{n}", frozenset(rng.sample(topics, 2)), actions=rng.randint(0, 9)) for n in range(30)]
    expected = rank(ME, others, k=30)
    rng.shuffle(others)
    assert rank(ME, others, k=30) == expected
