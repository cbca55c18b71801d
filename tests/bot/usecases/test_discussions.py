"""What becomes a Post: questions and what others took up, not greetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.refs import MessageRef, RoomRef
from bot.domain.rooms import Message, Reaction, Room
from bot.usecases.discussions import is_question, title_of, worth_suggesting

ROOM = Room(1, 1, RoomRef("web", "general"), "general")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELCOME = "Welcome! Good to have you here."
SUBSTANCE = "Start with the ownership chapter and write a small tool beside it; the compiler teaches the rest."


def message(text: str, number: int = 1, *, by_bot: bool = False, reactions: int = 0) -> Message:
    ref = MessageRef(ROOM.ref, str(number))
    found = (Reaction("👍", reactions),) if reactions else ()
    return Message(number, 1, ref, number, "Ada", text, AT, 1, by_bot=by_bot, reactions=found)


def test_a_greeting_with_welcomes_is_not_worth_suggesting() -> None:
    opening = message("Hello from Bergen, I am new and I like programming.")
    assert not worth_suggesting(ROOM, opening, [message(WELCOME, 2), message("欢迎欢迎，一起加油！", 3)])


def test_the_same_opening_counts_when_somebody_answers_with_substance() -> None:
    opening = message("Hello from Bergen, I am new and I like programming.")
    assert worth_suggesting(ROOM, opening, [message(WELCOME, 2), message(SUBSTANCE, 3)])
    assert not worth_suggesting(ROOM, opening, [message(SUBSTANCE, 3, by_bot=True)])


def test_a_chinese_answer_says_as_much_in_half_the_characters() -> None:
    opening = message("刚入门编程，从卑尔根来，喜欢写小工具，请多关照。")
    assert worth_suggesting(
        ROOM, opening, [message("先把所有权那一章读完，同时写一个小工具，编译器会把剩下的教给你的。", 2)]
    )


def test_what_people_liked_is_worth_suggesting() -> None:
    opening = message("I wrote down how borrowing works, with pictures.")
    assert not worth_suggesting(ROOM, opening, [])
    assert worth_suggesting(ROOM, replace(opening, reactions=(Reaction("👍", 2),)), [])


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Why does this deadlock?", True),
        ("how do I read a flame graph", True),
        ("请问怎么学数据库", True),
        ("有人用过这个库吗", True),
        ("I know how to do that and why.", False),
        ("Finished the book, happy.", False),
        ("今天读完了第三章。", False),
    ],
)
def test_questions_in_both_languages(text: str, *, asks: bool) -> None:
    assert is_question(text) is asks


def test_a_title_is_the_first_sentence_and_numbers_do_not_end_it() -> None:
    assert title_of("My Python image is 1.2 GB. What can I do?") == "My Python image is 1.2 GB."
    assert title_of("Hm.\nThe container restarts every ten minutes and I see nothing.").startswith("The container")
