"""Rooms and the messages in them, as the store knows them. Knows no SQL and no platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.incoming import Attachment, Poll, RoomKind
from bot.domain.permissions import PUBLIC, Audience
from bot.domain.refs import MessageRef, RoomRef


@dataclass(frozen=True, slots=True)
class Room:
    """`indexed`: a moderator allowed that its discussions are suggested. `never`: a moderator decided that they are
    not, and no switch for all rooms changes that. `server`: see `Place`. `locked`: to be read, not to be written in."""

    id: int
    community_id: int
    ref: RoomRef
    name: str
    kind: RoomKind = RoomKind.CHANNEL
    topic: str = ""
    group: str = ""
    audience: Audience = PUBLIC
    indexed: bool = True
    parent_id: int | None = None
    server: str = ""
    never: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    emoji: str
    count: int
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """`root_id` is the message that opened the discussion (its own id where it opened one). `payload`: JSON of our own
    `Outgoing` where the bot wrote it. A deleted message keeps its place, not its text."""

    id: int
    room_id: int
    ref: MessageRef
    member_id: int
    author: str
    text: str
    at: datetime
    root_id: int
    reply_to_id: int | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    service: bool = False
    by_bot: bool = False
    attachments: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    payload: str = ""
    reactions: tuple[Reaction, ...] = ()
    replies: int = 0
