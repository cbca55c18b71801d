"""Which message belongs to which discussion, however they arrive: out of order, in circles, in threads.

A message without a stored parent opens a discussion (its `root_id` is NULL); an answer has the root of what it answers.
Messages that answer each other in a circle belong to the first of the circle. In a thread everything belongs to the
thread's first message. Everything here works on sets of messages that have just been inserted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, select, update

from storage.scope import Record, Scope, chunks
from storage.tables import MESSAGES

_M = MESSAGES.c
_ROOT: Final = func.coalesce(_M.root_id, _M.id)
_SET_PARENT: Final = update(MESSAGES).where(_M.id == bindparam("b_id")).values(reply_to_id=bindparam("b_parent"))
_SET_PLACE: Final = (
    update(MESSAGES)
    .where(_M.id == bindparam("b_id"))
    .values(reply_to_id=bindparam("b_parent"), root_id=bindparam("b_root"))
)
_MOVE_ANSWERS: Final = update(MESSAGES).where(_M.root_id == bindparam("b_old")).values(root_id=bindparam("b_new"))
_STORED: Final = select(_M.id, _M.room_id, _M.native_id, _ROOT.label("root")).where(
    _M.room_id == bindparam("b_room"), _M.native_id.in_(bindparam("b_natives", expanding=True))
)
_WAITING: Final = select(_M.id, _M.reply_to_native, _M.opens_thread).where(
    _M.room_id == bindparam("b_room"),
    _M.reply_to_id.is_(None),
    _M.reply_to_native.is_not(None),
    _M.reply_to_native.in_(bindparam("b_natives", expanding=True)),
)
_SET_ROOT: Final = update(MESSAGES).where(_M.id == bindparam("b_id")).values(root_id=bindparam("b_root"))

Precedence = tuple[bool, bool, datetime, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that was just inserted. `threaded`: its room is a thread."""

    id: int
    room_id: int
    native_id: str
    reply_to: str | None
    at: datetime
    service: bool
    opens_thread: bool
    threaded: bool

    @property
    def precedence(self) -> Precedence:
        return _precedence(self)


@dataclass(slots=True)
class Links:
    """What linking found: parent and root of each arrival, and the old roots that now belong to another."""

    parents: dict[int, int] = field(default_factory=dict)
    roots: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)


def link(scope: Scope, arrivals: Sequence[Arrival]) -> Links:
    """Find and store parents and roots of messages that were just inserted, and of those that waited for them."""
    links = Links()
    stored = _stored_parents(scope, arrivals)
    here = {(arrival.room_id, arrival.native_id): arrival for arrival in arrivals}
    for arrival in arrivals:
        if arrival.reply_to is None or arrival.reply_to == arrival.native_id:
            continue
        parent = here.get((arrival.room_id, arrival.reply_to))
        if parent is not None:
            links.parents[arrival.id] = parent.id
        elif (arrival.room_id, arrival.reply_to) in stored:
            links.parents[arrival.id] = stored[arrival.room_id, arrival.reply_to].id
    waiting = _waiting(scope, arrivals)
    scope.run(_SET_PARENT, [{"b_id": child.id, "b_parent": parent.id} for child, parent in waiting])
    loose = [arrival for arrival in arrivals if not arrival.threaded]
    if loose:
        _link_loose(scope, loose, links, {row.id: row.root for row in stored.values()}, waiting)
    for room_id in {arrival.room_id for arrival in arrivals if arrival.threaded}:
        _link_thread(scope, room_id, [arrival for arrival in arrivals if arrival.room_id == room_id], links)
    _store(scope, arrivals, links)
    return links


def _link_loose(
    scope: Scope,
    arrivals: Sequence[Arrival],
    links: Links,
    root_of_stored: dict[int, int],
    waiting: Sequence[tuple[Record, Arrival]],
) -> None:
    """Roots by following parents. The nodes are the arrivals and the old roots (each stands for its discussion)."""
    up: dict[int, int] = {}
    entered: dict[int, int] = {}
    for arrival in arrivals:
        parent = links.parents.get(arrival.id)
        if parent is None or arrival.opens_thread:
            continue
        up[arrival.id] = root_of_stored.get(parent, parent)
        entered[arrival.id] = parent
    loose = {arrival.id: arrival for arrival in arrivals}
    for child, adopter in waiting:
        if adopter.id in loose and not child.opens_thread:
            up[child.id] = adopter.id
    found: dict[int, int] = {}
    for node in [*loose, *up]:
        path: list[int] = []
        seen: set[int] = set()
        while node not in found and node not in seen and node in up:
            path.append(node)
            seen.add(node)
            node = up[node]
        if node in seen:
            circle = path[path.index(node) :]
            root = _first_of_circle(scope, circle, loose, entered)
        else:
            root = found.get(node, node)
            path.append(node)
        for step in path:
            found[step] = root
    for node, root in found.items():
        if node in loose:
            links.roots[node] = root
        elif node != root:
            links.moved[node] = root


