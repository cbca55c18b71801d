"""Asks whether somebody's time zone still holds when their platform begins to speak another language to them.

Never by location. Asked once for a change, only of who gets a digest, and only in answer to something they did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.outgoing import Heading, Outgoing, Paragraph, Text
from bot.ports import Ids, Store
from bot.usecases.digest_controls import control_row
from bot.usecases.digest_pages import settings_message
from bot.usecases.turn import Answering, Turn
from bot.wording.cities import near_language


@dataclass(frozen=True, slots=True)
class NoticeTravel:
    store: Store
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn) -> bool:
        """Whether it asked."""
        if not turn.hint:
            return False
        with self.store.read() as uow:
            settings = uow.digests.get(turn.member.id)
        if not settings.enabled or settings.hint == turn.hint:
            return False
        zones = tuple(name for name in near_language(turn.hint) if name != turn.member.timezone)
        # The first hint is only remembered; a language that is spoken everywhere says nothing about where.
        asks = bool(settings.hint) and bool(zones) and turn.member.timezone not in near_language(turn.hint)
        with self.store.write() as uow:
            settings = replace(uow.digests.get(turn.member.id), hint=turn.hint)
            uow.digests.put(turn.community.id, settings)
            if asks:
                row = control_row(self.ids.code(), turn, zones=(turn.member.timezone, *zones[:7]))
                uow.buttons.add(turn.community.id, [row])
                say = turn.wording.say
                page = settings_message(turn, settings, row.code, page="zone", zones=(turn.member.timezone, *zones[:7]))
                asked = Heading(say("digest-travel-heading")), Paragraph((Text(say("digest-travel")),))
                message = Outgoing((*asked, *page.blocks[1:]), page.buttons, turn.wording.language)
                self.answering.reply(uow, turn, message, key=f"travel:{turn.cause or self.ids.code()}")
            uow.commit()
        return asks
