"""``/events``, ``/myevents``, ``/event``, ``/checkin``: what is coming, what is mine, one event, I am here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import Standing
from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    Heading,
    Inline,
    Inlines,
    Note,
    Outgoing,
    Paragraph,
    Rows,
    Strong,
    Text,
)
from bot.domain.permissions import visible
from bot.domain.rsvp import CHECK_IN_FROM, CHECK_IN_UNTIL, CheckIn
from bot.domain.text import clean_line, clip
from bot.ports import Store, UnitOfWork
from bot.usecases.events.answering import PressEvent, may_see, said
from bot.usecases.events.cards import local_time, standing_line
from bot.usecases.events.seats import Seats
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of

LISTED: Final = 10
RECENT: Final = timedelta(days=7)
"""For so long an event that is over is still found by its title, and by whoever missed it."""
MINE: Final = frozenset({Standing.GOING, Standing.MAYBE, Standing.WAITING, Standing.OFFERED, Standing.CHECKED_IN})
_LABEL: Final = 34


@dataclass(frozen=True, slots=True)
class EventsCommand:
    """``/events``: what is coming. `mine`: only what they answered or host."""

    store: Store
    answering: Answering
    mine: bool = False

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            self.answering.reply(uow, turn, self._message(uow, turn))
            uow.commit()

    def _message(self, uow: UnitOfWork, turn: Turn) -> Outgoing:
        say, now = turn.wording.say, self.answering.clock.now()
        known = uow.guests.of_member(turn.community.id, turn.member.id, standings=MINE)
        states = [EventState.PUBLISHED]
        if self.mine:
            states += [EventState.DRAFT, EventState.SCHEDULED]
        events = [
            event
            for event in uow.hosted.all(turn.community.id, states=states, ends_after=now)
            if visible(turn.viewer, event.audience) and (not self.mine or _is_mine(turn, event, known))
        ]
        blocks: list[Block] = [Heading(say("event-mine-heading" if self.mine else "event-list-heading"))]
        if events:
            blocks.append(Bullets(tuple(self._line(uow, turn, event) for event in events[:LISTED])))
        else:
            blocks.append(Paragraph((Text(say("event-mine-none" if self.mine else "event-list-none")),)))
        if len(events) > LISTED:
            blocks.append(Note((Text(say("event-list-more", count=len(events) - LISTED)),)))
        missed = self._missed(uow, turn) if self.mine else []
        if missed:
            blocks.append(Paragraph((Strong(say("event-mine-missed")),)))
            blocks.append(Bullets(tuple(self._line(uow, turn, event) for event in missed)))
        return Outgoing(tuple(blocks), _openers(turn, [*events[:LISTED], *missed]), turn.wording.language)

    def _missed(self, uow: UnitOfWork, turn: Turn) -> list[HostedEvent]:
        """Where they had a seat and were not seen: opened from here, one tap says that something came up."""
        known = uow.guests.of_member(turn.community.id, turn.member.id, standings={Standing.NO_SHOW})
        since = self.answering.clock.now() - RECENT
        over = uow.hosted.all(turn.community.id, states=(EventState.OVER,), ends_after=since)
        return [event for event in over if event.number in known and visible(turn.viewer, event.audience)]

    def _line(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> Inlines:
        say = turn.wording.say
        line: list[Inline] = [
            local_time(turn.wording, event.starts_at, turn.member.timezone),
            Text(" · "),
            Strong(event.title),
        ]
        guests = uow.guests.around(event.number, turn.member.id)
        standing = standing_line(turn.wording, guests, turn.member.id)
        if event.state in {EventState.DRAFT, EventState.SCHEDULED}:
            standing = say(f"event-state-{event.state.value}")
        elif not standing and event.capacity:
            free = guests.free(event.terms) or 0
            standing = say("fact-seats", count=free) if free else say("event-full")
        if standing:
            line.append(Text(f" · {standing}"))
        return tuple(line)


def _is_mine(turn: Turn, event: HostedEvent, known: Collection[int]) -> bool:
    return event.host_id == turn.member.id or event.number in known


def _openers(turn: Turn, events: Sequence[HostedEvent]) -> Rows:
    """A button for each, two in a row; those of one title, such as a series, are told apart by their day."""
    titles = Counter(event.title for event in events)
    buttons: list[Button] = []
    for event in events:
        day = turn.wording.moment(event.starts_at, turn.member.timezone)
        label = event.title if titles[event.title] == 1 else f"{day} · {event.title}"
        buttons.append(Button(clip(label, _LABEL), code_of("open", event.token)))
    return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))


@dataclass(frozen=True, slots=True)
class EventCommand:
    """``/event NUMBER`` or the beginning of its title: its card, in one's own room."""

    store: Store
    answering: Answering
    press: PressEvent

    def __call__(self, turn: Turn, words: str) -> None:
        wanted = clean_line(words, limit=100)
        with self.store.write() as uow:
            found = find_event(uow, turn, wanted, self.answering)
            if found is not None and turn.begin(uow):
                self.answering.reply(uow, turn, self.press.card(uow, turn, found), items=_shown(found))
                uow.commit()
                return
        if found is None:
            key = "event-unknown" if wanted else "event-usage"
            say_plainly(self.store, self.answering, turn, turn.wording.say(key, words=wanted))


