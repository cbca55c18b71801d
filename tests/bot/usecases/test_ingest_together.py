"""Messages that are stored together leave what they would have left one by one, and all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.incoming import MessageEdited, MessagePosted, Place, ReactionChanged, Sender
from bot.domain.interactions import Signal
from bot.domain.items import Post
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Message
from bot.errors import BadInput
from bot.usecases.ingest import Heard, Ingest
from tests.bot.conftest import MakeWorld
from tests.bot.world import FAKE, World

Act = tuple[int, str, Signal, datetime]
ROOM = Place(RoomRef(FAKE, "general"), "general", indexed=True)


def talk(world: World) -> list[Heard]:
    people = [Sender(AccountRef(FAKE, who), who.title()) for who in ("lin", "mei", "ola")]

    def post(number: int, text: str, reply_to: str | None = None) -> MessagePosted:
        at = world.clock.now() + timedelta(seconds=number)
        ref = MessageRef(ROOM.room, f"t{number}")
        return MessagePosted(ref, ROOM, people[number % 3], text, at, reply_to=reply_to)

    def like(who: Sender, emoji: str, minutes: int, *, present: bool = True) -> ReactionChanged:
        at = first.at + timedelta(minutes=minutes)
        return ReactionChanged(first.ref, who, emoji, present=present, at=at)

    first = post(0, "How do I cancel a rust task that waits for a lock?")
    return [
        first,
        post(1, "Use a cancellation token and select between it and the lock.", "t0"),
        post(2, "Good morning."),
        ReactionChanged(first.ref, people[2], "👍", present=True, at=first.at + timedelta(minutes=1)),
        MessageEdited(first.ref, "How do I stop a rust task that waits for a mutex?", first.at + timedelta(minutes=2)),
        post(3, "Which database is best for time series of sensors?"),
        post(4, "An answer that comes with the edit's batch, about the task.", "t0"),
        like(people[1], "🎉", 3),
        like(people[2], "🎉", 3),
        like(people[0], "❤️", 3),  # of one's own: it says nothing
        ReactionChanged(first.ref, None, "👀", present=True, at=first.at + timedelta(minutes=3), count=4),
        post(5, "One more answer between two reactions, about the mutex.", "t0"),
        like(people[1], "🎉", 4, present=False),
        first,
    ]


def stored(world: World, run: list[Heard]) -> list[tuple[int, Sequence[Heard]]]:
    with world.store.write() as uow:
        names = [(f"u{number}", "{}") for number in range(len(run))]
        uow.inbox.put(world.community.id, FAKE, names, world.clock.now())
        uow.commit()
    with world.store.read() as uow:
        return [(row.id, (heard,)) for row, heard in zip(uow.inbox.pending(limit=100), run, strict=True)]


def left(world: World) -> tuple[list[Post], set[Act], list[Message], dict[str, int]]:
    """Posts, signals, what the room shows, and the state of the inbox."""
    with world.store.read() as uow:
        room = uow.rooms.by_ref(world.community.id, ROOM.room)
        posts = uow.posts.all(world.community.id)
        acts: set[Act] = {(act.member_id, act.item, act.signal, act.at) for _, act in
                uow.interactions.after(world.community.id, 0, limit=100)}  # fmt: skip
        said = [] if room is None else uow.messages.page(room.id)
        return posts, acts, said, uow.inbox.counts()


def arrived(make_world: MakeWorld) -> World:
    world = make_world()
    for who in ("lin", "mei", "ola"):
        world.arrives(who, consent=frozenset(ConsentKind))
    return world


def test_together_is_the_same_as_one_by_one(make_world: MakeWorld) -> None:
    one_by_one, together = arrived(make_world), arrived(make_world)
    ingest = Ingest(one_by_one.store)
    for cause, heard in stored(one_by_one, talk(one_by_one)):
        ingest(one_by_one.community.id, *heard, cause=cause)
    Ingest(together.store).together(together.community.id, stored(together, talk(together)))
    posts, acts, said, counts = left(together)
    assert (posts, acts, said, counts) == left(one_by_one)
    assert len(posts) == 2
    assert {signal for _, _, signal, _ in acts} == {Signal.POST, Signal.REPLY, Signal.REACT}
    assert counts == {"done": 14}


def test_what_was_handled_before_is_passed_over(make_world: MakeWorld) -> None:
    world = arrived(make_world)
    run, ingest = stored(world, talk(world)), Ingest(world.store)
    ingest.together(world.community.id, run)
    before = left(world)
    ingest.together(world.community.id, run)
    assert left(world) == before


def test_where_one_cannot_be_stored_none_is(make_world: MakeWorld) -> None:
    world = arrived(make_world)
    run = stored(world, talk(world))
    first = talk(world)[0]
    assert isinstance(first, MessagePosted)
    unfit = replace(first, ref=MessageRef(ROOM.room, "bad\x00"))
    with pytest.raises(BadInput):
        Ingest(world.store).together(world.community.id, [*run[:2], (run[2][0], [unfit])])
    assert left(world)[2:] == ([], {"pending": 14})
