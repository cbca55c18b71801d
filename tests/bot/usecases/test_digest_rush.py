"""Many digests at once say what each says alone, here and in the worker processes of a rush."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from bot.domain.digests import LENGTHS, DigestSettings, Section
from bot.domain.interactions import Signal
from bot.domain.schedules import Job, Occurrence, Outcome
from bot.usecases.digest import Wanted
from bot.usecases.digest_send import Prepared, turn_of
from bot.usecases.views import View
from bot.workers import RUSH, DigestLots
from tests.bot.reading import words_of
from tests.bot.world import CATALOGUE, World

_CODE = re.compile(r"\b[a-z2-7]{16}\b")
SINGLE = 1e-6
"""Vectors are of single precision, and in another place of memory their products are summed in another order."""
_SIGNALS = (Signal.ENROL, Signal.COMPLETE, Signal.SAVE, Signal.CLICK, Signal.PROGRESS, Signal.DISMISS)


def crowd(world: World, number: int, chance: Random) -> list[tuple[str, DigestSettings]]:
    """Members with all kinds of histories and settings, and questions that some of them could answer."""
    world.clock.go_on(hours=-50)
    asked = [world.says("mei", f"How do I write a {word} loop that ends?") for word in ("rust", "python", "react")]
    found = []
    for at in range(number):
        who = f"person{at}"
        member = world.arrives(who, language=chance.choice(("en", "zh")))
        topics = tuple(chance.sample(("rust", "python", "web", "databases"), chance.randrange(3)))
        world.change(replace(member, profile=replace(member.profile, topics=topics)))
        for course in chance.sample(CATALOGUE, chance.randrange(6)):
            world.clock.go_on(minutes=1)
            world.does(who, chance.choice(_SIGNALS), course.item, value=0.4)
        if chance.random() < 0.5:
            world.says(who, "It needs a counter that goes down.", reply_to=chance.choice(asked))
        settings = DigestSettings(
            member.id, enabled=True, length=chance.choice(LENGTHS), language=chance.choice((None, "en", "zh")),
            platform="fake", sections=frozenset(one for one in Section if chance.random() < 0.7),
        )  # fmt: skip
        with world.store.write() as uow:
            uow.digests.put(world.community.id, settings)
            uow.commit()
        found.append((who, settings))
    world.clock.go_on(hours=50)
    world.index()
    return found


def plain(view: View) -> object:
    """All that a view says, without its codes."""
    return [replace(shown, token="") for shown in view.items]


@pytest.mark.parametrize("seed", range(3))
def test_many_at_once_are_each_as_alone(stocked: World, seed: int) -> None:
    chance = Random(seed)
    people = crowd(stocked, 8, chance)
    now = stocked.clock.now()
    with stocked.store.read() as uow:
        wanted = []
        for who, settings in people:
            member = stocked.member(who)
            wanted.append(Wanted(turn_of(stocked.community, member, uow.rooms.viewer(member), settings, now), settings))
    chance.shuffle(wanted)
    together = stocked.app.compose_digests(wanted)
    for one, letter in zip(wanted, together, strict=True):
        alone = stocked.app.compose_digest(one.turn, one.settings)
        assert plain(letter.view) == plain(alone.view)
        assert replace(letter, view=alone.view) == alone
    assert any(letter.worth_sending for letter in together)


def test_workers_say_what_would_be_said_here(stocked: World, caplog: pytest.LogCaptureFixture) -> None:
    people = crowd(stocked, 6, Random(7))
    now = stocked.clock.now()
    due = [Occurrence(Job.DIGEST, f"member:{settings.member_id}", "p", now) for _, settings in people]
    work = stocked.app.letters().digests.work
    assert isinstance(work, DigestLots)
    work.lot, work.workers = len(due), 1
    community = stocked.community.id
    here = [work.prepare(community, due, now).result(60) for _ in range(RUSH)]
    [start.result(60) for start in work.starts]
    assert work.ahead == 2, "the worker is ready"
    there = work.prepare(community, due, now).result(60)
    assert said(there) == said(here[0]) == said(here[-1])
    assert scores(there) == pytest.approx(scores(here[0]), abs=SINGLE)
    assert any(one.outcome is Outcome.DONE for one in there)
    later = now + timedelta(minutes=1)
    again = work.prepare(community, due, later).result(60)
    directly = stocked.app.prepare_digests(stocked.community, due, later)
    assert said(again) == said(directly)
    assert scores(again) == pytest.approx(scores(directly), abs=SINGLE)
    work.rest()
    assert work.ahead == 1
    assert not caplog.records


def said(prepared: Sequence[Prepared]) -> list[object]:
    """What was prepared for each, without its codes; for scores see below."""
    return [
        (
            one.member_id,
            one.outcome,
            one.note,
            one.message and _CODE.sub("", words_of(one.message)),
            one.items,
            [(shown.item, shown.rank, shown.policy, shown.propensity) for shown in one.exposures],
        )
        for one in sorted(prepared, key=lambda one: one.member_id)
    ]


def scores(prepared: Sequence[Prepared]) -> list[float]:
    """Of everything that was shown, in the order of `said`."""
    return [shown.score for one in sorted(prepared, key=lambda one: one.member_id) for shown in one.exposures]
