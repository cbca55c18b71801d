"""Courses that go with an event: three are suggested to its host, who takes those that fit. Knows words and buttons.

What is nearest is looked for outside of the transaction that writes: reading words may take its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.events import HostedEvent
from bot.domain.items import Course, ItemId, Kind, native_of
from bot.domain.outgoing import Bullets, Button, Heading, Inlines, Link, Note, Outgoing, Paragraph, Rows, Text
from bot.domain.permissions import PUBLIC
from bot.domain.text import clip
from bot.ports import Engine, Store, UnitOfWork
from bot.usecases.events.answering import PressEvent
from bot.usecases.events.publishing import Hosting
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from recsys.types import Filter

SUGGESTED: Final = 3
ACT: Final = "courses"
_LABEL: Final = 40


@dataclass(frozen=True, slots=True)
class PressCourses:
    """``courses`` shows them, ``courses-2`` takes the second or puts it back; every other press is the card's."""

    store: Store
    engine: Engine
    answering: Answering
    card: PressEvent

    def __call__(self, turn: Turn, act: str, token: str) -> bool:
        """False: the event is gone or not theirs, or there is no such act."""
        name, _, number = act.partition("-")
        if name != ACT:
            return self.card(turn, act, token)
        with self.store.read() as uow:
            event = uow.hosted.by_token(turn.community.id, token)
            kept = uow.conversations.get(turn.member.id, _kept(event)) if event else None
        if event is None or not event.may_manage(turn.member, turn.role):
            return False
        offered = [ItemId(str(item)) for item in (kept or {}).get("items", ())]
        if not number:
            offered = list(dict.fromkeys((*event.courses, *self._nearest(event, turn))))
        return self._answer(turn, token, offered, int(number) if number.isdecimal() else None)

    def _nearest(self, event: HostedEvent, turn: Turn) -> list[ItemId]:
        where = Filter(audiences=frozenset({PUBLIC}), kinds=frozenset({Kind.COURSE.value}))
        words = f"{event.title}. {event.description}"
        return [
            ItemId(hit.item) for hit in self.engine.search(words, k=SUGGESTED, where=where, now=turn.at.timestamp())
        ]

    def _answer(self, turn: Turn, token: str, offered: list[ItemId], number: int | None) -> bool:
        with self.store.write() as uow:
            event = uow.hosted.by_token(turn.community.id, token)
            if event is None or not event.may_manage(turn.member, turn.role) or not turn.begin(uow):
                return event is not None
            if number is not None:
                if number >= len(offered):
                    return False
                item = offered[number]
                chosen = [one for one in event.courses if one != item]
                chosen += [item] if item not in event.courses else []
                hosting = Hosting(uow, turn.community, self.answering.clock.now(), f"member:{turn.member.id}")
                event = hosting.change(event, event.changed(courses=tuple(chosen)))
            uow.conversations.put(turn.member.id, _kept(event), {"items": list(offered)}, turn.at)
            self.answering.edit(uow, turn, _page(uow, turn, event, offered))
            uow.commit()
        return True


def _kept(event: HostedEvent) -> str:
    """Where the order stands in which they were shown: the numbers on the buttons mean these."""
    return f"courses:{event.id}"


def _page(uow: UnitOfWork, turn: Turn, event: HostedEvent, offered: list[ItemId]) -> Outgoing:
    say = turn.wording.say
    known = uow.courses.get(turn.community.id, [native_of(item) for item in offered])
    found = [(number, item, known[native_of(item)]) for number, item in enumerate(offered) if native_of(item) in known]
    heading = Heading(say("event-courses-heading", title=event.title))
    back = (Button(say("button-back"), code_of("manage", event.token)),)
    if not found:
        nothing = Paragraph((Text(say("event-courses-none")),))
        return Outgoing((heading, nothing), (back,), turn.wording.language)
    buttons: Rows = tuple(
        (Button(clip(course.title, _LABEL), code_of(f"{ACT}-{number}", event.token), pressed=item in event.courses),)
        for number, item, course in found
    )
    lines = Bullets(tuple(_line(course) for _, _, course in found))
    note = Note((Text(say("event-courses-note")),))
    return Outgoing((heading, lines, note), (*buttons, back), turn.wording.language)


def _line(course: Course) -> Inlines:
    title = Link(course.title, course.url) if course.url.startswith(("https://", "http://")) else Text(course.title)
    return (title, Text(f" · {course.provider}")) if course.provider else (title,)
