"""Events that the community holds itself: what the application needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.events import EventState, HostedEvent, Moment, MomentKind
from bot.domain.guests import Guest, GuestList, Standing
from bot.domain.threads import ThreadState

Counts = Mapping[Standing, Mapping[str, int]]
"""How many guests stand where, by the platform they answered on."""


class HostedEvents(Protocol):
    def put(self, community_id: int, event: HostedEvent) -> HostedEvent:
        """Add or replace by `id`; comes back with its number."""
        ...

    def get(self, community_id: int, event_id: str) -> HostedEvent | None: ...
    def numbered(self, community_id: int, number: int) -> HostedEvent | None: ...
    def by_token(self, community_id: int, token: str) -> HostedEvent | None:
        """The event behind the token that its buttons carry."""
        ...

    def all(
        self,
        community_id: int,
        *,
        states: Collection[EventState] = (),
        ends_after: datetime | None = None,
        ends_before: datetime | None = None,
        series: str = "",
        limit: int = 500,
    ) -> list[HostedEvent]:
        """In order of their start."""
        ...


class Guests(Protocol):
    """Who comes to an event. Read and written in one unit of work, a decision is one transaction."""

    def around(self, event: int, member_id: int | None = None) -> GuestList:
        """What a decision needs: everybody in the queue, the member, and how many others hold a seat."""
        ...

    def all(self, event: int) -> GuestList:
        """Everybody."""
        ...

    def put(self, community_id: int, event: int, guests: Sequence[Guest]) -> None: ...
    def counts(self, event: int) -> Counts: ...
    def always(self, member_ids: Collection[int]) -> set[int]:
        """Those who want to be reminded of events also in their quiet hours."""
        ...

    def set_always(self, community_id: int, member_id: int, *, always: bool) -> None: ...
    def of_member(self, community_id: int, member_id: int, *, standings: Collection[Standing]) -> dict[int, Guest]:
        """By the number of the event."""
        ...


@dataclass(frozen=True, slots=True)
class CardRow:
    """The card of an event in one room. `key`: of the sending that posted it; `posted`: hash of what was last queued.

    `edits`: how many were queued. `lost`: it cannot be posted or edited there any more, and its host knows.
    """

    room_id: int
    key: str
    posted: str = ""
    edits: int = 0
    lost: bool = False


class EventCards(Protocol):
    def put(self, community_id: int, event: int, card: CardRow) -> None: ...
    def all(self, event: int) -> list[CardRow]:
        """In the order they were first posted."""
        ...


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """An event in a platform's own calendar. `posted`: hash of what stands there; `interested`: how many people said
    so there, who are no guests; `lost`: somebody took it away there, or it was refused, and it is let be."""

    event: int
    native_id: str
    posted: str = ""
    interested: int = 0
    lost: bool = False


class EventMirrors(Protocol):
    def put(self, community_id: int, platform: str, mirror: MirrorRow) -> None: ...
    def all(self, community_id: int, platform: str) -> dict[int, MirrorRow]:
        """By the number of the event."""
        ...

    def interested(self, event: int) -> Mapping[str, int]:
        """How many said there that they are interested, by platform, where anybody did."""
        ...


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """The thread of an event on one platform. `room_id`: of the room whose card it hangs on; `key`: of the sending that
    opened it, and `thread_id` the room that it is once it is there. `name` is what it was called last; `changes` counts
    what was asked of it; `told`: of what the host was told once."""

    platform: str
    room_id: int
    key: str
    state: ThreadState = ThreadState.OPENING
    thread_id: int | None = None
    name: str = ""
    changes: int = 0
    told: tuple[str, ...] = ()


class EventThreads(Protocol):
    def put(self, community_id: int, event: int, thread: ThreadRow) -> None:
        """One for each platform."""
        ...

    def all(self, event: int) -> list[ThreadRow]:
        """In order of platform."""
        ...

    def event_of(self, thread_id: int) -> int | None:
        """Whose thread this room is."""
        ...

    def others(self, community_id: int, event: int) -> frozenset[int]:
        """The rooms that are threads of other events."""
        ...

    def lose(self, room_id: int) -> list[int]:
        """This room is gone from its platform, or the one around it is; the events whose threads are gone with it."""
        ...


class Moments(Protocol):
    """What is due once, for whom: rows that are found when their time has come."""

    def arm(self, community_id: int, moments: Sequence[Moment], *, again: bool = False) -> None:
        """One that waits is moved to the new time; one that is done stays done, unless it is to come `again`."""
        ...

    def touch(self, community_id: int, moment: Moment, pause: timedelta) -> None:
        """Let it come (again), at its time and at least `pause` after it was done; one that waits comes no later."""
        ...

    def disarm(self, event: int, kinds: Collection[MomentKind] = ()) -> None:
        """What still waits does not come any more; all kinds when none is named."""
        ...

    def waiting(self, event: int) -> list[Moment]:
        """What is still to come, the earliest first."""
        ...

    def due(self, community_id: int, at: datetime, *, limit: int) -> list[Moment]:
        """The longest due first."""
        ...

    def finish(self, event: int, what: str, outcome: str, at: datetime) -> bool:
        """True once: what is done about it and this mark are one transaction."""
        ...

    def defer(self, event: int, what: str, until: datetime) -> int:
        """Try again then; how many attempts have failed."""
        ...

    def outcomes(self, event: int) -> dict[str, str]:
        """How each ended, by its name; empty for what still waits."""
        ...
