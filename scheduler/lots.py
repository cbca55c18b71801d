"""Claims many occurrences at once and has them done together, some lots ahead. Knows claims; knows neither the work nor
processes.

As `scheduler.planner`, for work that is cheaper by the hundred: one transaction claims a lot, another one, which is the
work's own, writes what came of it and ends the claims. Between the two nothing is written, so that a crash loses
nothing: a claim that came to no end is taken over, by the next start at once and by another process after `lease`. Who
was only slow finds its claims gone when it wants to write, and writes nothing: `Schedules.held` is the fence.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from bot.domain.schedules import Job, Occurrence, Outcome
from bot.errors import StoreUnavailable
from bot.ports import Clock, Store
from scheduler.planner import Tick, what_is_owed

LOT: Final = 250
LEASE: Final = timedelta(minutes=10)
_LOTS_A_TICK: Final = 40

Ended = Sequence[tuple[Occurrence, Outcome, str]]

log = logging.getLogger(__name__)


class LotWork(Protocol):
    """What is done with a lot. `ahead`: how many lots may be under way."""

    @property
    def ahead(self) -> int: ...
    def prepare(self, community_id: int, occurrences: Sequence[Occurrence], at: datetime) -> Future[Any]:
        """Begin; nothing is written."""
        ...

    def settle(self, community_id: int, prepared: Any, at: datetime) -> Ended:
        """Write what was prepared and end the claims marked `at`, in one transaction; those that were ended."""
        ...

    def rest(self) -> None:
        """Nothing more is due."""
        ...


@dataclass(slots=True)
class _Lot:
    community_id: int
    occurrences: list[Occurrence]
    at: datetime
    future: Future[Any] | None = None


@dataclass(slots=True)
class _Sum:
    ended: list[Outcome] = field(default_factory=list)
    missed: int = 0
    lots: int = 0


class LotPlanner:
    """Runs `work` for one job. `step` is called between any two steps with its name, for tests that stop there."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        job: Job,
        work: LotWork,
        grace: timedelta,
        *,
        lot: int = LOT,
        lease: timedelta = LEASE,
        step: Callable[[str], None] = lambda _: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        if lot < 1:
            raise ValueError(f"a lot is at least one occurrence, got {lot}")
        self._store, self._clock, self._job, self._work = store, clock, job, work
        self._grace, self._lot, self._lease, self._step = grace, lot, lease, step
        self._stopping = stopping
        self._begun: datetime | None = None

    @property
    def work(self) -> LotWork:
        return self._work

    def tick(self) -> Tick:
        """Do what is due now, the longest due first. Raises StoreUnavailable; everything not finished stays due."""
        found = _Sum()
        # What was claimed before this process began belongs to one that is gone; the fence holds if it is not.
        self._begun, first = self._begun or self._clock.now(), self._begun is None
        before = self._begun if first else self._clock.now() - self._lease
        with self._store.read() as uow:
            communities = [community.id for community in uow.communities.all()]
        under_way: deque[_Lot] = deque()
        for community_id in communities:
            more = True
            while more or under_way:
                while more and len(under_way) < self._work.ahead and found.lots < _LOTS_A_TICK:
                    if self._stopping():
                        more = False
                        break
                    lot = self._next(community_id, before, found)
                    more = lot is not None
                    if lot is not None:
                        found.lots += 1
                        self._step("claimed")
                        lot.future = self._work.prepare(community_id, lot.occurrences, lot.at)
                        under_way.append(lot)
                if not under_way:
                    break
                found.ended += self._end(under_way.popleft())
                self._step("settled")
            if more:
                return _told(found, more=True)
        if not found.lots:
            self._work.rest()
        return _told(found, more=False)

    def _next(self, community_id: int, before: datetime, found: _Sum) -> _Lot | None:
        """The next lot: left behind by others first, then what is due. None: there is nothing."""
        with self._store.read() as uow:
            due = bool(uow.schedules.due_before(community_id, self._clock.now(), jobs=[self._job], limit=1))
            left = uow.schedules.left_open(community_id, self._job, before=before)
        if left:
            lot = self._left(community_id, before)
            if lot.occurrences:
                return lot
        while due:
            lot, due, missed = self._claim(community_id)
            found.missed += missed
            if lot.occurrences:
                return lot
        return None

    def _left(self, community_id: int, before: datetime) -> _Lot:
        now = self._clock.now()
        with self._store.write() as uow:
            taken = uow.schedules.take_over(community_id, self._job, before=before, at=now, limit=self._lot)
            late = [one for one in taken if now - one.due_at > self._grace]
            note = "left behind by a process that ended"
            uow.schedules.finish_many(community_id, [(one, Outcome.SKIPPED, note) for one in late])
            uow.commit()
        return _Lot(community_id, [one for one in taken if one not in late], now)

    def _claim(self, community_id: int) -> tuple[_Lot, bool, int]:
        """(the lot, whether there may be more, how many were missed), planned in one transaction."""
        now = self._clock.now()
        with self._store.write() as uow:
            planned = uow.schedules.due_before(community_id, now, jobs=[self._job], limit=self._lot)
            recipients = [one.schedule.recipient for one in planned]
            last = uow.schedules.last_many(community_id, self._job, recipients)
            owed = {one.schedule.recipient: what_is_owed(one, last.get(one.schedule.recipient), now, self._grace)
                    for one in planned}  # fmt: skip
            moments = {recipient: one.next_at for recipient, one in owed.items()}
            uow.schedules.set_next_many(community_id, self._job, moments)
            missed = [pair for one in owed.values() for pair in one.missed]
            fresh = set(uow.schedules.claim_many(community_id, [one for one, _ in missed], at=now))
            skipped = [(one, Outcome.SKIPPED, note) for one, note in missed if one in fresh]
            uow.schedules.finish_many(community_id, skipped)
            latest = [one.latest for one in owed.values() if one.latest is not None]
            claimed = uow.schedules.claim_many(community_id, latest, at=now)
            uow.commit()
        return _Lot(community_id, claimed, now), len(planned) == self._lot, len(skipped)

    def _end(self, lot: _Lot) -> list[Outcome]:
        """One that cannot be done does not take its lot with it."""
        assert lot.future is not None
        try:
            prepared = lot.future.result()
            self._step("prepared")
            return [outcome for _, outcome, _ in self._work.settle(lot.community_id, prepared, lot.at)]
        except StoreUnavailable:
            raise
        except Exception as error:
            if len(lot.occurrences) == 1:
                (one,) = lot.occurrences
                log.exception("%s for %s, %s, failed", one.job, one.recipient, one.period)
                return self._failed(lot, type(error).__name__)
            log.warning("a lot of %d is done one by one: %s", len(lot.occurrences), type(error).__name__)
        ended: list[Outcome] = []
        for one in lot.occurrences:
            alone = _Lot(lot.community_id, [one], lot.at, self._work.prepare(lot.community_id, [one], lot.at))
            ended += self._end(alone)
        return ended

    def _failed(self, lot: _Lot, note: str) -> list[Outcome]:
        with self._store.write() as uow:
            held = uow.schedules.held(lot.community_id, lot.occurrences, at=lot.at)
            uow.schedules.finish_many(lot.community_id, [(one, Outcome.FAILED, note) for one in held])
            uow.commit()
        return [Outcome.FAILED for _ in held]


def _told(found: _Sum, *, more: bool) -> Tick:
    return Tick(
        done=found.ended.count(Outcome.DONE),
        skipped=found.ended.count(Outcome.SKIPPED),
        failed=found.ended.count(Outcome.FAILED),
        missed=found.missed,
        more=more,
    )
