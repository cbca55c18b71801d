"""What members did with items, as the platform that sells the courses knows it. Knows columns; knows no member."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from adapters.files.fields import identifier
from adapters.files.loose import RowProblem
from adapters.files.rows import Row, read_rows
from adapters.files.times import moment_of
from bot.domain.interactions import RawInteraction, Signal
from bot.domain.items import ItemId, Kind, item_id
from bot.domain.refs import MAX_NATIVE_ID, AccountRef
from bot.domain.text import clean_line
from bot.ports import SkippedRow

COLUMNS: Final = ("user", "item", "signal", "value", "at", "id")
REQUIRED: Final = ("user", "item", "signal", "at")

IMPORTABLE: Final = frozenset(
    {
        Signal.BROWSE,
        Signal.CLICK,
        Signal.SAVE,
        Signal.ENROL,
        Signal.PROGRESS,
        Signal.COMPLETE,
        Signal.RATE,
        Signal.DISMISS,
        Signal.ATTEND,
    }
)
"""Signals that other systems can know of; the rest is only ever observed in the community itself."""

EXTERNAL: Final = "import"
"""The platform of accounts that are known by an id of the selling system only."""

PLATFORMS: Final = frozenset({"telegram", "discord", "web", EXTERNAL})

FUTURE: Final = timedelta(days=1)
"""How far ahead of `now` a moment may be: clocks and time zones differ, years do not."""

_NUMBER: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(\s*%)?")


def read_interactions(
    path: Path, *, now: datetime | None = None, timezone: tzinfo | None = None, encoding: str | None = None
) -> Iterator[RawInteraction | SkippedRow]:
    """Interactions of a CSV, JSON or JSONL file, in its order; a row that cannot be used is a SkippedRow.

    `timezone` is where times without an offset are from (without it they are skipped); times more than a day after
    `now` are skipped. Raises BadInput, while iterating, where the file as a whole is broken.
    """
    latest = None if now is None else now + FUTURE
    for row in read_rows(path, container="interactions", columns=COLUMNS, required=REQUIRED, encoding=encoding):
        if isinstance(row, SkippedRow):
            yield row
            continue
        try:
            yield _interaction(row, latest, timezone)
        except RowProblem as problem:
            yield SkippedRow(row.line, problem.column, problem.problem)


def _interaction(row: Row, latest: datetime | None, timezone: tzinfo | None) -> RawInteraction:
    account = _account(_cell(row, "user"))
    item = _item(_cell(row, "item"))
    signal = _signal(_cell(row, "signal"))
    value = _value(signal, row.cells.get("value"))
    at = _at(row.cells.get("at"), latest, timezone)
    if "id" in row.cells:
        key = f"id:{_checked('id', _cell(row, 'id'))}"
    else:
        parts = "\x1f".join((account.key, item, signal, repr(value), at.isoformat()))
        key = hashlib.sha256(parts.encode()).hexdigest()[:32]
    return RawInteraction(account, item, signal, value, at, f"import:{key}", row.line)


def _cell(row: Row, column: str) -> str:
    value = row.cells.get(column)
    if value is None:
        raise RowProblem(column, "is required")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowProblem(column, "must be text or a whole number")
    return str(value).strip()


def _checked(column: str, text: str) -> str:
    try:
        return identifier(text)
    except ValueError as error:
        raise RowProblem(column, str(error)) from None


def _account(text: str) -> AccountRef:
    text = unicodedata.normalize("NFC", text)
    platform, colon, native = text.partition(":")
    if colon and platform.lower() in PLATFORMS:
        platform, native = platform.lower(), native.strip()
    else:
        platform, native = EXTERNAL, text
    if not 1 <= len(native) <= MAX_NATIVE_ID or clean_line(native) != native:
        raise RowProblem("user", f"an id has 1-{MAX_NATIVE_ID} printable characters, found {text[:40]!r}")
    return AccountRef(platform, native)


def _item(text: str) -> ItemId:
    kind, colon, native = text.partition(":")
    if not colon:
        return item_id(Kind.COURSE, _checked("item", text))
    if kind not in {each.value for each in Kind}:
        raise RowProblem("item", f"{text[:40]!r}: write a course id, or course:, post: or event: with an id")
    return item_id(Kind(kind), _checked("item", native))


def _signal(text: str) -> Signal:
    try:
        signal = Signal(text.lower())
    except ValueError:
        signal = None
    if signal not in IMPORTABLE:
        known = ", ".join(each.value for each in Signal if each in IMPORTABLE)
        raise RowProblem("signal", f"{text[:40]!r} is not one of {known}")
    return signal


def _value(signal: Signal, raw: object) -> float:
    match signal:
        case Signal.PROGRESS:
            number, percent = _number(raw, "write progress as 0.45 or 45%")
            number = number / 100 if percent else number
            if not 0 <= number <= 1:
                found = clean_line(str(raw), limit=20)
                raise RowProblem("value", f"progress is between 0 and 1 (or 0% and 100%), found {found}")
        case Signal.RATE:
            number, percent = _number(raw, "write a rating from 1 to 5")
            if percent or not 1 <= number <= 5:
                raise RowProblem("value", f"a rating is from 1 to 5, found {clean_line(str(raw))[:20]}")
        case _:
            number, percent = (1.0, False) if raw is None else _number(raw, "leave it empty")
            if percent or number != 1:
                raise RowProblem("value", f"only progress and rate have a value; leave it empty for {signal.value}")
    return number


def _number(raw: object, hint: str) -> tuple[float, bool]:
    """The number, and whether it was written in per cent."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 1e9:
        return float(raw), False
    found = _NUMBER.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise RowProblem("value", hint if raw is None else f"{clean_line(str(raw))[:20]!r} is not a number: {hint}")
    return float(found[1]), bool(found[2])


def _at(raw: object, latest: datetime | None, timezone: tzinfo | None) -> datetime:
    if raw is None:
        raise RowProblem("at", "is required")
    try:
        at = moment_of(raw, timezone)
    except ValueError as error:
        raise RowProblem("at", str(error)) from None
    if latest is not None and at > latest:
        raise RowProblem("at", f"{at.isoformat()} is in the future")
    return at
