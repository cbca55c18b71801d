"""What open pages are told: that a room changed, or a short notice. Knows asyncio; knows no content of rooms.

Nothing here can grow without bound: a page that does not read keeps a set of room ids and a few notices, and past the
limit it is told to look at everything anew.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from adapters.web.capabilities import NOTICE_SECONDS, STREAMS_PER_MEMBER
from bot.domain.refs import AccountRef

MAX_PENDING: Final = 256
MAX_NOTICES: Final = 20


class TooManyStreams(Exception):
    """The member has enough pages open; this one asks now and then instead."""


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Resync:
    """Something was missed: look at everything anew."""


Event = RoomsChanged | Notice | Resync


@dataclass(eq=False)
class Subscription:
    """One open page. Used on the event loop only."""

    member_id: int
    account: AccountRef
    topics: frozenset[str]
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _pending: set[str] = field(default_factory=set)
    _notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=MAX_NOTICES))
    _missed: bool = False
    closed: bool = False

    def changed(self, topics: frozenset[str]) -> None:
        mine = topics & self.topics
        if not mine or self._missed:
            return
        self._pending |= mine
        if len(self._pending) > MAX_PENDING:
            self._pending.clear()
            self._missed = True
        self._wake.set()

    def notice(self, notice: Notice) -> None:
        self._notices.append(notice)
        self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._wake.set()

    async def next(self, timeout: float) -> list[Event]:  # noqa: ASYNC109  a heartbeat is due then, it is no error
        """What happened since the last call, waiting at most `timeout` seconds; empty: nothing."""
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            return []
        self._wake.clear()
        events: list[Event] = [Resync()] if self._missed else []
        if self._pending:
            events.append(RoomsChanged(tuple(sorted(self._pending))))
        events.extend(self._notices)
        self._missed = False
        self._pending.clear()
        self._notices.clear()
        return events


class Hub:
    """Carries changes from the writing thread to the pages that may see them."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, *, per_member: int = STREAMS_PER_MEMBER
    ) -> None:
        self._monotonic = monotonic
        self._per_member = per_member
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[Subscription] = set()
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._recent: dict[AccountRef, deque[tuple[float, Notice]]] = {}
        self._numbers = count(1)
        self._closed = False

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop on which pages are served; what is published before is nobody's news."""
        self._loop = loop
        self._closed = False

    def publish(self, topics: frozenset[str]) -> None:
        """From any thread: the topics of a durable commit."""
        self._hand_over(lambda: self._publish(topics))

    def notify(self, account: AccountRef, text: str) -> None:
        """From any thread: show `text` on that account's open pages, and on one that opens within seconds."""
        self._hand_over(lambda: self._notify(account, text))

    def connect(self, member_id: int, account: AccountRef, topics: frozenset[str]) -> Subscription:
        """Raises TooManyStreams. Call `disconnect` when the page is gone."""
        if self._closed or sum(one.member_id == member_id for one in self._open) >= self._per_member:
            raise TooManyStreams
        subscription = Subscription(member_id, account, topics)
        self._open.add(subscription)
        for until, notice in self._recent.get(account, ()):
            if until > self._monotonic():
                subscription.notice(notice)
        return subscription

    def disconnect(self, subscription: Subscription) -> None:
        self._open.discard(subscription)

    @property
    def streams(self) -> int:
        return len(self._open)

    def expect(self, topic: str) -> asyncio.Event:
        """Set at the next commit that touches `topic`; give it back with `forget`."""
        event = asyncio.Event()
        self._waiting.setdefault(topic, set()).add(event)
        return event

    def forget(self, topic: str, event: asyncio.Event) -> None:
        waiting = self._waiting.get(topic, set())
        waiting.discard(event)
        if not waiting:
            self._waiting.pop(topic, None)

    def close(self) -> None:
        """End every stream, so that the server can stop without waiting for readers."""
        self._closed = True
        for subscription in self._open:
            subscription.close()

    def _hand_over(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:  # closed between the question and the call: nobody is left to be told
            return

    def _publish(self, topics: frozenset[str]) -> None:
        rooms = frozenset(topic for topic in topics if topic.startswith("room:"))
        if not rooms:
            return
        for subscription in self._open:
            subscription.changed(rooms)
        for topic in rooms:
            for event in self._waiting.get(topic, ()):
                event.set()

    def _notify(self, account: AccountRef, text: str) -> None:
        now = self._monotonic()
        notice = Notice(f"{now:.3f}-{next(self._numbers)}", text)
        for other, kept in list(self._recent.items()):
            while kept and kept[0][0] <= now:
                kept.popleft()
            if not kept:
                del self._recent[other]
        self._recent.setdefault(account, deque(maxlen=MAX_NOTICES)).append((now + NOTICE_SECONDS, notice))
        for subscription in self._open:
            if subscription.account == account:
                subscription.notice(notice)
