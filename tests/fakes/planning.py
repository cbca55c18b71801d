"""Communities, schedules and occurrences in memory. A transaction that is not committed leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Self

from bot.domain.people import Community
from bot.domain.schedules import Job, Occurrence, Outcome, Schedule
from bot.ports import Planned

_Key = tuple[int, Job, str]
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass
class _Kept:
    schedules: dict[_Key, tuple[Schedule, datetime | None]] = field(default_factory=dict)
    claims: dict[tuple[int, Job, str, str], tuple[Occurrence, Outcome, str]] = field(default_factory=dict)


@dataclass
class PlanningStore:
    """Only `communities.all` and `schedules`. One writer at a time."""

    communities: list[Community]
    kept: _Kept = field(default_factory=_Kept)
    lock: threading.RLock = field(default_factory=threading.RLock)
    commits: int = 0

    def write(self) -> PlanningWork:
        return PlanningWork(self, writes=True)

    def read(self) -> PlanningWork:
        return PlanningWork(self, writes=False)

    def outcomes(self) -> dict[str, tuple[str, str]]:
        """period -> (outcome, note); for tests with one schedule."""
        return {one.period: (outcome.value, note) for one, outcome, note in self.kept.claims.values()}


class PlanningWork:
    def __init__(self, store: PlanningStore, *, writes: bool) -> None:
        self._store = store
        self._writes = writes
        self.communities = SimpleNamespace(all=lambda: list(store.communities))

    def __enter__(self) -> Self:
        self._store.lock.acquire()
        self._mine = _Kept(copy(self._store.kept.schedules), copy(self._store.kept.claims))
        self.schedules = _Schedules(self._mine)
        return self

    def __exit__(self, *_: object) -> None:
        self._store.lock.release()

    def commit(self) -> None:
        assert self._writes, "a reader cannot commit"
        self._store.kept = self._mine
        self._store.commits += 1


class _Schedules:
    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def put(self, community_id: int, schedule: Schedule) -> None:
        key = (community_id, schedule.job, schedule.recipient)
        known = self._kept.schedules.get(key)
        if known is None or known[0] != schedule:
            self._kept.schedules[key] = (schedule, None)

    def all(self, community_id: int, job: Job | None = None) -> list[Schedule]:
        return [
            schedule
            for (community, of, _), (schedule, _) in self._kept.schedules.items()
            if community == community_id and job in {None, of}
        ]

    def due_before(self, community_id: int, at: datetime, *, jobs: Collection[Job], limit: int) -> list[Planned]:
        found = [
            Planned(schedule, next_at)
            for (community, job, _), (schedule, next_at) in self._kept.schedules.items()
            if community == community_id and job in jobs and schedule.enabled and (next_at is None or next_at <= at)
        ]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(found, key=lambda one: one.next_at or oldest)[:limit]

    def set_next(self, community_id: int, job: Job, recipient: str, at: datetime | None) -> None:
        key = (community_id, job, recipient)
        self._kept.schedules[key] = (self._kept.schedules[key][0], at or _NEVER)

    def claim(self, community_id: int, occurrence: Occurrence, *, at: datetime) -> int | None:
        key = (community_id, occurrence.job, occurrence.recipient, occurrence.period)
        if key in self._kept.claims:
            return None
        self._kept.claims[key] = (occurrence, Outcome.CLAIMED, "")
        return len(self._kept.claims)

    def finish(self, community_id: int, occurrence: Occurrence, outcome: Outcome, *, note: str = "") -> None:
        key = (community_id, occurrence.job, occurrence.recipient, occurrence.period)
        self._kept.claims[key] = (occurrence, outcome, note)

    def last(self, community_id: int, job: Job, recipient: str) -> Occurrence | None:
        mine = [
            occurrence
            for (community, of, to, _), (occurrence, _, _) in self._kept.claims.items()
            if (community, of, to) == (community_id, job, recipient)
        ]
        return max(mine, key=lambda one: one.due_at, default=None)

    def outcomes(self, community_id: int, job: Job) -> dict[str, int]:
        found: dict[str, int] = {}
        for (community, of, _, _), (_, outcome, _) in self._kept.claims.items():
            if (community, of) == (community_id, job):
                found[outcome.value] = found.get(outcome.value, 0) + 1
        return found
