"""Members' own calendars under secret addresses: what the application needs of a store. Knows Protocols only."""

from __future__ import annotations

from typing import Protocol

from bot.domain.calendar import CalendarFeed


class CalendarFeeds(Protocol):
    """At most one for each member."""

    def put(self, community_id: int, feed: CalendarFeed) -> None:
        """Add, or replace the member's: what its former address was is known no more."""
        ...

    def of_member(self, member_id: int) -> CalendarFeed | None: ...
    def by_selector(self, community_id: int, selector: str) -> CalendarFeed | None: ...
    def end(self, member_id: int) -> bool:
        """False when there was none."""
        ...
