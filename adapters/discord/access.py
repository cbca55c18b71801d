"""Which private rooms somebody may read now, from Discord's own permissions, and what the store must learn of it.

Asked before every command: whoever lost a role yesterday is answered today without what they may not read any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import discord

from adapters.discord.capabilities import PLATFORM
from adapters.discord.observed import room_of
from adapters.discord.updates import ByPart, Join, Leave, RoomPart
from bot.domain.permissions import room_audience
from bot.domain.refs import AccountRef
from bot.domain.rooms import Room
from bot.ports import Store

Row = tuple[str, Join | Leave]


def readable(member: discord.Member) -> dict[str, RoomPart]:
    """The channels of their server that a member may view, by id."""
    found = {}
    for channel in member.guild.channels:
        if channel.permissions_for(member).view_channel and (room := room_of(channel)) is not None:
            found[room.id] = room
    return found


def changes(store: Store, community_id: int, by: ByPart, may_read: Mapping[str, RoomPart], at: datetime) -> list[Row]:
    """What differs between the store and Discord, for the private channels that anything was ever said in."""
    with store.read() as uow:
        member = uow.members.by_account(community_id, AccountRef(PLATFORM, by.id))
        seen = uow.rooms.viewer(member).audiences if member is not None else frozenset()
        rooms = [room for room in uow.rooms.all(community_id) if _closed(room)]
    rows: list[Row] = []
    for room in rooms:
        native = room.ref.thread_id or room.ref.native_id
        if room.audience not in seen and native in may_read:
            rows.append((_key("j", by, native, at), Join(at=at, room=may_read[native], by=by)))
        elif room.audience in seen and native not in may_read:
            part = RoomPart(
                id=room.ref.native_id,
                thread=room.ref.thread_id,
                name=room.name,
                kind=room.kind,
                private=True,
                topic=room.topic,
                group=room.group,
                closed=room.ref.thread_id is not None,
            )
            rows.append((_key("l", by, native, at), Leave(at=at, room=part, by=by)))
    return rows


def _closed(room: Room) -> bool:
    """With an audience of its own: a private channel or a private thread, no thread that anybody in it may read."""
    own = room.ref.native_id.startswith(("@", "dm-"))
    return room.ref.platform == PLATFORM and room.audience == room_audience(room.id) and not own


def _key(kind: str, by: ByPart, room: str, at: datetime) -> str:
    return f"{kind}{by.id}:{room}:{at.timestamp():.6f}"
