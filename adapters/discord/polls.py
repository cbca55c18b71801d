"""How polls stand. A vote says only that somebody chose something, so the poll is read anew a moment later: that can be
repeated without harm, and a hundred votes cost one question to Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import discord

from adapters.discord.errors import within

log = logging.getLogger(__name__)

_PATIENCE = 5.0
_MOST = 1_000


class Polls:
    """Belongs to the event loop. `tell` gets the message as it is now; `settle` is in seconds."""

    def __init__(self, tell: Callable[[discord.Message], Awaitable[None]], *, settle: float = 2.0) -> None:
        self._tell, self._settle = tell, settle
        self._reading: dict[int, asyncio.Task[None]] = {}

    def voted(self, client: discord.Client, channel_id: int, message_id: int) -> None:
        if message_id in self._reading or len(self._reading) >= _MOST:
            return  # what is dropped here is made good by the next vote, the end of the poll or the next start
        task = asyncio.create_task(self._read(client, channel_id, message_id), name=f"poll {message_id}")
        self._reading[message_id] = task
        task.add_done_callback(lambda _: self._reading.pop(message_id, None))

    async def _read(self, client: discord.Client, channel_id: int, message_id: int) -> None:
        await asyncio.sleep(self._settle)
        # Votes from here on are read again.
        self._reading.pop(message_id, None)
        channel = client.get_partial_messageable(channel_id)
        message = await within(_PATIENCE, channel.fetch_message(message_id))
        if message is None:
            log.info("a poll could not be read")
        else:
            await self._tell(message)
