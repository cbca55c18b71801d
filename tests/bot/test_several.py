"""One update that says several things: all of them happen, once, or none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.dispatch import Dispatcher
from bot.domain.incoming import Incoming, MemberJoined, MessagePosted, ReactionChanged
from bot.domain.refs import MessageRef, RoomRef
from tests.bot.world import FAKE, World


def telling(world: World, *incoming: Incoming) -> Dispatcher:
    def parse(raw: str) -> Sequence[Incoming]:
        return incoming if raw == "several" else ()

    return replace(world.dispatcher, parsers={FAKE: parse})


def put(world: World, *raws: str) -> None:
    with world.store.write() as uow:
        uow.inbox.put(world.community.id, FAKE, [(f"{raw}-{n}", raw) for n, raw in enumerate(raws)], world.clock.now())
        uow.commit()


def test_all_that_an_update_says_happens_once(world: World) -> None:
    place, at = world.place("hall"), world.clock.now()
    dispatcher = telling(world, *(MemberJoined(place, world.sender(who), at) for who in ("ann", "ben", "cem")))
    put(world, "several", "nothing", "several")
    dispatcher.drain()
    with world.store.read() as uow:
        assert len(uow.rooms.members_of(world.room("hall").id)) == 3
    assert world.inbox() == {"done": 3}


def test_a_reaction_that_names_only_the_room_finds_its_message_in_a_thread(world: World) -> None:
    ref = world.says("lin", "How do I cancel a task that waits for a lock?")
    thread = RoomRef(FAKE, ref.room.native_id, "7")
    posted = MessageRef(thread, "in-thread")
    place = replace(world.place("general"), room=thread)
    world.happens(MessagePosted(posted, place, world.sender("lin"), "In the topic", world.clock.now()))
    named = MessageRef(ref.room, "in-thread")
    world.happens(ReactionChanged(named, world.sender("mei"), "👍", present=True, at=world.clock.now()))
    with world.store.read() as uow:
        message = uow.messages.within(world.community.id, named)
        assert message is not None
        assert message.ref == posted
        (shown,) = uow.messages.page(message.room_id)
    assert [(reaction.emoji, reaction.count) for reaction in shown.reactions] == [("👍", 1)]
