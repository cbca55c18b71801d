"""Discussions worth suggesting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, or_, select, update

from bot.domain.items import Post
from bot.domain.permissions import Audience
from bot.domain.refs import MessageRef, RoomRef
from bot.errors import NotFound
from bot.ports import Change
from storage.repositories.suggestable_posts import (
    PostRow,
    post_of,
    recounted,
    select_posts,
    show_post,
    spoken,
    withdraw_posts,
)
from storage.scope import Scope, chunks
from storage.tables import MESSAGES, POSTS, ROOMS

_P = POSTS.c
_M = MESSAGES.c

_OPENING: Final = select(_M.community_id, _M.root_id, _M.deleted_at, _M.at).where(_M.id == bindparam("b_root"))
_ADD: Final = insert(POSTS)
_SET_WORDS: Final = (
    update(POSTS)
    .where(_P.root_id == bindparam("b_root"))
    .values({name: bindparam(f"b_{name}") for name in ("title", "text", "language", "solved")})
)


class SqlPosts:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def promote(self, root_id: int, *, title: str, text: str, language: str, solved: bool) -> tuple[Post, Change]:
        """Raises NotFound when there is no such message, ValueError when it is deleted or an answer."""
        words = {"title": title, "text": text, "language": language, "solved": solved}
        before = post_of(self._scope, root_id)
        if before is None:
            return self._promoted(root_id, words), "added"
        _check_opening(root_id, before["answers"], before["deleted_at"])
        if all(before[name] == value for name, value in words.items()):
            return _post(before), "unchanged"
        self._scope.run(_SET_WORDS, [{"b_root": root_id} | {f"b_{name}": value for name, value in words.items()}])
        after = {**before, **words}
        show_post(self._scope, after)
        return _post(after), "updated"

    def withdraw(self, root_id: int) -> bool:
        return withdraw_posts(self._scope, [root_id]) > 0

    def get(self, post_ids: Iterable[int]) -> dict[int, Post]:
        found: dict[int, Post] = {}
        for part in chunks(set(post_ids)):
            rows = self._scope.rows(select_posts().where(_P.id.in_(part), ROOMS.c.indexed))
            found.update((row.id, _post(row._asdict())) for row in rows)
        return found

    def by_root(self, root_id: int) -> Post | None:
        post = post_of(self._scope, root_id)
        return None if post is None or not post["indexed"] else _post(post)

    def all(self, community_id: int, *, since: datetime | None = None, limit: int = 1000) -> list[Post]:
        """The latest first; `since`: those in which something was said then or later."""
        wanted = select_posts().where(_P.community_id == community_id, ROOMS.c.indexed)
        if since is not None:
            wanted = wanted.where(_P.last_at >= since)
        rows = self._scope.rows(wanted.order_by(_P.last_at.desc(), _P.id.desc()).limit(limit))
        return [_post(row._asdict()) for row in rows]

    def participants(self, post_id: int) -> list[int]:
        """People who said something in it, the author first, then by when they first spoke."""
        root_id = self._scope.value(select(_P.root_id).where(_P.id == post_id))
        if root_id is None:
            return []
        said = select(_M.member_id).where(or_(_M.id == root_id, _M.root_id == root_id), spoken())
        by_time = said.order_by(_M.root_id.is_not(None), _M.at, _M.id)
        return list(dict.fromkeys(self._scope.values(by_time)))

    def _promoted(self, root_id: int, words: Mapping[str, Any]) -> Post:
        opening = next(iter(self._scope.rows(_OPENING, [{"b_root": root_id}])), None)
        if opening is None:
            raise NotFound(f"There is no message {root_id}.")
        _check_opening(root_id, opening.root_id, opening.deleted_at)
        counts = {"replies": 0, "participants": 1, "reactions": 0, "last_at": opening.at}
        self._scope.run(_ADD, [{"community_id": opening.community_id, "root_id": root_id, **words, **counts}])
        post = post_of(self._scope, root_id)
        assert post is not None, "it was inserted"
        return _post(recounted(self._scope, post))


def _check_opening(root_id: int, answers: int | None, deleted_at: datetime | None) -> None:
    if answers is not None or deleted_at is not None:
        raise ValueError(f"message {root_id} is {'an answer' if answers is not None else 'deleted'}")


def _post(post: PostRow) -> Post:
    return Post(
        id=post["id"],
        root=MessageRef(
            RoomRef(post["platform"], post["room_native"], post["thread_id"] or None), post["message_native"]
        ),
        room_id=post["room_id"],
        room_name=post["room_name"],
        title=post["title"],
        text=post["text"],
        author_id=post["member_id"],
        author_name=post["author"],
        created_at=post["created_at"],
        last_at=post["last_at"],
        replies=post["replies"],
        participants=post["participants"],
        reactions=post["reactions"],
        solved=post["solved"],
        language=post["language"],
        audience=Audience(post["audience"]),
    )
