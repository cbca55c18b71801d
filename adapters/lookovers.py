"""When a platform is asked how we are set up, and that its answers are kept. Knows the store; asks no platform."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from bot.domain.permissions import Home
from bot.domain.setup import Check
from bot.errors import StoreUnavailable
from bot.ports import Store

log = logging.getLogger(__name__)

EVERY: Final = 300.0
"""Seconds between looks where nothing says that anything has changed."""
PAUSE: Final = 2.0
"""Seconds between two looks at least: changes come in swarms."""

Ask = Callable[[Sequence[Home]], Awaitable[Sequence[Check] | None]]
"""Ask the platform, given the community's homes on it. None: it cannot be asked now."""


class Lookovers:
    """`run` it as a task of the event loop; `again` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        community_id: int,
        platform: str,
        ask: Ask,
        *,
        every: float = EVERY,
        pause: float = PAUSE,
        in_thread: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._store, self._community_id, self._platform, self._ask = store, community_id, platform, ask
        self._every, self._pause, self._in_thread = every, pause, in_thread
        self._wanted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def again(self) -> None:
        """Something has changed, or somebody wants to know."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wanted.set)

    async def run(self) -> None:
        """Until cancelled; nothing that a platform or the store does ends it."""
        self._loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._pause)
            self._wanted.clear()
            try:
                await self.look()
            except StoreUnavailable as error:
                log.warning("what a platform said about our set-up cannot be kept now: %s", error)
            except Exception:  # whatever it was, it is asked again
                log.exception("looking over the set-up failed")
            try:
                async with asyncio.timeout(self._every):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Ask and keep, once. Raises what the store and the platform raise."""
        homes = await self._in_thread(self._homes)
        checks = await self._ask(homes)
        if checks is not None:
            await self._in_thread(self._keep, checks)

    def _homes(self) -> list[Home]:
        with self._store.read() as uow:
            return uow.homes.all(self._community_id, self._platform)

    def _keep(self, checks: Sequence[Check]) -> None:
        with self._store.write() as uow:
            uow.checks.replace(self._community_id, self._platform, checks)
            uow.commit()
