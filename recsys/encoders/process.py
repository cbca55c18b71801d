"""An Encoder whose model runs in a process of its own. Knows retries, restarts and patience; knows no model.

One dispatching thread owns the child. Callers put small batches into two bounded queues; queries always go before
bulk work, so a member waits for at most one batch of an import. A child that dies or is stuck is replaced and its
batch tried once more; a child that has grown is replaced by one that was loaded beside it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import numpy as np

from recsys.encoders.child import Answer, Child, Failed, Loaded
from recsys.encoders.errors import EncoderNotFound, EncoderUnavailable, UnsafeWeights, WeightsMismatch
from recsys.encoders.queues import CLOSED, COURSE, QUESTION, TEXT, Batch, Waiting
from recsys.types import Encoder, Matrix, Progress, QuestionEncoder

log = logging.getLogger(__name__)

_BULK_AHEAD: Final = 2
"""Batches of one bulk call in the queue at a time: enough to keep the child busy, few enough to share it."""
_LONGEST_PAUSE: Final = 60.0
_SWAP_CHECK: Final = 0.5


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Seconds, bytes and numbers that bound the encoder process.

    `batch_courses`: courses of a batch, for their models take a hundred times as long. `query_texts`: calls of up to
    so many texts are queries unless they say otherwise. `patience`: what a query waits before it goes on without
    vectors. `growth`: resident bytes above those after loading that make a child be replaced.
    """

    batch_texts: int = 16
    batch_characters: int = 8_000
    batch_courses: int = 2
    query_texts: int = 48
    queries_waiting: int = 256
    bulk_waiting: int = 32
    patience: float = 5.0
    compute_seconds: float = 60.0
    load_seconds: float = 180.0
    growth: int = 256 * 1024 * 1024
    calls: int = 20_000


