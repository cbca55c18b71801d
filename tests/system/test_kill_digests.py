"""Digests through kills: whoever is due is planned once and written to once, whatever dies in the middle of a lot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import Starts
from tests.system.contents import unsound
from tests.system.serving import until

DUE = timedelta(minutes=30)


def asked(home: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "studyhall.db", timeout=30, isolation_level=None)) as raw:
        return raw.execute(statement, values).fetchall()


def wait(true: Callable[[], object]) -> None:
    until(true, seconds=120, every=0.01)


def count(home: Path, table_and_where: str) -> int:
    return int(asked(home, f"SELECT count(*) FROM {table_and_where}")[0][0])


def everybody_is_due(home: Path, most: int) -> int:
    """Members of the sample want their digest, and its hour was half an hour ago; how many."""
    due = (datetime.now(UTC) - DUE).replace(second=0, microsecond=0)
    at, since = (f"{moment:%Y-%m-%d %H:%M:%S}.000000" for moment in (due, due - timedelta(days=9)))
    (people,) = zip(*asked(home, "SELECT id FROM members WHERE NOT bot ORDER BY id LIMIT ?", most), strict=True)
    community = asked(home, "SELECT id FROM communities")[0][0]
    for member in people:
        digest = {"member_id": member, "community_id": community, "enabled": True, "frequency": "weekly",
                  "weekday": due.weekday(), "hour": due.hour, "minute": 0, "length": 5, "platform": "web",
                  "sections": '["continue"]', "quiet_start": 0, "quiet_end": 0, "skip_next": False, "last_note": "",
                  "unreachable": 0, "hint": ""}  # fmt: skip
        schedule = {"community_id": community, "job": "digest", "recipient": f"member:{member}", "timezone": "UTC",
                    "frequency": "weekly", "weekday": due.weekday(), "at": f"{due:%H:%M}:00.000000", "enabled": True,
                    "since": since, "planned": True, "next_at": at}  # fmt: skip
        for table, row in (("digests", digest), ("schedules", schedule)):
            names, signs = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
            asked(home, f"DELETE FROM {table} WHERE {'member_id' if table == 'digests' else 'recipient'} = ?",
                  row.get("member_id", row.get("recipient")))  # fmt: skip
            asked(home, f"INSERT INTO {table} ({names}) VALUES ({signs})", *row.values())
    return len(people)


def each_once(home: Path, people: int) -> None:
    """One occurrence a member, all ended, and no message that is not the one of its occurrence."""
    assert asked(home, "SELECT count(*), count(DISTINCT recipient) FROM occurrences WHERE job = 'digest'") == [
        (people, people)
    ]
    assert count(home, "occurrences WHERE job = 'digest' AND outcome NOT IN ('done', 'skipped')") == 0
    done = count(home, "occurrences WHERE job = 'digest' AND outcome = 'done'")
    assert done > people / 2, asked(home, "SELECT outcome, note, count(*) FROM occurrences GROUP BY 1, 2")
    keys = "SELECT count(*), count(DISTINCT key), count(DISTINCT member_id) FROM outbox WHERE key LIKE 'digest:%'"
    assert asked(home, keys) == [(done, done, done)]
    assert asked(home, "SELECT count(*) FROM exposures WHERE surface = 'digest'") == asked(
        home, "SELECT count(*) FROM (SELECT DISTINCT member_id, item FROM exposures WHERE surface = 'digest')"
    )
    assert unsound(home) == []


@pytest.mark.slow
def test_the_program_killed_while_it_plans_and_while_it_sends(home: Path, serve: Starts) -> None:
    people = everybody_is_due(home, 60)
    server = serve(home).start()
    wait(lambda: count(home, "occurrences WHERE job = 'digest' AND outcome = 'claimed'") > 0)
    server.kill()
    left = count(home, "occurrences WHERE job = 'digest' AND outcome = 'claimed'")
    server.start()
    wait(lambda: count(home, "occurrences WHERE job = 'digest' AND outcome = 'claimed'") == 0)
    assert left > 0, "it was in the middle of a lot"
    each_once(home, people)
    mine = "outbox WHERE key LIKE 'digest:%' AND state"
    # Each has a moment of its own within five minutes: for all of them it is now.
    asked(home, "UPDATE outbox SET due_at = ? WHERE state = 'pending'", f"{datetime.now(UTC):%F %T}.000000")
    wait(lambda: count(home, f"{mine} = 'sent'") > 0)
    server.kill()
    sent = count(home, f"{mine} = 'sent'")
    server.start()
    wait(lambda: count(home, f"{mine} IN ('pending', 'sending')") == 0)
    each_once(home, people)
    done = count(home, "occurrences WHERE job = 'digest' AND outcome = 'done'")
    doubtful = count(home, f"{mine} = 'in_doubt'")
    assert count(home, f"{mine} = 'sent'") == done - doubtful
    assert doubtful <= done - sent
    written = (
        "messages AS m JOIN rooms AS r ON r.id = m.room_id WHERE m.by_bot AND r.kind = 'direct' AND m.payload LIKE"
    )
    arrived = f"SELECT count(*), count(DISTINCT m.room_id) FROM {written} '%📬%'"
    ((letters, rooms),) = asked(home, arrived)
    assert letters == rooms
    assert done - doubtful <= letters <= done
    assert server.stop()[0] == 0
