"""Keeps posts and their items in step with the messages, reactions and rooms they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)

from bot.domain.items import Kind, item_id
from bot.domain.permissions import Audience
from storage.repositories.items import Suggestable, embedding_text, put_items, remove_items
from storage.scope import Scope, chunks
from storage.tables import MEMBERS, MESSAGES, POSTS, REACTION_COUNTS, REACTIONS, ROOMS

_P = POSTS.c
_M = MESSAGES.c
_R = ROOMS.c
_ROOT = func.coalesce(_M.root_id, _M.id)
_COUNTS = ("replies", "participants", "reactions", "last_at")

PostRow = Mapping[str, Any]
"""A post with its opening message, author and room: the columns of `select_posts()` by name."""


def select_posts() -> Select[Any]:
    """Posts with the opening message, its author and its room."""
    return (
        select(
            POSTS,
            _M.native_id.label("message_native"),
            _M.member_id,
            _M.at.label("created_at"),
            _M.deleted_at,
            _M.root_id.label("answers"),
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


def spoken() -> ColumnElement[bool]:
    """Messages that count as said by somebody: not deleted, not the platform's, not a bot's."""
    return and_(_M.deleted_at.is_(None), _M.service.is_(False), _M.by_bot.is_(False))


# Made once: building a statement takes longer than running it.
_ROOTS: Final[BindParameter[Any]] = bindparam("b_roots", expanding=True)
_BY_ROOT: Final = select_posts().where(_P.root_id == bindparam("b_root"))
_BY_ROOTS: Final = select_posts().where(_P.root_id.in_(_ROOTS))
_OF_ROOM: Final = select_posts().where(_M.room_id == bindparam("b_room"))
_SET_COUNTS: Final = (
    update(POSTS).where(_P.id == bindparam("b_id")).values({name: bindparam(f"b_{name}") for name in _COUNTS})
)
_WITHDRAW: Final = delete(POSTS).where(_P.root_id.in_(_ROOTS)).returning(_P.id, _P.community_id)
_IN_DISCUSSION: Final = or_(_M.id.in_(_ROOTS), _M.root_id.in_(_ROOTS))
# Two halves, so that each finds its index: whoever talks much has many messages elsewhere.
_FIRST_WORDS: Final = union_all(
    select(_M.id.label("root"), _M.member_id, _M.id.label("first")).where(_M.id.in_(_ROOTS), spoken()),
    select(_M.root_id.label("root"), _M.member_id, func.min(_M.id).label("first"))
    .where(_M.root_id.in_(_ROOTS), _M.member_id.in_(bindparam("b_speakers", expanding=True)), spoken())
    .group_by(_M.root_id, _M.member_id),
)
_COUNT: Final = (
    select(
        _ROOT.label("root"),
        func.sum(case((and_(spoken(), _M.root_id.is_not(None)), 1), else_=0)).label("replies"),
        func.count(case((spoken(), _M.member_id)).distinct()).label("participants"),
        func.max(case((or_(spoken(), _M.root_id.is_(None)), _M.at))).label("last_at"),
    )
    .where(_IN_DISCUSSION)
    .group_by(_ROOT)
)
_COUNT_REACTIONS: Final = union_all(
    select(_ROOT.label("root"), func.count().label("number"))
    .join(REACTIONS, REACTIONS.c.message_id == _M.id)
    .where(_IN_DISCUSSION, REACTIONS.c.present.is_(True))
    .group_by(_ROOT),
    select(_ROOT.label("root"), func.sum(REACTION_COUNTS.c.count).label("number"))
    .join(REACTION_COUNTS, REACTION_COUNTS.c.message_id == _M.id)
    .where(_IN_DISCUSSION)
    .group_by(_ROOT),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that was just added to a discussion."""

    root_id: int
    message_id: int
    member_id: int
    at: datetime


def post_of(scope: Scope, root_id: int) -> PostRow | None:
    """The post of a discussion; there is at most one."""
    return next(iter(_found(scope, _BY_ROOT, {"b_root": root_id})), None)


def recount_posts(scope: Scope, roots: Iterable[int]) -> None:
    """Count again what these discussions have, where they are posts; their items follow."""
    for part in chunks(set(roots)):
        posts = _found(scope, _BY_ROOTS, {"b_roots": part})
        _refresh(scope, posts, _count(scope, [post["root_id"] for post in posts]))


def add_to_posts(scope: Scope, answers: Iterable[Answer]) -> None:
    """The same after people's messages were added, without reading the discussions: they may be long."""
    by_root: dict[int, list[Answer]] = {}
    for answer in answers:
        by_root.setdefault(answer.root_id, []).append(answer)
    for part in chunks(by_root):
        posts = _found(scope, _BY_ROOTS, {"b_roots": part})
        _refresh(scope, posts, _grown(scope, posts, by_root))


def add_reactions(scope: Scope, root_id: int, more: int) -> None:
    """The same after reactions came or, when `more` is negative, went."""
    post = post_of(scope, root_id)
    if post is not None:
        _refresh(scope, [post], {root_id: _counts(post) | {"reactions": max(post["reactions"] + more, 0)}})


def recounted(scope: Scope, post: PostRow) -> PostRow:
    """A post with its discussion counted again; its item follows."""
    counts = _count(scope, [post["root_id"]])
    _refresh(scope, [post], counts)
    return {**post, **counts[post["root_id"]]}


def show_post(scope: Scope, post: PostRow) -> None:
    """Bring the item of a post in step with its words; nothing was said."""
    _refresh(scope, [post], {post["root_id"]: _counts(post)})


