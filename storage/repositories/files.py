"""Pictures and documents of our own messages, by a key that nobody can guess."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.ports import KeptFile
from storage.scope import Scope
from storage.tables import FILES

_F = FILES.c


class SqlFiles:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, key: str, file: KeptFile, at: datetime) -> None:
        values = {
            "community_id": community_id,
            "key": key,
            "media": file.media,
            "content": file.content,
            "member_id": file.member_id,
            "created_at": at,
        }
        self._scope.run(insert(FILES).values(values))

    def get(self, community_id: int, key: str) -> KeptFile | None:
        row = self._scope.first(select(FILES).where(_F.community_id == community_id, _F.key == key))
        return None if row is None else KeptFile(row.content, row.media, row.member_id)

    def sweep(self, before: datetime) -> int:
        return self._scope.run(delete(FILES).where(_F.created_at < before))
