"""The whole adapter against a server that refuses what can be done without: people are heard all the same."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest
from telegram.error import BadRequest, TelegramError

from adapters.telegram.client import Access, Client
from adapters.telegram.running import Telegram
from bot.errors import ConfigError
from storage import SqlStore
from tests.fakes.clock import FakeClock
from tests.telegram_server import TelegramServer
from tests.telegram_server.app import Fault

OPTIONAL = ("deleteWebhook", "getWebhookInfo", "getMyCommands", "setMyCommands", "getChatMember")


async def heard(server: TelegramServer, store: SqlStore, number: int) -> None:
    """Until so many updates are stored."""
    telegram = Telegram(Access(server.token, server.base_url), store, 1, FakeClock(), monotonic=time.monotonic)
    running = asyncio.create_task(telegram.run())
    try:
        async with asyncio.timeout(20):
            while not running.done() and stored(store) < number:
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def stored(store: SqlStore) -> int:
    with store.read() as uow:
        return len(uow.inbox.pending(limit=100))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("words", 404, words="Not Found: method not found"),
        Fault("words", 400, words="Bad Request: not here"),
        Fault("body", 200, words='{"ok":true}'),
        Fault("body", 500, words="[]"),
    ],
)
def test_what_is_optional_may_be_refused(server: TelegramServer, store: SqlStore, fault: Fault) -> None:
    for method in OPTIONAL:
        server.fails(method, *[fault] * 50)
    server.world.person("Ann").sends(None, "/help")
    asyncio.run(heard(server, store, 1))
    assert stored(store) == 1


def test_a_webhook_that_was_left_behind_is_taken_away(server: TelegramServer, store: SqlStore) -> None:
    server.fails("deleteWebhook", Fault("status", 500))
    server.world.updates.webhook_url = "https://elsewhere.example/hook"
    server.world.person("Ann").sends(None, "/help")
    asyncio.run(heard(server, store, 1))
    assert stored(store) == 1
    assert len(server.calls("deleteWebhook")) == 1  # the other was answered with the fault


def test_a_menu_that_cannot_be_read_is_set(server: TelegramServer, store: SqlStore) -> None:
    server.fails("getMyCommands", *[Fault("words", 404, words="Not Found: method not found")] * 6)

    async def run() -> None:
        hearing = asyncio.create_task(heard(server, store, 1))
        async with asyncio.timeout(20):
            while len(server.calls("setMyCommands")) < 6:
                await asyncio.sleep(0.02)
        server.world.person("Ann").sends(None, "/help")
        await hearing

    asyncio.run(run())


def test_only_who_we_are_tells_whether_the_token_is_right(server: TelegramServer, store: SqlStore) -> None:
    server.fails("getMe", Fault("status", 401))
    with pytest.raises(ConfigError, match="STUDYHALL_TELEGRAM_TOKEN"):
        asyncio.run(heard(server, store, 1))


@pytest.mark.parametrize(
    ("code", "body", "kind", "words"),
    [
        (200, '{"ok":false,"error_code":400,"description":"Bad Request: no"}', BadRequest, "No"),
        (200, '{"ok":true}', TelegramError, "Bad Gateway"),
        (200, "[]", TelegramError, "Invalid server response"),
        (502, "<html>secret words", TelegramError, "Bad Gateway"),
    ],
)
def test_no_answer_is_anything_but_a_result_or_an_error_of_the_sdk(
    server: TelegramServer,
    caplog: pytest.LogCaptureFixture,
    code: int,
    body: str,
    kind: type[TelegramError],
    words: str,
) -> None:
    server.fails("getMe", Fault("body", code, words=body))

    async def run() -> None:
        client = Client(Access(server.token, server.base_url))
        await client.open()
        try:
            with pytest.raises(kind, match=words):
                await client.call("getMe", {})
        finally:
            await client.leave()

    asyncio.run(run())
    assert "secret words" not in caplog.text
