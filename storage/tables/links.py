"""Links between members, and which rows came to the first with each. Platform names stand in `links`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from bot.domain.links import LinkState
from storage.tables.base import ID, NEVER_REUSED, Row, counter, json_or_nothing, key, long_text, one_of, ref, when


class LinkRow(Row, table=True):
    """While it is `joined`, the second member is nobody by itself. `code`: a keyed hash, empty once it cannot be given
    any more. `kept`: the first before and after they became one. `sequence`: the community's when they became one or
    parted."""

    __tablename__ = "links"
    __table_args__ = (
        Index(None, "community_id", "code"),
        Index(None, "community_id", "sequence"),
        Index(
            "uq_links_joined",
            "second_id",
            unique=True,
            sqlite_where=text("state = 'joined'"),
            postgresql_where=text("state = 'joined'"),
        ),
        one_of("state", LinkState),
        NEVER_REUSED,
    )

    id: int = key()
    community_id: int = ref("communities.id")
    first_id: int = ref("members.id", index=True)
    second_id: int | None = ref("members.id", null=True)
    first_platform: str
    second_platform: str
    code: str
    state: str
    made_at: datetime = when()
    expires_at: datetime = when()
    first_agreed: bool
    second_agreed: bool
    joined_at: datetime | None = when(null=True)
    ended_at: datetime | None = when(null=True)
    sequence: int | None = counter(null=True)
    kept: Any = json_or_nothing()


class LinkedRowRow(Row, table=True):
    """One row that a link changed: its id, or where it has none, the rest of its key as JSON in `row_key`.

    `was`: what stood in the column before, where that does not follow from the link.
    """

    __tablename__ = "linked_rows"
    __table_args__ = (Index(None, "link_id", "table_name", "column_name", "row_id"), NEVER_REUSED)

    id: int = key()
    community_id: int = ref("communities.id")
    link_id: int = ref("links.id")
    change: str
    table_name: str
    column_name: str
    row_id: int | None = Field(default=None, sa_column=Column(ID, nullable=True))
    row_key: str = long_text()
    was: Any = json_or_nothing()
