"""What is said in the thread of an event, and about it: its beginning, that the event moved, what its host is told.
Knows words; asks nothing of any platform."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.events import EventState, HostedEvent
from bot.domain.outgoing import (
    Block,
    DeliveryClass,
    Heading,
    Inline,
    Inlines,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Sending,
    Strong,
    Text,
)
from bot.domain.people import Community
from bot.domain.threads import CLOSES_AFTER, Prospect, ThreadState
from bot.ports import UnitOfWork
from bot.usecases.events.cards import length, local_time
from bot.usecases.events.thread_places import Reader, ThreadPlace, thread_for
from bot.usecases.right_names import rights
from bot.wording import Wording, choose


def introduction(wording: Wording, event: HostedEvent, *, short: bool = False) -> Outgoing:
    """The first message: the card in short, and what the thread is for. `short`: only that."""
    say = wording.say
    when = local_time(wording, event.starts_at, event.timezone)
    blocks: list[Block] = [
        Heading(say("event-title", title=event.title)),
        Paragraph((Text("🗓 "), when, Text(f" · {length(wording, event.minutes)}"))),
    ]
    if not event.open:
        ended = "event-over" if event.state is EventState.OVER else "event-cancelled"
        blocks.insert(1, Paragraph((Strong(say(ended)),)))
    if event.venue.text and not short:
        blocks.append(Paragraph((Text(f"📍 {event.venue.text}"),)))
    if short:
        blocks.clear()
    blocks.append(Paragraph((Text(say("event-thread-for")),)))
    blocks.append(Note((Text(say("event-thread-closes", hours=_HOURS)),)))
    return Outgoing(tuple(blocks), language=wording.language)


_HOURS = int(CLOSES_AFTER.total_seconds() // 3600)


def cancelled_line(wording: Wording, reason: str) -> Inlines:
    say = wording.say
    lines = [say("event-letter-cancelled"), say("event-letter-reason", reason=reason) if reason else ""]
    lines.append(say("event-thread-cancelled", hours=_HOURS))
    return (Text("\n".join(filter(None, lines))),)


def told(wording: Wording, what: str, room: str, detail: str) -> tuple[Inline, ...]:
    """To the host: what is the matter with a thread."""
    return (Text(wording.say(f"event-thread-told-{what}", room=room or "?", detail=rights(wording, detail))),)


def say_in_threads(
    uow: UnitOfWork, community: Community, event: HostedEvent, what: str, line: Inlines, now: datetime
) -> int:
    """A line in each thread that is open; `what` makes it the only one of its kind."""
    said = 0
    for row in uow.threads.all(event.number):
        room = uow.rooms.get(row.thread_id) if row.thread_id is not None else None
        if room is None or row.state is not ThreadState.OPEN:
            continue
        message = Outgoing((Paragraph(tuple(line)),), language=choose(community.language).language)
        items = (event.item,) if event.open else ()
        sending = Sending(f"{row.key}:{what}", room.ref, message, DeliveryClass.AT_LEAST_ONCE, items=items)
        said += uow.outbox.add(community.id, sending, now)
    return said


def way_to(wording: Wording, places: Sequence[ThreadPlace], reader: Reader | None) -> Inlines:
    """``🧵 Questions and links: the event's thread``; nothing where there is none for this reader."""
    place = thread_for(places, reader)
    if place is None:
        return ()
    return (Text("🧵 "), MessageLink(wording.say("event-thread-link"), place.first))


def planned(wording: Wording, event: HostedEvent, found: Sequence[tuple[str, Prospect, str]]) -> list[str]:
    """For the host, before and after publishing: where there will be a thread, and where not and why. `found`: of each
    announced room its name, whether it can have one, and which rights are missing."""
    say = wording.say
    if not event.thread:
        return [say("event-thread-off")]
    lines: list[str] = []
    hopeful = [room for room, outlook, _ in found if outlook is Prospect.YES]
    unknown = [room for room, outlook, _ in found if outlook is Prospect.UNKNOWN]
    if hopeful:
        lines.append(say("event-thread-in", rooms=wording.listing(hopeful), hours=_HOURS))
    if unknown:
        lines.append(say("event-thread-tried", rooms=wording.listing(unknown)))
    for room, outlook, detail in found:
        match outlook:
            case Prospect.YES if detail:
                lines.append(say("event-thread-stays", room=room, detail=rights(wording, detail)))
            case Prospect.RIGHTS | Prospect.INSIDE | Prospect.NEVER:
                lines.append(say(f"event-thread-not-{outlook.value}", room=room, detail=rights(wording, detail)))
            case _:
                continue
    return lines or [say("event-thread-nowhere")]
