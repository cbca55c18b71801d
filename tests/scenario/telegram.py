"""Telegram as a stage: the real SDK, HTTP, and a strict Bot API on the other side."""

from __future__ import annotations

import time
from collections.abc import Sequence

from adapters.telegram.client import Access
from adapters.telegram.running import Telegram
from bot.domain.people import Community
from bot.domain.refs import RoomRef
from bot.ports import Clock, Store
from tests.scenario.stage import Loop, Shown, Stage, Thread
from tests.telegram_server import Person, Sent, TelegramServer

_CLIENT_LANGUAGE = {"zh": "zh-hans"}


class TelegramStage(Stage):
    platform = "telegram"
    tells_of_deletions = False

    def __init__(self, store: Store, community: Community, clock: Clock) -> None:
        self._server = TelegramServer()
        self._server.__enter__()
        self._group = self._server.world.group("Open hall", username="openhall", forum=True, bot="administrator")
        self._telegram = Telegram(
            Access(self._server.token, self._server.base_url, self._server.file_url),
            store,
            community.id,
            clock,
            monotonic=time.monotonic,
        )
        self.messenger = self._telegram.messenger
        self.parse = self._telegram.parse
        self._people: dict[str, Person] = {}

    def opens(self) -> None:
        self.loop = Loop("telegram")
        self._task = self.loop.start(self._telegram.run())
        self._server.until(lambda: self._server.calls("getUpdates"))

    def closes(self) -> None:
        self.loop.end(self._task)
        self.loop.close()
        self._server.__exit__(None, None, None)

    def room(self) -> RoomRef:
        return RoomRef("telegram", str(self._group.id))

    def joins(self, name: str, *, language: str = "en") -> None:
        person = self._server.world.person(name, language=_CLIENT_LANGUAGE.get(language, language))
        person.joins(self._group)
        self._people[name] = person

    def leaves(self, name: str) -> None:
        self._people[name].leaves(self._group)

    def account(self, name: str) -> str:
        return str(self._people[name].id)

    def commands(self, name: str, command: str, words: str = "") -> None:
        self._people[name].sends(None, f"/{command} {words}".strip())

    def says(self, name: str, text: str, *, answering: object = None) -> object:
        return self._people[name].sends(self._group, text, reply_to=answering if isinstance(answering, Sent) else None)

    def edits(self, name: str, message: object, text: str) -> None:
        assert isinstance(message, Sent)
        self._people[name].edits(message, text)

    def deletes(self, name: str, message: object) -> None:
        """Telegram tells no bot of it."""

    def reacts(self, name: str, message: object, emoji: str, *, present: bool = True) -> None:
        assert isinstance(message, Sent)
        self._people[name].reacts(message, *([emoji] if present else []))

    def presses(self, name: str, shown: Shown, code: str) -> None:
        self._people[name].presses(shown.native, code)

    def sees(self, name: str) -> Sequence[Shown]:
        return [_shown(one) for one in self._people[name].inbox]

    def posted(self, name: str) -> Sequence[Shown]:
        return [_shown(one) for one in self._server.shown(self._group) if one.thread is None]

    def threads(self) -> Sequence[Thread]:
        with self._server.world.lock:
            return [
                Thread(
                    name,
                    topic not in self._group.closed,
                    tuple(one.text for one in self._group.messages if one.thread == topic and one.text),
                    topic,
                )
                for topic, name in self._group.topics.items()
            ]

    def says_inside(self, name: str, thread: Thread, text: str) -> None:
        self._people[name].sends(self._group, text, topic=thread.native)

    def greets(self, name: str) -> None:
        self._people[name].sends(None, "/start")

    def heard(self) -> bool:
        with self._server.world.lock:
            return not self._server.world.updates.waiting


def _shown(sent: Sent) -> Shown:
    return Shown(sent.id, sent, sent.text, tuple((b["text"], b.get("callback_data", "")) for b in sent.buttons))
