"""An event loop whose time jumps to the next timer when nothing else is to be done, and clocks that read it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
START = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


class _Jumping(selectors.SelectSelector):
    """Never waits: moves the time forward instead."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen: no timer is set and nothing is ready")
        self.passed += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = _Jumping()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.passed


class VirtualClock:
    """Wall clock and monotonic seconds of a virtual loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()


def in_virtual_time(scenario: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run `scenario(clock)` to its end in a loop of its own."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(scenario(VirtualClock(loop)))


async def inline(call: Callable[..., T], /, *args: Any) -> T:
    """Stands in for `asyncio.to_thread` where time is virtual: real threads would not know it."""
    return call(*args)
