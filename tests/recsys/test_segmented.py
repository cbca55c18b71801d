"""What people like a newcomer chose: the counts, their shrinkage, and lists in worlds whose segments are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from recsys.recommender import Recommender
from recsys.rules import FEWEST
from recsys.segmented import Segments, Table, estimated, likeliest
from recsys.shelf import Shelf
from recsys.types import Declared, Filter, Interaction, Item, Query
from tests.fakes.encoder import InProcessEncoder
from tests.recsys.worlds import NOW, TOPICS, World, course, did

ROWS = {f"course:{number}": number for number in range(10)}
RUST = Declared(("Rust",), 0, languages=("en",))


def told(people: dict[str, Declared | None], done: list[Interaction]) -> Segments:
    segments = Segments(ROWS.get)
    segments.declare(people)
    segments.observe(done)
    return segments


def counts(segments: Segments, topic: str, item: str) -> list[int]:
    found = segments.of(Declared((topic,)))
    return found.topics[0][1].of(ROWS[item]) if found.topics else [0, 0, 0, 0]


def test_a_person_counts_once_for_an_item_under_all_it_declared() -> None:
    done = [did("a", "course:1"), did("a", "course:1", "complete"), did("b", "course:1"), did("b", "course:2", "save")]
    segments = told({"a": RUST, "b": Declared((" rust ", "web"), 2)}, done)
    assert counts(segments, "rust", "course:1") == [2, 1, 0, 1]
    assert counts(segments, "web", "course:2") == [1, 0, 0, 1]
    assert segments.everybody.totals == [3, 1, 0, 2]
    assert segments.of(Declared(("chess",))).topics == ()


@pytest.mark.parametrize(
    "done",
    [
        did("a", "course:1", "dismiss"),
        did("a", "course:1", "reply"),
        did("a", "course:1", "react"),
        did("a", "course:1", "rate", value=1.0),
        did("a", "course:1", "progress", value=math.nan),
        did("a", "room's:1"),
        did("stranger", "course:1"),
        did("shy", "course:1", "save"),
    ],
)
def test_what_is_no_choice_of_somebody_who_may_be_counted_counts_nowhere(done: Interaction) -> None:
    assert told({"a": RUST, "shy": None}, [done]).everybody.totals[0] == 0


def test_who_withdraws_or_declares_something_else_counts_so_at_once() -> None:
    segments = told({"a": RUST, "b": RUST}, [did("a", "course:1"), did("b", "course:1")])
    segments.declare({"a": Declared(("web",), 2)})
    assert counts(segments, "rust", "course:1") == [1, 1, 0, 0]
    assert counts(segments, "web", "course:1") == [1, 0, 0, 1]
    segments.declare({"a": None})
    assert counts(segments, "web", "course:1") == [0, 0, 0, 0]
    assert segments.everybody.totals == [1, 1, 0, 0]
    segments.remove([ROWS["course:1"]])
    assert segments.everybody.totals[0] == segments.of(RUST).everybody.of(ROWS["course:1"])[0] == 0
    segments.observe([did("b", "course:1")])
    segments.clear()
    assert not segments.knows("b")
    assert not segments.of(RUST)


def test_counts_are_those_of_counting_again() -> None:
    random = np.random.default_rng(4)
    segments, people, done = Segments(ROWS.get), {}, []
    for _ in range(400):
        user = f"u{random.integers(12)}"
        if random.random() < 0.3 or user not in people:
            people[user] = Declared(tuple(random.choice(TOPICS, 2)), int(random.integers(3)))
            segments.declare({user: people[user]})
        act = did(user, f"course:{random.integers(10)}")
        done.append(act)
        segments.observe([act])
    again = told(dict(people), done)
    rows = np.arange(12)
    assert segments.most == again.most
    for topic in TOPICS:
        one, other = segments.of(Declared((topic,))), again.of(Declared((topic,)))
        for (_, here), (_, there) in zip(one.topics, other.topics, strict=True):
            assert [column.tolist() for column in here.at(rows, 0, 1, 2, 3)] == [
                column.tolist() for column in there.at(rows, 0, 1, 2, 3)
            ]
            assert here.totals == there.totals


def test_the_pseudo_counts_are_found_again() -> None:
    random = np.random.default_rng(5)
    for truth in (0.5, 4.0, 64.0):
        expected = random.uniform(1.0, 20.0, 20_000)
        chosen = random.poisson(expected * random.gamma(truth, 1.0 / truth, len(expected))).astype(np.float64)
        found = likeliest([(chosen, expected, np.ones(len(expected)))], 1.0)
        assert truth / 1.5 <= found <= truth * 1.5
    nothing = random.poisson(expected).astype(np.float64)
    assert likeliest([(nothing, expected, np.ones(len(expected)))], 1.0) > 500
    assert likeliest([(nothing[:5], expected[:5], np.ones(5))], 7.0) == 7.0


def test_nothing_tells_nothing() -> None:
    assert estimated(Table(), {}, {}).topic == Segments().strengths.topic
    assert not Segments().of(RUST)


def test_numbers_are_told_of_five_and_not_where_fewer_could_be_worked_out() -> None:
    def of(rust: int, others: int) -> tuple[int, str, float]:
        people: dict[str, Declared | None] = {f"r{n}": Declared(("rust",)) for n in range(rust)}
        people |= {f"o{n}": Declared(("web",)) for n in range(others)}
        people |= {f"x{n}": Declared(("web",)) for n in range(60)}
        done = [did(user, "course:1" if user[0] in "ro" else "course:2") for user in people]
        return told(people, done).of(Declared(("rust",))).told(1)

    count, name, times = of(9, 6)
    assert (count, name) == (9, "topic=rust")
    assert times > 1.2
    assert of(FEWEST - 1, 0) == (0, "", 1.0)
    assert of(9, 0)[0] == 9
    assert of(9, 2) == (0, "", 1.0)


def test_a_private_room_changes_nothing_for_others() -> None:
    plain, noisy = (Shelf(InProcessEncoder()) for _ in range(2))
    secret = Item("post:1", 99, "post", "secret", audience="room:7")
    for shelf in (plain, noisy):
        shelf.put([(course(number), None) for number in range(8)])
        shelf.put([(secret, None)])
        people = {f"u{n}": Declared((TOPICS[n % 4],), n % 3) for n in range(40)}
        shelf.observe([did(user, f"course:{n % 8}") for n, user in enumerate(people)], NOW, people=people)
    noisy.observe([did(f"u{n}", "post:1", "save") for n in range(40)], NOW)
    for shelf in (plain, noisy):
        shelf.settle()
    asked = Query("me", NOW, declared=RUST)
    assert plain.recommend(asked) == noisy.recommend(asked)
    opened = Item("post:1", 99, "post", "open")
    noisy.put([(opened, None)])
    noisy.observe([did(f"u{n}", "post:1", "save", value=1.0) for n in range(40, 50)], NOW, people={"u40": RUST})
    assert noisy.segments.everybody.of(99)[0] == 1
    noisy.put([(secret, None)])
    assert noisy.segments.everybody.of(99)[0] == 0


# A world whose segments are known.

COURSES = 160
LEARNERS = 1_500
NEWCOMERS = 300
LIST = Filter(kinds=frozenset({"course"}))


def segmented_world() -> tuple[Recommender, list[tuple[Declared, list[str]]], list[str]]:
    """Every topic has its own favourites, and at each level others; what is popular among all is another matter, and
    what a course says it is about only a part of it.

    The recommender, what newcomers declare and choose one after the other, and the courses by how many chose them.
    """
    random = np.random.default_rng(11)
    items = [course(number, level=None, language="en", author="", quality=None) for number in range(COURSES)]
    everywhere = random.normal(0.0, 1.0, COURSES)
    by_topic = random.normal(0.0, 1.3, (len(TOPICS), COURSES))
    for topic in range(len(TOPICS)):
        by_topic[topic, topic :: len(TOPICS)] += 1.0
    by_cell = random.normal(0.0, 0.7, (len(TOPICS), 3, COURSES))

    def somebody(steps: int) -> tuple[Declared, list[str]]:
        topic, level = int(random.integers(len(TOPICS))), int(random.integers(3))
        taste = everywhere + by_topic[topic] + by_cell[topic, level] + random.gumbel(0.0, 1.0, COURSES)
        return Declared((TOPICS[topic],), level, languages=("en",)), [items[at].id for at in np.argsort(-taste)[:steps]]

    people: dict[str, Declared | None] = {}
    done: list[Interaction] = []
    for number in range(LEARNERS):
        said, chosen = somebody(5)
        people[f"learner-{number}"] = said
        done += [did(f"learner-{number}", item, days_ago=float(random.integers(1, 30))) for item in chosen]
    newcomers = [somebody(8) for _ in range(NEWCOMERS)]
    world = World(items, done)
    world.segments.clear()
    world.segments.declare(people)
    world.segments.observe(done)
    world.segments.settle()
    tally = {item.id: 0 for item in items}
    for act in done:
        tally[act.item] += 1
    return world.recommender(world.model()), newcomers, sorted(tally, key=lambda item: (-tally[item], item))


@pytest.fixture(scope="module")
def known() -> tuple[Recommender, list[tuple[Declared, list[str]]], list[str]]:
    return segmented_world()


def gain(listed: list[str], wanted: list[str]) -> float:
    """nDCG@10."""
    hits = sum(1.0 / math.log2(place + 1) for place, item in enumerate(listed[:10], start=1) if item in wanted)
    return hits / sum(1.0 / math.log2(place + 1) for place in range(1, min(len(wanted), 10) + 1))


@pytest.mark.parametrize("first", [0, 1, 2, 5])
def test_a_newcomers_list_is_better_than_popularity(
    known: tuple[Recommender, list[tuple[Declared, list[str]]], list[str]], first: int
) -> None:
    recommender, newcomers, popular = known
    ours, theirs, without, named = [], [], [], 0
    for number, (said, chosen) in enumerate(newcomers):
        history = tuple(did("me", item, days_ago=first - at) for at, item in enumerate(chosen[:first]))
        query = Query("me", NOW, history=history, declared=said, where=LIST, seed=number, explore=False)
        found = recommender.recommend(query)
        wanted = chosen[first:]
        ours.append(gain([one.item for one in found], wanted))
        theirs.append(gain([item for item in popular if item not in chosen[:first]], wanted))
        silent = Declared(said.topics, said.level, languages=said.languages, muted=frozenset({"among"}))
        quiet = Query("me", NOW, history=history, declared=silent, where=LIST, seed=number, explore=False)
        without.append(gain([one.item for one in recommender.recommend(quiet)], wanted))
        named += any(
            reason.evidence.note.endswith(f"topic={said.topics[0]}") for one in found for reason in one.reasons
        )
    assert np.mean(ours) > 1.1 * np.mean(theirs)
    assert ttest_rel(ours, theirs, alternative="greater").pvalue < 0.001
    assert np.mean(ours) > np.mean(without)
    assert named > 0.9 * len(newcomers)


def test_who_did_much_is_told_by_what_they_did(
    known: tuple[Recommender, list[tuple[Declared, list[str]]], list[str]],
) -> None:
    recommender, newcomers, _ = known
    said, _ = newcomers[0]
    history = tuple(did("me", f"course:{number}") for number in range(20))
    found = recommender.recommend(Query("me", NOW, history=history, declared=said, where=LIST))
    assert not [reason for one in found for reason in one.reasons if reason.source == "among"]
