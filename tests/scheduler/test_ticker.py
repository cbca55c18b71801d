"""The clockwork goes on whatever dies in it, and nobody is told that all is well when it is not."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

import apscheduler.schedulers.base
import pytest
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors import StoreUnavailable
from scheduler.planner import Tick
from scheduler.ticker import PLAN, Ticker, fresh_scheduler
from scheduler.watchdog import Watchdog, Watched

BEAT = 0.05


@dataclass
class Plans:
    """Stands for the planner: counts its ticks and whether two ever ran at once."""

    takes: float = 0.0
    fails: bool = False
    more: int = 0
    ticks: int = 0
    together: int = 0
    most_together: int = 0
    threads: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tick(self) -> Tick:
        with self.lock:
            self.ticks += 1
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            self.threads.add(threading.current_thread().name)
        time.sleep(self.takes)
        with self.lock:
            self.together -= 1
        if self.fails:
            raise OSError("planted")
        self.more -= 1
        return Tick(more=self.more >= 0)


@dataclass
class Running:
    ticker: Ticker
    watchdog: Watchdog
    plans: Plans
    built: list[AsyncIOScheduler]

    async def until(self, true: Callable[[], bool], *, within: float = 5.0) -> float:
        """Seconds it took; fails when it does not come true."""
        begun = time.monotonic()
        while not true():
            assert time.monotonic() - begun < within, "it did not happen in time"
            await asyncio.sleep(0.005)
        return time.monotonic() - begun


def play(
    scenario: Callable[[Running], Coroutine[Any, Any, None]],
    plans: Plans | None = None,
    *,
    interval: float = 0.1,
    tasks: dict[str, Callable[[], bool | None]] | None = None,
    patience: float = 600.0,
) -> Running:
    async def main() -> Running:
        built: list[AsyncIOScheduler] = []

        def build() -> AsyncIOScheduler:
            built.append(fresh_scheduler())
            return built[-1]

        mine = plans or Plans()
        ticker = Ticker(mine, monotonic=time.monotonic, interval=interval, beat=BEAT, build=build)
        for name, run in (tasks or {}).items():
            ticker.every(0.1, name, run, patience=patience)
        watchdog = Watchdog(ticker.watched(), monotonic=time.monotonic, every=0.05)
        watching = asyncio.create_task(watchdog.run())
        ticker.start()
        running = Running(ticker, watchdog, mine, built)
        try:
            await scenario(running)
        finally:
            watching.cancel()
            await ticker.stop()
        return running

    return asyncio.run(main())


def test_ticks_in_a_thread_and_is_green() -> None:
    async def scenario(running: Running) -> None:
        await running.until(lambda: running.plans.ticks >= 4)
        assert running.watchdog.green()

    running = play(scenario)
    assert all(name.startswith("tick") for name in running.plans.threads)
    assert running.ticker is not None


def test_never_two_at_once_even_across_restarts_and_wakes() -> None:
    async def scenario(running: Running) -> None:
        for _ in range(10):
            running.ticker.wake(PLAN)
            running.ticker.restart()
            await asyncio.sleep(0.05)

    running = play(scenario, Plans(takes=0.12), interval=0.02)
    assert running.plans.ticks > 2
    assert running.plans.most_together == 1


def test_wakes_are_gathered_and_none_is_forgotten() -> None:
    async def scenario(running: Running) -> None:
        await running.until(lambda: running.plans.ticks == 1)
        for _ in range(100):  # while the first tick runs
            threading.Thread(target=running.ticker.wake, args=(PLAN,)).start()
        await running.until(lambda: running.plans.ticks == 2)
        await asyncio.sleep(0.5)
        assert running.plans.ticks == 2
        took = time.monotonic()
        running.ticker.wake(PLAN)
        await running.until(lambda: running.plans.ticks == 3)
        assert time.monotonic() - took < 0.2

    play(scenario, Plans(takes=0.2), interval=30)


def test_more_to_do_is_done_at_once() -> None:
    async def scenario(running: Running) -> None:
        await running.until(lambda: running.plans.ticks == 6)
        await asyncio.sleep(0.1)
        assert running.plans.ticks == 6

    play(scenario, Plans(more=5), interval=30)


def test_named_tasks_run_beside_the_planner_and_fail_alone(caplog: pytest.LogCaptureFixture) -> None:
    calls = {"embed": 0, "broken": 0}

    def embed() -> None:
        calls["embed"] += 1

    def broken() -> None:
        calls["broken"] += 1
        raise ZeroDivisionError("planted")

    async def scenario(running: Running) -> None:
        await running.until(lambda: calls["embed"] > 3 and calls["broken"] > 3 and running.plans.ticks > 3)
        health = running.watchdog.health()
        assert health["embed"].ok
        assert not health["broken"].ok
        assert "ZeroDivisionError" in health["broken"].note
        assert not running.watchdog.green()

    play(scenario, tasks={"embed": embed, "broken": broken})
    assert "task broken failed" in caplog.text


def test_a_store_that_is_full_is_one_sentence_and_the_task_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    def full() -> None:
        nonlocal calls
        calls += 1
        raise StoreUnavailable("The disk is full.")

    async def scenario(running: Running) -> None:
        await running.until(lambda: calls > 3)
        assert not running.watchdog.health()["full"].ok

    play(scenario, tasks={"full": full})
    assert "task full waits: The disk is full." in caplog.text
    assert all(record.exc_info is None for record in caplog.records if "task full" in record.getMessage())


def plant_error_in_the_job_store(running: Running) -> None:
    """One error while a job is updated ends APScheduler, and it goes on calling itself running."""

    def locked(*_: object) -> None:
        raise OSError("database is locked")

    running.built[-1]._jobstores["default"].update_job = locked


def shut_down_behind_its_back(running: Running) -> None:
    running.built[-1].shutdown(wait=False)


def pause(running: Running) -> None:
    running.built[-1].pause()


def remove_all_jobs(running: Running) -> None:
    running.built[-1].remove_all_jobs()


def lose_the_timer(running: Running) -> None:
    running.built[-1]._stop_timer()


@contextmanager
def quiet_loop() -> Iterator[None]:
    """The planted error is reported by the loop as well; that is not what is tested."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    yield


