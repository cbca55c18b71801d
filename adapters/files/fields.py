"""Single cells of a catalogue, validated: each function takes what a file holds and returns a clean value.

Every function raises ValueError with what is wrong and what to write. Knows notations; knows no rows.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from bot.domain.people import Level
from bot.domain.text import clean, clean_line

MAX_ID: Final = 100
MAX_URL: Final = 2000
MAX_TAGS: Final = 30
MAX_HOURS: Final = 100_000.0
MAX_PRICE: Final = 1e9
YEARS: Final = range(1450, 2201)

_LEVELS: Final = {
    "beginner": Level.BEGINNER,
    "intermediate": Level.INTERMEDIATE,
    "advanced": Level.ADVANCED,
    "1": Level.BEGINNER,
    "2": Level.INTERMEDIATE,
    "3": Level.ADVANCED,
    "初级": Level.BEGINNER,
    "中级": Level.INTERMEDIATE,
    "高级": Level.ADVANCED,
}
_PRIMARY: Final = {"cmn": "zh", "zho": "zh", "chi": "zh", "eng": "en"}
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")
_SEPARATORS: Final = re.compile(r"[;,|；，、]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_MONEY: Final = re.compile(r"(\D{0,4}?)\s*(\d[\d,.]*)\s*(\D{0,4})")
_CURRENCIES: Final = {
    "¥": "CNY",
    "￥": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
}
_DATE: Final = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ]\S.*)?)?)?")
_DASHES: Final = re.compile("-{2,}")
_NOT_SLUG: Final = re.compile(r"[^\w+#.-]")


def text(value: object) -> str:
    """Cleaned text of several lines; markup in it stays text."""
    return clean(_written(value))


def line(value: object) -> str:
    return clean_line(_written(value))


def title(value: object) -> str:
    found = line(value)
    if not found:
        raise ValueError("is required")
    return found


def identifier(value: object) -> str:
    """1-100 printable characters without white space or colon (the colon joins kind and id).

    Letters with marks are composed: one id is written in two ways where a file comes from macOS.
    """
    found = unicodedata.normalize("NFC", _written(value).strip())
    if not 1 <= len(found) <= MAX_ID:
        raise ValueError(f"must have 1-{MAX_ID} characters, found {len(found)}")
    if ":" in found or not found.isprintable() or any(char.isspace() for char in found) or clean(found) != found:
        raise ValueError(f"{found[:40]!r} must be printable, without spaces and colons")
    return found


def url(value: object) -> str:
    found = _written(value).strip()
    if len(found) > MAX_URL:
        raise ValueError(f"must have at most {MAX_URL} characters, found {len(found)}")
    try:
        parts = urlsplit(found)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        whole = False
    if not whole or clean_line(found, limit=MAX_URL) != found or " " in found:
        raise ValueError(f"{found[:60]!r} is not an address that starts with http:// or https://")
    return found


def level(value: object) -> Level:
    found = _LEVELS.get(_written(value).strip().lower())
    if found is None:
        raise ValueError(f"{_written(value)[:40]!r} is not a level: write beginner, intermediate or advanced")
    return found


def language(value: object) -> str:
    """The primary part of a BCP 47 tag: ``zh-CN`` is ``zh``."""
    found = _written(value).strip()
    if not _LANGUAGE.fullmatch(found):
        raise ValueError(f"{found[:40]!r} is not a language code: write en, zh or another BCP 47 code")
    primary = re.split("[-_]", found)[0].lower()
    return _PRIMARY.get(primary, primary)


def hours(value: object) -> float:
    return _number(value, MAX_HOURS, "write the number of hours only, such as 12 or 7.5")


def price(value: object) -> float:
    """A number; a currency written into the cell is refused, with what to write instead."""
    if isinstance(value, str):
        found = _MONEY.fullmatch(value.strip())
        sign = (found[1] or found[3]).strip().upper() if found else ""
        if found and sign and (sign in _CURRENCIES or re.fullmatch("[A-Z]{3}", sign)):
            amount = found[2].replace(",", "").rstrip(".")
            raise ValueError(f"{value.strip()[:40]!r}: write {amount} and currency {_CURRENCIES.get(sign, sign)}")
    return _number(value, MAX_PRICE, "write the number only (0 is free) and the currency in its own column")


def currency(value: object) -> str:
    found = _written(value).strip().upper()
    if not re.fullmatch("[A-Z]{3}", found):
        raise ValueError(f"{found[:20]!r} is not an ISO 4217 code of three letters such as CNY or USD")
    return found


def tags(value: object) -> tuple[str, ...]:
    """Lower-case slugs, each once, in the order given."""
    slugs = dict.fromkeys(slug for slug in map(_slug, _parts(value)) if slug)
    if len(slugs) > MAX_TAGS:
        raise ValueError(f"{len(slugs)} tags; keep at most {MAX_TAGS}")
    return tuple(slugs)


def prerequisites(value: object) -> tuple[str, ...]:
    """Ids of other courses, written like tags."""
    return tuple(dict.fromkeys(identifier(part) for part in _parts(value)))


def published(value: object) -> str:
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` of a real day in a sane year."""
    found = _DATE.fullmatch(_written(value).strip())
    if not found or int(found[1]) not in YEARS:
        raise ValueError(f"{_written(value)[:40]!r} is not a date: write 2024, 2024-05 or 2024-05-01")
    parts = [int(part) for part in found.groups() if part]
    try:
        date(*[*parts, 1, 1][:3])
    except ValueError:
        raise ValueError(f"{_written(value)[:40]!r} is not a day of the calendar") from None
    return "-".join(f"{part:02d}" for part in parts)


def unknown(value: object) -> str:
    """An unknown column as text; lists and objects as JSON."""
    if isinstance(value, list | dict | bool):
        try:
            return clean(json.dumps(value, ensure_ascii=False))
        except RecursionError:
            raise ValueError("is nested too deeply") from None
    return clean(_written(value))


def _written(value: object) -> str:
    match value:
        case bool():
            raise ValueError("must be text, found true or false")
        case str():
            return value
        case int():
            return str(value)
        case float():
            return f"{value:g}" if math.isfinite(value) else "nan"
        case list():
            raise ValueError("must be text, found a list")
        case _:
            raise ValueError("must be text, found an object")


def _number(value: object, largest: float, hint: str) -> float:
    if isinstance(value, bool):
        raise ValueError(hint)  # noqa: TRY004 - a wrong cell, not a wrong program
    if isinstance(value, int | float):
        # Compared before it is converted: an int may be larger than any float.
        found = float(value) if abs(value) <= largest else math.inf
    else:
        written = _written(value).strip()
        if not _PLAIN_NUMBER.fullmatch(written):
            raise ValueError(f"{written[:40]!r} is not a number: {hint}")
        found = float(written)
    if not 0 <= found <= largest:
        raise ValueError(f"must be between 0 and {largest:,.0f}")
    return found


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError(f"{clean_line(str(value), limit=40)!r} is not a JSON list") from None
    if isinstance(value, list):
        for part in value:
            yield _written(part).strip()
        return
    yield from (part.strip() for part in _SEPARATORS.split(_written(value)) if part.strip())


def _slug(part: str) -> str:
    words = "-".join(clean_line(part, limit=60).lower().split())
    return _DASHES.sub("-", _NOT_SLUG.sub("", words))[:40].strip("-.")
