"""What was said in public rooms while nobody listened, from Discord's history. Knows the SDK; stores nothing.

Discord replays what was missed only for a short break of the connection. After a longer one, and after a restart, the
messages after the last one that is known are fetched; edits, deletions and reactions of that time stay unknown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Final

import discord

from adapters.discord import observed
from adapters.discord.capabilities import PLATFORM
from bot.domain.permissions import PUBLIC
from bot.ports import Store

log = logging.getLogger(__name__)

_MOST: Final = 2_000
"""Messages fetched per room: a gap larger than that is for an import."""


async def gap(store: Store, community_id: int, guild: discord.Guild) -> AsyncIterator[observed.Row]:
    """Room by room, oldest first. A room that cannot be read any more is left out."""
    for native, last in (await asyncio.to_thread(_known, store, community_id)).items():
        channel = guild.get_channel_or_thread(native)
        room = observed.room_of(channel)
        if room is None or not isinstance(channel, discord.abc.Messageable):
            continue
        me = guild.me
        try:
            async for message in channel.history(limit=_MOST, after=discord.Object(last), oldest_first=True):
                row = observed.posted(message, room) if message.author.id != me.id else None
                if row is not None:
                    yield row
        except discord.HTTPException as error:
            log.warning("the history of a room cannot be read: %d (%d)", error.status, error.code)


def _known(store: Store, community_id: int) -> dict[int, int]:
    """The last known message of every public room, by the id of its channel or thread."""
    found = {}
    with store.read() as uow:
        for room in uow.rooms.all(community_id):
            native = room.ref.thread_id or room.ref.native_id
            if room.ref.platform != PLATFORM or room.audience != PUBLIC or not native.isdecimal():
                continue
            last = uow.messages.last_native(room.id)
            if last is not None and last.isdecimal():
                found[int(native)] = int(last)
    return found
