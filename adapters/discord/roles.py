"""The server's roles and who has them -> raw updates, where the store does not know it yet. Knows the SDK's guild and
the payload of a member's change; decides nothing.

A change of somebody's roles is told only to a bot with the right to hear of members (``members`` in
``STUDYHALL_DISCORD_INTENTS``); without it their roles are known as of the last thing that they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import discord

from adapters.discord.capabilities import PLATFORM
from adapters.discord.updates import RolePart, Roles, Standing, StandingPart
from bot.domain.admission import NativeRole
from bot.domain.permissions import PlatformRole
from bot.domain.refs import AccountRef
from bot.domain.text import clean_line
from bot.ports import Store

Row = tuple[str, Roles | Standing]
_MAX_NAME: Final = 100


def listed(store: Store, community_id: int, guild: discord.Guild, at: datetime) -> list[Row]:
    """All roles but everybody's and those of bots, the highest first; nothing where just those are known."""
    server = str(guild.id)
    roles = [role for role in sorted(guild.roles, reverse=True) if not (role.is_default() or _of_a_bot(role))]
    parts = tuple(
        RolePart(id=str(role.id), name=clean_line(role.name, limit=_MAX_NAME) or str(role.id)) for role in roles
    )
    with store.read() as uow:
        known = [one for one in uow.native_roles.all(community_id) if (one.platform, one.where) == (PLATFORM, server)]
    if known == [NativeRole(PLATFORM, server, part.id, part.name) for part in parts]:
        return []
    return [(f"g{server}:{at.timestamp():.6f}", Roles(at=at, server=server, roles=parts))]


def _of_a_bot(role: discord.Role) -> bool:
    """Made by Discord for one application; those of boosters and subscribers are people's."""
    return role.managed and not (role.is_premium_subscriber() or role.is_integration())


def standing_in(guild: discord.Guild, payload: Mapping[str, Any]) -> tuple[str, StandingPart] | None:
    """Whose, and what they are now, of a GUILD_MEMBER_UPDATE; None: it does not say."""
    user, ids = payload.get("user"), payload.get("roles")
    if not isinstance(user, Mapping) or not isinstance(ids, list) or user.get("bot"):
        return None
    account = str(user.get("id", ""))
    held = [role for one in ids if str(one).isdecimal() and (role := guild.get_role(int(one))) is not None]
    everybody: discord.Role | None = guild.default_role
    rights = [role.permissions for role in (*held, everybody) if role is not None]
    manages = account == str(guild.owner_id) or any(one.administrator or one.manage_guild for one in rights)
    roles = tuple(str(role.id) for role in held if not role.is_default())
    return (account, StandingPart(server=str(guild.id), manages=manages, roles=roles)) if account else None


def changed(store: Store, community_id: int, account: str, standing: StandingPart, at: datetime) -> list[Row]:
    """Nothing of people who are nobody's account here, and nothing that is known already."""
    now = standing.standing()
    with store.read() as uow:
        member = uow.members.by_account(community_id, AccountRef(PLATFORM, account))
        if member is None:
            return []
        known = uow.native_roles.of([member.id]).get(member.id, [])
    if (PLATFORM, now) in known or (now == PlatformRole(now.where) and not known):
        return []
    return [(f"s{account}:{at.timestamp():.6f}", Standing(at=at, account=account, standing=standing))]
