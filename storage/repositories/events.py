"""Dated happenings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.domain.items import Event, Kind, item_id
from bot.domain.permissions import Audience
from bot.ports import Change
from storage.repositories.items import Suggestable, embedding_text, put_items, remove_items
from storage.scope import Record, Scope, chunks
from storage.tables import EVENTS

_E = EVENTS.c


class SqlEvents:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def upsert(self, community_id: int, event: Event) -> Change:
        before = self.get(community_id, [event.id]).get(event.id)
        if before == event:
            return "unchanged"
        if before is None:
            self._scope.run(insert(EVENTS).values(_values(event) | {"community_id": community_id}))
        else:
            mine = (_E.community_id == community_id) & (_E.slug == event.id)
            self._scope.run(update(EVENTS).where(mine).values(_values(event)))
        put_items(self._scope, community_id, [_suggestable(event)])
        return "added" if before is None else "updated"

    def get(self, community_id: int, ids: Iterable[str]) -> dict[str, Event]:
        found: dict[str, Event] = {}
        for part in chunks(set(ids)):
            wanted = select(EVENTS).where(_E.community_id == community_id, _E.slug.in_(part))
            found.update((row.slug, _event(row)) for row in self._scope.rows(wanted))
        return found

    def all(self, community_id: int, *, since: datetime | None = None) -> list[Event]:
        wanted = select(EVENTS).where(_E.community_id == community_id).order_by(_E.starts_at, _E.id)
        if since is not None:
            wanted = wanted.where(_E.starts_at >= since)
        return [_event(row) for row in self._scope.rows(wanted)]

    def remove(self, community_id: int, event_id: str) -> bool:
        gone = self._scope.run(delete(EVENTS).where(_E.community_id == community_id, _E.slug == event_id))
        remove_items(self._scope, community_id, [item_id(Kind.EVENT, event_id)])
        return gone > 0


def _suggestable(event: Event) -> Suggestable:
    return Suggestable(
        item=event.item,
        kind=Kind.EVENT,
        title=event.title,
        text=embedding_text(event.title, event.summary, ", ".join(event.tags)),
        language=event.language,
        audience=event.audience,
        tags=event.tags,
        author=event.host_name if event.host_id is None else f"member:{event.host_id}",
        starts_at=event.starts_at,
        hours=event.minutes / 60,
        participants=event.going,
    )


def _values(event: Event) -> dict[str, Any]:
    return {
        "slug": event.id,
        "title": event.title,
        "starts_at": event.starts_at,
        "summary": event.summary,
        "minutes": event.minutes,
        "timezone": event.timezone,
        "place": event.place,
        "host_id": event.host_id,
        "host_name": event.host_name,
        "capacity": event.capacity,
        "going": event.going,
        "tags": list(event.tags),
        "language": event.language,
        "audience": event.audience,
    }


def _event(row: Record) -> Event:
    return Event(
        id=row.slug,
        title=row.title,
        starts_at=row.starts_at,
        summary=row.summary,
        minutes=row.minutes,
        timezone=row.timezone,
        place=row.place,
        host_id=row.host_id,
        host_name=row.host_name,
        capacity=row.capacity,
        going=row.going,
        tags=tuple(row.tags),
        language=row.language,
        audience=Audience(row.audience),
    )
