"""Opens the store. Knows what must be true of a database before it is used; knows no table."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from bot.errors import ConfigError
from storage.connections import BUSY_SECONDS, make_engine, parse_url
from storage.faults import unavailable
from storage.schema import current_revision, head_revision
from storage.scope import Now
from storage.store import SqlStore


def open_store(
    url: str,
    *,
    clock: Now | None = None,
    busy_seconds: float = BUSY_SECONDS,
    patience: float = 30.0,
    pragmas: Mapping[str, str | int] | None = None,
) -> SqlStore:
    """The store behind a SQLAlchemy URL, such as ``sqlite:////data/studyhall.db``.

    `clock` dates changes of consent (without one, the database does). `busy_seconds`: how long to wait for another
    process that writes; `patience`: how long for other threads. `pragmas` are set on SQLite's writing connection.

    Raises ConfigError when the URL is wrong or the database is not at the newest migration, StoreUnavailable when it
    cannot be opened.
    """
    parsed = parse_url(url)
    reading = make_engine(parsed, use="read", busy_seconds=busy_seconds)
    writing = make_engine(parsed, use="write", busy_seconds=busy_seconds, pragmas=pragmas or {})
    try:
        check_revision(reading)
    except BaseException:
        reading.dispose()
        writing.dispose()
        raise
    return SqlStore(writing, reading, clock=clock, patience=patience)


def check_revision(engine: Engine) -> None:
    """Raises ConfigError unless the database has all migrations of this program and no others."""
    try:
        found = current_revision(engine)
    except Exception as error:
        raise unavailable(error) or error from error
    if found == head_revision():
        return
    if found is None:
        raise ConfigError("The database is empty or missing. Run `studyhall upgrade` first.")
    raise ConfigError(
        f"The database is at revision {found}, and this program needs {head_revision()}. Run `studyhall upgrade`; "
        "if that does not know the revision, a newer version of the program has used this database."
    )
