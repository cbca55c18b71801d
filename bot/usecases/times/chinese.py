"""Chinese phrases of time said with the words that the reader knows, which are English. Knows words; computes no date.

No parser that was measured understands both languages (docs/calendar.md has the figures), so that one grammar and one
library serve both: 下周三晚上八点半 becomes ``wed week+1 evening 8:30``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_DIGITS: Final = {
    char: number for number, chars in enumerate(("零〇", "一", "二两", *"三四五六七八九")) for char in chars
}
_NUMERAL: Final = re.compile("[零〇一二两三四五六七八九十]+")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS: Final = dict(zip("一二三四五六日天1234567", (*_DAYS, "sun", *_DAYS), strict=True))
_WEEK: Final = r"(?:周|星期|礼拜)"


def number(numeral: str) -> str:
    """Digits of a numeral below 100 (十二, 二十三), or of one read digit by digit (二〇二六)."""
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(str(_DIGITS[char]) for char in numeral)
    if len(tens) > 1 or len(ones) > 1:
        return numeral
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))


def _weekday(found: re.Match[str]) -> str:
    before = found["before"]
    day = _WEEKDAYS[found["day"]]
    weeks = before.count("下")
    if "上" in before:
        return f" {day} week-{before.count('上')} "
    if weeks:
        return f" {day} week+{weeks} "
    return f" {day} week+0 " if before else f" {day} "


def _weekend(found: re.Match[str]) -> str:
    before = found["before"]
    return " last weekend " if "上" in before else f" weekend week+{before.count('下')} "


def _clock(found: re.Match[str]) -> str:
    hour, rest = found["hour"], found["rest"] or ""
    if rest == "半":
        return f" {hour} oclock 30 "
    if rest.endswith("刻"):
        return f" {hour} oclock {int(rest[:-1]) * 15:02d} "
    digits = rest.rstrip("分").strip()
    return f" {hour} oclock {int(digits):02d} " if digits else f" {hour} oclock "


def _length(found: re.Match[str]) -> str:
    hours = found["hours"] or "0"
    minutes = (30 if found["half"] else 0) + int(found["minutes"] or 0)
    return f" for {hours} hours {minutes} minutes "


_After: Final = r"\s*(?:之后|以后|后)"
# Order matters: what is longer, or would be taken apart by a later rule, first. Numerals are digits by then, but for
# the names of weekdays.
_RULES: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (
            rf"(?P<before>(?:[上下]{{1,3}}|[本这])?个?)\s*{_WEEK}(?P<day>[一二三四五六日天]|[1-7](?![\d次个小]))",
            _weekday,
        ),
        (rf"(?P<before>(?:[上下]{{1,3}}|[本这])?个?)\s*{_WEEK}末", _weekend),
        (rf"(?:[上下]{{1,3}}|[本这])个?{_WEEK}", " someweek "),
        ("大后天", " in 3 days "),
        ("后天", " in 2 days "),
        ("前天", " 2 days ago "),
        ("昨[天日晚]", " yesterday "),
        ("[今当]晚", " today evening "),
        ("今早", " today morning "),
        ("今[天日儿]", " today "),
        ("明晚", " tomorrow evening "),
        ("明早", " tomorrow morning "),
        ("明[天日儿]", " tomorrow "),
        ("元旦", " 1 january "),
        (rf"(\d+)\s*天{_After}", r" in \1 days "),
        (rf"(\d+)\s*(?:个?(?:星期|礼拜)|周){_After}", r" in \1 weeks "),
        (rf"(\d+)\s*个月{_After}", r" in \1 months "),
        (rf"(\d+)\s*个?半\s*(?:小时|钟头){_After}", r" in \1 hours 30 minutes "),
        (rf"半\s*个?\s*(?:小时|钟头){_After}", " in 30 minutes "),
        (rf"(\d+)\s*个?\s*(?:小时|钟头){_After}", r" in \1 hours "),
        (rf"(\d+)\s*分钟?{_After}", r" in \1 minutes "),
        (r"(\d+)\s*个?\s*(?:小时|钟头|分钟)\s*(?:之前|以前|前)", r" \1 hours ago "),
        (
            r"(?P<hours>\d+)\s*个?(?P<half>半)?\s*(?:小时|钟头)(?P<minus>)(?:零?\s*(?P<minutes>\d+)\s*分钟?)?",
            _length,
        ),
        (r"半\s*个?\s*(?:小时|钟头)", " for 0 hours 30 minutes "),
        (r"(\d+)\s*分钟", r" for 0 hours \1 minutes "),
        (r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]", r" \1-\2-\3 "),
        (r"下个?月\s*(\d{1,2})\s*[日号]", r" month+1 \1 "),
        (r"[本这]个?月\s*(\d{1,2})\s*[日号]", r" month+0 \1 "),
        (r"(?:下|[本这])个?月", " someweek "),
        (r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?", r" \1月\2日 "),
        (r"(?<![\d月])(\d{1,2})\s*[日号]", r" the \1th "),
        ("凌晨|清晨", " small hours "),
        ("早上|早晨|上午|(?<=[ 号日])早", " morning "),
        ("正午|中午", " noontime "),
        ("下午|午后", " afternoon "),
        ("半夜|午夜|夜里", " night "),
        ("傍晚|晚上|晚间|晚", " evening "),
        (r"(?P<hour>\d{1,2})\s*[点时](?:整|钟)?(?P<rest>半|\d\s*刻|\d{1,2}\s*分?)?", _clock),
        ("到|至", " to "),
        ("或者?", " or "),
        (r"从|开始|见|吧|的|在|于|，|。|、|（|）|！", " "),
    )
)
_YEAR: Final = re.compile(r"([明今去后])年(?=\s*\d{1,2}\s*月)")
_MONTH_DAY: Final = re.compile(r"(\d{1,2})月(\d{1,2})日")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CHATTER: Final = re.compile("我们|咱们|大家|一起|时长|时间|大概|大约|(?<=[-~到至])次日")
_NAMED: Final = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]")


def in_english(text: str, year: int) -> str:
    """`text` (simplified, half-width, lower case) with what is known of it said in English; the rest stays.

    `year`: the one it is said in, for 明年.
    """
    text = _CHATTER.sub(" ", text)
    kept = _NAMED.split(text)
    names = _NAMED.findall(text)
    text = _numbered(kept[0]) + "".join(name + _numbered(rest) for name, rest in zip(names, kept[1:], strict=True))
    text = _YEAR.sub(lambda found: f"{year + '去今明后'.index(found[1]) - 1}年", text)
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return _MONTH_DAY.sub(_month_day, text)


def _numbered(text: str) -> str:
    return _NUMERAL.sub(lambda found: number(found[0]), text)


def _month_day(found: re.Match[str]) -> str:
    month = int(found[1])
    return f"{int(found[2])} {_MONTHS[month - 1]}" if 1 <= month <= 12 else found[0]
