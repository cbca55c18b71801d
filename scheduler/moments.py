"""Finds what is due once and has it done. Knows rows and pauses; knows neither the work nor what ticks it.

Schedules come again and again (`scheduler.planner`); a moment comes once: a reminder, the end of an offer. The work
marks its moment done in the transaction of its effects, so a process that dies in between repeats all of it or none,
and of two processes the second finds nothing to do. How late is too late is the work's own rule: an offer must end
however long the program was down, a reminder of something that has begun helps nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.domain.events import Moment
from bot.errors import StoreUnavailable
from bot.ports import Clock, Store

Work = Callable[[int, Moment], None]
"""(community id, what is due). Raises to be tried again later."""

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Between attempts; the last again and again until there were `ATTEMPTS`."""
ATTEMPTS: Final = 8

log = logging.getLogger(__name__)


class DueMoments:
    """Does what is due, the longest due first; one that fails is put off and does not hold up the others."""

    def __init__(self, store: Store, clock: Clock, work: Work, *, limit: int = 50) -> None:
        self._store = store
        self._clock = clock
        self._work = work
        self._limit = limit

    def tick(self) -> bool:
        """True: there may be more at once. Raises StoreUnavailable; what is not done stays due."""
        done = 0
        with self._store.read() as uow:
            now = self._clock.now()
            due = [
                (community.id, moment)
                for community in uow.communities.all()
                for moment in uow.moments.due(community.id, now, limit=self._limit)
            ]
        for community_id, moment in due[: self._limit]:
            try:
                self._work(community_id, moment)
            except StoreUnavailable:
                raise
            except Exception as error:
                log.exception("%s of event %d failed", moment.what, moment.event)
                self._put_off(moment, type(error).__name__)
            done += 1
        return done >= self._limit

    def _put_off(self, moment: Moment, problem: str) -> None:
        now = self._clock.now()
        with self._store.write() as uow:
            if moment.attempts + 1 >= ATTEMPTS:
                uow.moments.finish(moment.event, moment.what, f"failed: {problem}", now)
            else:
                uow.moments.defer(moment.event, moment.what, now + PAUSES[min(moment.attempts, len(PAUSES) - 1)])
            uow.commit()
