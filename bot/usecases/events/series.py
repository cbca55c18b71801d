"""Events that repeat: the next instances are there in time, their host is asked whether each is still on.

The first instance is the head of its series and carries the rule (`HostedEvent.repeats`). Instances are events of their
own: answers, seats and reminders belong to one evening. Until its host says yes, an instance is labelled as
unconfirmed; it takes place all the same. When two in a row ended without a word the series pauses: nothing new is made
until its host resumes it. An instance's card is posted when the one before it is over, so that rooms show one at a
time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.events import NO_SLOT, EventState, HostedEvent, MomentKind, moment
from bot.domain.outgoing import Button, Inline, Style, Text
from bot.domain.people import Community
from bot.domain.recurrence import Recurrence
from bot.ports import Ids, UnitOfWork
from bot.usecases.events.codes import check_in_code
from bot.usecases.events.letters import Letters
from bot.usecases.events.publishing import Hosting
from bot.usecases.views import code_of
from bot.wording import choose

AHEAD: Final = 2
"""Instances that lie ahead of now."""
ASK_BEFORE: Final = timedelta(days=3)
SILENCES: Final = 2
"""Instances in a row that ended unconfirmed, after which a series pauses."""


class Made(StrEnum):
    """What becomes of those that are announced already when a series gets another rhythm."""

    MOVE = "move"
    CANCEL = "cancel"
    KEEP = "keep"


def slot_of(event: HostedEvent) -> int:
    """Which of its series' times it stands for; of those from before this was kept, the number in their id."""
    if event.slot is not None:
        return event.slot
    number = event.id.rpartition("-")[2]
    return int(number) if number.isdecimal() else NO_SLOT


