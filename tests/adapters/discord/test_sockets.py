"""The connection over real sockets, at addresses from the settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.adapter import DiscordAdapter, DiscordOptions
from bot.app import SystemClock
from bot.domain.refs import RoomRef
from bot.errors import ConfigError, RateLimited
from tests.adapters.discord.hall import Hall, run
from tests.adapters.discord.sockets import APP, CHANNEL, LIN, SmallDiscord, command, message, small_discord, until
from tests.contracts.messenger import said


@asynccontextmanager
async def connected(hall: Hall, there: SmallDiscord) -> AsyncIterator[asyncio.Task[None]]:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    options = DiscordOptions("token", hall.home / "told", rest_url=there.rest, gateway_url=there.gateway)
    hall.adapter = DiscordAdapter(hall.store, hall.community.id, SystemClock(), options, monotonic=time.monotonic)
    task = asyncio.create_task(hall.adapter.run())
    try:
        await until(lambda: task.done() or hall.adapter.connected)
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, ConfigError):
            await task
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before[0], yarl.URL(before[1])


def test_a_command_is_acknowledged_and_answered_over_the_wire(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            assert there.asked("PUT", f"/applications/{APP}/commands")
            assert there.identified[0]["intents"] & (1 << 15) == 0
            await there.say("INTERACTION_CREATE", command("help", "secret-token", "5001"))
            await until(lambda: there.asked("POST", "/callback"))
            (acknowledged,) = there.asked("POST", "/callback")
            assert acknowledged["type"] == 5
            assert acknowledged["data"]["flags"] & 64
            (row,) = hall.pending()
            assert "secret-token" in row.raw
            await hall.adapter.messenger.send(RoomRef("discord", f"@{LIN}"), said("only you"), key="k")
            (answer,) = there.asked("PATCH", f"/webhooks/{APP}/secret-token/messages/@original")
            assert answer["flags"] & 1 << 15
            assert answer["allowed_mentions"] == {"parse": []}

    run(scenario)


def test_a_message_said_by_name_and_a_break_that_is_taken_up_again(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            await there.say("MESSAGE_CREATE", message("<@100> where do I begin?", "6001"))
            await until(lambda: len(hall.pending()) == 1)
            await there.drop()
            await until(lambda: there.resumed)
            assert there.resumed[0]["session_id"] == "session"
            await there.say("MESSAGE_CREATE", message("<@100> where do I begin?", "6001"))
            await there.say("MESSAGE_CREATE", message("<@100> and then?", "6002"))
            await until(lambda: len(hall.pending()) == 2)
            assert [row.native_id for row in hall.pending()] == ["m6001", "m6002"]

    run(scenario)


def test_a_limit_is_told_to_the_outbox_and_not_slept_through(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            limit = (429, {"message": "slow", "retry_after": 61.5, "global": False}, {"Retry-After": "61.5"})
            there.fails["POST", "/messages"] = [limit]
            with pytest.raises(RateLimited) as caught:
                await hall.adapter.messenger.send(RoomRef("discord", CHANNEL), said("x"), key="k")
            assert 60 < caught.value.retry_after <= 62
            await hall.adapter.messenger.send(RoomRef("discord", "301"), said("x"), key="k2")
            sent = there.asked("POST", "/channels/301/messages")[-1]
            assert sent["enforce_nonce"] is True

    run(scenario)


def test_a_token_that_is_not_accepted_is_the_operators_to_change(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there:
            there.fails["GET", "/users/@me"] = [(401, {"code": 0, "message": "401: Unauthorized"}, {})]
            async with connected(hall, there) as task:
                with pytest.raises(ConfigError, match="STUDYHALL_DISCORD_TOKEN"):
                    await task

    run(scenario)
