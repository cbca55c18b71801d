"""Moves what is one member's to another, and exactly that back again. Knows the list of belongings; knows no link.

Every row that goes along is noted. Where a unique key does not allow that, the row stays behind as the second's: nobody
asks for it while the two are one, and it is there when they part. Everything that this writes is in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, Table, and_, cast, delete, exists, insert, literal, or_, select, update

from storage.belongings import BELONGINGS, INSIDE, Accounts, Belonging, Inside
from storage.repositories.hosting import seat_again
from storage.repositories.items import raise_revisions
from storage.repositories.suggestable_posts import recount_posts
from storage.scope import Record, Scope
from storage.tables import (
    DIGESTS,
    EVENT_GUESTS,
    IDENTITIES,
    INTERACTIONS,
    ITEMS,
    LINKED_ROWS,
    MESSAGES,
    REACTIONS,
    ROOMS,
    SCHEDULES,
    WITHDRAWALS,
)

_J = LINKED_ROWS.c
_M = MESSAGES.c

MOVED: Final = "moved"
SWAPPED: Final = "swapped"
STILLED: Final = "stilled"


@dataclass(frozen=True, slots=True)
class Joining:
    """`second`'s rows are noted under `link_id` and become `first`'s, or go back."""

    scope: Scope
    community_id: int
    link_id: int
    first: int
    second: int

    def join(self) -> None:
        shared = self._shared()
        for belonging in BELONGINGS:
            self._prefer(belonging)
            self._along(belonging)
            self._still(belonging)
        for inside in INSIDE:
            self._rewrite(inside, self.second, self.first, None)
        recount_posts(self.scope, shared)

    def part(self) -> None:
        accounts = self._accounts()
        for inside in INSIDE:
            self._rewrite(inside, self.first, self.second, accounts)
        for belonging in reversed(BELONGINGS):
            self._unstill(belonging)
            self._unprefer(belonging)
            self._back(belonging)
            if belonging.by is not None:
                self._own(belonging, belonging.by(accounts))
        self._said()
        self._letters()
        recount_posts(self.scope, self._shared())
        self.scope.run(delete(LINKED_ROWS).where(_J.link_id == self.link_id))

    # Along

    def _along(self, belonging: Belonging) -> None:
        mine = and_(_whose(belonging, self.second), ~_taken(belonging, self.first))
        if belonging.numbered:
            number = _number(belonging)
            noted = select(
                *self._constants(belonging, MOVED), number.label("row_id"), literal("").label("row_key")
            ).where(mine)
            names = ["community_id", "link_id", "change", "table_name", "column_name", "row_id", "row_key"]
            self.scope.run(insert(LINKED_ROWS).from_select(names, noted))
        else:
            columns = [belonging.table.c[name] for name in (belonging.column, *belonging.rest_of_key)]
            rows = self.scope.rows(select(*columns).where(mine))
            self._note(belonging.table, belonging.column, MOVED, [{"row_key": _key_of(row[1:])} for row in rows])
        self._give(belonging, mine, self.first)

    def _prefer(self, belonging: Belonging) -> None:
        if belonging.prefers is None:
            return
        for others in belonging.unique():
            for left, right in self._pairs(belonging, others):
                if belonging.prefers(left, right):
                    self._swap(belonging, others, left, right)
                    self._note(
                        belonging.table,
                        belonging.column,
                        SWAPPED,
                        [{"row_key": _key_of([getattr(right, name) for name in others])}],
                    )

    def _still(self, belonging: Belonging) -> None:
        if not belonging.still:
            return
        columns = belonging.table.c
        acting = or_(*(columns[name].is_distinct_from(value) for name, value in belonging.still.items()))
        for row in self.scope.rows(select(belonging.table).where(_whose(belonging, self.second), acting)):
            was = {name: _told(getattr(row, name)) for name in belonging.still}
            key = [getattr(row, name) for name in belonging.rest_of_key]
            self._note(belonging.table, belonging.column, STILLED, [{"row_key": _key_of(key), "was": was}])
            here = and_(_whose(belonging, self.second), self._at(belonging, _key_of(key)))
            self.scope.run(update(belonging.table).where(here).values(dict(belonging.still)))

    # Back

    def _back(self, belonging: Belonging) -> None:
        mine = and_(_whose(belonging, self.first), ~_taken(belonging, self.second))
        noted = self._noted(belonging, MOVED)
        if belonging.numbered:
            self._give(belonging, and_(mine, _number(belonging).in_(select(_J.row_id).where(noted))), self.second)
            return
        for text in self.scope.values(select(_J.row_key).where(noted)):
            self._give(belonging, and_(mine, self._at(belonging, text)), self.second)

    def _own(self, belonging: Belonging, tied: ColumnElement[bool]) -> None:
        """What came after the link by the second's own accounts."""
        self._give(belonging, and_(_whose(belonging, self.first), tied, ~_taken(belonging, self.second)), self.second)

    def _unprefer(self, belonging: Belonging) -> None:
        for text in self.scope.values(select(_J.row_key).where(self._noted(belonging, SWAPPED))):
            for others in belonging.unique():
                same = _same(belonging, dict(zip(others, json.loads(text), strict=True)))
                left = self.scope.first(select(belonging.table).where(_whose(belonging, self.first), same))
                right = self.scope.first(select(belonging.table).where(_whose(belonging, self.second), same))
                if left is not None and right is not None:
                    self._swap(belonging, others, left, right)
                elif right is not None:
                    # What counted for both is gone since; what stayed behind was the first's.
                    home = update(belonging.table).where(_whose(belonging, self.second), same)
                    self.scope.run(home.values({belonging.column: belonging.of(self.first)}))

    def _unstill(self, belonging: Belonging) -> None:
        for note in self.scope.rows(select(LINKED_ROWS).where(self._noted(belonging, STILLED))):
            here = and_(_whose(belonging, self.second), self._at(belonging, note.row_key))
            was = {name: _meant(belonging.table.c[name], value) for name, value in note.was.items()}
            if belonging.table is EVENT_GUESTS:
                [event, *_] = json.loads(note.row_key)
                was = seat_again(self.scope, event, was)
            self.scope.run(update(belonging.table).where(here).values(was))

    def _said(self) -> None:
        """What was made, and unmade again, of the messages and reactions that are the second's."""
        messages = select(literal("said:") + cast(_M.id, String)).where(_M.member_id == self.second)
        given = select(REACTIONS.c.message_id, REACTIONS.c.emoji).where(REACTIONS.c.member_id == self.second)
        reactions = {(str(row.message_id), row.emoji) for row in self.scope.rows(given)}
        theirs = {"member_id": self.second}
        for table in (INTERACTIONS, WITHDRAWALS):
            key = table.c.key
            mine = and_(table.c.community_id == self.community_id, table.c.member_id == self.first)
            self.scope.run(update(table).where(mine, key.in_(messages)).values(theirs))
            for given_as in self.scope.values(select(key).where(mine, key.startswith("react:")).order_by(table.c.id)):
                message, emoji = _reaction(given_as)
                if (message, emoji) in reactions:
                    # Under their own number from now on, by which it is looked for when it is taken back.
                    own = f"react:{message}:{self.second}:{emoji}"
                    there = self.scope.first(
                        select(table.c.id).where(table.c.community_id == self.community_id, key == own)
                    )
                    named = theirs if there is not None else theirs | {"key": own}
                    self.scope.run(update(table).where(mine, key == given_as).values(named))
        self.scope.topics.add("interactions")

    def _accounts(self) -> Accounts:
        """Those that came with the link. A room by an address of ours says in its address whose it is."""
        identities = next(one for one in BELONGINGS if one.table is IDENTITIES)
        noted = select(_J.row_id).where(self._noted(identities, MOVED))
        theirs = and_(_whose(identities, self.first), IDENTITIES.c.id.in_(noted))
        platforms = self.scope.values(select(IDENTITIES.c.platform).where(theirs).distinct())
        here = and_(ROOMS.c.community_id == self.community_id, ROOMS.c.platform.in_(platforms))
        return Accounts(platforms, select(ROOMS.c.id).where(here, ROOMS.c.native_id != _our_address(self.first)))

    def _letters(self) -> None:
        """A letter that went where only the other one is goes where its reader is."""
        for member, other in ((self.first, self.second), (self.second, self.first)):
            here, there = (IDENTITIES.c.member_id == one for one in (member, other))
            platforms = [select(IDENTITIES.c.platform).where(whose) for whose in (here, there)]
            gone = and_(DIGESTS.c.platform.not_in(platforms[0]), DIGESTS.c.platform.in_(platforms[1]))
            home = self.scope.value(platforms[0].order_by(IDENTITIES.c.id).limit(1)) or ""
            self.scope.run(update(DIGESTS).where(DIGESTS.c.member_id == member, gone).values(platform=home))

    # Both ways

    def _rewrite(self, inside: Inside, source: int, target: int, back: Accounts | None) -> None:
        """Where the member stands in JSON. `back`: what came, and what is for these accounts."""
        table, number = inside.table, inside.table.c.id
        named = cast(table.c[inside.column], String).like(f'%"{inside.name}":%{source}%')
        theirs = and_(table.c.community_id == self.community_id, named)
        if back is not None:
            came = select(_J.row_id).where(_J.link_id == self.link_id, _J.table_name == table.name)
            own = inside.by(back) if inside.by is not None else literal(value=False)
            theirs = and_(theirs, or_(number.in_(came), own))
        moved: list[dict[str, Any]] = []
        for row_id, value in self.scope.rows(select(number, table.c[inside.column]).where(theirs)):
            if inside.read(value) == source:
                fresh = {inside.column: inside.write(value, target)}
                self.scope.run(update(table).where(number == row_id).values(fresh))
                moved.append({"row_id": row_id})
        if back is None:
            self._note(table, inside.column, MOVED, moved)

    def _shared(self) -> set[int]:
        """Discussions in which both spoke: they have one person less while the two are one."""
        root = _M.root_id.label("root")
        both: set[int] | None = None
        for member in (self.first, self.second):
            spoke = select(root).where(_M.member_id == member, _M.root_id.is_not(None)).distinct()
            opened = select(_M.id).where(_M.member_id == member, _M.root_id.is_(None))
            found = {*self.scope.values(spoke), *self.scope.values(opened)}
            both = found if both is None else both & found
        return both or set()

    def _give(self, belonging: Belonging, which: ColumnElement[bool], member: int) -> None:
        """These rows are that member's now; whoever keeps a copy of them hears of it."""
        scope, table = self.scope, belonging.table
        copied = scope.values(select(_number(belonging)).where(which)) if table in {ITEMS, ROOMS} else []
        if not scope.run(update(table).where(which).values({belonging.column: belonging.of(member)})):
            return
        if table is ITEMS:
            raise_revisions(scope, [(self.community_id, number) for number in copied])
            scope.topics.add("items")
        elif table is ROOMS:
            scope.topics.update(f"room:{number}" for number in copied)
        elif table in {INTERACTIONS, SCHEDULES}:
            scope.topics.add(table.name)

    def _swap(self, belonging: Belonging, others: Iterable[str], left: Record, right: Record) -> None:
        """The two rows exchange everything but their keys."""
        table = belonging.table
        keys = {belonging.column, *others, *(column.name for column in table.primary_key.columns)}
        told = [column.name for column in table.columns if column.name not in keys]
        for row, other in ((left, right), (right, left)):
            here = and_(*(column == getattr(row, column.name) for column in table.primary_key.columns))
            self.scope.run(update(table).where(here).values({name: getattr(other, name) for name in told}))

    def _pairs(self, belonging: Belonging, others: Sequence[str]) -> list[tuple[Record, Record]]:
        first = self._by(belonging, others, self.first)
        second = self._by(belonging, others, self.second)
        return [(first[key], row) for key, row in second.items() if key in first]

    def _by(self, belonging: Belonging, others: Sequence[str], member: int) -> dict[tuple[Any, ...], Record]:
        rows = self.scope.rows(select(belonging.table).where(_whose(belonging, member)))
        return {tuple(getattr(row, name) for name in others): row for row in rows}

    def _at(self, belonging: Belonging, text: str) -> ColumnElement[bool]:
        return _same(belonging, dict(zip(belonging.rest_of_key, json.loads(text), strict=True)))

    def _noted(self, belonging: Belonging, change: str) -> ColumnElement[bool]:
        return and_(
            _J.link_id == self.link_id,
            _J.change == change,
            _J.table_name == belonging.table.name,
            _J.column_name == belonging.column,
        )

    def _note(self, table: Table, column: str, change: str, rows: Sequence[Mapping[str, Any]]) -> None:
        same = {
            "community_id": self.community_id,
            "link_id": self.link_id,
            "change": change,
            "table_name": table.name,
            "column_name": column,
        }
        empty = {"row_id": None, "row_key": ""}
        self.scope.run(insert(LINKED_ROWS), [same | empty | dict(row) for row in rows])

    def _constants(self, belonging: Belonging, change: str) -> tuple[ColumnElement[Any], ...]:
        return (
            literal(self.community_id),
            literal(self.link_id),
            literal(change),
            literal(belonging.table.name),
            literal(belonging.column),
        )


