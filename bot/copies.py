"""Processes that are copies of one which has everything opened: one start and one memory for all. Knows no work.

A first process, spawned and with a single thread, opens what the work needs; the others are forked from it, so that
what it holds is there once, however many they are. They are asked through a pipe each and end when it closes, whatever
became of whoever held its other end. Where a process cannot be forked, each opens everything for itself.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Final

Work = Callable[..., Any]
Begin = Callable[[Any], Work]

_FORKS: Final = hasattr(os, "fork") and sys.platform != "darwin"
"""On macOS the system's own libraries do not survive it."""
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

log = logging.getLogger(__name__)


class WorkerLost(RuntimeError):
    """The process that was asked is gone."""


class Copies:
    """`number` processes that do what ``begin(given)`` returns; both are sent to the first one."""

    def __init__(self, number: int, begin: Begin, given: Any) -> None:
        if number < 1:
            raise ValueError(f"there must be at least one process, got {number}")
        context = multiprocessing.get_context("spawn")
        pairs = [context.Pipe() for _ in range(number)]
        theirs = [there for _, there in pairs]
        self._ours = [here for here, _ in pairs]
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._lost = False
        groups = [theirs] if _FORKS else [[there] for there in theirs]
        self._firsts = [
            context.Process(target=_first, args=(begin, given, group), daemon=True, name="copies") for group in groups
        ]
        with _one_thread():
            for process in self._firsts:
                process.start()
        for there in theirs:
            there.close()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="copies")
        self.starts: list[Future[float]] = [self._threads.submit(self._meet, ours) for ours in self._ours]
        """What the start of each cost in seconds of CPU, once it is ready; of copies 0 but for the first."""

    @property
    def ready(self) -> bool:
        """Whether all have begun and none was lost since."""
        return not self._lost and all(start.done() for start in self.starts)

    @property
    def lost(self) -> bool:
        """Whether one is gone: those that are left do no more."""
        return self._lost

    def submit(self, *asked: Any) -> Future[Any]:
        """What the work makes of `asked`, by whoever is free first; WorkerLost when that one ends meanwhile."""
        return self._threads.submit(self._ask, asked)

    def close(self) -> None:
        """They end, and this returns when they did."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for ours in self._ours:
            ours.close()
        for process in self._firsts:
            process.join()

    def _meet(self, ours: Connection) -> float:
        try:
            seconds = float(ours.recv())
        except (EOFError, OSError) as error:
            self._lost = True
            raise WorkerLost("a process ended before it was ready") from error
        self._free.put(ours)
        return seconds

    def _ask(self, asked: Sequence[Any]) -> Any:
        if self._lost:
            raise WorkerLost("another process ended")
        ours = self._free.get()
        try:
            ours.send(asked)
            done, answer = ours.recv()
        except (EOFError, OSError) as error:
            self._lost = True
            raise WorkerLost("the process that was asked ended") from error
        self._free.put(ours)
        if not done:
            raise answer
        return answer


def _first(begin: Begin, given: Any, ends: Sequence[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    work = begin(given)
    # What is there now stays: looking through it for garbage would cost time, and each copy its own memory.
    gc.collect()
    gc.freeze()
    if os.getppid() != parent:
        return
    seconds = time.process_time()
    if len(ends) == 1:
        _answer(ends[0], work, seconds)
        return
    for at, end in enumerate(ends):
        if os.fork() == 0:
            status = 1
            try:
                # The ends of those that were copied before are closed already.
                for other in ends[at + 1 :]:
                    other.close()
                _answer(end, work, 0.0 if at else seconds)
                status = 0
            except BaseException:
                log.exception("a copy ended")
            finally:
                os._exit(status)
        end.close()
    for _ in ends:
        os.wait()


def _answer(end: Connection, work: Work, seconds: float) -> None:
    with suppress(EOFError, OSError):  # nobody asks any more
        end.send(seconds)
        while True:
            asked = end.recv()
            try:
                answer = (True, work(*asked))
            except Exception as error:  # noqa: BLE001  raised where it was asked
                answer = (False, error)
            end.send(answer)


@contextmanager
def _one_thread() -> Iterator[None]:
    """For numeric libraries, which read it when they are loaded, in processes that have not done so yet. A process with
    threads of theirs cannot be copied."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
