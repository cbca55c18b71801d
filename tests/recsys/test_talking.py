"""The learned ranker of discussions in the recommender: parts that sum, muting, forgetting, private rooms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recsys.discussions.fitting import fit_discussions
from recsys.discussions.model import DiscussionModel
from recsys.discussions.names import GROUPS
from recsys.encoders.hashing import HashingEncoder
from recsys.shelf import Shelf
from recsys.types import Declared, Filter, Interaction, Item, Query, Recommendation
from tests.recsys.discussions.talks import Said, community, log_of

MESSAGES = community(25, seed=8)
NOW = MESSAGES[-1].time + 60
USER = "member:3"


@pytest.fixture(scope="module")
def model() -> DiscussionModel:
    return fit_discussions(log_of(MESSAGES), now=NOW)


def audience_of(topic: int) -> str:
    return "room:secret" if topic % 9 == 0 else "public"


def shelf_of(messages: list[Said], model: DiscussionModel | None) -> Shelf:
    shelf, encoder = Shelf(HashingEncoder()), HashingEncoder()
    topics = sorted({each.topic for each in messages})
    items = [
        Item(f"post:{t}", t + 1, "post", f"Discussion {t}", audience=audience_of(t), created_at=1e9) for t in topics
    ]
    shelf.put([(item, vector) for item, vector in zip(items, encoder.encode([i.title for i in items]), strict=True)])
    rooms = {f"post:{each.topic}": str(each.room) for each in messages}
    done = [Interaction(f"member:{each.member}", f"post:{each.topic}", "reply", each.time) for each in messages]
    shelf.observe(done, NOW, rooms=rooms)
    shelf.settle()
    shelf.publish_discussions(model)
    return shelf


def query(**changes: object) -> Query:
    mine = tuple(Interaction(USER, f"post:{each.topic}", "reply", each.time) for each in MESSAGES if each.member == 3)
    return replace(Query(USER, NOW, 10, mine, Declared(), Filter(kinds=frozenset({"post"}))), **changes)


def parts(found: Recommendation) -> dict[str, float]:
    return {reason.source: reason.value for reason in found.reasons}


def test_discussions_that_go_on_come_first_with_parts_that_sum(model: DiscussionModel) -> None:
    shelf = shelf_of(MESSAGES, model)
    found = shelf.recommend(query())
    assert found
    alive = {f"post:{each.topic}" for each in MESSAGES if each.time > NOW - 7 * 86400}
    assert {each.item for each in found[:5] if each.policy == "main"} <= alive
    for each in found:
        assert sum(parts(each).values()) == pytest.approx(each.score, abs=1e-9)
        again = shelf.explain(query(), each.item)
        assert again is not None
        assert set(parts(each)) >= set(parts(again)) & set(GROUPS)
    assert set(GROUPS) & set(parts(found[0]))
    assert not set(GROUPS) & {name for each in shelf_of(MESSAGES, None).recommend(query()) for name in parts(each)}


def test_a_muted_part_counts_for_nothing(model: DiscussionModel) -> None:
    shelf = shelf_of(MESSAGES, model)
    muted = shelf.recommend(query(declared=Declared(muted=frozenset({"rhythm"}))))
    assert not any("rhythm" in parts(each) for each in muted)
    whole = shelf.recommend(query())
    assert any("rhythm" in parts(each) for each in whole)


def test_counts_of_a_reason_are_true(model: DiscussionModel) -> None:
    shelf = shelf_of(MESSAGES, model)
    for each in shelf.recommend(query()):
        topic = int(each.item.removeprefix("post:"))
        room = next(said.room for said in MESSAGES if said.topic == topic)
        readable = [said for said in MESSAGES if audience_of(said.topic) == "public"]
        for reason in each.reasons:
            if reason.source == "rooms":
                mine = sum(said.member == 3 and said.room == room for said in readable)
                assert reason.evidence.count == mine
            if reason.source == "lively":
                lately = sum(said.topic == topic and said.time >= NOW - 7 * 86400 for said in readable)
                assert reason.evidence.count == lately


def test_what_one_may_not_read_changes_nothing(model: DiscussionModel) -> None:
    public = [each for each in MESSAGES if audience_of(each.topic) == "public"]
    inside, outside = shelf_of(MESSAGES, model), shelf_of(public, model)
    for seed in range(4):
        for asked in (query(seed=seed), query(user="member:500", history=(), seed=seed)):
            assert inside.recommend(asked) == outside.recommend(asked)


def test_after_forgetting_nothing_is_known_of_anybody(model: DiscussionModel) -> None:
    shelf = shelf_of(MESSAGES, model)
    shelf.forget_actions()
    assert not any(set(GROUPS) & set(parts(each)) for each in shelf.recommend(query()))


def test_nobody_in_particular_has_no_such_parts(model: DiscussionModel) -> None:
    found = shelf_of(MESSAGES, model).recommend(query(user=None, history=()))
    assert not any(set(GROUPS) & set(parts(each)) for each in found)
