"""Migrations lead from nothing to exactly the tables of the models, safely, and the store refuses anything else."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.domain.incoming import Sender
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.refs import AccountRef
from bot.errors import ConfigError
from storage import open_store, schema, upgrade
from storage.connections import make_engine, parse_url
from storage.tables import METADATA
from tests.storage.people import AT

PLATFORM_COLUMNS = re.compile(r"platform|native_id|thread_id|reply_to_native")
MAY_NAME_PLATFORMS = {
    *("identities", "rooms", "messages", "inbox", "outbox", "receipts", "digests"),
    *("event_guests", "event_mirrors", "event_threads", "links", "homes", "checks", "native_roles"),
}


def made_by_models(file: Path) -> dict[str, str]:
    engine = create_engine(f"sqlite:///{file}")
    METADATA.create_all(engine)
    engine.dispose()
    return statements(file)


def statements(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: in_any_order(sql) for name, sql in rows if name != "alembic_version"}


def in_any_order(sql: str) -> str:
    """The words of a statement, sorted: the order of columns and constraints says nothing."""
    return " ".join(sorted(re.findall(r"[\w'.:%]+", sql)))


def test_migrating_from_nothing_gives_the_models_tables(migrated: Path, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
    # The comparison above does not see CHECK constraints; the statements do.
    assert statements(migrated) == made_by_models(tmp_path / "models.db")


def test_migrations_can_be_taken_back(migrated: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.db'}"
    upgrade(url)
    engine = make_engine(parse_url(url), use="migrate")
    config = schema.migrations()
    config.attributes["engine"] = engine
    command.downgrade(config, "base")
    engine.dispose()
    assert not set(statements(tmp_path / "s.db")) - {"sqlite_sequence"}


def test_every_table_also_compiles_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        CreateTable(table).compile(dialect=dialect)
        for index in table.indexes:
            CreateIndex(index).compile(dialect=dialect)


def test_every_table_of_a_community_names_it() -> None:
    without = {name for name, table in METADATA.tables.items() if "community_id" not in table.columns}
    assert without == {"communities"}


def test_platform_ids_stand_where_they_may_and_nothing_points_at_them() -> None:
    for name, table in METADATA.tables.items():
        named = [column.name for column in table.columns if PLATFORM_COLUMNS.search(column.name)]
        assert not named or name in MAY_NAME_PLATFORMS, (name, named)
        for key in table.foreign_keys:
            assert key.column.name in {"id", "row"}


def test_upgrading_twice_changes_nothing_and_keeps_others_out(tmp_path: Path) -> None:
    file = tmp_path / "new" / "s.db"
    upgrade(f"sqlite:///{file}")
    before = file.stat()
    upgrade(f"sqlite:///{file}")
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert stat.S_IMODE(before.st_mode) == 0o600
    assert list(file.parent.glob("*before*")) == []


def test_a_database_that_is_not_at_the_newest_revision_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.db'}"
    with pytest.raises(ConfigError, match="studyhall upgrade"):
        open_store(url)
    upgrade(url)
    with closing(sqlite3.connect(tmp_path / "s.db")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    with pytest.raises(ConfigError, match="9999"):
        open_store(url)
    with pytest.raises(ConfigError, match="newer version"):
        upgrade(url)


def plant_migration(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """One more revision after the real ones, for this test only."""
    scripts = folder / "migrations"
    real = Path(schema.__file__).parent / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for file in [*real.glob("*.py"), *real.glob("*.mako"), *real.glob("versions/0*.py")]:
        (scripts / file.relative_to(real)).write_text(file.read_text())
    head = schema.head_revision()
    (scripts / "versions" / "9999_planted.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '9999'\ndown_revision = {head!r}\n"
        f"def upgrade():\n{body}\ndef downgrade():\n    pass\n"
    )
    config = schema.migrations()
    config.set_main_option("script_location", str(scripts))
    monkeypatch.setattr(schema, "migrations", lambda: config)


REBUILD = "    with op.batch_alter_table('communities') as batch:\n        batch.alter_column('name', type_=sa.Text())"


def test_rebuilding_a_table_loses_no_children_and_leaves_a_copy(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(url)
    with store.write() as uow:
        uow.communities.add("kept", language="en", timezone="UTC", sample=False)
        uow.inbox.put(1, "web", [(str(number), "{}") for number in range(30)], AT)
        uow.commit()
    store.close()
    plant_migration(tmp_path / "planted", monkeypatch, REBUILD)
    upgrade(url)
    file = Path(url.removeprefix("sqlite:///"))
    for one in (file, file.with_name("studyhall.before-9999.db")):
        with closing(sqlite3.connect(one)) as raw:
            assert raw.execute("SELECT count(*) FROM inbox").fetchone() == (30,)
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(sqlite3.connect(file)) as raw:
        (made,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'communities'").fetchone()
    assert "name TEXT" in made


def test_a_migration_that_breaks_references_is_rolled_back(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(url)
    with store.write() as uow:
        uow.communities.add("kept", language="en", timezone="UTC", sample=False)
        uow.inbox.put(1, "web", [("1", "{}")], AT)
        uow.commit()
    store.close()
    plant_migration(tmp_path / "planted", monkeypatch, "    op.execute('DELETE FROM communities')")
    with pytest.raises(RuntimeError, match="inbox -> communities"):
        upgrade(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        assert raw.execute("SELECT name FROM communities").fetchall() == [("kept",)]
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() != [("9999",)]


@pytest.mark.slow
def test_migrations_travel_in_the_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    program = (
        "import storage, sys; assert storage.__file__.startswith(sys.argv[1]);"
        "url = 'sqlite:///' + sys.argv[1] + '/s.db'; storage.upgrade(url); storage.open_store(url).close()"
    )
    subprocess.run([sys.executable, "-c", program, str(installed)], cwd=installed, check=True)


def test_the_signals_change_without_losing_an_interaction_or_reusing_a_number(tmp_path: Path) -> None:
    """SQLite copies the table for it: rows, their numbers and the highest number ever given out stay."""
    file = tmp_path / "s.db"
    url = f"sqlite:///{file}"
    upgrade(url)
    store = open_store(url)
    with store.write() as uow:
        community = uow.communities.add("Rustaceans", language="en", timezone="UTC", sample=False)
        member = uow.members.resolve(community.id, Sender(AccountRef("web", "a"), "a"), AT)
        for number, signal in enumerate((Signal.SAVE, Signal.KNOWN, Signal.CLICK)):
            done = Interaction(member.id, ItemId("course:a"), signal, AT, f"k{number}")
            assert uow.interactions.add(community.id, done)
        assert uow.interactions.withdraw(community.id, "k2")
        uow.commit()
    store.close()
    engine = make_engine(parse_url(url), use="migrate")
    config = schema.migrations()
    config.attributes["engine"] = engine
    command.downgrade(config, "0002")
    engine.dispose()
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT id, key FROM interactions").fetchall() == [(1, "k0")]
        with pytest.raises(sqlite3.IntegrityError, match="ck_interactions_signal"):
            raw.execute("UPDATE interactions SET signal = 'known'")
    upgrade(url)
    store = open_store(url)
    with store.write() as uow:
        fresh = Interaction(1, ItemId("course:a"), Signal.KNOWN, AT, "k9")
        assert uow.interactions.add(community.id, fresh)
        uow.commit()
    store.close()
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT id, key FROM interactions ORDER BY id").fetchall() == [(1, "k0"), (4, "k9")]
        assert raw.execute("SELECT count(*) FROM withdrawals").fetchone() == (1,)
