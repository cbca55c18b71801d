"""What a host typed into a form, read: lengths, reminders, seats, places. Knows two languages; knows no clock.

Moments and lengths are understood by `bot.usecases.times`. Every reader gives what was meant, or what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.events import (
    MAX_CAPACITY,
    MAX_MINUTES,
    MAX_PLACE,
    MAX_REMINDER,
    MAX_REMINDERS,
    MAX_TITLE,
    PlaceKind,
    Venue,
)
from bot.domain.forms import Choice, Unsure
from bot.domain.localtime import settle
from bot.domain.rooms import Room
from bot.domain.text import clean_line
from bot.usecases.times.when import Doubt, NotUnderstood, Understood, Which, length, when
from bot.usecases.times.when import Problem as WhenProblem
from bot.wording import Wording


@dataclass(frozen=True, slots=True)
class Problem:
    """The id of a sentence, with what it names."""

    message: str
    given: Mapping[str, str | int] = field(default_factory=dict)
    readings: tuple[Choice, ...] = ()

    def said(self, wording: Wording) -> str:
        return wording.say(self.message, **self.given)

    def asked(self, wording: Wording) -> str | Unsure:
        """With what may be meant, where it may be one of several."""
        return Unsure(self.said(wording), self.readings) if self.readings else self.said(wording)


_DAYS: Final = re.compile(r"(\d{1,3}|[一二两三四五六七])\s*(days?|d|天|日|weeks?|w|周|个?星期)(?![a-z])\s*(.*)")
_HAN: Final = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_NONE: Final = frozenset({"0", "-", "none", "no", "off", "无", "没有", "不", "不提醒", "不限"})
_SEPARATORS: Final = re.compile(r"[,;，；、/+]|\band\b|和")


def minutes(words: str) -> int | Problem:
    """``90``, ``1h30``, ``1.5 h``, ``1:30``, ``两小时``, ``一个半小时``: at least one, at most two weeks."""
    found = _span(words)
    return Problem("event-wrong-length") if found is None or found > MAX_MINUTES else found


def reminders(words: str) -> tuple[int, ...] | Problem:
    """``1 day, 15 min`` as minutes before the start, the longest first; ``none``: no reminders."""
    text = words.strip().casefold()
    if not text or text in _NONE:
        return ()
    found: set[int] = set()
    for piece in filter(None, (part.strip() for part in _SEPARATORS.split(text))):
        span = _span(piece)
        if span is None or not 1 <= span <= MAX_REMINDER:
            return Problem("event-wrong-reminders", {"number": MAX_REMINDERS})
        found.add(span)
    if len(found) > MAX_REMINDERS:
        return Problem("event-wrong-reminders", {"number": MAX_REMINDERS})
    return tuple(sorted(found, reverse=True))


def seats(words: str) -> int | Problem:
    """A number; 0 or nothing: as many as come."""
    text = words.strip().casefold().replace(" ", "").replace("_", "")
    if not text or text in _NONE:
        return 0
    if not (text.isascii() and text.isdecimal()) or len(text) > 12 or int(text) > MAX_CAPACITY:
        return Problem("event-wrong-seats", {"number": MAX_CAPACITY})
    return int(text)


def title(words: str) -> str | Problem:
    """One line that says something: letters or digits of any script, within what every platform shows."""
    line = clean_line(words, limit=10 * MAX_TITLE)
    if len(line) > MAX_TITLE:
        return Problem("event-wrong-title-long", {"number": MAX_TITLE})
    if not any(char.isalnum() for char in line):
        return Problem("event-wrong-title")
    return line


def venue(words: str, rooms: Sequence[Room]) -> Venue | Problem:
    """A link, the name of one of `rooms` (``#stage``), or words."""
    text = clean_line(words, limit=2 * MAX_PLACE)
    if not text or text in {"-", "none", "无"}:
        return Venue()
    if len(text) > MAX_PLACE:
        return Problem("event-wrong-place", {"number": MAX_PLACE})
    if text.startswith(("https://", "http://")):
        return Venue(PlaceKind.LINK, text) if " " not in text else Problem("event-wrong-link")
    named = text.lstrip("#").casefold()
    room = next((room for room in rooms if room.name.casefold() == named), None)
    if room is not None:
        return Venue(PlaceKind.ROOM, f"#{room.name}", room.id)
    return Venue(PlaceKind.ADDRESS, text)


def start(words: str, wording: Wording, timezone: str, now: datetime) -> datetime | Problem:
    """The moment that is meant, in the organiser's zone. What can be read in two ways is asked about, with both.

    With an offset from UTC, as it stands in those questions (``2026-10-25T02:30+02:00``), nothing is left to ask.
    """
    with suppress(ValueError):
        exact = datetime.fromisoformat(words.strip())
        if exact.tzinfo is not None:
            return exact.astimezone(UTC)
    match when(words, zone=ZoneInfo(timezone), now=now, language=wording.language):
        case Understood(span=span):
            return span.starts_at.astimezone(UTC)
        case Which(doubt=doubt, options=options):
            written = [f"“{_written(option.starts_at, exact=doubt is Doubt.FOLD)}”" for option in options]
            readings = _readings([option.starts_at for option in options], wording, timezone)
            given = {"which": wording.say(f"when-which-{doubt.value}"), "times": " / ".join(written)}
            return Problem("event-which", given, readings)
        case NotUnderstood(problem=WhenProblem.PAST | WhenProblem.TOO_FAR as problem, span=span) if span is not None:
            readings = _readings(_instead(span.starts_at, now), wording, timezone)
            return Problem(f"when-{problem.value}", {"when": wording.in_full(span.starts_at, timezone)}, readings)
        case NotUnderstood(problem=problem):
            return Problem("event-wrong-when", {"why": _why(wording, problem, words)})


def _readings(times: Sequence[datetime], wording: Wording, timezone: str) -> tuple[Choice, ...]:
    """Each in full; where the clock shows one time twice, with its offset."""
    shown = [wording.in_full(at, timezone) for at in times]
    if len(set(shown)) < len(shown):
        shown = [wording.in_full(at, timezone, offset=True) for at in times]
    return tuple(Choice(at.isoformat(timespec="minutes"), label) for at, label in zip(times, shown, strict=True))


def _instead(at: datetime, now: datetime) -> list[datetime]:
    """What may be meant by a time that has passed: the same time on the next such weekday, and on that day of the
    year. Of one that is too far ahead: in this year or the next."""
    local, today = at.replace(tzinfo=None, fold=0), now.astimezone(at.tzinfo).replace(tzinfo=None, fold=0)
    if timedelta() <= today - local < timedelta(days=7):
        found = [local + timedelta(days=days) for days in (1, 7)]
    else:
        found = [_in_year(local, year) for year in (today.year, today.year + 1)]
    zone = at.tzinfo
    assert isinstance(zone, ZoneInfo)
    ahead = sorted({settle(one, zone) for one in found if timedelta() < one - today < timedelta(days=366)})
    return [one for one in ahead if one > now][:3]


def _in_year(local: datetime, year: int) -> datetime:
    """The 29th of February is the 28th in other years."""
    with suppress(ValueError):
        return local.replace(year=year)
    return local.replace(year=year, day=28)


def _written(at: datetime, *, exact: bool) -> str:
    """As it can be typed; with its offset where the clock shows that time twice."""
    return at.isoformat(timespec="minutes") if exact else at.strftime("%Y-%m-%d %H:%M")


def _why(wording: Wording, problem: WhenProblem, words: str) -> str:
    text = clean_line(words, limit=60)
    said = "when-length" if problem is WhenProblem.LENGTH else f"when-{problem.value}"
    return wording.say(said, text=text)


def _span(words: str) -> int | None:
    """Minutes in ``1h30``, ``2 days 3 hours``, ``90``; None where anything is left over that is no length."""
    text = words.strip().casefold()
    found = _DAYS.fullmatch(text)
    if found is None:
        return length(text)
    count = _HAN.get(found[1]) or int(found[1])
    days = count * (7 if found[2][0] == "w" or found[2][-1] in "周期" else 1)
    rest = length(found[3]) if found[3] else 0
    return None if rest is None or not days else days * 1440 + rest
