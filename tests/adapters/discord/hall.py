"""The whole program on a simulated Discord: the real SDK, store, dispatcher, use-cases and delivery.

What people do goes through the simulation; `answered` lets the program work off what arrived and deliver its answers.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import simcord
from simcord.builders import ChannelHandle, GuildHandle

from adapters.delivery import Delivery
from adapters.discord.adapter import DiscordAdapter, DiscordOptions
from adapters.pacing import WEB, Pacing
from bot.app import Application
from bot.dispatch import Dispatcher
from bot.domain.incoming import Place
from bot.domain.items import Course
from bot.domain.people import Community
from bot.domain.refs import RoomRef
from bot.ports import InboxRow
from bot.settings import Settings
from bot.surroundings import SystemClock
from storage import SqlStore, open_store
from tests.fakes.clock import SeededIds
from tests.fakes.encoder import InProcessEncoder

COURSES = (
    Course("rust-1", "Ownership in Rust", "Borrowing, lifetimes and the borrow checker.", tags=("rust", "beginner")),
    Course("rust-2", "Async Rust in practice", "Learn tokio by building a chat server.", tags=("rust", "async")),
    Course("py-1", "Python for data", "Tables, plots and notebooks.", tags=("python", "data")),
    Course("go-1", "Go for services", "Goroutines and channels.", tags=("go", "backend")),
)


@dataclass
class Hall:
    """`env` is the simulated Discord while one is running."""

    store: SqlStore
    community: Community
    home: Path
    intents: frozenset[str] = frozenset({"content", "members"})
    layouts: bool = True
    ids: SeededIds = field(default_factory=SeededIds)
    adapter: DiscordAdapter = field(init=False)
    dispatcher: Dispatcher = field(init=False)
    env: simcord.Env | None = None

    def __post_init__(self) -> None:
        self.encoder = InProcessEncoder()
        self.restart()

    def restart(self) -> None:
        """The program starts anew: only what is in the store is still known."""
        settings = Settings(home=self.home, encoder="hashing")
        self.app = Application(settings, self.store, self.community, encoder=self.encoder, ids=self.ids)
        options = DiscordOptions("token", self.home / "discord-commands", intents=self.intents, layouts=self.layouts)
        clock = SystemClock()
        # `time.monotonic` is the simulation's own inside of what it runs, and the machine's outside.
        self.adapter = DiscordAdapter(self.store, self.community.id, clock, options, monotonic=time.perf_counter)
        forms = frozenset({"discord"})
        self.dispatcher = self.app.dispatcher({"discord": self.adapter.parse}, lambda: None, forms=forms)

    def delivery(self) -> Delivery:
        """One that runs once."""
        return Delivery(
            self.store,
            {"discord": self.adapter.messenger},
            Pacing({"discord": WEB}, time.perf_counter),
            SystemClock(),
            self.app.visible,
            monotonic=time.perf_counter,
            rng=Random(1),
        )

    def add_courses(self, courses: Sequence[Course] = COURSES) -> None:
        with self.store.write() as uow:
            uow.courses.upsert_many(self.community.id, courses)
            uow.commit()
        while self.app.embed(self.community.id, limit=256):
            pass
        self.app.engine.refresh()

    def opens(self, *channels: ChannelHandle) -> None:
        """A moderator lets the discussions of these channels be suggested, before a word is said in them."""
        with self.store.write() as uow:
            for channel in channels:
                room = uow.rooms.ensure(self.community.id, Place(RoomRef("discord", str(channel.id)), channel.name))
                uow.rooms.configure(room.id, indexed=True)
            uow.commit()

    def pending(self) -> list[InboxRow]:
        with self.store.read() as uow:
            return uow.inbox.pending(limit=1000)

    def inbox(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.inbox.counts()

    def outbox(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.outbox.counts()

    def texts(self, channel: int, thread: int | None = None) -> list[str]:
        with self.store.read() as uow:
            ref = RoomRef("discord", str(channel), str(thread) if thread else None)
            room = uow.rooms.by_ref(self.community.id, ref)
            return [] if room is None else [one.text for one in uow.messages.page(room.id)]

    async def answered(self) -> None:
        """Everything that arrived is worked off, and everything that was queued has found its end."""
        while await asyncio.to_thread(self.dispatcher.drain):
            pass
        assert self.env is not None
        with self.env.time_context():  # of the program that runs now
            delivery = self.delivery()
            task = asyncio.create_task(delivery.run())
            deadline = time.perf_counter() + 20
            while any(self.outbox().get(state) for state in ("pending", "sending")):
                assert time.perf_counter() < deadline, self.outbox()
                await asyncio.sleep(0.005)
            delivery.stop()
            await task


@asynccontextmanager
async def discord_of(hall: Hall, **options: Any) -> AsyncIterator[simcord.Env]:
    async with simcord.run(hall.adapter.connect(), **options) as env:
        hall.env = env
        with env.time_context():
            yield env


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scenario())


def open_hall(empty: Path, home: Path, **given: Any) -> Iterator[Hall]:
    shutil.copy(empty, home / "studyhall.db")
    store = open_store(f"sqlite:///{home / 'studyhall.db'}")
    with store.write() as uow:
        community = uow.communities.add("Ferris Hall", language="en", timezone="UTC", sample=False)
        uow.commit()
    hall = Hall(store, community, home, **given)
    yield hall
    store.close()


def welcome(env: simcord.Env, *names: str) -> tuple[GuildHandle, ChannelHandle, list[simcord.MemberActor]]:
    """A server with a channel and these people."""
    guild = env.create_guild()
    channel = guild.create_text_channel("general")
    return guild, channel, [guild.add_member(env.create_user(name)) for name in names]


def shown(message: Any) -> str:
    """Everything that is written in a message, its components' texts first, then its content."""
    return "\n".join([*_texts(message.components), message.content or ""])


def _texts(components: Any) -> list[str]:
    found: list[str] = []
    for one in components:
        raw = one if isinstance(one, dict) else one.to_dict()
        if raw.get("content"):
            found.append(raw["content"])
        found += _texts(raw.get("components") or [])
    return found


def labels(message: Any) -> list[str]:
    """The buttons, in order."""
    found: list[str] = []

    def walk(components: Any) -> None:
        for one in components:
            raw = one if isinstance(one, dict) else one.to_dict()
            if raw.get("type") == 2:
                found.append(raw["label"])
            walk(raw.get("components") or [])

    walk(message.components)
    return found
