"""Brings the cards of an event and its item in step with its guest list: one message a room, edited in place.

It runs when a refresh is due, so that a rush of presses becomes few edits; what it writes is the state of that moment,
and whatever changes afterwards arms the next. Edits that still wait in the outbox are replaced, not added to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.events import EventState, HostedEvent, refresh
from bot.domain.outgoing import DeliveryClass, Inline, Outgoing, Sending, Text
from bot.domain.people import Community
from bot.domain.permissions import PUBLIC
from bot.domain.rooms import Room
from bot.ports import CardRow, UnitOfWork
from bot.usecases.events.cards import crowd_of, room_card
from bot.usecases.events.letters import Letters
from bot.usecases.events.seats import EDIT_EVERY
from bot.usecases.events.thread_places import Reader
from bot.wording import choose

LOOK_AGAIN: Final = timedelta(minutes=1)
"""After a post or an edit: did it arrive?"""
_WAITS: Final = "pending"
_ON_ITS_WAY: Final = frozenset({"pending", "sending"})


@dataclass(frozen=True, slots=True)
class Refresh:
    """Within one unit of work, for one event."""

    uow: UnitOfWork
    community: Community
    now: datetime

    def __call__(self, event: HostedEvent) -> int:
        """How many cards were posted or edited."""
        crowd = crowd_of(self.uow, self.community.id, event)
        if event.open:
            self.uow.events.upsert(self.community.id, event.face(crowd.going))
        known = {card.room_id: card for card in self.uow.cards.all(event.number)}
        written, later = 0, False
        wanted = event.rooms if event.open else ()
        for room_id in dict.fromkeys((*known, *wanted)):
            room = self.uow.rooms.get(room_id)
            card = known.get(room_id)
            if card is not None and card.lost:
                continue
            if room is None or event.audience not in {PUBLIC, room.audience}:
                # Never outside the room that it belongs to, whoever asked for it.
                continue
            message = room_card(choose(self.community.language), event, crowd, Reader.of(room))
            done = self._post(event, room, message) if card is None else self._edit(event, room, card, message)
            written += done is True
            later |= done is not None
        if later:
            pause = LOOK_AGAIN if written else EDIT_EVERY
            self.uow.moments.touch(self.community.id, refresh(event, self.now + pause), EDIT_EVERY)
        return written

    def _post(self, event: HostedEvent, room: Room, message: Outgoing) -> bool:
        key = f"card:{event.id}:{room.id}"
        self.uow.outbox.add(self.community.id, self._sending(event, room, key, message), self.now)
        self.uow.cards.put(self.community.id, event.number, CardRow(room.id, key, _hash(message)))
        return True

    def _edit(self, event: HostedEvent, room: Room, card: CardRow, message: Outgoing) -> bool | None:
        """True: written; False: come again, something is still on its way; None: it is as it should be."""
        last = f"{card.key}:{card.edits}" if card.edits else card.key
        state = self.uow.outbox.state(self.community.id, last)
        if state not in {"sent", *_ON_ITS_WAY}:
            self._lose(event, room, card)
            return None
        fresh = _hash(message)
        if fresh == card.posted:
            return False if state in _ON_ITS_WAY else None
        if state == _WAITS:
            refs = self.uow.outbox.receipts(self.community.id, card.key)
            sending = self._sending(event, room, last, message)
            sending = replace(sending, edits=refs[0], room=refs[0].room) if card.edits and refs else sending
            sending = replace(sending, delivery=DeliveryClass.IDEMPOTENT_EDIT) if card.edits else sending
            if self.uow.outbox.revise(self.community.id, sending):
                self.uow.cards.put(self.community.id, event.number, replace(card, posted=fresh))
                return True
        if state in _ON_ITS_WAY:
            return False
        refs = self.uow.outbox.receipts(self.community.id, card.key)
        if not refs:
            self._lose(event, room, card)
            return None
        changed = replace(card, posted=fresh, edits=card.edits + 1)
        sending = self._sending(event, room, f"{card.key}:{changed.edits}", message)
        sending = replace(sending, delivery=DeliveryClass.IDEMPOTENT_EDIT, edits=refs[0], room=refs[0].room)
        self.uow.outbox.add(self.community.id, sending, self.now)
        self.uow.cards.put(self.community.id, event.number, changed)
        return True

    def _sending(self, event: HostedEvent, room: Room, key: str, message: Outgoing) -> Sending:
        # What was taken back is no item any more, and its card has to say so.
        items = (event.item,) if event.open else ()
        return Sending(key, room.ref, message, DeliveryClass.AT_LEAST_ONCE, items=items)

    def _lose(self, event: HostedEvent, room: Room, card: CardRow) -> None:
        """The room or the message is gone: its host is told once, and nothing is tried there any more."""
        self.uow.cards.put(self.community.id, event.number, replace(card, lost=True))
        host = self.uow.members.get(event.host_id) if event.host_id is not None else None
        if host is None or event.state is not EventState.PUBLISHED:
            return
        wording = choose(host.language, self.community.language)
        lead: tuple[Inline, ...] = (Text(wording.say("event-letter-card-lost", room=room.name or "?")),)
        letters = Letters(self.uow, self.community, event, self.now)
        letters.send(host, None, f"lost:{room.id}", letters.message(wording, lead))


def _hash(message: Outgoing) -> str:
    return hashlib.blake2b(repr(message).encode(), digest_size=12).hexdigest()
