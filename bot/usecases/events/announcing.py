"""Where an event may be announced. Knows who may read what; posts nothing."""

from __future__ import annotations

from bot.domain.events import HostedEvent
from bot.domain.incoming import RoomKind
from bot.domain.permissions import PUBLIC, visible
from bot.domain.rooms import Room
from bot.ports import UnitOfWork
from bot.usecases.turn import Turn


def announceable(uow: UnitOfWork, turn: Turn, event: HostedEvent) -> list[Room]:
    """Rooms whose readers may know of it: any for a public event, only its own for one of a closed room.

    Threads are about what they are about: only one that the event was planned in is among them.
    """
    return [
        room
        for room in uow.rooms.all(turn.community.id)
        if (room.kind is RoomKind.CHANNEL or (room.kind is RoomKind.THREAD and room.id in event.rooms))
        and visible(turn.viewer, room.audience)
        and event.audience in {PUBLIC, room.audience}
    ]