@pytest.mark.parametrize(
    "kill", [plant_error_in_the_job_store, shut_down_behind_its_back, pause, remove_all_jobs, lose_the_timer]
)
def test_a_dead_scheduler_is_red_within_moments_and_replaced(kill: Callable[[Running], None]) -> None:
    async def scenario(running: Running) -> None:
        with quiet_loop():
            await running.until(lambda: running.plans.ticks >= 2)
            kill(running)
            seen_red = await running.until(lambda: not running.watchdog.green() or len(running.built) > 1)
            await running.until(lambda: len(running.built) == 2)
            ticks = running.plans.ticks
            await running.until(lambda: running.plans.ticks > ticks + 2)
            await running.until(running.watchdog.green)
            assert seen_red < 1.5
            assert running.watchdog.health()["scheduler"].restarts == 1
            assert len(running.built) == 2

    play(scenario)


def test_one_lost_job_is_noticed_although_the_scheduler_lives() -> None:
    async def scenario(running: Running) -> None:
        await running.until(lambda: running.plans.ticks >= 2)
        running.built[-1].remove_job(f"task:{PLAN}")
        await running.until(lambda: running.watchdog.health()[PLAN].restarts == 1)
        ticks = running.plans.ticks
        await running.until(lambda: running.plans.ticks > ticks + 1)
        await running.until(running.watchdog.green)

    play(scenario)


def test_a_jump_back_of_the_wall_clock_does_not_silence_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shift = timedelta(0)

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + shift

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Jumping)

    async def scenario(running: Running) -> None:
        nonlocal shift
        await running.until(lambda: running.plans.ticks >= 2)
        for jump in (timedelta(hours=-2), timedelta(days=365), timedelta(days=-1)):
            shift += jump
            ticks = running.plans.ticks
            await running.until(lambda before=ticks: running.plans.ticks > before + 2, within=2.0)  # type: ignore[misc]

    running = play(scenario)
    assert len(running.built) == 3  # both jumps back needed a new one, the jump ahead did not


