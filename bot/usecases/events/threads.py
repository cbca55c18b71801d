"""The threads of an event, one on each platform that has them: opened at its card, named after it, closed in the end.

Nothing is asked of a platform here: what is wanted goes through the outbox, and what became of it is looked at when it
has ended (`note_thread`). Where asking twice would make two threads, it is asked at most once, and the host is told
where nobody knows what came of it. Whatever is refused or taken away is told to the host once; the event goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.domain.events import EventState, HostedEvent, Moment, MomentKind, in_step, refresh
from bot.domain.incoming import Place, RoomKind
from bot.domain.outgoing import DeliveryClass, Outgoing, Sending
from bot.domain.people import Community
from bot.domain.permissions import PUBLIC
from bot.domain.refs import MessageRef
from bot.domain.rooms import Room
from bot.domain.setup import CheckName, RefusalCause
from bot.domain.threads import (
    CLOSES_AFTER,
    CloseThread,
    NameThread,
    OpenThread,
    Prospect,
    ThreadState,
    ThreadTraits,
    ThreadWork,
)
from bot.ports import AuditRow, CardRow, OutboxRow, ThreadRow, UnitOfWork
from bot.usecases.events.letters import Letters
from bot.usecases.events.seats import EDIT_EVERY
from bot.usecases.events.thread_words import introduction, told
from bot.wording import choose

Traits = Mapping[str, ThreadTraits]
"""What threads are, by platform; a platform that is not named has none."""

LOOK_AGAIN: Final = timedelta(minutes=1)
ACTOR: Final = "events"
"""Of what happens by itself, in the audit log."""
_ON_ITS_WAY: Final = frozenset({"pending", "sending"})
_MUTE: Final = "mute"
"""Something could not be said in a thread; the host does not know yet. `_SILENT`: they do."""
_SILENT: Final = "silent"


def prospect(uow: UnitOfWork, room: Room, traits: Traits) -> tuple[Prospect, str]:
    """Whether a room can have a thread, and which rights are missing, as its platform said last."""
    known = traits.get(room.ref.platform)
    if known is None:
        return Prospect.NEVER, ""
    if room.ref.thread_id is not None and not known.beside:
        return Prospect.INSIDE, ""
    if known.everywhere:
        return Prospect.YES, ""
    for check in uow.checks.all(room.community_id):
        about = (check.platform, check.name, check.subject)
        if about == (room.ref.platform, CheckName.THREADS, room.ref.native_id):
            if check.ok:
                return Prospect.YES, check.detail
            return (Prospect.RIGHTS if check.detail else Prospect.NEVER), check.detail
    return Prospect.UNKNOWN, ""


def usable(row: ThreadRow) -> bool:
    """Something can be said there."""
    return row.state is ThreadState.OPEN and row.thread_id is not None and not {_MUTE, _SILENT} & set(row.told)


@dataclass(frozen=True, slots=True)
class Threads:
    """Within one unit of work."""

    uow: UnitOfWork
    community: Community
    now: datetime
    traits: Traits

    def __call__(self, event: HostedEvent) -> None:
        """Do the next thing that is to be done for each."""
        known = {row.platform: row for row in self.uow.threads.all(event.number)}
        for platform in sorted(self.traits):
            row = known.get(platform)
            if row is None:
                self._begin(event, platform)
                continue
            match row.state:
                case ThreadState.OPENING:
                    self._opened(event, row)
                case ThreadState.OPEN | ThreadState.CLOSED:
                    self._follow(event, row)
                case ThreadState.GONE:
                    self._lose(event, row, "gone")
                case ThreadState.NONE:
                    if not row.told:  # nothing failed: no room of it could have one, and now another may
                        self._begin(event, platform, _next_try(row))
                case _:
                    assert_never(row.state)

    def again(self, event: HostedEvent) -> bool:
        """The host wants another try where there is none; whether anything was asked for."""
        given_up = [row for row in self.uow.threads.all(event.number) if row.state is ThreadState.NONE]
        asked = [self._begin(event, row.platform, _next_try(row)) for row in given_up]
        return any(asked)

    def lock(self, event: HostedEvent) -> None:
        """Nobody writes there any more."""
        for row in self.uow.threads.all(event.number):
            if row.state is ThreadState.OPEN:
                self._close(event, row)

    # Opening

    def _begin(self, event: HostedEvent, platform: str, tries: int = 0) -> bool:
        """Ask for one at the first card of that platform that can have one, as soon as it is there."""
        if not (event.open and event.thread):
            return False
        lacking: tuple[Room, str] | None = None
        rooms = self._rooms(event, platform)
        for room, card in rooms:
            found, detail = prospect(self.uow, room, self.traits)
            if found.hopeful:
                if card is None or self.uow.outbox.state(self.community.id, card.key) in _ON_ITS_WAY:
                    return False
                refs = self.uow.outbox.receipts(self.community.id, card.key)
                if refs:
                    self._ask(event, room, refs[0], tries)
                    return True
            elif found is Prospect.RIGHTS:
                lacking = lacking or (room, detail)
        if rooms:
            room, detail = lacking or (rooms[0][0], "")
            row = ThreadRow(platform, room.id, _key(event, platform, tries), ThreadState.NONE)
            self._put(event, row)
            if lacking is not None:
                self._tell(event, row, "rights", detail)
        return False

    def _rooms(self, event: HostedEvent, platform: str) -> list[tuple[Room, CardRow | None]]:
        """Those that its card goes to; one whose readers are those of the event before one that few may read."""
        cards = {card.room_id: card for card in self.uow.cards.all(event.number)}
        found: list[tuple[Room, CardRow | None]] = []
        for room_id in event.rooms:
            room, card = self.uow.rooms.get(room_id), cards.get(room_id)
            if room is None or room.ref.platform != platform or event.audience not in {PUBLIC, room.audience}:
                continue
            if card is None or not card.lost:
                found.append((room, card))
        return sorted(found, key=lambda one: one[0].audience != event.audience)

    def _ask(self, event: HostedEvent, room: Room, card: MessageRef, tries: int) -> None:
        traits, key = self.traits[room.ref.platform], _key(event, room.ref.platform, tries)
        lasts = max(event.ends_at + CLOSES_AFTER - self.now, CLOSES_AFTER)
        sending = Sending(
            key=key,
            room=room.ref,
            message=Outgoing(()),
            delivery=DeliveryClass.AT_LEAST_ONCE if traits.finds_again else DeliveryClass.AT_MOST_ONCE,
            items=(event.item,),
            thread=OpenThread(event.title, card, lasts),
        )
        self.uow.outbox.add(self.community.id, sending, self.now)
        self._put(event, ThreadRow(room.ref.platform, room.id, key, name=event.title))
        self._look_again(event)

    def _opened(self, event: HostedEvent, row: ThreadRow) -> None:
        state = self.uow.outbox.state(self.community.id, row.key)
        if state in _ON_ITS_WAY:
            self._look_again(event)
            return
        refs = self.uow.outbox.receipts(self.community.id, row.key)
        parent = self.uow.rooms.get(row.room_id)
        if state == "sent" and refs and parent is not None:
            room = self.uow.rooms.ensure(self.community.id, _place(refs[0], parent, row.name))
            row = replace(row, state=ThreadState.OPEN, thread_id=room.id)
            self._put(event, row)
            self._audit("event.thread", event, f"{room.ref.platform}: {room.name}")
            self._introduce(event, row, room)
            self._follow(event, row)
            return
        row = replace(row, state=ThreadState.NONE)
        self._put(event, row)
        if state == "in_doubt":
            self._tell(event, row, "doubt")
        elif state != "dropped":
            forbidden = self.uow.outbox.cause(self.community.id, row.key) is RefusalCause.FORBIDDEN
            self._tell(event, row, "forbidden" if forbidden else "refused")

    def _introduce(self, event: HostedEvent, row: ThreadRow, room: Room) -> None:
        # Where the card itself begins the thread, it need not be said again.
        cards = self.uow.cards.all(event.number)
        posts = [self.uow.outbox.receipts(self.community.id, card.key) for card in cards]
        beneath = any(refs and refs[0].room == room.ref for refs in posts)
        message = introduction(choose(self.community.language), event, short=beneath)
        self._queue(event, f"{row.key}:intro", room, message)

    # Following

    def _follow(self, event: HostedEvent, row: ThreadRow) -> None:
        """Its name follows the title; what was refused is told; what is over is closed."""
        room = self._thread(row)
        if room is None:
            return
        asked = [f"{row.key}:intro", *([f"{row.key}:{row.changes}"] if row.changes else [])]
        causes = {key: cause for key in asked if (cause := self.uow.outbox.cause(self.community.id, key)) is not None}
        if RefusalCause.GONE in causes.values():
            self._lose(event, row, "gone")
            return
        if causes.keys() - {asked[0]}:
            row = self._tell(event, row, "close" if row.state is ThreadState.CLOSED else "name")
        if row.state is ThreadState.OPEN and (asked[0] in causes or _MUTE in row.told):
            row = self._tell(event, row, _SILENT)
            self._remind_elsewhere(event, room)
        if row.state is ThreadState.OPEN and row.name != event.title and event.state is not EventState.CANCELLED:
            row = self._change(event, replace(row, name=event.title), room, NameThread(event.title))
        if row.state is ThreadState.OPEN and _locked(self.uow, event):
            self._close(event, row)
        self._refresh(event)

    def _close(self, event: HostedEvent, row: ThreadRow) -> None:
        room = self._thread(row)
        if room is not None:
            self._change(event, replace(row, state=ThreadState.CLOSED), room, CloseThread())
            self._audit("event.thread.close", event, f"{room.ref.platform}: {room.name}")

    def _change(self, event: HostedEvent, row: ThreadRow, room: Room, work: ThreadWork) -> ThreadRow:
        """What was asked before and still waits is not asked any more: a rush of new titles is one."""
        if row.changes:
            self.uow.outbox.withdraw(self.community.id, [f"{row.key}:{row.changes}"])
        row = replace(row, changes=row.changes + 1)
        sending = Sending(
            f"{row.key}:{row.changes}", room.ref, Outgoing(()), DeliveryClass.IDEMPOTENT_EDIT, thread=work
        )
        self.uow.outbox.add(self.community.id, sending, self.now)
        self._put(event, row)
        return row

    def _lose(self, event: HostedEvent, row: ThreadRow, what: str) -> None:
        """It is gone; nothing is tried there any more, and what could not be said there is said in the room."""
        row = replace(row, state=ThreadState.NONE)
        self._put(event, row)
        self._tell(event, row, what)
        room = self._thread(row)
        if room is not None:
            self._remind_elsewhere(event, room)
        self._refresh(event)

    def _remind_elsewhere(self, event: HostedEvent, room: Room) -> None:
        """Reminders that were to be read in the thread and could not be put there."""
        if not event.open or self.now >= event.starts_at:
            return
        start = event.starts_at.isoformat()
        for what, outcome in self.uow.moments.outcomes(event.number).items():
            kind, _, detail = what.partition("@")[0].partition(":")
            if kind != MomentKind.FOLLOW_UP.value or outcome != "done" or not what.endswith(f"@{start}"):
                continue
            key = f"event:{event.id}:remind:{detail}:{start}:room:{room.id}"
            if self.uow.outbox.state(self.community.id, key) in {"refused", "malformed"}:
                self.uow.moments.arm(self.community.id, [Moment(event.number, what, self.now)], again=True)

    # Within

    def _look_again(self, event: HostedEvent) -> None:
        """What ends with a crash of the program tells nobody that it has ended."""
        self.uow.moments.touch(self.community.id, in_step(event, self.now + LOOK_AGAIN), timedelta(0))

    def _refresh(self, event: HostedEvent) -> None:
        self.uow.moments.touch(self.community.id, refresh(event, self.now), EDIT_EVERY)

    def _queue(self, event: HostedEvent, key: str, room: Room, message: Outgoing) -> None:
        items = (event.item,) if event.open else ()
        sending = Sending(key, room.ref, message, DeliveryClass.AT_LEAST_ONCE, items=items)
        self.uow.outbox.add(self.community.id, sending, self.now)

    def _thread(self, row: ThreadRow) -> Room | None:
        """The room that it is, once it was made."""
        return self.uow.rooms.get(row.thread_id) if row.thread_id is not None else None

    def _put(self, event: HostedEvent, row: ThreadRow) -> None:
        self.uow.threads.put(self.community.id, event.number, row)

    def _tell(self, event: HostedEvent, row: ThreadRow, what: str, detail: str = "") -> ThreadRow:
        """Its host, once of each kind; of what was taken away only while it could be missed."""
        if what in row.told:
            return row
        row = replace(row, told=(*row.told, what))
        self._put(event, row)
        host = self.uow.members.get(event.host_id) if event.host_id is not None else None
        if host is None or (what != "close" and not event.open):
            return row
        room = self.uow.rooms.get(row.room_id)
        wording = choose(host.language, self.community.language)
        letters = Letters(self.uow, self.community, event, self.now)
        lead = told(wording, what, room.name if room is not None else "", detail)
        letters.send(host, None, f"{row.key}:{what}", letters.message(wording, lead), hidden=True)
        return row

    def _audit(self, action: str, event: HostedEvent, reason: str) -> None:
        self.uow.audit.add(self.community.id, AuditRow(self.now, ACTOR, action, event.item, reason[:300]))


def note_thread(uow: UnitOfWork, row: OutboxRow, state: str, now: datetime) -> None:
    """How a message ended may be what a thread waits for: in the same transaction its next step becomes due."""
    number = _concerned(uow, row, state)
    event = uow.hosted.numbered(row.community_id, number) if number is not None else None
    if event is not None:
        uow.moments.touch(row.community_id, in_step(event, now), timedelta(0))


def _concerned(uow: UnitOfWork, row: OutboxRow, state: str) -> int | None:
    """The number of the event whose threads it matters to."""
    kind, _, rest = row.sending.key.partition(":")
    if kind == "thread":
        return int(rest.partition(":")[0])
    if kind == "card":
        event = uow.hosted.get(row.community_id, rest.rpartition(":")[0])
        return event.number if event is not None and event.thread else None
    if state != "refused" or row.sending.room.thread_id is None:
        return None
    room = uow.rooms.by_ref(row.community_id, row.sending.room)
    number = uow.threads.event_of(room.id) if room is not None else None
    if room is None or number is None:
        return None
    if uow.outbox.cause(row.community_id, row.sending.key) is RefusalCause.GONE:
        uow.threads.lose(room.id)
    for thread in uow.threads.all(number):
        if usable(thread) and thread.thread_id == room.id:
            uow.threads.put(row.community_id, number, replace(thread, told=(*thread.told, _MUTE)))
    return number


def _locked(uow: UnitOfWork, event: HostedEvent) -> bool:
    """Whether its end is so long past that its threads were closed."""
    done = uow.moments.outcomes(event.number).items()
    return not event.open and any(
        what.startswith(MomentKind.LOCK.value) and outcome == "done" for what, outcome in done
    )


def _next_try(row: ThreadRow) -> int:
    """A key is for one question alone."""
    return int(row.key.rpartition(":")[2]) + 1


def _key(event: HostedEvent, platform: str, tries: int) -> str:
    return f"thread:{event.number}:{platform}:{tries}"


def _place(first: MessageRef, parent: Room, name: str) -> Place:
    """As its platform will describe it; it is read by who may read the room around it."""
    return Place(
        first.room,
        name,
        RoomKind.THREAD,
        private=parent.audience != PUBLIC,
        group=parent.group or parent.name,
        server=parent.server,
        indexed=parent.indexed,
    )
