"""Free text to the moment that is meant, in the organiser's zone: understood, one of several, or what is wrong.

Knows English and Chinese; knows no clock, no store. Nothing is guessed in silence: what can be read in two ways is
handed back with both, and whoever shows a moment shows it in full (`bot.wording.Wording.in_full`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.localtime import Fold, Gap, Once, later, on_clock, settle
from bot.domain.text import clean_line
from bot.usecases.times import clock, days
from bot.usecases.times.chinese import in_english
from recsys.encoders.text import simplified

MAX_WORDS: Final = 120
FURTHEST: Final = timedelta(days=3 * 366)
LONGEST: Final = 7 * 24 * 60
"""Minutes that an event may last."""
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_FROM_NOW: Final = re.compile(
    r"(?:in )?(?:(?P<hours>\d{1,4}(?:\.\d+)?) (?:hours?|hrs?|h)\b)?\s*(?:and )?"
    r"(?:(?P<minutes>\d{1,5}) (?:minutes?|mins?|m)\b)?(?: from now| (?P<ago>ago))?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """`starts_at` aware, in the zone asked for. `minutes`: how long, where that was said."""

    starts_at: datetime
    minutes: int | None = None


class Doubt(StrEnum):
    """Why there are several."""

    DAY = "day"
    HALF = "half"
    """In the morning or in the evening."""
    MIDNIGHT = "midnight"
    GAP = "gap"
    """No clock shows that time in that night; these are next to it."""
    FOLD = "fold"
    """The clock shows it twice."""


class Problem(StrEnum):
    UNREADABLE = "unreadable"
    NO_DAY = "no-day"
    NO_TIME = "no-time"
    PAST = "past"
    TOO_FAR = "too-far"
    CONTRADICTION = "contradiction"
    NO_SUCH_TIME = "no-such-time"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Understood:
    span: Span


@dataclass(frozen=True, slots=True)
class Which:
    """All of them are in the future; earliest first, two to four."""

    doubt: Doubt
    options: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """`span`: what was read all the same (a moment that has passed)."""

    problem: Problem
    span: Span | None = None


When = Understood | Which | NotUnderstood


def when(text: str, *, zone: ZoneInfo, now: datetime, language: str) -> When:
    """What `text` means to somebody in `zone` at `now` (aware); `language` decides how 7/11 is read."""
    han = _HAN.search(text) is not None
    local = now.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    words = _prepared(text, wall.year)
    if (exact := _from_now(words)) is not None:
        return _checked([(Span(later(local, exact)), None)], now)
    try:
        read = clock.read(words)
    except clock.Impossible:
        return NotUnderstood(Problem.NO_SUCH_TIME)
    if read.minutes is not None and not 1 <= read.minutes <= LONGEST:
        return NotUnderstood(Problem.LENGTH)
    try:
        # In Chinese the month comes first; in English it depends on where one is from.
        day = days.read(read.rest, wall, month_first=True if han or language == "zh" else None)
    except days.Contradiction:
        return NotUnderstood(Problem.CONTRADICTION)
    except days.Unreadable:
        return NotUnderstood(Problem.UNREADABLE)
    readings: tuple[tuple[int, int | None], ...] = read.pairs
    readings = readings or tuple((start, None) for start in read.starts)
    if day.missing:
        return NotUnderstood(Problem.NO_DAY)
    if not readings:
        if day.options or read.part:
            return NotUnderstood(Problem.NO_TIME)
        return NotUnderstood(Problem.UNREADABLE)
    return _settled(readings, read.minutes, day, local)


def length(text: str) -> int | None:
    """Minutes of a length written by somebody: ``1h30``, ``90``, ``90 min``, 两个小时. None: not understood."""
    words = _prepared(text, 2000)
    if found := re.fullmatch(r"(?:for )?(\d{1,4})", words):
        minutes = int(found[1])
    elif found := re.fullmatch(r"(\d{1,2})[:h](\d{2})", words):
        minutes = int(found[1]) * 60 + int(found[2])
    elif found := re.fullmatch(r"(\d{1,2})h", words):
        minutes = int(found[1]) * 60
    elif (taken := clock.length(words)) and not taken[1].strip(" ,."):
        minutes = taken[0]
    else:
        return None
    return minutes if 1 <= minutes <= LONGEST else None


def day(text: str, *, today: date, language: str) -> date | None:
    """The one day that is named without a time of day: ``20 dec``, ``friday``, 下周一. None: none, or more than one."""
    han = _HAN.search(text) is not None
    try:
        read = clock.read(_prepared(text, today.year))
        if read.starts or read.pairs or read.minutes is not None:
            return None
        morning = datetime.combine(today, time())
        found = days.read(read.rest, morning, month_first=True if han or language == "zh" else None)
    except (clock.Impossible, days.Contradiction, days.Unreadable):
        return None
    return found.options[0] if len(found.options) == 1 else None


def time_of_day(text: str) -> tuple[time, str] | None:
    """The one time of day in ``fri 6pm`` or 周五下午六点, with the other words in English. None: none, or two."""
    try:
        read = clock.read(_prepared(text, 2000))
    except clock.Impossible:
        return None
    if len(read.starts) != 1 or read.minutes is not None or not 0 <= read.starts[0] < 24 * 60:
        return None
    return time(*divmod(read.starts[0], 60)), " ".join(read.rest.replace(",", " ").split())


def _prepared(text: str, year: int) -> str:
    words = clean_line(unicodedata.normalize("NFKC", text), limit=MAX_WORDS).casefold()
    if _HAN.search(words):
        words = in_english(simplified(words), year)
    return clock.canonical(words)


def _from_now(words: str) -> timedelta | None:
    """Time that passes ("in 2 hours"), where the phrase is nothing else."""
    found = _FROM_NOW.fullmatch(words)
    if found is None or not (found["hours"] or found["minutes"]):
        return None
    if not (words.startswith("in ") or words.endswith((" ago", " from now"))):
        return None
    passed = timedelta(hours=float(found["hours"] or 0), minutes=float(found["minutes"] or 0))
    return -passed if found["ago"] else passed


def _settled(
    readings: tuple[tuple[int, int | None], ...], minutes: int | None, day: days.Days, local: datetime
) -> When:
    """Every reading of the clock on every day that may be meant."""
    zone = local.tzinfo
    assert isinstance(zone, ZoneInfo)
    utc = local.astimezone(UTC)
    found: list[tuple[Span, Doubt | None]] = []
    for start, end in readings:
        for on in day.options or (local.date(),):
            spans = _on_day(on, start, end, minutes, zone)
            if (not day.options or day.weekly) and all(span.starts_at.astimezone(UTC) <= utc for span, _ in spans):
                spans = _on_day(on + timedelta(days=7 if day.options else 1), start, end, minutes, zone)
            found += spans
    if len(readings) > 1 and not any(doubt for _, doubt in found):
        midnight = any(start in (0, clock.DAY) for start, _ in readings)
        found = [(span, Doubt.MIDNIGHT if midnight else Doubt.HALF) for span, _ in found]
        if not (day.options or midnight):
            # "8" without a day is the next time that a clock shows eight.
            found = found[:1] if found[0][0].starts_at < found[1][0].starts_at else found[1:]
    return _checked(found, local)


def _on_day(
    on: date, start: int, end: int | None, minutes: int | None, zone: ZoneInfo
) -> list[tuple[Span, Doubt | None]]:
    def spanned(starts_at: datetime) -> Span:
        if end is None:
            return Span(starts_at, minutes)
        ends_at = settle(_wall(on, end), zone)
        if ends_at.astimezone(UTC) <= starts_at.astimezone(UTC):
            ends_at = later(starts_at, timedelta(minutes=end - start))
        passed = ends_at.astimezone(UTC) - starts_at.astimezone(UTC)
        return Span(starts_at, round(passed.total_seconds() / 60))

    match on_clock(_wall(on, start), zone):
        case Once(at=at):
            return [(spanned(at), None)]
        case Gap(before=before, after=after):
            return [(spanned(before), Doubt.GAP), (spanned(after), Doubt.GAP)]
        case Fold(first=first, second=second):
            return [(spanned(first), Doubt.FOLD), (spanned(second), Doubt.FOLD)]


def _wall(on: date, minute: int) -> datetime:
    return datetime.combine(on, time()) + timedelta(minutes=minute)


def _checked(found: list[tuple[Span, Doubt | None]], now: datetime) -> When:
    """Past ones are dropped while others remain, and nobody plans years ahead by mistake."""
    # By UTC: within one zone Python compares wall clocks, and would take the two halves of a fold for one.
    by_moment = {span.starts_at.astimezone(UTC): (span, doubt) for span, doubt in found}
    moments = sorted(by_moment)
    ahead = [moment for moment in moments if moment > now.astimezone(UTC)]
    if not ahead:
        return NotUnderstood(Problem.PAST, by_moment[moments[-1]][0])
    near = [by_moment[moment] for moment in ahead if moment - now <= FURTHEST]
    if not near:
        return NotUnderstood(Problem.TOO_FAR, by_moment[ahead[0]][0])
    doubts = [doubt for _, doubt in near if doubt is not None]
    if len(near) == 1 and Doubt.GAP not in doubts:
        return Understood(near[0][0])
    return Which(doubts[0] if doubts else Doubt.DAY, tuple(span for span, _ in near[:4]))
