"""One occurrence in every local period, whatever the clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedules import Frequency, Job, Schedule
from scheduler.occurrences import due, moment, next_due
from tests.scheduler.oracle import expected, monthly

TIMES = (time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(9, 0))
# Leaps at midnight, of half an hour, two hours and a whole day, or none at all; and every seventy-fifth of the rest.
SPIKY = (
    "Africa/Cairo",
    "America/Asuncion",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
)
ZONES = sorted({*SPIKY, *sorted(available_timezones())[::75]})


def schedule(zone: str = "Europe/Berlin", **more: object) -> Schedule:
    return replace(Schedule(Job.DIGEST, "member:1", zone), **more)  # type: ignore[arg-type]


def local(zone: str, *numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("years", [(2010, 2011), (2027, 2027)])
def test_agrees_with_a_walk_through_the_hours_of_the_zone(zone: str, years: tuple[int, int]) -> None:
    begin = datetime(years[0], 1, 1, tzinfo=UTC) - timedelta(days=4)
    end = datetime(years[1] + 1, 1, 1, tzinfo=UTC) + timedelta(days=3)
    for at in TIMES:
        for weekly in (None, 0):
            frequency = Frequency.DAILY if weekly is None else Frequency.WEEKLY
            found = due(schedule(zone, frequency=frequency, weekday=0, at=at), after=begin, until=end)
            got = [(one.period, int(one.due_at.timestamp())) for one in found]
            assert [run for run in got if years[0] <= int(run[0][:4]) <= years[1]] == expected(
                zone, at, weekly=weekly, first_year=years[0], last_year=years[1]
            )


@pytest.mark.parametrize("zone", SPIKY)
def test_monthly_agrees_with_a_calendar_on_the_wall(zone: str) -> None:
    """Also in February of a leap year, on the nights of the 31st, and where clocks or whole days are leapt over."""
    for years in ((2011, 2012), (2027, 2028)):
        begin = datetime(years[0], 1, 1, tzinfo=UTC) - timedelta(days=4)
        end = datetime(years[1] + 1, 1, 1, tzinfo=UTC) + timedelta(days=3)
        for at in (*TIMES, time(23, 30)):
            for weekday in (0, 6):
                mine = schedule(zone, frequency=Frequency.MONTHLY, weekday=weekday, at=at)
                got = [(one.period, int(one.due_at.timestamp())) for one in due(mine, after=begin, until=end)]
                got = [run for run in got if years[0] <= int(run[0][:4]) <= years[1]]
                assert got == monthly(zone, at, weekday=weekday, first_year=years[0], last_year=years[1])
                assert len(got) == 24


@pytest.mark.parametrize(
    ("since", "months"),
    [
        # Asked for on the 31st, and on the 29th of a February: the next is the first Friday after it.
        (datetime(2028, 1, 31, 23, 59, tzinfo=UTC), ["2028-02-04", "2028-03-03", "2028-04-07"]),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), ["2028-03-03", "2028-04-07", "2028-05-05"]),
        (datetime(2027, 12, 31, 23, 59, tzinfo=UTC), ["2028-01-07", "2028-02-04", "2028-03-03"]),
        # In the first hours of the 1st in Berlin it is the 31st in London still.
        (datetime(2027, 12, 31, 22, 59, tzinfo=UTC), ["2028-01-07", "2028-02-04", "2028-03-03"]),
    ],
)
def test_monthly_from_the_end_of_a_month(since: datetime, months: list[str]) -> None:
    mine = schedule(frequency=Frequency.MONTHLY, weekday=4, at=time(0, 0), since=since)
    found = due(mine, after=since - timedelta(days=40), until=since + timedelta(days=95))
    assert [one.period for one in found][:3] == months


@settings(max_examples=80, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2007, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),
    days=st.integers(1, 60),
    at=st.times(),
    frequency=st.sampled_from([Frequency.DAILY, Frequency.WEEKLY, Frequency.BIWEEKLY, Frequency.MONTHLY]),
    weekday=st.integers(0, 6),
    cut=st.floats(0, 1),
)
def test_asking_in_two_parts_or_one_by_one_is_the_same(
    zone: str, start: datetime, days: int, at: time, frequency: Frequency, weekday: int, cut: float
) -> None:
    mine = schedule(zone, at=at, frequency=frequency, weekday=weekday)
    end = start + timedelta(days=days)
    middle = start + (end - start) * cut
    whole = due(mine, after=start, until=end)
    assert due(mine, after=start, until=middle) + due(mine, after=middle, until=end) == whole
    one_by_one, after = [], start
    while (found := next_due(mine, after)) is not None and found.due_at <= end:
        one_by_one.append(found)
        after = found.due_at
    # Two local dates may share a moment only where a whole evening was left out.
    assert [one.due_at for one in one_by_one] == sorted({one.due_at for one in whole})
    assert all(start < one.due_at <= end for one in whole)
    assert len({one.period for one in whole}) == len(whole)


def test_a_time_that_is_leapt_over_becomes_the_first_moment_after() -> None:
    assert moment(date(2027, 3, 28), time(2, 30), ZoneInfo("Europe/Berlin")) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    cairo = moment(date(2027, 4, 30), time(0, 0), ZoneInfo("Africa/Cairo"))
    assert cairo == datetime(2027, 4, 29, 22, 0, tzinfo=UTC)  # 01:00, the first moment of that day
    assert moment(date(2027, 4, 30), time(0, 59, 59, 999_999), ZoneInfo("Africa/Cairo")) == cairo


def test_a_time_that_comes_twice_means_the_first() -> None:
    berlin = schedule(at=time(2, 30), frequency=Frequency.DAILY)
    night = due(berlin, after=local("Europe/Berlin", 2027, 10, 30, 12), until=local("Europe/Berlin", 2027, 10, 31, 12))
    assert [one.due_at for one in night] == [datetime(2027, 10, 31, 0, 30, tzinfo=UTC)]


def test_a_date_that_a_zone_left_out() -> None:
    begin, end = datetime(2011, 12, 25, tzinfo=UTC), datetime(2012, 1, 3, tzinfo=UTC)
    daily = due(schedule("Pacific/Apia", frequency=Frequency.DAILY), after=begin, until=end)
    assert "2011-12-30" not in [one.period for one in daily]
    assert {"2011-12-29", "2011-12-31"} <= {one.period for one in daily}
    weekly = due(schedule("Pacific/Apia", weekday=4), after=begin, until=end)
    assert [(one.period, one.due_at) for one in weekly] == [
        ("2011-12-30", datetime(2011, 12, 30, 10, 0, tzinfo=UTC))  # midnight of the 31st, when Friday should have ended
    ]


def test_no_week_is_left_out_at_midnight_in_spring() -> None:
    for zone in ("Europe/Berlin", "America/New_York", "Europe/London", "Africa/Cairo", "America/Santiago"):
        mine = schedule(zone, weekday=0, at=time(0, 0))
        found = due(mine, after=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2038, 1, 1, tzinfo=UTC))
        assert all(
            timedelta(days=6, hours=22) < later.due_at - earlier.due_at < timedelta(days=7, hours=2)
            for earlier, later in pairwise(found)
        )


def test_every_other_week_counts_from_the_week_of_the_beginning() -> None:
    since = local("Asia/Tokyo", 2027, 1, 6, 8)  # a Wednesday
    mine = schedule("Asia/Tokyo", frequency=Frequency.BIWEEKLY, weekday=4, since=since)
    assert [one.period for one in due(mine, after=since, until=since + timedelta(days=40))] == [
        "2027-01-08",
        "2027-01-22",
        "2027-02-05",
    ]
    # Monday of the same week has passed: the next is two weeks on.
    first = next_due(replace(mine, weekday=0), since - timedelta(days=90))
    assert first is not None
    assert first.period == "2027-01-18"


def test_every_other_week_without_a_beginning_is_the_same_for_everybody() -> None:
    mine = schedule(frequency=Frequency.BIWEEKLY, weekday=2)
    periods = {
        one.period
        for start in range(30)
        for one in due(
            mine,
            after=datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=start),
            until=datetime(2027, 3, 1, tzinfo=UTC),
        )
    }
    days = sorted(date.fromisoformat(period) for period in periods)
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=14)}


def test_a_pause_ends_as_its_date_begins() -> None:
    mine = schedule(frequency=Frequency.DAILY, paused_until=date(2027, 1, 10))
    found = due(mine, after=datetime(2027, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 12, tzinfo=UTC))
    assert [one.period for one in found] == ["2027-01-10", "2027-01-11"]


def test_nothing_is_due_before_the_beginning() -> None:
    since = local("Europe/Berlin", 2027, 1, 5, 18, 30)  # half an hour after that day's time
    found = next_due(schedule(frequency=Frequency.DAILY, since=since), datetime(2020, 1, 1, tzinfo=UTC))
    assert found is not None
    assert found.period == "2027-01-06"


@pytest.mark.parametrize("mine", [schedule(enabled=False), schedule(frequency=Frequency.OFF)])
def test_off_is_off(mine: Schedule) -> None:
    assert next_due(mine, datetime(2027, 1, 1, tzinfo=UTC)) is None
    assert due(mine, after=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe", "a" * 5000, "\0"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        next_due(schedule(zone), datetime(2027, 1, 1, tzinfo=UTC))
