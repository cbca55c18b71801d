"""How long a pause lasts, as people say it: ``2 weeks``, ``until 3 dec``, ``till monday``, 两个星期, 到下周一.

Knows days of a calendar; knows no settings.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Final

from bot.domain.digests import LONGEST_PAUSE
from bot.usecases.times.chinese import number
from bot.usecases.times.when import day
from recsys.encoders.text import simplified

_UNTIL: Final = re.compile(r"^(?:(?:until|till|til|for|up to)\b|直到|到|至)\s*")
_WORDS: Final = {"a couple of": "2", "half a": "0.5", "a": "1", "an": "1", "one": "1", "two": "2", "three": "3",
                 "four": "4", "five": "5", "six": "6", "eight": "8", "ten": "10", "twelve": "12"}  # fmt: skip
_COUNTED: Final = re.compile(rf"^({'|'.join(_WORDS)})\s+(?=[dwmy])")
_NUMERAL: Final = re.compile(
    "[零〇一二两三四五六七八九十]+(?=个?(?:天|日|周|星期|礼拜|月|半月|年))|(?<=^)半(?=个?[月年])"
)
_SPAN: Final = re.compile(
    r"(-?\d+|0\.5)\s*个?\s*(days?|d|天|日|weeks?|w|周|星期|礼拜|months?|m|月|years?|y|年)(?:时间|吧|左右)?"
)
_DAYS: Final = {"d": 1, "天": 1, "日": 1, "w": 7, "周": 7, "星": 7, "礼": 7, "m": 30, "月": 30, "y": 365, "年": 365}
_THIS_WEEK: Final = re.compile(
    r"(?:the )?end of (?:the|this) week|this week|[这本]个?(?:周|星期|礼拜)"
    r"|(?:[这本]个?)?(?:周|星期|礼拜)(?:末?结束|底)"
)
_NEXT_WEEK: Final = re.compile(r"next week|下个?(?:周|星期|礼拜)")
_THIS_MONTH: Final = re.compile(
    r"(?:the )?(?:end of (?:the|this) month|month'?s end|end of month)|(?:[这本]个?)?月底|月末|this month|[这本]个?月"
)
_NEXT_MONTH: Final = re.compile(r"next month|下个?月")
_EVER: Final = re.compile(r"(?:for)?ever|永远|一直")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*|(1[0-2]|[1-9])月份?")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_MANY_DIGITS: Final = 6


class NoPause(ValueError):
    """It cannot last so long, or is no day. `sentence` says which, with `told` in it."""

    def __init__(self, sentence: str, **told: str | int) -> None:
        super().__init__(sentence)
        self.sentence, self.told = sentence, told


def until(words: str, today: date) -> date:
    """The day on which the pause that `words` ask for is over. Raises NoPause."""
    text = unicodedata.normalize("NFKC", " ".join(words.split())).casefold().strip(" .,!?。，！")
    han = _HAN.search(text) is not None
    text = simplified(text) if han else text
    ends = _ends(text, today, "zh" if han else "en")
    if ends is None:
        raise NoPause("digest-bad-date", words=_UNTIL.sub("", text)[:40])
    if ends <= today:
        raise NoPause("digest-bad-past")
    if ends - today > LONGEST_PAUSE:
        raise NoPause("digest-bad-long", days=LONGEST_PAUSE.days)
    return ends


def _ends(text: str, today: date, language: str) -> date | None:
    said = _UNTIL.sub("", text)
    if _EVER.fullmatch(said):
        return date.max
    counted = _COUNTED.sub(lambda found: f"{_WORDS[found[1]]} ", said)
    counted = _NUMERAL.sub(lambda found: "0.5" if found[0] == "半" else number(found[0]), counted)
    if (span := _SPAN.fullmatch(counted)) is not None:
        return _after(today, span[1], _DAYS[span[2][0]])
    monday = today + timedelta(days=7 - today.weekday())
    first = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    if _THIS_WEEK.fullmatch(said):
        return monday
    if _THIS_MONTH.fullmatch(said):
        return first
    # "Next week" without "until" names no end: a pause begins at once.
    if said != text and _NEXT_WEEK.fullmatch(said):
        return monday
    if said != text and _NEXT_MONTH.fullmatch(said):
        return first
    if said != text and (month := _MONTH.fullmatch(said)) is not None:
        return _month(today, int(month[2]) if month[2] else _MONTHS.index(month[1]) + 1)
    return _day(said, today, language)


def _after(today: date, digits: str, unit: int) -> date:
    if len(digits) > _MANY_DIGITS:
        return date.max if digits[0] != "-" else date.min
    days = round(float(digits) * unit)
    return today + timedelta(days=days) if abs(days) <= 10 * LONGEST_PAUSE.days else date.max


def _month(today: date, month: int) -> date:
    return date(today.year + (month <= today.month), month, 1)


def _day(said: str, today: date, language: str) -> date | None:
    try:
        return date.fromisoformat(said.replace("/", "-"))
    except ValueError:
        found = day(said, today=today, language=language)
    if found == today and not re.search(r"today|今[天日]|\d", said):
        # A weekday: that of next week, when it is today's.
        return today + timedelta(days=7)
    if found is not None and (found.month, found.day) == (today.month, today.day) and str(found.year) not in said:
        # Today's date, said without a year, is not meant for next year.
        return today
    return found
