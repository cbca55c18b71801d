"""The server in a thread of its own, on a free port of loopback, and the webhook's deliveries."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn

from tests.telegram_server.app import Api, Fault
from tests.telegram_server.model import Chat, Sent, World
from tests.telegram_server.rates import Rates

TOKEN = "7000001:test-token-of-no-real-bot"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class TelegramServer:
    """`with TelegramServer() as server:`; people and chats are made by `server.world`."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        rates: Rates | None = None,
        privacy: bool = True,
        token: str = TOKEN,
    ) -> None:
        rates = rates or Rates(time.monotonic, chat=0, group=0, total=0)
        self.token = token
        self.world = World(now, rates, privacy=privacy)
        self.api = Api(self.world, token)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        config = uvicorn.Config(
            self.api.app(), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="telegram test server", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self.pushed: list[tuple[int, int]] = []
        """(update id, status) of every delivery to the webhook."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def file_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file/bot"

    def __enter__(self) -> Self:
        self.world.wake = self._wake
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the test server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.stopping = True
        self._wake()
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()

    def fails(self, method: str, *faults: Fault) -> None:
        """The next calls of `method` go wrong, one fault each."""
        self.api.faults.setdefault(method.lower(), deque()).extend(faults)

    def refuses(self, method: str, code: int, words: str) -> None:
        """The next call is answered with just this error."""
        self.fails(method, Fault("words", code, words=words))

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [given for name, given in list(self.api.calls) if name == method.lower()]

    def shown(self, chat: Chat) -> list[Sent]:
        with self.world.lock:
            return [m for m in chat.messages if m.by["id"] == self.world.bot["id"] and (m.text or m.has_file)]

    def until(self, true: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait for something that others bring about."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise TimeoutError("it did not happen")
            time.sleep(0.01)

    def _wake(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.api.news.set)

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        pushing = asyncio.create_task(self._push())
        self._loop.call_soon(self._ready.set)
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)

    async def _push(self) -> None:
        """Deliveries to a webhook, one at a time; what is not taken with 200 comes again."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            while True:
                await asyncio.sleep(0.02)
                updates = self.world.updates
                with self.world.lock:
                    update = updates.waiting[0] if updates.webhook_url and updates.waiting else None
                    url, secret = updates.webhook_url, updates.secret
                if update is None:
                    continue
                headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
                headers["content-type"] = "application/json"
                try:
                    status = (await client.post(url, content=json.dumps(update), headers=headers)).status_code
                except httpx.HTTPError:
                    status = 0
                self.pushed.append((update["update_id"], status))
                if status == 200:
                    with self.world.lock:
                        updates.waiting.remove(update)
                else:
                    with self.world.lock:
                        words = f"Wrong response from the webhook: {status}" if status else "Connection refused"
                        updates.failed = int(self.world.now()), words
                    await asyncio.sleep(0.1)
