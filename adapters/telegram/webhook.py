"""Updates that Telegram brings by itself: told from anybody else's by a secret, stored, and only then taken with a 200.

Knows ASGI, so that the web community and this share one port; reads no update. It stands before the web community's own
gate: that one is for browsers, and an update may be larger than anything a browser sends.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_UPDATE: Final = 1024 * 1024
"""Bytes; the largest that the platform's limits allow is a fraction of it."""
HEADER: Final = "x-telegram-bot-api-secret-token"

Take = Callable[[bytes], Awaitable[bool]]
"""Store an update; False: not now, bring it again."""


class Webhook:
    """A layer around an application: POSTs to `path` are updates, everything else is the application's."""

    def __init__(self, app: ASGIApp, path: str, secret: str, take: Take) -> None:
        self._app, self._path, self._secret, self._take = app, path, secret.encode(), take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        await Response(status_code=await self._status(scope, receive))(scope, receive, send)

    async def _status(self, scope: Scope, receive: Receive) -> int:
        given = Headers(scope=scope).get(HEADER, "")
        if scope["method"] != "POST":
            return 405
        if not hmac.compare_digest(given.encode(), self._secret):
            return 403
        body = await _read(receive)
        if body is None:
            return 413
        return 200 if await self._take(body) else 503


async def _read(receive: Receive) -> bytes | None:
    """The body; None when it is larger than any update."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None  # whoever brought it has gone
        body += bytes(message.get("body", b""))
        if len(body) > MAX_UPDATE:
            return None
        if not message.get("more_body"):
            return body
