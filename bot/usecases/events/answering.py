"""Answers to an event's card: going, maybe, can't, take, pass, remind me, excuse. Knows what a press means.

In a room that others read the answer is a word to whoever pressed; in somebody's own room the message itself becomes
the event as it is for them now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import SEATED, Standing
from bot.domain.outgoing import Button, Outgoing, Paragraph, Style, Text
from bot.domain.permissions import visible
from bot.domain.rsvp import (
    Action,
    AskedFirst,
    Barred,
    CheckedIn,
    Decline,
    Declined,
    Effect,
    Excuse,
    Excused,
    Go,
    Gone,
    Lapsed,
    Missed,
    Offered,
    Pass,
    Queued,
    Refused,
    Seated,
    SeatOpen,
    Why,
)
from bot.ports import Store, UnitOfWork
from bot.usecases.events.admitting import Door
from bot.usecases.events.cards import admission_name, crowd_of, length, own_card
from bot.usecases.events.seats import Seats
from bot.usecases.events.thread_places import Reader
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording

SECOND_TAP: Final = (timedelta(seconds=2), timedelta(minutes=5))
"""A second tap on the same button within this time means: yes, really. A double click does not."""

Manage = Callable[[UnitOfWork, Turn, HostedEvent, str], bool]
"""What the host's buttons do; False: there is no such act."""
Calendar = Callable[[UnitOfWork, Turn, HostedEvent], None]


