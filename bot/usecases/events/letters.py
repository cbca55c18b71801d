"""What guests are written about an event, each in their own room and language. Knows words; decides nothing.

All of it was asked for by answering the event's card: it is not counted among what nobody asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.events import HostedEvent
from bot.domain.guests import Guest, Standing
from bot.domain.outgoing import Button, DeliveryClass, Heading, Inline, Outgoing, Paragraph, Rows, Sending, Style, Text
from bot.domain.people import Community, Member
from bot.domain.rsvp import Barred, Lapsed, Offered, Seated, SeatOpen
from bot.ports import UnitOfWork
from bot.usecases.events.admitting import Door
from bot.usecases.events.cards import local_time, offer_line
from bot.usecases.reach import platform_for
from bot.usecases.views import code_of
from bot.wording import Wording, choose

Letter = Offered | Lapsed | SeatOpen | Seated | Barred


def letter_key(event: HostedEvent, what: str, member_id: int) -> str:
    """Of a letter in the outbox: one of a kind for each member."""
    return f"event:{event.id}:{what}:{member_id}"


def reminder_name(event: HostedEvent, minutes: str) -> str:
    """Of the reminder so many minutes before the start that the event has now."""
    return f"remind:{minutes}:{event.starts_at.isoformat()}"


def letter_name(effect: Letter, guest: Guest) -> str:
    if isinstance(effect, Barred):
        return f"barred:{guest.place}"  # once for each time that they queue
    return f"{type(effect).__name__.lower()}:{guest.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Letters:
    """Queues letters of one event."""

    uow: UnitOfWork
    community: Community
    event: HostedEvent
    now: datetime

    def tell(self, effect: Letter, guest: Guest) -> None:
        """About a seat: offered, gone on, free, theirs."""
        member = self.uow.members.get(guest.member_id)
        if member is None:
            return
        wording = choose(member.language, self.community.language)
        say, token = wording.say, self.event.token
        lead: tuple[Inline, ...]
        buttons: Rows = ()
        take = Button(say("event-button-take"), code_of("take", token), style=Style.SUCCESS)
        give_way = Button(say("event-button-pass"), code_of("pass", token))
        match effect:
            case Offered():
                lead, buttons = offer_line(wording, self.event, guest), ((take, give_way),)
            case SeatOpen():
                lead, buttons = (Text(say("event-letter-open")),), ((take, give_way),)
            case Lapsed():
                lead = (Text(say("event-letter-lapsed")),)
            case Seated():
                lead = (Text(say("event-letter-promoted")),)
                buttons = ((Button(say("event-button-cant"), code_of("cant", token)),),)
            case Barred():
                why = Door(self.uow, self.community, self.event, self.now).refusal(wording, member)
                lead = (Text(f"{say('event-letter-barred')} {why}"),)
                buttons = ((Button(say("event-button-unqueue"), code_of("pass", token)),),)
        self.send(member, guest, letter_name(effect, guest), self.message(wording, lead, buttons))

    def message(self, wording: Wording, lead: tuple[Inline, ...], buttons: Rows = ()) -> Outgoing:
        """The event's title and time below what there is to say."""
        when = local_time(wording, self.event.starts_at, self.event.timezone)
        blocks = (Heading(wording.say("event-title", title=self.event.title)), Paragraph(lead))
        return Outgoing((*blocks, Paragraph((Text("🗓 "), when))), buttons, wording.language)

    def send(
        self,
        member: Member,
        guest: Guest | None,
        what: str,
        message: Outgoing,
        *,
        not_before: datetime | None = None,
        hidden: bool = False,
    ) -> str:
        """Queue it for their own room; `what` makes it the only one of its kind. Returns the sending's key.

        `hidden`: the event itself may not be seen any more (it was cancelled); the letter says so all the same.
        """
        hosts = member.id == self.event.host_id
        wanted = guest.platform if guest else self.event.host_platform if hosts else ""
        platform = platform_for(self.uow, member.id, wanted)
        room = self.uow.rooms.direct(self.community.id, platform or "web", member.id)
        key = letter_key(self.event, what, member.id)
        sending = Sending(
            key=key,
            room=room.ref,
            message=message,
            delivery=DeliveryClass.AT_LEAST_ONCE,
            items=() if hidden else (self.event.item,),
            not_before=not_before,
            to_member=member.id,
        )
        self.uow.outbox.add(self.community.id, sending, self.now)
        return key

    def leave_buttons(self, wording: Wording, guest: Guest) -> Rows:
        """Under news of the event: whoever cannot come now, or does not want to wait any longer, says so."""
        say, token = wording.say, self.event.token
        if guest.standing is Standing.OFFERED:
            take = Button(say("event-button-take"), code_of("take", token), style=Style.SUCCESS)
            return ((take, Button(say("event-button-pass"), code_of("pass", token))),)
        if guest.standing is Standing.WAITING:
            return ((Button(say("event-button-unqueue"), code_of("pass", token)),),)
        going = Button(say("event-button-go"), code_of("go", token), style=Style.SUCCESS)
        cant = Button(say("event-button-cant"), code_of("cant", token))
        return ((going, cant),) if guest.standing is Standing.MAYBE else ((cant,),)

    def reminder_buttons(self, wording: Wording) -> Rows:
        """Whoever cannot come after all says so with one tap."""
        say, token = wording.say, self.event.token
        quiet = Button(say("event-button-remind"), code_of("remind", token))
        return ((Button(say("event-button-cant"), code_of("cant", token)), quiet),)
