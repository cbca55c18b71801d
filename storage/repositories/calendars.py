"""Members' own calendars under secret addresses."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from bot.domain.calendar import CalendarFeed
from storage.scope import Record, Scope
from storage.tables import CALENDAR_FEEDS

_F = CALENDAR_FEEDS.c


class SqlCalendarFeeds:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, feed: CalendarFeed) -> None:
        self.end(feed.member_id)
        values = {
            "member_id": feed.member_id,
            "community_id": community_id,
            "selector": feed.selector,
            "hashed": feed.hashed,
            "made_at": feed.made_at,
            "maybe": feed.maybe,
            "alarm": feed.alarm,
        }
        self._scope.run(insert(CALENDAR_FEEDS).values(values))

    def of_member(self, member_id: int) -> CalendarFeed | None:
        return _feed(self._scope.rows(select(CALENDAR_FEEDS).where(_F.member_id == member_id)))

    def by_selector(self, community_id: int, selector: str) -> CalendarFeed | None:
        mine = (_F.community_id == community_id) & (_F.selector == selector)
        return _feed(self._scope.rows(select(CALENDAR_FEEDS).where(mine)))

    def end(self, member_id: int) -> bool:
        gone = delete(CALENDAR_FEEDS).where(_F.member_id == member_id).returning(_F.member_id)
        return self._scope.value(gone) is not None


def _feed(rows: Sequence[Record]) -> CalendarFeed | None:
    if not rows:
        return None
    (row,) = rows
    return CalendarFeed(row.member_id, row.selector, row.hashed, row.made_at, row.maybe, row.alarm)
