"""What the web community is given (`WebPorts`) and what its pages share (`Site`). Knows templates; knows no route."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from adapters.buckets import Buckets
from adapters.web.capabilities import DOOR_BURST, DOOR_RATE, WRITE_BURST, WRITE_RATE
from adapters.web.live import Hub
from adapters.web.sessions import Keys, Session
from bot.ports import Clock, Ids, Store
from bot.usecases.signin import ChooseLanguage, CreateMember, SignIn
from bot.wording import Wording, choose

HERE: Final = Path(__file__).parent
THREADS: Final = 8
"""Threads that wait for the store: concurrent writes meet there and become durable together."""

P = ParamSpec("P")
T = TypeVar("T")

Health = Callable[[], Mapping[str, Any]]
"""What /healthz answers: numbers and words without personal data; ``ok`` False makes it a 503."""


@dataclass(frozen=True)
class WebPorts:
    """What the application hands to its web community.

    `secret` signs cookies and links and must survive restarts (16 bytes or more). `access_token` None: nobody is asked
    at the door, which is right for loopback only. `public_url`: where members reach it when that is not the bind
    address (``https://learn.example``). `hosts`: further names it answers to.
    """

    store: Store
    community_id: int
    clock: Clock
    ids: Ids
    hub: Hub
    secret: bytes
    monotonic: Callable[[], float]
    health: Health
    access_token: str | None = None
    public_url: str = ""
    hosts: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise ValueError(f"public_url must start with http:// or https://, got {self.public_url[:60]!r}")
        if self.access_token is not None and len(self.access_token) < 8:
            raise ValueError("the access token must have at least 8 characters")

    @property
    def names(self) -> frozenset[str]:
        """Host names that requests may carry."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return self.hosts | ({public} if public else frozenset())


class Site:
    """The parts that all pages share. One per application."""

    def __init__(self, ports: WebPorts) -> None:
        self.ports = ports
        self.keys = Keys(ports.secret, ports.access_token)
        self.writes = Buckets(WRITE_BURST, WRITE_RATE, ports.monotonic)
        self.door = Buckets(DOOR_BURST, DOOR_RATE, ports.monotonic)
        self.sign_in = SignIn(ports.store, ports.clock, ports.community_id)
        self.create_member = CreateMember(ports.store, ports.clock, ports.community_id)
        self.choose_language = ChooseLanguage(ports.store)
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals["asset"] = _assets()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Anything that touches the store, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **kwargs))

    def close(self) -> None:
        self.ports.hub.close()
        self._threads.shutdown(wait=True)

    def session(self, request: Request) -> Session:
        """The browser's session; a fresh one for a newcomer (kept from the first answer on)."""
        known: Session | None = getattr(request.state, "session", None)
        if known is None:
            now = self.ports.clock.now()
            known = self.keys.read(request.cookies.get("studyhall", ""), now) or self.fresh()
            request.state.session = known
        return known

    def fresh(self) -> Session:
        return Session(self.ports.ids.code(), int(self.ports.clock.now().timestamp()))

    def secure(self, request: Request) -> bool:
        """Whether the browser speaks https, so that its cookie must never travel without."""
        return self.ports.public_url.startswith("https:") or request.url.scheme == "https"

    def words(self, request: Request, *, otherwise: str | None = None) -> Wording:
        """The language of a page for nobody in particular: chosen, then the browser's, then `otherwise`."""
        accepted = (
            one.partition(";")[0].strip().lower() for one in request.headers.get("accept-language", "").split(",")
        )
        return choose(self.session(request).language, *accepted, otherwise)

    def render(self, template: str, words: Wording, **values: object) -> str:
        return self.templates.get_template(template).render(say=words.say, words=words, **values)


def _assets() -> Callable[[str], str]:
    """``asset("app.css")``: the address of a static file, under a mark of all their contents so that it can be cached.

    The mark is a folder, so that what one script imports from another carries it as well.
    """
    static = sorted(path for path in (HERE / "static").iterdir() if path.is_file())
    digest = hashlib.sha256()
    for path in static:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    mark, names = digest.hexdigest()[:12], {path.name for path in static}

    def asset(name: str) -> str:
        if name not in names:
            raise LookupError(f"no static file {name!r}")
        return f"/static/{mark}/{name}"

    return asset
