"""Inbox, outbox, receipts, schedules and their occurrences. Platform ids stand in the first three."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from bot.domain.outgoing import DeliveryClass
from bot.domain.schedules import Frequency, Job, Outcome
from storage.tables.base import NEVER_REUSED, Row, json_column, key, long_text, one_of, ref, ref_key, when, word_key

INBOX_STATES: Final = ("pending", "done", "parked")
OUTBOX_STATES: Final = ("pending", "sending", "sent", "refused", "in_doubt", "malformed", "dropped")


class InboxRow(Row, table=True):
    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("community_id", "platform", "native_id"),
        Index(None, "state", "id"),
        one_of("state", INBOX_STATES),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    platform: str
    native_id: str
    raw: str = long_text()
    received_at: datetime = when()
    state: str
    attempts: int
    reason: str = long_text()


class OutboxRow(Row, table=True):
    """`sending` is JSON of the domain's `Sending`; it is emptied once nothing can be sent again and none of its words
    may have to be taken back. `member_id`: whom it is for, where it is for one member and nobody asked.
    `cause`: why the platform did not take it, where it says."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("community_id", "key"),
        Index(None, "state", "platform", "unsolicited", "due_at"),
        Index(
            "ix_outbox_waiting",
            "community_id",
            "platform",
            "native_id",
            "thread_id",
            "unsolicited",
            "id",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index(
            "ix_outbox_quoting",
            "community_id",
            sqlite_where=text("state IN ('pending', 'sent') AND sending <> ''"),
            postgresql_where=text("state IN ('pending', 'sent') AND sending <> ''"),
        ),
        Index(
            "ix_outbox_unasked",
            "member_id",
            "due_at",
            sqlite_where=text("unsolicited AND member_id IS NOT NULL"),
            postgresql_where=text("unsolicited AND member_id IS NOT NULL"),
        ),
        one_of("state", OUTBOX_STATES),
        one_of("delivery", DeliveryClass),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    key: str
    platform: str
    native_id: str
    thread_id: str
    sending: str = long_text()
    delivery: str
    unsolicited: bool
    member_id: int | None = ref("members.id", null=True)
    due_at: datetime = when()
    state: str
    attempts: int
    created_at: datetime = when()
    claimed_at: datetime | None = when(null=True)
    finished_at: datetime | None = when(null=True)
    reason: str = long_text()
    cause: str | None


class FileRow(Row, table=True):
    """A picture or document that messages of ours show, for as long as they may be asked for."""

    __tablename__ = "files"

    community_id: int = ref_key("communities.id")
    key: str = word_key()
    media: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    member_id: int | None = ref("members.id", null=True)
    created_at: datetime = when()


class ReceiptRow(Row, table=True):
    """A message of ours as a platform knows it; `part` counts the messages that one sending became."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("outbox_id", "part"),
        Index("ix_receipts_message", "community_id", "platform", "native_id", "message_native_id"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    outbox_id: int | None = ref("outbox.id", null=True)
    part: int
    platform: str
    native_id: str
    thread_id: str
    message_native_id: str


class ScheduleRow(Row, table=True):
    """`planned` false: when it is due next has to be computed; `next_at` NULL then means nothing, else never."""

    __tablename__ = "schedules"
    __table_args__ = (
        UniqueConstraint("community_id", "job", "recipient"),
        Index(None, "community_id", "enabled", "planned", "next_at"),
        one_of("job", Job),
        one_of("frequency", Frequency),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    job: str
    recipient: str
    timezone: str
    frequency: str
    weekday: int
    at: time
    enabled: bool
    paused_until: date | None
    since: datetime | None = when(null=True)
    planned: bool
    next_at: datetime | None = when(null=True)


class OccurrenceRow(Row, table=True):
    """One period of one schedule; the unique key is the claim. `claimed_at` changes with whoever holds it."""

    __tablename__ = "occurrences"
    __table_args__ = (
        UniqueConstraint("community_id", "job", "recipient", "period"),
        Index(
            "ix_occurrences_open",
            "community_id",
            "job",
            "claimed_at",
            sqlite_where=text("outcome = 'claimed'"),
            postgresql_where=text("outcome = 'claimed'"),
        ),
        one_of("job", Job),
        one_of("outcome", Outcome),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    job: str
    recipient: str
    period: str
    due_at: datetime = when()
    claimed_at: datetime = when()
    outcome: str
    note: str = long_text()


class DigestRow(Row, table=True):
    __tablename__ = "digests"
    __table_args__ = (
        one_of("frequency", Frequency),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        CheckConstraint("minute IN (0, 30)", name="minute"),
    )

    member_id: int = ref_key("members.id")
    community_id: int = ref("communities.id")
    enabled: bool
    frequency: str
    weekday: int
    hour: int
    minute: int
    length: int
    language: str | None
    platform: str
    sections: Any = json_column()
    quiet_start: int
    quiet_end: int
    skip_next: bool
    paused_until: date | None
    last_note: str
    unreachable: int
    hint: str