def _whose(belonging: Belonging, member_id: int) -> ColumnElement[bool]:
    whose: ColumnElement[bool] = belonging.table.c[belonging.column] == belonging.of(member_id)
    return whose


def _taken(belonging: Belonging, member_id: int) -> ColumnElement[bool]:
    """Whether a row of the same key is that member's already, or the row would name one member twice."""
    twin = belonging.table.alias("twin")
    reasons: list[ColumnElement[bool]] = [
        exists().where(
            twin.c[belonging.column] == belonging.of(member_id),
            *(twin.c[name] == belonging.table.c[name] for name in others),
        )
        for others in belonging.unique()
    ]
    reasons += [
        belonging.table.c[other.column] == member_id
        for other in BELONGINGS
        if other.table is belonging.table and other.column != belonging.column and not other.word
    ]
    return or_(literal(value=False), *reasons)


def _same(belonging: Belonging, values: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(literal(value=True), *(belonging.table.c[name] == value for name, value in values.items()))


def _number(belonging: Belonging) -> ColumnElement[int]:
    number: ColumnElement[int] = belonging.table.primary_key.columns[0]
    return number


def _key_of(values: Iterable[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def _told(value: Any) -> Any:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def _meant(column: ColumnElement[Any], value: Any) -> Any:
    return datetime.fromisoformat(value) if value is not None and column.type.python_type is datetime else value


def _reaction(key: str) -> tuple[str, str]:
    """Message and emoji of ``react:<message>:<member>:<emoji>``."""
    _, message, _, emoji = [*key.split(":", 3), "", "", ""][:4]
    return message, emoji


def _our_address(member_id: int) -> str:
    return f"dm-{member_id}"
