"""What reaches us from a platform, in the past tense, as a closed union. Knows no platform's own types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.admission import NativeRole
from bot.domain.permissions import PlatformRole
from bot.domain.refs import AccountRef, MessageRef, PollRef, RoomRef


class RoomKind(StrEnum):
    CHANNEL = "channel"
    THREAD = "thread"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did it, as the platform names them now. `bot`: automated accounts never earn, vote or command. `standings`:
    what they are in groups and servers now; asked of the platform only where it can matter."""

    account: AccountRef
    name: str
    bot: bool = False
    language: str | None = None
    standings: tuple[PlatformRole, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened, as the platform describes the room now. `server`: id of the group or server that it is part
    of; empty where the platform has only one. `indexed`: a room met for the first time may be suggested from at once,
    because whoever made it decided so; otherwise a moderator has to allow it. `closed`: a thread for those who are in
    it, whoever may read the room around it."""

    room: RoomRef
    name: str = ""
    kind: RoomKind = RoomKind.CHANNEL
    private: bool = False
    topic: str = ""
    group: str = ""
    closed: bool = False
    server: str = ""
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file by name only; its content is never fetched."""

    name: str
    media: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """`options`: text and votes. `id`: the poll's own, where the platform has such."""

    question: str
    options: tuple[tuple[str, int], ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """`opens_thread`: the message starts a thread of its own (a forum post). `service`: written by the platform."""

    ref: MessageRef
    place: Place
    sender: Sender
    text: str
    at: datetime
    reply_to: str | None = None
    edited_at: datetime | None = None
    service: bool = False
    opens_thread: bool = False
    attachments: tuple[Attachment, ...] = ()
    poll: Poll | None = None


@dataclass(frozen=True, slots=True)
class MessageEdited:
    ref: MessageRef
    text: str
    at: datetime
    sender: Sender | None = None


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    ref: MessageRef
    at: datetime


@dataclass(frozen=True, slots=True)
class ReactionChanged:
    """`emoji` is now there (`present`) or gone. `sender` None: an anonymous count, see `count`."""

    ref: MessageRef
    sender: Sender | None
    emoji: str
    present: bool
    at: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class ReactionsCleared:
    """Somebody with the right to took all reactions from a message, or all of one `emoji`."""

    ref: MessageRef
    at: datetime
    emoji: str | None = None


@dataclass(frozen=True, slots=True)
class VotesCounted:
    """How a poll stands now: `votes` of its options, in their order."""

    ref: MessageRef | PollRef
    votes: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberJoined:
    place: Place
    sender: Sender
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberLeft:
    place: Place
    sender: Sender
    at: datetime


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody shut the bot out: it can write to them no more."""

    sender: Sender
    at: datetime


@dataclass(frozen=True, slots=True)
class CommandInvoked:
    """`name` without slash, lower case; `words` is all the rest. `ref`: the message that carried it, where one did;
    `about`: the message that it answers or was chosen under."""

    place: Place
    sender: Sender
    name: str
    words: str
    at: datetime
    ref: MessageRef | None = None
    about: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """`code` as the platform gave it back (untrusted); `on` is the message that carries the button."""

    place: Place
    sender: Sender
    code: str
    at: datetime
    on: MessageRef | None = None
    values: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """`code` is the form's as the platform gave it back, `values` (field, its values) what was filled in: untrusted."""

    place: Place
    sender: Sender
    code: str
    values: tuple[tuple[str, tuple[str, ...]], ...]
    at: datetime
    on: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """A room has another name or became private; `gone`: it was deleted, and nobody reads it any more."""

    place: Place
    at: datetime
    gone: bool = False


@dataclass(frozen=True, slots=True)
class StandingChanged:
    """What an account is in a group or server now, whether or not it did anything."""

    account: AccountRef
    standing: PlatformRole
    at: datetime


@dataclass(frozen=True, slots=True)
class RolesListed:
    """All named roles of a group or server, now."""

    platform: str
    where: str
    roles: tuple[NativeRole, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RoomMoved:
    old: RoomRef
    new: RoomRef
    at: datetime


Incoming = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ReactionsCleared
    | VotesCounted
    | MemberJoined
    | MemberLeft
    | Blocked
    | CommandInvoked
    | ButtonPressed
    | FormSubmitted
    | RoomChanged
    | RoomMoved
    | StandingChanged
    | RolesListed
)
