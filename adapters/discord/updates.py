"""The raw updates of Discord, version 1: what the connection writes to the inbox and `inbound` reads back.

They are Discord's facts in a form of our own, because the SDK gives objects and no payloads, and because a row must
still be readable after the SDK has changed. Nothing is interpreted here: no cleaning, no commands, no consent.

    {"v": 1, "kind": "post",    "at", "room", "by", "message", "text", "reply_to", "edited_at", "service", "opens", ...}
    {"v": 1, "kind": "edit",    "at", "room", "message", "text", "by"?}
    {"v": 1, "kind": "delete",  "at", "room", "message"}
    {"v": 1, "kind": "react",   "at", "room", "message", "emoji", "present", "by"}
    {"v": 1, "kind": "clear",   "at", "room", "message", "emoji"?}
    {"v": 1, "kind": "votes",   "at", "room", "message", "votes"}
    {"v": 1, "kind": "command", "at", "room", "by", "name", "words", "interaction"?, "message"?, "about"?}
    {"v": 1, "kind": "press",   "at", "room", "by", "code", "values", "interaction", "message", "ephemeral"}
    {"v": 1, "kind": "form",    "at", "room", "by", "code", "values", "interaction", "message"?}
    {"v": 1, "kind": "join" | "leave", "at", "room", "by"}
    {"v": 1, "kind": "room",    "at", "room", "gone"}
    {"v": 1, "kind": "roles",   "at", "server", "roles"}
    {"v": 1, "kind": "standing", "at", "account", "standing"}

`room` is {"id", "thread", "name", "kind", "private", "topic", "group", "closed", "server"}: the channel, and the thread
in it; a closed thread is for those who are in it. A room with the bot alone has the id ``@<user>``: what is whispered
to somebody in a channel and what is written to them directly are one room, their own. `by` may have "standing",
{"server", "manages", "roles"}: what they were in the server then. `interaction` is {"id", "token"}: with it an answer
can be given for a quarter of an hour.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from adapters.discord.capabilities import PLATFORM
from adapters.validated import validated
from bot.domain.incoming import Place, RoomKind, Sender
from bot.domain.permissions import PlatformRole, Role
from bot.domain.refs import AccountRef, MessageRef, RoomRef

VERSION: Final = 1
OWN: Final = "@"
"""What the id of somebody's own room begins with."""

