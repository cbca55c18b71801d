"""What changed about the rooms that are known: renamed, made private, gone. Compares the store with Discord's own list.

A room that turned private must not be suggested from until somebody happens to write in it again.
"""

from __future__ import annotations

from datetime import datetime

import discord

from adapters.discord import observed
from adapters.discord.capabilities import PLATFORM
from adapters.discord.observed import Row
from adapters.discord.updates import RoomPart
from bot.domain.permissions import PUBLIC
from bot.domain.rooms import Room
from bot.domain.text import clean_line
from bot.ports import Store


def changes(store: Store, community_id: int, guild: discord.Guild, at: datetime) -> list[Row]:
    """For the inbox. An archived thread is not on Discord's list and has not changed."""
    with store.read() as uow:
        known = [room for room in uow.rooms.all(community_id) if _of_the_server(room)]
    rows: list[Row] = []
    for room in known:
        native = int(room.ref.thread_id or room.ref.native_id)
        channel = guild.get_channel_or_thread(native)
        now = observed.room_of(channel)
        if channel is None and room.ref.thread_id is None and not guild.unavailable:
            if room.indexed or room.audience == PUBLIC:
                rows.append(observed.changed(_part(room), at, gone=True))
        elif now is not None and _differs(room, now):
            rows.append(observed.changed(now, at))
    return rows


def _differs(room: Room, now: RoomPart) -> bool:
    closed = now.private and room.audience == PUBLIC
    named = clean_line(now.name, limit=120)
    return closed or bool(named and named != room.name)


def _of_the_server(room: Room) -> bool:
    return room.ref.platform == PLATFORM and (room.ref.thread_id or room.ref.native_id).isdecimal()


def _part(room: Room) -> RoomPart:
    ref = room.ref
    return RoomPart(id=ref.native_id, thread=ref.thread_id, name=room.name, kind=room.kind, private=True)
