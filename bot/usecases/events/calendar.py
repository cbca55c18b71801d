"""The button on the card that gives a file for one's own calendar. Knows messages; the entry is the agenda's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.events import HostedEvent
from bot.domain.outgoing import Document, FileRef, Outgoing, Paragraph, Text
from bot.ports import Ids, KeptFile, UnitOfWork
from bot.usecases.calendars.agenda import entry_of
from bot.usecases.calendars.ics import MEDIA_TYPE, as_file
from bot.usecases.turn import Answering, Turn

_NAME: Final = 40
_ALARM: Final = 15
"""Minutes before the start: a file has the alarm that most programs would give it themselves."""


@dataclass(frozen=True, slots=True)
class SendCalendar:
    """The button on the card: a file to take into one's own calendar."""

    answering: Answering
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        say = turn.wording.say
        guest = uow.guests.around(event.number, turn.member.id).of(turn.member.id)
        content = as_file(entry_of(event, guest, turn.community.id, alarm=_ALARM))
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
