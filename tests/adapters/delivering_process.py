"""A process that delivers from a real store to a pretended platform, made to be killed at any moment.

What the platform did is one line in a file for each effect, written before the answer, so it outlives the process.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from adapters.delivery import Delivery, Policy
from adapters.pacing import Limits, Pacing, Rate
from bot.domain.outgoing import Outgoing, Receipt
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from storage import SqlStore, open_store

FREE = Limits(Rate(100_000, 1.0), Rate(100_000, 1.0))


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Platform:
    """Takes 0-6 ms to do it and as long to say so; does not repeat what it was sent with a nonce."""

    platform = "web"

    def __init__(self, effects: Path, rng: Random) -> None:
        self._rng = rng
        self._known = set(effects.read_text().split()) if effects.exists() else set()
        self._file = os.open(effects, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        await asyncio.sleep(self._rng.uniform(0, 0.006))
        if not (key.startswith("nonce") and key in self._known):
            os.write(self._file, f"{key}\n".encode())
            self._known.add(key)
        await asyncio.sleep(self._rng.uniform(0, 0.006))
        return Receipt((MessageRef(room, f"m-{key}"),))

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        raise NotImplementedError

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:
        raise NotImplementedError


def deliver(database: str, effects: str, seed: int, *, all_of_it: bool) -> None:
    """Until killed, or, with `all_of_it`, until nothing is left to send."""
    store = open_store(database)
    asyncio.run(_deliver(store, Path(effects), seed, _left(store) if all_of_it else lambda: True))
    store.close()


async def _deliver(store: SqlStore, effects: Path, seed: int, more: Callable[[], bool]) -> None:
    rng = Random(seed)
    delivery = Delivery(
        store,
        {"web": Platform(effects, rng)},
        Pacing({"web": FREE}, time.monotonic),
        Clock(),
        lambda row: True,
        monotonic=time.monotonic,
        rng=rng,
        policy=Policy(poll=0.05),
    )
    store.on_commit(lambda topics: delivery.wake())
    running = asyncio.create_task(delivery.run())
    while await asyncio.to_thread(more):
        await asyncio.sleep(0.02)
    delivery.stop()
    await running


def _left(store: SqlStore) -> Callable[[], bool]:
    def left() -> bool:
        with store.read() as uow:
            counts = uow.outbox.counts()
        return bool(counts.get("pending", 0) + counts.get("sending", 0))

    return left
