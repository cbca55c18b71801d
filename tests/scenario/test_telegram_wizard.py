"""A form on Telegram is asked question by question in the private chat: by plain words and buttons, over a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import Application
from bot.domain.permissions import Role
from bot.settings import Settings
from tests.fakes.clock import SeededIds
from tests.fakes.encoder import InProcessEncoder
from tests.scenario.conftest import Plays
from tests.scenario.program import Program
from tests.scenario.stage import Shown
from tests.scenario.telegram import TelegramStage


class Host:
    """Somebody who may make events, alone with the bot."""

    def __init__(self, program: Program) -> None:
        stage = program.stages["telegram"]
        assert isinstance(stage, TelegramStage)
        self.program, self.stage = program, stage
        stage.joins("mei")
        stage.commands("mei", "help")
        program.settle()
        with program.store.write() as uow:
            uow.members.update(replace(program.member(stage, "mei"), role=Role.OWNER, timezone="Asia/Shanghai"))
            uow.commit()

    def says(self, text: str) -> Shown:
        self.stage._people["mei"].sends(None, text)
        return self._last()

    def presses(self, act: str) -> Shown:
        shown = next(one for one in reversed(self.stage.sees("mei")) if act in one.acts)
        self.stage.presses("mei", shown, shown.code(act))
        self.program.settle()
        return next(one for one in self.stage.sees("mei") if one.key == shown.key)

    def _last(self) -> Shown:
        self.program.settle()
        return self.stage.sees("mei")[-1]

    def restart(self) -> None:
        """Only what is in the store is still known."""
        program = self.program
        settings = Settings(home=program.app.settings.home, encoder="hashing")
        program.app = Application(
            settings, program.store, program.community, encoder=InProcessEncoder(), ids=SeededIds(99)
        )
        program._dispatcher = program.app.dispatcher({"telegram": self.stage.parse}, lambda: None, forms=frozenset())


@pytest.fixture
def host(plays: Plays) -> Host:
    return Host(plays("telegram"))


def test_an_event_is_made_by_answering_one_question_after_the_other(host: Host) -> None:
    title = host.says("/newevent")
    assert "Title" in title.text
    assert "1 of 5" in title.text
    when = host.says("Chat servers, live")
    assert "When" in when.text
    assert "fri 19:30" in when.text
    assert "How long" in host.says("tomorrow 19:30").text
    assert "Where" in host.says("90 min").text
    host.says("#stage")
    preview = host.says("We build one together.")
    assert "Chat servers, live" in preview.text
    assert host.program.inbox().keys() == {"done"}
    assert host.program.outbox().keys() <= {"sent"}


def test_back_cancel_and_taking_it_up_again_after_a_restart(host: Host) -> None:
    day = host.program.clock.now() + timedelta(days=60)
    first, other = f"{day:%Y-%m-%d} 19:30", f"{day + timedelta(days=1):%Y-%m-%d} 19:30"
    host.says("/newevent")
    host.says("Chat servers")
    assert "too far ahead" in host.says("2099-01-09 19:30").text
    when = host.says(first)
    assert "How long" in when.text
    back = host.presses("back")
    assert "When" in back.text
    assert first in back.text
    host.restart()
    left = host.says("/cancel")
    assert "put aside" in left.text
    assert "/newevent" not in left.text
    # Put aside, plain words are what they look like again.
    answered = host.says("rust courses")
    assert "Ownership in Rust" in answered.text
    host.restart()
    host.presses("open")
    now = host.stage.sees("mei")[-1]
    assert "When" in now.text
    assert first in now.text
    assert "How long" in host.says(other).text


def test_a_double_press_is_harmless_and_every_press_is_answered(host: Host) -> None:
    host.says("/newevent")
    asked = host.says("Chat servers")
    for _ in range(2):
        host.stage.presses("mei", asked, asked.code("back"))
    host.program.settle()
    now = next(one for one in host.stage.sees("mei") if one.key == asked.key)
    assert "1 of 5" in now.text
    assert "Chat servers" in now.text
    assert host.program.inbox().keys() == {"done"}
    pressed = host.stage._server.world.pressed
    host.stage._server.until(lambda: all(press.answer is not None for press in pressed.values()))


def test_plain_words_in_a_group_are_never_taken_for_an_answer(host: Host) -> None:
    asked = host.says("/newevent")
    host.stage.says("mei", "Chat servers")
    host.program.settle()
    assert host.stage.sees("mei")[-1] == asked


def test_what_cannot_be_is_asked_again_and_a_time_of_two_meanings_is_one_tap(host: Host) -> None:
    host.says("/newevent")
    assert "letters or digits" in host.says("🦀🦀🦀").text
    host.says("Chat servers, live")
    assert host.says("yesterday 7pm").acts.count("mean-0") == 1
    for answer in ("fri 8", "90 min", "-", "We build one together."):
        host.says(answer)
    preview = host.presses("mean-1")
    assert "Chat servers, live" in preview.text
    assert "20:00–21:30 (Asia/Shanghai)" in preview.text
    assert host.program.inbox().keys() == {"done"}
