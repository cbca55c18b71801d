"""Group commit: few COMMITs for many units, nothing acknowledged that is not durable, nobody waits in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import event

from bot.errors import StoreUnavailable
from storage import SqlStore, open_store
from storage.turnstile import Turnstile
from tests.storage.people import AT


class Commits:
    """Counts the physical COMMITs of the writing connection; `slow` makes each take a while, `broken` makes it fail."""

    def __init__(self, store: SqlStore, *, slow: float = 0) -> None:
        self.count = 0
        self.broken = False
        self.slow = slow
        event.listen(store.writing_engine, "commit", self._committed)

    def _committed(self, _connection: object) -> None:
        self.count += 1
        if self.slow:
            time.sleep(self.slow)
        if self.broken:
            raise StoreUnavailable("planted")


def put(store: SqlStore, native: str, *, fail: bool = False) -> None:
    with store.write() as uow:
        uow.inbox.put(1, "web", [(native, "{}")], AT)
        if fail:
            raise ZeroDivisionError
        uow.commit()


def stored(store: SqlStore) -> set[str]:
    with store.read() as uow:
        return {row.native_id for row in uow.inbox.pending(limit=10_000)}


def in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a writer waits in vain"


@pytest.fixture(autouse=True)
def _community(store: SqlStore) -> None:
    with store.write() as uow:
        uow.communities.add("x", language="en", timezone="UTC", sample=False)
        uow.commit()


def test_many_threads_share_commits(store: SqlStore) -> None:
    commits = Commits(store, slow=0.002)

    def work(thread: int) -> None:
        for number in range(25):
            put(store, f"{thread}-{number}")

    in_threads(work, 16)
    assert len(stored(store)) == 400
    assert commits.count < 400 / 4


def test_a_lone_writer_commits_at_once(store: SqlStore) -> None:
    commits = Commits(store)
    for number in range(5):
        put(store, str(number))
        assert commits.count == number + 1
        assert str(number) in stored(store)


def test_a_unit_that_fails_takes_only_itself_back(store: SqlStore) -> None:
    def work(thread: int) -> None:
        for number in range(20):
            if thread % 2:
                with pytest.raises(ZeroDivisionError):
                    put(store, f"{thread}-{number}", fail=True)
            else:
                put(store, f"{thread}-{number}")

    in_threads(work, 8)
    assert stored(store) == {f"{thread}-{number}" for thread in (0, 2, 4, 6) for number in range(20)}


def test_a_failed_commit_fails_everybody_in_it_and_the_next_works(store: SqlStore) -> None:
    commits = Commits(store, slow=0.01)
    commits.broken = True
    failed: list[str] = []

    def work(thread: int) -> None:
        try:
            put(store, str(thread))
        except StoreUnavailable as error:
            failed.append(str(error))

    in_threads(work, 8)
    assert failed == ["planted"] * 8
    commits.broken = False
    assert stored(store) == set()
    put(store, "after")
    assert stored(store) == {"after"}


def test_topics_of_a_failed_commit_are_not_told(store: SqlStore) -> None:
    commits = Commits(store)
    heard: list[frozenset[str]] = []
    store.on_commit(heard.append)
    commits.broken = True
    with pytest.raises(StoreUnavailable):
        put(store, "1")
    assert heard == []


def test_a_batch_is_one_commit(store: SqlStore) -> None:
    commits = Commits(store)
    heard: list[frozenset[str]] = []
    store.on_commit(heard.append)
    with store.batch(), store.batch():
        for number in range(20):
            put(store, str(number))
    assert commits.count <= 3
    assert len(stored(store)) == 20
    assert frozenset().union(*heard) == {"inbox"}


def test_a_batch_that_fails_keeps_what_was_committed_in_it(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError), store.batch():  # noqa: PT012 - the whole unit
        put(store, "kept")
        put(store, "lost", fail=True)
    assert stored(store) == {"kept"}


def test_a_batch_whose_commit_fails_says_so(store: SqlStore) -> None:
    commits = Commits(store)
    with pytest.raises(StoreUnavailable, match="planted"), store.batch():  # noqa: PT012 - the whole unit
        put(store, "1")
        commits.broken = True
    commits.broken = False
    assert stored(store) == set()


def test_others_are_not_held_up_by_a_batch(store: SqlStore) -> None:
    with store.batch():
        put(store, "mine")
        in_threads(lambda _: put(store, "theirs"), 1)
        assert stored(store) == {"mine", "theirs"}


def test_a_second_unit_in_the_same_thread_is_refused(store: SqlStore) -> None:
    with store.write():
        with pytest.raises(RuntimeError, match="open unit of work"), store.write():
            pass
        assert stored(store) == set()
    put(store, "after")


def test_reading_in_the_midst_of_a_batch_and_of_a_unit_does_not_wait_for_itself(url: str) -> None:
    store = open_store(url, patience=0.5)
    with store.batch():
        put(store, "1")
        with store.write() as uow:
            uow.inbox.put(1, "web", [("2", "{}")], AT)
            stored(store)
            uow.commit()
        assert stored(store) == {"1", "2"}
    store.close()


def test_a_listener_may_write(store: SqlStore) -> None:
    def listen(topics: frozenset[str]) -> None:
        if "inbox" in topics:
            with store.write() as uow:
                uow.communities.add("heard", language="en", timezone="UTC", sample=False)
                uow.commit()

    store.on_commit(listen)
    put(store, "1")
    with store.batch():
        put(store, "2")
    with store.read() as uow:
        assert [community.name for community in uow.communities.all()] == ["x", "heard", "heard"]


def test_a_unit_is_over_after_commit(store: SqlStore) -> None:
    with store.write() as uow:
        uow.commit()
        with pytest.raises(RuntimeError, match="over"):
            uow.commit()
        with pytest.raises(Exception, match="closed"):
            uow.communities.all()
    with pytest.raises(RuntimeError, match="once"), uow, uow:
        pass


def test_who_waits_too_long_is_told(url: str) -> None:
    store = open_store(url, patience=0.05)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with store.write():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    with pytest.raises(StoreUnavailable, match="Other writes"):
        put(store, "1")
    leave.set()
    holder.join()
    put(store, "2")
    assert stored(store) == {"2"}
    store.close()


def test_turns_are_taken_in_order_of_arrival() -> None:
    turn, order, ready = Turnstile(), list[int](), threading.Semaphore(0)
    assert turn.enter(1, lambda: None)

    def work(number: int) -> None:
        ready.release()
        assert turn.enter(10, lambda: None)
        order.append(number)
        turn.leave()

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        ready.acquire()
        time.sleep(0.01)
    turn.leave()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    assert not turn.pass_on()
