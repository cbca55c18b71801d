"""What a planner relies on: schedules come back when they are due, and a period is claimed once. For any store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

import pytest

from bot.domain.schedules import Frequency, Job, Occurrence, Outcome, Schedule
from bot.ports import Store, UnitOfWork

T = TypeVar("T")
AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAILY = Schedule(Job.DIGEST, "member:1", "Europe/Berlin", Frequency.DAILY, at=time(18, 0))


class PlannedSchedulesContract:
    """Subclasses give `store` (a fixture) with a community of id `community` in it."""

    community = 1

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    def do(self, store: Store, change: Callable[[UnitOfWork], T]) -> T:
        with store.write() as uow:
            result = change(uow)
            uow.commit()
        return result

    def put(self, store: Store, *schedules: Schedule) -> None:
        for one in schedules:
            self.do(store, lambda uow, one=one: uow.schedules.put(self.community, one))  # type: ignore[misc]

    def due(self, store: Store, at: datetime, *, limit: int = 9) -> list[tuple[str, datetime | None]]:
        with store.read() as uow:
            found = uow.schedules.due_before(self.community, at, jobs=[Job.DIGEST], limit=limit)
        return [(one.schedule.recipient, one.next_at) for one in found]

    def set_next(self, store: Store, recipient: str, at: datetime | None) -> None:
        self.do(store, lambda uow: uow.schedules.set_next(self.community, Job.DIGEST, recipient, at))

    def test_a_new_schedule_is_to_be_planned(self, store: Store) -> None:
        self.put(store, DAILY)
        with store.read() as uow:
            (found,) = uow.schedules.due_before(self.community, AT, jobs=[Job.DIGEST], limit=9)
        assert found.schedule == DAILY
        assert found.next_at is None

    def test_a_planned_one_comes_back_when_it_is_due(self, store: Store) -> None:
        self.put(store, DAILY)
        self.set_next(store, "member:1", AT + HOUR)
        assert self.due(store, AT + HOUR - timedelta(seconds=1)) == []
        assert self.due(store, AT + HOUR) == [("member:1", AT + HOUR)]

    def test_the_longest_due_comes_first(self, store: Store) -> None:
        self.put(store, *(replace(DAILY, recipient=f"member:{number}") for number in range(1, 5)))
        for number, hours in ((1, 3), (2, 1), (3, 2)):
            self.set_next(store, f"member:{number}", AT + hours * HOUR)
        found = [recipient for recipient, _ in self.due(store, AT + 9 * HOUR)]
        assert found == ["member:4", "member:2", "member:3", "member:1"]
        assert len(self.due(store, AT + 9 * HOUR, limit=2)) == 2

    def test_never_is_never_until_it_is_put_changed(self, store: Store) -> None:
        self.put(store, DAILY)
        self.set_next(store, "member:1", None)
        assert self.due(store, AT + 900_000 * HOUR) == []
        self.put(store, replace(DAILY, at=time(7, 30)))
        assert self.due(store, AT) == [("member:1", None)]

    def test_putting_the_same_keeps_its_plan(self, store: Store) -> None:
        self.put(store, DAILY)
        self.set_next(store, "member:1", AT + HOUR)
        self.put(store, replace(DAILY))
        assert self.due(store, AT) == []
        assert self.due(store, AT + HOUR) == [("member:1", AT + HOUR)]

    def test_disabled_ones_and_other_jobs_are_not_due(self, store: Store) -> None:
        self.put(store, replace(DAILY, enabled=False), replace(DAILY, job=Job.SWEEP, recipient="community"))
        assert self.due(store, AT) == []

    def test_a_period_is_claimed_once_and_the_last_is_known(self, store: Store) -> None:
        self.put(store, DAILY)
        first = Occurrence(Job.DIGEST, "member:1", "2027-01-04", AT)
        second = Occurrence(Job.DIGEST, "member:1", "2027-01-05", AT + 24 * HOUR)
        assert self.do(store, lambda uow: uow.schedules.claim(self.community, second, at=AT)) is not None
        assert self.do(store, lambda uow: uow.schedules.claim(self.community, first, at=AT)) is not None
        assert self.do(store, lambda uow: uow.schedules.claim(self.community, first, at=AT)) is None
        self.do(store, lambda uow: uow.schedules.finish(self.community, first, Outcome.FAILED, note="OSError"))
        with store.read() as uow:
            assert uow.schedules.last(self.community, Job.DIGEST, "member:1") == second
            assert uow.schedules.last(self.community, Job.DIGEST, "member:2") is None
            assert uow.schedules.outcomes(self.community, Job.DIGEST) == {"claimed": 1, "failed": 1}
