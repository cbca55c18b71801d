"""Series against dateutil's rrule (RFC 5545, by others) in many zones and over every kind of night."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule, tz
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.localtime import Fold, Gap, Once, on_clock
from bot.domain.recurrence import LAST, MOST, Recurrence, Repeats, nth_weekday, places_of

ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Europe/Berlin",
    "Europe/London",
    "Africa/Casablanca",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Asia/Gaza",
    "Africa/Cairo",
]
STARTS = st.datetimes(datetime(2009, 1, 1), datetime(2035, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def series(draw: st.DrawFn) -> Recurrence:
    start = draw(STARTS)
    repeats = draw(st.sampled_from([Repeats.WEEKLY, Repeats.BIWEEKLY, Repeats.MONTHLY]))
    nth = draw(st.sampled_from(places_of(start.date()) or (LAST,))) if repeats is Repeats.MONTHLY else None
    ends = draw(st.sampled_from(["never", "until", "times"]))
    until = start.date() + timedelta(days=draw(st.integers(0, 900))) if ends == "until" else None
    times = draw(st.integers(1, 60)) if ends == "times" else None
    return Recurrence(start, draw(st.sampled_from(ZONES)), repeats, nth, until, times)


def by_others(one: Recurrence) -> Any:
    """The wall clock times by dateutil."""
    weekday = rrule.weekday(one.start.weekday())
    return rrule.rrule(
        rrule.MONTHLY if one.repeats is Repeats.MONTHLY else rrule.WEEKLY,
        dtstart=one.start,
        interval=2 if one.repeats is Repeats.BIWEEKLY else 1,
        byweekday=weekday(one.nth) if one.nth else weekday,
        until=datetime.combine(one.until, time.max) if one.until else None,
        count=one.times,
    )


@given(series())
def test_the_days_and_moments_are_those_of_rrule(one: Recurrence) -> None:
    walls = list(islice(by_others(one), 80))
    ours = list(islice(one.instances(), 80))
    assert [one.day(index) for index, _ in ours] == [wall.date() for wall in walls]
    for (_, start), wall in zip(ours, walls, strict=True):
        # The moment by dateutil's own zones and its own way out of a gap.
        theirs = tz.resolve_imaginary(wall.replace(tzinfo=tz.gettz(one.timezone), fold=0))
        assert start.astimezone(UTC) == theirs.astimezone(UTC)


@given(series(), st.integers(0, 1500))
def test_what_comes_next_is_what_comes_after(one: Recurrence, days: int) -> None:
    moment = one.start.replace(tzinfo=UTC) + timedelta(days=days)
    coming = one.after(moment, limit=3)
    assert coming == [(i, at) for i, at in one.instances() if at.astimezone(UTC) > moment][:3]


def test_a_series_keeps_its_local_time_when_clocks_change() -> None:
    one = Recurrence(datetime(2026, 10, 20, 19, 30), "Europe/Berlin", Repeats.WEEKLY, times=2)
    assert [f"{at:%F %R %z}" for _, at in one.instances()] == ["2026-10-20 19:30 +0200", "2026-10-27 19:30 +0100"]


def test_an_instance_in_a_gap_is_that_much_later_and_the_next_is_as_usual() -> None:
    one = Recurrence(datetime(2027, 3, 21, 2, 30), "Europe/Berlin", Repeats.WEEKLY, times=3)
    assert [f"{at:%F %R}" for _, at in one.instances()] == ["2027-03-21 02:30", "2027-03-28 03:30", "2027-04-04 02:30"]


def test_an_instance_in_a_fold_is_the_first_of_the_two() -> None:
    one = Recurrence(datetime(2026, 10, 18, 2, 30), "Europe/Berlin", Repeats.WEEKLY, times=2)
    assert [f"{at:%F %R %z}" for _, at in one.instances()] == ["2026-10-18 02:30 +0200", "2026-10-25 02:30 +0200"]


def test_the_last_friday_is_the_last_in_every_month() -> None:
    one = Recurrence(datetime(2026, 1, 30, 18, 0), "UTC", Repeats.MONTHLY, nth=LAST, until=date(2026, 12, 31))
    days = [at.date() for _, at in one.instances()]
    assert len(days) == 12
    assert all(day.weekday() == 4 and (day + timedelta(days=7)).month != day.month for day in days)


def test_a_day_knows_its_places_in_the_month() -> None:
    assert places_of(date(2026, 11, 27)) == (4, LAST)
    assert places_of(date(2026, 11, 20)) == (3,)
    assert places_of(date(2026, 10, 30)) == (LAST,)
    assert nth_weekday(2026, 12, 4, LAST) == date(2026, 12, 25)


def test_what_happens_once_happens_once_and_nothing_goes_on_for_ever() -> None:
    once = Recurrence(datetime(2026, 11, 27, 19, 30), "Asia/Shanghai")
    assert [index for index, _ in once.instances()] == [0]
    assert once.rule() is None
    weekly = Recurrence(datetime(2026, 11, 27, 19, 30), "Asia/Shanghai", Repeats.WEEKLY)
    assert sum(1 for _ in weekly.instances()) == MOST
    late = Recurrence(datetime(9999, 12, 20), "UTC", Repeats.WEEKLY)
    assert sum(1 for _ in late.instances()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": datetime(2026, 11, 27, tzinfo=UTC)},
        {"repeats": Repeats.MONTHLY},
        {"repeats": Repeats.WEEKLY, "nth": 1},
        {"repeats": Repeats.MONTHLY, "nth": 5},
        {"repeats": Repeats.MONTHLY, "nth": 2},
        {"repeats": Repeats.WEEKLY, "times": 3, "until": date(2027, 1, 1)},
        {"repeats": Repeats.WEEKLY, "times": 0},
        {"repeats": Repeats.WEEKLY, "times": 10**9},
        {"repeats": Repeats.WEEKLY, "until": date(2026, 11, 26)},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Recurrence(**{"start": datetime(2026, 11, 27), "timezone": "UTC", **wrong})


@given(STARTS, st.sampled_from(ZONES))
def test_a_wall_clock_shows_a_moment_once_never_or_twice(wall: datetime, name: str) -> None:
    zone, other = ZoneInfo(name), tz.gettz(name)
    match on_clock(wall, zone):
        case Once(at=at):
            assert at.replace(tzinfo=None) == wall
            assert tz.datetime_exists(wall, other)
            assert not tz.datetime_ambiguous(wall, other)
        case Gap(before=before, after=after):
            assert not tz.datetime_exists(wall, other)
            assert before.replace(tzinfo=None) < wall < after.replace(tzinfo=None)
        case Fold(first=first, second=second):
            assert tz.datetime_ambiguous(wall, other)
            assert first.replace(tzinfo=None) == second.replace(tzinfo=None) == wall
            assert first.astimezone(UTC) < second.astimezone(UTC)
