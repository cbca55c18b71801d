"""Two accounts on two platforms become one person, and two again."""

from __future__ import annotations

import re

import pytest

from bot.domain.refs import AccountRef
from tests.scenario.conftest import Plays
from tests.scenario.program import Program
from tests.scenario.stage import Shown, Stage

_CODE = re.compile(r"/link ([A-Z0-9]{4}-[A-Z0-9]{4})")


def answered(program: Program, stage: Stage, name: str, command: str, words: str = "") -> Shown:
    stage.commands(name, command, words)
    program.settle()
    return stage.sees(name)[-1]


def presses_last(program: Program, stage: Stage, name: str, act: str) -> Shown:
    """The newest message that has this button."""
    shown = next(one for one in reversed(stage.sees(name)) if act in one.acts)
    stage.presses(name, shown, shown.code(act))
    program.settle()
    return stage.sees(name)[-1]


def history(program: Program, stage: Stage, name: str) -> list[tuple[str, str]]:
    with program.store.read() as uow:
        acts = uow.interactions.of_member(program.member(stage, name).id)
    return [(act.signal.value, str(act.item)) for act in acts]


@pytest.mark.parametrize(("here", "there"), [("web", "telegram"), ("telegram", "discord"), ("discord", "web")])
def test_one_person_and_two_again(here: str, there: str, plays: Plays) -> None:
    program = plays(here, there)
    first, second = program.stages[here], program.stages[there]
    first.joins("sam")
    second.joins("samuel")
    for stage, name in ((first, "sam"), (second, "samuel")):
        stage.greets(name)
        program.settle()
        listed = answered(program, stage, name, "learn", "rust")
        stage.presses(name, listed, listed.code("enrol"))
        program.settle()
        listed = answered(program, stage, name, "learn", "python")
        stage.presses(name, listed, listed.code("save"))
        program.settle()
    apart = history(program, first, "sam"), history(program, second, "samuel")
    assert all(len(acts) == 2 for acts in apart)
    people = program.member(first, "sam").id, program.member(second, "samuel").id
    assert people[0] != people[1]

    made = answered(program, first, "sam", "link")
    code = _CODE.search(made.text)
    assert code is not None, made.text
    answered(program, second, "samuel", "link", code[1])
    assert program.member(second, "samuel").id == people[1]
    presses_last(program, second, "samuel", "yes")
    presses_last(program, first, "sam", "yes")
    assert program.member(first, "sam").id == program.member(second, "samuel").id == people[0]
    together = history(program, second, "samuel")
    assert set(together) == {*apart[0], *apart[1]}
    refused = answered(program, second, "samuel", "link", code[1])
    assert "yes" not in refused.acts
    profile = answered(program, second, "samuel", "profile")
    assert first.platform.casefold() in profile.text.casefold()

    # What is done here counts there at once.
    listed = answered(program, first, "sam", "learn", "go")
    first.presses("sam", listed, listed.code("enrol"))
    program.settle()
    assert len(history(program, second, "samuel")) == len(together) + 1

    answered(program, second, "samuel", "unlink")
    presses_last(program, second, "samuel", "part")
    presses_last(program, second, "samuel", "part-yes")
    assert program.member(first, "sam").id != program.member(second, "samuel").id
    assert history(program, second, "samuel") == apart[1]
    assert len(history(program, first, "sam")) == len(apart[0]) + 1
    with program.store.read() as uow:
        other = uow.members.by_account(program.community.id, AccountRef(there, second.account("samuel")))
    assert other is not None
    assert program.outbox().keys() == {"sent"}
