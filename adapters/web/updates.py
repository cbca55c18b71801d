"""The raw updates of the web community, version 1: what the door writes to the inbox and `inbound` reads back.

Everything but the text, the emoji and the code is stamped by the server from the session; a browser cannot choose it.

    {"v": 1, "kind": "post",    "at", "room", "by", "message", "text", "reply_to"}
    {"v": 1, "kind": "edit",    "at", "room", "by", "message", "text"}
    {"v": 1, "kind": "delete",  "at", "room", "by", "message"}
    {"v": 1, "kind": "react",   "at", "room", "by", "message", "emoji", "present"}
    {"v": 1, "kind": "command", "at", "room", "by", "message", "text", "reply_to"?}
    {"v": 1, "kind": "press",   "at", "room", "by", "message", "code"}
    {"v": 1, "kind": "submit",  "at", "room", "by", "message", "code", "values"}
    {"v": 1, "kind": "join",    "at", "room", "by"}

`room` is {"id", "thread", "name", "kind", "private", "topic", "group"}; `by` is {"account", "name", "language"};
`values` is [[field, [value, …]], …]; `message` and `reply_to` are native message ids; `at` is ISO 8601 with an offset.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, TypedDict

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from adapters.validated import validated
from adapters.web.capabilities import PLATFORM
from bot.domain.incoming import Place, RoomKind, Sender
from bot.domain.people import Member
from bot.domain.permissions import PUBLIC
from bot.domain.refs import AccountRef, RoomRef
from bot.domain.rooms import Room

VERSION: Final = 1

NativeId = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=24)]
"""Of a form's field."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RoomPart(_Model):
    id: NativeId
    thread: NativeId | None = None
    name: str = ""
    kind: RoomKind = RoomKind.CHANNEL
    private: bool = False
    topic: str = ""
    group: str = ""

    @classmethod
    def of(cls, room: Room) -> RoomPart:
        return cls(
            id=room.ref.native_id,
            thread=room.ref.thread_id,
            name=room.name,
            kind=room.kind,
            private=room.kind is not RoomKind.DIRECT and room.audience != PUBLIC,
            topic=room.topic,
            group=room.group,
        )

    def place(self) -> Place:
        ref = RoomRef(PLATFORM, self.id, self.thread)
        # Every room of this platform was made by a moderator or brought in by the operator.
        return Place(ref, self.name, self.kind, self.private, self.topic, self.group, indexed=True)


class ByPart(_Model):
    account: NativeId
    name: str
    language: str | None = None

    @classmethod
    def of(cls, member: Member, account: AccountRef) -> ByPart:
        return cls(account=account.native_id, name=member.name, language=member.language)

    def sender(self) -> Sender:
        return Sender(AccountRef(PLATFORM, self.account), self.name, language=self.language)


class _Update(_Model):
    v: Literal[1] = VERSION
    at: AwareDatetime
    room: RoomPart
    by: ByPart


class Post(_Update):
    kind: Literal["post"] = "post"
    message: NativeId
    text: str
    reply_to: NativeId | None = None


class Edit(_Update):
    kind: Literal["edit"] = "edit"
    message: NativeId
    text: str


class Delete(_Update):
    kind: Literal["delete"] = "delete"
    message: NativeId


class React(_Update):
    kind: Literal["react"] = "react"
    message: NativeId
    emoji: Annotated[str, Field(min_length=1, max_length=32)]
    present: bool


class Command(_Update):
    kind: Literal["command"] = "command"
    message: NativeId | None = None
    text: str
    reply_to: NativeId | None = None


class Press(_Update):
    kind: Literal["press"] = "press"
    message: NativeId | None = None
    code: Annotated[str, Field(min_length=1, max_length=64)]


class Submit(_Update):
    kind: Literal["submit"] = "submit"
    message: NativeId | None = None
    code: Annotated[str, Field(min_length=1, max_length=64)]
    values: Annotated[tuple[tuple[Name, tuple[str, ...]], ...], Field(max_length=40)]


class Join(_Update):
    kind: Literal["join"] = "join"


Update = Post | Edit | Delete | React | Command | Press | Submit | Join

_UPDATE: Final[TypeAdapter[Update]] = TypeAdapter(Annotated[Update, Field(discriminator="kind")])


def dumps(update: Update) -> str:
    return update.model_dump_json()


def loads(raw: str) -> Update:
    """Raises ValueError saying which field is wrong, never quoting what was in it."""
    return validated(_UPDATE, raw, "web update")


class Stamp(TypedDict):
    """What the server itself knows about any update."""

    at: datetime
    room: RoomPart
    by: ByPart


def stamp(member: Member, account: AccountRef, room: Room, at: datetime) -> Stamp:
    return {"at": at, "room": RoomPart.of(room), "by": ByPart.of(member, account)}
