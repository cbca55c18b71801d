"""Discord, fuzzed: raw updates as the inbox keeps them, and gateway events through the SDK into the same parser.

The SDK reads what comes over the wire; what it cannot read it refuses itself. Whatever it lets through must leave our
listeners without an error, and what they store must be readable. Messages are judged by the simulated Discord's rules.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import discord
from discord import app_commands

from adapters.discord import commands, modals, observed
from adapters.discord.client import UNREADABLE, HearingClient
from adapters.discord.inbound import parse
from adapters.discord.render import render
from adapters.discord.updates import RoomPart, Update, dumps
from benchmarks.fuzzing.subject import Subject
from bot.domain.incoming import Incoming
from bot.domain.outgoing import Outgoing
from tests.adapters.discord.gateway_events import EVENTS, GUILD, READY, THREAD
from tests.adapters.discord.test_render import check

_UPDATES: Final = Path(__file__).resolve().parents[2] / "tests" / "adapters" / "discord" / "updates"
_AT: Final = datetime(2026, 3, 1, 10, tzinfo=UTC)
_AGAIN: Final = 200
"""Events after which the server is told anew: damaged ones take its rooms away."""


class Recorder:
    """Hears as the adapter does; remembers instead of storing."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Update]] = []

    async def prepare(self, client: discord.Client) -> None:
        """There is nothing to prepare."""

    async def heard(self, rows: Iterable[tuple[str, Update]]) -> None:
        self.rows += rows

    async def arrived(self, _: discord.Interaction, row: observed.Row) -> None:
        self.rows.append(row)

    async def submitted(self, interaction: discord.Interaction) -> None:
        given: dict[str, Any] = dict(interaction.data or {})
        code, _ = modals.code_and_page(str(given.get("custom_id", "")))
        values = modals.typed(given.get("components") or [])
        self.rows.append(observed.submitted(interaction, code, values, _AT))

    async def came_or_left(self, *_: object, **__: object) -> None:
        """Asks for rights and stores them: nothing that was said."""

    catch_up = thread_members = rooms_changed = room_gone = thread_gone = asked_directly = came_or_left
    roles_changed = member_changed = came_or_left

    def voted(self, *_: object) -> None:
        """Asks Discord."""

    look_again = voted

    async def room_of(self, client: discord.Client, channel_id: int, channel: object = None) -> RoomPart | None:
        return observed.room_of(channel or client.get_channel(channel_id))

    def ours(self, guild_id: int | None) -> bool:
        return guild_id is None or isinstance(guild_id, int)

    def now(self) -> datetime:
        return _AT


class Listening(HearingClient):
    """The adapter's client without a connection; errors of its listeners are kept."""

    failed: list[BaseException]

    async def on_error(self, _: str, /, *__: Any, **___: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            self.failed.append(error)


class Gateway:
    """Events through the SDK, one at a time."""

    def __init__(self) -> None:
        for name in ("discord", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._loop = asyncio.new_event_loop()
        self._numbers = count(1)
        self.recorder = Recorder()
        self._loop.run_until_complete(self._open())

    async def _open(self) -> None:
        intents = discord.Intents.all()
        self.client = client = Listening(intents=intents, max_messages=None, chunk_guilds_at_startup=False)
        client.failed, client.hearing = [], self.recorder
        client.tree = app_commands.CommandTree(client)

        async def invoked(interaction: discord.Interaction, ours: commands.Ours) -> None:
            row = observed.invoked(interaction, ours.name, ours.words, _AT, about=ours.about)
            await self.recorder.arrived(interaction, row)

        async def nothing(_kind: str, _current: str) -> tuple[str, ...]:
            return ()

        async def unknown(_: discord.Interaction, error: app_commands.AppCommandError) -> None:
            # A command that is not ours, or damaged options: the tree says so. Anything else is a mistake of ours.
            if isinstance(error, app_commands.CommandInvokeError):
                client.failed.append(error.original)

        commands.Commands(invoked, nothing).add_to(client.tree)
        client.tree.error(unknown)
        # What `login` does, without asking anybody.
        await client._async_setup_hook()  # noqa: SLF001
        await client.setup_hook()
        self._parsers: dict[str, Any] = client._connection.parsers  # noqa: SLF001
        self._parsers["READY"](dict(READY))
        self._tell_the_server()
        await self._settle()

    def _tell_the_server(self) -> None:
        self._parsers["GUILD_CREATE"](json.loads(json.dumps(GUILD)))
        self._parsers["THREAD_CREATE"](json.loads(json.dumps(THREAD)))

    def close(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def hear(self, event: Any) -> list[str]:
        """What would be stored; ValueError where the SDK refuses the event."""
        return self._loop.run_until_complete(self._hear(event))

    async def _hear(self, event: Any) -> list[str]:
        if next(self._numbers) % _AGAIN == 0:
            self._tell_the_server()
        self.recorder.rows.clear()
        self.client.failed.clear()
        handle = self._parsers.get(str(event.get("t")))
        if handle is None:
            return []
        try:
            handle(event.get("d"))
        except Exception as error:
            raise ValueError(f"the SDK cannot read it: {type(error).__name__}") from error
        await self._settle()
        for error in self.client.failed:
            if not isinstance(error, UNREADABLE):
                raise error
            raise ValueError(f"it cannot be read: {type(error).__name__}") from error
        return [dumps(update) for _, update in self.recorder.rows]

    async def _settle(self) -> None:
        here = asyncio.current_task()
        for _ in range(50):
            waiting = [task for task in asyncio.all_tasks() if task is not here and not task.done()]
            if not waiting or all("ready" in task.get_name().lower() or _waits(task) for task in waiting):
                return
            await asyncio.sleep(0)


def _waits(task: asyncio.Task[Any]) -> bool:
    return "delay_ready" in repr(task.get_coro())


def subject() -> Subject:
    gateway = Gateway()

    def read(raw: str) -> tuple[Incoming, ...]:
        event = _event(raw)
        if event is None:
            return _several(parse(raw))
        for found in map(parse, gateway.hear(event)):
            if found is not None:
                return _several(found)
        return ()

    return Subject("discord", shapes, _raw, read, _judged)


def _event(raw: str) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "t" in value else None


def _raw(update: Any) -> str:
    return json.dumps(update)


def _several(found: Incoming | None) -> tuple[Incoming, ...]:
    return () if found is None else (found,)


def shapes() -> list[Any]:
    """Those recorded as the inbox keeps them, and every kind of gateway event that is listened to."""
    recorded = [json.loads(file.read_text("utf-8")) for file in sorted(_UPDATES.glob("*.json"))]
    return [*recorded, *EVENTS]


def _judged(message: Outgoing) -> Iterator[str]:
    for layout in (True, False):
        for part in render(message, lambda _: None, layout=layout).parts:
            try:
                check(part)
            except Exception as error:  # noqa: BLE001  the simulation's own refusals
                yield f"{type(error).__name__}: {error}"
            else:
                yield ""
