"""One program, one store, and the platforms it is on: what happens on them is worked off and answered in full."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.delivery import Delivery
from bot.app import Application
from bot.domain.items import Course
from bot.domain.people import Community, Member
from bot.domain.refs import AccountRef
from bot.ports import Threading
from bot.settings import Settings
from storage import SqlStore
from tests.fakes.clock import SeededIds
from tests.fakes.encoder import InProcessEncoder
from tests.scenario.discord import DiscordStage
from tests.scenario.stage import Stage, delivery_of, ended, until
from tests.scenario.telegram import TelegramStage
from tests.scenario.web import WebStage

COURSES = (
    Course("rust-1", "Ownership in Rust", "Borrowing, lifetimes and the borrow checker.", tags=("rust", "beginner")),
    Course("rust-2", "Async Rust in practice", "Learn tokio by building a chat server.", tags=("rust", "async")),
    Course("rust-3", "Macros in Rust", "Procedural macros for Rust.", tags=("rust",)),
    Course("py-1", "Python for data", "Tables, plots and notebooks.", tags=("python", "data")),
    Course("go-1", "Go for services", "Goroutines and channels.", tags=("go", "backend")),
)


class LaterClock:
    """The machine's clock, and as much later as a test says."""

    def __init__(self) -> None:
        self._later = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later

    def go_on(self, **passed: float) -> None:
        self._later += timedelta(**passed)


class Program:
    def __init__(self, store: SqlStore, community: Community, home: Path, *platforms: str) -> None:
        self.store, self.community = store, community
        settings = Settings(home=home, encoder="hashing")
        ids = SeededIds()
        self.clock = LaterClock()
        self.app = Application(settings, store, community, clock=self.clock, encoder=InProcessEncoder(), ids=ids)
        clock = self.clock
        made = {
            "web": lambda: WebStage(store, community, clock, ids),
            "telegram": lambda: TelegramStage(store, community, clock),
            "discord": lambda: DiscordStage(store, community, clock, home),
        }
        self.stages: dict[str, Stage] = {name: made[name]() for name in platforms}
        self._settings, self._ids = settings, ids
        self._begin()
        with store.write() as uow:
            uow.courses.upsert_many(community.id, COURSES)
            uow.commit()
        self.index()

    def _begin(self) -> None:
        messengers = {name: stage.messenger for name, stage in self.stages.items()}
        threads = {name: one.threads for name, one in messengers.items() if isinstance(one, Threading)}
        forms = frozenset(name for name, stage in self.stages.items() if stage.messenger.forms)
        self._dispatcher = self.app.dispatcher(
            {name: stage.parse for name, stage in self.stages.items()}, lambda: None, forms=forms, threads=threads
        )
        self._moments = self.app.moments(threads)
        self._letters = self.app.letters()

    def restart(self) -> None:
        """What it held in memory is gone, except its connections."""
        settings, store, community = self._settings, self.store, self.community
        self.app = Application(settings, store, community, clock=self.clock, encoder=InProcessEncoder(), ids=self._ids)
        self.app.engine.refresh()
        self._begin()

    def plan(self) -> None:
        """What members are owed by the clock is queued, each for a minute of its own."""
        while self._letters.tick().more:
            pass

    def __enter__(self) -> Program:
        for stage in self.stages.values():
            stage.opens()
        self._deliveries: list[tuple[Delivery, asyncio.Task[None]]] = []
        for stage in self.stages.values():
            delivery = delivery_of(stage, self.store, self.clock, self.app.visible, self.app.ended)
            self._deliveries.append((delivery, stage.delivers(delivery)))
        self.store.on_commit(self._wake)
        return self

    def __exit__(self, *_: object) -> None:
        for (delivery, task), stage in zip(self._deliveries, self.stages.values(), strict=True):
            delivery.stop()
            stage.loop.run(ended(task))
        for stage in self.stages.values():
            stage.closes()

    def _wake(self, topics: frozenset[str]) -> None:
        if "outbox" in topics:
            for delivery, _ in self._deliveries:
                delivery.wake()

    def settle(self) -> None:
        """Everything that happened is stored, worked off, and answered."""
        for stage in self.stages.values():
            until(stage.heard, f"{stage.platform} was not heard")
        while self._dispatcher.drain():
            pass
        while True:
            while self._moments.tick():
                pass
            until(lambda: not self._waiting(), f"not all was sent: {self.outbox()}")
            if not self._due():  # what was sent may be what something else waited for
                return

    def _due(self) -> bool:
        with self.store.read() as uow:
            return bool(uow.moments.due(self.community.id, self.clock.now(), limit=1))

    def waits(self, **passed: float) -> None:
        """Time passes, and what is due by then is done."""
        self.clock.go_on(**passed)
        for delivery, _ in self._deliveries:
            delivery.wake()
        self.settle()

    def index(self) -> None:
        while self.app.take_in_rooms(self.community.id):
            pass
        while self.app.embed(self.community.id, limit=256):
            pass
        self.app.engine.refresh()

    def allow(self, stage: Stage) -> None:
        """A moderator lets the common room's discussions be suggested."""
        with self.store.write() as uow:
            room = uow.rooms.by_ref(self.community.id, stage.room())
            assert room is not None
            uow.rooms.configure(room.id, indexed=True)
            uow.commit()

    def member(self, stage: Stage, name: str) -> Member:
        with self.store.read() as uow:
            member = uow.members.by_account(self.community.id, AccountRef(stage.platform, stage.account(name)))
        assert member is not None, name
        return member

    def texts(self, stage: Stage) -> Sequence[str]:
        """What stands in the common room, as the store has it."""
        with self.store.read() as uow:
            room = uow.rooms.by_ref(self.community.id, stage.room())
            return [] if room is None else [one.text for one in uow.messages.page(room.id) if not one.service]

    def outbox(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.outbox.counts()

    def inbox(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.inbox.counts()

    def _waiting(self) -> bool:
        return bool(self.outbox().keys() & {"pending", "sending"})
