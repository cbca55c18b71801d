"""The inbox first: what arrived is durable before anything else is done about it. Knows the store; knows no SDK."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Final

from adapters.discord.capabilities import PLATFORM
from adapters.discord.updates import Update, dumps
from bot.errors import StoreUnavailable
from bot.ports import Clock, Store

log = logging.getLogger(__name__)

_TOGETHER: Final = 500
_PAUSE: Final = 1.0


class Door:
    """Keeps the order of arrival; whatever waits while a write is under way goes in with the next one."""

    def __init__(self, store: Store, community_id: int, clock: Clock) -> None:
        self._store, self._community_id, self._clock = store, community_id, clock
        self._waiting: list[tuple[str, str]] = []
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def put(self, rows: Iterable[tuple[str, Update]], *, patient: bool = True) -> None:
        """Returns when they are durable. `patient`: waits for a store that takes no writes now, because nobody sends
        the updates again; otherwise raises StoreUnavailable, for who can tell the person."""
        mine = [(native_id, dumps(update)) for native_id, update in rows]
        if not mine:
            return
        self._waiting += mine
        last = mine[-1]
        async with self._turn:
            while any(one is last for one in self._waiting):
                batch = self._waiting[:_TOGETHER]
                try:
                    await asyncio.to_thread(self._write, batch)
                except StoreUnavailable as error:
                    if not patient:
                        ours = {id(one) for one in mine}
                        self._waiting = [one for one in self._waiting if id(one) not in ours]
                        raise
                    log.warning("%d updates wait for the store: %s", len(self._waiting), error)
                else:
                    del self._waiting[: len(batch)]
                    continue
                await asyncio.sleep(_PAUSE)

    def _write(self, batch: Sequence[tuple[str, str]]) -> None:
        with self._store.write() as uow:
            uow.inbox.put(self._community_id, PLATFORM, batch, self._clock.now())
            uow.commit()
