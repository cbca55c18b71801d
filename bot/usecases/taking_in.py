"""What was said in a room before a moderator allowed it becomes discussions. Knows messages; knows no platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.rooms import Room
from bot.ports import Store, UnitOfWork
from bot.usecases.discussions import refresh_post
from bot.usecases.ingest import said

BATCH: Final = 100
"""Discussions in one unit of work: few enough that other writers wait for milliseconds only."""
_WHOLE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class TakeInRooms:
    """Goes on where it stopped, also after a restart; repeating changes nothing."""

    store: Store

    def __call__(self, community_id: int) -> int:
        """One batch of every room that waits; how many discussions were looked at. 0: nothing waits."""
        with self.store.read() as uow:
            waiting = uow.rooms.catching_up(community_id)
        return sum(self._batch(room, until) for room, until in waiting)

    def _batch(self, room: Room, until: int) -> int:
        with self.store.write() as uow:
            now = uow.rooms.get(room.id)
            if now is None or not now.indexed:
                return 0  # switched off again meanwhile
            openings = uow.messages.openings(room.id, after=until, limit=BATCH)
            for root_id in openings:
                _take_in(uow, now, root_id)
            uow.rooms.caught_up(room.id, openings[-1] if len(openings) == BATCH else None)
            uow.commit()
        return len(openings)


def _take_in(uow: UnitOfWork, room: Room, root_id: int) -> None:
    post = refresh_post(uow, room, root_id)
    if post is None:
        return
    messages = [m for m in uow.messages.discussion(root_id, limit=_WHOLE) if not m.service and m.deleted_at is None]
    people = {member.id: member for member in uow.members.some({message.member_id for message in messages})}
    acts = [act for m in messages if m.member_id in people for act in said(people[m.member_id], m, post)]
    uow.interactions.add_many(room.community_id, acts)
