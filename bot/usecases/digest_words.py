"""``/digest`` in words: what a member wants changed, or what is wrong with it. Knows words; changes nothing.

``fri 18:30`` · ``daily`` · ``tz Berlin`` · ``quiet 22-7`` · ``length 3`` · ``pause 2 weeks`` · ``pause 2027-03-01`` ·
``help on`` · ``language zh`` · ``where discord`` · ``skip`` · ``stop`` · ``on`` · ``preview``, and the same in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from bot.domain.digests import LENGTHS, MINUTES, DigestSettings, Section
from bot.domain.schedules import Frequency
from bot.usecases.digest_pauses import NoPause, until
from bot.usecases.room_schedule import when
from bot.usecases.times.when import time_of_day

Change = Callable[[DigestSettings], DigestSettings]


@dataclass(frozen=True, slots=True)
class Changed:
    """Settings to be changed."""

    change: Change


@dataclass(frozen=True, slots=True)
class Named:
    """Something else that a button does too: preview, on, stop, resume, skip, or a page of the settings."""

    act: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another platform."""

    platform: str


@dataclass(frozen=True, slots=True)
class Place:
    """A city or a zone to be looked up. `sure`: it was called one."""

    words: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be: the sentence that says so, and its arguments."""

    sentence: str
    told: dict[str, str | int] = field(default_factory=dict)


Order = Changed | Named | Elsewhere | Place | Wrong

_ACTS: Final = {
    "preview": "preview", "预览": "preview", "on": "on", "打开": "on", "开": "on", "start": "on",
    "stop": "stop", "off": "stop", "停止": "stop", "关": "stop", "关闭": "stop", "unsubscribe": "stop",
    "skip": "skip", "skip next": "skip", "skip the next": "skip", "skip the next one": "skip", "跳过": "skip",
    "跳过下一期": "skip", "跳过下期": "skip", "下期跳过": "skip", "下次跳过": "skip", "跳过下次": "skip",
    "unskip": "unskip", "don't skip": "unskip", "不跳过": "unskip", "取消跳过": "unskip",
    "resume": "resume", "恢复": "resume", "pause": "p-pause", "暂停": "p-pause",
    "tz": "p-zone", "zone": "p-zone", "时区": "p-zone", "quiet": "p-quiet", "安静": "p-quiet", "where": "p-where",
}  # fmt: skip
_FREQUENCIES: Final = {
    "daily": Frequency.DAILY, "每天": Frequency.DAILY, "每日": Frequency.DAILY,
    "weekly": Frequency.WEEKLY, "每周": Frequency.WEEKLY,
    "biweekly": Frequency.BIWEEKLY, "fortnightly": Frequency.BIWEEKLY, "每两周": Frequency.BIWEEKLY,
    "双周": Frequency.BIWEEKLY, "monthly": Frequency.MONTHLY, "每月": Frequency.MONTHLY,
}  # fmt: skip
_SECTIONS: Final = {
    "continue": Section.CONTINUE, "继续": Section.CONTINUE, "help": Section.HELP, "帮助": Section.HELP,
    "events": Section.EVENTS, "活动": Section.EVENTS, "you": Section.YOU, "我": Section.YOU,
}  # fmt: skip
_LANGUAGES: Final = {"auto": None, "自动": None, "en": "en", "english": "en", "英文": "en", "zh": "zh", "中文": "zh",
                     "chinese": "zh", "英语": "en", "汉语": "zh"}  # fmt: skip
_ON: Final = {"on": True, "开": True, "打开": True, "off": False, "关": False, "关闭": False}
_ZONE: Final = re.compile(r"^(?:tz|zone|timezone|city|时区|城市)\s+(.+)$", re.IGNORECASE)
_QUIET: Final = re.compile(
    r"^(?:quiet|安静)\s*(-?\d+)(?:[:：]00)?\s*(?:-|–|—|to|到|至)\s*(\d+)(?:[:：]00)?$", re.IGNORECASE
)
_QUIET_OFF: Final = re.compile(r"^(?:quiet|安静)\s*(?:off|none|关|无)$", re.IGNORECASE)
_LENGTH: Final = re.compile(r"^(?:length\s+|长度\s*)?(-?\d+)\s*(?:items?|条|篇)?$", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"^(?:language|lang|语言)\s*(.+)$", re.IGNORECASE)
_WHERE: Final = re.compile(r"^(?:where|to|平台|发到)\s+([a-z]+)$", re.IGNORECASE)
_PAUSE: Final = re.compile(r"^(?:pause\s+|暂停\s*|停(?!止)|(?=(?:until|till)\s)|(?=直?到|至))(.+)$", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?<![\d:：.-])(\d{1,9})(?:[:：](\d{1,9})|\s*点(半)?|(?=\s*$))")
_OFTEN: Final = re.compile(
    rf"({'|'.join(sorted(_FREQUENCIES, key=len, reverse=True))})(?:\s+|(?=[周上下早晚中凌]))(?=\S)"
)
_EVERY: Final = re.compile(r"(?:every\s+|每)(?=mon|tue|wed|thu|fri|sat|sun|周[一二三四五六日天]|星期)")
_MANY_DIGITS: Final = 6


def read(words: str, today: date) -> Order:
    """What is wanted. `today`: on the member's own calendar."""
    text = " ".join(words.split())
    low = text.casefold()
    if low in _ACTS:
        return Named(_ACTS[low])
    if low in _FREQUENCIES:
        frequency = _FREQUENCIES[low]
        return Changed(lambda settings: replace(settings, frequency=frequency))
    if found := _ZONE.match(text):
        return Place(found.group(1), sure=True)
    if _QUIET_OFF.match(text):
        return Changed(lambda settings: replace(settings, quiet_start=0, quiet_end=0))
    if found := _QUIET.match(text):
        return _quiet(found.group(1), found.group(2))
    if found := _PAUSE.match(text):
        return _pause(found.group(1), today)
    if found := _LANGUAGE.match(low):
        return _language(found.group(1).strip())
    if found := _WHERE.match(low):
        return Elsewhere(found.group(1))
    if (order := _section(low)) is not None:
        return order
    if (found := _LENGTH.match(low)) and (low[0] in "l长-" or not low[-1].isdigit()):
        return _length(found.group(1))
    return _moment(low) or _spoken(low) or Place(text, sure="/" in text)


