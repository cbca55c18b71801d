"""What every messenger must do whose platform has threads, as a class to inherit from: give it a `ThreadCase`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import pytest

from bot.domain.outgoing import Outgoing, Receipt
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadTraits, ThreadWork
from bot.errors import Refused
from tests.contracts.messenger import said

SPIKY = {
    "long": "ß" * 5_000,
    "emoji": "🎉🧵🧑‍🚀" * 40,
    "lines": "one\ntwo\t three\u2028four",
    "markup": "<b>@everyone</b> *x* [a](https://b.example) <#1>",
    "nothing": " \n ",
}


class Threaded(Protocol):
    """A messenger with threads."""

    @property
    def threads(self) -> ThreadTraits: ...
    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt: ...
    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef: ...


@dataclass(frozen=True)
class ThreadCase:
    """`room` is where `card` is, a message of ours. `look(thread)` says how a thread is now: its name, and whether
    people may still write there; None: it is not there. `all()` lists the names of all threads there. `drop(thread)`
    deletes one as a moderator does; `forbid()` takes every right away, None where none is needed."""

    messenger: Threaded
    room: RoomRef
    card: MessageRef
    look: Callable[[RoomRef], tuple[str, bool] | None]
    all: Callable[[], list[str]]
    drop: Callable[[RoomRef], None]
    forbid: Callable[[], None] | None
    most: int
    """Characters of a name."""

    def work(self, room: RoomRef, work: ThreadWork, key: str = "thread:1") -> RoomRef:
        return asyncio.run(self.messenger.work_on_thread(room, work, key=key))

    def opened(self, name: str = "Rust night") -> RoomRef:
        return self.work(self.room, OpenThread(name, self.card, timedelta(days=3)))


class ThreadingContract:
    """Tests get the fixture `case`: a fresh ThreadCase."""

    def test_a_thread_is_opened_where_the_card_is_and_can_be_written_in(self, case: ThreadCase) -> None:
        thread = case.opened()
        assert (thread.platform, thread.native_id) == (case.room.platform, case.room.native_id)
        assert thread.thread_id not in (None, case.room.thread_id)
        assert case.look(thread) == ("Rust night", True)
        receipt = asyncio.run(case.messenger.send(thread, said("welcome"), key="intro"))
        assert receipt.refs[0].room == thread

    def test_asked_twice_it_is_one_thread_where_the_platform_can_tell(self, case: ThreadCase) -> None:
        first, second = case.opened(), case.opened()
        assert (first == second) is case.messenger.threads.finds_again
        assert len(case.all()) == (1 if case.messenger.threads.finds_again else 2)

    @pytest.mark.parametrize("name", SPIKY.values(), ids=SPIKY)
    def test_any_title_is_a_name(self, case: ThreadCase, name: str) -> None:
        thread = case.opened(name)
        seen = case.look(thread)
        assert seen is not None
        assert 1 <= len(seen[0].encode("utf-16-le")) // 2 <= case.most
        assert seen[0].splitlines() == [seen[0]]
        if name == SPIKY["markup"]:
            assert seen[0] == name

    def test_its_name_changes_and_the_same_name_again_changes_nothing(self, case: ThreadCase) -> None:
        thread = case.opened()
        for _ in range(2):
            assert case.work(thread, NameThread("Rust evening")) == thread
        assert case.look(thread) == ("Rust evening", True)

    def test_it_is_closed_once_however_often(self, case: ThreadCase) -> None:
        thread = case.opened()
        for _ in range(2):
            case.work(thread, CloseThread())
        assert case.look(thread) == ("Rust night", False)

    def test_what_was_deleted_is_gone_for_good(self, case: ThreadCase) -> None:
        thread = case.opened()
        case.drop(thread)
        for work in (NameThread("Rust evening"), CloseThread()):
            with pytest.raises(Refused) as refused:
                case.work(thread, work)
            assert refused.value.cause is RefusalCause.GONE

    def test_without_the_right_it_is_refused_and_nothing_is_made(self, case: ThreadCase) -> None:
        if case.forbid is None:
            pytest.skip("no right is needed here")
        case.forbid()
        with pytest.raises(Refused) as refused:
            case.opened()
        assert refused.value.cause is RefusalCause.FORBIDDEN
        assert case.all() == []
