"""The web community as an ASGI application, and a server for it. Knows every route; owns no signal, prints nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from adapters.web.acts import Acts
from adapters.web.answers import SignedOut, refusal
from adapters.web.calendars import Calendars
from adapters.web.gate import Gate, TooLarge, is_loopback
from adapters.web.live import Hub
from adapters.web.months import Months
from adapters.web.pages import LiveEndpoint, Pages
from adapters.web.problems import Problem
from adapters.web.reads import Reads
from adapters.web.site import HERE, Site, WebPorts
from adapters.web.writes import Writes
from bot.errors import BotError, ConfigError
from bot.usecases.calendars.agenda import agenda

_GRACE: Final = 5
"""Seconds that open requests have to end when the server stops."""


def create_app(ports: WebPorts) -> Starlette:
    """Everything wired. While it runs, commits of the store reach open pages through the hub."""
    site = Site(ports)
    reads = Reads(ports.store, ports.community_id)
    writes = Writes(ports.store, ports.clock, ports.community_id)
    pages = Pages(site, reads)
    acts = Acts(site, writes, pages)
    calendars = Calendars(site, reads, agenda)
    months = Months(site, reads)

    async def refuse(request: Request, error: Exception) -> Response:
        return refusal(site, request, error)

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        ports.hub.bind(asyncio.get_running_loop())
        ports.store.on_commit(ports.hub.publish)
        try:
            yield
        finally:
            site.close()

    app = Starlette(
        routes=[
            Route("/", pages.front),
            Route("/door", pages.door),
            Route("/door", acts.knock, methods=["POST"]),
            Route("/in/{link}", pages.invited),
            Route("/sign-in", acts.sign_in, methods=["POST"]),
            Route("/members", acts.create, methods=["POST"]),
            Route("/sign-out", acts.sign_out, methods=["POST"]),
            Route("/preferences", acts.prefer, methods=["POST"]),
            Route("/me", pages.me),
            Route("/events", LiveEndpoint(site, reads), methods=["GET"]),
            Route("/files/{key}", pages.file),
            Route("/rooms/{room}", pages.room),
            Route("/rooms/{room}/d/{root}", pages.discussion),
            Route("/rooms/{room}/older", pages.older),
            Route("/rooms/{room}/changes", pages.changes, methods=["POST"]),
            Route("/rooms/{room}/messages", acts.post, methods=["POST"]),
            Route("/rooms/{room}/messages/{message}", acts.act, methods=["POST"]),
            Route("/rooms/{room}/messages/{message}/edit", pages.edit_form),
            Route("/month", months.show),
            Route("/month/{month}", months.show),
            Route("/calendar", calendars.show),
            Route("/calendar", calendars.act, methods=["POST"]),
            Route("/calendar/page/{code}", calendars.show),
            Route("/calendar/page/{code}", calendars.act, methods=["POST"]),
            Route("/calendar/{secret}.ics", calendars.feed),
            Route("/healthz", pages.healthz),
            Mount("/static/{mark}", _Static(directory=HERE / "static")),
        ],
        middleware=[Middleware(Gate, hosts=ports.names, any_address=ports.access_token is not None)],
        exception_handlers={
            Problem: refuse,
            SignedOut: refuse,
            TooLarge: refuse,
            BotError: refuse,
            HTTPException: refuse,
            Exception: refuse,
        },
        lifespan=life,
    )
    app.state.hub = ports.hub
    app.state.guarded = ports.access_token is not None
    return app


class _Static(StaticFiles):
    """Addresses carry a mark of the content, so a browser may keep the file for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers (the application owns them), telling when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


async def serve(app: Starlette, host: str, port: int, *, on_ready: Callable[[str, int], None] | None = None) -> None:
    """Answer on host:port until cancelled; then let open requests end. Port 0 takes a free one; `on_ready` hears which.

    Raises ConfigError where the address is not this machine's own and no access token guards the community, or when the
    address cannot be had.
    """
    if not is_loopback(host) and not app.state.guarded:
        raise ConfigError(f"web.host is {host}: set an access token before the community is reachable over a network")
    listener = _listen(host, port)
    hub: Hub = app.state.hub
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE,
    )
    taken: Any = listener.getsockname()

    def ready() -> None:
        if on_ready is not None:
            on_ready(str(taken[0]), int(taken[1]))

    server = _Server(config, ready)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        hub.close()
        server.should_exit = True
        await serving
        raise
    finally:
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"web.host {host} cannot be used: {error.strerror or error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.settimeout(0)
    except OSError as error:
        listener.close()
        raise ConfigError(f"web.port {port} on {host} cannot be used: {error.strerror or error}") from error
    return listener
