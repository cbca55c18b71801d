"""Events that the community holds itself: their state, guests, cards and what is due. No platform id stands here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from bot.domain.events import EventState
from bot.domain.guests import Standing
from bot.domain.threads import ThreadState
from storage.tables.base import NEVER_REUSED, Row, json_column, key, one_of, ref, ref_key, when, word_key


class HostedEventRow(Row, table=True):
    """`document` is JSON of the domain's `HostedEvent`; the columns beside it are what is asked for."""

    __tablename__ = "hosted_events"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        UniqueConstraint("community_id", "token"),
        Index(None, "community_id", "state", "starts_at"),
        Index(None, "community_id", "series", "starts_at"),
        one_of("state", EventState),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    slug: str
    token: str
    state: str
    starts_at: datetime = when()
    ends_at: datetime = when()
    series: str
    document: Any = json_column()


class GuestRow(Row, table=True):
    __tablename__ = "event_guests"
    __table_args__ = (
        Index(None, "event_id", "standing", "place"),
        Index(None, "member_id", "standing"),
        one_of("standing", Standing),
        CheckConstraint("(standing = 'offered') = (until IS NOT NULL)", name="until"),
    )

    event_id: int = ref_key("hosted_events.id")
    member_id: int = ref_key("members.id")
    community_id: int = ref("communities.id", index=True)
    standing: str
    at: datetime = when()
    place: int
    until: datetime | None = when(null=True)
    told: bool
    platform: str
    remind: bool


class EventSettingsRow(Row, table=True):
    """What a member chose about all events."""

    __tablename__ = "event_settings"

    member_id: int = ref_key("members.id")
    community_id: int = ref("communities.id", index=True)
    always: bool


class EventCardRow(Row, table=True):
    __tablename__ = "event_cards"

    event_id: int = ref_key("hosted_events.id")
    room_id: int = ref_key("rooms.id")
    community_id: int = ref("communities.id", index=True)
    key: str
    posted: str
    edits: int
    lost: bool


class EventMirrorRow(Row, table=True):
    """An event as a platform's own calendar shows it; `native_id` stands there and nowhere else."""

    __tablename__ = "event_mirrors"

    event_id: int = ref_key("hosted_events.id")
    platform: str = word_key()
    community_id: int = ref("communities.id", index=True)
    native_id: str
    posted: str
    interested: int
    lost: bool


class EventThreadRow(Row, table=True):
    """The thread of an event on one platform; where it is, `rooms` says. `told`: JSON of what the host was told."""

    __tablename__ = "event_threads"
    __table_args__ = (Index(None, "thread_room_id"), one_of("state", ThreadState))

    event_id: int = ref_key("hosted_events.id")
    platform: str = word_key()
    community_id: int = ref("communities.id", index=True)
    room_id: int = ref("rooms.id")
    key: str
    state: str
    thread_room_id: int | None = ref("rooms.id", null=True)
    name: str
    changes: int
    told: Any = json_column()


class MomentRow(Row, table=True):
    """`outcome` empty: still to come."""

    __tablename__ = "event_moments"
    __table_args__ = (Index(None, "community_id", "outcome", "due_at"),)

    event_id: int = ref_key("hosted_events.id")
    what: str = word_key()
    community_id: int = ref("communities.id")
    due_at: datetime = when()
    attempts: int
    outcome: str
    done_at: datetime | None = when(null=True)
