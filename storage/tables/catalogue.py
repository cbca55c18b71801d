"""Posts, courses, events, and the items made of them with their vectors. No platform id stands here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from bot.domain.items import Kind
from bot.domain.paths import Decision
from bot.domain.people import Level
from storage.tables.base import (
    ID,
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

_AUDIENCE = "audience = 'public' OR audience LIKE 'room:%' OR audience LIKE 'member:%'"


class PostRow(Row, table=True):
    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("root_id"), Index(None, "community_id", "last_at"), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    root_id: int = ref("messages.id")
    title: str
    text: str = long_text()
    language: str
    solved: bool
    replies: int
    participants: int
    reactions: int
    last_at: datetime = when()


class CourseRow(Row, table=True):
    __tablename__ = "courses"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        one_of("level", Level, null=True),
        CheckConstraint("hours IS NULL OR hours >= 0", name="hours"),
        CheckConstraint("price IS NULL OR price >= 0", name="price"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    slug: str
    title: str
    summary: str = long_text()
    url: str
    tags: Any = json_column()
    level: str | None
    language: str
    provider: str
    hours: float | None
    price: float | None
    currency: str
    prerequisites: Any = json_column()
    published: str
    extras: Any = json_column()


class EventRow(Row, table=True):
    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        Index(None, "community_id", "starts_at"),
        CheckConstraint(_AUDIENCE, name="audience"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    slug: str
    title: str
    starts_at: datetime = when()
    summary: str = long_text()
    minutes: int
    timezone: str
    place: str
    host_id: int | None = ref("members.id", null=True)
    host_name: str
    capacity: int
    going: int
    tags: Any = json_column()
    language: str
    audience: str


class ItemRow(Row, table=True):
    """`row` is the id in the vector index. `text` is what is embedded; a deleted item keeps no words."""

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("community_id", "item"),
        Index(None, "community_id", "revision"),
        one_of("kind", Kind),
        CheckConstraint(_AUDIENCE, name="audience"),
        CheckConstraint("level IS NULL OR level BETWEEN 0 AND 2", name="level"),
        NEVER_REUSED,
    )

    row: int = Field(default=None, sa_column=Column(ID, primary_key=True))
    community_id: int = ref("communities.id")
    item: str
    kind: str
    audience: str
    revision: int = counter()
    deleted: bool
    language: str
    title: str
    text: str = long_text()
    text_hash: str
    tags: Any = json_column()
    level: int | None
    author: str
    created_at: datetime | None = when(null=True)
    starts_at: datetime | None = when(null=True)
    hours: float | None
    price: float | None
    prerequisites: Any = json_column()
    replies: int
    participants: int
    reactions: int
    solved: bool
    quality: float | None


class VectorRow(Row, table=True):
    """float32, little endian. `text_hash` says of which text."""

    __tablename__ = "vectors"
    __table_args__ = (Index(None, "encoder", "row", "text_hash"),)

    row: int = ref_key("items.row")
    encoder: str = word_key()
    community_id: int = ref("communities.id", index=True)
    text_hash: str
    dimension: int
    vector: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PrerequisiteRow(Row, table=True):
    """What was inferred to come before what, and what moderators made of it. Courses by slug."""

    __tablename__ = "prerequisites"
    __table_args__ = (
        UniqueConstraint("community_id", "course", "needs"),
        one_of("state", Decision),
        CheckConstraint("course <> needs", name="not_itself"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    course: str
    needs: str
    source: str
    confidence: float
    count: int
    of: int
    note: str = long_text()
    state: str
    proposed_at: datetime = when()
    decided_at: datetime | None = when(null=True)
    decided_by: str


class ExpertRow(Row, table=True):
    """Who may give marks without being a moderator."""

    __tablename__ = "experts"

    member_id: int = ref_key("members.id")
    community_id: int = ref("communities.id", index=True)
    by: str
    at: datetime = when()


class MarkRow(Row, table=True):
    __tablename__ = "marks"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    community_id: int = ref_key("communities.id")
    course: str = word_key()
    member_id: int = ref_key("members.id")
    stars: int
    note: str = long_text()
    at: datetime = when()


class CourseQualityRow(Row, table=True):
    """Made anew from what people did: may be deleted at any time."""

    __tablename__ = "course_quality"

    community_id: int = ref_key("communities.id")
    course: str = word_key()
    value: float
    low: float
    high: float
    parts: Any = json_column()
    stars: Any = json_column()
    ratings: int
    finished: int
    enrolled: int
    at: datetime = when()
