"""What an error of the SDK means for whoever sends next. Knows Discord's codes; sends nothing.

===================================== ===============================================
what the SDK says                     what it becomes
===================================== ===============================================
429, RateLimited                      RateLimited, `everywhere` where Discord says so
401, 4004, LoginFailure,              ConfigError: the operator must act
intents refused
403 (50007 closed direct messages,    Refused: asking again counts towards Discord's
50001, 50013 ...)                     10,000 invalid requests, so it is never repeated
404 (channel, message, guild gone)    Refused
400 (50035 invalid form body ...)     MalformedMessage
400 (50083 archived, 30046 ...)       Refused
5xx, connection lost while waiting    Unreachable, perhaps delivered
no connection at all                  Unreachable, not delivered
===================================== ===============================================
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import aiohttp
import discord

from bot.domain.setup import RefusalCause
from bot.errors import (
    BotError,
    ConfigError,
    DeliveryError,
    MalformedMessage,
    RateLimited,
    Refused,
    Unreachable,
)

EXPIRED: Final = frozenset({10015, 10062, 50027})
"""Unknown webhook, unknown interaction, invalid webhook token: an interaction that can no longer be answered."""
ANSWERED: Final = 40060
"""The interaction has been acknowledged already."""
_REFUSED_400: Final = frozenset({20028, 30046, 40003, 50024, 50083, 160005})
"""Slow mode or a full, locked or archived room: the message is right, the room does not take it."""
_CLOSED: Final = frozenset({50007, 50278})
"""Somebody takes no direct messages, or shares no server with us any more."""
_BAD_TOKEN: Final = 4004
"""Of the gateway's own codes: authentication failed."""
_DEFAULT_WAIT: Final = 5.0


def expired(error: Exception) -> bool:
    """Whether `error` says that the interaction's token cannot be used any more."""
    return isinstance(error, discord.HTTPException) and error.code in EXPIRED


def translated(error: Exception) -> BotError:
    """The error to raise instead. Reasons name codes, never the message's text."""
    match error:
        case BotError():
            return error
        case discord.RateLimited():
            return RateLimited(error.retry_after)
        case discord.LoginFailure():
            return ConfigError("Discord does not accept STUDYHALL_DISCORD_TOKEN. Copy the bot's token anew.")
        case discord.PrivilegedIntentsRequired():
            return ConfigError(
                "Discord refused a privileged intent. Switch it on in the developer portal (Bot, Privileged Gateway "
                "Intents), or take it out of STUDYHALL_DISCORD_INTENTS."
            )
        case discord.ConnectionClosed() if error.code == _BAD_TOKEN:
            return ConfigError("Discord does not accept STUDYHALL_DISCORD_TOKEN any more. Copy the bot's token anew.")
        case discord.ConnectionClosed() | discord.GatewayNotFound():
            return Unreachable("the gateway closed the connection", maybe_delivered=False)
        case discord.HTTPException():
            return _of_http(error)
        case aiohttp.ClientConnectorError():
            return Unreachable(f"no connection: {type(error).__name__}", maybe_delivered=False)
        case aiohttp.ClientError() | TimeoutError() | asyncio.TimeoutError() | OSError():
            return Unreachable(f"connection lost: {type(error).__name__}", maybe_delivered=True)
        case ValueError() | TypeError():
            return MalformedMessage(f"the SDK refused the message: {type(error).__name__}")
        case _:
            return DeliveryError(type(error).__name__)


def _of_http(error: discord.HTTPException) -> BotError:
    status, code = error.status, error.code
    reason = f"Discord answered {status} ({code})"
    if status == 429:
        return RateLimited(_retry_after(error), everywhere=_is_global(error))
    if status == 401:
        return ConfigError("Discord does not accept STUDYHALL_DISCORD_TOKEN any more. Copy the bot's token anew.")
    if status in (403, 404) or (status == 400 and code in _REFUSED_400):
        return Refused(reason, cause=_cause(status, code))
    if status >= 500:
        return Unreachable(reason, maybe_delivered=True)
    return MalformedMessage(reason)


def _cause(status: int, code: int) -> RefusalCause:
    if code in _CLOSED:
        return RefusalCause.CLOSED
    return RefusalCause.GONE if status == 404 else RefusalCause.FORBIDDEN


def _retry_after(error: discord.HTTPException) -> float:
    try:
        return float(error.response.headers.get("Retry-After", _DEFAULT_WAIT))
    except (AttributeError, TypeError, ValueError):
        return _DEFAULT_WAIT


def _is_global(error: discord.HTTPException) -> bool:
    """A 429 without Discord's own headers comes from the proxy before it: the whole address is meant."""
    headers = getattr(error.response, "headers", {})
    return headers.get("X-RateLimit-Global", "").lower() == "true" or "Via" not in headers


async def within(seconds: float, waiting: Any) -> Any:
    """The result, or None when it takes longer or Discord does not say."""
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except (discord.HTTPException, TimeoutError, OSError):
        return None
