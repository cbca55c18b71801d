"""Which groups and servers are ours, what the platforms said about them, one-time codes. Platform ids stand in the
first two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from bot.domain.setup import CheckName, CodePurpose
from storage.tables.base import Row, json_column, long_text, one_of, ref_key, when, word_key


class HomeRow(Row, table=True):
    __tablename__ = "homes"

    community_id: int = ref_key("communities.id")
    platform: str = word_key()
    native_id: str = word_key()
    name: str
    admins: bool
    groups: Any = json_column()
    added_at: datetime = when()


class CheckRow(Row, table=True):
    """`subject` is '' for all of a platform. `place` keeps the order in which they were found."""

    __tablename__ = "checks"
    __table_args__ = (one_of("name", CheckName),)

    community_id: int = ref_key("communities.id")
    platform: str = word_key()
    subject: str = word_key()
    name: str = word_key()
    place: int
    ok: bool
    title: str
    detail: str = long_text()
    at: datetime = when()


class SetupCodeRow(Row, table=True):
    """`digest`: SHA-256 of the code, which itself stands nowhere."""

    __tablename__ = "setup_codes"
    __table_args__ = (one_of("purpose", CodePurpose),)

    community_id: int = ref_key("communities.id")
    digest: str = Field(primary_key=True)
    purpose: str
    made_at: datetime = when()
    ends_at: datetime = when()
    used_at: datetime | None = when(null=True)
