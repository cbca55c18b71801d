"""What DiscordChatExporter's files should not hold, and sometimes do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.discord.history import read_history
from bot.domain.incoming import MessagePosted, ReactionChanged, RoomKind
from bot.domain.refs import RoomRef
from bot.domain.text import MAX_TEXT
from bot.errors import BadInput
from bot.ports import SkippedRow
from tests.adapters.builders import Found
from tests.adapters.paths import write

GOOD = {
    "id": "1",
    "type": "Default",
    "timestamp": "2024-03-01T10:00:00+00:00",
    "content": "hi",
    "author": {"id": "5", "name": "M"},
}
CHANNEL = {"id": "9", "type": "GuildTextChat", "name": "c"}
NASTY = "<b>\u202ex\0\x0b &amp; \ud83d"


def _read(folder: Path, *messages: object, channel: object = CHANNEL, **options: object) -> list[Found]:
    content = {"guild": {"id": "1"}, "channel": channel, "messages": list(messages)}
    return list(read_history(write(folder, "c.json", json.dumps(content, indent=1)), **options))  # type: ignore[arg-type]


def _posted(folder: Path, **fields: object) -> MessagePosted:
    [found] = _read(folder, GOOD | fields)
    assert isinstance(found, MessagePosted), found
    return found


@pytest.mark.parametrize(
    ("fields", "column", "problem"),
    [
        ({"id": None}, "id", "without a usable id"),
        ({"type": "Teleport"}, "type", "unknown type 'Teleport'"),
        ({"type": {}}, "type", "unknown type ''"),
        ({"timestamp": None}, "timestamp", "without a date"),
        ({"timestamp": "2024-03-01T10:00:00"}, "timestamp", "no time zone"),
        ({"timestamp": []}, "timestamp", "write ISO 8601"),
        ({"author": None}, "author", "without an author"),
        ({"author": {"id": ""}}, "author", "without an author"),
    ],
)
def test_a_message_that_cannot_be_used(tmp_path: Path, fields: dict[str, object], column: str, problem: str) -> None:
    [found] = _read(tmp_path, GOOD | fields)
    assert isinstance(found, SkippedRow)
    assert (found.line, found.column) == (11, column)
    assert problem in found.problem


@pytest.mark.parametrize("field", ["reactions", "reference", "embeds", "attachments", "stickers", "forwardedMessage"])
@pytest.mark.parametrize("value", [None, True, -5, "x", [], [[]], [None], {}, {"attachments": 1}, [{"emoji": 1}]])
def test_fields_of_wrong_types_spoil_nothing(tmp_path: Path, field: str, value: object) -> None:
    assert _posted(tmp_path, **{field: value}).text == "hi"


def test_html_and_controls_in_every_field(tmp_path: Path) -> None:
    user = {"id": "6", "name": NASTY, "nickname": NASTY}
    found = _read(
        tmp_path,
        GOOD
        | {
            "content": NASTY,
            "author": user,
            "attachments": [{"fileName": NASTY}],
            "stickers": [{"name": NASTY}],
            "reactions": [{"emoji": {"name": NASTY, "id": "1"}, "count": 2, "users": [user]}],
        },
        channel=CHANNEL | {"name": NASTY, "topic": NASTY, "category": NASTY},
    )
    assert [type(row) for row in found] == [MessagePosted, ReactionChanged, ReactionChanged]
    text = repr(found)
    assert not {"\u202e", "\0", "\x0b", "\ud83d"} & set(text)
    text.encode()


@pytest.mark.parametrize(
    ("reference", "reply_to"),
    [
        ({"messageId": "7", "channelId": "9"}, "7"),
        ({"messageId": "7"}, "7"),
        ({"messageId": 7, "channelId": 9}, "7"),
        ({"messageId": "1", "channelId": "9"}, None),
        ({"messageId": "7", "channelId": "8"}, None),
        ({"messageId": "7", "channelId": "9", "type": "Forward"}, None),
        ({"messageId": None}, None),
    ],
)
def test_answers(tmp_path: Path, reference: object, reply_to: str | None) -> None:
    assert _posted(tmp_path, type="Reply", reference=reference).reply_to == reply_to


@pytest.mark.parametrize(
    ("channel", "room", "kind", "private"),
    [
        (CHANNEL, RoomRef("discord", "9"), RoomKind.CHANNEL, False),
        (CHANNEL | {"type": "GuildPublicThread"}, RoomRef("discord", "9"), RoomKind.THREAD, False),
        (
            CHANNEL | {"type": "GuildPrivateThread", "categoryId": "3"},
            RoomRef("discord", "3", "9"),
            RoomKind.THREAD,
            True,
        ),
    ],
)
def test_places(tmp_path: Path, channel: object, room: RoomRef, kind: RoomKind, private: bool) -> None:
    [found] = _read(tmp_path, GOOD, channel=channel)
    assert isinstance(found, MessagePosted)
    assert (found.ref.room, found.place.kind, found.place.private) == (room, kind, private)


@pytest.mark.parametrize("channel", [None, {}, CHANNEL | {"id": []}, CHANNEL | {"type": "DirectTextChat"}])
def test_a_channel_that_cannot_be_used(tmp_path: Path, channel: object) -> None:
    [found] = _read(tmp_path, GOOD, GOOD, channel=channel)
    assert isinstance(found, SkippedRow)
    assert found.column == "channel"


def test_far_dates_long_texts_and_service_messages_by_number(tmp_path: Path) -> None:
    assert _posted(tmp_path, timestamp="1970-01-01T00:00:00Z").at == datetime(1970, 1, 1, tzinfo=UTC)
    assert _posted(tmp_path, timestamp="2100-01-01T00:00:00.1234567+14:00").at.year == 2099
    [found] = _read(tmp_path, GOOD | {"timestamp": "2100-01-01T00:00:00Z"}, now=datetime(2024, 1, 1, tzinfo=UTC))
    assert isinstance(found, SkippedRow)
    assert _posted(tmp_path, content="x" * 10_000_000).text == "x" * MAX_TEXT
    assert _posted(tmp_path, type="21", content="").service


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "does not start with an object"),
        ({"guild": {}}, "holds no messages"),
        ('{"guild": {', "ends in the middle"),
    ],
)
def test_another_file(tmp_path: Path, content: object, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        list(read_history(write(tmp_path, "c.json", content)))


def test_a_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="without JSON files"):
        list(read_history(tmp_path))
