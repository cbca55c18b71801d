"""The time of day, the range and the length inside a phrase, and the phrase without them. Knows English forms only.

What cannot be settled stays open: a clock reading is a tuple of minutes of the day that may be meant (19:30 is 1170;
1440 and above are the next day's).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

DAY: Final = 24 * 60
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_PART: Final = "morning|noontime|afternoon|evening|night|small hours"
_MONTH: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBERS: Final = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
# What is written in several ways is written in one. Order matters.
_SAME: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"[‐-―−~～]", "-"),
        (r"[’‘`´]", "'"),
        (r"(?<=\d)\s*([ap])\.?\s?m\b\.?", r"\1m"),
        (r"\bo'?\s?clock\b", "oclock"),
        *((rf"\b{word}\b", str(number)) for number, word in enumerate(_NUMBERS, 1)),
        (r"\b(?:an?|1) hours? and a half\b", "1 hours 30 minutes"),
        (r"\b(\d+) and a half hours?\b", r"\1 hours 30 minutes"),
        (r"\bhalf an? hour\b", "30 minutes"),
        (r"\bin a couple of\b", "in 2"),
        (r"\b(?:a )?fortnight\b", "2 weeks"),
        (r"\b(?:an|a) (?=hour|minute|day|week|month)", "1 "),
        (r"\bhalf past (\d{1,2})(?= ?[ap]m|\b)", r"\1 oclock 30 "),
        (r"\b(?:a )?quarter past (\d{1,2})(?= ?[ap]m|\b)", r"\1 oclock 15 "),
        (r"\b(?:a )?quarter to (\d{1,2})(?= ?[ap]m|\b)", r"\1 oclock less15 "),
        (r"\b(\d{1,3} (?:day|week|month)s?) from (?:now|today)\b", r"in \1"),
        (r"\b(1 week) today\b", r"in \1"),
        (r"\bmidnight\b", "night 12 oclock"),
        (r"\b(?:noon|midday)\b", "noontime"),
        (r"\btonight\b", "today evening"),
        (r"\bthis (morning|afternoon|evening)\b", r"today \1"),
        (r"\b(?:tmrw?|tmw|2morrow|tomorow|tommorow|tommorrow)\b", "tomorrow"),
        (r"\b(?:mondays?|mon\.)", "mon"),
        (r"\b(?:tuesdays?|tues?\.|tues)(?=\W|$)", "tue"),
        (r"\b(?:wednesdays?|wednes|weds?\.|weds)(?=\W|$)", "wed"),
        (r"\b(?:thursdays?|thurs?\.|thurs|thur)(?=\W|$)", "thu"),
        (r"\b(?:fridays?|fri\.)", "fri"),
        (r"\b(?:saturdays?|sat\.)", "sat"),
        (r"\b(?:sundays?|sun\.)", "sun"),
        (rf"\b({'|'.join(WEEKDAYS)}|today|tomorrow)(?=\d)", r"\1 "),
        (r"(?<=\d)t(?=\d\d:)", " "),
        (r"(?<=\d\d:\d\d):00\b", ""),
        (rf"\b((?:{_PART}|at) |@ ?)(\d{{1,2}})\.(\d\d)(?![.\d])", r"\1\2:\3"),
        (r"\b(\d{1,2})[.]?(\d\d)(?=\s?[ap]m\b)", r"\1:\2"),
        (rf"\b((?:{'|'.join(WEEKDAYS)}|today|tomorrow),?) (?:at )?([01]\d|2[0-3])([0-5]\d)(?![\d:./-])", r"\1 \2:\3"),
    )
)


_DOTTED: Final = re.compile(r"(?<![\d.])(\d{1,2})\.(1[3-9]|[2-5]\d)(?![\d.])")
_OTHER_CLOCK: Final = re.compile(r"\d:\d\d|\d ?[ap]m\b|\d oclock|noontime")


def canonical(text: str) -> str:
    """`text` (lower case) with one spelling for each thing."""
    for pattern, put in _SAME:
        text = pattern.sub(put, text)
    if _OTHER_CLOCK.search(text) is None:
        # 19.30 is a time of day where there is no other, and no date: those have months up to 12.
        text = _DOTTED.sub(r"\1:\2", text)
    return " ".join(text.split())


class Impossible(ValueError):
    """Something that looks like a time of day and is none, such as 25:00."""


@dataclass(frozen=True, slots=True)
class Clock:
    """`starts`: empty where no time of day was said. `pairs` of (start, end), where a range was.

    `minutes`: the length, where one was said. `rest`: the words that are left, which should say the day.
    """

    starts: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    minutes: int | None
    rest: str
    part: str = ""


def _core(n: int) -> str:
    return (
        rf"(?:(?P<part{n}>{_PART})\s+(?:at\s+|@\s*)?)?(?P<hour{n}>\d{{1,2}})"
        rf"(?:\s*oclock(?:\s+(?P<past{n}>(?:less)?\d{{2}}))?|:(?P<minute{n}>\d{{2}})|h(?P<french{n}>\d{{2}})?(?![a-z]))?"
        rf"(?:\s*(?P<half{n}>am|pm)\b)?(?:\s+(?:in the|at(?= night))\s+(?P<tail{n}>{_PART}))?"
        # Alone, it must not be the number of something else.
        rf"(?(half{n})(?!\w)|(?(minute{n})(?![\w:])|(?![\w:]|\s+(?:of\s+)?(?:{_MONTH})|[./]\d|\s+(?:day|week|month|year)s?\b)))"
    )


_TO: Final = r"\s*(?:-|\bto\b|\buntil\b|\btill?\b|\band\b)\s*"
_RANGE: Final = re.compile(rf"(?<![\w:./-]){_core(1)}{_TO}{_core(2)}(?!-)")
_ONE: Final = re.compile(rf"(?<![\w:./-]){_core(1)}(?!-\d)")
_BARE: Final = re.compile(rf"(?:\b(?:at|{'|'.join(WEEKDAYS)}|today|tomorrow)|@),?\s*$")
_HOURS: Final = r"(?:hours?|hrs?|h)\b"
_MINUTES: Final = r"(?:minutes?|mins?|m)\b"
_LENGTH: Final = re.compile(
    rf"\b(?P<for>for\s+(?:about\s+)?)?(?:(?P<short>\d{{1,2}})h(?P<after>[0-5]\d)?\b"
    rf"|(?P<hours>\d{{1,3}}(?:\.\d{{1,2}})?)\s*{_HOURS}(?:\s*(?:and\s+)?(?P<more>\d{{1,3}})\s*{_MINUTES})?"
    rf"|(?P<minutes>\d{{1,5}})\s*{_MINUTES})"
)


def length(text: str) -> tuple[int, str] | None:
    """(minutes, the text without it) of a length such as ``for 2 hours``, ``90 min``, ``1h30``; None: there is none."""
    for found in _LENGTH.finditer(text):
        if found["short"] and not found["for"] and not _clocks(text[: found.start()]):
            continue  # 19h30 is a time of day unless one came before
        if found["hours"] is not None:
            minutes = round(float(found["hours"]) * 60) + int(found["more"] or 0)
        elif found["short"] is not None:
            minutes = int(found["short"]) * 60 + int(found["after"] or 0)
        else:
            minutes = int(found["minutes"])
        return minutes, f"{text[: found.start()]} {text[found.end() :]}"
    return None


def read(text: str) -> Clock:
    """Take the time of day out of a canonical phrase. Raises Impossible."""
    minutes = None
    if taken := length(text):
        minutes, text = taken
    ranges = [found for found in _RANGE.finditer(text) if _strong(found, 1) or _strong(found, 2) or _placed(found)]
    if ranges:
        found = ranges[0]
        rest = f"{text[: found.start()]} , {text[found.end() :]}"
        if _clocks(rest):
            raise Impossible(text)
        return Clock((), _pairs(found), minutes, *_parted(rest))
    clocks = _clocks(text)
    if len(clocks) > 1:
        raise Impossible(text)
    if clocks:
        found = clocks[0]
        rest, part = _parted(f"{text[: found.start()]} , {text[found.end() :]}")
        said = found["part1"] or found["tail1"] or part
        return Clock(_readings(found, 1, said), (), minutes, rest, part)
    rest, part = _parted(text)
    return Clock((DAY // 2,) if part == "noontime" else (), (), minutes, rest, part)


def _clocks(text: str) -> list[re.Match[str]]:
    return [found for found in _ONE.finditer(text) if _strong(found, 1) or _placed(found)]


def _strong(found: re.Match[str], n: int) -> bool:
    """It can only be a time of day, not the number of something else."""
    marks = ("part", "past", "minute", "french", "half", "tail")
    return any(found[f"{mark}{n}"] for mark in marks) or re.search(r"\d\s*(?:oclock|h)\b", found[0]) is not None


def _placed(found: re.Match[str]) -> bool:
    """A bare number in the place of a time: ``fri 8``, ``at 8``."""
    return _BARE.search(found.string[: found.start()]) is not None


def _parted(text: str) -> tuple[str, str]:
    """The text without a part of the day that stands alone, and that part."""
    found = re.search(rf"\b(?:in the )?({_PART})\b", text)
    return (f"{text[: found.start()]} {text[found.end() :]}", found[1]) if found else (text, "")


def _pairs(found: re.Match[str]) -> tuple[tuple[int, int], ...]:
    """The shortest way from a start to an end among all readings: 7-9pm is two hours, 11-1pm too; 7-9 may be either."""
    part = found["part1"] or found["tail1"] or ""
    # A part of the day is said once for both: 晚上七点到九点. The end may be later than it lasts: 上午十点到下午一点.
    ends = _readings(found, 2, found["part2"] or found["tail2"] or "")
    starts = _readings(found, 1, part or found["tail2"] or "")
    ways = [(start, end if end > start else end + DAY) for start in starts for end in ends]
    shortest = min(end - start for start, end in ways)
    return tuple(dict.fromkeys(way for way in ways if way[1] - way[0] == shortest))


def _readings(found: re.Match[str], n: int, part: str) -> tuple[int, ...]:
    hour = int(found[f"hour{n}"])
    minute = int((found[f"past{n}"] or found[f"minute{n}"] or found[f"french{n}"] or "0").replace("less", "-"))
    if minute < 0:
        hour, minute = (hour - 1) or 12, minute + 60
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        raise Impossible(found[0])
    literal = bool(found[f"minute{n}"] or found[f"french{n}"]) or hour > 12 or hour == 0
    return tuple(at * 60 + minute for at in _hours(hour, found[f"half{n}"] or "", part, literal=literal))


def _hours(hour: int, half: str, part: str, *, literal: bool) -> tuple[int, ...]:
    """The hours of the day that `hour` may mean; 24 and above are the next day's."""
    if half and hour <= 12:
        return (hour % 12 + (12 if half == "pm" else 0),)
    if hour > 12:
        return (hour,)
    match part:
        case "morning":
            return (hour,)
        case "small hours":
            return (hour % 12,)
        case "noontime":
            return (hour + 12 if hour <= 3 else hour,)
        case "afternoon":
            return (hour % 12 + 12,)
        case "evening" if hour == 12:
            return (24,)
        case "evening":
            return (hour + 12,) if hour >= 4 else (hour + 24,)
        case "night" if hour == 12:
            return (0, 24)
        case "night":
            return (hour + 12,) if hour >= 5 else (hour, hour + 24)
        case _ if literal or hour == 12:
            return (hour,)
        case _:
            return (hour, hour + 12)
