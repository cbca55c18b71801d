"""Raw updates of Discord and what they become: a file of each kind, and anything else that a row may hold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.inbound import parse
from bot.domain.incoming import (
    Attachment,
    ButtonPressed,
    CommandInvoked,
    FormSubmitted,
    Incoming,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    Poll,
    ReactionChanged,
    ReactionsCleared,
    RoomChanged,
    RoomKind,
    Sender,
    VotesCounted,
)
from bot.domain.refs import AccountRef, MessageRef, RoomRef

FILES = Path(__file__).parent / "updates"
AT = datetime(2026, 11, 7, 10, 30, tzinfo=UTC)
RUST = Place(RoomRef("discord", "910"), "rust", RoomKind.CHANNEL, False, "Everything Rust", "Languages")
POST = Place(RoomRef("discord", "920", "930"), "Borrow checker", RoomKind.THREAD, group="help")
CLOSED = replace(POST, private=True, closed=True)
OWN = Place(RoomRef("discord", "@7"), "Lin", RoomKind.DIRECT, private=True)
LIN = Sender(AccountRef("discord", "7"), "Lin")
LIN_ZH = Sender(AccountRef("discord", "7"), "Lin", language="zh")

GOLDEN: dict[str, Incoming | None] = {
    "post": MessagePosted(
        MessageRef(RUST.room, "1001"),
        RUST,
        LIN,
        "为什么 tokio::spawn 需要 'static?",
        AT,
        reply_to="1000",
        edited_at=AT,
        attachments=(Attachment("main.rs", "text/x-rust"),),
        poll=Poll("Which?", (("tokio", 3), ("smol", 1))),
    ),
    "forum_post": MessagePosted(MessageRef(POST.room, "930"), POST, LIN, "It does not compile", AT, opens_thread=True),
    "empty_post": None,
    "typed_command": CommandInvoked(OWN, LIN, "学习", "rust", AT, MessageRef(OWN.room, "1002")),
    "edit": MessageEdited(MessageRef(RUST.room, "1001"), "better", AT, LIN),
    "delete": MessageDeleted(MessageRef(RUST.room, "1001"), AT),
    "reaction": ReactionChanged(MessageRef(RUST.room, "1001"), LIN, ":ferris:", present=True, at=AT),
    "reaction_removed": ReactionChanged(
        MessageRef(RUST.room, "1001"), Sender(AccountRef("discord", "7"), ""), "👍", present=False, at=AT
    ),
    "reactions_cleared": ReactionsCleared(MessageRef(RUST.room, "1001"), AT),
    "reactions_of_one_emoji_cleared": ReactionsCleared(MessageRef(RUST.room, "1001"), AT, ":ferris:"),
    "votes": VotesCounted(MessageRef(RUST.room, "1001"), (2, 0, 1), AT),
    "room_renamed": RoomChanged(RUST, AT),
    "room_gone": RoomChanged(RUST, AT, gone=True),
    "private_thread": MessagePosted(MessageRef(POST.room, "931"), CLOSED, LIN, "It does not compile", AT),
    "command": CommandInvoked(OWN, LIN_ZH, "learn", "异步 rust", AT),
    "save": CommandInvoked(OWN, LIN_ZH, "save", "", AT, about=MessageRef(POST.room, "1001")),
    "mention": CommandInvoked(RUST, LIN, "ask", "why 'static?", AT, MessageRef(RUST.room, "1003")),
    "press": ButtonPressed(OWN, LIN_ZH, "v1:save:abcdefgh", AT, MessageRef(OWN.room, "1004")),
    "form": FormSubmitted(
        OWN,
        LIN_ZH,
        "v1:fill:abcdefghabcdefgh",
        (("title", ("Rust night",)), ("tags", ("go", "sql")), ("about", ())),
        AT,
        MessageRef(OWN.room, "1004"),
    ),
    "join": MemberJoined(RUST, LIN, AT),
    "leave": MemberLeft(RUST, LIN, AT),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    assert parse((FILES / f"{name}.json").read_text("utf-8")) == GOLDEN[name]


def test_every_file_is_expected() -> None:
    assert {file.stem for file in FILES.glob("*.json")} == GOLDEN.keys()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(GOLDEN)), st.data())
def test_a_damaged_update_is_read_or_refused_with_a_reason(name: str, data: st.DataObject) -> None:
    raw = json.loads((FILES / f"{name}.json").read_text("utf-8"))
    key = data.draw(st.sampled_from(sorted(raw)))
    if data.draw(st.booleans()):
        del raw[key]
    else:
        raw[key] = data.draw(values)
    reason = reason_of(json.dumps(raw))
    assert reason == "" or reason.startswith("discord update: ")


def reason_of(raw: str) -> str:
    """Empty for what can be read; any other error than a ValueError is a mistake."""
    try:
        parse(raw)
    except ValueError as error:
        return str(error)
    return ""


@given(st.text(max_size=60))
def test_anything_else_is_refused(raw: str) -> None:
    assert reason_of(raw).startswith("discord update: ")


def test_a_reason_quotes_nothing_of_what_was_said() -> None:
    raw = json.dumps({"v": 1, "kind": "post", "at": "secret words", "room": {"id": "910"}, "text": "secret words"})
    assert reason_of(raw)
    assert "secret" not in reason_of(raw)
