"""A process of its own that lets members press, many at once: ``python -m ... URL EVENT FIRST LAST THREADS``."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bot.domain.guests import Standing
from bot.domain.rsvp import Action, Decline, Go
from bot.errors import StoreUnavailable
from bot.usecases.events.seats import Seats
from storage import SqlStore, open_store

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


def press(store: SqlStore, event_id: str, member_id: int) -> None:
    """Everybody taps Going; every fifth changes their mind at once."""
    for action in (
        Go(member_id, "web"),
        *([Decline(member_id, Standing.CANT, sure=True)] if member_id % 5 == 0 else []),
    ):
        while not decided(store, event_id, action):
            pass


def decided(store: SqlStore, event_id: str, action: Action) -> bool:
    """False: the other process wrote for so long that nothing was saved; as in the running program it is tried anew."""
    try:
        with store.write() as uow:
            community = uow.communities.get(1)
            event = uow.hosted.get(1, event_id)
            assert community is not None
            assert event is not None
            Seats(uow, community, event, NOW).decide(action)
            uow.commit()
    except StoreUnavailable:
        return False
    return True


def main(url: str, event_id: str, first: int, last: int, threads: int) -> None:
    store = open_store(url, clock=lambda: NOW)
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(press, store, event_id, member) for member in range(first, last)]:
            done.result()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
