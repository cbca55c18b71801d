"""Decisions about seats, each in the transaction it is asked in: guests, letters, signals and what is due next.

Everything that changes a guest list goes through `Seats`; the rules are `bot.domain.rsvp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.events import EventState, HostedEvent, MomentKind, lapse, refresh
from bot.domain.guests import SEATED, Guest, GuestList, Standing
from bot.domain.interactions import Interaction, Signal
from bot.domain.people import Community
from bot.domain.rsvp import Action, Barred, Decision, Finish, Lapsed, Offered, Seated, SeatOpen, decide, next_lapse
from bot.ports import UnitOfWork
from bot.usecases.events.admitting import Door
from bot.usecases.events.letters import Letters, letter_key, letter_name, reminder_name

EDIT_EVERY: Final = timedelta(seconds=4)
"""A card is edited at most once in this time: a group chat of the strictest platform takes 20 messages a minute."""

IN_LISTS: Final = {Standing.WAITING: "waiting", Standing.OFFERED: "offered"}
"""How the cards of suggestions say where somebody stands who has no seat yet."""


@dataclass(frozen=True, slots=True)
class Seats:
    """The guest list of one event within one unit of work."""

    uow: UnitOfWork
    community: Community
    event: HostedEvent
    now: datetime

    def decide(self, action: Action) -> Decision:
        """Carry out one action with all that follows from it. Nothing is written when nothing changed."""
        uow, number = self.uow, self.event.number
        member_id = getattr(action, "member_id", None)
        before = uow.guests.all(number) if isinstance(action, Finish) else uow.guests.around(number, member_id)
        door = Door(uow, self.community, self.event, self.now)
        decision = decide(self.event.terms, before, action, self.now, door.admits)
        changed = decision.changed(before)
        if not changed:
            self._tell(decision)
            return decision
        uow.guests.put(self.community.id, number, changed)
        self._tell(decision)
        self._withdraw(changed, before)
        for guest in changed:
            self._signal(guest, was=before.of(guest.member_id))
        ends = next_lapse(decision.guests)
        if ends is not None:
            uow.moments.arm(self.community.id, [lapse(self.event, ends)], again=True)
        else:
            uow.moments.disarm(number, (MomentKind.LAPSE,))
        self.touch()
        return decision

    def touch(self) -> None:
        """Let the cards follow soon: at once, or when the pause after the last edit is over."""
        self.uow.moments.touch(self.community.id, refresh(self.event, self.now), EDIT_EVERY)

    def _withdraw(self, changed: list[Guest], before: GuestList) -> None:
        """Letters that still wait and are not true any more: an offer that ended, a reminder of what they left."""
        keys: list[str] = []
        for guest in changed:
            was = before.of(guest.member_id)
            if was is None:
                continue
            if was.standing is Standing.OFFERED and was.until is not None:
                offer = letter_name(Offered(was.member_id, was.until), was)
                keys.append(letter_key(self.event, offer, was.member_id))
            if was.standing in SEATED and guest.standing not in SEATED:
                keys += reminder_keys(self.event, guest.member_id)
        if keys:
            self.uow.outbox.withdraw(self.community.id, keys)

    def _tell(self, decision: Decision) -> None:
        letters = Letters(self.uow, self.community, self.event, self.now)
        for effect in decision.effects:
            guest = decision.guests.of(effect.member_id)
            if guest is None or self.event.state is not EventState.PUBLISHED:
                continue
            match effect:
                case Offered() | Lapsed() | SeatOpen() | Seated(promoted=True) | Barred():
                    letters.tell(effect, guest)
                case _:
                    continue

    def _signal(self, guest: Guest, *, was: Guest | None) -> None:
        """Going is a signal for whoever lets it be one (the store asks); not coming after all takes it back."""
        key = f"rsvp:{self.event.id}:{guest.member_id}"
        comes = {Standing.GOING, Standing.CHECKED_IN}
        before = was is not None and was.standing in comes
        if guest.standing in comes and not before:
            self.uow.interactions.add(
                self.community.id,
                Interaction(guest.member_id, self.event.item, Signal.ATTEND, self.now, key),
            )
        elif before and guest.standing not in comes:
            self.uow.interactions.withdraw(self.community.id, key)


def reminder_keys(event: HostedEvent, member_id: int) -> list[str]:
    """Of every reminder that one guest may have waiting."""
    return [letter_key(event, reminder_name(event, str(minutes)), member_id) for minutes in event.reminders]


def standings_in_lists(uow: UnitOfWork, community_id: int, member_id: int) -> dict[str, str]:
    """By item: how the cards of events look to a member who has answered them."""
    guests = uow.guests.of_member(community_id, member_id, standings=SEATED | IN_LISTS.keys())
    found: dict[str, str] = {}
    for number, guest in guests.items():
        event = uow.hosted.numbered(community_id, number)
        if event is not None:
            found[event.item] = IN_LISTS.get(guest.standing, "going")
    return found
