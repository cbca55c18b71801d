"""Killed at any moment, the store has everything it acknowledged; of many processes, one gets each claim."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.refs import RoomRef
from storage import open_store
from storage.checks import database_checks
from tests.storage.people import AT

KILLS = 6
PERIODS = 60


def start(job: str, url: str, word: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.storage.writing_process", job, url, word]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)


def begin(url: str, *, sendings: int = 0) -> None:
    store = open_store(url)
    with store.write() as uow:
        uow.communities.add("x", language="en", timezone="UTC", sample=False)
        for number in range(sendings):
            words = Outgoing((Paragraph((Text("hello"),)),))
            room = RoomRef("web", f"r{number}")
            uow.outbox.add(1, Sending(str(number), room, words, DeliveryClass.AT_MOST_ONCE), AT)
        uow.commit()
    store.close()


def test_nothing_acknowledged_is_lost_when_the_program_is_killed(url: str) -> None:
    begin(url)
    acknowledged: set[str] = set()
    dice = random.Random(7)
    for run in range(KILLS):
        process = start("write", url, str(run))
        assert process.stdout is not None
        assert process.stdin is not None
        first = process.stdout.readline()
        time.sleep(dice.uniform(0.02, 0.3))
        process.kill()
        rest, _ = process.communicate()
        complete = (first + rest).rpartition("\n")[0]
        acknowledged |= set(complete.split())
    store = open_store(url)
    with store.read() as uow:
        stored = {row.native_id for row in uow.inbox.pending(limit=1_000_000)}
        queued = uow.stats(1)["outbox"]
    assert len(acknowledged) > KILLS
    assert acknowledged <= stored
    # Cause and effect are one transaction: there is one answer for each update, acknowledged or not.
    assert queued == len(stored)
    assert all(check.ok for check in database_checks(store)), database_checks(store)
    store.close()


def test_each_claim_goes_to_one_of_many_processes(url: str) -> None:
    begin(url, sendings=PERIODS)
    processes = [start("claim", url, str(PERIODS)) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    lines = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        lines += process.communicate(timeout=60)[0].splitlines()
        assert process.returncode == 0
    claims = [line.split() for line in lines if line.startswith("claim")]
    assert sorted(int(period) for _, period, _ in claims) == list(range(PERIODS))
    tokens = [int(token) for _, _, token in claims]
    assert len(set(tokens)) == PERIODS
    sends = [line for line in lines if line.startswith("send")]
    assert len(sends) == len(set(sends)) == PERIODS


def test_what_was_half_sent_is_sorted_by_its_class(url: str) -> None:
    begin(url)
    store = open_store(url)
    words = Outgoing((Paragraph((Text("hello"),)),))
    with store.write() as uow:
        for delivery in DeliveryClass:
            for state in ("waiting", "sending", "sent"):
                room = RoomRef("web", f"{delivery}-{state}")
                uow.outbox.add(1, Sending(f"{delivery}-{state}", room, words, delivery), AT)
        rows = {row.sending.key: row for row in uow.outbox.claim(["web"], at=AT, limit=99)}
        for delivery in DeliveryClass:
            uow.outbox.park(rows[f"{delivery}-sent"].id, "refused", "blocked")
            uow.outbox.defer(rows[f"{delivery}-waiting"].id, AT, "", failed=False)
        uow.commit()
    store.close()
    store = open_store(url)
    with store.write() as uow:
        assert uow.outbox.recover(AT - timedelta(seconds=1)) == {"again": 0, "in_doubt": 0}
        assert uow.outbox.recover(AT + timedelta(seconds=60)) == {"again": 3, "in_doubt": 1}
        assert uow.outbox.recover(AT + timedelta(seconds=60)) == {"again": 0, "in_doubt": 0}
        again = {row.sending.key: row.attempts for row in uow.outbox.claim(["web"], at=AT, limit=99)}
        uow.commit()
    assert again == {f"{delivery}-waiting": 0 for delivery in DeliveryClass} | {
        f"{delivery}-sending": 1 for delivery in DeliveryClass if delivery is not DeliveryClass.AT_MOST_ONCE
    }
    with store.write() as uow:
        # A nonce is trusted for two minutes only.
        assert uow.outbox.recover(AT + timedelta(minutes=10)) == {"again": 4, "in_doubt": 3}
        uow.commit()
    store.close()