class EncoderProcess:
    """Thread-safe; starts at first use or by `start()`. Raises EncoderUnavailable and the ValueErrors of `errors`."""

    def __init__(
        self, setting: str, *, limits: ProcessLimits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._setting = setting
        self._limits = limits or ProcessLimits()
        self._clock = clock
        self._waiting = Waiting(queries=self._limits.queries_waiting, bulk=self._limits.bulk_waiting)
        self._lock = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._child: Child | None = None
        self._spare: Child | None = None
        self._loaded: Loaded | None = None
        self._busy_since: float | None = None
        self._answered = 0
        self._failures = 0
        self._retry_at = 0.0
        self._numbers = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        return self._about().name

    @property
    def dimension(self) -> int:
        return self._about().dimension

    @property
    def pid(self) -> int | None:
        """The process that answers now, if there is one."""
        child = self._child
        return child.pid if child is not None and child.alive else None

    @property
    def bulk(self) -> Encoder:
        """The same encoder for imports and jobs: everything asked through it waits behind queries."""
        return _Bulk(self)

    @property
    def courses(self) -> QuestionEncoder | None:
        """The models for courses in the same process: what is encoded waits behind queries, questions do not."""
        second = self._about().courses
        return None if second is None else _Courses(self, *second)

    def start(self) -> None:
        """Return when the model is loaded. Raises what is wrong with the setting, or EncoderUnavailable."""
        probe = Batch(())
        self._put(probe, query=True)
        probe.done.wait()
        if probe.error is not None:
            raise probe.error

    def close(self) -> None:
        """End the process and every call that waits (EncoderUnavailable). Idempotent."""
        with self._lock:
            self._closed = True
            children = [child for child in (self._child, self._spare) if child is not None]
            thread = self._thread
        self._waiting.close()
        for child in children:
            child.close()
        if thread is not None:
            thread.join()

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None, urgent: bool | None = None) -> Matrix:
        """Vectors of the texts, as `Encoder.encode` says. `urgent`: before all bulk work (default: few texts).

        An urgent call ends with EncoderUnavailable when it has waited for `patience` seconds, and at once when the
        process is known to be stuck; a bulk call waits as long as there is hope.
        """
        query = len(texts) <= self._limits.query_texts if urgent is None else urgent
        return self._encoded(texts, TEXT, query=query, progress=progress)

    def encode_as(self, model: str, texts: Sequence[str], *, urgent: bool, progress: Progress | None = None) -> Matrix:
        """As `encode`, by the model for courses or the one for what is asked of them."""
        return self._encoded(texts, model, query=urgent, progress=progress)

    def _encoded(self, texts: Sequence[str], model: str, *, query: bool, progress: Progress | None) -> Matrix:
        deadline = self._clock() + self._limits.patience if query else None
        if query:
            self._refuse_when_stuck()
        parts = self._parts(texts, self._limits.batch_texts if model == TEXT else self._limits.batch_courses)
        if not parts:
            return np.zeros((0, self._dimension(self._about(), model)), dtype=np.float32)
        ahead = len(parts) if query else _BULK_AHEAD
        found: list[Matrix] = []
        waiting: deque[Batch] = deque()
        try:
            for part in parts:
                if len(waiting) >= ahead:
                    found.append(self._collect(waiting.popleft(), deadline))
                    if progress is not None:
                        progress(sum(map(len, found)), len(texts))
                waiting.append(Batch(part, model))
                self._put(waiting[-1], query=query)
            while waiting:
                found.append(self._collect(waiting.popleft(), deadline))
                if progress is not None:
                    progress(sum(map(len, found)), len(texts))
        finally:
            for batch in waiting:
                batch.given_up = True
        return np.concatenate(found)

    def _about(self) -> Loaded:
        if self._loaded is None:
            self.start()
        assert self._loaded is not None
        return self._loaded

    def _refuse_when_stuck(self) -> None:
        since = self._busy_since
        if since is not None and self._clock() - since > self._limits.patience:
            raise EncoderUnavailable(f"the encoder has been busy with one batch for {self._clock() - since:.0f} s")

    @staticmethod
    def _dimension(loaded: Loaded, model: str) -> int:
        if model == TEXT:
            return loaded.dimension
        if loaded.courses is None:
            raise EncoderUnavailable("there is no model for courses beside this encoder")
        return loaded.courses[1]

    def _parts(self, texts: Sequence[str], most: int) -> list[Sequence[str]]:
        parts: list[Sequence[str]] = []
        start = size = 0
        for place, text in enumerate(texts):
            full = place - start >= most or size + len(text) > self._limits.batch_characters
            if full and place > start:
                parts.append(texts[start:place])
                start, size = place, 0
            size += len(text)
        if start < len(texts):
            parts.append(texts[start:])
        return parts

    def _put(self, batch: Batch, *, query: bool) -> None:
        with self._lock:
            if self._closed:
                raise EncoderUnavailable(CLOSED)
            if self._thread is None:
                self._thread = threading.Thread(target=self._dispatch, name="encoder", daemon=True)
                self._thread.start()
        self._waiting.put(batch, query=query)

    def _collect(self, batch: Batch, deadline: float | None) -> Matrix:
        timeout = None if deadline is None else max(deadline - self._clock(), 0.0)
        if not batch.done.wait(timeout):
            batch.given_up = True
            raise EncoderUnavailable(f"no vectors within {self._limits.patience:g} s")
        if batch.error is not None:
            raise batch.error
        assert batch.vectors is not None
        return batch.vectors

    # -- everything below runs in the dispatching thread -----------------------------------------------------------

    def _dispatch(self) -> None:
        try:
            while not self._closed:
                batch = self._waiting.take(None if self._spare is None else _SWAP_CHECK)
                self._swap()
                if batch is not None and not batch.given_up:
                    self._run(batch)
        finally:
            # Also after an error of our own: nobody may wait for ever for a thread that is gone.
            self._closed = True
            self._waiting.close()
            for child in (self._child, self._spare):
                if child is not None:
                    child.close()

    def _run(self, batch: Batch) -> None:
        self._busy_since = self._clock()
        try:
            batch.end(self._attempt(batch) if batch.texts else self._nothing())
        except (EncoderUnavailable, ValueError) as error:
            batch.end(None, error)
        except BaseException:
            batch.end(None, EncoderUnavailable(CLOSED))
            raise
        finally:
            self._busy_since = None

    def _nothing(self) -> Matrix:
        _, loaded = self._ready()
        return np.zeros((0, loaded.dimension), dtype=np.float32)

    def _attempt(self, batch: Batch) -> Matrix:
        for _ in range(2):
            child, loaded = self._ready()
            self._numbers += 1
            child.ask(self._numbers, batch.texts, batch.model)
            try:
                answer = child.answer(self._limits.compute_seconds)
            except TimeoutError:
                log.warning("encoder process %d gave no answer in time and is replaced", child.pid)
                child.kill()
                answer = None
            if answer is None:
                child.close()
                self._child = None
                continue
            return self._take(answer, batch, loaded)
        raise EncoderUnavailable(CLOSED if self._closed else "the encoder process ended twice on the same texts")

    def _take(self, answer: Answer, batch: Batch, loaded: Loaded) -> Matrix:
        if answer.vectors is None:
            raise EncoderUnavailable(f"the model cannot encode these texts: {answer.error}")
        if answer.id != self._numbers or answer.vectors.shape != (
            len(batch.texts),
            self._dimension(loaded, batch.model),
        ):
            raise EncoderUnavailable(f"the encoder answered {answer.vectors.shape} for {len(batch.texts)} texts")
        self._answered += 1
        grown = answer.rss > loaded.rss + self._limits.growth
        if self._spare is None and (grown or self._answered >= self._limits.calls):
            try:
                self._spare = self._spawn()
            except EncoderUnavailable as error:
                log.warning("the grown encoder process stays in use: %s", error)
        return answer.vectors

    def _ready(self) -> tuple[Child, Loaded]:
        """A child with its model loaded: the present one, or a new one. After failures there is a growing pause."""
        if self._child is not None and self._child.alive and self._loaded is not None:
            return self._child, self._loaded
        if self._child is not None:
            log.warning("encoder process %d has ended and is started again", self._child.pid)
            self._child.close()
            self._child = None
        if self._clock() < self._retry_at:
            raise EncoderUnavailable("the encoder process has failed and is tried again later")
        child = self._child = self._spawn()
        outcome = child.loaded(self._limits.load_seconds)
        if isinstance(outcome, Loaded) and self._same(outcome):
            self._loaded, self._answered, self._failures = outcome, 0, 0
            return child, outcome
        child.kill()
        self._child = None
        self._failures += 1
        self._retry_at = self._clock() + min(0.25 * 2**self._failures, _LONGEST_PAUSE)
        raise _error(outcome, self._limits.load_seconds)

    def _spawn(self) -> Child:
        with self._lock:
            if self._closed:
                raise EncoderUnavailable(CLOSED)
            try:
                return Child(self._setting)
            except OSError as error:
                # No memory, or too many processes, at this moment: calls fail, the dispatching thread goes on.
                self._failures += 1
                self._retry_at = self._clock() + min(0.25 * 2**self._failures, _LONGEST_PAUSE)
                raise EncoderUnavailable(f"no process for the encoder can be started: {error}") from error

    def _same(self, loaded: Loaded) -> bool:
        """Vectors of two models are never mixed: a file that was exchanged under us needs a restart of the program."""
        present = self._loaded
        return present is None or (loaded.name, loaded.dimension, loaded.courses) == (
            present.name,
            present.dimension,
            present.courses,
        )

    def _swap(self) -> None:
        """Put the spare in the place of the grown child once it has loaded."""
        if self._spare is None or (outcome := self._spare.loaded(0)) is None:
            return
        spare, self._spare, self._answered = self._spare, None, 0
        if isinstance(outcome, Loaded) and self._same(outcome):
            old, self._child, self._loaded = self._child, spare, outcome
            if old is not None:
                old.close()
        else:
            log.warning("a new encoder process could not be loaded; the present one goes on")
            spare.kill()


