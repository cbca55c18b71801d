"""What any store promises about units of work: all or nothing, one moment, its own thread."""

from __future__ import annotations

import pytest

from bot.ports import Store
from tests.contracts.store.base import AT, StoreCase


class Transactions(StoreCase):
    def test_nothing_stays_without_commit(self, store: Store) -> None:
        with store.write() as uow:
            uow.communities.add("lost", language="en", timezone="UTC", sample=False)
        with store.write() as uow:
            uow.communities.add("rolled back", language="en", timezone="UTC", sample=False)
            uow.rollback()
        with pytest.raises(ZeroDivisionError), store.write() as uow:  # noqa: PT012 - the whole unit
            uow.communities.add("failed", language="en", timezone="UTC", sample=False)
            raise ZeroDivisionError
        with store.read() as uow:
            assert uow.communities.all() == []

    def test_what_is_committed_is_read(self, store: Store) -> None:
        with store.write() as uow:
            community = uow.communities.add("kept", language="zh", timezone="Asia/Shanghai", sample=True)
            uow.commit()
        with store.read() as uow:
            assert uow.communities.all() == [community]
            assert uow.communities.get(community.id) == community
            assert uow.communities.get(99) is None

    def test_reading_cannot_commit(self, store: Store) -> None:
        with pytest.raises(RuntimeError, match="write"), store.read() as uow:
            uow.commit()

    def test_a_reader_sees_one_moment(self, store: Store) -> None:
        with store.read() as reader:
            assert reader.communities.all() == []
            with store.write() as uow:
                uow.communities.add("later", language="en", timezone="UTC", sample=False)
                uow.commit()
            assert reader.communities.all() == []
        with store.read() as reader:
            assert len(reader.communities.all()) == 1

    def test_topics_are_told_after_commit_and_a_broken_listener_loses_nothing(self, store: Store) -> None:
        heard: list[frozenset[str]] = []

        def broken(topics: frozenset[str]) -> None:
            raise ZeroDivisionError

        store.on_commit(broken)
        store.on_commit(heard.append)
        with store.write() as uow:
            uow.communities.add("x", language="en", timezone="UTC", sample=False)
            uow.inbox.put(1, "web", [("1", "{}")], AT)
            assert heard == []
            uow.commit()
        assert heard == [frozenset({"inbox"})]

    def test_a_batch_is_read_by_its_own_thread(self, store: Store) -> None:
        heard: list[frozenset[str]] = []
        store.on_commit(heard.append)
        with store.batch():
            for name in ("one", "two"):
                with store.write() as uow:
                    uow.communities.add(name, language="en", timezone="UTC", sample=False)
                    uow.inbox.put(1, "web", [(name, "{}")], AT)
                    uow.commit()
            with store.read() as uow:
                assert len(uow.communities.all()) == 2
        assert frozenset().union(*heard) == {"inbox"}
