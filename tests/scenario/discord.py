"""Discord as a stage: the real SDK on a simulated Discord, in an event loop of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import discord
import simcord
from simcord.builders import ChannelHandle, GuildHandle

from adapters.delivery import Delivery
from adapters.discord.adapter import DiscordAdapter, DiscordOptions
from bot.domain.people import Community
from bot.domain.refs import RoomRef
from bot.ports import Clock, Store
from tests.adapters.discord.hall import shown
from tests.scenario.stage import Loop, Shown, Stage, Thread

T = TypeVar("T")

_LOCALES = {"zh": "zh-CN", "en": "en-US"}
COMMANDS = {
    "start": ("setup me", ""),
    "learn": ("learn find", "query"),
    "foryou": ("learn foryou", ""),
    "saved": ("learn saved", ""),
    "ask": ("ask", "question"),
    "profile": ("profile show", ""),
    "digest": ("digest settings", ""),
    "people": ("match find", ""),
    "help": ("help", ""),
    "link": ("link", "code"),
    "unlink": ("unlink", ""),
    "newevent": ("event create", "title"),
    "myevents": ("event mine", ""),
    "checkin": ("event checkin", "code"),
}
"""Of the words that every platform shares, Discord's own and the name of its option."""


class DiscordStage(Stage):
    platform = "discord"

    def __init__(self, store: Store, community: Community, clock: Clock, home: Path) -> None:
        options = DiscordOptions("token", home / "discord-commands", intents=frozenset({"content", "members"}))
        self._adapter = DiscordAdapter(store, community.id, clock, options, monotonic=time.perf_counter)
        self.messenger = self._adapter.messenger
        self.parse = self._adapter.parse
        self._people: dict[str, simcord.MemberActor] = {}
        self._results: dict[str, list[Any]] = {}

    def opens(self) -> None:
        self.loop = Loop("discord")
        self._opened, self._over = asyncio.Event(), asyncio.Event()
        self._task = self.loop.start(self._live())
        self.loop.run(asyncio.wait_for(self._opened.wait(), 20))

    async def _live(self) -> None:
        async with simcord.run(self._adapter.connect()) as env:
            self._env = env
            self._guild: GuildHandle = env.create_guild()
            self._channel: ChannelHandle = self._guild.create_text_channel("general")
            self._opened.set()
            await self._over.wait()

    def closes(self) -> None:
        async def over() -> None:
            self._over.set()
            await self._task

        self.loop.run(over())
        self.loop.close()

    def room(self) -> RoomRef:
        return RoomRef("discord", str(self._channel.id))

    def joins(self, name: str, *, language: str = "en") -> None:
        async def join() -> None:
            self._people[name] = self._guild.add_member(self._env.create_user(name))

        self._in_time(join())
        self._results[name] = []

    def leaves(self, name: str) -> None:
        async def leave() -> None:
            self._guild.remove_member(self._people[name])

        self._in_time(leave())

    def account(self, name: str) -> str:
        return str(self._people[name].id)

    def commands(self, name: str, command: str, words: str = "") -> None:
        native, option = COMMANDS[command]
        given = {option: words} if option and words else {}
        self._results[name].append(self._in_time(self._people[name].slash(self._channel, native, **given)))

    def says(self, name: str, text: str, *, answering: object = None) -> object:
        async def say() -> Any:
            await self._people[name].send(self._channel, text, reply_to=answering)
            return self._channel.last_message

        return self._in_time(say())

    def edits(self, name: str, message: object, text: str) -> None:
        self._in_time(self._people[name].edit(message, text))

    def deletes(self, name: str, message: object) -> None:
        self._in_time(self._people[name].delete(message))

    def reacts(self, name: str, message: object, emoji: str, *, present: bool = True) -> None:
        actor = self._people[name]
        self._in_time(actor.react(message, emoji) if present else actor.unreact(message, emoji))

    def presses(self, name: str, shown: Shown, code: str) -> None:
        self._results[name].append(self._in_time(self._people[name].click(shown.native, custom_id=code)))

    def sees(self, name: str) -> Sequence[Shown]:
        found: dict[int, Any] = {}
        for result in self._results[name]:
            for one in (*([result.response] if result.response else []), *result.followups):
                found.setdefault(one.id, one)
        direct = self._people[name].user.dm_channel
        written = self._in_time(_history(direct)) if direct is not None else []
        found.update({one.id: one for one in written if one.author.bot})
        return [_shown(one) for _, one in sorted(found.items())]

    def posted(self, name: str) -> Sequence[Shown]:
        found = self._in_time(_history(self._channel, viewer=self._people[name]))
        # That a thread began is told by Discord, in the bot's name.
        own = [one for one in found if one.author.bot and one.type is not discord.MessageType.thread_created]
        return [_shown(one) for one in own]

    def threads(self) -> Sequence[Thread]:
        return [self._thread(one) for one in self._channel.threads]

    def _thread(self, channel: ChannelHandle) -> Thread:
        said = self._in_time(_history(channel))
        metadata = channel._channel.thread_metadata
        return Thread(channel.name, not (metadata and metadata.locked), tuple(shown(one) for one in said), channel)

    def says_inside(self, name: str, thread: Thread, text: str) -> None:
        self._in_time(self._people[name].send(thread.native, text))

    def greets(self, name: str) -> None:
        self._in_time(self._people[name].send_dm("hello"))

    def fills(self, name: str, values: Mapping[str, str | list[str]]) -> None:
        result = self._results[name][-1]
        if result.modal is None:
            # It came too late to be the first answer: there is a button that opens it.
            asked = self.sees(name)[-1]
            self.presses(name, asked, asked.code("open"))
            result = self._results[name][-1]
        self._results[name].append(self._in_time(self._people[name].submit_modal(result, dict(values))))

    def delivers(self, delivery: Delivery) -> asyncio.Task[None]:
        async def within() -> None:
            with self._env.time_context():  # of the program that runs now
                await delivery.run()

        return self.loop.start(within())

    def heard(self) -> bool:
        return True

    def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        async def within() -> T:
            with self._env.time_context():
                return await work

        return self.loop.run(within())


async def _history(channel: Any, **whose: Any) -> list[Any]:
    return list(channel.history(**whose))


def _shown(message: Any) -> Shown:
    return Shown(message.id, message, shown(message), tuple(_buttons(message.components)))


def _buttons(components: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for one in components:
        raw = one if isinstance(one, dict) else one.to_dict()
        if raw.get("type") == 2:
            found.append((raw["label"], raw.get("custom_id", "")))
        found += _buttons(raw.get("components") or [])
    return found
