"""Raw updates of the web community and what they become."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.inbound import command, parse
from bot.domain.incoming import (
    ButtonPressed,
    CommandInvoked,
    Incoming,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    ReactionChanged,
    RoomKind,
    Sender,
)
from bot.domain.refs import AccountRef, MessageRef, RoomRef

AT = datetime(2026, 11, 7, 10, 30, tzinfo=UTC)
ROOM = RoomRef("web", "general")
PLACE = Place(ROOM, "general", RoomKind.CHANNEL, False, "Everything", "Talk", indexed=True)
LIN = Sender(AccountRef("web", "m7"), "Lin", language="zh")
HEAD = {
    "v": 1,
    "at": "2026-11-07T10:30:00Z",
    "room": {"id": "general", "name": "general", "kind": "channel", "topic": "Everything", "group": "Talk"},
    "by": {"account": "m7", "name": "Lin", "language": "zh"},
}
MESSAGE = MessageRef(ROOM, "m7.abcdefgh")

GOLDEN: list[tuple[dict[str, object], Incoming]] = [
    (
        {"kind": "post", "message": "m7.abcdefgh", "text": "Hi\x00 there\r\n", "reply_to": "m1.zzzzzzzz"},
        MessagePosted(MESSAGE, PLACE, LIN, "Hi there", AT, reply_to="m1.zzzzzzzz"),
    ),
    ({"kind": "edit", "message": "m7.abcdefgh", "text": "Hello"}, MessageEdited(MESSAGE, "Hello", AT, LIN)),
    ({"kind": "delete", "message": "m7.abcdefgh"}, MessageDeleted(MESSAGE, AT)),
    (
        {"kind": "react", "message": "m7.abcdefgh", "emoji": "👍", "present": False},
        ReactionChanged(MESSAGE, LIN, "👍", False, AT),
    ),
    (
        {"kind": "command", "message": "m7.abcdefgh", "text": "／LEARN@studyhall  异步 Rust\n快"},
        CommandInvoked(PLACE, LIN, "learn", "异步 Rust\n快", AT, MESSAGE),
    ),
    ({"kind": "command", "text": "/start"}, CommandInvoked(PLACE, LIN, "start", "", AT)),
    (
        {"kind": "command", "text": "/save", "reply_to": "m7.abcdefgh"},
        CommandInvoked(PLACE, LIN, "save", "", AT, about=MESSAGE),
    ),
    ({"kind": "press", "message": "m7.abcdefgh", "code": "abc"}, ButtonPressed(PLACE, LIN, "abc", AT, MESSAGE)),
    ({"kind": "join"}, MemberJoined(PLACE, LIN, AT)),
]


@pytest.mark.parametrize(
    ("part", "expected"), GOLDEN, ids=[f"{part['kind']}-{n}" for n, (part, _) in enumerate(GOLDEN)]
)
def test_golden(part: dict[str, object], expected: Incoming) -> None:
    assert parse(json.dumps(HEAD | part)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/learn async rust", ("learn", "async rust")),
        ("  /ForYou ", ("foryou", "")),
        ("／ask 为什么", ("ask", "为什么")),
        ("/learn@StudyHall x", ("learn", "x")),
        ("/learn@otherbot x", None),
        ("/usr/bin/python is missing", None),
        ("learn /this", None),
        ("/", None),
        ("/ learn", None),
        ("/1st", None),
        ("//learn", None),
    ],
)
def test_slash_grammar(text: str, expected: tuple[str, str] | None) -> None:
    assert command(text) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        "null",
        '{"v": 1}',
        json.dumps(HEAD | {"kind": "post", "message": "x", "text": "hi", "v": 2}),
        json.dumps(HEAD | {"kind": "explode"}),
        json.dumps(HEAD | {"kind": "post", "message": "x", "text": "\u200b\x00"}),
        json.dumps(HEAD | {"kind": "post", "message": "x" * 201, "text": "secret words"}),
        json.dumps(HEAD | {"kind": "post", "message": "x", "text": "hi", "extra": 1}),
        json.dumps(HEAD | {"kind": "post", "message": "x", "text": "hi", "at": "2026-11-07T10:30:00"}),
        json.dumps(HEAD | {"kind": "press", "message": "x", "code": "x" * 65}),
        json.dumps(HEAD | {"kind": "command", "text": "no slash"}),
    ],
)
def test_bad_updates_are_parked_with_a_reason_that_quotes_nothing(raw: str) -> None:
    with pytest.raises(ValueError, match="web update: ") as caught:
        parse(raw)
    assert "secret words" not in str(caught.value)
    assert "Lin" not in str(caught.value)


@given(st.text(max_size=60))
def test_nothing_but_a_value_error_ever_leaves(text: str) -> None:
    try:
        parse(text)
    except ValueError:
        return
