"""Raw updates of the Bot API, one file each: what happened, value for value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.telegram import envelope
from adapters.telegram.envelope import Envelope, Me
from adapters.telegram.inbound import Reading, parse, to_incoming
from bot.domain.incoming import (
    Attachment,
    Blocked,
    ButtonPressed,
    CommandInvoked,
    Incoming,
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessagePosted,
    Place,
    Poll,
    ReactionChanged,
    RoomChanged,
    RoomKind,
    RoomMoved,
    Sender,
    StandingChanged,
    VotesCounted,
)
from bot.domain.permissions import PlatformRole, Role
from bot.domain.refs import AccountRef, MessageRef, PollRef, RoomRef
from tests.adapters.paths import FIXTURES

UPDATES = FIXTURES / "telegram_updates"
FILES = sorted(UPDATES.glob("*.json"))
AT = datetime.fromtimestamp(1772359200, UTC)
RECEIVED = datetime(2026, 3, 1, 10, 0, 1, tzinfo=UTC)
ME = Me("7", "studyhall_bot")
KNOWN = Reading(known=frozenset({"ask", "start"}))


def room(native_id: int | str, thread: str | None = None) -> RoomRef:
    return RoomRef("telegram", str(native_id), thread)


MEI = Sender(AccountRef("telegram", "101"), "Mei Lin", language="zh-hans")
OMAR = Sender(AccountRef("telegram", "102"), "Omar <b>")
DM = Place(room(101), "Mei Lin", RoomKind.DIRECT, private=True)
NAME = "Rust & Python 学习"
HALL = "-1001500000001"
OPEN = Place(room(HALL), NAME, group=NAME, server=HALL)
TOPIC = Place(room(HALL, "3"), "Async Rust", group=NAME, server=HALL)
TOPIC_UNNAMED = Place(room(HALL, "3"), "", group=NAME, server=HALL)
CLOSED = Place(room(-1001500000002), "Inner circle", private=True, group="Inner circle", server="-1001500000002")
ADMINS = Sender(AccountRef("telegram", "-1001500000001"), NAME)
NEWS = Sender(AccountRef("telegram", "-1001900000000"), "Rust news")
CHANNEL = Place(room(-1001900000000), "Rust news", group="Rust news", server="-1001900000000")
LIKED = MessageRef(OPEN.room, "10")


def ref(place: Place, number: int) -> MessageRef:
    return MessageRef(place.room, str(number))


def posted(place: Place, number: int, sender: Sender, text: str, **more: Any) -> MessagePosted:
    return MessagePosted(ref(place, number), place, sender, text, AT, **more)


EXPECTED: dict[str, tuple[Incoming, ...]] = {
    "private_command": (CommandInvoked(DM, MEI, "start", "src_1", AT, ref(DM, 1)),),
    "private_full_width_command": (CommandInvoked(DM, MEI, "提问", "怎么学 Rust？", AT, ref(DM, 2)),),
    "private_words": (posted(DM, 3, MEI, "怎么开始学 async Rust？"),),
    "group_message": (posted(OPEN, 10, OMAR, "I read the book (https://doc.rust-lang.org/book/)"),),
    "topic_message": (posted(TOPIC, 11, MEI, "join! or select!?"),),
    "topic_answer": (posted(TOPIC_UNNAMED, 12, OMAR, "select!", reply_to="11"),),
    "reply_thread_is_no_topic": (posted(CLOSED, 13, OMAR, "yes", reply_to="9"),),
    "edited": (MessageEdited(LIKED, "/ask I read it twice", AT.replace(minute=AT.minute + 1), OMAR),),
    "group_command_to_us": (CommandInvoked(OPEN, OMAR, "ask", "how?", AT),),
    "group_command_answers": (CommandInvoked(OPEN, OMAR, "save", "", AT, about=ref(OPEN, 10)),),
    "group_command_to_another": (),
    "group_command_unknown": (),
    "forwarded_command": (posted(OPEN, 17, OMAR, "/ask how?"),),
    "anonymous_admin_command": (posted(OPEN, 18, ADMINS, "/ask how?"),),
    "channel_says": (posted(OPEN, 19, NEWS, "1.99 is out"),),
    "reactions": (
        ReactionChanged(LIKED, MEI, "👍", present=False, at=AT),
        ReactionChanged(LIKED, MEI, "❤", present=True, at=AT),
        ReactionChanged(LIKED, MEI, ":5368:", present=True, at=AT),
        ReactionChanged(LIKED, MEI, "⭐", present=True, at=AT),
    ),
    "reaction_of_a_chat": (),
    "reaction_counts": (ReactionChanged(LIKED, None, "👍", present=True, at=AT, count=3),),
    "press": (ButtonPressed(DM, MEI, "v1:enrol:abcdefgh", RECEIVED, ref(DM, 20)),),
    "press_on_an_old_message": (ButtonPressed(DM, MEI, "v1:enrol:abcdefgh", RECEIVED, ref(DM, 20)),),
    "press_of_a_game": (),
    "joined": (MemberJoined(CLOSED, MEI, AT),),
    "promoted": (StandingChanged(MEI.account, PlatformRole(CLOSED.room.native_id, Role.MODERATOR), AT),),
    "banned": (MemberLeft(CLOSED, MEI, AT),),
    "added": (MemberJoined(CLOSED, MEI, AT), MemberJoined(CLOSED, OMAR, AT)),
    "gone": (MemberLeft(CLOSED, OMAR, AT),),
    "migrated": (RoomMoved(room(-55), room(-1001500000003), AT),),
    "migrated_from": (RoomMoved(room(-55), room(-1001500000003), AT),),
    "files": (posted(OPEN, 24, OMAR, "my notes", attachments=(Attachment("notes <1>.pdf", "application/pdf"),)),),
    "photo": (posted(OPEN, 25, OMAR, "", attachments=(Attachment("photo", "photo"),)),),
    "location_stays_behind": (posted(OPEN, 26, OMAR, "", attachments=(Attachment("location", "location"),)),),
    "poll": (posted(OPEN, 27, OMAR, "", poll=Poll("When?", (("Mon", 2), ("Tue", 0)), "9")),),
    "poll_ended": (VotesCounted(PollRef("telegram", "9"), (2, 1), RECEIVED),),
    "pinned": (),
    "bot_joined": (RoomChanged(CLOSED, AT),),
    "channel_post": (posted(CHANNEL, 5, NEWS, "1.99 is out"),),
    "of_tomorrow": (),
    "bot_blocked": (Blocked(MEI, AT),),
    "bot_unblocked": (),
    "bot_removed_closed": (RoomChanged(CLOSED, AT, gone=True),),
    "bot_removed_open": (RoomChanged(OPEN, AT),),
    "bot_promoted": (RoomChanged(CLOSED, AT),),
    "join_request": (),
    "business_message": (),
}


def test_every_file_has_its_meaning() -> None:
    assert {file.stem for file in FILES} == EXPECTED.keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_an_update_says(file: Path) -> None:
    raw = envelope.dumps(json.loads(file.read_text("utf-8")), ME, RECEIVED)
    assert parse(raw, KNOWN) == EXPECTED[file.stem]


def test_a_group_that_the_owner_opened_is_for_every_member() -> None:
    update = json.loads((UPDATES / "joined.json").read_text("utf-8"))
    (joined,) = to_incoming(Envelope(RECEIVED, ME, update), Reading(open_chats=frozenset({"-1001500000002"})))
    assert isinstance(joined, MemberJoined)
    assert not joined.place.private


@pytest.mark.parametrize(
    "raw",
    ["", "[]", "{}", "null", '{"v":1}', "[" * 9999,
     '{"v":2,"at":"2026-03-01T10:00:01+00:00","me":{"id":7},"update":{}}',
     '{"v":1,"at":"2026-03-01T10:00:01","me":{"id":7},"update":{}}',
     '{"v":1,"at":"2026-03-01T10:00:01+00:00","me":{"id":7},"update":[]}'],
)  # fmt: skip
def test_what_is_no_update_of_ours_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="telegram update"):
        parse(raw, KNOWN)


def test_the_reason_never_quotes_what_was_said() -> None:
    update = {"message": {"text": "hush", "chat": {"id": 1, "type": "private"}, "date": "hush"}}
    with pytest.raises(ValueError, match="date") as refused:
        to_incoming(Envelope(RECEIVED, ME, update), KNOWN)
    assert "hush" not in str(refused.value)


WHOLE = [json.loads(file.read_text("utf-8")) for file in FILES]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just("\ud800"),
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in pairs for found in _paths(child, (*path, key)))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_update_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    update = json.loads(json.dumps(data.draw(st.sampled_from(WHOLE))))
    for _ in range(data.draw(st.integers(1, 3))):
        paths = [p for p in _paths(update) if p]
        if not paths:
            break
        path = data.draw(st.sampled_from(paths))
        at: Any = update
        for step in path[:-1]:
            at = at[step]
        if data.draw(st.booleans()):
            del at[path[-1]]
        else:
            at[path[-1]] = data.draw(JUNK)
    raw = envelope.dumps(update, ME, RECEIVED)
    raw.encode()
    try:
        found = parse(raw, KNOWN)
    except ValueError:
        return
    assert isinstance(found, tuple)
