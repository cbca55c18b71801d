"""The connection over real sockets, at addresses from the settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.adapter import DiscordAdapter, DiscordOptions, rest_base
from bot.domain.refs import RoomRef
from bot.errors import ConfigError, RateLimited, Refused, Unreachable
from bot.surroundings import SystemClock
from tests.adapters.discord.hall import Hall, run
from tests.adapters.discord.sockets import APP, CHANNEL, LIN, SmallDiscord, command, message, small_discord, until
from tests.contracts.messenger import said


@asynccontextmanager
async def connected(
    hall: Hall, there: SmallDiscord, intents: frozenset[str] = frozenset()
) -> AsyncIterator[asyncio.Task[None]]:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    options = DiscordOptions(
        "token", hall.home / "told", intents=intents, rest_url=there.rest, gateway_url=there.gateway
    )
    hall.adapter = DiscordAdapter(hall.store, hall.community.id, SystemClock(), options, monotonic=time.monotonic)
    hall.dispatcher = hall.app.dispatcher({"discord": hall.adapter.parse}, lambda: None)
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


def test_a_session_that_discord_forgot_is_made_up_for_from_its_history(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there, frozenset({"content"})):
            there.history = [message("kept", "6001"), message("went", "6002")]
            for one in there.history:
                await there.say("MESSAGE_CREATE", one)
            await until(lambda: len(hall.pending()) == 2)
            await asyncio.to_thread(hall.dispatcher.drain)
            there.forgets = True
            edited = {**message("changed", "6001"), "edited_timestamp": "2026-11-07T11:00:00+00:00"}
            there.history = [edited, message("new", "6003")]
            await there.drop()
            await until(lambda: len(there.identified) == 2, seconds=20)
            await until(lambda: len(hall.pending()) >= 3, seconds=20)
            await there.say("MESSAGE_CREATE", message("new", "6003"))
            await there.say("MESSAGE_CREATE", message("last", "6004"))
            await until(lambda: len(hall.pending()) >= 4)
            await asyncio.to_thread(hall.dispatcher.drain)
            assert hall.texts(int(CHANNEL)) == ["changed", "", "new", "last"]

    run(scenario)


def test_a_token_that_is_taken_back_lets_what_is_to_be_sent_wait(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            there.fails["POST", "/messages"] = [(401, {"code": 0, "message": "401: Unauthorized"}, {})]
            with pytest.raises(Unreachable) as caught:
                await hall.adapter.messenger.send(RoomRef("discord", CHANNEL), said("x"), key="k")
            assert not caught.value.maybe_delivered
            assert len(there.asked("POST", "/messages")) == 1

    run(scenario)


def test_an_interaction_that_is_over_is_no_reason_to_try_again(hall: Hall) -> None:
    """It is said once that it cannot be answered; without leave to write directly, nothing else is tried."""

    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            there.fails["POST", "/callback"] = [(404, {"code": 10062, "message": "Unknown interaction"}, {})]
            await there.say("INTERACTION_CREATE", command("help", "late-token", "5001"))
            await until(lambda: there.asked("POST", "/callback"))
            with pytest.raises(Refused):
                await hall.adapter.messenger.send(RoomRef("discord", f"@{LIN}"), said("late"), key="k")
            assert not there.asked("PATCH", "/webhooks/100/late-token/messages/@original")
            there.fails["POST", "/callback"] = [(400, {"code": 40060, "message": "already acknowledged"}, {})]
            before = len(there.asked("POST", "/callback"))
            await there.say("INTERACTION_CREATE", command("help", "twice-token", "5002"))
            await until(lambda: len(there.asked("POST", "/callback")) > before)
            await hall.adapter.messenger.send(RoomRef("discord", f"@{LIN}"), said("answered"), key="k2")
            assert there.asked("PATCH", "/webhooks/100/twice-token/messages/@original")

    run(scenario)


def test_commands_that_are_refused_keep_nobody_from_being_answered(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there:
            there.fails["PUT", "/commands"] = [(403, {"code": 50001, "message": "Missing Access"}, {})]
            async with connected(hall, there):
                await there.say("INTERACTION_CREATE", command("help", "secret-token", "5001"))
                await until(hall.pending)
                await until(lambda: len(there.asked("PUT", "/commands")) == 2)
            assert (hall.home / "told").is_file()

    run(scenario)


def test_an_event_that_nobody_can_read_ends_no_connection(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            await there.say("INTERACTION_CREATE", {"id": "1"})
            await there.say("MESSAGE_CREATE", {"author": []})
            await there.say("GUILD_MEMBER_UPDATE", {})
            few = command("help", "secret-token", "5001")
            for optional in ("attachment_size_limit", "entitlements", "context", "channel", "guild_locale"):
                del few[optional]
            await there.say("INTERACTION_CREATE", few)
            await until(hall.pending)
            assert len(there.identified) == 1
            assert there.resumed == []

    run(scenario)


class Terse(SmallDiscord):
    """Says of its server what nobody can do without: neither who we are in it nor any role."""

    def guild(self) -> dict[str, Any]:
        return {**super().guild(), "members": [], "roles": []}


def test_a_server_that_says_little_of_itself_is_served(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord(Terse()) as there, connected(hall, there, frozenset({"content"})):
            await there.say("INTERACTION_CREATE", command("help", "secret-token", "5001"))
            await there.say("MESSAGE_CREATE", message("<@100> where do I begin?", "6001"))
            await until(lambda: len(hall.pending()) == 2)

    run(scenario)


def test_in_another_server_everybody_is_told_where_we_are_at_home(hall: Hall) -> None:
    async def scenario() -> None:
        async with small_discord() as there, connected(hall, there):
            await there.say("INTERACTION_CREATE", command("help", "secret-token", "5001") | {"guild_id": "201"})
            await until(lambda: there.asked("POST", "/callback"))
            (told,) = there.asked("POST", "/callback")
            assert told["type"] == 4
            assert told["data"]["flags"] & 64
            assert "服务器" in told["data"]["content"]
            assert hall.pending() == []

    run(scenario)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/api/v10"),
        ("http://127.0.0.1:9000/api/", "http://127.0.0.1:9000/api/v10"),
        ("http://127.0.0.1:9000/api/v10/", "http://127.0.0.1:9000/api/v10"),
        ("https://proxy.example/discord/api/v10", "https://proxy.example/discord/api/v10"),
    ],
)
def test_an_address_may_be_given_without_its_version(given: str, base: str) -> None:
    assert rest_base(given) == base
