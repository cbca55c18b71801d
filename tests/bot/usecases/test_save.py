"""`/save` as the answer to a message: whose discussion it is, what it keeps, and what it cannot keep."""

from __future__ import annotations

from bot.domain.incoming import CommandInvoked
from bot.domain.interactions import Signal
from bot.domain.refs import MessageRef
from tests.bot.reading import items, words_of
from tests.bot.world import Sent, World

QUESTION = "How do I cancel a rust task that waits for a lock?"


def saves(world: World, who: str, about: MessageRef | None, *, room: str = "general") -> Sent:
    place, at = world.place(room), world.clock.now()
    (answer,) = world.happens(CommandInvoked(place, world.sender(who), "save", "", at, about=about))
    return answer


def kept(world: World, who: str) -> list[str]:
    with world.store.read() as uow:
        member = uow.members.by_account(world.community.id, world.sender(who).account)
        assert member is not None
        return list(uow.interactions.known(member.id).get(Signal.SAVE, []))


def test_an_answer_keeps_the_whole_discussion(world: World) -> None:
    opening = world.says("mei", QUESTION)
    reply = world.says("omar", "Drop the guard before you await, then the task can be cancelled.", reply_to=opening)
    answer = saves(world, "lin", reply)
    (item,) = items(answer.message)
    assert kept(world, "lin") == [item]
    assert "Saved. /saved shows it again." in words_of(answer.message)
    again = saves(world, "lin", opening)
    assert "You saved it before." in words_of(again.message)
    assert kept(world, "lin") == [item]
    assert items(world.asks("lin", "saved").message) == [item]


def test_it_is_taken_back_under_its_own_card(world: World) -> None:
    answer = saves(world, "lin", world.says("mei", QUESTION))
    world.press("lin", answer, "save")
    assert kept(world, "lin") == []


def test_what_cannot_be_kept_says_so(world: World) -> None:
    greeting = world.says("mei", "hi all")
    assert "I do not know a discussion" in words_of(saves(world, "lin", greeting).message)
    assert "Answer a message" in words_of(saves(world, "lin", None).message)
    gone = MessageRef(greeting.room, "never-there")
    assert "I do not know a discussion" in words_of(saves(world, "lin", gone).message)
    assert kept(world, "lin") == []


def test_what_was_said_behind_closed_doors_is_not_even_confirmed(world: World) -> None:
    secret = world.says("mei", QUESTION, "staff", private=True)
    answer = saves(world, "lin", secret)
    assert "I do not know a discussion" in words_of(answer.message)
    assert kept(world, "lin") == []
