"""One question to Discord without a connection: whose token it is, and what its application may. For the doctor."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import aiohttp
import discord
from discord.http import Route

from adapters.discord.capabilities import PLATFORM
from adapters.files.loose import as_object, as_text
from bot.domain.setup import Check, CheckName
from bot.domain.text import clean_line

WITHIN: Final = 5.0
"""Seconds for both questions together."""


async def ask_live(token: str, at: datetime, *, rest_url: str = "", within: float = WITHIN) -> list[Check]:
    """Never raises: what cannot be asked is a check that is not well. The token is in no check."""
    base = (rest_url or Route.BASE).rstrip("/")
    try:
        async with asyncio.timeout(within), aiohttp.ClientSession(headers={"Authorization": f"Bot {token}"}) as session:
            user = await _get(session, f"{base}/users/@me")
            application = await _get(session, f"{base}/applications/@me")
    except aiohttp.ClientResponseError as error:
        problem = "the token is not accepted" if error.status in (401, 403) else f"it answers {error.status}"
        return [Check(PLATFORM, CheckName.ACCOUNT, ok=False, at=at, detail=problem)]
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return [
            Check(PLATFORM, CheckName.ACCOUNT, ok=False, at=at, detail=f"it cannot be reached: {type(error).__name__}")
        ]
    number = application.get("flags")
    flags = discord.ApplicationFlags._from_value(number if isinstance(number, int) else 0)  # noqa: SLF001
    content = flags.gateway_message_content or flags.gateway_message_content_limited
    members = flags.gateway_guild_members or flags.gateway_guild_members_limited
    name = clean_line(as_text(user.get("username")), limit=64)
    return [
        Check(PLATFORM, CheckName.ACCOUNT, ok=True, at=at, detail=name),
        Check(PLATFORM, CheckName.CONTENT, ok=content, at=at, detail="Discord Developer Portal"),
        Check(PLATFORM, CheckName.MEMBERS, ok=members, at=at, detail="Discord Developer Portal"),
    ]


async def _get(session: aiohttp.ClientSession, url: str) -> dict[str, object]:
    async with session.get(url) as answer:
        answer.raise_for_status()
        return dict(as_object(await answer.json(content_type=None)))
