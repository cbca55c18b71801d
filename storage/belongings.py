"""Every column that says whose a row is, in one list: what goes along when two members become one person.

A new table with a member in it is entered here, or in `STAYS` with the reason why it stays; a test compares both lists
with the tables. Knows columns; moves nothing (`storage.repositories.joining` does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, UniqueConstraint, select

from bot.domain.incoming import RoomKind
from bot.domain.introductions import Outcome
from bot.domain.schedules import Frequency
from storage import tables
from storage.scope import Record

Rooms = Select[Any]
"""Ids of rooms, as a subquery."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """`column` of `table` names a member: by number, or (`word`) as ``member:<number>``.

    prefers: of two rows that a unique key does not allow to belong to the same member, whether what the second says
        counts for both (their values change places); without it the first's does. The other one stays behind, unread.
    still: a column that is set to false in a row that stays behind, because it would act by itself.
    in_rooms: which rows are tied to one of these rooms, and so to the account that is there: whoever unlinks that
        account takes those along that came after the link, too.
    """

    table: Table
    column: str
    word: bool = False
    prefers: Callable[[Record, Record], bool] | None = None
    still: str = ""
    in_rooms: Callable[[Rooms], ColumnElement[bool]] | None = None

    def of(self, member_id: int) -> int | str:
        """What stands in the column for a member."""
        return f"member:{member_id}" if self.word else member_id

    @property
    def numbered(self) -> bool:
        """Whether a number that never changes is the whole key of a row."""
        key = self.table.primary_key.columns
        return len(key) == 1 and self.column not in key and key[0].type.python_type is int

    @property
    def rest_of_key(self) -> tuple[str, ...]:
        """The columns that find a row among those of one member."""
        return tuple(column.name for column in self.table.primary_key.columns if column.name != self.column)

    def unique(self) -> Iterator[tuple[str, ...]]:
        """Of each unique key that the column is part of, the other columns."""
        keys = [self.table.primary_key.columns]
        keys += [one.columns for one in self.table.constraints if isinstance(one, UniqueConstraint)]
        keys += [one.columns for one in self.table.indexes if one.unique]
        for key in keys:
            if self.column in key:
                yield tuple(column.name for column in key if column.name != self.column)


def _messages(rooms: Rooms) -> Select[Any]:
    return select(tables.MESSAGES.c.id).where(tables.MESSAGES.c.room_id.in_(rooms))


def _writes(row: Record) -> bool:
    """Whether a letter really comes by these settings."""
    return bool(row.enabled and row.frequency != Frequency.OFF.value)


def _declines(first: Record, second: Record) -> bool:
    declined: bool = second.outcome == Outcome.DECLINED.value != first.outcome
    return declined


BELONGINGS: Final = (
    Belonging(tables.IDENTITIES, "member_id"),
    Belonging(tables.CONSENT_CHANGES, "member_id"),
    Belonging(tables.CONVERSATIONS, "member_id"),
    Belonging(tables.INTRODUCTIONS, "member_id", prefers=_declines),
    Belonging(tables.INTRODUCTIONS, "other_id", prefers=_declines),
    Belonging(
        tables.ROOMS,
        "audience",
        word=True,
        in_rooms=lambda rooms: tables.ROOMS.c.id.in_(rooms) & (tables.ROOMS.c.kind == RoomKind.DIRECT.value),
    ),
    Belonging(
        tables.MEMBERSHIPS,
        "member_id",
        prefers=lambda first, second: second.left_at is None and first.left_at is not None,
        in_rooms=tables.MEMBERSHIPS.c.room_id.in_,
    ),
    Belonging(tables.MESSAGES, "member_id", in_rooms=tables.MESSAGES.c.room_id.in_),
    Belonging(
        tables.REACTIONS,
        "member_id",
        prefers=lambda first, second: second.present and not first.present,
        in_rooms=lambda rooms: tables.REACTIONS.c.message_id.in_(_messages(rooms)),
    ),
    Belonging(tables.ITEMS, "author", word=True),
    Belonging(tables.ITEMS, "audience", word=True),
    Belonging(tables.EVENTS, "host_id"),
    Belonging(tables.EVENTS, "audience", word=True),
    Belonging(tables.INTERACTIONS, "member_id"),
    Belonging(tables.WITHDRAWALS, "member_id"),
    Belonging(tables.EXPOSURES, "member_id"),
    Belonging(tables.DEMAND, "member_id"),
    Belonging(tables.BUTTONS, "owner"),
    Belonging(tables.FILES, "member_id"),
    Belonging(tables.EXPERTS, "member_id"),
    Belonging(tables.MARKS, "member_id", prefers=lambda first, second: second.at > first.at),
    Belonging(tables.DIGESTS, "member_id", prefers=lambda first, second: _writes(second) and not _writes(first)),
    Belonging(
        tables.SCHEDULES,
        "recipient",
        word=True,
        prefers=lambda first, second: second.enabled and not first.enabled,
        still="enabled",
    ),
    Belonging(
        tables.OUTBOX,
        "member_id",
        by=lambda there: tables.OUTBOX.c.platform.in_(there.platforms) & tables.OUTBOX.c.native_id.not_like("dm-%"),
    ),
    Belonging(tables.OCCURRENCES, "recipient", word=True),
)
"""In the order in which they go along."""

STAYS: Final = {
    ("consents", "member_id"): "what the two allow together is decided anew, and each has their own back afterwards",
    ("links", "first_id"): "the link itself",
    ("links", "second_id"): "the link itself",
    ("outbox", "sending"): "in the middle of JSON: moved by itself",
    ("audit", "actor"): "sealed: who did it then is not rewritten",
    ("audit", "target"): "sealed",
    ("rules", "actor"): "who decided it then",
    ("prerequisites", "decided_by"): "who decided it then",
    ("experts", "by"): "who decided it then",
}
"""Columns with members in them that no link touches, and why."""
