"""Keeps posts and their items in step with the messages, reactions and rooms they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, delete, func, or_, select, update

from bot.domain.items import Kind, item_id
from bot.domain.permissions import Audience
from storage.repositories.items import Suggestable, embedding_text, put_items, remove_items
from storage.scope import Record, Scope, chunks
from storage.tables import MEMBERS, MESSAGES, POSTS, REACTION_COUNTS, REACTIONS, ROOMS

_P = POSTS.c
_M = MESSAGES.c
_R = ROOMS.c
_ROOT = func.coalesce(_M.root_id, _M.id)
_COUNTS = ("replies", "participants", "reactions", "last_at")


def select_posts() -> Select[Any]:
    """Posts with the opening message, its author and its room."""
    return (
        select(
            POSTS,
            _M.native_id.label("message_native"),
            _M.member_id,
            _M.at.label("created_at"),
            _M.deleted_at,
            MEMBERS.c.name.label("author"),
            _M.room_id,
            _R.platform,
            _R.native_id.label("room_native"),
            _R.thread_id,
            _R.name.label("room_name"),
            _R.audience,
            _R.indexed,
        )
        .join(MESSAGES, _M.id == _P.root_id)
        .join(MEMBERS, MEMBERS.c.id == _M.member_id)
        .join(ROOMS, _R.id == _M.room_id)
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that was just added to a discussion."""

    root_id: int
    message_id: int
    member_id: int
    at: datetime


def recount_posts(scope: Scope, roots: Iterable[int]) -> None:
    """Count again what these discussions have, where they are posts; their items follow."""
    for part in chunks(set(roots)):
        rows = scope.rows(select_posts().where(_P.root_id.in_(part)))
        _refresh(scope, rows, _count(scope, [row.root_id for row in rows]))


def add_to_posts(scope: Scope, answers: Iterable[Answer]) -> None:
    """The same after people's messages were added, without reading the discussions: they may be long."""
    by_root: dict[int, list[Answer]] = {}
    for answer in answers:
        by_root.setdefault(answer.root_id, []).append(answer)
    for part in chunks(by_root):
        rows = scope.rows(select_posts().where(_P.root_id.in_(part)))
        _refresh(scope, rows, {row.root_id: _grown(scope, row, by_root[row.root_id]) for row in rows})


def add_reactions(scope: Scope, root_id: int, more: int) -> None:
    """The same after reactions came or, when `more` is negative, went."""
    rows = scope.rows(select_posts().where(_P.root_id == root_id))
    _refresh(scope, rows, {row.root_id: _counts(row) | {"reactions": max(row.reactions + more, 0)} for row in rows})


def show_post(scope: Scope, root_id: int) -> None:
    """Bring the item of a post in step with its words; nothing was said."""
    rows = scope.rows(select_posts().where(_P.root_id == root_id))
    _refresh(scope, rows, {row.root_id: _counts(row) for row in rows})


def refresh_posts_of_room(scope: Scope, room_id: int) -> None:
    """After a room changed its name, its audience, its address or what may be suggested."""
    for part in chunks(scope.rows(select_posts().where(_M.room_id == room_id))):
        _refresh(scope, part, {row.root_id: _counts(row) for row in part})


def withdraw_posts(scope: Scope, roots: Iterable[int]) -> int:
    """Remove the posts of these opening messages, their items and vectors; returns how many there were."""
    removed = 0
    for part in chunks(set(roots)):
        rows = scope.rows(delete(POSTS).where(_P.root_id.in_(part)).returning(_P.id, _P.community_id))
        by_community: dict[int, list[int]] = {}
        for row in rows:
            by_community.setdefault(row.community_id, []).append(row.id)
        for community_id, posts in by_community.items():
            remove_items(scope, community_id, [item_id(Kind.POST, post) for post in posts])
        removed += len(rows)
    return removed


def move_posts(scope: Scope, moved: Mapping[int, int]) -> None:
    """Opening messages turned out to be answers: their post becomes that of the discussion, unless it has one."""
    for part in chunks(moved.items()):
        old_posts = scope.rows(select(_P.id, _P.root_id).where(_P.root_id.in_([old for old, _ in part])))
        if not old_posts:
            continue
        taken = set(scope.values(select(_P.root_id).where(_P.root_id.in_([new for _, new in part]))))
        withdrawn: list[int] = []
        for post in sorted(old_posts, key=lambda row: row.id):
            new = moved[post.root_id]
            if new in taken:
                withdrawn.append(post.root_id)
            else:
                taken.add(new)
                scope.run(update(POSTS).where(_P.id == post.id).values(root_id=new))
        withdraw_posts(scope, withdrawn)