def _error(outcome: Loaded | Failed | None, seconds: float) -> Exception:
    match outcome:
        case None:
            return EncoderUnavailable(f"the encoder did not load within {seconds:g} s")
        case Loaded(name=name):
            return EncoderUnavailable(f"the model on disk has changed to {name}: restart the program")
        case Failed(kind="WeightsMismatch", facts=(file, expected, got)):
            return WeightsMismatch(file, expected, got)
        case Failed(kind="UnsafeWeights", message=message):
            return UnsafeWeights(message)
        case Failed(kind="EncoderNotFound", message=message):
            return EncoderNotFound(message)
        case Failed(kind="ValueError", message=message):
            return ValueError(message)
        case Failed(kind=kind, message=message):
            return EncoderUnavailable(f"the encoder did not load: {kind}: {message}")


class _Bulk:
    """The view of an EncoderProcess whose calls are never urgent."""

    def __init__(self, process: EncoderProcess) -> None:
        self._process = process

    @property
    def name(self) -> str:
        return self._process.name

    @property
    def dimension(self) -> int:
        return self._process.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        return self._process.encode(texts, progress=progress, urgent=False)


@dataclass(frozen=True, slots=True)
class _Courses:
    """The view of an EncoderProcess on its models for courses."""

    process: EncoderProcess
    name: str
    dimension: int

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        return self.process.encode_as(COURSE, texts, urgent=False, progress=progress)

    def encode_questions(self, texts: Sequence[str]) -> Matrix:
        return self.process.encode_as(QUESTION, texts, urgent=True)
