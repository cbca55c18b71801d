"""How fast each platform may be spoken to. Knows limits and a clock that is handed in; sends nothing, stores nothing.

A limit of `count` in `seconds` is kept for every window of that length: a sliding log of the last `count` sends, not a
bucket that refills, because a full bucket of 20 a minute lets 39 through in one minute. The platform counts a send when
it arrives, which is some time between its beginning and its answer, now sooner and now later: so a send takes its place
from the beginning on, and the place is free again `seconds` after the answer. What a platform answers (wait
`retry_after`) blocks a room or the whole platform, and always wins.

Order, fairness between rooms and urgency are decided by who asks first: the outbox gives out the head of every room,
answers before what nobody asked for, and a room that must wait asks again later without holding up the others.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.refs import RoomRef

LONGEST_BLOCK: Final = 30 * 86_400.0
_MAX_ROOMS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` sends in any `seconds`."""

    count: int
    seconds: float

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 < self.seconds < math.inf:
            raise ValueError(f"a rate needs a count and seconds above zero, got {self.count} in {self.seconds:g} s")


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one platform. `by_kind` adds to `room` for rooms of that kind. Threads count with the room they are in."""

    total: Rate
    room: Rate
    by_kind: Mapping[RoomKind, Rate] = field(default_factory=lambda: MappingProxyType({}))


_GROUP: Final = Rate(20, 60.0)

WEB: Final = Limits(total=Rate(500, 1.0), room=Rate(100, 1.0))
"""Our own page: bounded so that a runaway loop does not bury it."""
TELEGRAM: Final = Limits(
    total=Rate(30, 1.0),
    room=Rate(1, 1.0),
    by_kind=MappingProxyType({RoomKind.CHANNEL: _GROUP, RoomKind.THREAD: _GROUP}),
)
"""core.telegram.org/bots/faq: 30 messages a second, one a second in a chat, 20 a minute in a group."""
DISCORD: Final = Limits(total=Rate(50, 1.0), room=Rate(5, 5.0))
"""Discord's developer documentation, "Rate Limits": 50 requests a second; a channel's bucket is 5 in 5 s at present."""


class _Log:
    """The sends on their way under one rate, and when the last `count` others were answered."""

    __slots__ = ("_count", "_flying", "_seconds", "_times")

    def __init__(self, rate: Rate) -> None:
        self._count, self._seconds, self._flying = rate.count, rate.seconds, 0
        self._times: deque[float] = deque(maxlen=rate.count)

    def wait(self, now: float) -> float:
        left = self._count - self._flying
        if left <= 0:
            return self._seconds  # at least: nobody knows when the first of them is answered
        if len(self._times) < left:
            return 0.0
        return max(0.0, self._times[-left] + self._seconds - now)

    def free(self, now: float) -> int:
        used = sum(at + self._seconds > now for at in self._times)
        return max(0, self._count - self._flying - used)

    def begin(self) -> None:
        self._flying += 1

    def end(self, now: float, sends: int) -> None:
        self._flying = max(0, self._flying - 1)
        self._times.extend([now] * sends)

    def idle(self, now: float) -> bool:
        return not self._flying and (not self._times or self._times[-1] + self._seconds <= now)


class _Room:
    __slots__ = ("blocked_until", "logs")

    def __init__(self) -> None:
        self.logs: dict[RoomKind | None, _Log] = {}
        self.blocked_until = 0.0

    def idle(self, now: float) -> bool:
        return self.blocked_until <= now and all(log.idle(now) for log in self.logs.values())


class Pacing:
    """Belongs to one thread. `monotonic` gives seconds. Platforms without limits get those of `WEB`."""

    def __init__(self, limits: Mapping[str, Limits], monotonic: Callable[[], float]) -> None:
        self._limits = dict(limits)
        self._monotonic = monotonic
        self._totals: dict[str, _Log] = {}
        self._blocked: dict[str, float] = {}
        self._rooms: OrderedDict[tuple[str, str], _Room] = OrderedDict()

    def wait(self, room: RoomRef, kind: RoomKind | None = None) -> float:
        """Seconds until a message may go to this room; 0: now."""
        now = self._monotonic()
        known = self._rooms.get((room.platform, room.native_id))
        waits = [self.platform_wait(room.platform)]
        if known is not None:
            waits.append(known.blocked_until - now)
            waits += [log.wait(now) for about, log in known.logs.items() if about is None or about is kind]
        return max(0.0, *waits)

    def platform_wait(self, platform: str) -> float:
        """Seconds until anything may be sent to this platform at all; 0: now."""
        now = self._monotonic()
        return max(0.0, self._blocked.get(platform, now) - now, self._total(platform).wait(now))

    def free(self, platform: str) -> int:
        """How many messages the platform as a whole takes now."""
        return 0 if self.platform_wait(platform) > 0 else self._total(platform).free(self._monotonic())

    def take(self, room: RoomRef, kind: RoomKind | None = None) -> bool:
        """A send begins now; `done` must be called when it has ended, however it did. False: it has to wait."""
        if self.wait(room, kind) > 0:
            return False
        for log in self._logs(room, kind):
            log.begin()
        return True

    def done(self, room: RoomRef, kind: RoomKind | None = None, *, sends: int = 1) -> None:
        """A send that was taken has ended; it was `sends` messages of the platform's."""
        now = self._monotonic()
        for log in self._logs(room, kind):
            log.end(now, sends)

    def _logs(self, room: RoomRef, kind: RoomKind | None) -> list[_Log]:
        limits, known = self._of(room.platform), self._room(room)
        rates: list[tuple[RoomKind | None, Rate]] = [(None, limits.room)]
        if kind is not None and kind in limits.by_kind:
            rates.append((kind, limits.by_kind[kind]))
        return [
            self._total(room.platform),
            *(known.logs.setdefault(about, _Log(rate)) for about, rate in rates),
        ]

    def block(self, room: RoomRef, seconds: float) -> None:
        """The platform said to leave this room alone for so long. A later, shorter word does not end an earlier one."""
        known = self._room(room)
        known.blocked_until = max(known.blocked_until, self._monotonic() + sensible(seconds))

    def block_platform(self, platform: str, seconds: float) -> None:
        """The platform said to leave it alone altogether."""
        until = self._monotonic() + sensible(seconds)
        self._blocked[platform] = max(self._blocked.get(platform, until), until)

    def _of(self, platform: str) -> Limits:
        return self._limits.get(platform, WEB)

    def _total(self, platform: str) -> _Log:
        if platform not in self._totals:
            self._totals[platform] = _Log(self._of(platform).total)
        return self._totals[platform]

    def _room(self, room: RoomRef) -> _Room:
        key = (room.platform, room.native_id)
        found = self._rooms.get(key)
        if found is None:
            found = self._rooms[key] = _Room()
            self._forget_idle()
        self._rooms.move_to_end(key)
        return found

    def _forget_idle(self) -> None:
        """Rooms that limit nothing any more are forgotten, the longest unused first."""
        now = self._monotonic()
        while len(self._rooms) > _MAX_ROOMS:
            key = next(iter(self._rooms))
            if not self._rooms[key].idle(now):
                return
            del self._rooms[key]


def sensible(seconds: float) -> float:
    """A platform's number of seconds, made usable: nonsense becomes one second, a month is the most."""
    if math.isnan(seconds) or seconds < 0:
        return 1.0
    return min(seconds, LONGEST_BLOCK)