@dataclass(frozen=True, slots=True)
class Series:
    """Within one unit of work."""

    uow: UnitOfWork
    community: Community
    now: datetime
    ids: Ids

    def head(self, event: HostedEvent) -> HostedEvent | None:
        return self.uow.hosted.get(self.community.id, event.series) if event.series else None

    def instances(self, head: HostedEvent) -> list[HostedEvent]:
        return self.uow.hosted.all(self.community.id, series=head.id)

    def extend(self, head: HostedEvent) -> list[HostedEvent]:
        """Make what is missing among the next instances; those that were made."""
        if head.repeats is None or head.paused:
            return []
        instances = self.instances(head)
        taken = {slot_of(event) for event in instances if event.id != head.id} | {0}
        ids = {event.id for event in instances}
        # Where instances of an older rhythm were kept, the new one begins after them.
        since = max([self.now, *(one.starts_at for one in instances if one.slot == NO_SLOT and one.open)])
        made: list[HostedEvent] = []
        for index, starts_at in head.repeats.after(since, limit=AHEAD):
            if index in taken:
                continue
            event_id = f"{head.id}-{index}"
            fresh_id = self.ids.code() if event_id in ids else event_id
            made.append(self._make(head, fresh_id, starts_at.astimezone(UTC), index))
        return made

    def following(self, event: HostedEvent) -> list[HostedEvent]:
        """Those of its series that are announced for after it."""
        head = self.head(event)
        later = self.instances(head) if head is not None else []
        return [one for one in later if one.open and one.starts_at > max(event.starts_at, self.now)]

    def change_rule(self, event: HostedEvent, rule: Recurrence | None, made: Made, actor: str) -> HostedEvent:
        """From this event on it repeats otherwise. What was announced for after it is moved into the new rhythm,
        cancelled, or left as it is, and whose event is moved or cancelled is told. What went before stays."""
        hosting = Hosting(self.uow, self.community, self.now, actor)
        following, old = self.following(event), self.head(event)
        if old is not None and old.id != event.id and old.repeats is not None:
            last = event.starts_at.astimezone(old.repeats.zone).date() - timedelta(days=1)
            ended = replace(old.repeats, times=None, until=max(last, old.repeats.start.date()))
            hosting.change(old, old.changed(repeats=ended, paused=False))
        series = event.id if rule is not None else ""
        event = hosting.change(event, event.changed(repeats=rule, series=series, paused=False, slot=None))
        for index, one in enumerate(following, 1):
            slot = rule.at(index) if rule is not None else None
            if made is Made.MOVE and slot is not None:
                moved = one.changed(starts_at=slot.astimezone(UTC), series=series, slot=index)
                self._asked_anew(one, hosting.change(one, moved))
            elif made is Made.KEEP or (made is Made.MOVE and rule is None):
                hosting.change(one, one.changed(series=series, slot=NO_SLOT))
            else:
                hosting.cancel(replace(one, slot=NO_SLOT), "")
        if event.open:
            self.extend(event)
            self.show_next(event)
        return event

    def _asked_anew(self, before: HostedEvent, after: HostedEvent) -> None:
        """The question whether it is still on belongs to its new time."""
        if before.starts_at != after.starts_at and after.unconfirmed:
            asks = max(after.starts_at - ASK_BEFORE, self.now)
            self.uow.moments.arm(self.community.id, [moment(MomentKind.ASK_ON, after, asks)])

    def _make(self, head: HostedEvent, event_id: str, starts_at: datetime, slot: int) -> HostedEvent:
        hosting = Hosting(self.uow, self.community, self.now, "series")
        fresh = replace(
            head,
            id=event_id,
            starts_at=starts_at,
            state=EventState.DRAFT,
            repeats=None,
            series=head.id,
            slot=slot,
            unconfirmed=True,
            rooms=(),
            closed=False,
            publish_at=None,
            code=check_in_code(self.ids),
            token=self.ids.code(),
            version=1,
            sequence=0,
            number=0,
        )
        event = hosting.publish(hosting.create(fresh))
        asks = max(event.starts_at - ASK_BEFORE, self.now)
        self.uow.moments.arm(self.community.id, [moment(MomentKind.ASK_ON, event, asks)])
        return event

    def ask(self, event: HostedEvent) -> None:
        """Is it still on? With two buttons, to its host."""
        host = self.uow.members.get(event.host_id) if event.host_id is not None else None
        if host is None or not event.open or not event.unconfirmed:
            return
        wording = choose(host.language, self.community.language)
        lead: tuple[Inline, ...] = (Text(wording.say("event-series-ask")),)
        buttons = (
            (
                Button(wording.say("event-manage-on"), code_of("m-on", event.token), style=Style.SUCCESS),
                Button(wording.say("event-manage-skip"), code_of("m-skip", event.token), style=Style.DANGER),
            ),
        )
        letters = Letters(self.uow, self.community, event, self.now)
        letters.send(host, None, f"on:{event.starts_at.isoformat()}", letters.message(wording, lead, buttons))

    def over(self, event: HostedEvent) -> None:
        """One is over: the next gets its card, the one after it is made, or the series pauses."""
        head = self.head(event)
        if head is None:
            return
        ended = [one for one in self.instances(head) if one.ends_at <= self.now and one.state is EventState.OVER]
        silent = ended[-SILENCES:]
        if len(silent) == SILENCES and all(one.unconfirmed for one in silent) and not head.paused:
            self._pause(head, event)
            return
        self.extend(head)
        self.show_next(head)

    def show_next(self, head: HostedEvent) -> None:
        """The card of the next instance goes to the rooms of the series."""
        ahead = [one for one in self.instances(head) if one.open and one.starts_at > self.now]
        if ahead and not ahead[0].rooms and head.rooms:
            hosting = Hosting(self.uow, self.community, self.now, "series")
            hosting.change(ahead[0], ahead[0].changed(rooms=head.rooms))

    def call_off(self, event: HostedEvent, reason: str, actor: str) -> HostedEvent:
        """This one does not take place. Where it belongs to a series, the next is made and gets its card."""
        event = Hosting(self.uow, self.community, self.now, actor).cancel(event, reason)
        head = self.head(event)
        if head is not None:
            self.extend(head)
            self.show_next(head)
        return event

    def confirm(self, event: HostedEvent, actor: str) -> HostedEvent:
        if not event.unconfirmed:
            return event
        event = Hosting(self.uow, self.community, self.now, actor).change(event, event.changed(unconfirmed=False))
        head = self.head(event)
        if head is not None:
            self.show_next(head)  # one that was made before a pause has no card yet
        return self.uow.hosted.get(self.community.id, event.id) or event

    def resume(self, head: HostedEvent, actor: str) -> HostedEvent:
        hosting = Hosting(self.uow, self.community, self.now, actor)
        head = hosting.change(head, head.changed(paused=False))
        self.extend(head)
        self.show_next(head)
        return head

    def stop(self, head: HostedEvent, actor: str) -> HostedEvent:
        """Nothing new is made; what is announced stays until it is cancelled."""
        return Hosting(self.uow, self.community, self.now, actor).change(head, head.changed(paused=True))

    def _pause(self, head: HostedEvent, last: HostedEvent) -> None:
        head = Hosting(self.uow, self.community, self.now, "series").change(head, head.changed(paused=True))
        host = self.uow.members.get(head.host_id) if head.host_id is not None else None
        if host is None:
            return
        wording = choose(host.language, self.community.language)
        resume = Button(wording.say("event-manage-resume"), code_of("m-resume", head.token), style=Style.PRIMARY)
        lead: tuple[Inline, ...] = (Text(wording.say("event-series-paused")),)
        letters = Letters(self.uow, self.community, last, self.now)
        name = f"paused:{self.now.isoformat()}"
        letters.send(host, None, name, letters.message(wording, lead, ((resume,),)), hidden=True)
