"""A process that writes until it is killed; what it prints was acknowledged. Started by the tests."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.refs import RoomRef
from bot.domain.schedules import Job, Occurrence
from storage import SqlStore, open_store

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
_printing = threading.Lock()


def acknowledge(line: str) -> None:
    with _printing:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def write_for_ever(store: SqlStore, run: str, thread: int) -> None:
    """Inbox rows, each with an outbox row of the same cause in the same transaction."""
    number = 0
    while True:
        name = f"{run}-{thread}-{number}"
        with store.write() as uow:
            uow.inbox.put(1, "web", [(name, "{}")], AT)
            words = Outgoing((Paragraph((Text(name),)),))
            uow.outbox.add(1, Sending(name, RoomRef("web", "r"), words, DeliveryClass.AT_LEAST_ONCE), AT)
            uow.commit()
        acknowledge(name)
        number += 1


def claim_all(store: SqlStore, periods: int) -> None:
    for period in range(periods):
        with store.write() as uow:
            occurrence = Occurrence(Job.DIGEST, "member:1", str(period), AT)
            token = uow.schedules.claim(1, occurrence, at=AT)
            rows = uow.outbox.claim(["web"], at=AT, limit=1)
            uow.commit()
        if token is not None:
            acknowledge(f"claim {period} {token}")
        for row in rows:
            acknowledge(f"send {row.sending.key}")


def main(job: str, url: str, word: str) -> None:
    store = open_store(url, busy_seconds=30)
    if job == "claim":
        acknowledge("ready")
        sys.stdin.readline()
        claim_all(store, int(word))
        store.close()
        return
    for thread in range(4):
        threading.Thread(target=write_for_ever, args=(store, word, thread), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
