"""What Discord says about how we are set up, as checks; its server and rooms as the store has to know them. Knows the
SDK; decides nothing but what we need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import discord

from adapters.discord.capabilities import PLATFORM
from adapters.discord.observed import room_of
from adapters.discord.updates import RoomPart
from bot.domain.permissions import Home
from bot.domain.setup import Check, CheckName
from bot.domain.text import clean_line
from bot.ports import AuditRow, Store

_NEEDED: Final = ("view_channel", "send_messages", "send_messages_in_threads", "read_message_history")
_Talk = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel


def look_over(
    client: discord.Client, guild: discord.Guild | None, intents: frozenset[str], at: datetime
) -> list[Check]:
    """From what the connection knows: nothing is asked over the network."""

    def said(name: CheckName, *, ok: bool, detail: str = "") -> Check:
        return Check(PLATFORM, name, ok, at, detail=detail)

    user, flags = client.user, client.application_flags
    content = flags.gateway_message_content or flags.gateway_message_content_limited
    members = flags.gateway_guild_members or flags.gateway_guild_members_limited
    checks = [
        said(
            CheckName.ACCOUNT, ok=user is not None, detail=clean_line(user.name, limit=64) if user is not None else ""
        ),
        said(CheckName.HOME, ok=guild is not None, detail=str(len(client.guilds))),
        said(CheckName.CONTENT, ok="content" in intents, detail=_lacking(in_portal=content)),
        said(CheckName.MEMBERS, ok="members" in intents, detail=_lacking(in_portal=members)),
    ]
    return [*checks, *(_rooms(guild, at) if guild is not None else ())]


def _lacking(*, in_portal: bool) -> str:
    """Where it is switched off: Discord lets nobody connect with an intent that its portal does not allow."""
    return "STUDYHALL_DISCORD_INTENTS" if in_portal else "Discord Developer Portal, STUDYHALL_DISCORD_INTENTS"


def _rooms(guild: discord.Guild, at: datetime) -> Iterator[Check]:
    """What we cannot see is none of our business; of what we see, whether we have every right that we need."""
    seen = 0
    for channel in guild.channels:
        rights = rights_in(channel)
        if not isinstance(channel, _Talk) or not rights.view_channel:
            continue
        seen += 1
        lacking = [name.replace("_", " ") for name in _NEEDED if not getattr(rights, name)]
        name = clean_line(channel.name, limit=100)
        yield Check(PLATFORM, CheckName.ROOM, not lacking, at, str(channel.id), name, ", ".join(lacking))
        yield _threads(channel, rights, name, at)
    if not seen:
        name = clean_line(guild.name, limit=100)
        yield Check(PLATFORM, CheckName.ROOM, ok=False, at=at, subject=str(guild.id), title=name, detail="view channel")


def _threads(channel: _Talk, rights: discord.Permissions, name: str, at: datetime) -> Check:
    """Whether events can have threads there; without *Manage Threads* they can, and stay open. A post in a forum is a
    thread of its own, and voice channels have none."""
    make = "send_messages" if isinstance(channel, discord.ForumChannel) else "create_public_threads"
    wanted = (make, "send_messages_in_threads", "manage_threads")
    has = isinstance(channel, discord.TextChannel | discord.ForumChannel)
    lacking = [one for one in wanted if not getattr(rights, one)] if has else []
    ok = has and not set(lacking) - {"manage_threads"}
    detail = ", ".join(one.replace("_", " ") for one in lacking)
    return Check(PLATFORM, CheckName.THREADS, ok, at, str(channel.id), name, detail)


def rights_in(channel: discord.abc.GuildChannel) -> discord.Permissions:
    """Ours there. A server that did not say who we are in it gives us none that we know of."""
    me: discord.Member | None = channel.guild.me
    return channel.permissions_for(me) if me is not None else discord.Permissions.none()


def rooms_of(guild: discord.Guild) -> list[RoomPart]:
    """The rooms that we see, so that they can be switched on before anybody has said a word in them."""
    found = (
        room_of(channel) for channel in guild.channels if isinstance(channel, _Talk) and rights_in(channel).view_channel
    )
    return [room for room in found if room is not None]


def be_at_home(
    store: Store,
    community_id: int,
    server: int,
    name: str,
    homes: Sequence[Home],
    rooms: Sequence[RoomPart],
    at: datetime,
    *,
    chosen: bool,
) -> None:
    """Whose server it is: the one that the operator chose; without a choice the first that was the only one. A later
    only one is no home until its owner proves it, because anybody may have added us there."""
    native, name = str(server), clean_line(name, limit=100)
    known = {home.native_id: home for home in homes}
    with store.write() as uow:
        changed = False
        for other in known.keys() - {native} if chosen else ():
            changed |= uow.homes.remove(community_id, PLATFORM, other)
            uow.audit.add(
                community_id, AuditRow(at, "settings", "home.remove", f"{PLATFORM}:{other}", "another was chosen")
            )
        if native in known:
            changed |= uow.homes.put(community_id, replace(known[native], name=name), at)
        elif chosen or not known:
            changed |= uow.homes.put(community_id, Home(PLATFORM, native, name), at)
            reason = "chosen in the settings" if chosen else "the only server"
            uow.audit.add(community_id, AuditRow(at, "settings", "home.add", f"{PLATFORM}:{native}", reason))
        for room in rooms:
            place = room.place()
            there = uow.rooms.by_ref(community_id, place.room)
            if there is None or there.server != place.server or there.name != place.name:
                uow.rooms.ensure(community_id, place)
                changed = True
        if changed:
            uow.commit()
