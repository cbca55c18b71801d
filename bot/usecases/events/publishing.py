"""An event becomes public, changes, is cancelled, is over: its state with everything that hangs on it.

One transaction each: state, item, moments, letters, the audit row. Posting and editing cards is done when the refresh
that is armed here is due (`bot.usecases.events.refreshing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.admission import NativeRole
from bot.domain.events import EventState, Flaw, HostedEvent, Moment, MomentKind, in_step, moment, moments_of
from bot.domain.guests import HOLDING, Guest, Standing
from bot.domain.outgoing import Button, Inline, Style, Text
from bot.domain.people import Community, Member
from bot.domain.rsvp import Remove, Settle
from bot.domain.threads import CLOSES_AFTER
from bot.ports import AuditRow, ButtonRow, UnitOfWork
from bot.usecases.events.admitting import roles_here
from bot.usecases.events.calendar import struck_out
from bot.usecases.events.cards import crowd_of, length, local_time, role_name
from bot.usecases.events.letters import Letters
from bot.usecases.events.seats import Seats, reminder_keys
from bot.usecases.events.thread_words import cancelled_line, say_in_threads
from bot.usecases.views import code_of
from bot.wording import Wording, choose

ACTION: Final = "event"
"""Of the buttons on cards and letters; their payload names the event."""
_HEAR: Final = HOLDING | {Standing.WAITING, Standing.MAYBE}
"""Who is told when an event moves or is cancelled."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """What a host or a moderator does with an event, within one unit of work. `actor`: for the audit log."""

    uow: UnitOfWork
    community: Community
    now: datetime
    actor: str

    def create(self, event: HostedEvent) -> HostedEvent:
        """A draft; its buttons work from now on."""
        self.uow.buttons.add(self.community.id, [ButtonRow(event.token, ACTION, {"event": event.id}, None, self.now)])
        event = self._put(event)
        self._audit("event.create", event, event.title)
        return event

    def publish(self, event: HostedEvent) -> HostedEvent:
        """Members see it from now on; its cards go out."""
        event = self._put(event.changed(state=EventState.PUBLISHED, publish_at=None))
        self.uow.events.upsert(self.community.id, event.face(crowd_of(self.uow, self.community.id, event).going))
        self._arm(event)
        self._audit("event.publish", event, event.title)
        return event

    def schedule(self, event: HostedEvent, at: datetime) -> HostedEvent:
        """It is published by itself at `at`."""
        event = self._put(event.changed(state=EventState.SCHEDULED, publish_at=at))
        self.uow.moments.arm(self.community.id, [Moment(event.number, MomentKind.PUBLISH.value, at)], again=True)
        self._audit("event.schedule", event, at.isoformat())
        return event

    def hold_back(self, event: HostedEvent, flaw: Flaw) -> HostedEvent:
        """It was to be published by itself and cannot be: a draft again, and its host is told why."""
        event = self._put(event.changed(state=EventState.DRAFT, publish_at=None))
        host = self.uow.members.get(event.host_id) if event.host_id is not None else None
        if host is not None:
            wording = choose(host.language, self.community.language)
            why = f"{wording.say('event-letter-held-back')}\n{wording.say(f'event-flaw-{flaw.value}')}"
            edit = Button(wording.say("event-manage-edit"), code_of("m-edit", event.token), style=Style.PRIMARY)
            letters = Letters(self.uow, self.community, event, self.now)
            message = letters.message(wording, (Text(why),), ((edit,),))
            letters.send(host, None, f"held-back:{event.version}", message, hidden=True)
        self._audit("event.hold-back", event, flaw.value)
        return event

    def change(self, before: HostedEvent, after: HostedEvent) -> HostedEvent:
        """An edit, already checked. Guests hear of another time or place; more seats promote at once."""
        differences = ", ".join(_differences(before, after)) or "-"
        if before.state is not EventState.PUBLISHED:
            after = self._put(after)
            self._audit("event.edit", after, differences)
            return after
        after = self._put(after)
        self._forget_reminders(before)
        moved = (before.starts_at, before.minutes) != (after.starts_at, after.minutes)
        if moved or before.reminders != after.reminders:
            self.uow.moments.disarm(after.number, (MomentKind.REMIND, MomentKind.LAST_CALL, MomentKind.OVER))
            self._arm(after)
        if moved or before.venue != after.venue:
            what = f"moved:{after.version}"
            self._tell(after, "event-letter-moved", what, before=before)
            wording = choose(self.community.language)
            when = local_time(wording, after.starts_at, after.timezone)
            line = (*_moved(wording, before, after), Text("\n🗓 "), when)
            say_in_threads(self.uow, self.community, after, what, line, self.now)
        more = after.capacity == 0 or (before.capacity and after.capacity > before.capacity)
        seats = Seats(self.uow, self.community, after, self.now)
        seats.decide(Settle(promote=bool(more) and before.capacity != after.capacity))
        seats.touch()
        self._keep_threads(after)
        self.uow.events.upsert(self.community.id, after.face(crowd_of(self.uow, self.community.id, after).going))
        self._audit("event.change", after, differences)
        return after

    def cancel(self, event: HostedEvent, reason: str) -> HostedEvent:
        """Guests are told, nothing is due any more, and it is suggested to nobody."""
        published = event.state is EventState.PUBLISHED
        event = self._put(event.changed(state=EventState.CANCELLED, publish_at=None))
        self.uow.moments.disarm(event.number)
        if published:
            self._forget_reminders(event)
            self._tell(event, "event-letter-cancelled", "cancelled", reason=reason)
            line = cancelled_line(choose(self.community.language), reason)
            say_in_threads(self.uow, self.community, event, "cancelled", line, self.now)
            self.uow.moments.arm(self.community.id, [moment(MomentKind.LOCK, event, self.now + CLOSES_AFTER)])
            self.uow.events.remove(self.community.id, event.id)
            Seats(self.uow, self.community, event, self.now).touch()
        self._audit("event.cancel", event, reason)
        return event

    def discard(self, event: HostedEvent) -> None:
        """A draft is given up."""
        event = self._put(event.changed(state=EventState.CANCELLED, publish_at=None, discarded=True))
        self.uow.moments.disarm(event.number)
        self._audit("event.discard", event, event.title)

    def mind_roles(self, event: HostedEvent) -> HostedEvent:
        """The names that its roles have now. Where one is gone its host is told; where all are, it is for staff until
        the host chooses anew, and whoever has a seat keeps it."""
        admission, gone = event.admission.knowing(roles_here(self.uow, self.community.id))
        if admission == event.admission:
            return event
        after = self.change(event, event.changed(admission=admission))
        if gone:
            self._audit("event.role-gone", after, ", ".join(role.name for role in gone))
            self._tell_host(after, gone)
        return after

    def _tell_host(self, event: HostedEvent, gone: Sequence[NativeRole]) -> None:
        host = self.uow.members.get(event.host_id) if event.host_id is not None else None
        if host is None:
            return
        wording = choose(host.language, self.community.language)
        roles = wording.listing([role_name(wording, role) for role in gone])
        left = "event-letter-roles-left" if event.admission.roles else "event-letter-roles-none"
        lead = (Text(f"{wording.say('event-letter-role-gone', roles=roles)} {wording.say(left)}"),)
        button = Button(wording.say("event-manage-who"), code_of("m-who", event.token), style=Style.PRIMARY)
        letters = Letters(self.uow, self.community, event, self.now)
        letters.send(host, None, f"roles:{event.version}", letters.message(wording, lead, ((button,),)), hidden=True)

    def remove(self, event: HostedEvent, guest: Member) -> bool:
        """Somebody is taken off the list and told; the next in line is asked. False: they are not on it."""
        known = self.uow.guests.around(event.number, guest.id).of(guest.id)
        if known is None or known.standing not in _HEAR or not event.open:
            return False
        Seats(self.uow, self.community, event, self.now).decide(Remove(guest.id))
        wording = choose(guest.language, self.community.language)
        letters = Letters(self.uow, self.community, event, self.now)
        lead = (Text(wording.say("event-letter-removed")),)
        letters.send(guest, known, f"removed:{self.now.isoformat()}", letters.message(wording, lead))
        self._audit("event.remove", event, f"member:{guest.id}")
        return True

    def answered_for(self, event: HostedEvent, guest: Member, answer: str) -> None:
        """Somebody of the staff answered in the place of a guest."""
        self._audit("event.rsvp", event, f"member:{guest.id} {answer}")

    def seen(self, event: HostedEvent, action: str) -> None:
        """A host looked at what not everybody may see."""
        self._audit(action, event, event.title)

    def hand_over(self, event: HostedEvent, host: Member) -> HostedEvent:
        """Somebody else is its host from now on."""
        event = self._put(event.changed(host_id=host.id, host_name=host.name, host_platform=""))
        if event.open:
            Seats(self.uow, self.community, event, self.now).touch()
        self._audit("event.host", event, host.name)
        return event

    def write(self, event: HostedEvent, words: str) -> int:
        """A message of the host to everybody who comes; how many."""
        told = self._tell(event, "event-letter-words", f"words:{self.now.isoformat()}", words=words, who=HOLDING)
        self._audit("event.write", event, f"{told} guests")
        return told

    def _forget_reminders(self, event: HostedEvent) -> None:
        """Those that wait for the morning say what may not be so any more."""
        guests = self.uow.guests.all(event.number).guests
        keys = [key for member_id in guests for key in reminder_keys(event, member_id)]
        self.uow.outbox.withdraw(self.community.id, keys)

    def _put(self, event: HostedEvent) -> HostedEvent:
        return self.uow.hosted.put(self.community.id, replace(event, changed_at=self.now))

    def _arm(self, event: HostedEvent) -> None:
        self.uow.moments.arm(self.community.id, moments_of(event, self.now))
        Seats(self.uow, self.community, event, self.now).touch()
        self._keep_threads(event)

    def _keep_threads(self, event: HostedEvent) -> None:
        self.uow.moments.touch(self.community.id, in_step(event, self.now), timedelta(0))

    def _tell(
        self,
        event: HostedEvent,
        message: str,
        what: str,
        *,
        reason: str = "",
        words: str = "",
        who: Iterable[Standing] = _HEAR,
        before: HostedEvent | None = None,
    ) -> int:
        letters = Letters(self.uow, self.community, event, self.now)
        wanted, told = frozenset(who), 0
        guests: list[Guest] = [g for g in self.uow.guests.all(event.number).guests.values() if g.standing in wanted]
        known = {member.id: member for member in self.uow.members.some(guest.member_id for guest in guests)}
        for guest in guests:
            member = known.get(guest.member_id)
            if member is None or member.id == event.host_id:
                continue
            wording = choose(member.language, self.community.language)
            lead = (
                self._lead(wording, event, message, reason=reason, words=words)
                if before is None
                else _moved(wording, before, event)
            )
            if event.state is EventState.CANCELLED:
                letter = letters.message(wording, lead)
                file = struck_out(self.uow, self.community.id, event, member.id, wording, self.now)
                letters.send(member, guest, what, replace(letter, blocks=(*letter.blocks, file)), hidden=True)
            else:
                buttons = letters.leave_buttons(wording, guest)
                if before is not None:
                    # Whoever has the old time or place in a calendar takes the new one with a tap.
                    calendar = Button(wording.say("event-button-calendar"), code_of("cal", event.token))
                    buttons = (*buttons, (calendar,))
                letters.send(member, guest, what, letters.message(wording, lead, buttons))
            told += 1
        return told

    def _lead(
        self, wording: Wording, event: HostedEvent, message: str, *, reason: str, words: str
    ) -> tuple[Inline, ...]:
        say = wording.say
        if message == "event-letter-cancelled":
            return (Text(say(message) + (f" {say('event-letter-reason', reason=reason)}" if reason else "")),)
        if message == "event-letter-words":
            return (Text(say(message, host=event.host_name or "?", words=words)),)
        return (Text(say(message)),)

    def _audit(self, action: str, event: HostedEvent, reason: str) -> None:
        row = AuditRow(self.now, self.actor, action, event.item, reason[:300])
        self.uow.audit.add(self.community.id, row)


def _moved(wording: Wording, before: HostedEvent, after: HostedEvent) -> tuple[Inline, ...]:
    """What is different, a line each: when (and when it was to be), how long, where."""
    say, lines = wording.say, list[tuple[Inline, ...]]()
    if before.starts_at != after.starts_at:
        first, _, rest = say("event-letter-moved", before="\u0000").partition("\u0000")
        lines.append((Text(first), local_time(wording, before.starts_at, before.timezone), Text(rest)))
    if before.minutes != after.minutes:
        lines.append((Text(say("event-letter-length", length=length(wording, after.minutes))),))
    if before.venue != after.venue:
        lines.append((Text(say("event-letter-elsewhere", place=after.venue.text or say("event-no-place"))),))
    return tuple(part for number, line in enumerate(lines) for part in (*((Text("\n"),) if number else ()), *line))


_EDITED: Final = (
    "title", "description", "starts_at", "minutes", "venue", "capacity", "waitlist", "admission", "reminders",
    "closed", "unconfirmed", "rooms", "thread", "courses", "longest_offer", "repeats", "paused",
)  # fmt: skip


def _differences(before: HostedEvent, after: HostedEvent) -> list[str]:
    return [name for name in _EDITED if getattr(before, name) != getattr(after, name)]
