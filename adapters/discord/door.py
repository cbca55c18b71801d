"""The inbox first: what arrived is durable before anything else is done about it. Knows the store; knows no SDK."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from itertools import count, islice
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
        self._waiting: dict[int, tuple[str, str]] = {}
        self._numbers = count()
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def put(self, rows: Iterable[tuple[str, Update]], *, patient: bool = True) -> None:
        """Returns when they are durable. `patient`: waits for a store that takes no writes now, because nobody sends
        the updates again; otherwise raises StoreUnavailable, for who can tell the person."""
        mine = {next(self._numbers): (native_id, dumps(update)) for native_id, update in rows}
        if not mine:
            return
        self._waiting |= mine
        last = max(mine)
        async with self._turn:
            while last in self._waiting:
                batch = dict(islice(self._waiting.items(), _TOGETHER))
                try:
                    await asyncio.to_thread(self._write, list(batch.values()))
                except StoreUnavailable as error:
                    if not patient:
                        self._forget(mine)
                        raise
                    log.warning("%d updates wait for the store: %s", len(self._waiting), error)
                else:
                    self._forget(batch)
                    continue
                await asyncio.sleep(_PAUSE)

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._waiting.pop(number, None)

    def _write(self, batch: Sequence[tuple[str, str]]) -> None:
        with self._store.write() as uow:
            uow.inbox.put(self._community_id, PLATFORM, batch, self._clock.now())
            uow.commit()
