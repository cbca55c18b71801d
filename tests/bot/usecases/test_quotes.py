"""What was deleted leaves the bot's own messages, wherever a platform keeps them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bot.domain.consent import ConsentKind
from bot.domain.incoming import CommandInvoked, MessageDeleted, ReactionsCleared
from bot.domain.interactions import Signal
from bot.domain.outgoing import DeliveryClass
from bot.domain.refs import MessageRef
from tests.bot.reading import items, words_of
from tests.bot.world import World

QUESTION = "How do I cancel a rust task that waits for a lock?"
ANSWER = "Drop the guard before you await, then the task can be cancelled."


def discussed(world: World) -> tuple[MessageRef, MessageRef]:
    opening = world.says("mei", QUESTION)
    reply = world.says("omar", ANSWER, reply_to=opening)
    world.index()
    return opening, reply


def stored_words(world: World) -> str:
    """Everything that the outbox still holds."""
    with closing(sqlite3.connect(world.folder / "studyhall.db")) as there:
        return "\n".join(row[0] for row in there.execute("SELECT sending FROM outbox"))


def test_an_answer_that_quotes_a_deleted_message_is_changed_where_it_is(world: World) -> None:
    _, reply = discussed(world)
    answer = world.asks("lin", "ask", "how do I cancel a rust task?")
    assert "Drop the guard" in words_of(answer.message)
    before = len(world.sent)
    world.deletes(reply)
    (change,) = world.sent[before:]
    assert change.sending.edits == answer.ref
    assert change.sending.delivery is DeliveryClass.IDEMPOTENT_EDIT
    assert "Drop the guard" not in words_of(change.message)
    assert "deleted" in words_of(change.message)
    assert "Drop the guard" not in stored_words(world)


def test_a_card_of_a_deleted_discussion_leaves_the_list(world: World) -> None:
    opening, _ = discussed(world)
    listed = world.asks("lin", "learn", "cancel a rust task")
    assert any(item.startswith("post:") for item in items(listed.message))
    before = len(world.sent)
    world.deletes(opening)
    (change,) = world.sent[before:]
    assert change.sending.edits == listed.ref
    assert not any(item.startswith("post:") for item in items(change.message))


def test_what_is_not_seen_any_more_is_not_changed(world: World) -> None:
    opening, _ = discussed(world)
    listed = world.asks("lin", "learn", "cancel a rust task")
    world.press("lin", listed, "kind-course")
    before = len(world.sent)
    world.deletes(opening)
    assert world.sent[before:] == []


def test_what_waits_to_go_out_goes_out_without_it(world: World) -> None:
    _, reply = discussed(world)
    at = world.clock.now()
    question = CommandInvoked(world.home("lin"), world.sender("lin"), "ask", "how do I cancel a rust task?", at)
    world.put(question, MessageDeleted(reply, at))
    world.dispatcher.drain()
    assert "Drop the guard" not in stored_words(world)
    (answer,) = world.deliver()
    assert answer.sending.key.startswith("answer:")
    assert "deleted" in words_of(answer.message)


def test_reactions_that_were_all_taken_away_teach_nothing(world: World) -> None:
    opening = world.says("mei", QUESTION)
    world.arrives("omar", consent=ConsentKind)
    for who, emoji in (("lin", "👍"), ("omar", "👍"), ("omar", "🎉")):
        world.reacts(who, opening, emoji)
    world.index()
    assert [signal for signal, _ in world.history("omar")] == [Signal.REACT, Signal.REACT]
    world.happens(ReactionsCleared(opening, world.clock.now(), "🎉"))
    with world.store.read() as uow:
        assert [(r.emoji, r.count) for r in uow.messages.page(world.room("general").id)[0].reactions] == [("👍", 2)]
    assert [signal for signal, _ in world.history("omar")] == [Signal.REACT]
    world.happens(ReactionsCleared(opening, world.clock.now()))
    with world.store.read() as uow:
        assert uow.messages.page(world.room("general").id)[0].reactions == ()
    assert world.history("omar") == []