NativeId = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
RoomId = Annotated[str, Field(pattern=r"^@?[0-9]{1,20}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RoomPart(_Model):
    id: RoomId
    thread: NativeId | None = None
    name: str = ""
    kind: RoomKind = RoomKind.CHANNEL
    private: bool = False
    topic: str = ""
    group: str = ""
    closed: bool = False
    server: str = ""

    @classmethod
    def own(cls, user_id: int, name: str) -> RoomPart:
        return cls(id=f"{OWN}{user_id}", name=name, kind=RoomKind.DIRECT, private=True)

    @property
    def ref(self) -> RoomRef:
        return RoomRef(PLATFORM, self.id, self.thread)

    def place(self) -> Place:
        return Place(self.ref, self.name, self.kind, self.private, self.topic, self.group, self.closed, self.server)


class StandingPart(_Model):
    """What somebody was in a server then. `manages`: owns it, administers it or may manage it."""

    server: NativeId
    manages: bool
    roles: tuple[NativeId, ...] = ()

    def standing(self) -> PlatformRole:
        return PlatformRole(self.server, Role.MODERATOR if self.manages else Role.MEMBER, frozenset(self.roles))


class ByPart(_Model):
    id: NativeId
    name: str
    bot: bool = False
    locale: str | None = None
    standing: StandingPart | None = None

    def sender(self) -> Sender:
        language = self.locale[:2] if self.locale else None
        standings = (self.standing.standing(),) if self.standing is not None else ()
        account = AccountRef(PLATFORM, self.id)
        return Sender(account, self.name, bot=self.bot, language=language, standings=standings)


class Interaction(_Model):
    id: NativeId
    token: Annotated[str, Field(min_length=1, max_length=500)]


class About(_Model):
    """The message whose menu a command was chosen from, or that it answers."""

    room: RoomId
    thread: NativeId | None = None
    message: NativeId

    @property
    def ref(self) -> MessageRef:
        return MessageRef(RoomRef(PLATFORM, self.room, self.thread), self.message)


class FilePart(_Model):
    name: str
    media: str = ""


class PollPart(_Model):
    question: str
    options: tuple[tuple[str, int], ...] = ()


class _Dated(_Model):
    v: Literal[1] = VERSION
    at: AwareDatetime


class _Update(_Dated):
    room: RoomPart


class Post(_Update):
    kind: Literal["post"] = "post"
    by: ByPart
    message: NativeId
    text: str
    reply_to: NativeId | None = None
    edited_at: AwareDatetime | None = None
    service: bool = False
    opens: bool = False
    files: tuple[FilePart, ...] = ()
    poll: PollPart | None = None


class Edit(_Update):
    kind: Literal["edit"] = "edit"
    message: NativeId
    text: str
    by: ByPart | None = None


class Delete(_Update):
    kind: Literal["delete"] = "delete"
    message: NativeId


class React(_Update):
    kind: Literal["react"] = "react"
    by: ByPart
    message: NativeId
    emoji: Annotated[str, Field(min_length=1, max_length=64)]
    present: bool


class Clear(_Update):
    """`emoji` None: all reactions."""

    kind: Literal["clear"] = "clear"
    message: NativeId
    emoji: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class Votes(_Update):
    """How a poll stands now, by option in their order: votes themselves could be counted twice."""

    kind: Literal["votes"] = "votes"
    message: NativeId
    votes: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=50)]


class Command(_Update):
    kind: Literal["command"] = "command"
    by: ByPart
    name: Annotated[str, Field(min_length=1, max_length=32)]
    words: str = ""
    interaction: Interaction | None = None
    message: NativeId | None = None
    about: About | None = None


class Press(_Update):
    kind: Literal["press"] = "press"
    by: ByPart
    code: Annotated[str, Field(min_length=1, max_length=100)]
    values: tuple[str, ...] = ()
    interaction: Interaction
    message: NativeId | None = None
    ephemeral: bool = False


class Submit(_Update):
    """A form that was filled in; `message`: the one that only they see and that led to it."""

    kind: Literal["form"] = "form"
    by: ByPart
    code: Annotated[str, Field(min_length=1, max_length=100)]
    values: Annotated[tuple[tuple[str, tuple[str, ...]], ...], Field(max_length=100)]
    interaction: Interaction
    message: NativeId | None = None


class Join(_Update):
    kind: Literal["join"] = "join"
    by: ByPart


class Leave(_Update):
    kind: Literal["leave"] = "leave"
    by: ByPart


class Room(_Update):
    kind: Literal["room"] = "room"
    gone: bool = False


class RolePart(_Model):
    id: NativeId
    name: Annotated[str, Field(min_length=1, max_length=100)]


class Roles(_Dated):
    """All roles of a server, now, but the one that everybody has."""

    kind: Literal["roles"] = "roles"
    server: NativeId
    roles: Annotated[tuple[RolePart, ...], Field(max_length=1000)]


class Standing(_Dated):
    """What somebody is in a server now, though they did nothing."""

    kind: Literal["standing"] = "standing"
    account: NativeId
    standing: StandingPart


InRoom = Post | Edit | Delete | React | Clear | Votes | Command | Press | Submit | Join | Leave | Room
Update = InRoom | Roles | Standing

_UPDATE: Final[TypeAdapter[Update]] = TypeAdapter(Annotated[Update, Field(discriminator="kind")])


def dumps(update: Update) -> str:
    return update.model_dump_json()


def loads(raw: str) -> Update:
    """Raises ValueError saying which field is wrong, never quoting what was in it."""
    return validated(_UPDATE, raw, "discord update")