def _quiet(start: str, end: str) -> Order:
    first, last = _number(start), _number(end)
    if not (0 <= first <= 24 and 0 <= last <= 24):
        return Wrong("digest-bad-hour", {"hour": start if not 0 <= first <= 24 else end})
    return Changed(lambda settings: replace(settings, quiet_start=first % 24, quiet_end=last % 24))


def _pause(words: str, today: date) -> Order:
    try:
        ends = until(words, today)
    except NoPause as problem:
        return Wrong(problem.sentence, problem.told)
    return Changed(lambda settings: replace(settings, paused_until=ends))


def _language(word: str) -> Order:
    if word not in _LANGUAGES:
        return Wrong("digest-bad-language", {"words": word[:40]})
    language = _LANGUAGES[word]
    return Changed(lambda settings: replace(settings, language=language))


def _section(words: str) -> Order | None:
    name, _, switch = words.rpartition(" ")
    if name not in _SECTIONS or switch not in _ON:
        return None
    section, on = _SECTIONS[name], _ON[switch]
    return Changed(
        lambda settings: replace(
            settings, sections=settings.sections | {section} if on else settings.sections - {section}
        )
    )


def _length(words: str) -> Order:
    length = _number(words)
    if length not in LENGTHS:
        return Wrong("digest-bad-length", {"length": words[:_MANY_DIGITS]})
    return Changed(lambda settings: replace(settings, length=length))


def _moment(words: str) -> Order | None:
    """A day and a time; None where it is neither."""
    clock = _CLOCK.search(words)
    if clock is not None:
        hour, minute = _number(clock.group(1)), 30 if clock.group(3) else _number(clock.group(2) or "0")
        if hour > 23 or minute > 59:
            return Wrong("digest-bad-hour", {"hour": clock.group(0).strip()[:12]})
        if minute not in MINUTES:
            return Wrong("digest-bad-minute", {"hour": f"{hour:02d}"})
        words = f"{words[: clock.start()]} {hour:02d}:{minute:02d} {words[clock.end() :]}"
    found = when(words)
    if found is None:
        return None
    weekday, at = found
    return Changed(
        lambda settings: replace(
            settings,
            weekday=settings.weekday if weekday is None else weekday,
            hour=settings.hour if at is None else at.hour,
            minute=settings.minute if at is None else at.minute,
        )
    )


def _spoken(words: str) -> Order | None:
    """How often, a day and a time as people say them: ``weekly fri 6pm``, 每周五晚上八点; None where it is not that."""
    frequency: Frequency | None = None
    if found := _OFTEN.match(words):
        frequency, words = _FREQUENCIES[found.group(1)], words[found.end() :]
    elif found := _EVERY.match(words):
        frequency, words = Frequency.WEEKLY, words[found.end() :]
    order = _moment(words) if frequency is not None else None
    if order is None and (said := time_of_day(words)) is not None:
        at, rest = said
        order = _moment(f"{rest} {at:%H:%M}")
    if frequency is None or not isinstance(order, Changed):
        return order
    often, moment = frequency, order.change
    return Changed(lambda settings: replace(moment(settings), frequency=often))


def _number(digits: str) -> int:
    """Numbers of many digits are only ever too large."""
    return int(digits) if len(digits) <= _MANY_DIGITS else 10**_MANY_DIGITS
