"""The SDK's client as we use it: plain values in, plain JSON out. Knows addresses and time-outs; knows no update.

Answers are taken as JSON and not as the SDK's objects: a field that the SDK does not know yet must neither lose the
updates around it nor turn a message that was delivered into one that seems to have failed.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from adapters.files.loose import as_count, as_id, as_object, as_text
from adapters.telegram.envelope import Me

log = logging.getLogger(__name__)

BASE_URL: Final = "https://api.telegram.org/bot"
FILE_URL: Final = "https://api.telegram.org/file/bot"
_CONNECTIONS: Final = 32
_SLACK: Final = 10.0
"""Seconds that a long poll may take beyond the time asked for."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which bot, and where its API is. `repr` never shows the token."""

    token: str = field(repr=False)
    base_url: str = BASE_URL
    file_url: str = FILE_URL


class _Requests(HTTPXRequest):
    """Whatever a server answers is a result or a TelegramError, and what could not be read is in no log."""

    async def do_request(self, *args: Any, **values: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **values)
        if code == HTTPStatus.OK and b'"result"' not in payload:
            # Refused, whatever the status line says; the SDK would look for a result in it.
            code = as_count(self.parse_json_payload(payload).get("error_code")) or HTTPStatus.BAD_GATEWAY
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            read = json.loads(payload)
        except (ValueError, RecursionError):
            raise TelegramError("Invalid server response") from None
        if not isinstance(read, dict):
            raise TelegramError("Invalid server response")
        return read


class Client(Bot):
    """`open` it in the event loop in which it is used, and `leave` it there."""

    def __init__(self, access: Access) -> None:
        _keep_quiet()
        super().__init__(
            access.token,
            base_url=_ended(access.base_url),
            base_file_url=_ended(access.file_url),
            request=_Requests(connection_pool_size=_CONNECTIONS, read_timeout=20.0, write_timeout=20.0),
            get_updates_request=_Requests(connection_pool_size=2),
        )

    async def call(self, method: str, values: Mapping[str, object], *, patience: float | None = None) -> Any:
        """One call; the result as JSON. `patience`: seconds that the platform may take. Raises TelegramError."""
        if patience is None:
            return await self._post(method, dict(values))
        return await self._post(method, dict(values), read_timeout=patience + _SLACK)

    def __repr__(self) -> str:
        return "Client()"  # the SDK's own shows the token

    async def open(self) -> None:
        for request in self._request:
            await request.initialize()

    async def leave(self) -> None:
        for request in self._request:
            await request.shutdown()

    async def who(self) -> Me:
        """Our own account. Raises TelegramError."""
        found = as_object(await self.call("getMe", {}))
        return Me(as_id(found.get("id")) or "0", as_text(found.get("username")))

    async def unhook(self) -> None:
        """Nobody is brought updates any more. Where that is refused, asking for updates says whether it matters."""
        try:
            await self.call("deleteWebhook", {"drop_pending_updates": False})
        except TelegramError as error:
            log.warning("the webhook was not taken away: %s", type(error).__name__)


def _ended(url: str) -> str:
    """The SDK puts the token at the end, so "bot" must come right before it."""
    url = url.rstrip("/")
    return url if url.endswith("/bot") or "{token}" in url else f"{url}/bot"


def _keep_quiet() -> None:
    """Every address of the Bot API has the token in it, and HTTP libraries log addresses."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.INFO)
    # Without it the SDK warns at every limit that a future version will give it as a timedelta.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
