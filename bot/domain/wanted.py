"""What somebody asks for in free words: topic, kind, level, language, length, price, as removable chips.

Knows English and Chinese phrases; knows no search.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.items import Kind
from bot.domain.people import Level
from bot.domain.text import clean_line

MAX_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """`words` is what is left to search for; None and empty mean any. `without`: words that must not appear."""

    words: str = ""
    kind: Kind | None = None
    level: Level | None = None
    language: str | None = None
    max_hours: float | None = None
    free: bool = False
    max_price: float | None = None
    without: tuple[str, ...] = ()

    @property
    def chips(self) -> tuple[str, ...]:
        """Names of what was understood beside the words; `dropped` takes one of them away."""
        names = [
            name
            for name in ("kind", "level", "language", "max_hours", "free", "max_price")
            if getattr(self, name) not in (None, False)
        ]
        return tuple(names) + tuple(f"without:{word}" for word in self.without)

    def dropped(self, chip: str) -> Wanted:
        """The same without one chip; unknown chips change nothing."""
        name, _, word = chip.partition(":")
        match name:
            case "without":
                return replace(self, without=tuple(w for w in self.without if w != word))
            case "free":
                return replace(self, free=False)
            case "kind":
                return replace(self, kind=None)
            case "level":
                return replace(self, level=None)
            case "language":
                return replace(self, language=None)
            case "max_hours":
                return replace(self, max_hours=None)
            case "max_price":
                return replace(self, max_price=None)
            case _:
                return self


_NUMBER: Final = r"(?<![\d.])(\d{1,5}(?:\.\d{1,2})?)"
"""Never the tail of a longer number."""
_Take = Callable[[Wanted, re.Match[str]], Wanted]


def _hours(wanted: Wanted, found: re.Match[str]) -> Wanted:
    return replace(wanted, max_hours=float(found.group(1)))


def _price(wanted: Wanted, found: re.Match[str]) -> Wanted:
    return replace(wanted, max_price=float(found.group(1)))


def _set(**changes: object) -> _Take:
    return lambda wanted, _found: replace(wanted, **changes)  # type: ignore[arg-type]


def _without(wanted: Wanted, found: re.Match[str]) -> Wanted:
    word = next(group for group in found.groups() if group).casefold()
    return wanted if word in wanted.without else replace(wanted, without=(*wanted.without, word))


_FREE: Final = "|".join(
    (
        r"\bfor free\b",
        r"\bfree of charge\b",
        r"\bfree (?=courses?|books?)",
        r"(?:^|,\s*)free(?:$|\s(?!software|monad|variable|list))",
        r"免费的?",
    )
)

_ENDS: Final = r"(?=$|[\s,，、。;；]|课程|讨论|帖子|活动)"
# Order matters: longer phrases first. A word such as "Chinese" counts as a wish for the language only at the end of a
# phrase or after "in", so that "Chinese remainder theorem" stays a topic,
# and 中文 only where nothing that it could belong to follows, so that 中文分词 does.
_PHRASES: Final[tuple[tuple[re.Pattern[str], _Take], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), take)
    for pattern, take in (
        (rf"(?:under|below|within|less than|at most|max\.?|≤|<=?)\s*{_NUMBER}\s*(?:h|hrs?|hours?)\b", _hours),
        (rf"{_NUMBER}\s*(?:个)?(?:小时|钟头)(?:以内|以下|之内|内)", _hours),
        (rf"(?:少于|不超过|最多)\s*{_NUMBER}\s*(?:个)?小时", _hours),
        (rf"(?:under|below|less than|at most|≤|<=?)\s*[$¥€£]\s*{_NUMBER}", _price),
        (rf"{_NUMBER}\s*(?:元|块)(?:以内|以下|之内|内)", _price),
        (_FREE, _set(free=True)),
        (r"\b(?:for|suitable for)\s+(?:absolute\s+)?(?:beginners?|newcomers|newbies)\b", _set(level=Level.BEGINNER)),
        (
            r"\b(?:beginner(?:s|-level)?|introductory|entry[- ]level)\b|(?:零基础|初学者?|初级|入门级)",
            _set(level=Level.BEGINNER),
        ),
        (r"\bintermediate\b|中级|进阶", _set(level=Level.INTERMEDIATE)),
        (r"\b(?:advanced|expert)\b|高级", _set(level=Level.ADVANCED)),
        (
            rf"\bin\s+(?:chinese|mandarin)\b|,\s*chinese\s*$|用中文|中文版的?|中文的|(?:中文|汉语){_ENDS}",
            _set(language="zh"),
        ),
        (rf"\bin\s+english\b|,\s*english\s*$|用英文|英文版的?|英[文语]的|(?:英文|英语){_ENDS}", _set(language="en")),
        (r"(?:\bonly\s+)?\bcourses?\b(?:\s+only)?|课程", _set(kind=Kind.COURSE)),
        (r"\b(?:discussions?|threads?)\b|讨论帖?|帖子", _set(kind=Kind.POST)),
        (r"\b(?:events?|meetups?)\b|活动", _set(kind=Kind.EVENT)),
        (r"(?:,\s*|\bbut\s+)(?:not|no|without)\s+([\w+#.-]{2,30})|\bwithout\s+([\w+#.-]{2,30})", _without),
        (r"(?:不要|不想要|除了|不含)\s*((?:(?!的)[\w+#.-]){1,12})的?", _without),
    )
)
_GLUE: Final = re.compile(r"(?:\s*[,，、;；]\s*)+")


def understand(text: str) -> Wanted:
    """Read a request; whatever is not understood stays in `words`, so nothing that was typed is lost."""
    rest = clean_line(text, limit=MAX_WORDS)
    wanted = Wanted()
    for pattern, take in _PHRASES:
        while found := pattern.search(rest):
            wanted = take(wanted, found)
            rest = (rest[: found.start()] + " " + rest[found.end() :]).strip()
            if take is not _without:
                break
    words = _GLUE.sub(" ", rest)
    words = re.sub(
        r"^(?:but|and|please|i want|i'd like|find me|show me|一些|请|想学|我想学|推荐)\s+", "", words, flags=re.I
    )
    return replace(wanted, words=" ".join(words.split()))
