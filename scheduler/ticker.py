"""The clockwork: wakes named tasks again and again. Knows APScheduler and threads; knows nothing of what is due.

APScheduler only fires; it holds no state worth keeping (a memory job store, rebuilt at will) and runs no work itself.
A task runs in a thread of its own, never twice at once: a tick that comes while it runs is dropped, a `wake` that comes
while it runs makes it run once more. Intervals are at most 30 s for the planner, so that a jump of the wall clock is
noticed: sleeping longer would sleep through it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.errors import StoreUnavailable
from scheduler.planner import Tick
from scheduler.watchdog import Watched

PLAN: Final = "plan"
LONGEST_SLEEP: Final = 30.0
_GIVE_UP_WAITING: Final = 3.0

log = logging.getLogger(__name__)


class Plans(Protocol):
    def tick(self) -> Tick: ...


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So many seconds after the last time. APScheduler's own interval lists every moment that a jump of the wall clock
    leapt over, one by one: after a night's sleep of the machine that blocks the loop for seconds."""

    __slots__ = ("_interval",)

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._interval


def fresh_scheduler() -> AsyncIOScheduler:
    """One that drops nothing that is late, runs once what was missed often, and keeps nothing."""
    return AsyncIOScheduler(
        timezone=UTC,
        jobstores={"default": MemoryJobStore()},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )


@dataclass(slots=True)
class _Task:
    """A named piece of work. `run` answers True when there is more to do at once."""

    name: str
    seconds: float
    patience: float
    run: Callable[[], bool | None]
    fired_at: float
    running: asyncio.Task[None] | None = None
    started_at: float = 0.0
    again: bool = False
    failures: int = 0
    problem: str = ""


class Ticker:
    """Periodic and woken work. `start`, `stop` and `restart` belong to the event loop; `wake` to any thread.

    `monotonic` gives seconds that never jump; `build` makes an APScheduler that has not started.
    """

    def __init__(
        self,
        planner: Plans,
        *,
        monotonic: Callable[[], float],
        interval: float = 10.0,
        beat: float = 1.0,
        build: Callable[[], AsyncIOScheduler] = fresh_scheduler,
    ) -> None:
        if not 0 < interval <= LONGEST_SLEEP:
            raise ValueError(f"the planner must tick every 0-{LONGEST_SLEEP:g} s, got {interval:g}")
        self._monotonic = monotonic
        self._beat = beat
        self._build = build
        self._tasks: dict[str, _Task] = {}
        self._scheduler: AsyncIOScheduler | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._beat_at = monotonic()
        self._stopping = False
        self.every(interval, PLAN, lambda: planner.tick().more)

    def every(self, seconds: float, name: str, run: Callable[[], bool | None], *, patience: float = 600.0) -> None:
        """Run `run` in a thread at the start and then every `seconds`; True from it means: again at once.

        One that takes longer than `patience` seconds is reported as stuck. ValueError when the name is taken.
        """
        if self._loop is not None:
            raise RuntimeError("tasks are named before the ticker starts")
        if name in self._tasks:
            raise ValueError(f"there is a task called {name!r} already")
        if seconds <= 0:
            raise ValueError(f"an interval must be positive, got {seconds:g}")
        self._tasks[name] = _Task(name, seconds, patience, run, fired_at=self._monotonic())

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(max_workers=len(self._tasks), thread_name_prefix="tick")
        self._open()

    def wake(self, name: str) -> None:
        """Run a task as soon as possible, once, however often this is called meanwhile. From any thread."""
        task = self._tasks[name]
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._woken, task)

    def restart(self) -> None:
        """Throw the scheduler away and build another. Work in progress goes on."""
        self._close()
        if not self._stopping:
            self._open()

    async def stop(self) -> None:
        """No new work; wait a little for what is running."""
        self._stopping = True
        self._close()
        running = [task.running for task in self._tasks.values() if task.running is not None]
        if running:
            await asyncio.wait(running, timeout=_GIVE_UP_WAITING)
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def watched(self) -> list[Watched]:
        """What a watchdog should look at: the scheduler itself, and every task."""
        parts = [Watched("scheduler", self._silence, limit=max(5 * self._beat, 0.2), restart=self.restart)]
        for task in self._tasks.values():
            limit = task.seconds + max(5 * self._beat, 0.2)
            parts.append(
                Watched(task.name, self._lateness(task), limit=limit, restart=self.restart, problem=self._trouble(task))
            )
        return parts

    def _silence(self) -> float:
        return self._monotonic() - self._beat_at

    def _lateness(self, task: _Task) -> Callable[[], float]:
        return lambda: self._monotonic() - task.fired_at

    def _trouble(self, task: _Task) -> Callable[[], str]:
        def problem() -> str:
            if task.running is not None and (taken := self._monotonic() - task.started_at) > task.patience:
                return f"has been running for {taken:.0f} s"
            return f"failed {task.failures} times: {task.problem}" if task.failures > 2 else ""

        return problem

    def _open(self) -> None:
        now = self._monotonic()
        self._beat_at = now
        fresh = self._build()
        fresh.add_job(self._pulse, _Every(self._beat), id="beat")
        for task in self._tasks.values():
            task.fired_at = now
            fresh.add_job(self._fire, _Every(task.seconds), args=[task], id=f"task:{task.name}")
        fresh.start()
        self._scheduler = fresh
        for task in self._tasks.values():
            self._request(task)

    def _close(self) -> None:
        old, self._scheduler = self._scheduler, None
        if old is None:
            return
        try:
            if old.running:
                old.shutdown(wait=False)
        except Exception:  # it is being thrown away because it is broken; all that matters is the next one
            log.exception("the old scheduler did not shut down cleanly")

    # APScheduler calls these two as coroutines, so that they run on the loop and not in its thread pool.
    async def _pulse(self) -> None:
        self._beat_at = self._monotonic()

    async def _fire(self, task: _Task) -> None:
        task.fired_at = self._monotonic()
        self._request(task)

    def _woken(self, task: _Task) -> None:
        task.again = True  # heeded by the run in progress, if there is one, when it ends
        self._request(task)

    def _request(self, task: _Task) -> None:
        if self._stopping or self._loop is None or task.running is not None:
            return
        task.running = self._loop.create_task(self._work(task), name=f"tick {task.name}")

    async def _work(self, task: _Task) -> None:
        assert self._loop is not None
        try:
            more = True
            while more and not self._stopping:
                task.again = False
                task.started_at = self._monotonic()
                try:
                    more = bool(await self._loop.run_in_executor(self._threads, task.run))
                except StoreUnavailable as error:
                    # A full disk or a locked database is the operator's matter: one sentence, and the task comes again.
                    task.failures += 1
                    task.problem = type(error).__name__
                    log.warning("task %s waits: %s", task.name, error)
                    more = False
                except Exception as error:
                    task.failures += 1
                    task.problem = type(error).__name__
                    log.exception("task %s failed", task.name)
                    more = False
                else:
                    task.failures = 0
                more = more or task.again
        finally:
            task.running = None
