"""The Bot API over HTTP: tokens, parameters in every allowed form, long polling, files, and faults on demand."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.telegram_server.calls import Call
from tests.telegram_server.errors import ApiError, too_many
from tests.telegram_server.methods import METHODS
from tests.telegram_server.model import World

MAX_UPLOAD = 50 * 1024 * 1024


class Cut(Response):
    """A connection that ends in the middle of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: MutableMapping[str, Any] = {"type": "http.response.start", "status": 200}
        await send(start | {"headers": [(b"content-length", b"4096")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next call of a method. `after`: once it has had its effect.

    `kind`: ``status`` (`number` is the code), ``limit`` (`number` seconds), ``cut``, ``garbage``, ``late`` (seconds),
    ``none`` (this call goes well), ``words`` (`number` is the code, `words` the description), ``body`` (the same, but
    `words` is all of the answer).
    """

    kind: str
    number: float = 0
    after: bool = False
    words: str = ""


@dataclass
class Api:
    """One bot's side of the platform."""

    world: World
    token: str
    news: asyncio.Event = field(default_factory=asyncio.Event)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stopping: bool = False

    def app(self) -> Starlette:
        routes = [
            Route("/bot{token}/{method}", self.answer, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.file),
        ]
        return Starlette(routes=routes)

    async def answer(self, request: Request) -> Response:
        method = str(request.path_params["method"]).lower()
        fault = self._fault(method)
        if fault is not None and not fault.after:
            return await self._broken(fault)
        try:
            self._known(str(request.path_params["token"]))
            call = await _call(request)
            self.calls.append((method, call.given))
            result = await self._updates(call) if method == "getupdates" else self._called(method, call)
        except ApiError as error:
            return _json(error.body(), error.code)
        if fault is not None:
            return await self._broken(fault)
        return _json({"ok": True, "result": result})

    async def file(self, request: Request) -> Response:
        try:
            self._known(str(request.path_params["token"]))
        except ApiError as error:
            return _json(error.body(), error.code)
        path = str(request.path_params["path"])
        with self.world.lock:
            content = self.world.files.get(path.removeprefix("documents/")) if path in self.world.paths else None
        return Response(content) if content is not None else _json(ApiError(404, "Not Found").body(), 404)

    def _known(self, token: str) -> None:
        number, colon, rest = token.partition(":")
        if not (colon and number.isdecimal() and rest):
            raise ApiError(404, "Not Found")
        if token != self.token:
            raise ApiError(401, "Unauthorized")

    def _called(self, method: str, call: Call) -> Any:
        if method not in METHODS:
            raise ApiError(404, "Not Found: method not found")
        with self.world.lock:
            return METHODS[method](self.world, call)

    async def _updates(self, call: Call) -> list[Any]:
        limit = min(max(call.number("limit", 100) or 100, 1), 100)
        wait = min(max(call.number("timeout", 0) or 0, 0), 50)
        with self.world.lock:
            turn = self.world.updates.begin(call.number("offset", 0) or 0, call.structure("allowed_updates"))
        self.news.set()  # whoever waited before has lost its turn
        deadline = asyncio.get_running_loop().time() + wait
        while True:
            self.news.clear()
            with self.world.lock:
                given = self.world.updates.look(turn, limit)
            left = deadline - asyncio.get_running_loop().time()
            if given or left <= 0 or self.stopping:
                return given
            try:
                await asyncio.wait_for(self.news.wait(), left)
            except TimeoutError:
                continue

    def _fault(self, method: str) -> Fault | None:
        planned = self.faults.get(method)
        fault = planned.popleft() if planned else None
        return None if fault is None or fault.kind == "none" else fault

    async def _broken(self, fault: Fault) -> Response:
        match fault.kind:
            case "status":
                words = {500: "Internal Server Error", 502: "Bad Gateway", 401: "Unauthorized"}
                code = int(fault.number)
                return _json(ApiError(code, words.get(code, "Error")).body(), code)
            case "words":
                return _json(ApiError(int(fault.number), fault.words).body(), int(fault.number))
            case "body":
                return Response(fault.words.encode(), int(fault.number), media_type="application/json")
            case "limit":
                return _json(too_many(int(fault.number)).body(), 429)
            case "cut":
                return Cut()
            case "garbage":
                return Response(b"<html>not JSON", media_type="application/json")
            case "late":
                await asyncio.sleep(fault.number)
                return Cut()
            case kind:
                raise ValueError(kind)


async def _call(request: Request) -> Call:
    given: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        try:
            given |= json.loads(await request.body())
        except ValueError:
            raise ApiError(400, "Bad Request: can't parse JSON") from None
        return Call(given)
    files: dict[str, tuple[str, bytes]] = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = (value.filename or name, await value.read())
            else:
                given[name] = value
    if sum(len(content) for _, content in files.values()) > MAX_UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    return Call(given, files)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")