def _first_of_circle(scope: Scope, circle: Sequence[int], arrivals: dict[int, Arrival], entered: dict[int, int]) -> int:
    """The first message of a circle of answers; between an arrival and an old root lie stored messages."""
    members: dict[int, Precedence] = {}
    for node in circle:
        if node not in arrivals:
            continue
        members[node] = arrivals[node].precedence
        if entered[node] not in arrivals:
            members.update((row.id, _precedence(row)) for row in _chain(scope, entered[node], set(arrivals)))
    return min(members, key=lambda member: members[member])


def _chain(scope: Scope, start: int, stop: set[int]) -> Iterator[Record]:
    """Stored messages from `start` upwards by what they answer, until an arrival."""
    columns = select(_M.id, _M.reply_to_id, _M.opens_thread, _M.service, _M.at, _M.native_id)
    node: int | None = start
    while node is not None and node not in stop:
        row = scope.first(columns.where(_M.id == node))
        assert row is not None, "a foreign key holds it"
        yield row
        node = row.reply_to_id


def _link_thread(scope: Scope, room_id: int, arrivals: Sequence[Arrival], links: Links) -> None:
    """Everything in a thread belongs to its first message: the one that opens it, or the oldest that a person wrote."""
    before = and_(_M.room_id == room_id, _M.id < min(arrival.id for arrival in arrivals))
    head = scope.value(select(_ROOT).where(before).limit(1))
    precedences = {arrival.id: arrival.precedence for arrival in arrivals}
    if head is not None:
        columns = select(_M.id, _M.opens_thread, _M.service, _M.at, _M.native_id)
        precedences.update((row.id, _precedence(row)) for row in scope.rows(columns.where(_M.id == head)))
    first = min(precedences, key=lambda message: precedences[message])
    for arrival in arrivals:
        links.roots[arrival.id] = first
    if head is not None and first != head:
        links.moved[head] = first


def _store(scope: Scope, arrivals: Iterable[Arrival], links: Links) -> None:
    placed = [
        {
            "b_id": arrival.id,
            "b_parent": links.parents.get(arrival.id),
            "b_root": _null_for_self(arrival.id, links.roots[arrival.id]),
        }
        for arrival in arrivals
        if arrival.id in links.parents or links.roots[arrival.id] != arrival.id
    ]
    scope.run(_SET_PLACE, placed)
    if links.moved:
        scope.run(_MOVE_ANSWERS, [{"b_old": old, "b_new": new} for old, new in links.moved.items()])
        scope.run(_SET_ROOT, [{"b_id": old, "b_root": new} for old, new in links.moved.items()])
        # The first of a circle may be a message that had another root until now.
        scope.run(_SET_ROOT, [{"b_id": root, "b_root": None} for root in set(links.moved.values())])


def _stored_parents(scope: Scope, arrivals: Sequence[Arrival]) -> dict[tuple[int, str], Record]:
    """Answered messages that were there before, by room and native id."""
    here = {(arrival.room_id, arrival.native_id) for arrival in arrivals}
    wanted: dict[int, set[str]] = {}
    for arrival in arrivals:
        if arrival.reply_to is not None and (arrival.room_id, arrival.reply_to) not in here:
            wanted.setdefault(arrival.room_id, set()).add(arrival.reply_to)
    found: dict[tuple[int, str], Record] = {}
    for room_id, natives in wanted.items():
        for part in chunks(natives):
            rows = scope.rows(_STORED, [{"b_room": room_id, "b_natives": part}])
            found.update(((row.room_id, row.native_id), row) for row in rows)
    return found


def _waiting(scope: Scope, arrivals: Sequence[Arrival]) -> list[tuple[Record, Arrival]]:
    """Older messages that answer one of the arrivals, with the one they answer."""
    here = {arrival.id for arrival in arrivals}
    by_room: dict[int, dict[str, Arrival]] = {}
    for arrival in arrivals:
        by_room.setdefault(arrival.room_id, {})[arrival.native_id] = arrival
    found: list[tuple[Record, Arrival]] = []
    for room_id, natives in by_room.items():
        for part in chunks(natives):
            rows = scope.rows(_WAITING, [{"b_room": room_id, "b_natives": part}])
            found.extend((row, natives[row.reply_to_native]) for row in rows if row.id not in here)
    return found


def _precedence(message: Any) -> Precedence:
    """What opens a thread comes first, people before the platform's own notes, then by time; ids only break ties."""
    return (not message.opens_thread, message.service, message.at, message.native_id)


def _null_for_self(message_id: int, root_id: int) -> int | None:
    return None if message_id == root_id else root_id
