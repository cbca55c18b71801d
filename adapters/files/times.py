"""Moments as files write them, to aware times in UTC. Knows notations; knows no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(\.\d{1,9})?")
_COMPACT_DATE: Final = re.compile(r"(19|20|21)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_MILLISECONDS_FROM: Final = 1e11
"""As seconds this is the year 5138, as milliseconds 1973: no moment is meant by both."""

_ISO_HINT: Final = "write ISO 8601 such as 2024-05-01T18:30:00+08:00"


class NoZone(ValueError):
    """A local time without an offset, and nothing that says which zone it is of."""


def moment_of(value: object, timezone: tzinfo | None = None) -> datetime:
    """ISO 8601 text or epoch seconds or milliseconds, in UTC; `timezone` is where local times are from.

    Raises NoZone for a local time without `timezone`, ValueError for everything else that is no moment between
    1970 and 2200; the text says what to write.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(_ISO_HINT)  # noqa: TRY004 - a wrong cell, not a wrong program
    text = str(value).strip() if not isinstance(value, float) else f"{value:f}"
    if _COMPACT_DATE.fullmatch(text):
        raise ValueError(f"is {text[:20]!r} a date? {_ISO_HINT}")
    if _NUMBER.fullmatch(text):
        return epoch(text)
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a time; {_ISO_HINT}") from None
    return in_utc(found, timezone)


def epoch(text: str) -> datetime:
    """Epoch seconds, or milliseconds where the number is too large for seconds."""
    try:
        seconds = float(text)
        if abs(seconds) >= _MILLISECONDS_FROM:
            seconds /= 1000
        found = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise ValueError(f"{text[:40]!r} is not a time in seconds or milliseconds since 1970") from None
    return in_utc(found, None)


def in_utc(found: datetime, timezone: tzinfo | None) -> datetime:
    """`found` in UTC; a naive one is local to `timezone`. Raises NoZone or ValueError as `moment_of`."""
    if found.tzinfo is None:
        if timezone is None:
            raise NoZone(f"{found.isoformat()} has no time zone; add an offset such as +08:00 or give --timezone")
        found = found.replace(tzinfo=timezone)
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{found.isoformat()} is out of range") from None
    if not EARLIEST <= found < LATEST:
        raise ValueError(f"{found.isoformat()} is not between 1970 and 2200")
    return found