def find_event(uow: UnitOfWork, turn: Turn, words: str, answering: Answering) -> HostedEvent | None:
    """By number, by id, or by title: the whole of it, otherwise a part that only one coming event has (where none has,
    only one of those that have just been)."""
    if not words:
        return None
    number = words.removeprefix("#")
    known = uow.hosted.numbered(turn.community.id, int(number)) if number.isdecimal() and len(number) < 10 else None
    known = known or uow.hosted.get(turn.community.id, words)
    if known is not None:
        return known if may_see(turn, known) else None
    now, low = answering.clock.now(), words.casefold()
    ahead = (EventState.PUBLISHED, EventState.DRAFT, EventState.SCHEDULED)
    for states, since in ((ahead, now), ((EventState.OVER,), now - RECENT)):
        there = uow.hosted.all(turn.community.id, states=states, ends_after=since)
        there = [event for event in there if may_see(turn, event)]
        exact = [event for event in there if event.title.casefold() == low]
        partly = exact or [event for event in there if low in event.title.casefold()]
        if partly:
            return partly[0] if len(partly) == 1 or exact else None
    return None


def _shown(event: HostedEvent) -> tuple[str, ...]:
    return (event.item,) if event.open else ()


@dataclass(frozen=True, slots=True)
class CheckInCommand:
    """``/checkin CODE``: the code that the host shows at the event."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:
        code = clean_line(words, limit=20).replace(" ", "").upper()
        sentence = turn.wording.say("event-checkin-usage")
        with self.store.write() as uow:
            event = self._event(uow, turn, code)
            if event is not None and turn.begin(uow):
                action = CheckIn(turn.member.id, turn.room.ref.platform)
                decision = Seats(uow, turn.community, event, self.answering.clock.now()).decide(action)
                effect = decision.answer(turn.member.id)
                sentence = said(turn.wording, event, effect, turn.member.timezone, self.answering.clock.now())
                blocks = (Paragraph((Strong(event.title), Text(f": {sentence}"))),)
                self.answering.reply(uow, turn, Outgoing(blocks, language=turn.wording.language), notice=sentence)
                uow.commit()
                return
        if event is None:
            unknown = turn.wording.say("event-checkin-unknown", code=code) if code else sentence
            say_plainly(self.store, self.answering, turn, unknown)

    def _event(self, uow: UnitOfWork, turn: Turn, code: str) -> HostedEvent | None:
        """One that is on about now, with this code, that they may see. Codes are short: only those are asked."""
        if not code:
            return None
        now = self.answering.clock.now()
        about = uow.hosted.all(
            turn.community.id,
            states=(EventState.PUBLISHED, EventState.OVER),
            ends_after=now - CHECK_IN_UNTIL - timedelta(minutes=1),
        )
        near = [event for event in about if event.starts_at - CHECK_IN_FROM <= now and event.code == code]
        return next((event for event in near if visible(turn.viewer, event.audience)), None)
