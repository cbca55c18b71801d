"""Brings a database to the newest schema, with a backup first. Knows Alembic; knows no table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, inspect

from bot.errors import ConfigError, StoreUnavailable
from storage.connections import database_file, make_engine, parse_url
from storage.faults import unavailable


def migrations() -> Config:
    """Alembic's settings without a file: the scripts lie in the package, installed or not."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def head_revision() -> str:
    head = ScriptDirectory.from_config(migrations()).get_current_head()
    assert head is not None, "the package has migrations"
    return head


def current_revision(engine: Engine) -> str | None:
    """None: nothing was ever migrated here."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str) -> None:
    """Make or migrate the database; a SQLite file with rows in it is copied first, beside it.

    Raises ConfigError when the database is newer than the program, StoreUnavailable when it cannot be written to.
    """
    parsed = parse_url(url)
    file = database_file(parsed)
    if file is not None:
        _make(file)
    try:
        # Looked at without writing: what is up to date needs no lock and no disk that takes writes.
        if not _is_new(parsed):
            _migrate(parsed, file)
    except Exception as error:
        known = unavailable(error)
        if known is None:
            raise
        raise known from error


def _is_new(url: URL) -> bool:
    engine = make_engine(url, use="read")
    try:
        return current_revision(engine) == head_revision()
    finally:
        engine.dispose()


def _migrate(url: URL, file: Path | None) -> None:
    engine = make_engine(url, use="migrate")
    try:
        found = current_revision(engine)
        script = ScriptDirectory.from_config(migrations())
        if found == head_revision():
            return
        if found is not None and found not in {revision.revision for revision in script.walk_revisions()}:
            raise ConfigError(
                f"The database is at revision {found}, which this program does not know: a newer version has used it. "
                "Install that version, or restore a backup."
            )
        if file is not None and inspect(engine).get_table_names():
            back_up(file, file.with_name(f"{file.stem}.before-{head_revision()}{file.suffix or '.db'}"))
        config = migrations()
        config.attributes["engine"] = engine
        command.upgrade(config, "head")
    finally:
        engine.dispose()


def _make(file: Path) -> None:
    """An empty file where there is none. Raises StoreUnavailable."""
    try:
        # What people wrote is nobody else's business; the journal files take over the mode of the database.
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"The data folder {file.parent} cannot be made or written to ({error.strerror}). Make it writable for this "
            "user, or choose another one."
        ) from error


def back_up(file: Path, target: Path) -> None:
    """A consistent copy of a live SQLite database; replaces `target` only when it is complete."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("VACUUM INTO ?", (str(unfinished),))
    unfinished.replace(target)