def refresh_posts_of_room(scope: Scope, room_id: int) -> None:
    """After a room changed its name, its audience, its address or what may be suggested."""
    for part in chunks(_found(scope, _OF_ROOM, {"b_room": room_id})):
        _refresh(scope, part, {post["root_id"]: _counts(post) for post in part})


def withdraw_posts(scope: Scope, roots: Iterable[int]) -> int:
    """Remove the posts of these opening messages, their items and vectors; returns how many there were."""
    removed = 0
    for part in chunks(set(roots)):
        rows = scope.rows(_WITHDRAW, [{"b_roots": part}])
        by_community: dict[int, list[int]] = {}
        for row in rows:
            by_community.setdefault(row.community_id, []).append(row.id)
        for community_id, posts in by_community.items():
            remove_items(scope, community_id, [item_id(Kind.POST, post) for post in posts])
        removed += len(rows)
    return removed


def move_posts(scope: Scope, moved: Mapping[int, int]) -> None:
    """Opening messages turned out to be answers: their post becomes that of the discussion, unless it has one.

    A discussion whose opening was deleted has none, so such a post is withdrawn.
    """
    for part in chunks(moved.items()):
        old_posts = scope.rows(select(_P.id, _P.root_id).where(_P.root_id.in_([old for old, _ in part])))
        if not old_posts:
            continue
        openings = [new for _, new in part]
        taken = set(scope.values(select(_P.root_id).where(_P.root_id.in_(openings))))
        taken.update(scope.values(select(_M.id).where(_M.id.in_(openings), _M.deleted_at.is_not(None))))
        withdrawn: list[int] = []
        for post in sorted(old_posts, key=lambda row: row.id):
            new = moved[post.root_id]
            if new in taken:
                withdrawn.append(post.root_id)
            else:
                taken.add(new)
                scope.run(update(POSTS).where(_P.id == post.id).values(root_id=new))
        withdraw_posts(scope, withdrawn)


def _found(scope: Scope, wanted: Select[Any], values: Mapping[str, Any]) -> list[PostRow]:
    return [row._asdict() for row in scope.rows(wanted, [values])]


def _refresh(scope: Scope, posts: Sequence[PostRow], counts: Mapping[int, Mapping[str, Any]]) -> None:
    """Store the counts (by root) that changed, and bring the items in step."""
    changed = [
        {"b_id": post["id"]} | {f"b_{name}": value for name, value in counts[post["root_id"]].items()}
        for post in posts
        if counts[post["root_id"]] != _counts(post)
    ]
    scope.run(_SET_COUNTS, changed)
    by_community: dict[int, list[PostRow]] = {}
    for post in posts:
        by_community.setdefault(post["community_id"], []).append(post)
    for community_id, here in by_community.items():
        shown = [post for post in here if post["indexed"] and post["deleted_at"] is None]
        put_items(scope, community_id, [_suggestable(post, counts[post["root_id"]]) for post in shown])
        hidden = [post for post in here if not (post["indexed"] and post["deleted_at"] is None)]
        remove_items(scope, community_id, [item_id(Kind.POST, post["id"]) for post in hidden])


def _counts(post: PostRow) -> dict[str, Any]:
    return {name: post[name] for name in _COUNTS}


def _grown(scope: Scope, posts: Sequence[PostRow], added: Mapping[int, Sequence[Answer]]) -> dict[int, dict[str, Any]]:
    """By root: the counts of posts with answers that have just been added to them."""
    roots = [post["root_id"] for post in posts]
    speakers = {answer.member_id for root in roots for answer in added[root]}
    first_words: dict[tuple[int, int], int] = {}
    for part in chunks(speakers):
        rows = scope.rows(_FIRST_WORDS, [{"b_roots": roots, "b_speakers": part}])
        for row in rows:
            said = (row.root, row.member_id)
            first_words[said] = min(row.first, first_words.get(said, row.first))
    grown: dict[int, dict[str, Any]] = {}
    for post in posts:
        root = post["root_id"]
        answers = added[root]
        first = min(answer.message_id for answer in answers)
        newcomers = {
            answer.member_id for answer in answers if first_words.get((root, answer.member_id), first) >= first
        }
        grown[root] = {
            "replies": post["replies"] + len(answers),
            "participants": post["participants"] + len(newcomers),
            "reactions": post["reactions"],
            "last_at": max(post["last_at"], *(answer.at for answer in answers)),
        }
    return grown


def _count(scope: Scope, roots: list[int]) -> dict[int, dict[str, Any]]:
    within = [{"b_roots": roots}]
    counts = {
        row.root: {
            "replies": int(row.replies),
            "participants": row.participants,
            "reactions": 0,
            "last_at": row.last_at,
        }
        for row in scope.rows(_COUNT, within)
    }
    for row in scope.rows(_COUNT_REACTIONS, within):
        counts[row.root]["reactions"] += int(row.number)
    return counts


def _suggestable(post: PostRow, counts: Mapping[str, Any]) -> Suggestable:
    return Suggestable(
        item=item_id(Kind.POST, post["id"]),
        kind=Kind.POST,
        title=post["title"],
        text=embedding_text(post["title"], post["text"]),
        language=post["language"],
        audience=Audience(post["audience"]),
        author=f"member:{post['member_id']}",
        created_at=post["created_at"],
        replies=counts["replies"],
        participants=counts["participants"],
        reactions=counts["reactions"],
        solved=post["solved"],
    )
