"""Full, read-only, locked, damaged: StoreUnavailable with what to do, nothing lost, and it works again afterwards."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import BadInput, ConfigError, StoreUnavailable
from storage import SqlStore, open_store, upgrade
from storage.faults import check_values, to_json, unavailable
from tests.storage.people import AT

BIG = "x" * 20_000


def fill(store: SqlStore, *, prefix: str = "", limit: int = 4000) -> set[str]:
    """Put updates until the store refuses; returns those that were acknowledged."""
    acknowledged: set[str] = set()
    with pytest.raises(StoreUnavailable, match="full"):  # noqa: PT012 - the whole unit
        for number in range(limit):
            with store.write() as uow:
                uow.inbox.put(1, "web", [(f"{prefix}{number}", BIG)], AT)
                uow.commit()
            acknowledged.add(f"{prefix}{number}")
    return acknowledged


def stored(store: SqlStore) -> set[str]:
    with store.read() as uow:
        return {row.native_id for row in uow.inbox.pending(limit=10_000)}


def begin(store: SqlStore) -> None:
    with store.write() as uow:
        uow.communities.add("x", language="en", timezone="UTC", sample=False)
        uow.commit()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_recovers(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 1_500_000)
    url = f"sqlite:///{small_disk / 's.db'}"
    upgrade(url)
    store = open_store(url)
    begin(store)
    acknowledged = fill(store)
    assert acknowledged
    assert stored(store) == acknowledged
    with pytest.raises(StoreUnavailable), store.write() as uow:  # noqa: PT012 - the whole unit
        uow.inbox.put(1, "web", [("more", BIG * 10)], AT)
        uow.commit()
    ballast.unlink()
    with store.write() as uow:
        uow.inbox.put(1, "web", [("after", "{}")], AT)
        uow.commit()
    assert stored(store) == acknowledged | {"after"}
    store.close()
    with closing(sqlite3.connect(small_disk / "s.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_full_disk_under_many_writers_acknowledges_nothing_that_is_lost(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 's.db'}"
    upgrade(url)
    store = open_store(url)
    begin(store)
    acknowledged: set[str] = set()

    def work(thread: int) -> None:
        acknowledged.update(fill(store, prefix=f"{thread}-"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert acknowledged
    assert stored(store) >= acknowledged
    store.close()


def test_a_database_at_its_largest_size_is_full(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        (pages,) = raw.execute("PRAGMA page_count").fetchone()
    store = open_store(url, pragmas={"max_page_count": pages + 60})
    begin(store)
    acknowledged = fill(store)
    assert stored(store) == acknowledged
    with store.write() as uow:
        uow.inbox.put(1, "web", [("small", "{}")], AT)
        uow.commit()
    assert stored(store) == acknowledged | {"small"}
    store.close()


def test_an_error_that_was_swallowed_saves_nothing_by_halves(url: str) -> None:
    """After a full disk SQLite may have rolled back by itself: what comes after must not be saved row by row."""
    store = open_store(url)
    begin(store)
    with pytest.raises(StoreUnavailable, match="lost"), store.write() as uow:  # noqa: PT012 - the whole unit
        uow.inbox.put(1, "web", [("1", "{}")], AT)
        raw = uow._scope.session.connection().connection.dbapi_connection
        assert raw is not None
        raw.rollback()
        uow.inbox.put(1, "web", [("2", "{}")], AT)
    assert stored(store) == set()
    with store.write() as uow:
        uow.inbox.put(1, "web", [("3", "{}")], AT)
        uow.commit()
    assert stored(store) == {"3"}
    store.close()


def test_a_lost_transaction_fails_those_who_wait_for_it(url: str) -> None:
    store = open_store(url)
    begin(store)
    inside, failed = threading.Event(), list[str]()

    def second() -> None:
        with pytest.raises(StoreUnavailable), store.write() as uow:  # noqa: PT012 - the whole unit
            raw = uow._scope.session.connection().connection.dbapi_connection
            assert raw is not None
            raw.rollback()
            uow.commit()

    def first() -> None:
        try:
            with store.write() as uow:
                uow.inbox.put(1, "web", [("1", "{}")], AT)
                inside.set()
                threading.Event().wait(0.2)
                uow.commit()
        except StoreUnavailable as error:
            failed.append(str(error))

    threads = [threading.Thread(target=first)]
    threads[0].start()
    inside.wait(10)
    threads.append(threading.Thread(target=second))
    threads[1].start()
    for thread in threads:
        thread.join()
    # Whether the first was still waiting decides if it failed; either way it was told the truth.
    assert stored(store) == (set() if failed else {"1"})
    store.close()


def test_a_read_only_database_is_said_to_be_so(url: str) -> None:
    store = open_store(url, pragmas={"query_only": "ON"})
    with pytest.raises(StoreUnavailable, match="read-only"):
        begin(store)
    with store.read() as uow:
        assert uow.communities.all() == []
    store.close()


def test_a_read_only_folder_is_said_to_be_so(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 's.db'}"
    upgrade(url)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreUnavailable):  # noqa: PT012 - the whole unit
        store = open_store(url)
        try:
            begin(store)
        finally:
            store.close()


def test_a_lock_of_another_program_is_said_to_be_one(url: str) -> None:
    store = open_store(url, busy_seconds=0.1)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="Another program"):
            begin(store)
        other.execute("ROLLBACK")
    begin(store)
    store.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "s.db"
    file.write_bytes(b"hello" * 1000)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{file}")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "oracle://", "sqlite:///file:x?mode=memory"]
)
def test_addresses_that_cannot_be_used_are_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        open_store(url)


def test_postgresql_errors_mean_the_same() -> None:
    class Planted(Exception):
        def __init__(self, state: str) -> None:
            self.sqlstate = state

    for state, word in (("53100", "full"), ("25006", "read-only"), ("40001", "writing"), ("08006", "answer")):
        found = unavailable(Planted(state))
        assert found is not None
        assert word in str(found)
    assert unavailable(Planted("23505")) is None
    assert unavailable(None) is None


def test_values_are_checked_wherever_they_stand() -> None:
    good: list[object] = [("a", 1, None, b"\0"), {"a": "ok 你好"}, [("x",), ("y",)]]
    for row in good:
        check_values(row)
    bad: list[object] = [("\0",), {"a": "\ud800"}, [("x",), (2**63,)], (-(2**63),)]
    for row in bad:
        with pytest.raises(BadInput):
            check_values(row)
    assert to_json({"a": "你", "b": "\\u0000"}) == '{"a":"你","b":"\\\\u0000"}'
    for value in (float("nan"), ["\0"], {"\0": 1}):
        with pytest.raises(BadInput):
            to_json(value)
