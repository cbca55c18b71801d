"""Batches that wait for the encoder: two bounded queues, queries before bulk. Knows no process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from recsys.encoders.errors import EncoderUnavailable
from recsys.types import Matrix

CLOSED = "the encoder is closed"
TEXT: Final = "text"
COURSE: Final = "course"
QUESTION: Final = "question"
"""Which model reads a batch: the first one, or those for courses and for what is asked of them."""


@dataclass(eq=False, slots=True)
class Batch:
    """Some texts of one call, and what became of them. `given_up`: nobody waits any more."""

    texts: Sequence[str]
    model: str = TEXT
    vectors: Matrix | None = None
    error: Exception | None = None
    given_up: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def end(self, vectors: Matrix | None, error: Exception | None = None) -> None:
        self.vectors, self.error = vectors, error
        self.done.set()


class Waiting:
    """The batches that have not been taken yet. Putting a query fails when there are too many; bulk work waits."""

    def __init__(self, *, queries: int, bulk: int) -> None:
        self._most = {True: queries, False: bulk}
        self._queues: dict[bool, deque[Batch]] = {True: deque(), False: deque()}
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return sum(len(waiting) for waiting in self._queues.values())

    def put(self, batch: Batch, *, query: bool) -> None:
        """EncoderUnavailable when closed, or for a query when the queue is full."""
        with self._changed:
            waiting = self._queues[query]
            while len(waiting) >= self._most[query] and not self._closed:
                if query:
                    raise EncoderUnavailable(f"{len(waiting)} queries are waiting for the encoder already")
                self._changed.wait()
            if self._closed:
                raise EncoderUnavailable(CLOSED)
            waiting.append(batch)
            self._changed.notify_all()

    def take(self, timeout: float | None) -> Batch | None:
        """The next batch, queries first; None when closed or when nothing came within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self) > 0, timeout)
            if self._closed or not len(self):
                return None
            waiting = self._queues[True] or self._queues[False]
            batch = waiting.popleft()
            self._changed.notify_all()
            return batch

    def close(self) -> None:
        """Refuse what comes and end what waits."""
        with self._changed:
            self._closed = True
            left = [*self._queues[True], *self._queues[False]]
            self._queues[True].clear()
            self._queues[False].clear()
            self._changed.notify_all()
        for batch in left:
            batch.end(None, EncoderUnavailable(CLOSED))
