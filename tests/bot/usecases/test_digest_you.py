"""What a digest says of its reader is true: accepted answers, help, courses, weeks in a row, hours of a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.digests import DigestSettings, You
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.people import Member, Profile
from bot.domain.schedules import Frequency
from bot.usecases.digest import Wanted
from bot.usecases.digest_sections import yours
from bot.usecases.digest_send import turn_of
from tests.bot.world import World

NOW = datetime(2027, 1, 8, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIN = Member(1, 1, "Lin", timezone="UTC", profile=Profile(weekly_hours=3))


def act(signal: Signal, days_ago: float, item: str = "course:a", value: float = 1.0) -> Interaction:
    at = NOW - days_ago * DAY
    return Interaction(1, ItemId(item), signal, at, f"{signal}:{item}:{days_ago}", value)


def you(*acts: Interaction, since: int = 7, whole: bool = True, opened: tuple[str, ...] = ()) -> You:
    history = sorted(acts, key=lambda one: one.at)
    return yours(LIN, history, {"course:a": 10.0}, (), opened, NOW - since * DAY, NOW, whole=whole)


def test_hours_are_those_of_a_week_whatever_the_digest_covers() -> None:
    steps = [
        act(Signal.PROGRESS, 20, value=0.2),
        act(Signal.PROGRESS, 3, value=0.5),
        act(Signal.PROGRESS, 1, value=0.4),
    ]
    for since in (1, 7, 31):
        assert you(*steps, since=since).hours == pytest.approx(3.0)
    assert you(*steps).goal == 3


def test_a_course_counts_once_and_going_back_counts_nothing() -> None:
    steps = [act(Signal.PROGRESS, 5, value=0.3), act(Signal.PROGRESS, 4, value=0.5), act(Signal.PROGRESS, 3, value=0.1)]
    assert (you(*steps).courses, you(*steps).finished) == (1, 0)
    assert (you(*steps, act(Signal.COMPLETE, 2)).courses, you(*steps, act(Signal.COMPLETE, 2)).finished) == (0, 1)
    assert you(act(Signal.PROGRESS, 9, value=0.5), act(Signal.PROGRESS, 3, value=0.2)).courses == 0


def test_what_went_before_a_cut_history_is_not_made_up() -> None:
    late = act(Signal.PROGRESS, 1, value=0.9)
    assert you(late).hours == pytest.approx(9.0)
    assert you(late, whole=False).hours == 0


def test_answering_in_ones_own_discussion_helps_nobody() -> None:
    replies = [act(Signal.REPLY, 1, "post:1"), act(Signal.REPLY, 1, "post:2"), act(Signal.REPLY, 2, "post:2")]
    assert you(*replies, opened=("post:1",)).answers == 1


def told(world: World, who: str = "lin") -> You:
    with world.store.read() as uow:
        member = world.member(who)
        viewer = uow.rooms.viewers([member])[member.id]
        settings = DigestSettings(member.id, enabled=True, frequency=Frequency.WEEKLY)
    turn = turn_of(world.community, member, viewer, settings, world.clock.now())
    (letter,) = world.app.compose_digests([Wanted(turn, settings)])
    return letter.you


def test_answers_are_accepted_by_whoever_marks_them_and_only_while_they_do(stocked: World) -> None:
    """The mark is what everybody sees on the message, on every platform."""
    stocked.arrives("lin")
    question = stocked.says("ann", "How do I share a connection between tasks?")
    answer = stocked.says("lin", "Put it into a pool and clone the handle.", reply_to=question)
    stocked.clock.go_on(seconds=3600)
    assert told(stocked).solved == 0
    stocked.reacts("lin", answer, "✅")
    assert told(stocked).solved == 0, "nobody accepts their own answer"
    stocked.reacts("ann", answer, "✅")
    stocked.reacts("ben", answer, "✅")
    assert told(stocked).solved == 1
    assert told(stocked, "ann").solved == 0
    stocked.clock.go_on(seconds=60)
    stocked.reacts("ann", answer, "✅", present=False)
    stocked.reacts("ben", answer, "✅", present=False)
    assert told(stocked).solved == 0
    stocked.clock.go_on(seconds=60)
    stocked.reacts("ann", answer, "✅")
    assert told(stocked).solved == 1
    stocked.deletes(answer)
    assert told(stocked).solved == 0


def test_a_row_of_weeks_is_as_long_as_it_is(stocked: World) -> None:
    """Also for somebody who does more in a few weeks than the ranking looks back at."""
    stocked.arrives("lin", consent=tuple(ConsentKind))
    now = stocked.clock.now()
    with stocked.store.write() as uow:
        member = stocked.member("lin").id
        uow.interactions.add_many(
            stocked.community.id,
            [
                Interaction(
                    member, ItemId("course:rust-start"), Signal.PROGRESS, now - n * timedelta(hours=20), f"x{n}", 0.5
                )
                for n in range(420)
            ],
        )
        uow.commit()
    assert told(stocked).streak in {50, 51}
