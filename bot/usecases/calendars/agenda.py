"""What belongs into a member's calendar: events that they come to and may still see. Knows no format."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.domain.calendar import CalendarEntry, CalendarFeed
from bot.domain.interactions import Signal
from bot.domain.items import Event, Kind, kind_of
from bot.domain.people import Member
from bot.ports import UnitOfWork
from bot.usecases.suggest import details

KEPT: Final = timedelta(days=60)
"""How long an event stays in calendars after it."""
_STAMP: Final = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def uid_of(event_id: str, community_id: int) -> str:
    """Stable for as long as the event lives, whatever is changed about it and wherever the community moves."""
    return f"event-{event_id}-{community_id}@studyhall"


def agenda(uow: UnitOfWork, member: Member, feed: CalendarFeed, now: datetime) -> list[CalendarEntry]:
    """Asked anew whenever a calendar is read: what may not be seen any more is gone from it."""
    viewer = uow.rooms.viewer(member)
    going = {item for item in uow.interactions.known(member.id).get(Signal.ATTEND, ()) if kind_of(item) is Kind.EVENT}
    found = [event for event in details(uow, viewer, going).values() if isinstance(event, Event)]
    return [
        entry_of(event, member.community_id, alarm=feed.alarm)
        for event in found
        if event.starts_at + timedelta(minutes=event.minutes) > now - KEPT
    ]


def entry_of(event: Event, community_id: int, *, alarm: int = 0) -> CalendarEntry:
    return CalendarEntry(
        uid=uid_of(event.id, community_id),
        title=event.title,
        starts_at=event.starts_at,
        minutes=max(event.minutes, 1),
        timezone=event.timezone,
        stamp=_STAMP,
        description=event.summary,
        place=event.place,
        host=event.host_name,
        alarms=(alarm,) if alarm else (),
        topics=event.tags,
    )
