"""Every column that says whose a row is, in one list: what goes along when two members become one person.

A new table with a member in it is entered here, or in `STAYS` with the reason why it stays; a test compares both lists
with the tables. Knows columns; moves nothing (`storage.repositories.joining` does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, UniqueConstraint, select

from bot.domain.guests import Standing
from bot.domain.incoming import RoomKind
from bot.domain.introductions import Outcome
from bot.domain.schedules import Frequency
from storage import tables
from storage.codec import sending_from_json, sending_to_json
from storage.scope import Record


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where the accounts are that came with a link: their platforms, and the ids of the rooms there (a subquery)."""

    platforms: Sequence[str]
    rooms: Select[Any]


@dataclass(frozen=True, slots=True)
class Belonging:
    """`column` of `table` names a member: by number, or (`word`) as ``member:<number>``.

    prefers: of two rows that a unique key does not allow to belong to the same member, whether what the second says
        counts for both (their values change places); without it the first's does. The other one stays behind, unread.
    still: what is set in a row that stays behind, because it would act by itself.
    by: which rows say that they were made by one of these accounts: whoever unlinks it takes those along that came
        after the link, too.
    """

    table: Table
    column: str
    word: bool = False
    prefers: Callable[[Record, Record], bool] | None = None
    still: Mapping[str, Any] = field(default_factory=dict)
    by: Callable[[Accounts], ColumnElement[bool]] | None = None

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


@dataclass(frozen=True, slots=True)
class Inside:
    """A member's number inside JSON. `read` and `write` take what stands in the column."""

    table: Table
    column: str
    name: str
    read: Callable[[Any], int | None]
    write: Callable[[Any, int], Any]
    by: Callable[[Accounts], ColumnElement[bool]] | None = None


def _messages(accounts: Accounts) -> Select[Any]:
    return select(tables.MESSAGES.c.id).where(tables.MESSAGES.c.room_id.in_(accounts.rooms))


def _writes(row: Record) -> bool:
    """Whether a letter really comes by these settings."""
    return bool(row.enabled and row.frequency != Frequency.OFF.value)


_NEARER: Final = [standing.value for standing in (
    Standing.CHECKED_IN, Standing.GOING, Standing.OFFERED, Standing.WAITING, Standing.MAYBE, Standing.CANT,
    Standing.EXCUSED, Standing.NO_SHOW, Standing.OUT,
)]  # fmt: skip
"""Of two answers to the same event, the one that is nearer to coming counts."""


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
        by=lambda there: tables.ROOMS.c.id.in_(there.rooms) & (tables.ROOMS.c.kind == RoomKind.DIRECT.value),
    ),
    Belonging(
        tables.MEMBERSHIPS,
        "member_id",
        prefers=lambda first, second: second.left_at is None and first.left_at is not None,
        by=lambda there: tables.MEMBERSHIPS.c.room_id.in_(there.rooms),
    ),
    Belonging(tables.MESSAGES, "member_id", by=lambda there: tables.MESSAGES.c.room_id.in_(there.rooms)),
    Belonging(
        tables.REACTIONS,
        "member_id",
        prefers=lambda first, second: second.present and not first.present,
        by=lambda there: tables.REACTIONS.c.message_id.in_(_messages(there)),
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
        still={"enabled": False},
    ),
    Belonging(tables.OUTBOX, "member_id", by=lambda there: tables.OUTBOX.c.platform.in_(there.platforms)),
    Belonging(tables.OCCURRENCES, "recipient", word=True),
    Belonging(
        tables.EVENT_GUESTS,
        "member_id",
        prefers=lambda first, second: _NEARER.index(second.standing) < _NEARER.index(first.standing),
        still={"standing": Standing.OUT.value, "until": None, "told": False},
        by=lambda there: tables.EVENT_GUESTS.c.platform.in_(there.platforms),
    ),
    Belonging(tables.EVENT_SETTINGS, "member_id", prefers=lambda first, second: second.always and not first.always),
    Belonging(tables.CALENDAR_FEEDS, "member_id"),
)
"""In the order in which they go along."""

INSIDE: Final = (
    Inside(
        tables.OUTBOX,
        "sending",
        "to_member",
        read=lambda text: sending_from_json(text).to_member if text else None,
        write=lambda text, member: sending_to_json(replace(sending_from_json(text), to_member=member)),
        by=lambda there: tables.OUTBOX.c.platform.in_(there.platforms),
    ),
    Inside(
        tables.HOSTED_EVENTS,
        "document",
        "host_id",
        read=lambda document: document["host_id"],
        write=lambda document, member: document | {"host_id": member},
    ),
)

STAYS: Final = {
    ("consents", "member_id"): "what the two allow together is decided anew, and each has their own back afterwards",
    ("links", "first_id"): "the link itself",
    ("links", "second_id"): "the link itself",
    ("audit", "actor"): "sealed: who did it then is not rewritten",
    ("audit", "target"): "sealed",
    ("rules", "actor"): "who decided it then",
    ("prerequisites", "decided_by"): "who decided it then",
    ("experts", "by"): "who decided it then",
}
"""Columns with members in them that no link touches, and why."""
