"""Interactions from the platform that sells the courses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.files.interactions import read_interactions
from bot.domain.interactions import RawInteraction, Signal
from bot.domain.items import ItemId
from bot.domain.refs import AccountRef
from bot.ports import SkippedRow
from tests.adapters.paths import FIXTURES, write

NOW = datetime(2024, 6, 1, tzinfo=UTC)
AT = datetime(2024, 3, 1, 2, tzinfo=UTC)
BOOK = ItemId("course:rust-book")
LEARNER = AccountRef("import", "learner-7")


def _one(tmp_path: Path, **cells: object) -> RawInteraction | SkippedRow:
    row = {"user": "u", "item": "a", "signal": "enrol", "at": "2024-03-01T02:00:00Z"} | cells
    [found] = read_interactions(write(tmp_path, "i.jsonl", [row]), now=NOW)
    return found


def test_csv_golden() -> None:
    found = list(read_interactions(FIXTURES / "interactions.csv", now=NOW))
    assert [row for row in found if isinstance(row, SkippedRow)] == [
        SkippedRow(6, "value", "a rating is from 1 to 5, found 6"),
        SkippedRow(7, "value", "progress is between 0 and 1 (or 0% and 100%), found 45"),
        SkippedRow(
            8, "signal", "'post' is not one of browse, click, save, enrol, progress, complete, rate, dismiss, attend"
        ),
        SkippedRow(9, "at", "2024-03-05T10:00:00 has no time zone; add an offset such as +08:00 or give --timezone"),
        SkippedRow(10, "at", "2100-03-05T10:00:00+00:00 is in the future"),
        SkippedRow(11, "item", "is required"),
    ]
    enrol = "import:72fb0b981f6846da361bc4ba6efdee45"
    rows = [row for row in found if isinstance(row, RawInteraction)]
    assert [rows[0], rows[3]] == [
        RawInteraction(AccountRef("telegram", "101"), BOOK, Signal.ENROL, 1.0, AT, enrol, 2),
        RawInteraction(LEARNER, BOOK, Signal.RATE, 5.0, datetime(2024, 3, 5, 10, tzinfo=UTC), "import:id:r-1", 5),
    ]
    assert [(row.account, row.signal, row.value, row.at, row.line) for row in rows[1:3]] == [
        (LEARNER, Signal.PROGRESS, 0.45, AT, 3),
        (LEARNER, Signal.PROGRESS, 0.5, AT, 4),
    ]


def test_the_key_is_of_the_facts_and_not_of_their_notation(tmp_path: Path) -> None:
    def key(**cells: object) -> str:
        found = _one(tmp_path, **cells)
        assert isinstance(found, RawInteraction)
        return found.key

    assert key() == key(item="course:a", at="2024-03-01T10:00:00+08:00", signal="ENROL") == key(at=1709258400)
    keys = {key(), key(user="v"), key(item="b"), key(signal="save"), key(at=1709258401), key(id="1")}
    assert len(keys) == 6


def test_local_times_need_a_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "i.csv", "user,item,signal,at\nu,a,save,2024-03-01 10:00\n")
    [found] = read_interactions(path, timezone=ZoneInfo("Asia/Shanghai"))
    assert isinstance(found, RawInteraction)
    assert found.at == AT


def test_a_little_ahead_is_a_clock_and_more_is_a_mistake(tmp_path: Path) -> None:
    assert isinstance(_one(tmp_path, at=(NOW + timedelta(hours=23)).isoformat()), RawInteraction)
    assert isinstance(_one(tmp_path, at=(NOW + timedelta(hours=25)).isoformat()), SkippedRow)


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ("Telegram: 5", AccountRef("telegram", "5")),
        ("web:mei", AccountRef("web", "mei")),
        (42, AccountRef("import", "42")),
        ("mei@example.org", AccountRef("import", "mei@example.org")),
        ("shop:9", AccountRef("import", "shop:9")),
        ("Rene\u0301e", AccountRef("import", "Ren\u00e9e")),
        ("用户😀", AccountRef("import", "用户😀")),
    ],
)
def test_users(tmp_path: Path, user: object, account: AccountRef) -> None:
    found = _one(tmp_path, user=user)
    assert isinstance(found, RawInteraction)
    assert found.account == account


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"user": "telegram:"}, "user", "printable"),
        ({"user": "a\ud83d"}, "user", "printable"),
        ({"user": "a\nb"}, "user", "printable"),
        ({"user": "x" * 201}, "user", "1-200"),
        ({"user": {}}, "user", "must be text"),
        ({"item": "shop:1"}, "item", "course:, post: or event:"),
        ({"item": "course:"}, "item", "1-100"),
        ({"item": "course:a:b"}, "item", "colons"),
        ({"signal": "solved"}, "signal", "is not one of"),
        ({"signal": "progress"}, "value", "write progress as 0.45 or 45%"),
        ({"signal": "progress", "value": "101%"}, "value", "0% and 100%"),
        ({"signal": "progress", "value": float("nan")}, "value", "is not a number"),
        ({"signal": "rate", "value": "5 stars"}, "value", "is not a number"),
        ({"signal": "rate", "value": "4%"}, "value", "from 1 to 5"),
        ({"signal": "save", "value": 3}, "value", "leave it empty for save"),
        ({"at": None}, "at", "is required"),
        ({"at": "yesterday"}, "at", "write ISO 8601"),
        ({"at": "20240301"}, "at", "a date?"),
        ({"at": "1969-12-31T00:00:00Z"}, "at", "between 1970 and 2200"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at", "out of range"),
        ({"at": 10**18}, "at", "seconds"),
        ({"at": True}, "at", "write ISO 8601"),
        ({"id": "a b"}, "id", "without spaces"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, cells: dict[str, object], column: str, problem: str) -> None:
    found = _one(tmp_path, **cells)
    assert isinstance(found, SkippedRow), found
    assert (found.line, found.column) == (1, column)
    assert problem in found.problem
    found.problem.encode()


def test_attendance_of_an_event_and_the_epoch(tmp_path: Path) -> None:
    found = _one(tmp_path, item="event:meetup-3", signal="attend", value=1, at=0)
    assert isinstance(found, RawInteraction)
    assert (found.item, found.signal, found.value) == ("event:meetup-3", Signal.ATTEND, 1.0)
    assert found.at == datetime(1970, 1, 1, tzinfo=UTC)
