"""Every setting of the digest by its buttons, on each platform through its real SDK: kept, after a restart too, and
only by whom they are for; then the digest itself, and one tap that stops it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import time

import pytest

from bot.domain.digests import DigestSettings, Section
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.schedules import Frequency, Job
from tests.scenario.conftest import Plays
from tests.scenario.program import Program
from tests.scenario.stage import Shown, Stage

PRESSES: list[tuple[str, list[tuple[str, dict[str, object]]]]] = [
    (
        "when",
        [
            ("f-daily", {"frequency": Frequency.DAILY}),
            ("f-weekly", {"frequency": Frequency.WEEKLY}),
            ("d2", {"weekday": 2}),
            ("h9", {"at": time(9)}),
            ("later", {"at": time(9, 30)}),
            ("earlier", {"at": time(9)}),
        ],
    ),
    (
        "quiet",
        [
            ("q23-7", {"quiet_start": 23, "quiet_end": 7}),
            ("qs-later", {"quiet_start": 0}),
            ("qe-earlier", {"quiet_end": 6}),
            ("q0-0", {"quiet_start": 0, "quiet_end": 0}),
        ],
    ),
    (
        "content",
        [
            ("length3", {"length": 3}),
            ("s-help", {"sections": frozenset(Section)}),
            ("s-you", {"sections": frozenset(Section) - {Section.YOU}}),
            ("g-zh", {"language": "zh"}),
            ("g-en", {"language": "en"}),
        ],
    ),
]


class Reader:
    """Sam, who presses what they see."""

    def __init__(self, program: Program, stage: Stage) -> None:
        self.program, self.stage = program, stage
        stage.joins("sam")
        stage.joins("mei", language="zh")
        program.settle()
        stage.greets("sam")
        program.settle()
        sam = program.member(stage, "sam")
        done = Interaction(sam.id, ItemId("course:rust-1"), Signal.COMPLETE, program.clock.now(), "finished")
        with program.store.write() as uow:
            uow.members.update(replace(sam, profile=replace(sam.profile, topics=("rust", "python", "go"))))
            uow.interactions.add(program.community.id, done)
            uow.commit()

    def settings(self) -> DigestSettings:
        with self.program.store.read() as uow:
            return uow.digests.get(self.program.member(self.stage, "sam").id)

    def asks(self) -> Shown:
        self.stage.commands("sam", "digest")
        self.program.settle()
        return self.stage.sees("sam")[-1]

    def press(self, shown: Shown, act: str) -> Shown:
        """The same message as it reads afterwards."""
        now = self.now(shown)
        self.stage.presses("sam", now, now.code(act))
        self.program.settle()
        return self.now(shown)

    def waits_for_the_hour(self) -> None:
        program = self.program
        program.plan()
        with program.store.read() as uow:
            whose = f"member:{program.member(self.stage, 'sam').id}"
            due = uow.schedules.next_at(program.community.id, Job.DIGEST, whose)
        assert due is not None
        program.waits(seconds=(due - program.clock.now()).total_seconds() + 60)
        program.plan()
        program.waits(minutes=6)

    def now(self, shown: Shown) -> Shown:
        return next(one for one in self.stage.sees("sam") if one.key == shown.key)


@pytest.mark.parametrize("platform", ["web", "telegram", "discord"])
def test_the_digest_is_set_by_buttons_sent_and_stopped(plays: Plays, platform: str) -> None:
    program = plays(platform)
    stage = program.stages[platform]
    sam = Reader(program, stage)

    shown = sam.asks()
    assert "Off. I send nothing unasked." in shown.text
    shown = sam.press(shown, "on")
    assert sam.settings().enabled
    assert sam.settings().platform == platform
    for page, presses in PRESSES:
        shown = sam.press(shown, f"p-{page}")
        for act, wanted in presses:
            shown = sam.press(shown, act)
            assert {name: getattr(sam.settings(), name) for name in wanted} == wanted, act
        shown = sam.press(shown, "p-main")
    shown = sam.press(shown, "p-where")
    shown = sam.press(sam.press(shown, f"w-{platform}"), "p-main")
    shown = sam.press(shown, "p-zone")
    assert program.member(stage, "sam").timezone == "UTC"
    zones = [label for label, code in shown.buttons if code == shown.code("z1")]
    shown = sam.press(shown, "z1")
    assert program.member(stage, "sam").timezone in zones[0]
    assert "Every Wednesday at 09:00" in shown.text

    # Said twice it is said once, on a button that somebody presses in a hurry.
    for _ in range(2):
        stage.presses("sam", shown, shown.code("skip"))
    program.settle()
    assert sam.settings().skip_next
    shown = sam.press(shown, "unskip")
    shown = sam.press(sam.press(shown, "p-pause"), "pause2")
    assert sam.settings().paused_until is not None
    assert "Paused: it comes again from" in shown.text

    # What is pressed after a restart works; what another presses does not.
    program.restart()
    with suppress(Exception):  # most platforms do not even let them
        stage.presses("mei", shown, shown.code("stop"))
    program.settle()
    assert sam.settings().enabled
    shown = sam.press(shown, "resume")
    assert sam.settings().paused_until is None

    before = len(stage.sees("sam"))
    stage.presses("sam", shown, shown.code("preview"))
    program.settle()
    preview = stage.sees("sam")[before:][-1]
    assert "This is a preview" in preview.text

    sam.waits_for_the_hour()
    (letter,) = [one for one in stage.sees("sam") if "Your week in Ferris Hall" in one.text and one.key != preview.key]
    assert "You get this because you switched it on." in letter.text
    assert {"like", "hide", "save", "why", "settings", "skip", "p-pause", "stop", "privacy"} <= set(letter.acts)
    letter = sam.press(letter, "like")
    letter = sam.press(letter, "stop")
    assert not sam.settings().enabled
    assert "For you" in letter.text, "it stays readable"
    letter = sam.press(letter, "why-time")
    assert sam.settings().last_note == "stop-time"
    program.waits(days=7)
    program.plan()
    program.waits(hours=1)
    assert len([one for one in stage.sees("sam") if "Your week in Ferris Hall" in one.text]) == 2
    with program.store.read() as uow:
        assert uow.schedules.outcomes(program.community.id, Job.DIGEST)["done"] == 1
    assert program.inbox().keys() == {"done"}
