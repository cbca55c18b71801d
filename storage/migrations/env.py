"""Runs the migrations on the engine that `storage.upgrade` hands over. Knows no revision."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, Engine, text

from storage.tables import METADATA


def _run(engine: Engine) -> None:
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        # Batch mode drops and renames tables: with foreign keys on, SQLite would delete the children of every row.
        # The setting is ignored inside a transaction, so it is made on the raw connection.
        raw = connection.connection.dbapi_connection
        if sqlite and raw is not None:
            raw.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=True,
            compare_type=True,
            # All or nothing, also on SQLite: our connections begin transactions themselves, so its DDL can be undone.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                _check_references(connection)


def _check_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if broken:
        listed = ", ".join(sorted({f"{row[0]} -> {row[2]}" for row in broken}))
        raise RuntimeError(f"the migration would leave rows that point at nothing ({listed}); it was rolled back")


_run(context.config.attributes["engine"])
