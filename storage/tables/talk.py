"""Rooms, who is in them, messages and reactions. Platform ids stand in `rooms` and `messages`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from bot.domain.incoming import RoomKind
from storage.tables.base import (
    NEVER_REUSED,
    Row,
    counter,
    json_column,
    key,
    long_text,
    one_of,
    ref,
    ref_key,
    when,
    word_key,
)


class RoomRow(Row, table=True):
    """`thread_id` is '' for a room that is no thread: a unique key never matches NULL. `server`, `never` and `locked`
    were added later: NULL is '' and false. `caught_up`: the last opening message looked at since the room may be
    suggested from; NULL: all were.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        UniqueConstraint("community_id", "platform", "native_id", "thread_id"),
        one_of("kind", RoomKind),
        CheckConstraint("audience = 'public' OR audience LIKE 'room:%' OR audience LIKE 'member:%'", name="audience"),
        Index(None, "community_id", "audience"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    platform: str
    native_id: str
    thread_id: str
    name: str
    kind: str
    topic: str
    group_name: str
    audience: str
    indexed: bool
    parent_id: int | None = ref("rooms.id", null=True, index=True)
    server: str | None
    never: bool | None
    locked: bool | None
    caught_up: int | None = counter(null=True)


class MembershipRow(Row, table=True):
    """`left_at` NULL: still there."""

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "member_id"),)

    room_id: int = ref_key("rooms.id")
    member_id: int = ref_key("members.id")
    community_id: int = ref("communities.id")
    joined_at: datetime = when()
    left_at: datetime | None = when(null=True)


class MessageRow(Row, table=True):
    """`root_id` NULL: opens a discussion. `reply_to_native` stays, so that an answer finds what it answers later."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("room_id", "native_id"),
        Index(None, "room_id", "at", "id"),
        Index(
            "ix_messages_waiting",
            "room_id",
            "reply_to_native",
            sqlite_where=text("reply_to_id IS NULL AND reply_to_native IS NOT NULL"),
            postgresql_where=text("reply_to_id IS NULL AND reply_to_native IS NOT NULL"),
        ),
        Index(
            "ix_messages_poll",
            "community_id",
            "poll_native",
            sqlite_where=text("poll_native IS NOT NULL"),
            postgresql_where=text("poll_native IS NOT NULL"),
        ),
        Index(None, "root_id", "at"),
        Index(None, "root_id", "member_id"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id", index=True)
    room_id: int = ref("rooms.id")
    native_id: str
    member_id: int = ref("members.id", index=True)
    text: str = long_text()
    at: datetime = when()
    root_id: int | None = ref("messages.id", null=True)
    reply_to_id: int | None = ref("messages.id", null=True, index=True)
    reply_to_native: str | None
    edited_at: datetime | None = when(null=True)
    deleted_at: datetime | None = when(null=True)
    service: bool
    by_bot: bool
    opens_thread: bool
    attachments: Any = json_column()
    poll: Any = json_column()
    poll_native: str | None
    payload: str = long_text()


class ReactionRow(Row, table=True):
    """`present` false: taken back at `at`; kept, so that an old redelivery does not bring it back."""

    __tablename__ = "reactions"

    message_id: int = ref_key("messages.id")
    member_id: int = ref_key("members.id")
    emoji: str = word_key()
    community_id: int = ref("communities.id", index=True)
    present: bool
    at: datetime = when()


class ReactionCountRow(Row, table=True):
    """Reactions known only by number."""

    __tablename__ = "reaction_counts"

    message_id: int = ref_key("messages.id")
    emoji: str = word_key()
    community_id: int = ref("communities.id")
    count: int
