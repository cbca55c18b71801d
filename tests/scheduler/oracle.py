"""An independent reckoning of local time: walks through the minutes of a zone. Shares no code with `scheduler`.

It goes from instants to what the clocks show, where the code under test goes from the clocks to the instant.
"""

from __future__ import annotations

from calendar import Calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_STEP = 900


@lru_cache(maxsize=4)
def transitions(zone: str, first_year: int, last_year: int) -> tuple[int, ...]:
    """Seconds of the epoch at which the offset of `zone` changes, found by looking at every quarter of an hour."""
    info = ZoneInfo(zone)
    at = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp()) - 3 * 86400
    end = int(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp()) + 3 * 86400
    found = []
    before = _offset(at, info)
    coarse = 6 * 3600
    while at < end:
        after = _offset(at + coarse, info)
        middle = _offset(at + coarse // 2, info)
        if after != before or middle != before:
            for quarter in range(at, at + coarse, _STEP):
                if _offset(quarter, info) == _offset(quarter + _STEP, info):
                    continue
                low, high = quarter, quarter + _STEP
                while low + 1 < high:
                    half = (low + high) // 2
                    low, high = (half, high) if _offset(half, info) == _offset(quarter, info) else (low, half)
                found.append(high)
        at += coarse
        before = after
    return tuple(found)


def _offset(at: int, info: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at, UTC).astimezone(info).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


class Clocks:
    """What the clocks of a zone show, as stretches of constant offset, and what follows for a (date, time)."""

    def __init__(self, zone: str, first_year: int, last_year: int) -> None:
        info = ZoneInfo(zone)
        start = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp()) - 3 * 86400
        self.starts = [start, *transitions(zone, first_year, last_year)]
        self.offsets = [_offset(at, info) for at in self.starts]

    def first_showing(self, day: date, at: time) -> int:
        """The first second at which the clocks have reached (day, at): exactly it, or past it after a leap."""
        wanted = int(datetime.combine(day, at, tzinfo=UTC).timestamp())
        for number, (start, offset) in enumerate(zip(self.starts, self.offsets, strict=True)):
            end = self.starts[number + 1] if number + 1 < len(self.starts) else None
            if end is not None and end + offset <= wanted:
                continue  # this stretch ends before the clocks get there
            return max(wanted - offset, start)
        raise AssertionError("the last stretch has no end")

    def lived(self, day: date) -> bool:
        """Whether any second of `day` was shown."""
        begin = int(datetime.combine(day, time(0), tzinfo=UTC).timestamp())
        for number, (start, offset) in enumerate(zip(self.starts, self.offsets, strict=True)):
            end = self.starts[number + 1] if number + 1 < len(self.starts) else begin + 10 * 86400
            if start + offset < begin + 86400 and end + offset > begin:
                return True
        return False


def monthly(zone: str, at: time, *, weekday: int, first_year: int, last_year: int) -> list[tuple[str, int]]:
    """(local date, second of the epoch) of the first `weekday` of every month, by crossing off the days of a calendar
    on the wall: the first row in which that column has a number."""
    clocks = Clocks(zone, first_year, last_year)
    runs = []
    for year in range(first_year, last_year + 1):
        for month in range(1, 13):
            rows = Calendar(firstweekday=0).monthdayscalendar(year, month)
            day = date(year, month, next(row[weekday] for row in rows if row[weekday]))
            runs.append((day.isoformat(), clocks.first_showing(day, at)))
    return runs


def expected(zone: str, at: time, *, weekly: int | None, first_year: int, last_year: int) -> list[tuple[str, int]]:
    """(local date, second of the epoch) of every run of the years; `weekly` is a weekday or None for daily."""
    clocks = Clocks(zone, first_year, last_year)
    runs = []
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        wanted = clocks.lived(day) if weekly is None else day.isoweekday() - 1 == weekly
        if wanted:
            runs.append((day.isoformat(), clocks.first_showing(day, at)))
        day += timedelta(days=1)
    return runs
