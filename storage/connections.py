"""Connections of a database: their settings, their errors. Knows dialects; knows no table."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.errors import BotError, ConfigError, StoreUnavailable
from storage.faults import check_values, to_json, unavailable
from storage.scope import check_dialect

BUSY_SECONDS: Final = 5.0
READERS: Final = 16

Use = Literal["read", "write", "migrate"]


def parse_url(url: str) -> URL:
    """Raises ConfigError for what is no URL, no supported database, or a database in memory."""
    try:
        parsed = make_url(url)
        dialect = parsed.get_backend_name()
        if dialect == "sqlite" and (parsed.query or (parsed.database or "").startswith("file:")):
            raise ConfigError(
                "The address of a SQLite database is written sqlite:///PATH, with nothing after the path."
            )
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise ConfigError(f"The database address {url!r} cannot be used: {error}.") from error
    check_dialect(dialect)
    if dialect == "sqlite" and not database_file(parsed):
        raise ConfigError("The database must be a file: readers and the writer need connections of their own.")
    return parsed


def database_file(url: URL) -> Path | None:
    """The file of a SQLite database; None where there is none."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or name in {"", ":memory:"}:
        return None
    return Path(name)


def make_engine(
    url: URL, *, use: Use, busy_seconds: float = BUSY_SECONDS, pragmas: Mapping[str, str | int] | None = None
) -> Engine:
    """Connections for one use; every error of the driver comes out as one of ours where it stands for one."""
    if url.get_backend_name() == "sqlite":
        engine = _sqlite_engine(url, use, busy_seconds, pragmas or {})
    else:
        level = {"isolation_level": "REPEATABLE READ"} if use == "read" else {}
        try:
            engine = create_engine(url, json_serializer=to_json, pool_pre_ping=True, pool_size=READERS, **level)
        except (ImportError, NoSuchModuleError) as error:
            raise ConfigError(
                f"The driver for {url.drivername} databases is not installed ({error}). Install it, such as psycopg "
                "for postgresql+psycopg://…, or leave STUDYHALL_DATABASE_URL empty for SQLite."
            ) from error
    event.listen(engine, "handle_error", _translate, retval=True)
    if use != "migrate":
        event.listen(engine, "before_cursor_execute", _check_statement)
    return engine


def _sqlite_engine(url: URL, use: Use, busy_seconds: float, pragmas: Mapping[str, str | int]) -> Engine:
    engine = create_engine(
        url,
        json_serializer=to_json,
        connect_args={"check_same_thread": False, "timeout": busy_seconds},
        pool_size=READERS if use == "read" else 1,
        max_overflow=READERS if use == "read" else 1,
        pool_timeout=30,
    )
    begin = "BEGIN" if use == "read" else "BEGIN IMMEDIATE"

    def on_connect(raw: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes late and is never IMMEDIATE: transactions are begun below.
        raw.isolation_level = None
        settings: dict[str, str | int] = {"foreign_keys": "OFF" if use == "migrate" else "ON", "temp_store": "MEMORY"}
        if use == "read":
            settings |= {"query_only": "ON"}
        else:
            # What is deleted is overwritten, whatever this SQLite was built with.
            settings |= {
                "journal_mode": "WAL",
                "synchronous": "FULL",
                "journal_size_limit": 64 << 20,
                "secure_delete": "ON",
            }
            settings |= pragmas
        for name, value in settings.items():
            raw.execute(f"PRAGMA {name}={value}").close()
        if use != "migrate":
            _assert_setting(raw, "foreign_keys", 1)

    def on_begin(connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        raw.execute(begin).close()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


def _assert_setting(raw: sqlite3.Connection, name: str, wanted: int) -> None:
    found = raw.execute(f"PRAGMA {name}").fetchone()
    if found != (wanted,):
        raise ConfigError(f"This SQLite does not support {name}: {found!r} instead of {wanted}.")


def _translate(context: ExceptionContext) -> BaseException | None:
    if isinstance(context.original_exception, BotError):
        # Raised while a value was prepared; SQLAlchemy would wrap it in an error of its own.
        return context.original_exception
    return unavailable(context.sqlalchemy_exception or context.original_exception)


def _check_statement(
    _connection: Connection,
    cursor: Any,
    _statement: str,
    parameters: Any,
    _context: Any,
    _many: bool,  # noqa: FBT001
) -> None:
    """SQLite ends the transaction by itself on some errors; what came after would be saved statement by statement."""
    if getattr(cursor.connection, "in_transaction", True) is False:
        raise StoreUnavailable("The transaction was lost: nothing was saved. Try again.")
    check_values(parameters)
