"""Reactions of members, and those known only by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, and_, bindparam, delete, func, select, union_all, update

from bot.domain.rooms import Reaction
from storage.scope import Scope, chunks
from storage.tables import IDENTITIES, MESSAGES, REACTION_COUNTS, REACTIONS, ROOMS

_M = MESSAGES.c
_R = REACTIONS.c
_N = REACTION_COUNTS.c

_MESSAGES: Final[BindParameter[Any]] = bindparam("b_messages", expanding=True)
_PRESENT: Final = and_(_R.message_id.in_(_MESSAGES), _R.present.is_(True))
_COUNTED: Final = union_all(
    select(_R.message_id, _R.emoji, func.count().label("count")).where(_PRESENT).group_by(_R.message_id, _R.emoji),
    select(_N.message_id, _N.emoji, _N.count).where(_N.message_id.in_(_MESSAGES)),
)
_OWN: Final = select(_R.message_id, _R.emoji).where(_PRESENT, _R.member_id == bindparam("b_viewer"))
_KNOWN: Final = select(_R.present, _R.at).where(
    _R.message_id == bindparam("b_message"), _R.member_id == bindparam("b_member"), _R.emoji == bindparam("b_emoji")
)


def put_reaction(
    scope: Scope, community_id: int, message_id: int, member_id: int, emoji: str, *, present: bool, at: datetime
) -> int:
    """How many reactions there are more (-1, 0 or 1): the newest word counts, and what was never there cannot go."""
    rows = scope.rows(_KNOWN, [{"b_message": message_id, "b_member": member_id, "b_emoji": emoji}])
    known = rows[0] if rows else None
    if known is not None and known.at > at:
        return 0
    row = {"message_id": message_id, "member_id": member_id, "emoji": emoji, "community_id": community_id}
    scope.run(
        scope.insert(REACTIONS)
        .values(row | {"present": present, "at": at})
        .on_conflict_do_update(
            index_elements=[_R.message_id, _R.member_id, _R.emoji],
            set_={"present": present, "at": at},
            where=_R.at <= at,
        )
    )
    return int(present) - int(known is not None and known.present)


def put_reaction_count(scope: Scope, community_id: int, message_id: int, emoji: str, count: int) -> int:
    """How many there are more."""
    one = and_(_N.message_id == message_id, _N.emoji == emoji)
    known = int(scope.value(select(_N.count).where(one)) or 0)
    if count <= 0:
        scope.run(delete(REACTION_COUNTS).where(one))
        return -known
    row = {"message_id": message_id, "emoji": emoji, "community_id": community_id, "count": count}
    scope.run(
        scope.insert(REACTION_COUNTS)
        .values(row)
        .on_conflict_do_update(index_elements=[_N.message_id, _N.emoji], set_={"count": count})
    )
    return count - known


def clear_reactions(
    scope: Scope, message_id: int, at: datetime, emoji: str | None
) -> tuple[list[tuple[int, str]], int]:
    """Whose reactions are gone, and how many those known only by number were."""
    mine = [_R.message_id == message_id, _R.present.is_(True), _R.at <= at]
    counted = [_N.message_id == message_id]
    if emoji is not None:
        mine.append(_R.emoji == emoji)
        counted.append(_N.emoji == emoji)
    gone = [(row.member_id, row.emoji) for row in scope.rows(select(_R.member_id, _R.emoji).where(*mine))]
    if gone:
        scope.run(update(REACTIONS).where(*mine).values(present=False, at=at))
    number = int(scope.value(select(func.sum(_N.count)).where(*counted)) or 0)
    if number:
        scope.run(delete(REACTION_COUNTS).where(*counted))
    return gone, number


def reacted_by(scope: Scope, message_ids: Iterable[int], platform: str) -> dict[int, dict[str, frozenset[str]]]:
    """Accounts on a platform, by message and emoji."""
    found: dict[int, dict[str, set[str]]] = {}
    for part in chunks(message_ids):
        rows = scope.rows(
            select(_R.message_id, _R.emoji, IDENTITIES.c.native_id)
            .join(IDENTITIES, IDENTITIES.c.member_id == _R.member_id)
            .where(_R.message_id.in_(part), _R.present.is_(True), IDENTITIES.c.platform == platform)
        )
        for row in rows:
            found.setdefault(row.message_id, {}).setdefault(row.emoji, set()).add(row.native_id)
    return {
        message_id: {emoji: frozenset(who) for emoji, who in emojis.items()} for message_id, emojis in found.items()
    }


def marked(scope: Scope, members: Iterable[int], emoji: Collection[str], since: datetime) -> dict[int, list[datetime]]:
    """When answers of each member were first marked with one of `emoji` by somebody else, after `since`."""
    found: dict[int, list[datetime]] = {}
    first = func.min(_R.at)
    for part in chunks(members):
        rows = scope.rows(
            select(_M.member_id, first.label("at"))
            .join(REACTIONS, _R.message_id == _M.id)
            .join(ROOMS, ROOMS.c.id == _M.room_id)
            .where(
                _M.member_id.in_(part),
                _M.root_id.is_not(None),
                _M.root_id != _M.id,
                _M.deleted_at.is_(None),
                _M.by_bot.is_(False),
                ROOMS.c.indexed.is_(True),
                _R.emoji.in_(emoji),
                _R.present.is_(True),
                _R.member_id != _M.member_id,
            )
            .group_by(_M.id, _M.member_id)
            .having(first > since)
        )
        for row in rows:
            found.setdefault(row.member_id, []).append(row.at)
    return found


def reactions_of(scope: Scope, message_ids: Iterable[int], viewer_id: int | None) -> dict[int, tuple[Reaction, ...]]:
    """Of each message, the most frequent first."""
    counted: dict[int, dict[str, int]] = {}
    mine: set[tuple[int, str]] = set()
    for part in chunks(message_ids):
        for message_id, emoji, count in scope.rows(_COUNTED, [{"b_messages": part}]):
            of_message = counted.setdefault(message_id, {})
            of_message[emoji] = of_message.get(emoji, 0) + count
        if viewer_id is not None:
            own = scope.rows(_OWN, [{"b_messages": part, "b_viewer": viewer_id}])
            mine.update((row.message_id, row.emoji) for row in own)
    return {
        message_id: tuple(
            Reaction(emoji, count, (message_id, emoji) in mine)
            for emoji, count in sorted(emojis.items(), key=lambda pair: (-pair[1], pair[0]))
        )
        for message_id, emojis in counted.items()
    }
