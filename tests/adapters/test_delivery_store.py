"""Delivery over the real store: the outbox keeps its contract, and a kill at any moment costs what the class allows."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.refs import RoomRef
from bot.ports import Store
from storage import SqlStore, open_store, upgrade
from tests.adapters.delivering_process import deliver
from tests.contracts.sending_order import SendingOrderContract

KILLS = 15
EACH = 300
CLASSES = (DeliveryClass.AT_MOST_ONCE, DeliveryClass.AT_LEAST_ONCE, DeliveryClass.NONCE)


def made(path: Path) -> SqlStore:
    url = f"sqlite:///{path}"
    upgrade(url)
    store = open_store(url)
    with store.write() as uow:
        uow.communities.add("one", language="en", timezone="UTC", sample=True)
        uow.commit()
    return store


class TestSqlOutbox(SendingOrderContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = made(tmp_path / "s.db")
        yield store
        store.close()


def test_kill_at_any_moment(tmp_path: Path) -> None:
    seed = 20270104
    rng = Random(seed)
    database, effects = tmp_path / "s.db", tmp_path / "effects"
    store = made(database)
    words = Outgoing((Paragraph((Text("hello"),)),))
    with store.write() as uow:
        for number in range(EACH):
            for kind in CLASSES:
                room = RoomRef("web", f"{kind.value}-{number % 5}")
                uow.outbox.add(1, Sending(f"{kind.value}-{number}", room, words, kind), datetime.now(UTC))
        uow.commit()
    store.close()

    # Forked from a server that has imported everything: a new process costs milliseconds.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.adapters.delivering_process"])
    for kill in range(KILLS + 1):
        last = kill == KILLS
        before = effects.stat().st_size if effects.exists() else 0
        child = context.Process(
            target=deliver, args=(f"sqlite:///{database}", str(effects), seed + kill), kwargs={"all_of_it": last}
        )
        child.start()
        if not last:
            deadline = time.monotonic() + 20
            while (effects.stat().st_size if effects.exists() else 0) == before:
                assert time.monotonic() < deadline
                assert child.is_alive(), "it ended by itself: there was nothing left to kill it over"
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.1))
            child.kill()
        child.join(30)
        assert child.exitcode == (0 if last else -signal.SIGKILL)

    happened = Counter(effects.read_text().split())
    store = open_store(f"sqlite:///{database}")
    with store.read() as uow:
        counts = uow.outbox.counts()
        receipts = {
            f"{kind.value}-{number}": uow.outbox.receipts(1, f"{kind.value}-{number}")
            for kind in CLASSES
            for number in range(EACH)
        }
    store.close()
    by_class = {kind: [happened[f"{kind.value}-{number}"] for number in range(EACH)] for kind in CLASSES}
    unsent = [number for number in range(EACH) if not receipts[f"{DeliveryClass.AT_MOST_ONCE.value}-{number}"]]
    doubles = sum(by_class[DeliveryClass.AT_LEAST_ONCE]) - EACH
    print(f"seed {seed}, {KILLS} kills: {counts}, {doubles} doubles of at least once")
    assert counts["sent"] + counts["in_doubt"] == len(CLASSES) * EACH
    assert max(by_class[DeliveryClass.AT_MOST_ONCE]) == 1
    assert len(unsent) == counts["in_doubt"]  # whatever has no receipt is listed, and nothing else is
    assert 0 < counts["in_doubt"] <= KILLS * 8
    assert all(happened[f"{DeliveryClass.AT_MOST_ONCE.value}-{number}"] or number in unsent for number in range(EACH))
    assert min(by_class[DeliveryClass.AT_LEAST_ONCE]) == 1
    assert doubles <= KILLS * 8
    assert set(by_class[DeliveryClass.NONCE]) == {1}
    assert all(receipts[f"{kind.value}-{number}"] for kind in CLASSES[1:] for number in range(EACH))
