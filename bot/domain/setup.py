"""What a community needs to work on a platform, and whether it is so. Knows names of checks; asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CheckName(StrEnum):
    """What the platforms are asked. Each has a sentence for well, one for not well, and one that says what to do."""

    ACCOUNT = "account"
    """The platform knows us. Detail: our name there."""
    HOME = "home"
    """A group or server is proved to be the community's own. Detail: how many others we are in."""
    UPDATES = "updates"
    """Every kind of update that we need is asked for. Detail: the missing ones."""
    WEBHOOK = "webhook"
    """Updates arrive at our address. Detail: the platform's last error."""
    HEARS = "hears"
    """In this group we hear everything, not only commands."""
    ADMINISTRATOR = "administrator"
    """In this group we are told of reactions and members."""
    CONTENT = "content"
    """We may read what people say among themselves."""
    MEMBERS = "members"
    """We are told who joins and leaves."""
    ROOM = "room"
    """In this room we have every right that we need. Detail: the missing ones."""
    THREADS = "threads"
    """In this room threads can be made. Detail: the rights that are missing, whether or not they keep us from it;
    none missing, and it cannot: there are no threads in that room."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a platform said at `at`. `subject`: native id of the group, server or room it is about, empty for all of the
    platform; `title` is what people call it. `detail`: names and numbers, never a sentence."""

    platform: str
    name: CheckName
    ok: bool
    at: datetime
    subject: str = ""
    title: str = ""
    detail: str = ""


class CodePurpose(StrEnum):
    """What a one-time code of the owner's proves."""

    HOME = "home"
    """The group or server that it is written in is the community's own."""
    OWNER = "owner"
    """Whoever writes it to the bot alone is the owner."""


class RefusalCause(StrEnum):
    """Why a platform does not take a message for somebody, as far as it says."""

    BLOCKED = "blocked"
    CLOSED = "closed"
    """Direct messages are closed, or nobody asked for them."""
    NEVER_OPENED = "never-opened"
    GONE = "gone"
    """The room, the topic or the account is not there any more."""
    FORBIDDEN = "forbidden"
    """We have lost a right that we need."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """Messages that could not be delivered, counted. `state`: ``refused``, ``in_doubt``, ``malformed`` or ``dropped``.

    `room`: whether they were for rooms; otherwise for people, who are never named here."""

    platform: str
    state: str
    cause: RefusalCause
    room: bool
    count: int
    last_at: datetime
