"""What the community was shown lately, counted for the recommender. Knows counts and their limits; knows no scores."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from bot.ports import Store
from recsys.types import Traffic

WINDOW: Final = timedelta(days=28)
DAY: Final = timedelta(hours=24)
RECOUNT: Final = 60.0
"""Seconds for which counts are good enough: a list is not waited for because of them."""
CROWD_FROM: Final = 20
CROWD_SHARE: Final = 0.6
"""An item that so many members met in a day, and so large a share of those who were shown anything, comes last."""
TRIED_FROM: Final = 30
TRIED_SHARE: Final = 0.1
"""An item that took so many drawn places, and so large a share of them, is drawn no more in this window."""
_ACTED: Final = frozenset({"enrol", "save", "attend"})


@dataclass(slots=True)
class CountTraffic:
    """Counts at most once a minute, whoever asks; safe to be asked by many threads."""

    store: Store
    community_id: int
    monotonic: Callable[[], float] = monotonic
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _counted: float = -RECOUNT
    _last: Traffic = field(default_factory=Traffic)

    def __call__(self, at: datetime) -> Traffic:
        if self.monotonic() - self._counted >= RECOUNT and self._counting.acquire(blocking=False):
            # Whoever comes meanwhile takes the counts of before.
            try:
                self._last = self._count(at)
                self._counted = self.monotonic()
            finally:
                self._counting.release()
        return self._last

    def _count(self, at: datetime) -> Traffic:
        with self.store.read() as uow:
            counts, people = uow.exposures.traffic(self.community_id, since=at - WINDOW, today=at - DAY)
            acted = uow.interactions.pressed(self.community_id, _ACTED, since=at - WINDOW)
        drawn = sum(places for _, _, places in counts.values())
        return Traffic(
            trials={str(item): (shown, acted.get(item, 0)) for item, (shown, _, _) in counts.items()},
            crowded=frozenset(
                item for item, (_, met, _) in counts.items() if met >= max(CROWD_FROM, CROWD_SHARE * people)
            ),
            tried=frozenset(
                item for item, (_, _, places) in counts.items() if places >= max(TRIED_FROM, TRIED_SHARE * drawn)
            ),
        )


def no_traffic(at: datetime) -> Traffic:  # noqa: ARG001  as if nothing had been shown
    return Traffic()
