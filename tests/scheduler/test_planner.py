"""Done once in a period, caught up within the grace, whoever else fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

import pytest

from bot.domain.people import Community
from bot.domain.schedules import Frequency, Job, Occurrence, Outcome, Schedule
from bot.ports import Store
from scheduler.planner import MAX_SKIPPED, Planner, Tick
from tests.contracts.planned_schedules import PlannedSchedulesContract
from tests.fakes.planning import PlanningStore

START = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)  # a Monday
DAILY = Schedule(Job.DIGEST, "member:1", "UTC", Frequency.DAILY, at=time(18, 0))


@dataclass
class Clock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class World:
    """A planner over a store in memory; `does` is the work."""

    does: Callable[[int, Occurrence], Outcome] = lambda community, occurrence: Outcome.DONE
    grace: timedelta = timedelta(hours=6)
    limit: int = 50
    clock: Clock = field(default_factory=Clock)
    done: list[tuple[int, str, str]] = field(default_factory=list)
    store: PlanningStore = field(default_factory=lambda: PlanningStore([Community(1, "one"), Community(2, "two")]))

    def put(self, *schedules: Schedule, community: int = 1) -> None:
        with self.store.write() as uow:
            for one in schedules:
                uow.schedules.put(community, one)
            uow.commit()

    def planner(self) -> Planner:
        def work(community: int, occurrence: Occurrence) -> Outcome:
            self.done.append((community, occurrence.recipient, occurrence.period))
            return self.does(community, occurrence)

        return Planner(
            cast("Store", self.store),
            self.clock,
            dict.fromkeys((Job.DIGEST, Job.TRAIN), work),
            dict.fromkeys((Job.DIGEST, Job.TRAIN), self.grace),
            limit=self.limit,
        )

    def tick(self, *, after: timedelta = timedelta(0)) -> Tick:
        self.clock.at += after
        return self.planner().tick()

    def periods(self) -> list[str]:
        return [period for _, _, period in self.done]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TestFakeSchedules(PlannedSchedulesContract):
    @pytest.fixture
    def store(self) -> Store:
        return cast("Store", PlanningStore([Community(1, "one")]))


def test_runs_once_in_every_period() -> None:
    world = World()
    world.put(DAILY)
    for _ in range(24 * 12 * 3):
        world.tick(after=timedelta(minutes=5))
    assert world.periods() == ["2027-01-04", "2027-01-05", "2027-01-06"]
    assert set(world.store.outcomes().values()) == {("done", "")}


def test_a_new_schedule_does_not_make_up_for_the_past() -> None:
    world = World(clock=Clock(START + 10 * HOUR))  # 19:00, an hour after its time
    world.put(DAILY)
    world.tick()
    world.tick(after=22 * HOUR)
    assert world.done == []
    world.tick(after=2 * HOUR)
    assert world.periods() == ["2027-01-05"]


def test_a_tick_that_finds_nothing_writes_nothing() -> None:
    world = World()
    world.put(DAILY)
    world.tick()
    commits = world.store.commits
    for _ in range(50):
        assert world.tick() == Tick()
    assert world.store.commits == commits


@pytest.mark.parametrize(("late", "runs"), [(timedelta(hours=6), True), (timedelta(hours=6, minutes=1), False)])
def test_missed_within_the_grace_is_caught_up(late: timedelta, runs: bool) -> None:
    world = World()
    world.put(DAILY)
    world.tick()
    result = world.tick(after=9 * HOUR + late)
    assert world.periods() == (["2027-01-04"] if runs else [])
    expected = ("done", "") if runs else ("skipped", "missed by 6 h 1 min")
    assert world.store.outcomes() == {"2027-01-04": expected}
    assert (result.done, result.missed) == ((1, 0) if runs else (0, 1))


def test_of_several_missed_only_the_latest_runs() -> None:
    world = World()
    world.put(DAILY)
    world.tick()
    world.tick(after=9 * HOUR)
    result = world.tick(after=3 * DAY + HOUR)
    assert world.periods() == ["2027-01-04", "2027-01-07"]
    assert world.store.outcomes() == {
        "2027-01-04": ("done", ""),
        "2027-01-05": ("skipped", "missed by 2 d 1 h"),
        "2027-01-06": ("skipped", "missed by 1 d 1 h"),
        "2027-01-07": ("done", ""),
    }
    assert result == Tick(done=1, missed=2)


def test_years_of_absence_are_recorded_in_a_few_rows() -> None:
    world = World()
    world.put(DAILY)
    world.tick()
    world.tick(after=700 * DAY + 10 * HOUR)
    outcomes = world.store.outcomes()
    assert len(outcomes) == MAX_SKIPPED + 1
    assert f"with {700 - MAX_SKIPPED} before it" in outcomes[min(outcomes)][1]
    assert len(world.done) == 1


def test_work_that_fails_is_named_and_stops_nobody() -> None:
    def fails(_community: int, occurrence: Occurrence) -> Outcome:
        if occurrence.recipient == "member:2":
            raise ZeroDivisionError("planted")
        return Outcome.SKIPPED if occurrence.recipient == "member:3" else Outcome.DONE

    world = World(does=fails)
    world.put(*(replace(DAILY, recipient=f"member:{number}") for number in range(1, 6)))
    world.tick()
    assert world.tick(after=9 * HOUR) == Tick(done=3, failed=1, skipped=1)
    assert [recipient for _, recipient, _ in world.done] == [f"member:{number}" for number in range(1, 6)]
    kept = {key[2]: (outcome, note) for key, (_, outcome, note) in world.store.kept.claims.items()}
    assert kept["member:2"] == (Outcome.FAILED, "ZeroDivisionError")
    world.tick(after=HOUR)
    assert len(world.done) == 5  # not again in this period
    world.tick(after=DAY)
    assert len(world.done) == 10


def test_a_crash_in_the_work_leaves_the_claim_and_the_next_period_runs() -> None:
    class Crash(BaseException):
        pass

    def crashes(_community: int, occurrence: Occurrence) -> Outcome:
        if occurrence.period == "2027-01-04" and occurrence.recipient == "member:1":
            raise Crash
        return Outcome.DONE

    world = World(does=crashes)
    world.put(DAILY, replace(DAILY, recipient="member:2"))
    world.tick()
    with pytest.raises(Crash):
        world.tick(after=9 * HOUR)
    assert world.tick() == Tick(done=1)  # member:2 was not claimed with the one that crashed
    assert world.tick(after=DAY) == Tick(done=2)
    kept = {(key[2], key[3]): outcome for key, (_, outcome, _) in world.store.kept.claims.items()}
    assert kept["member:1", "2027-01-04"] is Outcome.CLAIMED
    assert kept["member:1", "2027-01-05"] is Outcome.DONE


def test_of_two_planners_one_gets_it() -> None:
    world = World()
    world.put(*(replace(DAILY, recipient=f"member:{number}") for number in range(20)))
    world.tick()
    world.clock.at += 9 * HOUR
    other = world.planner()

    def meanwhile(_community: int, _occurrence: Occurrence) -> Outcome:
        world.does = lambda community, occurrence: Outcome.DONE
        other.tick()  # comes in the middle of our own first piece of work
        return Outcome.DONE

    world.does = meanwhile
    world.tick()
    assert len(world.done) == len(set(world.done)) == 20


def test_work_begun_elsewhere_is_not_called_finished() -> None:
    world = World(does=lambda community, occurrence: Outcome.CLAIMED)
    world.put(DAILY)
    world.tick()
    assert world.tick(after=9 * HOUR).done == 1
    assert world.store.outcomes() == {"2027-01-04": ("claimed", "")}


def test_a_tick_stops_at_its_limit_and_says_so() -> None:
    world = World(limit=3)
    world.put(*(replace(DAILY, recipient=f"member:{number}") for number in range(8)))
    world.tick()
    world.clock.at += 9 * HOUR
    ticks = [world.tick() for _ in range(3)]
    assert [(one.done, one.more) for one in ticks] == [(3, True), (3, True), (2, False)]


def test_every_community_gets_its_own() -> None:
    world = World()
    world.put(DAILY)
    world.put(DAILY, community=2)
    world.tick()
    world.tick(after=9 * HOUR)
    assert sorted(world.done) == [(1, "member:1", "2027-01-04"), (2, "member:1", "2027-01-04")]


def test_jobs_of_others_are_left_to_them() -> None:
    world = World()
    world.put(replace(DAILY, job=Job.SWEEP))
    world.tick()
    world.tick(after=9 * HOUR)
    assert world.done == []
    assert world.store.outcomes() == {}


def test_an_unknown_zone_stops_nobody_and_is_looked_at_again_tomorrow() -> None:
    world = World()
    world.put(replace(DAILY, timezone="Mars/Olympus"), replace(DAILY, recipient="member:2"))
    world.tick()
    world.tick(after=9 * HOUR)
    assert [recipient for _, recipient, _ in world.done] == ["member:2"]
    world.put(replace(DAILY, timezone="UTC"))
    world.tick()
    world.tick(after=DAY)
    assert [recipient for _, recipient, _ in world.done].count("member:1") == 1


def test_a_changed_hour_counts_from_now_on_and_never_doubles_a_period() -> None:
    world = World()
    world.put(DAILY)
    world.tick()
    world.tick(after=9 * HOUR)  # 18:00: done
    world.put(replace(DAILY, at=time(20, 0)))
    world.tick()
    world.tick(after=2 * HOUR)  # 20:00 of the same day: its period is taken
    world.tick(after=DAY)
    assert world.periods() == ["2027-01-04", "2027-01-05"]


def test_moving_to_another_zone_in_mid_week_doubles_nothing() -> None:
    world = World()
    weekly = replace(DAILY, frequency=Frequency.WEEKLY, weekday=0, timezone="Asia/Tokyo")
    world.put(weekly)
    world.tick()
    world.put(replace(weekly, timezone="America/Los_Angeles"))
    for _ in range(24 * 15):
        world.tick(after=HOUR)
    assert world.periods() == ["2027-01-04", "2027-01-11", "2027-01-18"]


def test_a_pause_and_a_stop_are_respected() -> None:
    world = World()
    world.put(replace(DAILY, paused_until=date(2027, 1, 7)))
    world.tick()
    for _ in range(24 * 4):
        world.tick(after=HOUR)
    assert world.periods() == ["2027-01-07"]
    assert list(world.store.outcomes()) == ["2027-01-07"]  # what fell into the pause was not missed
    world.put(replace(DAILY, frequency=Frequency.OFF))
    for _ in range(24 * 4):
        world.tick(after=HOUR)
    assert world.periods() == ["2027-01-07"]


@pytest.mark.parametrize("jump", [-DAY, -2 * HOUR, 2 * HOUR, DAY])
def test_jumps_of_the_wall_clock_lose_and_double_nothing(jump: timedelta) -> None:
    world = World(grace=DAY)
    world.put(DAILY)
    for step in range(24 * 6):
        world.tick(after=HOUR)
        if step == 57:
            world.clock.at += jump
    periods = world.periods()
    assert len(periods) == len(set(periods))
    assert world.done[0][2] == "2027-01-04"
    days = [date(2027, 1, 4) + DAY * number for number in range((world.clock.at.date() - date(2027, 1, 4)).days)]
    assert set(world.store.outcomes()) >= {day.isoformat() for day in days}


def test_every_job_needs_a_grace() -> None:
    with pytest.raises(ValueError, match="no grace given for train"):
        Planner(
            cast("Store", World().store), Clock(), {Job.TRAIN: lambda community, occurrence: Outcome.DONE}, grace={}
        )
