"""The web community as a stage: a real server on a socket, and browsers that keep cookies and read pages."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from html import unescape

import httpx

from adapters.web import Hub, WebMessenger, WebPorts, create_app, serve
from adapters.web.inbound import parse
from bot.domain.people import Community
from bot.domain.refs import RoomRef
from bot.ports import Clock, Ids, Store
from tests.adapters.web.conftest import Browser
from tests.adapters.web.reader import visible
from tests.scenario.stage import Loop, Shown, Stage, Thread

_MESSAGE = re.compile(
    r'<li class="msg[^"]*?( by-bot)?[^"]*" id="m(\d+)"(.*?)</li>\s*(?=<li class="msg|</ol>)', re.DOTALL
)
_BUTTON = re.compile(r'<button[^>]* value="(?:press:)([^"]+)"[^>]*>(.*?)</button>', re.DOTALL)


class WebStage(Stage):
    platform = "web"
    tells_of_leaving = False

    def __init__(self, store: Store, community: Community, clock: Clock, ids: Ids) -> None:
        self._store, self._community, self._clock, self._ids = store, community, clock, ids
        self._hub = Hub(time.monotonic)
        self.messenger = WebMessenger(store, community.id, clock, self._hub)
        self.parse = parse
        self._browsers: dict[str, Browser] = {}
        self._members: dict[str, int] = {}
        self._homes: dict[str, int] = {}

    def opens(self) -> None:
        self.loop = Loop("web")
        ports = WebPorts(
            self._store, self._community.id, self._clock, self._ids, self._hub, b"s" * 32, time.monotonic,
            lambda: {"ok": True},
        )  # fmt: skip
        ready = asyncio.Event()
        origin: list[str] = []

        def on_ready(host: str, port: int) -> None:
            origin.append(f"http://{host}:{port}")
            ready.set()

        self._task = self.loop.start(serve(create_app(ports), "127.0.0.1", 0, on_ready=on_ready))
        self.loop.run(asyncio.wait_for(ready.wait(), 20))
        self._origin = origin[0]

    def closes(self) -> None:
        for browser in self._browsers.values():
            browser.client.close()
        self.loop.end(self._task)
        self.loop.close()

    def room(self) -> RoomRef:
        return RoomRef("web", "general")

    def joins(self, name: str, *, language: str = "en") -> None:
        browser = Browser(httpx.Client(base_url=self._origin, timeout=20))
        browser.open("/")
        answer = browser.send("/members", form=True, name=name, language=language, timezone="UTC")
        assert answer.status_code == 303, answer.text
        browser.open("/")
        self._homes[name] = int(str(browser.client.get("/", follow_redirects=True).url).rpartition("/")[2])
        self._browsers[name] = browser
        with self._store.read() as uow:
            (member,) = [one for one in uow.members.all(self._community.id) if one.name == name]
        self._members[name] = member.id

    def leaves(self, name: str) -> None:
        self._browsers[name].send("/sign-out", form=True)

    def account(self, name: str) -> str:
        return f"m{self._members[name]}"

    def commands(self, name: str, command: str, words: str = "") -> None:
        self._posts(name, self._homes[name], f"/{command} {words}".strip())

    def says(self, name: str, text: str, *, answering: object = None) -> object:
        given = {} if answering is None else {"reply_to": str(self._id(answering))}
        return self._posts(name, self._common(), text, **given)

    def edits(self, name: str, message: object, text: str) -> None:
        self._act(name, message, do="edit", text=text)

    def deletes(self, name: str, message: object) -> None:
        self._act(name, message, do="delete")

    def reacts(self, name: str, message: object, emoji: str, *, present: bool = True) -> None:
        self._act(name, message, do=f"react{'+' if present else '-'}{emoji}")

    def presses(self, name: str, shown: Shown, code: str) -> None:
        path = "/rooms/{}/messages/{}".format(*shown.native)
        self._send(name, path, do=f"press:{code}")

    def sees(self, name: str) -> Sequence[Shown]:
        return self._shown(name, self._homes[name])

    def posted(self, name: str) -> Sequence[Shown]:
        return self._shown(name, self._common())

    def threads(self) -> Sequence[Thread]:
        with self._store.read() as uow:
            rooms = [one for one in uow.rooms.all(self._community.id) if one.parent_id == self._common()]
            return [
                Thread(one.name, not one.locked, tuple(m.text for m in uow.messages.page(one.id)), one.id)
                for one in rooms
            ]

    def says_inside(self, name: str, thread: Thread, text: str) -> None:
        self._posts(name, thread.native, text)

    def _shown(self, name: str, room: int) -> Sequence[Shown]:
        html = self._browsers[name].open(f"/rooms/{room}")
        return [
            Shown(
                int(number),
                (room, int(number)),
                visible(body),
                tuple((visible(label), unescape(code)) for code, label in _BUTTON.findall(body)),
            )
            for by_bot, number, body in _MESSAGE.findall(html)
            if by_bot
        ]

    def heard(self) -> bool:
        return True

    def _posts(self, name: str, room: int, text: str, **given: str) -> object:
        return self._send(name, f"/rooms/{room}/messages", text=text, **given).json()["message"]

    def _act(self, name: str, message: object, **fields: str) -> None:
        path = f"/rooms/{self._common()}/messages/{self._id(message)}"
        self._send(name, path, **fields)

    def _send(self, name: str, path: str, **fields: str) -> httpx.Response:
        """Tests are faster than people: who is asked to wait waits, and does it once more."""
        answer = self._browsers[name].send(path, **fields)
        if answer.status_code == 429:
            time.sleep(float(answer.headers["retry-after"]))
            answer = self._browsers[name].send(path, **fields)
        assert answer.status_code == 202, answer.text
        return answer

    def _common(self) -> int:
        with self._store.read() as uow:
            room = uow.rooms.by_ref(self._community.id, self.room())
        assert room is not None
        return room.id

    def _id(self, message: object) -> int:
        with self._store.read() as uow:
            found = [one for one in uow.messages.page(self._common()) if one.ref.native_id == message]
        return found[0].id
