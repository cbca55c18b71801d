"""The store as a whole, the engine, the platforms, time: what the application needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bot.domain.incoming import Incoming
from bot.domain.outgoing import Outgoing, Receipt
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.threads import ThreadTraits, ThreadWork
from bot.ports.admission import NativeRoles, Segments
from bot.ports.behaviour import Audit, Exposures, Interactions, Rules
from bot.ports.calendars import CalendarFeeds
from bot.ports.catalogue import Courses, Events, Items, Prerequisites, Qualities
from bot.ports.flow import Buttons, Conversations, Files, Inbox, Outbox, Schedules
from bot.ports.hosting import EventCards, EventMirrors, EventThreads, Guests, HostedEvents, Moments
from bot.ports.people import Communities, Demand, Digests, Introductions, Links, Members
from bot.ports.setup import Checks, Homes, SetupCodes
from bot.ports.talk import Messages, Posts, Rooms
from recsys.types import Filter, Hit, Passage, Query, Recommendation
from recsys.types import Item as RankedItem


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Ids(Protocol):
    def code(self) -> str:
        """A short random id (base 32, at least 80 bits) for buttons and links."""
        ...


class UnitOfWork(Protocol):
    """One transaction; rolled back unless `commit()` was called."""

    communities: Communities
    members: Members
    rooms: Rooms
    messages: Messages
    posts: Posts
    courses: Courses
    events: Events
    hosted: HostedEvents
    guests: Guests
    cards: EventCards
    mirrors: EventMirrors
    threads: EventThreads
    moments: Moments
    items: Items
    interactions: Interactions
    exposures: Exposures
    buttons: Buttons
    conversations: Conversations
    digests: Digests
    schedules: Schedules
    files: Files
    inbox: Inbox
    outbox: Outbox
    audit: Audit
    demand: Demand
    prerequisites: Prerequisites
    qualities: Qualities
    introductions: Introductions
    calendars: CalendarFeeds
    links: Links
    rules: Rules
    native_roles: NativeRoles
    segments: Segments
    homes: Homes
    checks: Checks
    setup_codes: SetupCodes

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def stats(self, community_id: int) -> dict[str, int]:
        """Rows of everything, by name."""
        ...


class Store(Protocol):
    """Where everything is kept. One writer, many readers."""

    def write(self) -> UnitOfWork:
        """A transaction that may write. `commit()` returns when the rows are durable (group commit).

        Raises StoreUnavailable when the disk is full or read-only.
        """
        ...

    def read(self) -> UnitOfWork:
        """A consistent snapshot; `commit()` raises."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Units of work of this thread become durable together at the end of the block (imports, inbox)."""
        ...

    def on_commit(self, callback: Callable[[frozenset[str]], None]) -> None:
        """Called, in the writing thread, after every durable commit, with the topics that changed:
        ``inbox``, ``outbox``, ``items``, ``interactions``, ``schedules``, ``moments`` and ``room:<id>``."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """The recommender and the search over what the store holds; kept in step by `refresh`."""

    def recommend(self, query: Query) -> list[Recommendation]: ...
    def batch(self, queries: Iterable[Query]) -> Iterable[list[Recommendation]]:
        """The lists of many queries, in their order, over one state of the store."""
        ...

    def explain(self, query: Query, item: str) -> Recommendation | None:
        """The parts of one item's score for a query, whether or not it would be listed; None: unknown item."""
        ...

    def search(self, words: str, *, k: int, where: Filter, now: float) -> list[Hit]: ...
    def passages(self, words: str, texts: Sequence[tuple[str, str]], *, k: int) -> list[Passage]:
        """Of (key, text) pairs the sentence of each that is nearest to the words; the k best, best first."""
        ...

    def related(self, item: str, *, k: int, where: Filter) -> list[Hit]: ...
    def item(self, item: str) -> RankedItem | None: ...
    def items(self, where: Filter) -> Iterable[RankedItem]:
        """Everything that the filter admits, in no order."""
        ...

    def vector(self, item: str) -> NDArray[np.float32] | None:
        """Of length 1, shape (dimension,); None: unknown, or not embedded yet."""
        ...

    def refresh(self) -> int:
        """Take in what the store changed since the last time; returns how many changes."""
        ...


class Messenger(Protocol):
    """How a platform is spoken to. One per platform; renderers and limits are its own business."""

    @property
    def platform(self) -> str: ...
    @property
    def forms(self) -> bool:
        """Whether it shows `Outgoing.form` as a whole; elsewhere the questions are asked one by one."""
        ...

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        """Raises DeliveryError. `key` identifies the send to platforms that refuse doubles."""
        ...

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt: ...
    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:
        """A short answer to a press (a toast), where the platform has one."""
        ...


@runtime_checkable
class Pinning(Protocol):
    """A messenger whose platform can keep a message at the top of a room. One that cannot has no such method."""

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin or unpin; doing it twice changes nothing. Raises DeliveryError, such as Refused without the right."""
        ...


@runtime_checkable
class Threading(Protocol):
    """A messenger whose platform has threads. One that has none has no such method."""

    @property
    def threads(self) -> ThreadTraits: ...
    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:
        """Open a thread in `room`, or name or close the thread that `room` is; where it is. Naming and closing twice
        changes nothing. Raises DeliveryError: Refused without the right, or where it is gone."""
        ...


Parse = Callable[[str], Incoming | Sequence[Incoming] | None]
"""Raw JSON of a platform to what it says; None or nothing: of no interest. ValueError: park it with the reason.

Commands and presses come alone; of other things one update may say several."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that cannot be used: `line` from 1, `column` the name of the field.

    `harmless`: the file is as it should be and nothing can be mended (a kind of message that the exporter leaves out);
    it is reported and never holds up an import.
    """

    line: int
    column: str
    problem: str
    harmless: bool = False
