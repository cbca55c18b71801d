"""Learning who joins which discussion: only what members allow, no texts, no closed rooms; none when no better."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.usecases.talks import LearnDiscussions, last_discussions
from recsys.discussions.messages import Log
from recsys.discussions.model import DiscussionModel
from tests.bot.conftest import MakeWorld
from tests.bot.world import World
from tests.fakes.clock import FakeClock
from tests.recsys.discussions.talks import anything, community, log_of

QUESTION = "How do I cancel a rust task that waits for a lock?"
ANSWER = "With a cancellation token, and a select over the lock and the token, or so."


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    made = make_world()
    for who in ("mei", "ola", "sam"):
        made.arrives(who, consent=frozenset(ConsentKind))
    return made


def learnt(world: World) -> Log:
    world.app.engine.refresh()
    return world.app.engine.talks


def test_who_wrote_where_and_when_is_learnt_from(world: World) -> None:
    root = world.says("mei", QUESTION)
    world.clock.go_on(minutes=5)
    world.says("ola", ANSWER, reply_to=root)
    world.says("ola", "Which python library draws the nicest plots of tables?", "plots")
    world.index()
    log = learnt(world)
    assert len(log) == 3
    assert sorted(log.rooms.tolist()) == [0, 0, 1]
    assert log.times[1] - log.times[0] == timedelta(minutes=5).total_seconds()
    # Nothing of what was written: not even how long it is.
    assert not log.lengths.any()


def test_who_does_not_allow_it_is_not_learnt_from(world: World) -> None:
    world.arrives("kim", consent=frozenset())
    root = world.says("mei", QUESTION)
    world.says("kim", ANSWER, reply_to=root)
    assert len(learnt(world)) == 1
    world.says("ola", ANSWER, reply_to=root)
    assert len(learnt(world)) == 2
    world.change(replace(world.member("ola"), consent=Consent()))
    assert len(learnt(world)) == 1


def test_closed_rooms_teach_nothing(world: World) -> None:
    world.says("mei", "Only the three of us are in here.", "staff", private=True)
    with world.store.write() as uow:
        uow.rooms.configure(world.room("staff").id, indexed=True)
        uow.commit()
    root = world.says("mei", QUESTION, "staff", private=True)
    world.says("ola", ANSWER, "staff", private=True, reply_to=root)
    world.says("mei", QUESTION)
    assert len(learnt(world)) == 1


def test_what_is_deleted_is_not_learnt_from(world: World) -> None:
    root = world.says("mei", QUESTION)
    world.says("ola", ANSWER, reply_to=root)
    assert len(learnt(world)) == 2
    world.deletes(root)
    assert len(learnt(world)) == 0


def learn(log: Log, folder: Path) -> tuple[DiscussionModel | None, list[DiscussionModel | None]]:
    published: list[DiscussionModel | None] = []
    found = LearnDiscussions(FakeClock(), folder, lambda: log, published.append)()
    return found, published


def test_a_model_that_knows_more_is_published_and_kept(tmp_path: Path) -> None:
    found, published = learn(log_of(community(20, seed=3)), tmp_path)
    assert found is not None
    assert published == [found]
    kept = last_discussions(tmp_path)
    assert kept is not None
    assert kept.trees == found.trees


def test_too_little_or_nothing_better_leaves_none(tmp_path: Path) -> None:
    learn(log_of(community(20, seed=3)), tmp_path)
    found, published = learn(log_of(community(1, seed=3)), tmp_path)
    assert (found, published) == (None, [None])
    assert last_discussions(tmp_path) is None
    learn(log_of(community(20, seed=3)), tmp_path)
    found, published = learn(log_of(anything(40, seed=1)), tmp_path)
    assert (found, published) == (None, [None])


def test_a_damaged_model_is_left_out(tmp_path: Path) -> None:
    learn(log_of(community(20, seed=3)), tmp_path)
    for path in tmp_path.glob("*.txt"):
        path.write_text("no trees")
    assert last_discussions(tmp_path) is None
