"""A platform that does not accept our token any more: alone it ends the program, beside others they go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.conftest import Starts, Visits
from tests.system.serving import until
from tests.telegram_server import TelegramServer

NOWHERE = "http://127.0.0.1:1/api/v10"
"""Where nobody answers: Discord is tried again and again."""


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


def settings(telegram: TelegramServer) -> dict[str, str]:
    return {
        "STUDYHALL_TELEGRAM_TOKEN": "7000001:another-since-it-was-revoked",
        "STUDYHALL_TELEGRAM_BASE_URL": telegram.base_url,
        "STUDYHALL_TELEGRAM_FILE_URL": telegram.file_url,
    }


def test_alone_it_ends_the_program_and_says_what_to_do(home: Path, serve: Starts, telegram: TelegramServer) -> None:
    server = serve(home, **settings(telegram)).start()
    assert server.process.wait(30) == 1
    log = server.log.read_text()
    assert "STUDYHALL_TELEGRAM_TOKEN" in log
    assert "Traceback" not in log


def test_beside_another_the_rest_goes_on_and_is_not_called_well(
    home: Path, serve: Starts, visit: Visits, telegram: TelegramServer
) -> None:
    both = {**settings(telegram), "STUDYHALL_DISCORD_TOKEN": "of.a.test", "STUDYHALL_DISCORD_REST_URL": NOWHERE}
    server = serve(home, **both).start()

    def told() -> bool:
        return not httpx.get(f"{server.origin}/healthz").json().get("parts", {}).get("telegram", True)

    until(told)
    assert not httpx.get(f"{server.origin}/healthz").json()["ok"]
    ann = visit(server, "Ann")
    assert ann.say("/help").status_code == 202
    assert server.process.poll() is None
    log = server.log.read_text()
    assert log.count("STUDYHALL_TELEGRAM_TOKEN") == 1
    assert "Traceback" not in log
    assert server.stop()[0] == 0
