"""Many at once, each once: whatever stops between any two steps, nothing is lost and nothing is done twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.outgoing import DeliveryClass, Outgoing, Sending
from bot.domain.refs import RoomRef
from bot.domain.schedules import Frequency, Job, Occurrence, Outcome, Schedule
from scheduler.lots import LotPlanner
from scheduler.planner import MAX_SKIPPED
from storage import SqlStore, open_store, upgrade
from tests.fakes.clock import FakeClock

DUE = datetime(2027, 1, 4, 18, 0, tzinfo=UTC)
GRACE = timedelta(hours=6)


class Killed(BaseException):
    """As if the process had ended here."""


@dataclass
class Work:
    """Queues one message for each, in the transaction that ends the claims."""

    store: SqlStore
    fails: set[str] = field(default_factory=set)
    ahead: int = 2
    prepared: list[str] = field(default_factory=list)
    before_commit: Callable[[], None] = lambda: None
    rested: int = 0

    def prepare(self, community_id: int, occurrences: Sequence[Occurrence], at: datetime) -> Future[Any]:
        done: Future[Any] = Future()
        self.prepared += [one.recipient for one in occurrences]
        if bad := self.fails & {one.recipient for one in occurrences}:
            done.set_exception(ZeroDivisionError(f"planted: {sorted(bad)}"))
        else:
            done.set_result(list(occurrences))
        return done

    def settle(
        self, community_id: int, prepared: list[Occurrence], at: datetime
    ) -> list[tuple[Occurrence, Outcome, str]]:
        with self.store.write() as uow:
            held = uow.schedules.held(community_id, prepared, at=at)
            for one in held:
                room, key = RoomRef("web", one.recipient), f"digest:{one.recipient}:{one.period}"
                assert uow.outbox.add(community_id, Sending(key, room, Outgoing(()), DeliveryClass.AT_MOST_ONCE), at)
            ended = [(one, Outcome.DONE, "") for one in held]
            uow.schedules.finish_many(community_id, ended)
            self.before_commit()
            uow.commit()
        return ended

    def rest(self) -> None:
        self.rested += 1


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("lots") / "empty.db"
    upgrade(f"sqlite:///{file}")
    return file


@dataclass
class World:
    store: SqlStore
    clock: FakeClock
    community: int

    def planner(self, work: Work, **more: Any) -> LotPlanner:
        return LotPlanner(self.store, self.clock, Job.DIGEST, work, GRACE, lot=more.pop("lot", 4), **more)

    def put(self, number: int, **changes: Any) -> None:
        with self.store.write() as uow:
            for n in range(number):
                one = Schedule(Job.DIGEST, f"member:{n}", "UTC", Frequency.DAILY, at=time(18))
                uow.schedules.put(self.community, replace(one, **changes))
            uow.commit()

    def queued(self) -> int:
        with self.store.read() as uow:
            return sum(uow.outbox.counts().values())

    def outcomes(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.schedules.outcomes(self.community, Job.DIGEST)


@pytest.fixture
def world(empty: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(empty, tmp_path / "s.db")
    clock = FakeClock(DUE - timedelta(hours=3))
    store = open_store(f"sqlite:///{tmp_path / 's.db'}", clock=clock.now)
    with store.write() as uow:
        community = uow.communities.add("one", language="en", timezone="UTC", sample=False)
        uow.commit()
    yield World(store, clock, community.id)
    store.close()


def drain(planner: LotPlanner) -> tuple[int, int, int, int]:
    done = skipped = failed = missed = 0
    more = True
    while more:
        tick = planner.tick()
        done, skipped = done + tick.done, skipped + tick.skipped
        failed, missed, more = failed + tick.failed, missed + tick.missed, tick.more
    return done, skipped, failed, missed


def test_all_of_an_hour_are_done_once_in_few_transactions(world: World) -> None:
    world.put(30)
    work = Work(world.store)
    planner = world.planner(work, lot=10)
    assert drain(planner) == (0, 0, 0, 0)
    world.clock.set(DUE)
    assert drain(planner) == (30, 0, 0, 0)
    assert drain(planner) == (0, 0, 0, 0)
    assert world.queued() == 30
    assert len(work.prepared) == 30
    assert work.rested > 0
    world.clock.set(DUE + timedelta(days=1))
    assert drain(planner) == (30, 0, 0, 0)


def test_of_days_missed_only_the_latest_is_done_and_the_rest_is_told(world: World) -> None:
    world.put(3)
    planner = world.planner(Work(world.store))
    drain(planner)
    world.clock.set(DUE + timedelta(days=20, hours=1))
    assert drain(planner) == (3, 0, 0, 3 * MAX_SKIPPED)
    world.clock.set(DUE + timedelta(days=21, hours=7))
    assert drain(planner) == (0, 0, 0, 3)


@pytest.mark.parametrize("stop", range(1, 13))
@pytest.mark.parametrize("where", ["step", "commit"])
def test_a_kill_between_any_two_steps_loses_nothing(world: World, stop: int, where: str) -> None:
    world.put(10)
    drain(world.planner(Work(world.store)))
    world.clock.set(DUE)
    steps = 0

    def step(_: str = "") -> None:
        nonlocal steps
        steps += 1
        if steps == stop:
            raise Killed

    work = Work(world.store, before_commit=step) if where == "commit" else Work(world.store)
    planner = world.planner(work, step=step) if where == "step" else world.planner(work)
    killed = False
    try:
        drain(planner)
    except Killed:
        killed = True
    assert killed == (steps >= stop)
    world.clock.go_on(minutes=1)
    drain(world.planner(Work(world.store)))
    assert world.queued() == 10
    assert world.outcomes() == {"done": 10}


def test_a_program_that_is_to_stop_ends_what_it_claimed_and_claims_no_more(world: World) -> None:
    world.put(30)
    drain(world.planner(Work(world.store)))
    world.clock.set(DUE)
    steps: list[str] = []
    planner = world.planner(Work(world.store), lot=5, step=steps.append, stopping=lambda: steps.count("claimed") == 2)
    assert drain(planner) == (10, 0, 0, 0)
    assert world.outcomes() == {"done": 10}
    assert drain(world.planner(Work(world.store))) == (20, 0, 0, 0)


def test_who_was_only_slow_finds_its_claims_gone(world: World) -> None:
    world.put(4)
    drain(world.planner(Work(world.store)))
    world.clock.set(DUE)
    slow = Work(world.store)
    settle, lots = slow.settle, []

    def late(community_id: int, prepared: list[Occurrence], at: datetime) -> list[tuple[Occurrence, Outcome, str]]:
        # Meanwhile another process takes over what this one seems to have left, and does it.
        world.clock.go_on(minutes=1)
        lots.append(drain(world.planner(Work(world.store))))
        return settle(community_id, prepared, at)

    slow.settle = late  # type: ignore[method-assign]
    assert drain(world.planner(slow)) == (0, 0, 0, 0)
    assert lots == [(4, 0, 0, 0)]
    assert world.queued() == 4


def test_a_lease_that_has_not_run_out_is_respected(world: World) -> None:
    world.put(4)
    other = world.planner(Work(world.store))
    drain(other)
    world.clock.set(DUE)
    with pytest.raises(Killed):
        drain(world.planner(Work(world.store), step=_killed))
    world.clock.go_on(minutes=5)
    assert drain(other) == (0, 0, 0, 0)
    world.clock.go_on(minutes=6)
    assert drain(other) == (4, 0, 0, 0)


def test_what_was_left_behind_too_long_is_told_and_not_done(world: World) -> None:
    world.put(2)
    drain(world.planner(Work(world.store)))
    world.clock.set(DUE)
    with pytest.raises(Killed):
        drain(world.planner(Work(world.store), step=_killed))
    world.clock.go_on(hours=7)
    drain(world.planner(Work(world.store)))
    assert world.outcomes() == {"skipped": 2}
    assert world.queued() == 0


def test_one_that_cannot_be_done_does_not_take_its_lot_with_it(world: World) -> None:
    world.put(10)
    work = Work(world.store, fails={"member:3"})
    planner = world.planner(work)
    drain(planner)
    world.clock.set(DUE)
    assert drain(planner) == (9, 0, 1, 0)
    assert world.outcomes() == {"done": 9, "failed": 1}


def test_a_zone_that_nobody_knows_holds_nobody_up(world: World) -> None:
    world.put(5)
    with world.store.write() as uow:
        uow.schedules.put(world.community, Schedule(Job.DIGEST, "member:2", "Mars/Base", Frequency.DAILY, at=time(18)))
        uow.commit()
    planner = world.planner(Work(world.store))
    drain(planner)
    world.clock.set(DUE)
    assert drain(planner) == (4, 0, 0, 0)


def _killed(_: str) -> None:
    raise Killed
