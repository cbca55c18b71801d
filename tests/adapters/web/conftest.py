"""A small community in a real store, served by a real server, and a browser that speaks HTTP to it."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from adapters.web import Hub, WebMessenger, WebPorts, create_app, parse, serve
from bot.domain.incoming import (
    ButtonPressed,
    CommandInvoked,
    FormSubmitted,
    Incoming,
    MessagePosted,
    Place,
    Sender,
)
from bot.domain.people import Community, Member
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Message, Room
from bot.usecases.ingest import Ingest
from storage import SqlStore, open_store, upgrade

TOKEN = "let-me-in-please"


@dataclass
class StillClock:
    at: datetime = datetime(2026, 11, 7, 10, 30, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class CountingIds:
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def code(self) -> str:
        return f"code{next(self.numbers):012d}"


@dataclass
class World:
    """`seconds` is what buckets and notices live by."""

    store: SqlStore
    community: Community
    clock: StillClock
    people: dict[str, Member]
    rooms: dict[str, Room]
    seconds: float = 1000.0
    handled: list[Incoming] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hub = Hub(self.monotonic)
        self.messenger = WebMessenger(self.store, self.community.id, self.clock, self.hub)
        self.ports = WebPorts(
            self.store, self.community.id, self.clock, CountingIds(), self.hub, b"s" * 32, self.monotonic, self.health
        )

    def monotonic(self) -> float:
        return self.seconds

    def health(self) -> dict[str, object]:
        return {"ok": True, "queue": 0}

    def raw(self) -> list[str]:
        with self.store.read() as uow:
            return [row.raw for row in uow.inbox.pending(limit=1000)]

    def drain(self) -> list[Incoming]:
        """What the dispatcher does with what is plainly heard; commands and presses are kept to be looked at."""
        with self.store.read() as uow:
            rows = uow.inbox.pending(limit=1000)
        fresh: list[Incoming] = []
        for row in rows:
            incoming = parse(row.raw)
            assert incoming is not None
            fresh.append(incoming)
            if isinstance(incoming, CommandInvoked | ButtonPressed | FormSubmitted):
                with self.store.write() as uow:
                    uow.inbox.finish(row.id)
                    uow.commit()
            else:
                Ingest(self.store)(self.community.id, incoming, cause=row.id)
        self.handled += fresh
        return fresh

    def say(self, room: str, who: str, text: str, native: str, *, reply_to: str | None = None) -> Message:
        member, at = self.people[who], self.clock.now()
        place = Place(self.rooms[room].ref, room, self.rooms[room].kind, room == "staff")
        sender = Sender(AccountRef("web", f"m{member.id}"), member.name)
        ref = MessageRef(place.room, native)
        Ingest(self.store)(self.community.id, MessagePosted(ref, place, sender, text, at, reply_to=reply_to))
        with self.store.read() as uow:
            message = uow.messages.by_ref(self.community.id, ref)
        assert message is not None
        return message

    def messages(self, room_id: int) -> list[Message]:
        with self.store.read() as uow:
            return uow.messages.page(room_id)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(empty_database, tmp_path / "web.db")
    store, clock = open_store(f"sqlite:///{tmp_path / 'web.db'}"), StillClock()
    with store.write() as uow:
        community = uow.communities.add("Rust & Friends", language="en", timezone="UTC", sample=True)
        people = {}
        for name, language in (("Mei", "zh"), ("Sam", "en"), ("Ola", "en")):
            newcomer = Member(0, community.id, name, language=language, sample=True, joined_at=clock.now())
            made = uow.members.create(newcomer, ())
            uow.members.attach(made.id, AccountRef("web", f"m{made.id}"), name)
            people[name] = made
        rooms = {
            "general": uow.rooms.ensure(community.id, Place(RoomRef("web", "general"), "general", topic="Everything")),
            "staff": uow.rooms.ensure(community.id, Place(RoomRef("web", "staff"), "staff", private=True)),
            "archive": uow.rooms.ensure(community.id, Place(RoomRef("telegram", "-100"), "archive")),
        }
        uow.rooms.join(rooms["staff"].id, people["Ola"].id, clock.now())
        for name in ("Mei", "Sam"):
            rooms[f"dm {name}"] = uow.rooms.direct(community.id, "web", people[name].id)
        uow.commit()
    yield World(store, community, clock, people, rooms)
    store.close()


class Served:
    """A server in a thread, stopped like the application stops it: by cancelling."""

    def __init__(self, ports: WebPorts) -> None:
        self._ready = threading.Event()
        self.origin = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(ports,))
        self._thread.start()
        assert self._ready.wait(20)
        if self._error is not None:
            raise self._error

    def _run(self, ports: WebPorts) -> None:
        def ready(host: str, port: int) -> None:
            self.origin = f"http://{host}:{port}"
            self._ready.set()

        async def main() -> None:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            await serve(create_app(ports), "127.0.0.1", 0, on_ready=ready)

        try:
            asyncio.run(main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self._error = error
        self._ready.set()

    def stop(self) -> None:
        if self._thread.is_alive():
            assert self._loop is not None
            assert self._task is not None
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(20)
        assert not self._thread.is_alive(), "the server did not stop"


@dataclass
class Browser:
    """Cookies, forms and their tokens, as a browser without script would keep them."""

    client: httpx.Client
    csrf: str = ""
    actions: Iterator[int] = field(default_factory=lambda: count(1))

    def open(self, path: str) -> str:
        response = self.client.get(path, follow_redirects=True)
        found = re.search(r'name="csrf" value="([^"]+)"', response.text)
        self.csrf = found[1] if found else self.csrf
        return response.text

    def send(
        self, path: str, *, form: bool = False, headers: dict[str, str] | None = None, **fields: str | int
    ) -> httpx.Response:
        """As the page's script posts (answers are JSON), or as a plain `form`."""
        kept = self.sealed() | {k: str(v) for k, v in fields.items()}
        accept = {} if form else {"accept": "application/json"}
        return self.client.post(path, data=kept, headers=accept | (headers or {}))

    def fill(self, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
        """As the page's script posts a form of the bot's: a name can come more than once."""
        body = urlencode([*self.sealed().items(), *fields])
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        return self.client.post(path, content=body, headers=headers)

    def sealed(self) -> dict[str, str]:
        """What every form carries: the session's token and an id of this act."""
        return {"csrf": self.csrf, "action": f"action-{next(self.actions):06d}"}

    def come_in(self, member_id: int) -> Browser:
        self.open("/")
        response = self.send("/sign-in", form=True, member=member_id)
        assert response.status_code == 303, response.text
        self.open("/")
        return self


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    server = Served(world.ports)
    yield server
    server.stop()


@pytest.fixture
def guarded(world: World) -> Iterator[Served]:
    """Behind an access token."""
    server = Served(replace(world.ports, access_token=TOKEN))
    yield server
    server.stop()


@pytest.fixture
def browsers(served: Served) -> Iterator[list[Browser]]:
    made = [Browser(httpx.Client(base_url=served.origin, timeout=20)) for _ in range(3)]
    yield made
    for browser in made:
        browser.client.close()


@pytest.fixture
def visitor(browsers: list[Browser]) -> Browser:
    return browsers[0]


@pytest.fixture
def mei(world: World, browsers: list[Browser]) -> Browser:
    return browsers[1].come_in(world.people["Mei"].id)


@pytest.fixture
def sam(world: World, browsers: list[Browser]) -> Browser:
    return browsers[2].come_in(world.people["Sam"].id)


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))
