"""Communities, members, identities, consent. Platform ids stand in `identities` alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from bot.domain.consent import ConsentKind
from bot.domain.introductions import Outcome
from bot.domain.people import Goal, Level
from bot.domain.permissions import Role
from storage.tables.base import NEVER_REUSED, Row, counter, json_column, key, one_of, ref, ref_key, when, word_key


class CommunityRow(Row, table=True):
    """`revision` numbers the changes of items, `sequence` those of interactions and of what members declare: both only
    ever rise."""

    __tablename__ = "communities"
    __table_args__ = (NEVER_REUSED,)

    id: int = key()
    name: str
    language: str
    timezone: str
    sample: bool
    revision: int = counter()
    sequence: int = counter()


class MemberRow(Row, table=True):
    """`declared`: the community's sequence when topics, level or language were last changed."""

    __tablename__ = "members"
    __table_args__ = (
        one_of("role", Role),
        one_of("level", Level, null=True),
        one_of("goal", Goal, null=True),
        Index(None, "community_id", "bot"),
        Index(None, "community_id", "declared"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    name: str
    language: str | None
    timezone: str
    role: str
    topics: Any = json_column()
    level: str | None
    goal: str | None
    weekly_hours: float | None
    muted: Any = json_column()
    surprises: bool
    joined_at: datetime | None = when(null=True)
    onboarded_at: datetime | None = when(null=True)
    sample: bool
    bot: bool
    declared: int | None = counter(null=True)


class IdentityRow(Row, table=True):
    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("community_id", "platform", "native_id"), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    member_id: int = ref("members.id", index=True)
    platform: str
    native_id: str
    name: str


class ConsentRow(Row, table=True):
    """What is allowed now: a row is a yes."""

    __tablename__ = "consents"
    __table_args__ = (one_of("kind", ConsentKind),)

    member_id: int = ref_key("members.id")
    kind: str = word_key()
    community_id: int = ref("communities.id")


class ConsentChangeRow(Row, table=True):
    """Every change of consent, for ever: the proof of what was allowed when."""

    __tablename__ = "consent_changes"
    __table_args__ = (one_of("kind", ConsentKind), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    member_id: int = ref("members.id", index=True)
    kind: str
    granted: bool
    at: datetime = when()


class ConversationRow(Row, table=True):
    __tablename__ = "conversations"

    member_id: int = ref_key("members.id")
    kind: str = word_key()
    community_id: int = ref("communities.id")
    state: Any = json_column()
    at: datetime = when()


class CalendarFeedRow(Row, table=True):
    """A member's own calendar under a secret address, of which only a hash is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (UniqueConstraint("selector"),)

    member_id: int = ref_key("members.id")
    community_id: int = ref("communities.id")
    selector: str
    hashed: str
    made_at: datetime = when()
    maybe: bool
    alarm: int


class IntroductionRow(Row, table=True):
    """What a member chose about another; the latest choice."""

    __tablename__ = "introductions"
    __table_args__ = (one_of("outcome", Outcome), Index(None, "other_id"))

    member_id: int = ref_key("members.id")
    other_id: int = ref_key("members.id")
    community_id: int = ref("communities.id")
    outcome: str
    at: datetime = when()
