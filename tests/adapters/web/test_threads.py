"""Threads of events in the web community: rooms of their own, found again by their key, closed for everybody."""

from __future__ import annotations

import asyncio

import pytest

from adapters.web.problems import Problem
from adapters.web.writes import Writes
from bot.domain.incoming import RoomKind
from bot.domain.permissions import PUBLIC
from bot.domain.refs import RoomRef
from bot.domain.threads import CloseThread
from tests.adapters.web.conftest import Browser, World
from tests.contracts.messenger import said
from tests.contracts.threading import ThreadCase, ThreadingContract


@pytest.fixture
def case(world: World) -> ThreadCase:
    room = world.rooms["general"].ref
    (card,) = asyncio.run(world.messenger.send(room, said("card"), key="card")).refs

    def threads() -> list[tuple[RoomRef, str, bool]]:
        with world.store.read() as uow:
            found = [one for one in uow.rooms.all(world.community.id) if one.kind is RoomKind.THREAD]
        return [(one.ref, one.name, not one.locked) for one in found]

    def drop(thread: RoomRef) -> None:
        """Nobody can; a room that the store does not know is what comes nearest."""
        pytest.skip("a thread of the web community is never deleted")

    return ThreadCase(
        world.messenger,
        room,
        card,
        lambda thread: next(((name, there) for ref, name, there in threads() if ref == thread), None),
        lambda: [name for _, name, _ in threads()],
        drop,
        None,
        200,  # code points are counted here
    )


class TestWebThreads(ThreadingContract):
    @pytest.fixture
    def case(self, case: ThreadCase) -> ThreadCase:
        return case


def test_in_a_closed_thread_nobody_writes_and_everybody_reads(world: World, case: ThreadCase, sam: Browser) -> None:
    member = world.people["Sam"]
    ref = case.opened()
    writes = Writes(world.store, world.clock, world.community.id)
    with world.store.read() as uow:
        thread = uow.rooms.by_ref(world.community.id, ref)
    assert thread is not None
    assert thread.audience == PUBLIC
    assert writes.post(member.id, thread.id, "before", None, "a" * 8).new
    assert "This thread is closed" not in sam.open(f"/rooms/{thread.id}")
    case.work(ref, CloseThread())
    with pytest.raises(Problem):
        writes.post(member.id, thread.id, "after", None, "b" * 8)
    assert "This thread is closed" in sam.open(f"/rooms/{thread.id}")


def test_a_thread_of_a_private_room_is_read_by_who_is_in_it(world: World, case: ThreadCase) -> None:
    room = world.rooms["staff"]
    (card,) = asyncio.run(world.messenger.send(room.ref, said("card"), key="card2")).refs
    ref = ThreadCase(case.messenger, room.ref, card, case.look, case.all, case.drop, None, 200).opened()
    with world.store.read() as uow:
        thread = uow.rooms.by_ref(world.community.id, ref)
    assert thread is not None
    assert thread.audience == room.audience
