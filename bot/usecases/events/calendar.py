"""An event as an entry of its guests' calendars: one file, or all of a member's. Knows guests; knows no format."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.calendar import CalendarEntry, Firmness
from bot.domain.events import EventState, HostedEvent
from bot.domain.outgoing import Document, FileRef, Outgoing, Paragraph, Text
from bot.domain.people import Community
from bot.domain.permissions import Viewer, visible
from bot.domain.rsvp import SEATED, Guest, Standing
from bot.ports import Ids, KeptFile, UnitOfWork
from bot.usecases.calendars.ics import MEDIA_TYPE, as_file
from bot.usecases.turn import Answering, Turn

_MINE = SEATED | {Standing.MAYBE, Standing.OFFERED, Standing.WAITING}
_NAME = 40


def entry_of(event: HostedEvent, guest: Guest | None) -> CalendarEntry:
    """How firm it is says where the guest stands: maybe and the waitlist are tentative."""
    if event.state is EventState.CANCELLED:
        firmness = Firmness.CANCELLED
    elif event.unconfirmed or (guest is not None and guest.standing not in SEATED):
        firmness = Firmness.TENTATIVE
    else:
        firmness = Firmness.CONFIRMED
    return CalendarEntry(
        uid=f"{event.id}@events.studyhall",
        title=event.title,
        starts_at=event.starts_at,
        minutes=event.minutes,
        timezone=event.timezone,
        stamp=event.changed_at or event.starts_at,
        sequence=event.sequence,
        description=event.description,
        place=event.venue.text,
        host=event.host_name,
        firmness=firmness,
        alarms=event.reminders,
        topics=event.tags,
    )


def entries_of(uow: UnitOfWork, community: Community, viewer: Viewer, member_id: int) -> list[CalendarEntry]:
    """Everything that a member goes to, may go to or hosts, also what was cancelled: calendars must hear of it."""
    guests = uow.guests.of_member(community.id, member_id, standings=_MINE)
    states = (EventState.PUBLISHED, EventState.OVER, EventState.CANCELLED)
    return [
        entry_of(event, guests.get(event.number))
        for event in uow.hosted.all(community.id, states=states)
        if (event.number in guests or event.host_id == member_id) and event.token and visible(viewer, event.audience)
    ]


@dataclass(frozen=True, slots=True)
class SendCalendar:
    """The button on the card: a file to take into one's own calendar."""

    answering: Answering
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        say = turn.wording.say
        content = as_file(entry_of(event, uow.guests.around(event.number, turn.member.id).of(turn.member.id)))
        key = self.ids.code() + self.ids.code()
        uow.files.put(turn.community.id, key, KeptFile(content, MEDIA_TYPE, turn.member.id), turn.at)
        name = "".join(char if char.isalnum() else "-" for char in event.title[:_NAME]).strip("-") or "event"
        file = FileRef(key, f"{name}.ics", MEDIA_TYPE, len(content))
        blocks = (
            Paragraph((Text(say("event-calendar", title=event.title)),)),
            Document(file, say("event-calendar-file")),
        )
        message = Outgoing(blocks, language=turn.wording.language)
        self.answering.reply(uow, turn, message, items=(event.item,) if event.open else ())
