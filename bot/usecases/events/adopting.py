"""Answers that come from lists of suggestions, and events that came with an import: both end in one guest list."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.events import EventState, HostedEvent, adopted
from bot.domain.guests import SEATED, Standing
from bot.domain.items import ItemId, native_of
from bot.domain.people import Community
from bot.domain.rsvp import AskedFirst, Decline, Go, Pass, Refused, Why
from bot.ports import Clock, Ids, UnitOfWork
from bot.usecases.events.admitting import Door
from bot.usecases.events.answering import note_question, said, tapped_before
from bot.usecases.events.codes import check_in_code
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.seats import IN_LISTS, Seats
from bot.usecases.turn import Turn


@dataclass(frozen=True, slots=True)
class Attend:
    """Going, or not after all, from the card of a suggestion."""

    clock: Clock
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn, item: str, *, going: bool) -> tuple[str, str]:
        """The state of the suggestion's card (empty: not answered) and what is said to whoever pressed."""
        event = self.hosted(uow, turn.community, native_of(ItemId(item)))
        if event is None:
            return "", turn.wording.say("notice-item-gone")
        platform, member_id = turn.room.ref.platform, turn.member.id
        seats = Seats(uow, turn.community, event, self.clock.now())
        if going:
            decision = seats.decide(Go(member_id, platform))
            answer = decision.answer(member_id)
            if isinstance(answer, Refused) and answer.why is Why.BARRED:
                door = Door(uow, turn.community, event, self.clock.now())
                return "", door.refusal(turn.wording, turn.member)
        else:
            now = self.clock.now()
            sure = tapped_before(uow, member_id, event, Standing.CANT, now)
            decision = seats.decide(Decline(member_id, Standing.CANT, platform, sure))
            if isinstance(decision.answer(member_id), AskedFirst):
                note_question(uow, member_id, event, Standing.CANT, now)
            elif isinstance(decision.answer(member_id), Refused):
                decision = seats.decide(Pass(member_id))
        guest = decision.guests.of(member_id)
        standing = guest.standing if guest else None
        state = "going" if standing in SEATED else IN_LISTS.get(standing, "") if standing else ""
        return state, said(turn.wording, event, decision.answer(member_id), turn.member.timezone, self.clock.now())

    def hosted(self, uow: UnitOfWork, community: Community, event_id: str) -> HostedEvent | None:
        """The event with its guest list; one that came with an import gets its own at the first answer."""
        known = uow.hosted.get(community.id, event_id)
        if known is not None:
            return known
        event = uow.events.get(community.id, [event_id]).get(event_id)
        if event is None:
            return None
        fresh = adopted(event, code=check_in_code(self.ids), token=self.ids.code())
        hosting = Hosting(uow, community, self.clock.now(), "import")
        if fresh.ends_at <= self.clock.now():
            return hosting.create(fresh.changed(state=EventState.OVER))
        return hosting.publish(hosting.create(fresh))
