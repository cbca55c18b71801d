"""Is the database whole, and set as it must be? For `studyhall doctor`. Changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, Table, column, func, select, text

from bot.ports import AuditRow
from storage.connections import database_file
from storage.faults import unavailable
from storage.repositories.audit import seal
from storage.schema import current_revision, head_revision
from storage.store import SqlStore
from storage.tables import AUDIT, INBOX, METADATA, OUTBOX

MIN_FREE_SHARE: Final = 2.0
"""Free disk wanted, as a multiple of the database's size: a backup or a migration needs a second copy."""
_WANTED: Final = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do where it is not well."""

    name: str
    ok: bool
    found: str
    todo: str = ""


def database_checks(store: SqlStore) -> list[Check]:
    """Revision, integrity, references, settings, room on the disk, the audit's seals, queues and counts.

    Reads every page of a SQLite database: seconds for gigabytes. Raises StoreUnavailable when it cannot be read.
    """
    try:
        return list(_checks(store))
    except Exception as error:
        raise unavailable(error) or error from error


def _checks(store: SqlStore) -> Iterator[Check]:
    engine = store.engine
    yield _revision(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            yield _integrity(connection)
            yield _references(connection)
            yield _disk(engine, connection)
        yield _audit(connection)
        yield _queues(connection)
        yield _counts(connection, METADATA)
    if engine.dialect.name == "sqlite":
        yield _settings(store.writing_engine)


def _revision(engine: Engine) -> Check:
    found, head = current_revision(engine), head_revision()
    ok = found == head
    return Check("revision", ok, str(found), "" if ok else f"Run `studyhall upgrade` to reach {head}.")


def _integrity(connection: Connection) -> Check:
    problems = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(10)"))]
    ok = problems == ["ok"]
    return Check("integrity", ok, "; ".join(problems), "" if ok else "Stop the program and restore the latest backup.")


def _references(connection: Connection) -> Check:
    broken = sorted({f"{row[0]} -> {row[2]}" for row in connection.execute(text("PRAGMA foreign_key_check"))})
    found = ", ".join(broken) or "every row points at rows that exist"
    return Check("references", not broken, found, "Restore the latest backup." if broken else "")


def _disk(engine: Engine, connection: Connection) -> Check:
    size = int(_pragma(connection, "page_count")) * int(_pragma(connection, "page_size"))
    file = database_file(engine.url)
    assert file is not None, "a store in memory cannot be opened"
    free = shutil.disk_usage(file.parent).free
    ok = free >= MIN_FREE_SHARE * size
    found = f"database {size / 2**20:.1f} MiB, {free / 2**20:.0f} MiB free"
    return Check("room", ok, found, "" if ok else "Make room: a backup or a migration needs a second copy.")


def _settings(engine: Engine) -> Check:
    """Of a new connection for writing; the driver's own, because ours would begin a transaction and wait."""
    with closing(engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
        found: dict[str, Any] = {}
        for name in _WANTED:
            cursor.execute(f"PRAGMA {name}")
            (found[name],) = cursor.fetchone() or (None,)
    ok = found == _WANTED
    report = ", ".join(f"{name}={value}" for name, value in found.items())
    return Check("settings", ok, report, "" if ok else "Another program changed the database's settings; restart.")


def _audit(connection: Connection) -> Check:
    """Each entry seals the one before: the first that does not fit was changed, or follows one that was removed."""
    last: dict[int, str] = {}
    count = 0
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.id)):
        entry = AuditRow(row.at, row.actor, row.action, row.target, row.reason)
        if row.seal != seal(last.get(row.community_id, ""), entry):
            todo = "Compare it with a backup: somebody has changed the audit log."
            return Check("audit", ok=False, found=f"entry {row.id} does not fit its seal", todo=todo)
        last[row.community_id] = row.seal
        count += 1
    return Check("audit", ok=True, found=f"{count} entries, all seals fit")


def _queues(connection: Connection) -> Check:
    found = {
        f"{table.name} {state}": number
        for table in (INBOX, OUTBOX)
        for state, number in connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
    }
    report = ", ".join(f"{name}: {number}" for name, number in sorted(found.items())) or "empty"
    waits = [name for name in ("inbox parked", "outbox in_doubt") if found.get(name)]
    todo = "Look at what is parked or in doubt: it waits for a person." if waits else ""
    return Check("queues", ok=True, found=report, todo=todo)


def _counts(connection: Connection, metadata: MetaData) -> Check:
    counted = {name: _count(connection, table) for name, table in sorted(metadata.tables.items())}
    return Check("rows", ok=True, found=", ".join(f"{name}: {number}" for name, number in counted.items() if number))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count(column("*", is_literal=True))).select_from(table)).scalar_one())


def _pragma(connection: Connection, name: str) -> Any:
    return connection.execute(text(f"PRAGMA {name}")).scalar_one()
