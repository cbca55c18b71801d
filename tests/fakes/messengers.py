"""Messengers that keep what they were given. What goes wrong is decided by the test, call by call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.domain.outgoing import Outgoing, Receipt
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.text import clean_line
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadTraits, ThreadWork
from bot.errors import Refused


@dataclass(frozen=True, slots=True)
class Arrived:
    at: float
    room: RoomRef
    key: str
    message: Outgoing
    edit: bool = False


@dataclass
class Recording:
    """`answer(room, key)` may raise what the platform would; `delay` seconds pass before it is asked.

    `after`: raise this once the effect has happened, as a connection that breaks too late does.
    """

    platform: str = "web"
    monotonic: Callable[[], float] = lambda: 0.0
    answer: Callable[[RoomRef, str], None] = lambda room, key: None
    after: Callable[[RoomRef, str], None] = lambda room, key: None
    delay: float = 0.0
    forms: bool = False
    arrived: list[Arrived] = field(default_factory=list)
    notices: list[tuple[RoomRef, AccountRef | None, str]] = field(default_factory=list)

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        return await self._take(room, key, message, edit=None)

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        return await self._take(ref.room, "", message, edit=ref)

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:
        self.notices.append((room, to, text))

    async def _take(self, room: RoomRef, key: str, message: Outgoing, *, edit: MessageRef | None) -> Receipt:
        if self.delay:
            await asyncio.sleep(self.delay)
        self.answer(room, key)
        self.arrived.append(Arrived(self.monotonic(), room, key, message, edit is not None))
        self.after(room, key)
        return Receipt((edit or MessageRef(room, str(len(self.arrived))),))

    def keys(self) -> list[str]:
        return [one.key for one in self.arrived]


@dataclass(frozen=True, slots=True)
class FakeThread:
    name: str
    card: MessageRef
    open: bool = True


@dataclass
class Threaded(Recording):
    """Has threads. `finds_again`: one that was asked for twice is found by its card."""

    finds_again: bool = True
    there: dict[RoomRef, FakeThread] = field(default_factory=dict)
    forbidden: bool = False

    @property
    def threads(self) -> ThreadTraits:
        return ThreadTraits(finds_again=self.finds_again)

    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:
        self.answer(room, key)
        if self.forbidden:
            raise Refused("no right", cause=RefusalCause.FORBIDDEN)
        if isinstance(work, OpenThread):
            room = self._opened(room, work)
        elif room not in self.there:
            raise Refused("gone", cause=RefusalCause.GONE)
        elif isinstance(work, NameThread):
            self.there[room] = replace(self.there[room], name=clean_line(work.name, limit=100) or "-")
        elif isinstance(work, CloseThread):
            self.there[room] = replace(self.there[room], open=False)
        self.after(room, key)
        return room

    def _opened(self, room: RoomRef, work: OpenThread) -> RoomRef:
        known = next((ref for ref, one in self.there.items() if one.card == work.on), None)
        if known is not None and self.finds_again:
            return known
        made = RoomRef(room.platform, room.native_id, f"t{len(self.there) + 1}")
        self.there[made] = FakeThread(clean_line(work.name, limit=100) or "-", work.on)
        return made
