"""What moderators do in chat: make a room, see what people looked for in vain. Every change is in the audit log."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.incoming import Place
from bot.domain.outgoing import Block, Bullets, Heading, Outgoing, Paragraph, Text
from bot.domain.permissions import StaffAction
from bot.domain.refs import RoomRef
from bot.domain.text import clean_line
from bot.ports import AuditRow, Store
from bot.usecases.lists import GOOD_ENOUGH
from bot.usecases.signin import PLATFORM
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn

LONGEST_NAME: Final = 40
LOOK_BACK: Final = timedelta(days=30)
LINES: Final = 15
_NOT_AN_ID: Final = re.compile(r"[^\w-]+")


def web_room(name: str) -> Place:
    """A public room of the web community; its address is made of its name, so the same name is the same room. Whoever
    makes one decides that its discussions may be suggested; /setup takes that back."""
    return Place(RoomRef(PLATFORM, _NOT_AN_ID.sub("-", name.casefold()).strip("-") or "room"), name, indexed=True)


@dataclass(frozen=True, slots=True)
class RoomCommand:
    """``/room NAME``: a public room of the web community."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:
        say, name = turn.wording.say, clean_line(words).lstrip("#")
        if not turn.may(StaffAction.MAKE_ROOMS):
            say_plainly(self.store, self.answering, turn, say("room-staff-only"))
        elif turn.room.ref.platform != PLATFORM:
            say_plainly(self.store, self.answering, turn, say("room-elsewhere"))
        elif not 1 <= len(name) <= LONGEST_NAME:
            say_plainly(self.store, self.answering, turn, say("room-usage"))
        else:
            with self.store.write() as uow:
                if not turn.begin(uow):
                    return
                room = uow.rooms.ensure(turn.community.id, web_room(name))
                actor = f"member:{turn.member.id}"
                uow.audit.add(turn.community.id, AuditRow(turn.at, actor, "room.make", f"room:{room.id}", name))
                done = Outgoing((Paragraph((Text(say("room-made", name=room.name)),)),), language=turn.wording.language)
                self.answering.reply(uow, turn, done)
                uow.commit()


@dataclass(frozen=True, slots=True)
class WantedCommand:
    """``/wanted``: what was looked for and not found, most frequent first; never by whom."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        say = turn.wording.say
        if not turn.may(StaffAction.SEE_DEMAND):
            say_plainly(self.store, self.answering, turn, say("wanted-staff-only"))
            return
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            rows = uow.demand.all(turn.community.id, since=turn.at - LOOK_BACK, below=GOOD_ENOUGH)
            counts = Counter(clean_line(looked, limit=80).casefold() for _, looked, _, _ in rows if looked.strip())
            lines = tuple((Text(say("wanted-line", words=w, count=n)),) for w, n in counts.most_common(LINES))
            blocks: tuple[Block, ...] = (Heading(say("wanted-heading")),)
            blocks += (Bullets(lines),) if lines else (Paragraph((Text(say("wanted-nothing")),)),)
            self.answering.reply(uow, turn, Outgoing(blocks, language=turn.wording.language))
            uow.commit()
