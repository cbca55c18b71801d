"""A night's digests to ten thousand people, at the pace that Telegram documents, through the real delivery and SDK.

Time is virtual: an hour of it takes a minute. Everything else is real: the outbox in SQLite, the delivery, its pacing,
the messenger, the SDK with its error handling; only below the SDK there is no socket but the strict test server itself,
with Telegram's limits (one a second in a chat, 20 a minute in a group, 30 a second in all). First with nothing going
wrong: not one send may be refused. Then with limits, server errors, time-outs and cut connections planted, some of them
after the message had arrived: nothing may be lost, or come twice, beyond what nobody can know.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from adapters.delivery import Delivery
from adapters.pacing import TELEGRAM, Pacing
from adapters.telegram.adapter import TelegramMessenger
from adapters.telegram.client import Access, Client
from adapters.telegram.presses import Presses
from benchmarks.report import Report, percentile, run
from bot.domain.incoming import Place, RoomKind
from bot.domain.outgoing import DeliveryClass, Heading, Outgoing, Paragraph, Sending, Text
from bot.domain.refs import RoomRef
from storage import SqlStore, open_store, upgrade
from tests.fakes.virtual_time import START, VirtualClock, in_virtual_time, inline
from tests.telegram_server import Person, Rates
from tests.telegram_server.calls import Call
from tests.telegram_server.errors import ApiError, too_many
from tests.telegram_server.methods import METHODS
from tests.telegram_server.model import World

TOKEN: Final = "7000001:test-token-of-no-real-bot"
LATENCY: Final = (0.02, 0.15)
"""Seconds that an answer takes."""
WORDS: Final = Outgoing((Heading("Your week"), Paragraph((Text("Three things worth your time. " * 20),))))
ANSWER: Final = Outgoing((Paragraph((Text("here it is"),)),))


@dataclass
class Faults:
    """Shares of calls that go wrong, and how many did. `after`: once the message had arrived."""

    random: Random
    share: float = 0.0
    made: Counter[str] = field(default_factory=Counter)

    def draw(self) -> str:
        if self.random.random() >= self.share:
            return ""
        kind = self.random.choice(("limit", "server", "refused connection", "cut before", "cut after", "silence after"))
        self.made[kind] += 1
        return kind


class Within(BaseRequest):
    """The SDK's way to the network, which leads to the test server in this process."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults

    @property
    def read_timeout(self) -> float:
        return 20.0

    async def initialize(self) -> None:
        """Nothing is opened."""

    async def shutdown(self) -> None:
        """Nothing is open."""

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002  always POST
        request_data: RequestData | None = None,
        *_: Any,
        **__: Any,
    ) -> Any:
        fault = self._faults.draw()
        await asyncio.sleep(self._faults.random.uniform(*LATENCY))
        match fault:
            case "limit":
                refused = too_many(self._faults.random.randint(1, 30))
                return refused.code, json.dumps(refused.body()).encode()
            case "server":
                return 502, json.dumps(ApiError(502, "Bad Gateway").body()).encode()
            case "refused connection":
                raise NetworkError("httpx.ConnectError") from httpx.ConnectError("planted")
            case "cut before":
                raise NetworkError("httpx.RemoteProtocolError") from httpx.RemoteProtocolError("planted")
            case _:
                answer = self._called(url.rpartition("/")[2], request_data)
        if fault == "cut after":
            raise NetworkError("httpx.ReadError") from httpx.ReadError("planted")
        if fault == "silence after":
            await asyncio.sleep(20.0)
            raise TimedOut
        return answer

    def _called(self, method: str, data: RequestData | None) -> tuple[int, bytes]:
        call = Call(dict(data.json_parameters) if data is not None else {})
        try:
            return 200, json.dumps({"ok": True, "result": METHODS[method.lower()](self._world, call)}).encode()
        except ApiError as error:
            return error.code, json.dumps(error.body()).encode()


class Inside(Client):
    def __init__(self, request: BaseRequest) -> None:
        super().__init__(Access(TOKEN))
        self._request = (request, request)


