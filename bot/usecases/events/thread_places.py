"""Where the threads of an event are, and for whom there is a way to them. Knows no words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from bot.domain.events import HostedEvent
from bot.domain.permissions import PUBLIC, Audience
from bot.domain.refs import MessageRef
from bot.domain.rooms import Room
from bot.domain.threads import ThreadState
from bot.ports import UnitOfWork

_THERE: Final = frozenset({ThreadState.OPEN, ThreadState.CLOSED})
_ON_ITS_WAY: Final = frozenset({"pending", "sending"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads something, as far as it decides which links are any good: where, and what may be read there."""

    platform: str
    audiences: Collection[Audience]

    @classmethod
    def of(cls, room: Room) -> Reader:
        """Whoever reads a room."""
        return cls(room.ref.platform, frozenset({PUBLIC, room.audience}))


@dataclass(frozen=True, slots=True)
class ThreadPlace:
    """`first`: the message that the thread begins with."""

    room: Room
    first: MessageRef
    open: bool


def thread_places(uow: UnitOfWork, event: HostedEvent) -> tuple[ThreadPlace, ...]:
    """Those that are there; of one that is just being opened there is nothing to show yet."""
    found = []
    for row in uow.threads.all(event.number):
        room = uow.rooms.get(row.thread_id) if row.thread_id is not None and row.state in _THERE else None
        if room is None or room.ref.thread_id is None:
            continue
        key = f"{row.key}:intro"
        if uow.outbox.state(room.community_id, key) in _ON_ITS_WAY:
            continue
        refs = uow.outbox.receipts(room.community_id, key)
        first = refs[0] if refs else MessageRef(room.ref, room.ref.thread_id)
        found.append(ThreadPlace(room, first, row.state is ThreadState.OPEN))
    return tuple(found)


def thread_for(places: Iterable[ThreadPlace], reader: Reader | None) -> ThreadPlace | None:
    """The one on their platform, if they may read it."""
    if reader is None:
        return None
    mine = (one for one in places if one.room.ref.platform == reader.platform)
    return next((one for one in mine if one.room.audience in reader.audiences), None)
