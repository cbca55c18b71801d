"""What members do and what they were shown. No platform id stands here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from bot.domain.interactions import Signal
from bot.domain.rules import RuleAction
from storage.tables.base import (
    NEVER_REUSED,
    Row,
    counter,
    json_column,
    json_or_nothing,
    key,
    long_text,
    one_of,
    ref,
    ref_key,
    when,
    word_key,
)


class InteractionRow(Row, table=True):
    __tablename__ = "interactions"
    __table_args__ = (
        UniqueConstraint("community_id", "key"),
        UniqueConstraint("community_id", "sequence"),
        Index(None, "member_id", "at"),
        Index(None, "community_id", "item"),
        one_of("signal", Signal),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    sequence: int = counter()
    member_id: int = ref("members.id")
    item: str
    signal: str
    at: datetime = when()
    key: str
    value: float
    reason: str


class WithdrawalRow(Row, table=True):
    """An interaction that was undone, for those who had counted it already."""

    __tablename__ = "withdrawals"
    __table_args__ = (UniqueConstraint("community_id", "sequence"), one_of("signal", Signal), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    sequence: int = counter()
    member_id: int = ref("members.id", index=True)
    item: str
    signal: str
    at: datetime = when()
    key: str
    value: float
    reason: str


class ExposureRow(Row, table=True):
    """`receipt_id`: the message in which it was shown, once the platform told us. `slate`: what its place was drawn
    from."""

    __tablename__ = "exposures"
    __table_args__ = (
        UniqueConstraint("community_id", "key"),
        Index(None, "member_id", "at"),
        Index(None, "community_id", "at"),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    member_id: int | None = ref("members.id", null=True)
    item: str
    rank: int
    score: float
    parts: Any = json_column()
    policy: str
    surface: str
    at: datetime = when()
    key: str
    propensity: float
    receipt_id: int | None = ref("receipts.id", null=True, index=True)
    slate: Any = json_or_nothing()


class ButtonRow(Row, table=True):
    __tablename__ = "buttons"
    __table_args__ = (Index(None, "expires_at"),)

    community_id: int = ref_key("communities.id")
    code: str = word_key()
    action: str
    payload: Any = json_column()
    owner: int | None = ref("members.id", null=True)
    created_at: datetime = when()
    expires_at: datetime | None = when(null=True)


class DemandRow(Row, table=True):
    __tablename__ = "demand"
    __table_args__ = (Index(None, "community_id", "at"), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    member_id: int | None = ref("members.id", null=True)
    kind: str
    words: str = long_text()
    best: float
    at: datetime = when()


class RuleRow(Row, table=True):
    """Never deleted: `ended_at` is set when a rule is replaced or taken back."""

    __tablename__ = "rules"
    __table_args__ = (Index(None, "community_id", "ended_at"), one_of("action", RuleAction), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    action: str
    item: str
    scope: str
    amount: float
    reason: str = long_text()
    actor: str
    made_at: datetime = when()
    until: datetime | None = when(null=True)
    ended_at: datetime | None = when(null=True)


class AuditEntryRow(Row, table=True):
    """`seal` hashes the entry and the seal before it: a changed or missing entry shows."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "community_id", "id"), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    at: datetime = when()
    actor: str
    action: str
    target: str
    reason: str = long_text()
    seal: str