@dataclass
class Night:
    """`people` get a digest each; meanwhile every third second somebody asks something and waits for the answer."""

    people: int
    share: float
    store: SqlStore
    seed: int = 1
    answers: int = 100
    groups: int = 20
    waits: list[float] = field(default_factory=list)
    took: float = 0.0

    def run(self) -> Night:
        in_virtual_time(self._scenario)
        return self

    async def _scenario(self, clock: VirtualClock) -> None:
        self.faults = Faults(Random(self.seed), self.share)
        self.world = World(lambda: clock.now().timestamp(), Rates(clock.monotonic))
        readers = [self._opened(f"Reader {n}") for n in range(self.people)]
        askers = [self._opened(f"Asker {n}") for n in range(self.answers)]
        halls = [self.world.group(f"Hall {n}") for n in range(self.groups)]
        with self.store.write() as uow:
            for hall in halls:
                uow.rooms.ensure(1, Place(RoomRef("telegram", str(hall.id)), hall.title, RoomKind.CHANNEL))
            for reader in readers:
                uow.outbox.add(1, _sending(f"digest:{reader.id}", reader.id, WORDS, unsolicited=True), START)
            for hall in halls:
                for number in range(30):
                    uow.outbox.add(1, _sending(f"hall:{hall.id}:{number}", hall.id, ANSWER), START)
            uow.commit()
        client = Inside(Within(self.world, self.faults))
        messenger = TelegramMessenger(client, lambda _: None, Presses(clock.monotonic, 8.0), in_thread=inline)
        delivery = Delivery(
            self.store,
            {"telegram": messenger},
            Pacing({"telegram": TELEGRAM}, clock.monotonic),
            clock,
            lambda _: True,
            monotonic=clock.monotonic,
            rng=Random(self.seed),
            in_thread=inline,
        )
        sending = asyncio.create_task(delivery.run())
        asked: dict[int, float] = {}
        for asker in askers:
            await asyncio.sleep(3.0)
            with self.store.write() as uow:
                uow.outbox.add(1, _sending(f"answer:{asker.id}", asker.id, ANSWER), clock.now())
                uow.commit()
            asked[asker.id] = clock.now().timestamp()
            delivery.wake()
        while True:
            await asyncio.sleep(5.0)
            with self.store.read() as uow:
                if not uow.outbox.counts().keys() & {"pending", "sending"}:
                    break
        self.took = max(m.date for p in readers for m in p.inbox) - START.timestamp()
        self.waits = [p.inbox[0].date - asked[p.id] for p in askers if p.inbox]
        delivery.stop()
        await sending
        self.readers, self.askers, self.halls = readers, askers, halls

    def _opened(self, name: str) -> Person:
        person = self.world.person(name)
        person.started = True
        return person

    def states(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.outbox.counts()

    def judge(self, report: Report, name: str) -> None:
        """Against what arrived, as the platform has it; no word of our own is taken for it."""
        with self.store.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT key, state FROM outbox").all()
        state = {row[0]: row[1] for row in rows}
        digests = {person: len(person.inbox) for person in self.readers}
        lost = sum(not n and state[f"digest:{p.id}"] != "in_doubt" for p, n in digests.items())
        doubtful = sum(state[f"digest:{p.id}"] == "in_doubt" for p in digests)
        report.add(f"{name}: digests that arrived", sum(n == 1 for n in digests.values()))
        there = sum(bool(n) for p, n in digests.items() if state[f"digest:{p.id}"] == "in_doubt")
        report.add(f"{name}: in doubt, listed", doubtful, "", f"{there} of them arrived")
        report.add(f"{name}: lost without a word", lost)
        report.add(f"{name}: digests that came twice", sum(n > 1 for n in digests.values()))
        sure = [len(p.inbox) for p in self.askers]
        told = [sum(m.by["id"] == self.world.bot["id"] for m in hall.messages) for hall in self.halls]
        missing = sum(not n for n in sure) + sum(max(0, 30 - n) for n in told)
        twice = sum(max(0, n - 1) for n in sure) + sum(max(0, n - 30) for n in told)
        unknowable = self.faults.made["cut after"] + self.faults.made["silence after"]
        report.add(f"{name}: answers lost", missing)
        report.add(
            f"{name}: answers that came twice", twice, "", f"at most {unknowable} could: their outcome was unknowable"
        )
        report.add(f"{name}: refused by the platform's limits", self.world.rates.refused, "429", "beside those planted")


def _sending(key: str, chat: int, message: Outgoing, *, unsolicited: bool = False) -> Sending:
    delivery = DeliveryClass.AT_MOST_ONCE if unsolicited else DeliveryClass.AT_LEAST_ONCE
    return Sending(key, RoomRef("telegram", str(chat)), message, delivery, unsolicited=unsolicited)


@contextmanager
def empty() -> Iterator[SqlStore]:
    memory = Path("/dev/shm")
    within = memory if memory.is_dir() else None  # what is measured is no disk
    with tempfile.TemporaryDirectory(prefix="bench-", dir=within) as folder:
        url = f"sqlite:///{Path(folder) / 'x.db'}"
        upgrade(url)
        store = open_store(url)
        with store.write() as uow:
            uow.communities.add("Night", language="en", timezone="UTC", sample=False)
            uow.commit()
        yield store
        store.close()


def measure(report: Report, chosen: argparse.Namespace) -> None:
    people = min(chosen.people, 600) if report.quick else chosen.people
    for name, share in (("calm", 0.0), ("storm", chosen.faults)):
        with empty() as store:
            cpu = time.process_time()
            night = Night(people, share, store, seed=chosen.seed).run()
            spent = time.process_time() - cpu
            sends = people + night.answers + 30 * night.groups
            least = sends / TELEGRAM.total.count
            report.add(
                f"{name}: the last digest after",
                night.took,
                "s",
                f"of virtual time; {least:.0f} s is the least at 30 a second",
            )
            if share:
                planted = ", ".join(f"{kind} {n}" for kind, n in sorted(night.faults.made.items()))
                report.add(f"{name}: calls that went wrong", sum(night.faults.made.values()), "", planted)
            night.judge(report, name)
            report.add(
                f"{name}: an answer meanwhile, p95",
                percentile(night.waits, 0.95),
                "s",
                "whole seconds: Telegram's dates",
            )
            report.add(f"{name}: CPU", spent / sends * 1000, "ms/send")


if __name__ == "__main__":
    options: list[tuple[str, dict[str, Any]]] = [
        ("--people", {"type": int, "default": 10_000}),
        ("--faults", {"type": float, "default": 0.1, "help": "share of calls that go wrong in the storm"}),
        ("--seed", {"type": int, "default": 1}),
    ]
    raise SystemExit(run("delivering", __doc__, measure, options))
