"""What a local time of a zone is in the world: one moment, none (clocks went forward) or two (back).

Knows zones; knows no clock. Everything that turns a wall clock into moments stands on it: what people type, series.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Once:
    """The usual case."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """No clock of the zone ever shows it. `before`, `after`: the same moment counted with the clock of either side.

    02:30 in a night whose clocks jump from 02:00 to 03:00: `before` is 01:30, `after` is 03:30.
    """

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """The clock shows it twice: `first` before it is set back, `second` after."""

    first: datetime
    second: datetime


Local = Once | Gap | Fold


def on_clock(wall: datetime, zone: ZoneInfo) -> Local:
    """What the wall time `wall` (naive) is in `zone`; moments are aware, in that zone.

    By the rule of PEP 495: of a time in a gap, ``fold=0`` counts with the offset from before it and so lands after it.
    """
    early, late = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    first, second = (moment.astimezone(UTC) for moment in (early, late))
    if first == second:
        return Once(early)
    if first < second:
        return Fold(early, late)
    return Gap(before=second.astimezone(zone), after=first.astimezone(zone))


def settle(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment to use where nobody can be asked, such as the next instances of a series.

    In a gap the time after it (what `before`'s clock would show), in a fold the first: nobody comes too late.
    """
    match on_clock(wall, zone):
        case Once(at=at):
            return at
        case Gap(after=after):
            return after
        case Fold(first=first):
            return first


def later(at: datetime, by: timedelta) -> datetime:
    """`at` plus time that passes, in its own zone: aware arithmetic of Python moves the wall clock instead."""
    return (at.astimezone(UTC) + by).astimezone(at.tzinfo)


def zone(name: str) -> ZoneInfo:
    """ValueError names one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of zones is an OSError
        raise ValueError(f"no such time zone: {name!r}") from error


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which clocks in `zone` show `at` on `day`, or, where they never do, a later time."""
    wanted = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    found = wanted.replace(tzinfo=zone).astimezone(UTC)
    if shown(found, zone) == wanted:
        return found
    # The clocks leap over it. Read with the offset after the leap it lies before the leap, and the other way round:
    # between the two, what the clocks show passes `wanted` exactly once, at the leap.
    early = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = int(early.timestamp()), -int(-found.timestamp() // 1)
    while low + 1 < high:
        middle = (low + high) // 2
        if shown(datetime.fromtimestamp(middle, UTC), zone) < wanted:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def shown(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show then: naive, and the same at both of two instants that they show alike."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)
