"""What belongs into a member's calendar: events that they come to and may still see. Knows no format."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.domain.calendar import CalendarEntry, CalendarFeed, Firmness
from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import SEATED, Guest, Standing
from bot.domain.people import Member
from bot.domain.permissions import visible
from bot.ports import UnitOfWork

MINE: Final = SEATED | {Standing.OFFERED, Standing.WAITING}
_STATES: Final = (EventState.PUBLISHED, EventState.OVER, EventState.CANCELLED)
KEPT: Final = timedelta(days=60)
"""How long an event stays in calendars after it."""
_STAMP: Final = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def uid_of(event_id: str, community_id: int) -> str:
    """Stable for as long as the event lives, whatever is changed about it and wherever the community moves."""
    return f"event-{event_id}-{community_id}@studyhall"


def agenda(uow: UnitOfWork, member: Member, feed: CalendarFeed, now: datetime) -> list[CalendarEntry]:
    """Asked anew whenever a calendar is read: what may not be seen any more is gone from it."""
    viewer = uow.rooms.viewer(member)
    wanted = MINE | {Standing.MAYBE} if feed.maybe else MINE
    guests = uow.guests.of_member(member.community_id, member.id, standings=wanted)
    events = uow.hosted.all(member.community_id, states=_STATES, ends_after=now - KEPT)
    return [
        entry_of(event, guests.get(event.number), member.community_id, alarm=feed.alarm)
        for event in events
        if (event.number in guests or event.host_id == member.id)
        and not event.discarded
        and visible(viewer, event.audience)
    ]


def entry_of(event: HostedEvent, guest: Guest | None, community_id: int, *, alarm: int = 0) -> CalendarEntry:
    """Maybe and the waitlist are tentative, and so is what its host has not confirmed."""
    if event.state is EventState.CANCELLED:
        firmness = Firmness.CANCELLED
    elif event.unconfirmed or (guest is not None and guest.standing not in SEATED):
        firmness = Firmness.TENTATIVE
    else:
        firmness = Firmness.CONFIRMED
    return CalendarEntry(
        uid=uid_of(event.id, community_id),
        title=event.title,
        starts_at=event.starts_at,
        minutes=event.minutes,
        timezone=event.timezone,
        stamp=event.changed_at or _STAMP,
        sequence=event.sequence,
        description=event.description,
        place=event.venue.text,
        host=event.host_name,
        firmness=firmness,
        alarms=(alarm,) if alarm else (),
        topics=event.tags,
    )
