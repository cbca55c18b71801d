"""A month as one member sees it: whole weeks, their own zone, what they may see, and where they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.calendar import CalendarFeed
from bot.domain.events import EventState
from bot.domain.guests import Standing
from bot.usecases.calendars.agenda import agenda
from bot.usecases.calendars.month import EARLIEST, LATEST, Month, month_named, month_of
from bot.usecases.events.publishing import Hosting
from tests.bot.reading import words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, planned
from tests.bot.world import World

JANUARY = date(2027, 1, 1)


@pytest.fixture
def hosts(world: World) -> Hosts:
    made = Hosts(world)
    world.arrives("lin")
    return made


def seen(world: World, who: str, first: date = JANUARY) -> Month:
    with world.store.read() as uow:
        return month_of(uow, world.member(who), first, world.clock.now())


def shown(month: Month) -> dict[str, list[str]]:
    return {
        f"{day.day:%m-%d}": [f"{one.local:%H:%M} {one.title}" for one in day.happenings]
        for week in month.weeks
        for day in week
        if day.happenings
    }


def test_a_month_is_whole_weeks_from_monday(hosts: Hosts) -> None:
    month = seen(hosts.world, "lin")
    days = [day for week in month.weeks for day in week]
    assert all(len(week) == 7 and week[0].day.weekday() == 0 for week in month.weeks)
    assert [day.day for day in days if day.inside] == [JANUARY + timedelta(days=n) for n in range(31)]
    assert [day.day for day in days if day.today] == [date(2027, 1, 4)]
    assert (month.before, month.after) == (date(2026, 12, 1), date(2027, 2, 1))
    assert month.happenings == 0


def test_an_event_is_on_the_day_that_it_is_for_the_member(hosts: Hosts) -> None:
    hosts.publish("general")
    assert shown(seen(hosts.world, "lin")) == {"01-08": ["19:00 Rust night"]}
    hosts.world.change(replace(hosts.world.member("lin"), timezone="Pacific/Auckland"))
    assert shown(seen(hosts.world, "lin")) == {"01-09": ["08:00 Rust night"]}
    assert shown(seen(hosts.world, "lin", date(2027, 2, 1))) == {}


def test_days_of_the_months_beside_are_filled_too(hosts: Hosts) -> None:
    hosts.publish("general", starts_at=datetime(2027, 2, 6, 12, 0, tzinfo=UTC))
    assert "02-06" in shown(seen(hosts.world, "lin", date(2027, 2, 1)))
    hosts.change(starts_at=datetime(2027, 1, 31, 12, 0, tzinfo=UTC))
    assert "01-31" in shown(seen(hosts.world, "lin"))


def test_it_says_where_one_stands_and_what_was_cancelled(hosts: Hosts) -> None:
    hosts.publish("general", capacity=1)
    hosts.world.arrives("sam")
    hosts.presses("lin", "go")
    (one,) = next(day for week in seen(hosts.world, "lin").weeks for day in week if day.happenings).happenings
    assert (one.standing, one.full, one.number) == (Standing.GOING, False, hosts.event().number)
    (one,) = next(day for week in seen(hosts.world, "sam").weeks for day in week if day.happenings).happenings
    assert (one.standing, one.full) == (None, True)
    hosts.cancel()
    (one,) = next(day for week in seen(hosts.world, "sam").weeks for day in week if day.happenings).happenings
    assert (one.state, one.full) == (EventState.CANCELLED, False)


def test_what_is_not_theirs_to_see_is_not_there(hosts: Hosts) -> None:
    world = hosts.world
    world.joins("hana", "closed", private=True)
    audience = world.room("closed").audience
    hosts.publish("closed:private", audience=audience)
    assert shown(seen(world, "hana")) == {"01-08": ["19:00 Rust night"]}
    assert shown(seen(world, "lin")) == {}


def test_an_event_that_is_over_stays(hosts: Hosts) -> None:
    hosts.publish("general")
    hosts.live_until(EVENING + timedelta(hours=4), timedelta(hours=1))
    assert shown(seen(hosts.world, "lin")) == {"01-08": ["19:00 Rust night"]}


@pytest.mark.parametrize("name", ["2027-13", "2027-1", "1999-12", "2200-01", "x", "", "2027-01-01", "２０２７-01"])
def test_what_is_no_month_is_none(name: str) -> None:
    assert month_named(name) is None


def test_months_end_somewhere(world: World) -> None:
    world.arrives("lin")
    assert month_named("2027-01") == JANUARY
    assert seen(world, "lin", EARLIEST).before is None
    assert seen(world, "lin", LATEST).after is None


def test_a_draft_that_was_given_up_never_was_for_anybody(hosts: Hosts) -> None:
    world = hosts.world
    with world.store.write() as uow:
        hosting = Hosting(uow, world.community, world.clock.now(), "test")
        draft = hosting.create(planned(hosts.hana.id))
        hosting.discard(draft)
        uow.commit()
    for who in ("lin", "hana"):
        assert shown(seen(world, who)) == {}
        assert "or several of that name" in words_of(world.asks(who, "event", str(draft.number)).message)
    assert "no longer there" in world.happens(world.pressing("hana", "v1:manage:tokenofrustnight"))[-1].notice
    with world.store.read() as uow:
        feed = CalendarFeed(hosts.hana.id, "", "", world.clock.now())
        assert agenda(uow, hosts.hana, feed, world.clock.now()) == []
