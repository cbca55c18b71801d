"""What a database's errors mean for the caller, and what may not be written. Knows drivers; knows no table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import exc

from bot.errors import BadInput, StoreUnavailable

MAX_INTEGER: Final = 2**63 - 1
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_SENTENCES: Final = {
    "FULL": "The disk is full: nothing was saved. Free some space and try again.",
    "READONLY": "The data folder is read-only: nothing was saved. Make it writable for this user and try again.",
    "BUSY": "Another program is writing to the database: nothing was saved. Try again in a moment.",
    "LOCKED": "Another program is writing to the database: nothing was saved. Try again in a moment.",
    "CANTOPEN": "The database cannot be opened. Check that its folder exists and may be written to.",
    "IOERR": "The disk reports errors: nothing was saved. Check the disk and its free space, then try again.",
    "CORRUPT": "The database is damaged. Stop the program and restore the latest backup.",
    "NOTADB": "The file is not a database. Stop the program and restore the latest backup.",
    "NOMEM": "There is not enough memory to save this. Try again in a moment.",
    "INTERRUPT": "The write was interrupted: nothing was saved. Try again.",
}
_UNREACHABLE: Final = "The database does not answer: nothing was saved. Check that it runs and try again."
# What PostgreSQL calls them: connection lost, too many resources, operator intervention, system error.
_SQLSTATES: Final = {
    "53100": _SENTENCES["FULL"],
    "25006": _SENTENCES["READONLY"],
    "55P03": _SENTENCES["LOCKED"],
    "40001": _SENTENCES["BUSY"],
    "40P01": _SENTENCES["BUSY"],
}


def unavailable(error: BaseException | None) -> StoreUnavailable | None:
    """The StoreUnavailable that a driver's error stands for; None when it stands for something else."""
    if isinstance(error, exc.DBAPIError):
        if error.connection_invalidated:
            return StoreUnavailable(_UNREACHABLE)
        error = error.orig
    if isinstance(error, exc.TimeoutError):
        return StoreUnavailable("All connections to the database are in use. Try again in a moment.")
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_")
        sentence = _SENTENCES.get(name.partition("_")[0])
        return StoreUnavailable(f"{sentence} ({error})") if sentence else None
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if isinstance(state, str):
        sentence = _SQLSTATES.get(state) or (_UNREACHABLE if state[:2] in {"08", "53", "57", "58"} else None)
        return StoreUnavailable(f"{sentence} ({error})") if sentence else None
    return None


def check_values(parameters: Any) -> None:
    """Refuse what no database can keep, before the driver chokes on it; BadInput says what it is.

    `parameters` are those of one statement or of many: a tuple, a mapping, or a list of either.
    """
    if isinstance(parameters, list):
        for row in parameters:
            check_values(row)
        return
    values: Iterable[Any] = parameters.values() if isinstance(parameters, Mapping) else parameters
    for value in values:
        if type(value) is str:
            _check_text(value)
        elif type(value) is int and not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise BadInput(f"The number {value} is too large to be kept.", hint="Numbers have at most 63 bits.")


def _check_text(value: str) -> None:
    if "\0" in value:
        raise BadInput("The text has a NUL character, which cannot be kept.", hint="Remove it and try again.")
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInput(
            "The text has half of a surrogate pair, which is no character.", hint="Remove it and try again."
        ) from None


def to_json(value: Any) -> str:
    """JSON for columns: characters as they are, so that `check_values` sees them; no NaN, which is no JSON."""
    try:
        text = _ENCODER.encode(value)
    except ValueError as error:
        raise BadInput(f"A value cannot be kept as JSON: {error}.") from error
    if "\\u0000" in text and "\0" in "".join(_strings(json.loads(text))):
        _check_text("\0")
    return text


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
