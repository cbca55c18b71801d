"""Planning over the real store: the schedules keep their contract, and many of them cost little."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

import scheduler.occurrences
import scheduler.planner
from bot.domain.schedules import Frequency, Job, Occurrence, Outcome, Schedule
from bot.ports import Store
from scheduler.planner import Planner
from storage import SqlStore, open_store, upgrade
from tests.contracts.planned_schedules import PlannedSchedulesContract

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
DAILY = Schedule(Job.DIGEST, "member:1", "UTC", Frequency.DAILY, at=time(18, 0))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    url = f"sqlite:///{tmp_path / 's.db'}"
    upgrade(url)
    store = open_store(url)
    with store.write() as uow:
        uow.communities.add("one", language="en", timezone="UTC", sample=True)
        uow.commit()
    yield store
    store.close()


class TestSqlSchedules(PlannedSchedulesContract):
    @pytest.fixture
    def store(self, store: SqlStore) -> Store:
        return store


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def test_planners_that_race_do_everything_once(store: SqlStore, tmp_path: Path) -> None:
    """Four planners, two of them over connections of their own, as two processes would be."""
    with store.write() as uow:
        for number in range(60):
            uow.schedules.put(1, replace(DAILY, recipient=f"member:{number}"))
        uow.commit()
    clock = Clock(AT)
    done: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()

    def work(_community: int, occurrence: Occurrence) -> Outcome:
        with lock:
            done[occurrence.recipient, occurrence.period] += 1
        return Outcome.DONE

    other = open_store(f"sqlite:///{tmp_path / 's.db'}")
    planners = [
        Planner(where, clock, {Job.DIGEST: work}, {Job.DIGEST: timedelta(hours=6)}, limit=10_000)
        for where in (store, store, other, other)
    ]
    planners[0].tick()
    for wait in (timedelta(hours=9), timedelta(days=1), timedelta(days=1)):
        clock.at += wait
        threads = [threading.Thread(target=planner.tick) for planner in planners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    other.close()
    with store.read() as uow:
        outcomes = uow.schedules.outcomes(1, Job.DIGEST)
    assert set(done.values()) == {1}
    assert len(done) == 180
    assert outcomes == {"done": 180}


def test_what_is_not_due_is_not_looked_at(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.write() as uow:
        for number in range(2000):
            weekly = replace(DAILY, recipient=f"member:{number}", frequency=Frequency.WEEKLY, weekday=number % 7)
            uow.schedules.put(1, replace(weekly, at=time(number % 24, number % 60)))
        uow.commit()
    clock = Clock(AT)
    done: list[str] = []

    def work(_community: int, occurrence: Occurrence) -> Outcome:
        done.append(occurrence.recipient)
        return Outcome.DONE

    planner = Planner(store, clock, {Job.DIGEST: work}, {Job.DIGEST: timedelta(hours=6)})
    planner.tick()  # plans them all, once
    looked_at = 0
    original = scheduler.occurrences.due

    def counting(*args: object, **kwargs: object) -> list[Occurrence]:
        nonlocal looked_at
        looked_at += 1
        return original(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(scheduler.planner, "due", counting)
    for _ in range(60):
        clock.at += timedelta(minutes=1)
        planner.tick()
    assert looked_at == len(done)
    assert 5 <= len(done) <= 20  # 2000 in a week of 168 hours
