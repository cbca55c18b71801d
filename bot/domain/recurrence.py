"""How an event repeats: weekly, every two weeks, on the nth weekday of the month. Knows calendars; knows no clock.

A series keeps its *local* time in the organiser's zone: 19:30 stays 19:30 when clocks change. Where a night has no such
time, that instance starts as much later as the clock jumps (02:30 at 03:30); where it comes twice, the first counts
(`bot.domain.localtime.settle`). Only that instance moves; the next is at the usual time again. The rules are those of
RFC 5545 for FREQ=WEEKLY and FREQ=MONTHLY with BYDAY, so that a calendar shows what we plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.localtime import settle

MOST: Final = 520
"""Instances of a series that are ever looked at: ten years of weeks."""
LAST: Final = -1
"""`nth` for the last such weekday of a month."""
WEEKDAY_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Repeats(StrEnum):
    NONE = "none"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """From the local time `start` in `timezone`. `nth` (monthly only): 1 to 4, or `LAST`; its weekday is the start's.

    At most one of `until` (the last local day, inclusive) and `times` (instances in all, the first counts); neither:
    on and on.
    """

    start: datetime
    timezone: str
    repeats: Repeats = Repeats.NONE
    nth: int | None = None
    until: date | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None:
            raise ValueError("a series starts at a wall clock time; its zone is named beside it")
        if (self.repeats is Repeats.MONTHLY) != (self.nth is not None):
            raise ValueError("nth belongs to a monthly series, and to no other")
        if self.nth is not None and self.nth not in {1, 2, 3, 4, LAST}:
            raise ValueError(f"nth must be 1-4 or {LAST} (the last), got {self.nth}")
        if self.nth is not None and self.nth not in places_of(self.start.date()):
            raise ValueError(f"{self.start.date()} is not that weekday of its month")
        if self.until is not None and self.times is not None:
            raise ValueError("a series ends on a day or after so many times, not both")
        if self.times is not None and not 1 <= self.times <= MOST:
            raise ValueError(f"a series has 1 to {MOST} instances, got {self.times}")
        if self.until is not None and self.until < self.start.date():
            raise ValueError("a series cannot end before it starts")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def day(self, index: int) -> date | None:
        """The local day of an instance (0 is the first); None: the series has ended by then."""
        if index < 0:
            raise ValueError(f"instances are counted from 0, got {index}")
        times = 1 if self.repeats is Repeats.NONE else self.times or MOST
        if index >= times:
            return None
        day = self._day(index)
        return None if day is None or (self.until is not None and day > self.until) else day

    def at(self, index: int) -> datetime | None:
        """When an instance starts, aware, in the series' zone; None: the series has ended by then."""
        day = self.day(index)
        return None if day is None else settle(datetime.combine(day, self.start.time()), self.zone)

    def instances(self) -> Iterator[tuple[int, datetime]]:
        """(index, start) of every one in order, at most `MOST`."""
        for index in count():
            start = self.at(index)
            if start is None:
                return
            yield index, start

    def after(self, moment: datetime, *, limit: int) -> list[tuple[int, datetime]]:
        """The next `limit` that start after `moment`."""
        utc = moment.astimezone(UTC)
        return list(islice(((i, start) for i, start in self.instances() if start.astimezone(UTC) > utc), limit))

    def _day(self, index: int) -> date | None:
        first = self.start.date()
        try:
            match self.repeats:
                case Repeats.NONE:
                    return first
                case Repeats.WEEKLY:
                    return first + timedelta(weeks=index)
                case Repeats.BIWEEKLY:
                    return first + timedelta(weeks=2 * index)
                case Repeats.MONTHLY:
                    assert self.nth is not None
                    year, month = divmod(first.year * 12 + first.month - 1 + index, 12)
                    return nth_weekday(year, month + 1, first.weekday(), self.nth)
        except (OverflowError, ValueError):  # beyond the year 9999
            return None

    def rule(self) -> dict[str, object] | None:
        """The parts of its RRULE as RFC 5545 names them, UNTIL in UTC as section 3.3.10 asks for; None: it does not
        repeat."""
        if self.repeats is Repeats.NONE:
            return None
        parts: dict[str, object] = {"FREQ": "WEEKLY", "BYDAY": WEEKDAY_CODES[self.start.weekday()]}
        if self.repeats is Repeats.BIWEEKLY:
            parts["INTERVAL"] = 2
        if self.repeats is Repeats.MONTHLY:
            parts |= {"FREQ": "MONTHLY", "BYDAY": f"{self.nth}{parts['BYDAY']}"}
        if self.times is not None:
            parts["COUNT"] = self.times
        if self.until is not None:
            parts["UNTIL"] = settle(datetime.combine(self.until, time(23, 59, 59)), self.zone).astimezone(UTC)
        return parts


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The `nth` (1-4 or `LAST`) such weekday (0 is Monday) of a month. Every month has them."""
    if nth == LAST:
        after = date(year + month // 12, month % 12 + 1, 1)
        return after - timedelta(days=(after.weekday() - weekday - 1) % 7 + 1)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def places_of(day: date) -> tuple[int, ...]:
    """What a day is among the same weekdays of its month: its number up to 4, and `LAST` where it is that too."""
    place = (day.day - 1) // 7 + 1
    last = (day + timedelta(days=7)).month != day.month
    return tuple(nth for nth, so in ((place, place <= 4), (LAST, last)) if so)
