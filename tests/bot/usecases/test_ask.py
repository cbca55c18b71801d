"""/ask: passages with their sources, from what the readers of the answer may read."""

from __future__ import annotations

import pytest

from bot.domain.interactions import Signal
from bot.domain.outgoing import MessageLink, Quote
from bot.domain.refs import MessageRef
from tests.bot.reading import acts, words_of
from tests.bot.world import Sent, World

QUESTION = "Why does tokio spawn need a static lifetime for the borrowed data?"
ANSWER = "Because tokio spawn needs a static lifetime for the borrowed data: the task may outlive the stack frame."


def discuss(world: World, room: str = "general", *, private: bool = False, answer: str = ANSWER) -> MessageRef:
    root = world.says("mei", QUESTION, room, private=private)
    reply = world.says("ola", answer, room, reply_to=root, private=private)
    world.index()
    return reply


def quotes(sent: Sent) -> list[str]:
    return [
        "".join(inline.text for inline in block.inlines if inline.type == "text")
        for block in sent.message.blocks
        if isinstance(block, Quote)
    ]


def open_room(world: World, name: str) -> None:
    """Let a private room's discussions be suggested to those inside."""
    with world.store.write() as uow:
        uow.rooms.configure(world.room(name).id, indexed=True)
        uow.commit()


def test_the_answer_is_quoted_with_who_when_and_where(stocked: World) -> None:
    reply = discuss(stocked)
    answer = stocked.asks("lin", "ask", QUESTION)
    assert quotes(answer) == [ANSWER]
    (quote,) = [block for block in answer.message.blocks if isinstance(block, Quote)]
    assert isinstance(quote.source[0], MessageLink)
    assert quote.source[0].ref == reply
    assert "Ola, Jan 4, 2027, #general" in words_of(answer.message)
    assert "The best passage I found here:" in words_of(answer.message)
    assert "Confidence: good" in words_of(answer.message)
    assert answer.sending.room == stocked.home("lin").room


def test_weak_evidence_is_said_to_be_weak(stocked: World) -> None:
    discuss(stocked)
    answer = stocked.asks("lin", "ask", "How do I bake sourdough bread at home?")
    text = words_of(answer.message)
    assert "I couldn't find this here." in text
    assert "The best passage" not in text
    ((kind, words, best),) = stocked.demand()
    assert (kind, words) == ("ask", "How do I bake sourdough bread at home?")
    assert best < 0.5


def test_an_empty_community_says_so_without_buttons(world: World) -> None:
    answer = world.asks("lin", "ask", "Anything?")
    assert "I couldn't find this here." in words_of(answer.message)
    assert acts(answer.message) == []


def test_without_a_question_it_tells_how(stocked: World) -> None:
    assert "Ask me anything" in words_of(stocked.asks("lin", "ask").message)
    assert stocked.demand() == []


def test_in_a_room_the_answer_is_public_and_of_public_things_only(stocked: World) -> None:
    stocked.joins("lin", "staff", private=True)
    stocked.says("mei", "Only we are in here.", "staff", private=True)
    open_room(stocked, "staff")
    discuss(stocked, "staff", private=True, answer=ANSWER.replace("stack", "secret"))
    public = stocked.asks("lin", "ask", QUESTION, room="general")
    assert public.sending.room == stocked.place("general").room
    assert "secret" not in words_of(public.message)
    assert "I couldn't find this here." in words_of(public.message)
    personal = stocked.asks("lin", "ask", QUESTION)
    assert "secret" in words_of(personal.message)
    assert "secret" not in words_of(stocked.asks("sam", "ask", QUESTION).message)
    stocked.leaves("lin", "staff", private=True)
    assert "secret" not in words_of(stocked.asks("lin", "ask", QUESTION).message)


def test_a_deleted_answer_is_never_quoted(stocked: World) -> None:
    reply = discuss(stocked)
    stocked.deletes(reply)
    assert "outlive" not in words_of(stocked.asks("lin", "ask", QUESTION).message)


def test_greetings_bots_and_service_messages_answer_nothing(stocked: World) -> None:
    root = stocked.says("mei", QUESTION)
    stocked.says("ola", "Thanks!", reply_to=root)
    stocked.says("robot", ANSWER, reply_to=root, bot=True)
    stocked.says("ola", ANSWER + " Pinned.", reply_to=root, service=True)
    stocked.index()
    text = words_of(stocked.asks("lin", "ask", QUESTION).message)
    assert "Thanks!" not in text
    assert "outlive" not in text


@pytest.mark.parametrize(("act", "signal"), [("solved", Signal.HELPFUL), ("notit", Signal.UNHELPFUL)])
def test_judging_the_answer_is_kept(stocked: World, act: str, signal: Signal) -> None:
    discuss(stocked)
    answer = stocked.asks("lin", "ask", QUESTION)
    thanks = stocked.press("lin", answer, act)
    assert thanks.notice == "Thank you, noted."
    stocked.press("lin", answer, act)
    assert [kept for kept, _ in stocked.history("lin")] == [signal.value]
    other = "notit" if act == "solved" else "solved"
    stocked.press("lin", answer, other)
    (only,) = stocked.history("lin")
    assert only[0] != signal.value


def test_what_did_not_help_is_not_suggested(stocked: World) -> None:
    reply = discuss(stocked)
    post = stocked.post(reply)
    assert post is not None
    stocked.press("lin", stocked.asks("lin", "ask", QUESTION), "notit")
    assert post.item not in stocked.everything_for("lin")
    assert post.item in stocked.everything_for("sam")


def test_the_question_and_the_answer_may_be_chinese(stocked: World) -> None:
    root = stocked.says("mei", "为什么 tokio 的 spawn 需要 static 生命周期？")
    said = "因为 tokio 的 spawn 需要 static 生命周期：任务可能比当前的栈帧活得更久，所以不能借用局部变量。"
    stocked.says("ola", said, reply_to=root)
    stocked.index()
    answer = stocked.asks("wei", "问", "为什么 tokio 的 spawn 需要 static 生命周期？")
    assert quotes(answer) == [said]
    assert "我在这里找到的最相关的 1 段" in words_of(answer.message)
