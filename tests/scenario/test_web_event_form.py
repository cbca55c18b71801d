"""The form of an event in the browser's hands: what cannot be comes back with all that was typed, and a time of two
meanings is a button that sends the form."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.permissions import Role
from tests.scenario.conftest import Plays
from tests.scenario.program import Program
from tests.scenario.stage import Shown
from tests.scenario.web import WebStage

GOOD = {"f:title": "Chat servers", "f:when": "fri 8", "f:length": "90 min", "f:place": "", "f:about": "We build one."}


def send(stage: WebStage, program: Program, fields: dict[str, str]) -> Shown:
    asked = stage.sees("mei")[-1]
    path = "/rooms/{}/messages/{}".format(*asked.native)
    html = stage._browsers["mei"].open(path.partition("/messages")[0])
    code = html.rpartition('value="submit:')[2].partition('"')[0]
    answer = stage._browsers["mei"].send(path, do=f"submit:{code}", **fields)
    assert answer.status_code == 202, answer.text
    program.settle()
    return stage.sees("mei")[-1]


def test_bad_input_and_a_time_of_two_meanings(plays: Plays) -> None:
    program = plays("web")
    stage = program.stages["web"]
    assert isinstance(stage, WebStage)
    stage.joins("mei")
    program.settle()
    with program.store.write() as uow:
        uow.members.update(replace(program.member(stage, "mei"), role=Role.OWNER, timezone="Asia/Shanghai"))
        uow.commit()
    stage.commands("mei", "newevent")
    program.settle()
    for wrong, said in [
        ({"f:title": "x" * 3_900}, "At most 100 characters"),
        ({"f:title": "🎉🎉"}, "letters or digits"),
        ({"f:when": "2026-01-01 19:00"}, "passed"),
        ({"f:length": "forever"}, "A length such as"),
    ]:
        assert said in send(stage, program, GOOD | wrong).text, said
    asked = send(stage, program, GOOD)
    assert "morning or in the evening" in asked.text
    stage.presses("mei", asked, asked.code("mean-1"))
    program.settle()
    preview = stage.sees("mei")[-1]
    assert "Chat servers" in preview.text
    assert "20:00–21:30 (Asia/Shanghai)" in preview.text
