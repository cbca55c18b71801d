"""Telegram Desktop's exports, whole files: what happened, value for value."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from adapters.telegram.history import read_history
from bot.domain.incoming import (
    Attachment,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    Place,
    Poll,
    ReactionChanged,
    RoomKind,
)
from bot.domain.refs import MessageRef, RoomRef
from bot.ports import SkippedRow
from tests.adapters.builders import Found, telegram_user, topic, utc
from tests.adapters.paths import FIXTURES, write

NAME = "Rust & Python 学习"
CHAT = RoomRef("telegram", "-1001500000001")
TOPIC = RoomRef("telegram", "-1001500000001", "3")
GENERAL = Place(CHAT, NAME)
ASYNC = topic(TOPIC, "Async Rust", NAME)
MEI, OMAR = telegram_user("101", "Mei Lin"), telegram_user("102", "Omar <b>")
GONE, CHANNEL = telegram_user("103", "Deleted account"), telegram_user("-1001500000001", NAME)
QUESTION = MessageRef(TOPIC, "4")

FORUM: list[Found] = [
    MessagePosted(MessageRef(CHAT, "1"), GENERAL, MEI, f"create channel: {NAME}", utc(1, 2), service=True),
    MessagePosted(MessageRef(CHAT, "2"), GENERAL, OMAR, "join group by link", utc(1, 2, 1), service=True),
    MemberJoined(GENERAL, OMAR, utc(1, 2, 1)),
    MessagePosted(MessageRef(TOPIC, "3"), ASYNC, MEI, "topic created: Async Rust", utc(1, 2, 2), service=True),
    MessagePosted(
        QUESTION,
        ASYNC,
        OMAR,
        "How do I await two futures? I read the book (https://rust-lang.github.io/async-book/) and https://tokio.rs\n"
        "join!(a, b) 🔥Mei",
        utc(1, 2, 3),
        edited_at=utc(1, 2, 5),
    ),
    ReactionChanged(QUESTION, MEI, "👍", present=True, at=utc(1, 2, 4)),
    ReactionChanged(QUESTION, GONE, "👍", present=True, at=utc(1, 2, 4, 30)),
    ReactionChanged(QUESTION, None, "👍", present=True, at=utc(1, 2, 3), count=1),
    ReactionChanged(QUESTION, None, ":crab:", present=True, at=utc(1, 2, 3), count=1),
    MessagePosted(
        MessageRef(TOPIC, "5"),
        ASYNC,
        MEI,
        "join! polls both; select! takes the first  one",
        utc(1, 2, 6),
        reply_to="4",
    ),
    MessagePosted(
        MessageRef(TOPIC, "6"),
        ASYNC,
        GONE,
        "谢谢！",
        utc(1, 2, 7),
        reply_to="5",
        attachments=(Attachment("photo", "photo"),),
    ),
    MessagePosted(
        MessageRef(CHAT, "7"),
        GENERAL,
        CHANNEL,
        "",
        utc(1, 2, 8),
        poll=Poll("Which first?", (("Rust", 3), ("Python", 2))),
    ),
    MessagePosted(
        MessageRef(CHAT, "8"),
        GENERAL,
        OMAR,
        "<script>alert(1)</script>",
        utc(1, 2, 9),
        reply_to="7",
        attachments=(Attachment("notes (1).pdf", "application/pdf"),),
    ),
    MessagePosted(MessageRef(CHAT, "9"), GENERAL, OMAR, "", utc(1, 2, 10), attachments=(Attachment("😂", "sticker"),)),
    MessagePosted(MessageRef(CHAT, "10"), GENERAL, MEI, "pin message", utc(1, 2, 11), service=True),
    SkippedRow(203, "type", "Telegram Desktop could not export this kind of message", harmless=True),
    MessagePosted(MessageRef(CHAT, "12"), GENERAL, OMAR, "remove members", utc(1, 2, 12), service=True),
    MemberLeft(GENERAL, OMAR, utc(1, 2, 12)),
]


def test_a_forum() -> None:
    assert list(read_history(FIXTURES / "telegram_forum.json")) == FORUM


def test_an_account_gives_its_groups_and_channels_and_says_what_it_leaves_out() -> None:
    group, channel = RoomRef("telegram", "-77"), RoomRef("telegram", "-10088")
    at = utc(1, 0, month=1)
    assert list(read_history(FIXTURES / "telegram_account.json")) == [
        SkippedRow(
            20,
            "type",
            "private chats and saved messages are left out: only groups and channels are imported",
            harmless=True,
        ),
        MessagePosted(MessageRef(group, "1"), Place(group, "Small group"), telegram_user("101", "Mei"), "hello", at),
        MessagePosted(MessageRef(channel, "1"), Place(channel, "News"), telegram_user("-10088", "News"), "a post", at),
    ]


def test_a_history_that_another_platform_adopts_keeps_its_accounts() -> None:
    adopted = list(read_history(FIXTURES / "telegram_forum.json", adopt="web", private=True))
    posted = [found for found in adopted if isinstance(found, MessagePosted)]
    assert {found.ref.room for found in posted} == {
        RoomRef("web", "telegram-1500000001"),
        RoomRef("web", "telegram-1500000001", "3"),
    }
    assert all(found.place.room == found.ref.room and found.place.private for found in posted)
    assert {found.sender.account.platform for found in posted} == {"telegram"}
    assert [found.text for found in posted] == [found.text for found in FORUM if isinstance(found, MessagePosted)]


def test_sorted_keys_and_one_long_line_change_nothing_but_the_lines(tmp_path: Path) -> None:
    for name in ("telegram_forum.json", "telegram_account.json"):
        text = (FIXTURES / name).read_text(encoding="utf-8").replace("\\x0B", "\\u000b")
        path = write(tmp_path, name, json.dumps(json.loads(text), sort_keys=True))
        expected = [
            replace(found, line=1) if isinstance(found, SkippedRow) else found
            for found in read_history(FIXTURES / name)
        ]
        found = list(read_history(path))
        assert sorted(map(repr, found)) == sorted(map(repr, expected))  # left_chats is written last, and sorts before


def test_a_renamed_topic_and_an_answer_across_topics(tmp_path: Path) -> None:
    def message(number: int, **more: object) -> dict[str, object]:
        base = {"id": number, "type": "message", "date_unixtime": "1709258400", "from": "M", "from_id": "user1"}
        return base | {"text": str(number)} | more

    def service(number: int, action: str, **more: object) -> dict[str, object]:
        return message(number, type="service", action=action, actor="M", actor_id="user1", **more)

    path = write(
        tmp_path,
        "result.json",
        {
            "name": "Forum",
            "type": "public_supergroup",
            "id": 9,
            "messages": [
                service(10, "topic_created", title="Old"),
                message(11, reply_to_message_id=10),
                service(12, "topic_edit", new_title="New", reply_to_message_id=10),
                message(13, reply_to_message_id=11),
                message(14, reply_to_message_id=14),
                message(15, reply_to_message_id=16),
                message(16, reply_to_message_id=15),
                message(17, reply_to_message_id=13, reply_to_peer_id="channel5"),
                message(18, reply_to_message_id=4),
            ],
        },
    )
    posted = [found for found in read_history(path) if isinstance(found, MessagePosted)]
    assert [(p.ref.native_id, p.place.name, p.ref.room.thread_id, p.reply_to) for p in posted] == [
        ("10", "Old", "10", None),
        ("11", "Old", "10", None),
        ("12", "New", "10", None),
        ("13", "New", "10", "11"),
        ("14", "Forum", None, None),
        ("15", "Forum", None, "16"),
        ("16", "Forum", None, "15"),
        ("17", "Forum", None, None),
        ("18", "Forum", None, "4"),
    ]
    assert {p.place.kind for p in posted} == {RoomKind.CHANNEL}
