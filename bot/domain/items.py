"""What can be suggested: one id space over courses, posts, events and members. Knows no storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

from bot.domain.people import Level
from bot.domain.permissions import PUBLIC, Audience
from bot.domain.refs import MessageRef

ItemId = NewType("ItemId", str)
"""``course:<id>``, ``post:<number>``, ``event:<id>`` or ``member:<number>``."""


class Kind(StrEnum):
    COURSE = "course"
    POST = "post"
    EVENT = "event"
    MEMBER = "member"


def item_id(kind: Kind, native: str | int) -> ItemId:
    return ItemId(f"{kind.value}:{native}")


def kind_of(item: ItemId) -> Kind:
    """Raises ValueError for an id of no known kind."""
    return Kind(item.partition(":")[0])


def native_of(item: ItemId) -> str:
    return item.partition(":")[2]


def published_at(published: str) -> datetime | None:
    """The start of the year, month or day that ``2024``, ``2024-05`` or ``2024-05-17`` names; None for other words."""
    for form, length in (("%Y-%m-%d", 10), ("%Y-%m", 7), ("%Y", 4)):
        try:
            return datetime.strptime(published.strip()[:length], form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Course:
    """A course or book of the catalogue. `hours` of work; `price` in `currency` (ISO 4217), 0 is free, None unknown."""

    id: str
    title: str
    summary: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()
    level: Level | None = None
    language: str = "en"
    provider: str = ""
    hours: float | None = None
    price: float | None = None
    currency: str = ""
    prerequisites: tuple[str, ...] = ()
    published: str = ""
    extras: dict[str, str] = field(default_factory=dict)

    @property
    def item(self) -> ItemId:
        return item_id(Kind.COURSE, self.id)


@dataclass(frozen=True, slots=True)
class Post:
    """A discussion worth suggesting: an opening message with what came of it."""

    id: int
    root: MessageRef
    room_id: int
    room_name: str
    title: str
    text: str
    author_id: int
    author_name: str
    created_at: datetime
    last_at: datetime
    replies: int = 0
    participants: int = 1
    reactions: int = 0
    solved: bool = False
    language: str = "en"
    audience: Audience = PUBLIC

    @property
    def item(self) -> ItemId:
        return item_id(Kind.POST, self.id)


@dataclass(frozen=True, slots=True)
class Event:
    """A dated community happening. `minutes` long; `capacity` 0 means no limit."""

    id: str
    title: str
    starts_at: datetime
    summary: str = ""
    minutes: int = 60
    timezone: str = "UTC"
    place: str = ""
    host_id: int | None = None
    host_name: str = ""
    capacity: int = 0
    going: int = 0
    tags: tuple[str, ...] = ()
    language: str = "en"
    audience: Audience = PUBLIC

    @property
    def item(self) -> ItemId:
        return item_id(Kind.EVENT, self.id)