def spoken() -> ColumnElement[bool]:
    """Messages that count as said by somebody: not deleted, not the platform's, not a bot's."""
    return and_(_M.deleted_at.is_(None), _M.service.is_(False), _M.by_bot.is_(False))


def _refresh(scope: Scope, rows: Sequence[Record], counts: Mapping[int, Mapping[str, Any]]) -> None:
    """Store the counts (by root) that changed, and bring the items in step."""
    changed = [{"b_id": post.id} | dict(counts[post.root_id]) for post in rows if counts[post.root_id] != _counts(post)]
    scope.run(update(POSTS).where(_P.id == bindparam("b_id")), changed)
    by_community: dict[int, list[Record]] = {}
    for row in rows:
        by_community.setdefault(row.community_id, []).append(row)
    for community_id, posts in by_community.items():
        shown = [post for post in posts if post.indexed and post.deleted_at is None]
        put_items(scope, community_id, [_suggestable(post, counts[post.root_id]) for post in shown])
        hidden = [item_id(Kind.POST, post.id) for post in posts if not (post.indexed and post.deleted_at is None)]
        remove_items(scope, community_id, hidden)


def _counts(post: Record) -> dict[str, Any]:
    return {name: getattr(post, name) for name in _COUNTS}


def _grown(scope: Scope, post: Record, answers: Sequence[Answer]) -> dict[str, Any]:
    """The counts of a post with answers that have just been added to it."""
    first = min(answer.message_id for answer in answers)
    speakers = {answer.member_id for answer in answers}
    before = and_(or_(_M.id == post.root_id, _M.root_id == post.root_id), _M.id < first, spoken())
    known = select(_M.member_id).where(before, _M.member_id.in_(speakers)).distinct()
    return {
        "replies": post.replies + len(answers),
        "participants": post.participants + len(speakers - set(scope.values(known))),
        "reactions": post.reactions,
        "last_at": max(post.last_at, *(answer.at for answer in answers)),
    }


def _count(scope: Scope, roots: list[int]) -> dict[int, dict[str, Any]]:
    in_discussion = or_(_M.id.in_(roots), _M.root_id.in_(roots))
    said = spoken()
    counted = (
        select(
            _ROOT.label("root"),
            func.sum(case((and_(said, _M.root_id.is_not(None)), 1), else_=0)).label("replies"),
            func.count(case((said, _M.member_id)).distinct()).label("participants"),
            func.max(case((or_(said, _M.root_id.is_(None)), _M.at))).label("last_at"),
        )
        .where(in_discussion)
        .group_by(_ROOT)
    )
    counts = {
        row.root: {
            "replies": int(row.replies),
            "participants": row.participants,
            "reactions": 0,
            "last_at": row.last_at,
        }
        for row in scope.rows(counted)
    }
    named = (
        select(_ROOT, func.count())
        .join(REACTIONS, REACTIONS.c.message_id == _M.id)
        .where(in_discussion, REACTIONS.c.present.is_(True))
        .group_by(_ROOT)
    )
    anonymous = (
        select(_ROOT, func.sum(REACTION_COUNTS.c.count))
        .join(REACTION_COUNTS, REACTION_COUNTS.c.message_id == _M.id)
        .where(in_discussion)
        .group_by(_ROOT)
    )
    for statement in (named, anonymous):
        for root, count in scope.rows(statement):
            counts[root]["reactions"] += int(count)
    return counts


def _suggestable(post: Record, counts: Mapping[str, Any]) -> Suggestable:
    return Suggestable(
        item=item_id(Kind.POST, post.id),
        kind=Kind.POST,
        title=post.title,
        text=embedding_text(post.title, post.text),
        language=post.language,
        audience=Audience(post.audience),
        author=f"member:{post.member_id}",
        created_at=post.created_at,
        replies=counts["replies"],
        participants=counts["participants"],
        reactions=counts["reactions"],
        solved=post.solved,
    )
