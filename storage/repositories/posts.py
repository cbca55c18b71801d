"""Discussions worth suggesting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from bot.domain.items import Post
from bot.domain.permissions import Audience
from bot.domain.refs import MessageRef, RoomRef
from bot.errors import NotFound
from bot.ports import Change
from storage.repositories.suggestable_posts import recount_posts, select_posts, show_post, spoken, withdraw_posts
from storage.scope import Record, Scope, chunks
from storage.tables import MESSAGES, POSTS

_P = POSTS.c
_M = MESSAGES.c


class SqlPosts:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def promote(self, root_id: int, *, title: str, text: str, language: str, solved: bool) -> tuple[Post, Change]:
        """Raises NotFound when there is no such message, ValueError when it is deleted or an answer."""
        root = self._scope.first(select(MESSAGES).where(_M.id == root_id))
        if root is None:
            raise NotFound(f"There is no message {root_id}.")
        if root.root_id is not None or root.deleted_at is not None:
            raise ValueError(f"message {root_id} is {'an answer' if root.root_id is not None else 'deleted'}")
        before = self.by_root(root_id)
        values = {"title": title, "text": text, "language": language, "solved": solved}
        if before is None:
            counts = {"replies": 0, "participants": 1, "reactions": 0, "last_at": root.at}
            row = {"community_id": root.community_id, "root_id": root_id} | values | counts
            self._scope.run(insert(POSTS).values(row))
            recount_posts(self._scope, [root_id])
        elif any(getattr(before, name) != value for name, value in values.items()):
            self._scope.run(update(POSTS).where(_P.root_id == root_id).values(values))
            show_post(self._scope, root_id)
        after = self.by_root(root_id)
        assert after is not None, "it was made above"
        if before is None:
            return after, "added"
        return after, "unchanged" if before == after else "updated"

    def withdraw(self, root_id: int) -> bool:
        return withdraw_posts(self._scope, [root_id]) > 0

    def get(self, post_ids: Iterable[int]) -> dict[int, Post]:
        found: dict[int, Post] = {}
        for part in chunks(set(post_ids)):
            found.update((row.id, _post(row)) for row in self._scope.rows(select_posts().where(_P.id.in_(part))))
        return found

    def by_root(self, root_id: int) -> Post | None:
        row = self._scope.first(select_posts().where(_P.root_id == root_id))
        return None if row is None else _post(row)

    def all(self, community_id: int, *, since: datetime | None = None, limit: int = 1000) -> list[Post]:
        """The latest first; `since`: those in which something was said then or later."""
        wanted = select_posts().where(_P.community_id == community_id)
        if since is not None:
            wanted = wanted.where(_P.last_at >= since)
        rows = self._scope.rows(wanted.order_by(_P.last_at.desc(), _P.id.desc()).limit(limit))
        return [_post(row) for row in rows]

    def participants(self, post_id: int) -> list[int]:
        """People who said something in it, the author first, then by when they first spoke."""
        root_id = self._scope.value(select(_P.root_id).where(_P.id == post_id))
        if root_id is None:
            return []
        said = select(_M.member_id).where(or_(_M.id == root_id, _M.root_id == root_id), spoken())
        by_time = said.order_by(_M.root_id.is_not(None), _M.at, _M.id)
        return list(dict.fromkeys(self._scope.values(by_time)))


def _post(row: Record) -> Post:
    return Post(
        id=row.id,
        root=MessageRef(RoomRef(row.platform, row.room_native, row.thread_id or None), row.message_native),
        room_id=row.room_id,
        room_name=row.room_name,
        title=row.title,
        text=row.text,
        author_id=row.member_id,
        author_name=row.author,
        created_at=row.created_at,
        last_at=row.last_at,
        replies=row.replies,
        participants=row.participants,
        reactions=row.reactions,
        solved=row.solved,
        language=row.language,
        audience=Audience(row.audience),
    )
