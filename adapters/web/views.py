"""What templates are given: messages, rooms and people as a page shows them. Knows no store and no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from markupsafe import Markup

from adapters.web.capabilities import QUICK_REACTIONS
from bot.domain.incoming import Attachment, Poll
from bot.domain.people import Community, Identity, Member
from bot.domain.permissions import Viewer
from bot.domain.refs import AccountRef
from bot.domain.rooms import Reaction, Room
from bot.wording import Wording

AVATARS: Final = 8
"""Colours that the style sheet knows; a member's is chosen by their id."""
STREAM: Final = "m"
PANEL: Final = "t"


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that another one answers, in a line."""

    id: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as a page shows it. `stamp` changes whenever the page would look different."""

    id: int
    native: str
    room_id: int
    root_id: int
    author: str
    author_id: int
    avatar: int
    initials: str
    html: Markup
    text: str
    at: datetime
    local: datetime
    language: str
    answered: Answered | None
    reactions: tuple[Reaction, ...]
    replies: int
    attachments: tuple[Attachment, ...]
    poll: Poll | None
    mine: bool
    by_bot: bool
    edited: bool
    deleted: bool
    service: bool
    writable: bool
    stamp: str
    prefix: str = STREAM
    quick: tuple[str, ...] = QUICK_REACTIONS

    @property
    def element(self) -> str:
        """The id of its element; the panel of a discussion shows messages a second time."""
        return f"{self.prefix}{self.id}"

    @property
    def form(self) -> str:
        return f"act-{self.element}"


@dataclass(frozen=True, slots=True)
class RoomLink:
    """A room in the side bar."""

    id: int
    name: str
    private: bool
    current: bool
    archive: bool
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What surrounds every page of a signed-in member. `account` is theirs here, `accounts` are all."""

    community: Community
    member: Member
    viewer: Viewer
    direct_id: int
    groups: tuple[tuple[str, tuple[RoomLink, ...]], ...]
    topics: frozenset[str]
    wording: Wording
    account: AccountRef
    accounts: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomPage:
    """`older`: more before; `newer`: more after, so that live additions would leave a gap. `thread` is root first."""

    shell: Shell
    room: Room
    direct: bool
    private: bool
    writable: bool
    messages: tuple[MessageView, ...]
    older: bool
    newer: bool
    today: date
    thread: tuple[MessageView, ...] = ()
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody at the door."""

    id: int
    name: str
    initials: str
    avatar: int
    language: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What an open page shows: message id -> stamp. `root`: it is the discussion of that message.

    `last`: the page ends with that message although there are later ones, and wants none of them.
    """

    stamps: dict[int, str]
    root: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What an open page must replace or add to look like a fresh one; `order` is everything it should show."""

    messages: tuple[MessageView, ...]
    order: tuple[int, ...]


def initials(name: str) -> str:
    """One Han character, or up to two first letters."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return name[:1] or "?"
    if not words[0][0].isascii():
        return words[0][0]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()
