"""How far a community is set up: what is well, what is to be done, in the order of doing it. Knows no words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.people import Community
from bot.domain.permissions import PUBLIC, Home, Role
from bot.domain.rooms import Room
from bot.domain.schedules import Job, Schedule
from bot.domain.setup import Check, DeliveryProblem
from bot.ports import UnitOfWork

STALE: Final = timedelta(hours=1)
"""Older answers of a platform say so: it is asked every few minutes while there is a connection."""
LOOK_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SetupState:
    """Everything that the checklist shows. `foreign`: rooms of groups that nobody proved to be ours; nothing of theirs
    can be switched on."""

    community: Community
    homes: Sequence[Home]
    checks: Sequence[Check]
    rooms: Sequence[Room]
    foreign: Sequence[Room]
    staff: int
    weekly: Sequence[tuple[Room, Schedule]]
    problems: Sequence[DeliveryProblem]

    @property
    def platforms(self) -> list[str]:
        """Those that were ever asked, in order."""
        return sorted({check.platform for check in self.checks} | {home.platform for home in self.homes})


def state_of(uow: UnitOfWork, community: Community, at: datetime) -> SetupState:
    homes = uow.homes.all(community.id)
    ours = {(home.platform, home.native_id) for home in homes}
    rooms = [room for room in uow.rooms.all(community.id) if room.kind is RoomKind.CHANNEL]
    rooms.sort(
        key=lambda room: (room.ref.platform, room.group.casefold(), room.ref.thread_id or "", room.name.casefold())
    )
    mine = [room for room in rooms if is_ours(room, ours)]
    by_recipient = {f"room:{room.id}": room for room in rooms}
    weekly = [
        (by_recipient[schedule.recipient], schedule)
        for schedule in uow.schedules.all(community.id, Job.SUGGEST)
        if schedule.enabled and schedule.recipient in by_recipient
    ]
    return SetupState(
        community,
        homes,
        uow.checks.all(community.id),
        mine,
        [room for room in rooms if not is_ours(room, ours)],
        sum(member.role is not Role.MEMBER for member in uow.members.all(community.id)),
        weekly,
        uow.outbox.problems(community.id, since=at - LOOK_BACK),
    )


def is_ours(room: Room, homes: Iterable[tuple[str, str]]) -> bool:
    """A room of a platform that has only one place, or of a group or server that is proved to be the community's."""
    return not room.server or (room.ref.platform, room.server) in set(homes)


def switched(rooms: Iterable[Room]) -> Counter[str]:
    """How many are ``on``, ``off`` and ``never``."""
    return Counter("never" if room.never else "on" if room.indexed else "off" for room in rooms)


def is_private(room: Room) -> bool:
    return room.audience != PUBLIC
