"""How many rows of everything a community has."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Table, func, literal, select, union_all

from storage import tables
from storage.repositories.members import ELSEWHERE
from storage.scope import Scope

_COUNTED: Final[dict[str, tuple[Table, tuple[ColumnElement[bool], ...]]]] = {
    "members": (tables.MEMBERS, (tables.MEMBERS.c.bot.is_(False), tables.MEMBERS.c.id.not_in(ELSEWHERE))),
    "bots": (tables.MEMBERS, (tables.MEMBERS.c.bot.is_(True),)),
    "identities": (tables.IDENTITIES, ()),
    "rooms": (tables.ROOMS, ()),
    "messages": (tables.MESSAGES, ()),
    "replies": (tables.MESSAGES, (tables.MESSAGES.c.reply_to_native.is_not(None),)),
    "reactions": (tables.REACTIONS, (tables.REACTIONS.c.present.is_(True),)),
    "posts": (tables.POSTS, ()),
    "courses": (tables.COURSES, ()),
    "events": (tables.EVENTS, ()),
    "hosted events": (tables.HOSTED_EVENTS, ()),
    "guests": (tables.EVENT_GUESTS, ()),
    "items": (tables.ITEMS, (tables.ITEMS.c.deleted.is_(False),)),
    "vectors": (tables.VECTORS, ()),
    "interactions": (tables.INTERACTIONS, ()),
    "exposures": (tables.EXPOSURES, ()),
    "buttons": (tables.BUTTONS, ()),
    "files": (tables.FILES, ()),
    "conversations": (tables.CONVERSATIONS, ()),
    "digests": (tables.DIGESTS, (tables.DIGESTS.c.enabled.is_(True),)),
    "schedules": (tables.SCHEDULES, ()),
    "occurrences": (tables.OCCURRENCES, ()),
    "inbox": (tables.INBOX, ()),
    "outbox": (tables.OUTBOX, ()),
    "rules": (tables.RULES, (tables.RULES.c.ended_at.is_(None),)),
    "audit": (tables.AUDIT, ()),
    "demand": (tables.DEMAND, ()),
    "prerequisites": (tables.PREREQUISITES, ()),
    "marks": (tables.MARKS, ()),
    "introductions": (tables.INTRODUCTIONS, ()),
    "calendar_feeds": (tables.CALENDAR_FEEDS, ()),
}


def count_rows(scope: Scope, community_id: int) -> dict[str, int]:
    """By name, in one statement: the counts are of one moment."""
    counts = (
        select(literal(name), func.count()).select_from(table).where(table.c.community_id == community_id, *where)
        for name, (table, where) in _COUNTED.items()
    )
    return {row[0]: row[1] for row in scope.rows(union_all(*counts))}
