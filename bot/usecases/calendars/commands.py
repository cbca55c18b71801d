"""``/calendar``: the way to one's own calendar page. Knows buttons; the address itself is shown on that page alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.outgoing import Button, Heading, Note, Outgoing, Paragraph, Style, Text
from bot.ports import Ids, Store
from bot.usecases.calendars.feeds import page_code
from bot.usecases.signin import PLATFORM
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn

OPEN: Final = timedelta(minutes=30)
"""How long the button of an answer opens the page."""


@dataclass(frozen=True, slots=True)
class CalendarCommand:
    """`public_url`: where the web community is reached from outside; empty: from this machine alone."""

    store: Store
    answering: Answering
    ids: Ids
    public_url: str

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        say = turn.wording.say
        if not self.public_url and turn.room.ref.platform != PLATFORM:
            say_plainly(self.store, self.answering, turn, say("calendar-no-address"))
            return
        code = self.ids.code()
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            page_code(code, turn.member, turn.community, uow, turn.at, turn.at + OPEN)
            feed = uow.calendars.of_member(turn.member.id)
            state = say("calendar-state-on" if feed else "calendar-state-off")
            url = f"{self.public_url.rstrip('/')}/calendar/page/{code}"
            message = Outgoing(
                (
                    Heading(say("calendar-heading")),
                    Paragraph((Text(say("calendar-lead")),)),
                    Paragraph((Text(state),)),
                    Note((Text(say("calendar-open-note", minutes=int(OPEN.total_seconds() // 60))),)),
                ),
                ((Button(say("button-calendar-open"), url=url, style=Style.PRIMARY),),),
                turn.wording.language,
            )
            self.answering.reply(uow, turn, message)
            uow.commit()