def test_a_stuck_task_is_red_and_the_others_go_on() -> None:
    release = threading.Event()
    others = 0

    def other() -> None:
        nonlocal others
        others += 1

    def stuck() -> None:
        release.wait(5)

    async def scenario(running: Running) -> None:
        await running.until(lambda: not running.watchdog.health()["stuck"].ok)
        assert "has been running" in running.watchdog.health()["stuck"].note
        before = others
        await running.until(lambda: others > before + 2)
        release.set()
        await running.until(running.watchdog.green)

    play(scenario, tasks={"stuck": stuck, "other": other}, patience=0.2)


def test_without_a_watchdog_nothing_is_green() -> None:
    async def main() -> None:
        ticker = Ticker(Plans(), monotonic=time.monotonic, interval=0.1, beat=BEAT)
        watchdog = Watchdog(ticker.watched(), monotonic=time.monotonic, every=0.02)
        ticker.start()
        assert not watchdog.green()  # not yet watching
        watching = asyncio.create_task(watchdog.run())
        await asyncio.sleep(0.1)
        assert watchdog.green()
        watching.cancel()
        await asyncio.sleep(0.3)
        assert not watchdog.green()
        assert watchdog.health()["watchdog"].note == "nobody is watching"
        await ticker.stop()

    asyncio.run(main())


def test_the_watchdog_survives_parts_that_cannot_be_restarted(caplog: pytest.LogCaptureFixture) -> None:
    restarted: list[str] = []

    def refuses() -> None:
        raise RuntimeError("planted")

    parts = [
        Watched("a", lambda: 99.0, limit=0.01, restart=refuses),
        Watched("b", lambda: 99.0, limit=0.01, restart=lambda: restarted.append("b")),
        Watched("c", lambda: 99.0, limit=0.01),
    ]

    async def main() -> None:
        watchdog = Watchdog(parts, monotonic=time.monotonic, every=0.01)
        watching = asyncio.create_task(watchdog.run())
        await asyncio.sleep(0.2)
        watching.cancel()
        assert {name: part.ok for name, part in watchdog.health().items() if name != "watchdog"} == dict.fromkeys(
            "abc", False
        )

    asyncio.run(main())
    assert len(restarted) >= 2
    assert "a could not be looked after" in caplog.text


def test_stopping_ends_in_time_and_starts_nothing_more() -> None:
    async def scenario(running: Running) -> None:
        await running.until(lambda: running.plans.ticks >= 1)
        begun = time.monotonic()
        await running.ticker.stop()
        assert time.monotonic() - begun < 3.5
        ticks = running.plans.ticks
        running.ticker.wake(PLAN)
        running.ticker.restart()
        await asyncio.sleep(0.3)
        assert running.plans.ticks == ticks

    play(scenario, Plans(takes=0.3))


@pytest.mark.parametrize("interval", [0.0, -1.0, 31.0])
def test_the_planner_ticks_at_least_every_thirty_seconds(interval: float) -> None:
    with pytest.raises(ValueError, match="must tick every"):
        Ticker(Plans(), monotonic=time.monotonic, interval=interval)


def test_names_of_tasks_and_parts_are_unique() -> None:
    ticker = Ticker(Plans(), monotonic=time.monotonic)
    with pytest.raises(ValueError, match="a task called 'plan'"):
        ticker.every(1.0, PLAN, lambda: None)
    with pytest.raises(ValueError, match="same name"):
        Watchdog([*ticker.watched(), *ticker.watched()], monotonic=time.monotonic)


def test_keeps_nothing_at_rest_and_drops_nothing_that_is_late() -> None:
    fresh = fresh_scheduler()
    assert isinstance(fresh._jobstores["default"], MemoryJobStore)
    assert fresh._job_defaults == {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