@dataclass(frozen=True, slots=True)
class PressEvent:
    """One press on a card or letter of an event."""

    store: Store
    answering: Answering
    calendar: Calendar
    manage: Manage

    def __call__(self, turn: Turn, act: str, token: str) -> bool:
        """False: the event is gone or not theirs to see, or there is no such act."""
        with self.store.write() as uow:
            event = uow.hosted.by_token(turn.community.id, token)
            if event is None or not may_see(turn, event):
                return False
            if not turn.begin(uow):
                return True
            if not self._act(uow, turn, act, event):
                return False
            uow.commit()
        return True

    def _act(self, uow: UnitOfWork, turn: Turn, act: str, event: HostedEvent) -> bool:
        member_id, platform = turn.member.id, turn.room.ref.platform
        match act:
            case "go" | "take":
                self.decide(uow, turn, event, Go(member_id, platform))
            case "maybe" | "cant" | "leave-maybe" | "leave-cant":
                to = Standing.MAYBE if act.endswith("maybe") else Standing.CANT
                sure = act.startswith("leave") or tapped_before(
                    uow, turn.member.id, event, to, self.answering.clock.now()
                )
                self.decide(uow, turn, event, Decline(member_id, to, platform, sure))
            case "stay" | "open":
                self.show(uow, turn, event)
            case "pass":
                self.decide(uow, turn, event, Pass(member_id))
            case "excuse":
                self.decide(uow, turn, event, Excuse(member_id))
            case "remind":
                self._remind(uow, turn, event)
            case "cal":
                self.calendar(uow, turn, event)
            case _:
                return self.manage(uow, turn, event, act)
        return True

    def decide(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, action: Action) -> Effect | None:
        """Carry out what somebody does for themselves, and answer them."""
        now = self.answering.clock.now()
        decision = Seats(uow, turn.community, event, now).decide(action)
        effect = decision.answer(turn.member.id)
        if isinstance(effect, AskedFirst):
            self._ask_first(uow, turn, event, effect)
        elif isinstance(effect, Refused) and effect.why is Why.BARRED:
            self.answering.notice(uow, turn, Door(uow, turn.community, event, now).refusal(turn.wording, turn.member))
        else:
            self.show(uow, turn, event, notice=said(turn.wording, event, effect, turn.member.timezone, now))
        return effect

    def show(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, *, notice: str = "") -> None:
        """The event as it is for them now: in their own room the message itself, elsewhere only a word."""
        if turn.personal or not notice:
            self.answering.edit(uow, turn, self.card(uow, turn, event), notice=notice)
        else:
            self.answering.notice(uow, turn, notice)

    def card(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> Outgoing:
        return own_card(
            turn.wording,
            event,
            crowd_of(uow, turn.community.id, event),
            uow.guests.around(event.number, turn.member.id),
            turn.member.id,
            reader=Reader(turn.room.ref.platform, turn.viewer.audiences),
            manages=event.may_manage(turn.member, turn.role),
        )

    def _ask_first(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, effect: AskedFirst) -> None:
        """Others wait: leave or stay? Where nobody can be written to, tapping once more means leaving."""
        say, act = turn.wording.say, "maybe" if effect.to is Standing.MAYBE else "cant"
        note_question(uow, turn.member.id, event, effect.to, self.answering.clock.now())
        question = say("event-leave-question", count=effect.waiting, title=event.title)
        message = Outgoing(
            (Paragraph((Text(question),)),),
            (
                (
                    Button(say("event-button-leave"), code_of(f"leave-{act}", event.token), style=Style.DANGER),
                    Button(say("event-button-stay"), code_of("stay", event.token)),
                ),
            ),
            turn.wording.language,
        )
        self.answering.edit(uow, turn, message, notice=say("event-notice-leave", count=effect.waiting))

    def _remind(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        """Who goes is reminded anyway and chooses whether also by night; who may come chooses to be reminded."""
        say = turn.wording.say
        guest = uow.guests.around(event.number, turn.member.id).of(turn.member.id)
        if not event.open or event.starts_at <= self.answering.clock.now():
            notice = say("event-notice-over")
        elif not event.reminders:
            notice = say("event-notice-no-reminders")
        elif guest is not None and guest.standing in SEATED:
            always = turn.member.id not in uow.guests.always([turn.member.id])
            uow.guests.set_always(turn.community.id, turn.member.id, always=always)
            notice = say("event-notice-always" if always else "event-notice-quiet", when=offsets(turn.wording, event))
        else:
            notice = self._remind_maybe(uow, turn, event)
        self.show(uow, turn, event, notice=notice)

    def _remind_maybe(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> str:
        say, member_id = turn.wording.say, turn.member.id
        guests = uow.guests.around(event.number, member_id)
        guest = guests.of(member_id)
        if guest is None or guest.standing not in {Standing.MAYBE, Standing.WAITING, Standing.OFFERED}:
            action = Decline(member_id, Standing.MAYBE, turn.room.ref.platform)
            now = self.answering.clock.now()
            effect = Seats(uow, turn.community, event, now).decide(action).answer(member_id)
            if isinstance(effect, Refused) and effect.why is Why.BARRED:
                return Door(uow, turn.community, event, now).refusal(turn.wording, turn.member)
            guest = uow.guests.around(event.number, member_id).of(member_id)
        if guest is None or guest.standing is not Standing.MAYBE:
            return say("event-notice-remind-when-in")
        remind = not guest.remind
        uow.guests.put(turn.community.id, event.number, [replace(guest, remind=remind)])
        when = offsets(turn.wording, event)
        return say("event-notice-remind" if remind else "event-notice-no-reminder", when=when)


def _asked(event: HostedEvent) -> str:
    return f"leave:{event.id}"


def note_question(uow: UnitOfWork, member_id: int, event: HostedEvent, to: Standing, at: datetime) -> None:
    """They were told that others wait: the same tap once more means it."""
    uow.conversations.put(member_id, _asked(event), {"to": to.value, "at": at.isoformat()}, at)


def tapped_before(uow: UnitOfWork, member_id: int, event: HostedEvent, to: Standing, at: datetime) -> bool:
    """Whether this is that second tap."""
    asked = uow.conversations.get(member_id, _asked(event))
    if asked is None or asked.get("to") != to.value:
        return False
    uow.conversations.end(member_id, _asked(event))
    return SECOND_TAP[0] <= at - datetime.fromisoformat(str(asked["at"])) <= SECOND_TAP[1]


def may_see(turn: Turn, event: HostedEvent) -> bool:
    """Whether the event exists for whoever asks: drafts are their host's alone, and nobody's once they are given up."""
    if event.discarded or not visible(turn.viewer, event.audience):
        return False
    return event.state not in {EventState.DRAFT, EventState.SCHEDULED} or event.may_manage(turn.member, turn.role)


def offsets(wording: Wording, event: HostedEvent) -> str:
    """``1 d and 15 min``."""
    return wording.listing([length(wording, minutes) for minutes in sorted(event.reminders, reverse=True)])


_PLAIN: Final[dict[type, str]] = {
    SeatOpen: "open",
    Lapsed: "lapsed",
    CheckedIn: "checked-in",
    Missed: "missed",
    Excused: "excused",
    Gone: "gone",
}


def said(wording: Wording, event: HostedEvent, effect: Effect | None, timezone: str, now: datetime) -> str:
    """What became of an act, for whoever acted; at most 200 characters, as the strictest platform shows them."""
    say = wording.say
    match effect:
        case Seated():
            reminded = any(event.starts_at - timedelta(minutes=minutes) > now for minutes in event.reminders)
            return say(
                "event-notice-going" if reminded else "event-notice-going-soon",
                when=wording.in_full(event.starts_at, timezone),
            )
        case Queued(position=position):
            return say("event-notice-queued", position=position)
        case Offered(until=until):
            return say("event-notice-offered", until=wording.in_full(until, timezone))
        case Declined(to=to):
            return say(f"event-notice-{to.value}")
        case AskedFirst(waiting=waiting):
            return say("event-notice-leave", count=waiting)
        case Refused(why=Why.ALREADY, position=position) if position:
            return say("event-notice-queued", position=position)
        case Refused(why=Why.BARRED):
            return say("event-notice-not-for-you", who=admission_name(wording, event))
        case Barred():
            return say("event-barred-now")
        case Refused(why=why):
            return say(f"event-notice-{why.value.replace('_', '-')}")
        case None:
            return say("event-notice-already")
        case _:
            return say(f"event-notice-{_PLAIN[type(effect)]}")
