"""Server-sent events: one stream per open page. Knows the wire format; what is worth saying is the hub's business."""

from __future__ import annotations

import asyncio
import json
from typing import Final, assert_never

from starlette.types import Receive, Scope, Send

from adapters.web.capabilities import HEARTBEAT, STREAM_SECONDS
from adapters.web.live import Event, Hub, Notice, Resync, RoomsChanged, Subscription

_STALLED: Final = 30.0
"""Seconds after which a reader who takes nothing is given up; their page opens a new stream and looks anew."""


class EventStream:
    """An ASGI answer that ends when the reader leaves, stalls, has been here long enough, or the hub closes."""

    def __init__(self, hub: Hub, subscription: Subscription) -> None:
        self._hub, self._subscription = hub, subscription

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI
        reading = asyncio.create_task(_until_gone(receive))
        writing = asyncio.create_task(self._write(send))
        try:
            done, _ = await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._hub.disconnect(self._subscription)
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # Whatever happened while no stream was open is unknown here: a page looks at its room once at the start.
        await _send(send, b"retry: 2000\n" + encode(Resync()))
        loop = asyncio.get_running_loop()
        end = loop.time() + STREAM_SECONDS
        try:
            while not self._subscription.closed and loop.time() < end:
                events = await self._subscription.next(HEARTBEAT)
                await _send(send, b"".join(map(encode, events)) or b": still here\n\n")
        except (TimeoutError, OSError):  # stalled or gone: the same to us
            return
        await _send(send, b"", more=False)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(_STALLED):
        await send({"type": "http.response.body", "body": body, "more_body": more})


def encode(event: Event) -> bytes:
    """One event; JSON holds no line break, so a message can never end it early."""
    match event:
        case RoomsChanged(topics):
            name, content = "rooms", json.dumps([int(topic.partition(":")[2]) for topic in topics])
        case Notice(id, text):
            name, content = "notice", json.dumps({"id": id, "text": text})
        case Resync():
            name, content = "resync", "{}"
        case _:
            assert_never(event)
    return f"event: {name}\ndata: {content}\n\n".encode()
