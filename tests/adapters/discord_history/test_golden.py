"""DiscordChatExporter's files, whole: what happened, value for value."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from adapters.discord.history import read_history
from bot.domain.incoming import Attachment, MemberJoined, MessagePosted, Place, ReactionChanged
from bot.domain.refs import MessageRef, RoomRef
from bot.ports import SkippedRow
from tests.adapters.builders import Found, discord_user, thread, utc
from tests.adapters.paths import FIXTURES, write

ROOM = RoomRef("discord", "910")
RUST = Place(ROOM, "rust", topic="All things Rust", group="Programming")
THREAD = RoomRef("discord", "915", "920")
BORROW = thread(THREAD, "Borrow checker", "help")
OMAR, MEI = discord_user("201", "Omar"), discord_user("202", "Mei")
PIN = MessageRef(ROOM, "1002")

CHANNEL: list[Found] = [
    MessagePosted(MessageRef(ROOM, "1001"), RUST, OMAR, "Joined the server.", utc(1, 10, 0, 0, 123000), service=True),
    MemberJoined(RUST, OMAR, utc(1, 10, 0, 0, 123000)),
    MessagePosted(
        PIN,
        RUST,
        OMAR,
        "Is **Pin** the same as `Box`? 😀 evil",
        utc(1, 10, 1),
        edited_at=utc(1, 10, 2),
        attachments=(Attachment("main.rs", "file"),),
    ),
    ReactionChanged(PIN, MEI, "👍", present=True, at=utc(1, 10, 1)),
    ReactionChanged(PIN, None, "👍", present=True, at=utc(1, 10, 1), count=2),
    ReactionChanged(PIN, None, ":ferris:", present=True, at=utc(1, 10, 1), count=2),
    MessagePosted(
        MessageRef(ROOM, "1003"),
        RUST,
        MEI,
        "No: Pin is a promise.",
        utc(1, 10, 3),
        reply_to="1002",
        attachments=(Attachment("wave", "sticker"),),
    ),
    MessagePosted(
        MessageRef(ROOM, "1004"),
        RUST,
        discord_user("300", "docs-bot", bot=True),
        "std::pin\nTypes that pin data.",
        utc(1, 10, 4),
    ),
    MessagePosted(MessageRef(ROOM, "1005"), RUST, MEI, "Pinned a message.", utc(1, 10, 5), service=True),
    MessagePosted(MessageRef(ROOM, "1006"), RUST, discord_user("201", "omar"), "an older tip", utc(1, 10, 6)),
    SkippedRow(192, "id", "message 1003 is there twice; the first one counts"),
    SkippedRow(199, "type", "unknown type 'Teleport'"),
]
FORUM_POST: list[Found] = [
    MessagePosted(MessageRef(THREAD, "920"), BORROW, OMAR, "Why can't I borrow twice?", utc(2, 10), opens_thread=True),
    MessagePosted(MessageRef(THREAD, "921"), BORROW, MEI, "Show the code.", utc(2, 10, 1), reply_to="920"),
]


def test_a_channel() -> None:
    assert list(read_history(FIXTURES / "discord_channel.json")) == CHANNEL


def test_a_folder_is_read_by_file_name_and_names_the_file_of_a_skipped_row() -> None:
    named = [
        replace(row, problem=f"Learn Together - rust [910].json: {row.problem}") if isinstance(row, SkippedRow) else row
        for row in CHANNEL
    ]
    assert list(read_history(FIXTURES / "discord_folder")) == FORUM_POST + named


def test_a_history_that_another_platform_adopts_keeps_its_accounts() -> None:
    adopted = list(read_history(FIXTURES / "discord_folder", adopt="web"))
    posted = [found for found in adopted if isinstance(found, MessagePosted)]
    assert {found.ref.room for found in posted} == {RoomRef("web", "discord-910"), RoomRef("web", "discord-915", "920")}
    assert {found.sender.account.platform for found in posted} == {"discord"}


def test_a_file_whose_header_comes_last(tmp_path: Path) -> None:
    content = json.loads((FIXTURES / "discord_channel.json").read_text(encoding="utf-8"))
    turned = dict(sorted(content.items(), reverse=True))
    found = list(read_history(write(tmp_path, "a.json", turned)))
    assert found == [replace(row, line=1) if isinstance(row, SkippedRow) else row for row in CHANNEL]


def test_parts_of_a_channel_are_read_in_their_order_and_uploads_left_alone(tmp_path: Path) -> None:
    content = json.loads((FIXTURES / "discord_channel.json").read_text(encoding="utf-8"))
    for part, native_id in (("", "1"), (" [part 2]", "2"), (" [part 10]", "3")):
        message = content["messages"][2] | {"id": native_id, "content": native_id}
        again = content["messages"][2] | {"id": "1", "content": "again"}
        write(tmp_path, f"rust [910]{part}.json", content | {"messages": [message, again]})
    assets = tmp_path / "rust [910].json_Files"
    assets.mkdir()
    write(assets, "upload.json", "{}")
    write(tmp_path, "zz.json", '{"other": 1}')
    found = list(read_history(tmp_path))
    assert [row.text for row in found if isinstance(row, MessagePosted)] == ["1", "2", "3"]
    skipped = [row.problem for row in found if isinstance(row, SkippedRow)]
    assert len(skipped) == 4
    assert skipped[-1] == "zz.json: not a DiscordChatExporter file"
