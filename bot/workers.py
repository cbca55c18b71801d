"""Digests of a rush prepared in processes of their own. Knows processes and what they open; writes nothing itself.

A few digests are prepared right here. When lot after lot is full, worker processes (spawned, one compute thread each)
open the store for reading and an engine of their own from the saved index, and prepare lots until nothing more is due;
then they end and their memory is free again. All writing stays with this process, lot by lot.

Vectors of declared topics are the one thing that needs the encoder: they are worked out here and go with the lot.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.domain.people import Community
from bot.domain.schedules import Occurrence, Outcome
from bot.ports import Ids, Store
from bot.usecases.digest import ComposeDigests
from bot.usecases.digest_send import Prepared, PrepareDigests, QueueDigests, member_of
from bot.usecases.engine import StoreEngine
from bot.usecases.talks import last_discussions
from bot.usecases.traffic import CountTraffic
from bot.usecases.training import last_model
from bot.usecases.weighing import last_ranking
from recsys.encoders.errors import EncoderUnavailable
from recsys.types import Matrix, Progress, Vector
from storage import open_store

RUSH: Final = 4
"""Full lots in a row after which workers are worth their start."""
_ORPHANED_AFTER: Final = 2.0
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Openings:
    """What a worker opens. `encoder`, `dimension`: of the vectors in the index."""

    url: str
    community: Community
    encoder: str
    dimension: int
    index: Path
    models: Path
    discussions: Path
    ids: Ids


class GivenEncoder:
    """Knows the vectors that it was given, and no others."""

    def __init__(self, name: str, dimension: int) -> None:
        self._name, self._dimension = name, dimension
        self.known: dict[str, Vector] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:  # noqa: ARG002
        if missing := [text for text in texts if text not in self.known]:
            raise EncoderUnavailable(f"no vector was given for {len(missing)} texts")
        return np.stack([self.known[text] for text in texts])


@dataclass(slots=True)
class _GivenClock:
    at: datetime

    def now(self) -> datetime:
        return self.at


class _Worker:
    """What one process holds."""

    def __init__(self, openings: Openings) -> None:
        self.clock = _GivenClock(datetime.now(UTC))
        self.encoder = GivenEncoder(openings.encoder, openings.dimension)
        store = open_store(openings.url, clock=self.clock.now)
        engine = StoreEngine(
            store, self.encoder, self.clock, openings.community.id,
            folder=openings.index, model=last_model(openings.models),
        )  # fmt: skip
        engine.publish_ranking(last_ranking(openings.models))
        engine.publish_discussions(last_discussions(openings.discussions))
        traffic = CountTraffic(store, openings.community.id)
        self.engine = engine
        self.community = openings.community
        self.prepare = PrepareDigests(store, openings.ids, ComposeDigests(store, engine, openings.ids, traffic))


_worker: _Worker | None = None


def _open(openings: Openings) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    _worker = _Worker(openings)


def _watch_parent(parent: int) -> None:
    """A worker does not outlive whoever wants its work, however that ended."""
    while os.getppid() == parent:
        time.sleep(_ORPHANED_AFTER)
    os._exit(0)


def _ready() -> float:
    """Take in what the store holds, before the first lot needs it; seconds of CPU that the start took."""
    assert _worker is not None
    _worker.engine.refresh()
    return time.process_time()


def _prepare(occurrences: Sequence[Occurrence], at: datetime, topics: Mapping[str, Vector]) -> list[Prepared]:
    assert _worker is not None
    _worker.clock.at = at
    _worker.encoder.known.update(topics)
    return _worker.prepare(_worker.community, occurrences, at)


@dataclass(slots=True)
class DigestLots:
    """The work of `scheduler.lots`. `workers`: processes for a rush, none for never; `openings`: what they open, asked
    for when they start; `lot`: how many make a full one."""

    store: Store
    community: Community
    prepare_here: Callable[[], PrepareDigests]
    queue: QueueDigests
    topic_vector: Callable[[str], Vector | None]
    openings: Callable[[], Openings]
    lot: int
    workers: int = 0
    starts: list[Future[float]] = field(default_factory=list)
    """What each worker's start cost in seconds of CPU, once it is ready."""
    _full: int = 0
    _pool: ProcessPoolExecutor | None = None
    _topics: dict[str, Vector] = field(default_factory=dict)

    @property
    def ahead(self) -> int:
        return self.workers + 1 if self._pool is not None else 1

    def prepare(self, community_id: int, occurrences: Sequence[Occurrence], at: datetime) -> Future[Any]:  # noqa: ARG002
        self._full = self._full + 1 if len(occurrences) >= self.lot else 0
        if self._pool is None and self.workers and self._full >= RUSH:
            self._start()
        if self._pool is not None and len(occurrences) > 1:
            return self._pool.submit(_prepare, list(occurrences), at, self._vectors(occurrences))
        done: Future[Any] = Future()
        try:
            done.set_result(self.prepare_here()(self.community, occurrences, at))
        except Exception as error:  # noqa: BLE001  as from a process: raised where the result is asked for
            done.set_exception(error)
        return done

    def settle(
        self,
        community_id: int,  # noqa: ARG002
        prepared: list[Prepared],
        at: datetime,
    ) -> list[tuple[Occurrence, Outcome, str]]:
        return self.queue(self.community, prepared, at, claimed_at=at)

    def rest(self) -> None:
        """The rush is over."""
        self._full = 0
        self._topics.clear()
        if self._pool is not None:
            log.info("the workers for digests end")
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _start(self) -> None:
        # Read by the numeric libraries when they are loaded, in processes that have not done so yet.
        before = {name: os.environ.get(name) for name in _THREADS}
        os.environ.update(dict.fromkeys(_THREADS, "1"))
        log.info("%d workers for digests begin", self.workers)
        try:
            self._pool = ProcessPoolExecutor(
                self.workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_open,
                initargs=(self.openings(),),
            )
            # All are started now, while the environment says so.
            for _ in range(self.workers):
                self.starts.append(self._pool.submit(_ready))
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def _vectors(self, occurrences: Sequence[Occurrence]) -> dict[str, Vector]:
        """Of all topics that these members declared, by the text that is encoded for them."""
        with self.store.read() as uow:
            members = uow.members.some(member_of(one) for one in occurrences)
        found: dict[str, Vector] = {}
        for topic in dict.fromkeys(topic for member in members for topic in member.profile.topics):
            text = topic.replace("-", " ")
            if text not in self._topics:
                vector = self.topic_vector(topic)
                if vector is None:
                    continue
                self._topics[text] = vector
            found[text] = self._topics[text]
        return found
