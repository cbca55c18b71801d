"""What Telegram Desktop's exports should not hold, and sometimes do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.telegram.exported import flat_text
from adapters.telegram.history import read_history
from bot.domain.incoming import MessagePosted, ReactionChanged
from bot.domain.refs import AccountRef
from bot.domain.text import MAX_TEXT
from bot.errors import BadInput
from bot.ports import SkippedRow
from tests.adapters.builders import Found
from tests.adapters.paths import FIXTURES, write

GOOD = {"id": 1, "type": "message", "date_unixtime": "1709258400", "from": "M", "from_id": "user1", "text": "hi"}
NASTY = "<b>\u202ex\0\x0b &amp; \ud83d"


def _read(folder: Path, *messages: object, **options: object) -> list[Found]:
    chat = {"name": "G", "type": "private_supergroup", "id": 9, "messages": list(messages)}
    return list(read_history(write(folder, "result.json", json.dumps(chat, indent=1)), **options))  # type: ignore[arg-type]


def _one(folder: Path, **fields: object) -> Found:
    [found] = _read(folder, GOOD | fields)
    return found


def _posted(folder: Path, **fields: object) -> MessagePosted:
    found = _one(folder, **fields)
    assert isinstance(found, MessagePosted), found
    return found


@pytest.mark.parametrize(
    ("fields", "column", "problem"),
    [
        ({"id": None}, "id", "without a usable id"),
        ({"id": 1.5}, "id", "without a usable id"),
        ({"id": "x" * 201}, "id", "without a usable id"),
        ({"type": "hologram"}, "type", "unknown type 'hologram'"),
        ({"type": ["message"]}, "type", "unknown type ''"),
        ({"date_unixtime": "9" * 30}, "date", "seconds or milliseconds"),
        ({"date_unixtime": "-1"}, "date", "between 1970 and 2200"),
        ({"date_unixtime": "soon"}, "date", "seconds or milliseconds"),
        ({"date_unixtime": None, "date": None}, "date", "without a date"),
        ({"date_unixtime": None, "date": "gestern"}, "date", "write ISO 8601"),
    ],
)
def test_a_message_that_cannot_be_used(tmp_path: Path, fields: dict[str, object], column: str, problem: str) -> None:
    found = _one(tmp_path, **fields)
    assert isinstance(found, SkippedRow)
    assert (found.line, found.column) == (6, column)
    assert problem in found.problem


def test_other_values_than_messages_and_ids_told_twice(tmp_path: Path) -> None:
    found = _read(tmp_path, GOOD, "hello", None, GOOD | {"text": "again"}, GOOD | {"id": 0})
    assert [row for row in found if isinstance(row, SkippedRow)] == [
        SkippedRow(14, "messages", "expected a message, found something else"),
        SkippedRow(15, "messages", "expected a message, found something else"),
        SkippedRow(16, "id", "message 1 is in the file twice; the first one counts"),
    ]
    assert [row.text for row in found if isinstance(row, MessagePosted)] == ["hi", "hi"]


@pytest.mark.parametrize(("seconds", "year"), [(0, 1970), (4102444800, 2100)])
def test_far_dates_are_kept_unless_now_is_given(tmp_path: Path, seconds: int, year: int) -> None:
    assert _posted(tmp_path, date_unixtime=seconds).at.year == year
    [found] = _read(tmp_path, GOOD | {"date_unixtime": seconds}, now=datetime(2024, 6, 1, tzinfo=UTC))
    assert isinstance(found, SkippedRow) is (year == 2100)


def test_local_times_need_a_zone(tmp_path: Path) -> None:
    local = {key: value for key, value in GOOD.items() if key != "date_unixtime"} | {"date": "2024-03-01T10:00:00"}
    with pytest.raises(BadInput, match="line 6 has no time zone") as caught:
        _read(tmp_path, local)
    assert "--timezone" in caught.value.hint
    [found] = _read(tmp_path, local, timezone=ZoneInfo("Asia/Shanghai"))
    assert isinstance(found, MessagePosted)
    assert found.at == datetime(2024, 3, 1, 2, tzinfo=UTC)
    known = GOOD | {"date": "2024-03-01T10:00:00"}
    assert isinstance(_read(tmp_path, known, local | {"id": 2})[1], SkippedRow)


@pytest.mark.parametrize(
    ("fields", "native_id", "name"),
    [
        ({"from": None}, "1", "Deleted account"),
        ({"from_id": 4411223344}, "4411223344", "M"),
        ({"from_id": "channel5"}, "-1005", "M"),
        ({"from_id": "chat5"}, "-5", "M"),
        ({"from_id": None}, "name:M", "M"),
        ({"from_id": None, "from": None}, "-1009", "G"),
        ({"from_id": "x" * 500, "from": {"a": 1}}, "-1009", "G"),
        ({"from": NASTY}, "1", "<b>x &amp;"),
    ],
)
def test_senders(tmp_path: Path, fields: dict[str, object], native_id: str, name: str) -> None:
    sender = _posted(tmp_path, **fields).sender
    assert (sender.account, sender.name) == (AccountRef("telegram", native_id), name)


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        (["a", {"type": "text_link", "text": "b", "href": "https://x.org/"}], "ab (https://x.org/)"),
        ([{"type": "text_link", "text": "see https://x.org", "href": "https://x.org/"}], "see https://x.org"),
        ({"type": "bold", "text": "one"}, "one"),
        ([1, None, ["a"], {"text": 5}, {}], ""),
        (NASTY, "<b>x &amp;"),
        (None, ""),
    ],
)
def test_text_of_every_shape(text: object, flat: str) -> None:
    assert flat_text(text) == flat


def test_html_and_controls_in_every_field(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        GOOD
        | {
            "from": NASTY,
            "text": NASTY,
            "file": NASTY,
            "media_type": NASTY,
            "poll": {"question": NASTY, "answers": [{"text": NASTY, "voters": -1}, 5]},
            "reactions": [
                {"type": "emoji", "emoji": NASTY, "count": 2, "recent": [{"from": NASTY, "from_id": "user2"}]}
            ],
        },
        {"id": 2, "type": "service", "date_unixtime": "1", "actor": NASTY, "actor_id": "user1", "action": NASTY},
    )
    assert [type(row) for row in found] == [MessagePosted, ReactionChanged, ReactionChanged, MessagePosted]
    text = repr(found)
    assert not {"\u202e", "\0", "\x0b", "\ud83d"} & set(text)
    text.encode()


@pytest.mark.parametrize("field", ["reactions", "poll", "edited_unixtime", "members", "text", "photo", "file"])
@pytest.mark.parametrize("value", [None, True, -5, 1e300, "x", [], [[]], [None], {}, {"recent": 1}, [{"recent": {}}]])
def test_fields_of_wrong_types_spoil_nothing(tmp_path: Path, field: str, value: object) -> None:
    assert _posted(tmp_path, **{field: value}).at == datetime(2024, 3, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("field", ["action", "members", "title", "actor", "actor_id", "reply_to_message_id"])
@pytest.mark.parametrize("value", [None, True, -5, [[]], {}, "join_group_by_link"])
def test_service_fields_of_wrong_types_spoil_nothing(tmp_path: Path, field: str, value: object) -> None:
    service = {"type": "service", "action": "topic_created", "actor": "M", "actor_id": "user1", field: value}
    [found, *_] = _read(tmp_path, GOOD | service)
    assert isinstance(found, MessagePosted)
    assert found.service


def test_reactions_that_do_not_add_up(tmp_path: Path) -> None:
    recent = [{"from": "A", "from_id": "user2"}, {"from": "A", "from_id": "user2"}, {"from": "B", "from_id": "user3"}]
    paid = {"type": "paid", "count": 4}
    nothing = [{"type": "emoji", "emoji": "x", "count": 0}, {"type": "emoji", "count": 3}]
    found = _read(tmp_path, GOOD | {"reactions": [{"emoji": "👍", "count": 1, "recent": recent}, paid, *nothing]})
    reactions = [row for row in found if isinstance(row, ReactionChanged)]
    assert [(r.sender and r.sender.name, r.emoji, r.count) for r in reactions] == [
        ("A", "👍", 1),
        ("B", "👍", 1),
        (None, "⭐", 4),
    ]


def test_ten_megabytes_of_text_are_cut(tmp_path: Path) -> None:
    assert _posted(tmp_path, text="x" * 10_000_000).text == "x" * MAX_TEXT
    assert _posted(tmp_path, text=[{"type": "bold", "text": "y" * 100}] * 100_000).text == "y" * MAX_TEXT


def test_a_deep_message_spoils_itself_only(tmp_path: Path) -> None:
    deep = '{"id": 5, "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    text = f'{{"type": "private_group", "id": 9, "messages": [\n{deep},\n{json.dumps(GOOD)}]}}'
    found = list(read_history(write(tmp_path, "result.json", text)))
    assert found[0] == SkippedRow(2, "", "nested too deeply in line 2")
    assert isinstance(found[1], MessagePosted)


def test_a_file_that_is_cut_off_is_told_after_what_came_before(tmp_path: Path) -> None:
    text = (FIXTURES / "telegram_forum.json").read_text(encoding="utf-8")
    text = text[: text.index('"id": 5') + 30]
    line = text.count("\n") + 1
    reading = read_history(write(tmp_path, "result.json", text))
    found = list(islice(reading, 9))
    assert isinstance(found[-1], ReactionChanged)
    with pytest.raises(
        BadInput, match=rf"in the middle, at line {line}, column \d+ \(the entry there starts in line {line - 2}\)"
    ):
        next(reading)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "does not start with an object"),
        ({"about": "x"}, "holds no chats"),
        ({"chats": []}, "holds no chats"),
    ],
)
def test_another_file(tmp_path: Path, content: object, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        list(read_history(write(tmp_path, "result.json", content)))


@pytest.mark.parametrize(
    ("chat", "column"),
    [
        ({"id": 1, "messages": [GOOD]}, "type"),
        ({"id": 1, "type": "galaxy", "messages": [GOOD]}, "type"),
        ({"type": "private_group", "messages": [GOOD]}, "id"),
        ({"type": "private_group", "id": {"a": 1}, "messages": [GOOD]}, "id"),
        ({"type": "private_group", "id": 1, "messages": {"a": GOOD}}, "messages"),
        ({"type": "personal_chat", "id": 1, "messages": [GOOD]}, "type"),
    ],
)
def test_a_chat_that_cannot_be_used(tmp_path: Path, chat: dict[str, object], column: str) -> None:
    good = {"type": "private_group", "id": 2, "messages": [GOOD]}
    for content in (chat, {"chats": {"about": "", "list": [chat, 5, good]}}):
        found = list(read_history(write(tmp_path, "result.json", content)))
        assert isinstance(found[0], SkippedRow)
        assert found[0].column == column
        assert len(found) == (3 if "chats" in content else 1)
