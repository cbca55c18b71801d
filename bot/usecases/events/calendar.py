"""The button on the card that gives a file for one's own calendar. Knows messages; the entry is the agenda's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.calendar import CalendarEntry
from bot.domain.events import HostedEvent
from bot.domain.outgoing import Document, FileRef, Outgoing, Paragraph, Text
from bot.ports import Ids, KeptFile, UnitOfWork
from bot.usecases.calendars.agenda import entry_of
from bot.usecases.calendars.ics import MEDIA_TYPE, as_file
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording

_NAME: Final = 40
_ALARM: Final = 15
"""Minutes before the start: a file has the alarm that most programs would give it themselves."""


def struck_out(
    uow: UnitOfWork, community_id: int, event: HostedEvent, member_id: int, wording: Wording, at: datetime
) -> Document:
    """The file that takes a cancelled event out of a calendar again: the same UID, a higher SEQUENCE. Its key follows
    from what it says, so that doing it twice makes one; it is the member's alone."""
    entry = entry_of(event, None, community_id)
    key = hashlib.blake2b(f"{entry.uid}:{entry.sequence}:{member_id}".encode(), digest_size=20).hexdigest()
    file = _kept(uow, community_id, event, entry, member_id, key, at)
    return Document(file, wording.say("event-calendar-strike"))


def _kept(
    uow: UnitOfWork, community_id: int, event: HostedEvent, entry: CalendarEntry, member_id: int, key: str, at: datetime
) -> FileRef:
    content = as_file(entry)
    uow.files.put(community_id, key, KeptFile(content, MEDIA_TYPE, member_id), at)
    name = "".join(char if char.isalnum() else "-" for char in event.title[:_NAME]).strip("-") or "event"
    return FileRef(key, f"{name}.ics", MEDIA_TYPE, len(content))


@dataclass(frozen=True, slots=True)
class SendCalendar:
    """The button on the card: a file to take into one's own calendar."""

    answering: Answering
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        say = turn.wording.say
        guest = uow.guests.around(event.number, turn.member.id).of(turn.member.id)
        entry = entry_of(event, guest, turn.community.id, alarm=_ALARM)
        key = self.ids.code() + self.ids.code()
        file = _kept(uow, turn.community.id, event, entry, turn.member.id, key, turn.at)
        blocks = (
            Paragraph((Text(say("event-calendar", title=event.title)),)),
            Document(file, say("event-calendar-file")),
        )
        message = Outgoing(blocks, language=turn.wording.language)
        self.answering.reply(uow, turn, message, items=(event.item,) if event.open else ())
