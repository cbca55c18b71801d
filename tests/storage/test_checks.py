"""The checks are green on a good database and name what is wrong with a bad one."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bot.ports import AuditRow
from storage import SqlStore
from storage.checks import Check, database_checks
from tests.storage.people import AT, settle


def bad(store: SqlStore) -> dict[str, Check]:
    return {check.name: check for check in database_checks(store) if not check.ok}


def tamper(store: SqlStore, statement: str) -> None:
    assert store.engine.url.database is not None
    with closing(sqlite3.connect(store.engine.url.database)) as raw:
        raw.execute(statement)
        raw.commit()


def audited(store: SqlStore) -> None:
    settle(store)
    with store.write() as uow:
        for number in range(3):
            uow.audit.add(1, AuditRow(AT, "member:1", "configure", f"room:{number}", "spam"))
        uow.commit()


def test_a_good_database_has_nothing_to_complain_of(store: SqlStore) -> None:
    audited(store)
    checks = {check.name: check for check in database_checks(store)}
    assert all(check.ok for check in checks.values()), checks
    assert "journal_mode=wal" in checks["settings"].found
    assert "synchronous=2" in checks["settings"].found
    assert "members: 2" in checks["rows"].found


def test_what_waits_for_a_person_is_said(store: SqlStore) -> None:
    settle(store)
    with store.write() as uow:
        uow.inbox.put(1, "web", [("1", "{}")], AT)
        uow.inbox.park(uow.inbox.pending(limit=1)[0].id, "bad JSON")
        uow.commit()
    (queues,) = [check for check in database_checks(store) if check.name == "queues"]
    assert queues.todo
    assert "inbox parked: 1" in queues.found


def test_broken_references_are_named(store: SqlStore) -> None:
    settle(store)
    tamper(store, "DELETE FROM members")
    assert "identities -> members" in bad(store)["references"].found


def test_a_changed_audit_entry_is_named(store: SqlStore) -> None:
    audited(store)
    tamper(store, "UPDATE audit SET reason = 'kindness' WHERE id = 2")
    assert "entry 2" in bad(store)["audit"].found


def test_a_removed_audit_entry_shows(store: SqlStore) -> None:
    audited(store)
    tamper(store, "DELETE FROM audit WHERE id = 2")
    assert "entry 3" in bad(store)["audit"].found


def test_another_revision_is_told(store: SqlStore) -> None:
    tamper(store, "UPDATE alembic_version SET version_num = '0000'")
    assert "upgrade" in bad(store)["revision"].todo
