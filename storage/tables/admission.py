"""Roles of platforms, who has them, named segments. Platform ids stand in the first two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.permissions import Role
from storage.tables.base import Row, json_column, one_of, ref, ref_key, when, word_key


class NativeRoleRow(Row, table=True):
    """`place` keeps the platform's own order."""

    __tablename__ = "native_roles"

    community_id: int = ref_key("communities.id")
    platform: str = word_key()
    server: str = word_key()
    native_id: str = word_key()
    name: str
    place: int


class StandingRow(Row, table=True):
    """What an account is in a place that is ours. It goes along with the account when two members become one; who is
    nothing there has no row."""

    __tablename__ = "standings"
    __table_args__ = (one_of("role", Role),)

    identity_id: int = ref_key("identities.id")
    server: str = word_key()
    community_id: int = ref("communities.id", index=True)
    role: str
    groups: Any = json_column()
    at: datetime = when()


class SegmentRow(Row, table=True):
    """`rules` is JSON of the domain's. Who is in a segment stands nowhere: it is asked anew every time."""

    __tablename__ = "segments"

    community_id: int = ref_key("communities.id")
    slug: str = word_key()
    name: str
    rules: Any = json_column()
    made_by: str
    made_at: datetime = when()
