"""Digests of a rush prepared in processes of their own. Knows what they open and when; writes nothing itself.

A few digests are prepared right here. When lot after lot is full, a process opens the store for reading and an engine
of its own from the saved index, is copied (`bot.copies`), and the copies prepare lots until nothing more is due; then
they end and their memory is free again. Until they are ready, and when one of them is lost, lots are prepared here as
before. All writing stays with this process, lot by lot.

Vectors of declared topics are the one thing that needs the encoder: they are worked out here and go with the lot.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.copies import Copies
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

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Openings:
    """What a worker opens. `encoder`, `dimension`: of the vectors in the index; `at`: what time it is then."""

    url: str
    community: Community
    encoder: str
    dimension: int
    index: Path
    models: Path
    discussions: Path
    ids: Ids
    at: datetime


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
    """What the processes hold, opened once."""

    def __init__(self, openings: Openings) -> None:
        self._clock = _GivenClock(openings.at)
        self._encoder = GivenEncoder(openings.encoder, openings.dimension)
        store = open_store(openings.url, clock=self._clock.now)
        engine = StoreEngine(
            store, self._encoder, self._clock, openings.community.id,
            folder=openings.index, model=last_model(openings.models),
        )  # fmt: skip
        engine.publish_ranking(last_ranking(openings.models))
        engine.publish_discussions(last_discussions(openings.discussions))
        engine.refresh()
        # A connection to a database does not survive that its process is copied: each copy opens its own.
        store.close()
        traffic = CountTraffic(store, openings.community.id)
        self._community = openings.community
        self._prepare = PrepareDigests(store, openings.ids, ComposeDigests(store, engine, openings.ids, traffic))

    def __call__(self, occurrences: Sequence[Occurrence], at: datetime, topics: Mapping[str, Vector]) -> list[Prepared]:
        self._clock.at = at
        self._encoder.known.update(topics)
        return self._prepare(self._community, occurrences, at)


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
    """What the workers' start cost in seconds of CPU, once they are ready."""
    _full: int = 0
    _pool: Copies | None = None
    _alone: bool = False
    """Whether workers were lost in this rush: what ended them would end others."""
    _topics: dict[str, Vector] = field(default_factory=dict)

    @property
    def ahead(self) -> int:
        return self.workers + 1 if self._pool is not None and self._pool.ready else 1

    def prepare(self, community_id: int, occurrences: Sequence[Occurrence], at: datetime) -> Future[Any]:  # noqa: ARG002
        self._full = self._full + 1 if len(occurrences) >= self.lot else 0
        if self._pool is None and self.workers and self._full >= RUSH and not self._alone:
            self._start()
        if self._pool is not None and self._pool.lost:
            self._alone = True
            self._end("the workers for digests are lost: the rest of this rush is prepared without them")
        if self._pool is not None and self._pool.ready and len(occurrences) > 1:
            return self._pool.submit(list(occurrences), at, self._vectors(occurrences))
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
        self._alone = False
        self._topics.clear()
        if self._pool is not None:
            self._end("the workers for digests end")

    def _start(self) -> None:
        log.info("%d workers for digests begin", self.workers)
        self._pool = Copies(self.workers, _Worker, self.openings())
        self.starts += self._pool.starts

    def _end(self, why: str) -> None:
        assert self._pool is not None
        log.log(logging.WARNING if self._alone else logging.INFO, why)
        self._pool.close()
        self._pool = None

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
