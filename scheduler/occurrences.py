"""When a schedule is due, by calendar arithmetic. Knows zones and dates; knows no clock, no store and no ticker.

An occurrence belongs to a local date, its `period`, and its moment is computed from (date, local time, IANA zone):

* a time that a zone leaps over (02:30 on a spring night, 00:00 in Cairo) becomes the first moment after the leap;
* a time that comes twice (02:30 on an autumn night) means the first of the two;
* a whole date that a zone left out (Samoa, 2011-12-30) has no daily period; a weekly one moves to the next moment
  there is, because its week exists;
* monthly is the first such weekday of a month;
* biweekly counts ISO weeks from the week of `since` in local time, or from a fixed one when there is no `since`;
* nothing is due before `since`, nor for a date before `paused_until` (the pause ends as that date begins).

So there is exactly one occurrence in a period, whatever the clocks do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from bot.domain.localtime import moment, shown, zone
from bot.domain.schedules import Frequency, Occurrence, Schedule

_EPOCH_WEEK: Final = date(2024, 1, 1)
"""A Monday: the week that biweekly schedules without a `since` count from."""

_DAY: Final = timedelta(days=1)
_SLACK: Final = 2 * _DAY
"""A moment and its local date are less than two days apart: offsets reach from -12 to +14 hours, leaps up to 24."""

_NEVER: Final = date(9000, 1, 1)


def zone_of(schedule: Schedule) -> ZoneInfo:
    """The schedule's zone; ValueError names one that this machine does not know."""
    return zone(schedule.timezone)


def due(schedule: Schedule, *, after: datetime, until: datetime) -> list[Occurrence]:
    """Occurrences with after < due_at <= until (both aware), oldest first. ValueError for an unknown zone."""
    found = []
    for occurrence in _occurrences(schedule, after):
        if occurrence.due_at > until:
            break
        found.append(occurrence)
    return found


def next_due(schedule: Schedule, after: datetime) -> Occurrence | None:
    """The first occurrence later than `after`; None when the schedule is off or disabled."""
    return next(islice(_occurrences(schedule, after), 1), None)


def _exists(day: date, where: ZoneInfo) -> bool:
    return shown(moment(day, time(0), where), where).date() == day


def _occurrences(schedule: Schedule, after: datetime) -> Iterator[Occurrence]:
    """All of them later than `after`, in order."""
    where = zone_of(schedule)
    daily = schedule.frequency is Frequency.DAILY
    start = after.astimezone(UTC) - _SLACK
    if schedule.since is not None:
        start = max(start, schedule.since.astimezone(UTC) - _SLACK)
    for day in _dates(schedule, start.date(), where):
        if schedule.paused_until is not None and day < schedule.paused_until:
            continue
        due_at = moment(day, schedule.at, where)
        if due_at <= after or (schedule.since is not None and due_at < schedule.since):
            continue
        if daily and not _exists(day, where):
            continue
        yield Occurrence(schedule.job, schedule.recipient, day.isoformat(), due_at)


def _dates(schedule: Schedule, start: date, where: ZoneInfo) -> Iterator[date]:
    """Local dates of the schedule from `start` on, not yet looking at clocks."""
    if not schedule.enabled:
        return
    if schedule.paused_until is not None:
        start = max(start, schedule.paused_until)
    match schedule.frequency:
        case Frequency.OFF:
            return
        case Frequency.MONTHLY:
            yield from _monthly(start, schedule.weekday)
            return
        case Frequency.DAILY:
            step = 1
        case Frequency.WEEKLY:
            step = 7
        case Frequency.BIWEEKLY:
            step = 14
        case _:
            assert_never(schedule.frequency)
    day = start
    if step > 1:
        day += timedelta(days=(schedule.weekday - start.weekday()) % 7)
    if step == 14 and (_week(day) - _anchor(schedule, where)).days % 14:
        day += 7 * _DAY
    while day < _NEVER:
        yield day
        day += step * _DAY


def _monthly(start: date, weekday: int) -> Iterator[date]:
    """The first such weekday of every month, from `start` on."""
    first = start.replace(day=1)
    while first < _NEVER:
        day = first + timedelta(days=(weekday - first.weekday()) % 7)
        if day >= start:
            yield day
        first = (first + timedelta(days=31)).replace(day=1)


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _anchor(schedule: Schedule, where: ZoneInfo) -> date:
    if schedule.since is None:
        return _EPOCH_WEEK
    return _week(schedule.since.astimezone(where).date())
