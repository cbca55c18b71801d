"""Claims what is due and has it done, once. Knows schedules and outcomes; knows neither the work nor what ticks it.

The store decides: a schedule row carries the moment it is due next, so a tick looks only at rows that are due, and an
occurrence is a unique row, so of two processes one gets it. What happens to an occurrence:

* the latest missed one is run when it is at most `grace` late, otherwise recorded as skipped;
* those before it are recorded as skipped: nobody wants the digests of three weeks at once;
* work that raises is recorded as failed, with the error's class, and the next is done all the same;
* a process that dies between claim and finish leaves the claim: the work is not repeated in that period (at most once).
  Digests must be so; training, snapshots and sweeps are idempotent and simply run again in the next period.

Claims are made one at a time, right before their work, so a crash can cost one occurrence and not a batch of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.schedules import Job, Occurrence, Outcome
from bot.ports import Clock, Planned, Store, UnitOfWork
from scheduler.occurrences import due, next_due

Work = Callable[[int, Occurrence], Outcome]
"""(community id, what is due) -> how it went. `Outcome.CLAIMED`: begun elsewhere, and `finish` is called there."""

MAX_SKIPPED: Final = 10
"""How many missed occurrences of one schedule are recorded one by one; the oldest note counts the rest."""

_INSTANT: Final = timedelta(microseconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick did. `more`: it stopped at its limit and should be called again at once."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    missed: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """What a schedule owes at a moment: the occurrence to run, those missed before it with a note each, and when it is
    due next."""

    latest: Occurrence | None = None
    missed: tuple[tuple[Occurrence, str], ...] = ()
    next_at: datetime | None = None


def what_is_owed(planned: Planned, last: Occurrence | None, now: datetime, grace: timedelta) -> Owed:
    """`last`: the latest occurrence that was ever claimed. A schedule that cannot be planned owes nothing for a day."""
    schedule = planned.schedule
    if last is not None and schedule.since is not None:
        # Set anew since then: nothing from before the change is owed.
        after = max(last.due_at, schedule.since - _INSTANT)
    elif last is not None:
        after = last.due_at
    elif planned.next_at is not None:
        after = planned.next_at - _INSTANT
    else:
        after = schedule.since - _INSTANT if schedule.since is not None else now
    try:
        missed = due(schedule, after=after, until=now)
        following = next_due(schedule, max(now, after))
    except (ValueError, OverflowError) as error:
        log.warning("schedule %s of %s cannot be planned: %s", schedule.job, schedule.recipient, error)
        return Owed(next_at=now + timedelta(days=1))
    latest = missed.pop() if missed and now - missed[-1].due_at <= grace else None
    uncounted = max(0, len(missed) - MAX_SKIPPED)
    noted = []
    for number, occurrence in enumerate(missed[uncounted:]):
        note = f"missed by {_ago(now - occurrence.due_at)}"
        noted.append((occurrence, f"{note}, with {uncounted} before it" if uncounted and number == 0 else note))
    return Owed(latest, tuple(noted), following.due_at if following is not None else None)


class Planner:
    """Runs `work` for schedules that are due. Two planners with different jobs may share a store (slow and quick work).

    `grace` says for each job how late an occurrence may still run; `limit` bounds the work of one tick.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        work: Mapping[Job, Work],
        grace: Mapping[Job, timedelta],
        *,
        limit: int = 50,
        batch: int = 100,
    ) -> None:
        if without := sorted(set(work) - set(grace)):
            raise ValueError(f"no grace given for {', '.join(without)}")
        self._store = store
        self._clock = clock
        self._work = dict(work)
        self._grace = dict(grace)
        self._limit = limit
        self._batch = batch

    def tick(self) -> Tick:
        """Do what is due now, the longest due first. Raises StoreUnavailable; everything not finished stays due."""
        outcomes: list[Outcome] = []
        missed = 0
        with self._store.read() as uow:
            communities = [community.id for community in uow.communities.all()]
        for community_id in communities:
            while self._anything_due(community_id):
                if len(outcomes) >= self._limit:
                    return _summary(outcomes, missed, more=True)
                occurrence, skipped = self._claim_next(community_id)
                missed += skipped
                if occurrence is not None:
                    outcomes.append(self._run(community_id, occurrence))
        return _summary(outcomes, missed, more=False)

    def _anything_due(self, community_id: int) -> bool:
        """A look without a write lock: most ticks find nothing."""
        with self._store.read() as uow:
            return bool(uow.schedules.due_before(community_id, self._clock.now(), jobs=self._work, limit=1))

    def _claim_next(self, community_id: int) -> tuple[Occurrence | None, int]:
        """Plan up to a batch of schedules, stopping at the first that has work to do now; one transaction."""
        occurrence, missed = None, 0
        now = self._clock.now()
        with self._store.write() as uow:
            for planned in uow.schedules.due_before(community_id, now, jobs=self._work, limit=self._batch):
                occurrence, skipped = self._settle(uow, community_id, planned, now)
                missed += skipped
                if occurrence is not None:
                    break
            uow.commit()
        return occurrence, missed

    def _settle(
        self, uow: UnitOfWork, community_id: int, planned: Planned, now: datetime
    ) -> tuple[Occurrence | None, int]:
        """Claim the latest occurrence if it is in time, record the older ones, remember the next."""
        schedule = planned.schedule
        last = uow.schedules.last(community_id, schedule.job, schedule.recipient)
        owed = what_is_owed(planned, last, now, self._grace[schedule.job])
        uow.schedules.set_next(community_id, schedule.job, schedule.recipient, owed.next_at)
        claimed = None
        skipped = 0
        if owed.latest is not None and uow.schedules.claim(community_id, owed.latest, at=now) is not None:
            claimed = owed.latest
        for occurrence, note in owed.missed:
            if uow.schedules.claim(community_id, occurrence, at=now) is None:
                continue
            uow.schedules.finish(community_id, occurrence, Outcome.SKIPPED, note=note)
            skipped += 1
        return claimed, skipped

    def _run(self, community_id: int, occurrence: Occurrence) -> Outcome:
        note = ""
        try:
            outcome = self._work[occurrence.job](community_id, occurrence)
        except Exception as error:
            outcome, note = Outcome.FAILED, type(error).__name__
            log.exception("%s for %s, %s, failed", occurrence.job, occurrence.recipient, occurrence.period)
        if outcome is not Outcome.CLAIMED:
            with self._store.write() as uow:
                uow.schedules.finish(community_id, occurrence, outcome, note=note)
                uow.commit()
        return outcome


def _summary(outcomes: list[Outcome], missed: int, *, more: bool) -> Tick:
    return Tick(
        done=sum(one in {Outcome.DONE, Outcome.CLAIMED} for one in outcomes),
        skipped=outcomes.count(Outcome.SKIPPED),
        failed=outcomes.count(Outcome.FAILED),
        missed=missed,
        more=more,
    )


def _ago(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min"
