"""What is done when a moment of an event has come. One transaction: the mark that it is done, and all that it does.

How late is still in time: an offer, the last call, the end and a post that was scheduled are done however late. A
reminder is sent until the event begins, and of several that are due together only the one nearest to the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from typing import Final, assert_never

from bot.domain.digests import DigestSettings
from bot.domain.events import EventState, HostedEvent, Moment, MomentKind, flaws, moment
from bot.domain.guests import Guest, Standing
from bot.domain.outgoing import DeliveryClass, Inline, Mention, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Community
from bot.domain.rsvp import Finish, Settle
from bot.domain.threads import CLOSES_AFTER
from bot.ports import Clock, Ids, Store, UnitOfWork
from bot.usecases.events.cards import length, local_time
from bot.usecases.events.letters import Letters, letter_key, reminder_name
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.recap_chat import RECAP_AFTER, SendRecap
from bot.usecases.events.refreshing import Refresh
from bot.usecases.events.seats import Seats, reminder_keys
from bot.usecases.events.series import Series
from bot.usecases.events.thread_places import Reader, ThreadPlace, thread_places
from bot.usecases.events.thread_words import way_to
from bot.usecases.events.threads import Threads, Traits, usable
from bot.usecases.reach import platform_for
from bot.wording import choose

FOLLOW_UP: Final = timedelta(minutes=2)
"""After letters went out: whom did they not reach?"""
_UNREACHED: Final = frozenset({"refused", "malformed"})


@dataclass(frozen=True, slots=True)
class DoWhatIsDue:
    store: Store
    clock: Clock
    recap: SendRecap
    ids: Ids
    threads: Traits = field(default_factory=dict)

    def __call__(self, community_id: int, moment: Moment) -> None:
        now = self.clock.now()
        with self.store.write() as uow:
            community = uow.communities.get(community_id)
            event = uow.hosted.numbered(community_id, moment.event)
            if community is None or event is None:
                uow.moments.finish(moment.event, moment.what, "gone", now)
            elif uow.moments.finish(moment.event, moment.what, "done", now):
                work = _Due(uow, community, event, moment, self.clock, self.recap, self.ids, self.threads)
                work.run()
            uow.commit()


@dataclass(frozen=True, slots=True)
class _Due:
    uow: UnitOfWork
    community: Community
    event: HostedEvent
    moment: Moment
    clock: Clock
    recap: SendRecap
    ids: Ids
    threads: Traits

    def run(self) -> None:
        match self.moment.kind:
            case MomentKind.PUBLISH:
                self._publish()
            case MomentKind.REFRESH:
                Refresh(self.uow, self.community, self.clock.now())(self.event)
            case MomentKind.DOOR | MomentKind.LAPSE | MomentKind.LAST_CALL:
                self._settle()
            case MomentKind.REMIND:
                self._remind()
            case MomentKind.FOLLOW_UP:
                self._follow_up()
            case MomentKind.OVER:
                self._over()
            case MomentKind.RECAP:
                if self.event.state is EventState.OVER and self._of_this_start():
                    self.recap(self.uow, self.community, self.event, self.clock.now())
            case MomentKind.THREAD | MomentKind.LOCK:
                self._threads()
            case MomentKind.ASK_ON:
                if self._of_this_start():
                    self._series().ask(self.event)
            case _:
                assert_never(self.moment.kind)

    def _threads(self) -> None:
        threads = Threads(self.uow, self.community, self.clock.now(), self.threads)
        if self.moment.kind is MomentKind.THREAD:
            threads(self.event)
        elif not self.event.open and self._of_this_start():
            threads.lock(self.event)

    def _seats(self) -> Seats:
        return Seats(self.uow, self.community, self.event, self.clock.now())

    def _series(self) -> Series:
        return Series(self.uow, self.community, self.clock.now(), self.ids)

    def _settle(self) -> None:
        """An offer has ended, or roles have other names or are gone, or somebody who waits has one no more."""
        event = Hosting(self.uow, self.community, self.clock.now(), "platform").mind_roles(self.event)
        if event.state not in {EventState.DRAFT, EventState.SCHEDULED}:
            Seats(self.uow, self.community, event, self.clock.now()).decide(Settle())

    def _publish(self) -> None:
        """What has come to be impossible meanwhile, such as a start that passed, stays with its host as a draft."""
        if self.event.state is not EventState.SCHEDULED:
            return
        hosting = Hosting(self.uow, self.community, self.clock.now(), "scheduler")
        flaw = next(flaws(self.event, self.clock.now()), None)
        if flaw is None:
            self._series().extend(hosting.publish(self.event))
        else:
            hosting.hold_back(self.event, flaw)

    def _remind(self) -> None:
        now, event = self.clock.now(), self.event
        if not event.open or now >= event.starts_at or not self._of_this_start():
            return
        waiting = self.uow.moments.waiting(event.number)
        if any(other.kind is MomentKind.REMIND and other.due_at <= now for other in waiting):
            return  # a nearer one is due as well
        guests = [
            guest
            for guest in self.uow.guests.all(event.number).guests.values()
            if guest.standing is Standing.GOING or (guest.standing is Standing.MAYBE and guest.remind)
        ]
        always = self.uow.guests.always([guest.member_id for guest in guests])
        letters = Letters(self.uow, self.community, event, now)
        # An earlier one that still waits, for a morning or for a platform that was away, would come too late.
        name = reminder_name(event, self.moment.detail)
        late = {key for guest in guests for key in reminder_keys(event, guest.member_id)}
        late -= {letter_key(event, name, guest.member_id) for guest in guests}
        self.uow.outbox.withdraw(self.community.id, sorted(late))
        places = thread_places(self.uow, event)
        sent = False
        for guest in guests:
            sent |= self._remind_one(letters, guest, places, always=guest.member_id in always)
        if sent:
            self._look_after(self.moment.detail)

    def _remind_one(self, letters: Letters, guest: Guest, places: Sequence[ThreadPlace], *, always: bool) -> bool:
        now, event = self.clock.now(), self.event
        member = self.uow.members.get(guest.member_id)
        if member is None:
            return False
        settings: DigestSettings = self.uow.digests.get(member.id)
        at = now if always else settings.awake_from(now, member.timezone)
        if at >= event.starts_at:
            return False  # they sleep until it has begun, and did not ask to be woken
        wording = choose(member.language, self.community.language)
        left = ceil((event.starts_at - max(at, now)) / timedelta(minutes=1))
        lead = wording.say("event-letter-remind", left=length(wording, max(left, 1)))
        if event.venue.text:
            lead += "\n" + wording.say("event-letter-where", place=event.venue.text)
        message = letters.message(wording, (Text(lead),), letters.reminder_buttons(wording))
        platform = platform_for(self.uow, member.id, guest.platform) or guest.platform
        way = way_to(wording, places, Reader(platform, self.uow.rooms.viewer(member).audiences)) if places else ()
        if way:
            message = replace(message, blocks=(*message.blocks, Paragraph(way)))
        name = reminder_name(event, self.moment.detail)
        letters.send(member, guest, name, message, not_before=at if at > now else None)
        return True

    def _look_after(self, detail: str) -> None:
        name = f"{MomentKind.FOLLOW_UP.value}:{detail}@{self.event.starts_at.isoformat()}"
        due = Moment(self.event.number, name, self.clock.now() + FOLLOW_UP)
        self.uow.moments.arm(self.community.id, [due])

    def _follow_up(self) -> None:
        """Whoever cannot be written to is named in the event's room instead."""
        event = self.event
        if not event.open or self.clock.now() >= event.starts_at:
            return
        name = reminder_name(event, self.moment.detail)
        missed = [
            guest.member_id
            for guest in self.uow.guests.all(event.number).guests.values()
            if self.uow.outbox.state(self.community.id, letter_key(event, name, guest.member_id)) in _UNREACHED
        ]
        if missed:
            self.mention(missed, name)

    def mention(self, members: list[int], name: str) -> None:
        """One message a platform: in the event's thread, otherwise in the first room there that has its card."""
        by_platform: dict[str, list[Mention]] = {}
        for member_id in members:
            for identity in self.uow.members.identities(member_id):
                mention = Mention(identity.account, identity.name, ping=True)
                by_platform.setdefault(identity.account.platform, []).append(mention)
        done: set[str] = set()
        threads = [row.thread_id for row in self.uow.threads.all(self.event.number) if usable(row)]
        cards = [card.room_id for card in self.uow.cards.all(self.event.number) if not card.lost]
        for room_id in [*threads, *cards]:
            room = self.uow.rooms.get(room_id) if room_id is not None else None
            if room is None or room.ref.platform in done or room.ref.platform not in by_platform:
                continue
            done.add(room.ref.platform)
            named = by_platform[room.ref.platform]
            self.uow.outbox.add(
                self.community.id,
                Sending(
                    key=f"event:{self.event.id}:{name}:room:{room.id}",
                    room=room.ref,
                    message=self._reminder_in_room(named),
                    delivery=DeliveryClass.AT_LEAST_ONCE,
                    items=(self.event.item,),
                ),
                self.clock.now(),
            )

    def _reminder_in_room(self, named: list[Mention]) -> Outgoing:
        wording = choose(self.community.language)
        inlines: list[Inline] = []
        for mention in named:
            inlines += [mention, Text(" ")]
        inlines.append(Text(wording.say("event-room-remind", title=self.event.title) + " "))
        inlines.append(local_time(wording, self.event.starts_at, self.event.timezone))
        return Outgoing((Paragraph(tuple(inlines)),), language=wording.language)

    def _over(self) -> None:
        if not self.event.open or not self._of_this_start():
            return
        self._seats().decide(Finish())
        ended = self.uow.hosted.put(
            self.community.id, replace(self.event, state=EventState.OVER, version=self.event.version + 1)
        )
        Seats(self.uow, self.community, ended, self.clock.now()).touch()
        due_at = self.event.ends_at + RECAP_AFTER
        lock_at = self.event.ends_at + CLOSES_AFTER
        ahead = [moment(MomentKind.RECAP, self.event, due_at), moment(MomentKind.LOCK, self.event, lock_at)]
        self.uow.moments.arm(self.community.id, ahead)
        self._series().over(ended)

    def _of_this_start(self) -> bool:
        """Of the time the event has now, and not of one it was moved from."""
        return self.moment.what.endswith(f"@{self.event.starts_at.isoformat()}")
