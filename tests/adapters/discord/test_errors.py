"""What Discord's answers mean for whoever sends next."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from adapters.discord.errors import expired, translated
from bot.errors import ConfigError, DeliveryError, MalformedMessage, RateLimited, Refused, Unreachable

DISCORDS = {"Via": "1.1 google"}


def answer(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="", headers={**DISCORDS, **headers})
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = kinds.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    return kind(response, {"code": code, "message": "what was said"})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answer(403, 50007), Refused),
        (answer(403, 50013), Refused),
        (answer(404, 10003), Refused),
        (answer(404, 10008), Refused),
        (answer(400, 50083), Refused),
        (answer(400, 50035), MalformedMessage),
        (answer(400, 50006), MalformedMessage),
        (answer(401), ConfigError),
        (discord.LoginFailure("no"), ConfigError),
        (discord.PrivilegedIntentsRequired(None), ConfigError),
        (ValueError("too long"), MalformedMessage),
        (RuntimeError("else"), DeliveryError),
    ],
)
def test_what_it_becomes(error: Exception, expected: type[Exception]) -> None:
    told = translated(error)
    assert type(told) is expected
    assert "what was said" not in str(told)


@pytest.mark.parametrize(
    ("error", "maybe"),
    [
        (answer(500), True),
        (answer(503), True),
        (aiohttp.ServerDisconnectedError(), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (aiohttp.ClientConnectorError(SimpleNamespace(ssl=None, host="h", port=1), OSError()), False),  # type: ignore[arg-type]
    ],
)
def test_whether_it_may_have_arrived(error: Exception, maybe: bool) -> None:
    told = translated(error)
    assert isinstance(told, Unreachable)
    assert told.maybe_delivered is maybe


def test_limits_say_how_long_and_whose() -> None:
    of_room = translated(answer(429, **{"Retry-After": "7.5"}))
    assert isinstance(of_room, RateLimited)
    assert (of_room.retry_after, of_room.everywhere) == (7.5, False)
    of_all = translated(answer(429, **{"Retry-After": "2", "X-RateLimit-Global": "true"}))
    assert isinstance(of_all, RateLimited)
    assert of_all.everywhere
    own = translated(discord.RateLimited(61.0))
    assert isinstance(own, RateLimited)
    assert own.retry_after == 61.0


def test_a_proxys_limit_is_everywhere_and_nonsense_is_a_few_seconds() -> None:
    error = answer(429, **{"Retry-After": "soon"})
    error.response.headers.pop("Via")  # type: ignore[attr-defined]
    told = translated(error)
    assert isinstance(told, RateLimited)
    assert (told.retry_after, told.everywhere) == (5.0, True)


def test_what_of_an_interaction_is_over() -> None:
    assert expired(answer(404, 10062))
    assert expired(answer(401, 50027))
    assert not expired(answer(404, 10008))
    assert not expired(ValueError())
