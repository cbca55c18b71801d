"""The thread of an event as its host sees and switches it: a line in the preview, a button. Opens nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.events import EventState, HostedEvent, in_step
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import Block, Button, MessageLink, Note, Paragraph, Rows, Text
from bot.domain.rooms import Room
from bot.domain.threads import Prospect, ThreadState
from bot.ports import UnitOfWork
from bot.usecases.events.cards import platform_name
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.thread_places import thread_places
from bot.usecases.events.thread_words import planned
from bot.usecases.events.threads import Threads, Traits, prospect
from bot.usecases.turn import Turn
from bot.usecases.views import code_of

_PLANNED = frozenset({EventState.DRAFT, EventState.SCHEDULED})


def wanted_by_default(uow: UnitOfWork, community_id: int, room: Room | None) -> bool:
    """As it was for the last event that was announced first in that room; yes where there was none."""
    if room is None or room.kind is RoomKind.DIRECT:
        return True
    before = [one for one in uow.hosted.all(community_id) if one.rooms[:1] == (room.id,) and one.token]
    return before[-1].thread if before else True


@dataclass(frozen=True, slots=True)
class EventThreads:
    """Within one press of a host."""

    uow: UnitOfWork
    turn: Turn
    traits: Traits

    def lines(self, event: HostedEvent) -> list[Block]:
        """Where there is one, or will be one, and where not and why."""
        blocks: list[Block] = []
        there = [one for one in thread_places(self.uow, event) if one.room.audience in self.turn.viewer.audiences]
        if there:
            links: list[Text | MessageLink] = [Text(self.turn.wording.say("event-thread-there"))]
            for one in there:
                name = platform_name(self.turn.wording, one.room.ref.platform)
                links += [Text(" "), MessageLink(name, one.first)]
            blocks.append(Paragraph(tuple(links)))
        if event.state in _PLANNED or (event.open and not there):
            blocks += [Note((Text(line),)) for line in planned(self.turn.wording, event, self._outlook(event))]
        return blocks

    def button(self, event: HostedEvent) -> tuple[Button, ...]:
        """Says what is; where there is none although it is wanted, what it does."""
        say, code = self.turn.wording.say, code_of("m-thread", event.token)
        if event.state in _PLANNED or (event.open and not event.thread):
            label = say(f"event-manage-thread-{'on' if event.thread else 'off'}")
            return (Button(label, code, pressed=event.thread),)
        return (Button(say("event-manage-thread-again"), code),) if event.open and self._missing(event) else ()

    def beside(self, rows: Rows, event: HostedEvent) -> Rows:
        """The button in the last of the shortest rows: platforms show only so many."""
        found = list(rows)
        if found:
            shortest = min(range(len(found)), key=lambda number: (len(found[number]), -number))
            found[shortest] = (*found[shortest], *self.button(event))
        return tuple(found)

    def switch(self, event: HostedEvent) -> tuple[HostedEvent, str]:
        """What the button does; the event as it is then, and what is said about it."""
        say, now = self.turn.wording.say, self.turn.at
        if event.open and event.thread:
            asked = Threads(self.uow, self.turn.community, now, self.traits).again(event)
            self.uow.moments.touch(self.turn.community.id, in_step(event, now), timedelta(0))
            return event, say("event-notice-thread-again" if asked else "event-notice-thread-none")
        if event.state not in _PLANNED and not event.open:
            return event, ""
        hosting = Hosting(self.uow, self.turn.community, now, f"member:{self.turn.member.id}")
        event = hosting.change(event, event.changed(thread=not event.thread))
        return event, say(f"event-notice-thread-{'on' if event.thread else 'off'}")

    def _missing(self, event: HostedEvent) -> bool:
        """There is none, and trying again may help: the host was told why, or it has become possible."""
        for row in self.uow.threads.all(event.number):
            room = self.uow.rooms.get(row.room_id) if row.state is ThreadState.NONE else None
            if room is not None and (row.told or prospect(self.uow, room, self.traits)[0].hopeful):
                return True
        return False

    def _outlook(self, event: HostedEvent) -> list[tuple[str, Prospect, str]]:
        rooms = [room for room_id in event.rooms if (room := self.uow.rooms.get(room_id)) is not None]
        return [
            (f"#{room.name or room.id} ({room.ref.platform})", *prospect(self.uow, room, self.traits)) for room in rooms
        ]
