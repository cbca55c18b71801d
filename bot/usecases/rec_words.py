"""What is written after ``/rec`` and for ``studyhall rec``: words become an order. Knows words; knows no store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.domain.items import Kind
from bot.domain.rules import RuleAction
from bot.errors import BadInput

Verb = Literal["put", "end", "list", "log", "digests"]
_VERBS: Final[Mapping[str, tuple[Verb, RuleAction | None]]] = {
    "pin": ("put", RuleAction.PIN),
    "ban": ("put", RuleAction.BAN),
    "boost": ("put", RuleAction.BOOST),
    "unpin": ("end", RuleAction.PIN),
    "unban": ("end", RuleAction.BAN),
    "unboost": ("end", RuleAction.BOOST),
    "list": ("list", None),
    "log": ("log", None),
    "digests": ("digests", None),
    "digest": ("digests", None),
    "置顶": ("put", RuleAction.PIN),
    "屏蔽": ("put", RuleAction.BAN),
    "提升": ("put", RuleAction.BOOST),
    "取消置顶": ("end", RuleAction.PIN),
    "取消屏蔽": ("end", RuleAction.BAN),
    "取消提升": ("end", RuleAction.BOOST),
    "列表": ("list", None),
    "记录": ("log", None),
    "周报": ("digests", None),
    "摘要": ("digests", None),
}
_QUOTED: Final = re.compile(r"""["“「『](?P<title>[^"”」』]+)["”」』]\s*(?P<rest>.*)""", re.DOTALL)
_UNTIL: Final = re.compile(r"(?:^|\s)(?:until|直到|到)\s*(\d{4}-\d{1,2}-\d{1,2})(?=\s|$)")
_WHERE: Final = re.compile(r"(?:^|\s)(?:in|仅限)\s*(#\S+|courses|posts|discussions|events|课程|讨论|活动)(?=\s|$)")
_AMOUNT: Final = re.compile(r"([+-−]?\d*\.?\d+)(?=\s|$)\s*")
_KINDS: Final = {
    "courses": Kind.COURSE,
    "posts": Kind.POST,
    "discussions": Kind.POST,
    "events": Kind.EVENT,
    "课程": Kind.COURSE,
    "讨论": Kind.POST,
    "活动": Kind.EVENT,
}


@dataclass(frozen=True, slots=True)
class Order:
    """`until`: the last day on which it holds. `room`: a name without its #."""

    verb: Verb
    action: RuleAction | None = None
    item: str = ""
    reason: str = ""
    amount: float = 0.0
    until: date | None = None
    room: str = ""
    kind: Kind | None = None


def parse(words: str) -> Order | None:
    """None when it is no order. ``pin course:x why until 2026-12-01 in #general``, ``boost "A title" 0.2 why``."""
    verb, _, rest = words.strip().partition(" ")
    known = _VERBS.get(verb.casefold())
    if known is None:
        return None
    if known[1] is None:
        return Order(known[0])
    item, rest = _item(rest.strip())
    until, rest = _taken(_UNTIL, rest)
    where, rest = _taken(_WHERE, rest)
    amount = 0.0
    if known == ("put", RuleAction.BOOST):
        found = _AMOUNT.match(rest)
        if found is None:
            return None
        amount, rest = float(found.group(1).replace("−", "-")), rest[found.end() :]
    reason = " ".join(rest.split())
    if not item or (known[0] == "put" and not reason):
        return None
    return Order(
        known[0],
        known[1],
        item,
        reason,
        amount,
        None if until is None else day_of(until),
        room=where.removeprefix("#") if where is not None and where.startswith("#") else "",
        kind=_KINDS.get(where or ""),
    )


def day_of(text: str) -> date:
    """``2026-12-01``. Raises BadInput."""
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError as error:
        raise BadInput(f"{text!r} is no day.", hint="Write it as 2026-12-01.") from error


def end_of(day: date | None, timezone: str) -> datetime | None:
    """The moment at which a day is over where the community is."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))


def _item(rest: str) -> tuple[str, str]:
    quoted = _QUOTED.match(rest)
    if quoted:
        return quoted.group("title").strip(), quoted.group("rest")
    item, _, rest = rest.partition(" ")
    return item, rest


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    found = pattern.search(text)
    if found is None:
        return None, text
    return found.group(1), f"{text[: found.start()]} {text[found.end() :]}".strip()
