"""The day inside a phrase. Dates and "in 3 days" are read by dateparser; weekdays and what may mean two days, here.

dateparser knows no "next tuesday", takes the first number of 7/11 for whatever it was told, and a week for any week; so
it is handed only what names one day, and must name one (`REQUIRE_PARTS`). Knows English forms only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from dateparser.date import DateDataParser

from bot.usecases.times.clock import WEEKDAYS

_WD: Final = rf"({'|'.join(WEEKDAYS)})"
_FILLERS: Final = re.compile(
    r"\b(?:let's|lets|meet|on|at|from|between|starting|starts|start|we|us|the|of)\b|[@,;!?()]|(?<!\d)\.|\.$"
)
_SLASHED: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4})|\.)?")
_ISO: Final = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})")
_MONTHLY: Final = re.compile(r"(?:month\+(\d) )?(\d{1,2})(?:st|nd|rd|th)?")
_WEEKS: Final[tuple[tuple[re.Pattern[str], int], ...]] = tuple(
    (re.compile(pattern), weeks)
    for pattern, weeks in (
        (rf"week after next {_WD}", 2),
        (rf"{_WD} week after next", 2),
        (rf"next week {_WD}", 1),
        (rf"{_WD} next week", 1),
        (rf"this (?:week )?{_WD}", 0),
        (rf"{_WD} this week", 0),
        (rf"last (?:week )?{_WD}", -1),
    )
)
_WEEK_ON: Final = re.compile(rf"{_WD} (?:week([+-]\d)|in (\d) weeks?)")
_FURTHER: Final = re.compile(rf"(\d) weeks? (?:after )?{_WD}")
_RELATIVE: Final = re.compile(r"today|tomorrow|day after tomorrow|in \d{1,3} (?:day|week|month)s?")
_PARTS: Final = re.compile(r"\d+(?:st|nd|rd|th)?|[^\W\d]+|\S")
_AGO: Final = re.compile(r".*\bago|yesterday|last (?:week|month|year)")


@dataclass(frozen=True, slots=True)
class Days:
    """The days that may be meant, earliest first; empty: none was said, or (`missing`) only a week or a month.

    `weekly`: a bare weekday, so that a time of day that has passed means the next one.
    """

    options: tuple[date, ...] = ()
    weekly: bool = False
    missing: bool = False


class Contradiction(ValueError):
    """A weekday, and a date that is another weekday."""


class Unreadable(ValueError):
    """No day that anybody could name."""


def read(text: str, now: datetime, *, month_first: bool | None) -> Days:
    """The day that `text` names, seen from the local time `now` (naive). Raises Unreadable or Contradiction.

    `month_first`: how 7/11 is written where it is said; None: either way, so both are options.
    """
    rest = " ".join(_FILLERS.sub(" ", text).split())
    today = now.date()
    if not rest:
        return Days()
    if re.fullmatch(r"someweek|(?:next|this) (?:week|month)", rest):
        return Days(missing=True)
    if found := re.fullmatch(r"(?:(this|coming|next) )?weekend(?: week\+(\d))?", rest):
        saturday = _in_week(today, 5, int(found[2] or 0))
        # "Next weekend" is this one to some and the one after it to others.
        weekends = (0, 7) if found[1] == "next" else (0,)
        return Days(tuple(saturday + timedelta(days=more + day) for more in weekends for day in (0, 1)))
    if weekly := _weekly(rest, today):
        return weekly
    said: int | None = None
    if found := re.search(rf"\b{_WD}\b", rest):
        said = WEEKDAYS.index(found[1])
        rest = " ".join(f"{rest[: found.start()]} {rest[found.end() :]}".split())
    days = _dates(rest, now, month_first=month_first)
    if said is not None:
        days = tuple(day for day in days if day.weekday() == said)
        if not days:
            raise Contradiction(text)
    return Days(days)


def _coming(today: date, weekday: int) -> date:
    """Today or the first such day after it."""
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _in_week(today: date, weekday: int, weeks: int) -> date:
    """That day of the week (from Monday) that is `weeks` weeks on."""
    return today + timedelta(days=weekday - today.weekday() + 7 * weeks)


def _weekly(text: str, today: date) -> Days | None:
    """Weekdays alone, or told by the week they are in."""
    for pattern, weeks in _WEEKS:
        if found := pattern.fullmatch(text):
            return Days((_in_week(today, WEEKDAYS.index(found[1]), weeks),))
    if found := _WEEK_ON.fullmatch(text):
        return Days((_in_week(today, WEEKDAYS.index(found[1]), int(found[2] or found[3])),))
    if found := _FURTHER.fullmatch(text):
        return Days((_coming(today, WEEKDAYS.index(found[2])) + timedelta(weeks=int(found[1])),))
    if found := re.fullmatch(rf"(?:coming )?{_WD}", text):
        return Days((_coming(today, WEEKDAYS.index(found[1])),), weekly=True)
    if found := re.fullmatch(rf"next {_WD}", text):
        # Some mean the nearest such day, some the one of next week; both are right, so it is asked.
        day = WEEKDAYS.index(found[1])
        nearest = _coming(today + timedelta(days=1), day)
        return Days(tuple(sorted({nearest, _in_week(today, day, 1)})))
    return None


def _dates(text: str, now: datetime, *, month_first: bool | None) -> tuple[date, ...]:
    if found := _ISO.fullmatch(text):
        return (_date(int(found[1]), int(found[3]), int(found[4]), text),)
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4] or 0)
        if found[2] == "." and month_first is not True:
            orders = [(second, first)]
        else:
            orders = [(first, second)] if month_first is not False else []
            orders += [(second, first)] if month_first is not True or first > 12 else []
        days = {day for month, number in orders for day in _on(month, number, year, now.date())}
        if not days:
            raise Unreadable(text)
        return tuple(sorted(days))
    if found := _MONTHLY.fullmatch(text):
        return (_of_month(now.date(), int(found[2]), found[1]),)
    if _AGO.fullmatch(text):
        return (now.date() - timedelta(days=1),)
    if _RELATIVE.fullmatch(text) is None and not _is_date(text):
        raise Unreadable(text)
    parsed: Any = _parser(now.date()).get_date_data(text)
    if parsed.date_obj is None:
        raise Unreadable(text)
    day: date = parsed.date_obj.date()
    return (day,)


def _is_date(text: str) -> bool:
    """One month by name, one day, at most one year and nothing else: dateparser passes over words that it needs not."""
    parts = _PARTS.findall(text)
    days = [part for part in parts if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", part)]
    months = [part for part in parts if part[0].isalpha()]
    years = [part for part in parts if re.fullmatch(r"\d{4}", part)]
    return len(days) == len(months) == 1 and len(years) <= 1 and len(parts) == len(days) + len(months) + len(years)


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable(text) from error


def _on(month: int, day: int, year: int, today: date) -> list[date]:
    """The date, without a year the next one; none where there is no such day."""
    for candidate in [year] if year else [today.year, today.year + 1]:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year or found >= today:
            return [found]
    return []


def _of_month(today: date, day: int, months: str | None) -> date:
    """ "The 27th": of this month or the next that has one; or of the month that is `months` on."""
    for ahead in range(3) if months is None else [int(months)]:
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        try:
            found = date(year, month + 1, day)
        except ValueError:
            continue
        if found >= today or months is not None:
            return found
    raise Unreadable(str(day))


@lru_cache(maxsize=8)
def _parser(today: date) -> Any:
    return DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.combine(today, time()),
            "PREFER_DATES_FROM": "future",
            "REQUIRE_PARTS": ["day"],
            "PARSERS": ["relative-time", "absolute-time"],
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
