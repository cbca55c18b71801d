"""One event on three platforms: created on Discord, filled on all, a seat given on, a reminder, check-in, a recap."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.domain.guests import Standing
from bot.domain.permissions import Role
from tests.scenario.conftest import Plays
from tests.scenario.program import Program
from tests.scenario.stage import Shown, Stage

EVERYWHERE = ("web", "telegram", "discord")
TITLE = "Building a chat server in async Rust"


def staff(program: Program, stage: Stage, name: str) -> None:
    with program.store.write() as uow:
        uow.members.update(replace(program.member(stage, name), role=Role.MODERATOR))
        uow.commit()


def card(stage: Stage, name: str) -> Shown:
    (found,) = [one for one in stage.posted(name) if TITLE in one.text]
    return found


def last(stage: Stage, name: str) -> Shown:
    return stage.sees(name)[-1]


def standings(program: Program) -> dict[str, Standing]:
    with program.store.read() as uow:
        (event,) = uow.hosted.all(program.community.id)
        guests = uow.guests.all(event.number).guests
        names = uow.members.names(guests)
    return {names[member]: guest.standing for member, guest in guests.items()}


def test_one_event_on_three_platforms(plays: Plays) -> None:
    program = plays(*EVERYWHERE)
    web, telegram, discord = (program.stages[name] for name in EVERYWHERE)
    for stage, name in ((discord, "mei"), (discord, "tom"), (web, "sam"), (web, "kim"), (telegram, "ana")):
        stage.joins(name)
    program.settle()
    telegram.says("ana", "hello everybody")
    discord.says("tom", "hello everybody")
    for name in ("mei", "tom"):
        discord.greets(name)
    telegram.greets("ana")
    discord.commands("mei", "start")
    program.settle()
    staff(program, discord, "mei")

    # Created on Discord, for two, announced everywhere.
    discord.commands("mei", "newevent", TITLE)
    program.settle()
    start = (program.clock.now() + timedelta(days=3)).strftime("%Y-%m-%d 19:30")
    discord.fills("mei", {"title": TITLE, "when": start, "length": "90 min", "place": "#stage"})
    program.settle()
    preview = last(discord, "mei")
    assert TITLE in preview.text
    discord.presses("mei", preview, preview.code("m-guests"))
    program.settle()
    with program.store.read() as uow:
        rooms = [uow.rooms.by_ref(program.community.id, stage.room()) for stage in (web, telegram, discord)]
    chosen = [str(room.id) for room in rooms if room is not None]
    assert len(chosen) == 3
    discord.fills("mei", {"seats": "2", "queue": "2h", "reminders": "1 day, 15 min", "rooms": chosen})
    program.settle()
    preview = last(discord, "mei")
    discord.presses("mei", preview, preview.code("m-publish"))
    program.settle()
    program.waits(seconds=5)

    # One thread on each, found from the card, for whoever comes.
    for stage, name in ((web, "sam"), (telegram, "ana"), (discord, "tom")):
        (thread,) = stage.threads()
        assert (thread.name, thread.open) == (TITLE, True)
        assert any("belongs to the event" in text for text in thread.texts)
        assert "the thread of this event" in card(stage, name).text
    discord.says_inside("tom", discord.threads()[0], "What should we have installed before we come?")
    telegram.says_inside("ana", telegram.threads()[0], "The slides will be at https://slides.example/chat")
    web.says_inside("sam", web.threads()[0], "Is a toolchain from last year new enough?")
    program.settle()

    # Filled on all three: two seats and two who wait.
    for stage, name in ((web, "sam"), (discord, "tom"), (telegram, "ana"), (web, "kim")):
        shown = card(stage, name)
        stage.presses(name, shown, shown.code("go"))
        program.settle()
    assert standings(program) == {
        "sam": Standing.GOING, "tom": Standing.GOING, "ana": Standing.WAITING, "kim": Standing.WAITING
    }  # fmt: skip
    program.waits(seconds=5)
    program.waits(seconds=5)
    for stage, name in ((web, "sam"), (telegram, "ana"), (discord, "tom")):
        assert "2/2" in card(stage, name).text
        assert "2 waiting" in card(stage, name).text

    # One leaves, although two wait: the first of them is asked, takes it; nobody is oversold.
    shown = card(web, "sam")
    web.presses("sam", shown, shown.code("cant"))
    program.settle()
    question = last(web, "sam")
    web.presses("sam", question, question.code("leave-cant"))
    program.settle()
    assert standings(program)["ana"] is Standing.OFFERED
    offer = last(telegram, "ana")
    telegram.presses("ana", offer, offer.code("take"))
    program.settle()
    assert standings(program) == {
        "sam": Standing.CANT, "tom": Standing.GOING, "ana": Standing.GOING, "kim": Standing.WAITING
    }  # fmt: skip

    # Reminded, there, and counted.
    before = len(telegram.sees("ana"))
    with program.store.read() as uow:
        (event,) = uow.hosted.all(program.community.id)
    program.waits(seconds=(event.starts_at - program.clock.now()).total_seconds() - 14 * 60)
    assert len(telegram.sees("ana")) > before
    assert TITLE in last(telegram, "ana").text
    telegram.commands("ana", "checkin", event.code)
    program.settle()
    assert standings(program)["ana"] is Standing.CHECKED_IN
    program.waits(hours=3)
    assert standings(program)["tom"] is Standing.NO_SHOW
    program.waits(hours=1)
    recap = last(discord, "mei")
    assert TITLE in recap.text
    assert re.search(r"1\s*/\s*2|1 of 2", recap.text)
    for words in ("installed before we come", "slides.example/chat", "toolchain from last year"):
        assert words in recap.text
    discord.presses("mei", recap, recap.code("recap-post"))
    program.settle()
    for stage, name in ((web, "sam"), (telegram, "ana"), (discord, "tom")):
        assert any(TITLE in one.text and "again" in one.acts for one in stage.posted(name))
    # Closed two days after the end, everywhere, and once.
    assert all(thread.open for stage in (web, telegram, discord) for thread in stage.threads())
    for _ in range(2):
        program.waits(hours=25)
    assert not any(thread.open for stage in (web, telegram, discord) for thread in stage.threads())
    assert [len(stage.threads()) for stage in (web, telegram, discord)] == [1, 1, 1]
    assert program.outbox().keys() == {"sent"}
    assert program.inbox().keys() == {"done"}
