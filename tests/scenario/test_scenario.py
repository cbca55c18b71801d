"""The same story on every platform: come in, get to know each other, ask, press everything, talk, take back, leave.

What the program answers must be the same everywhere; only its form is each platform's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.refs import AccountRef
from tests.scenario.conftest import Plays
from tests.scenario.program import COURSES, Program
from tests.scenario.stage import Shown, Stage

Account = list[tuple[str, object]]
"""Of each step what it brought: the courses that are named, whether it is in Chinese, and what the buttons do."""

TITLES = [course.title for course in COURSES]
QUESTION = "为什么 tokio::spawn 需要 'static 生命周期？我的引用编译不过，借用检查器报错。"
ANSWER = "因为任务可能比创建它的栈帧活得更久，所以借用的数据必须一直有效。"


@dataclass
class Story:
    """What is done on one stage, and an account of what the program answered, without anything of the platform's."""

    program: Program
    stage: Stage
    account: Account = field(default_factory=list)

    def ask(self, name: str, command: str, words: str = "") -> Shown:
        """The last thing that they see afterwards; it must be new."""
        before = len(self.stage.sees(name))
        self.stage.commands(name, command, words)
        self.program.settle()
        seen = self.stage.sees(name)
        assert len(seen) > before, f"/{command} {words} was not answered"
        self.note(f"{name} asks /{command}", seen[before:])
        return seen[-1]

    def press(self, name: str, shown: Shown, act: str) -> None:
        before = {one.key: one for one in self.stage.sees(name)}
        self.stage.presses(name, shown, shown.code(act))
        self.program.settle()
        changed = [one for one in self.stage.sees(name) if before.get(one.key) != one]
        self.note(f"{name} presses {act}", changed)

    def again(self, name: str, shown: Shown) -> Shown:
        """The same message as it reads now."""
        return next(one for one in self.stage.sees(name) if one.key == shown.key)

    def note(self, what: str, messages: Sequence[Shown]) -> None:
        # Which parts can be used less differs with what is known: the web community's door asks for the language.
        acts = [[act for act in one.acts if not act.startswith("less")] for one in messages]
        said = [(_titles(one.text), _chinese(one.text)) for one in messages]
        # Short words are a message on Discord and pass by elsewhere, so only what can be pressed or read up is told.
        told = [(named, pressed) for named, pressed in zip(said, acts, strict=True) if named[0] or pressed]
        self.account.append((what, sorted(told)))


def _titles(text: str) -> list[str]:
    """The courses that are named, in order; each once."""
    places = sorted((text.index(title), title) for title in TITLES if title in text)
    return [title for _, title in places]


def _chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def tell(program: Program, stage: Stage) -> Account:
    """The whole story. Returns the account of it."""
    story = Story(program, stage)
    stage.joins("mei", language="zh")
    stage.joins("sam")
    program.settle()

    # Getting to know each other, then the first list.
    start = story.ask("sam", "start")
    story.press("sam", start, "t-0")
    for _ in range(4):
        start = story.again("sam", start)
        story.press("sam", start, "next")
    member = program.member(stage, "sam")
    assert member.onboarded_at is not None
    story.account.append(("sam's topics", member.profile.topics))

    # A question with its answer in the common room; asked again in Chinese, it is answered with it.
    asked = stage.says("mei", QUESTION)
    program.settle()
    stage.says("sam", ANSWER, answering=asked)
    program.settle()
    program.allow(stage)
    program.index()
    answer = story.ask("mei", "ask", "tokio::spawn 为什么需要 'static 生命周期？")
    assert ANSWER[:20] in answer.text
    assert _chinese(answer.text)

    # Every kind of button, wherever it appears.
    story.ask("sam", "learn", "rust")
    story.ask("sam", "foryou")
    pressed: set[str] = set()
    while todo := [(one, act) for one in stage.sees("sam") for act in one.acts if _kind(act) not in pressed]:
        one, act = todo[0]
        pressed.add(_kind(act))
        if act.startswith("less"):
            stage.presses("sam", one, one.code(act))
            program.settle()
        else:
            story.press("sam", one, act)
    assert {"enrol", "save", "hide", "why", "undo"} <= pressed
    with program.store.read() as uow:
        done = sorted({act.signal.value for act in uow.interactions.of_member(member.id)})
    story.account.append(("sam did", done))
    assert done

    # Talk: edited, liked, no longer liked, taken back.
    said = stage.says("mei", "first wrods")
    program.settle()
    stage.edits("mei", said, "first words")
    stage.reacts("sam", said, "👍")
    program.settle()
    assert program.texts(stage)[-1] == "first words"
    story.account.append(("liked", _reactions(program, stage)))
    stage.reacts("sam", said, "👍", present=False)
    program.settle()
    story.account.append(("no longer", _reactions(program, stage)))
    if stage.tells_of_deletions:
        stage.deletes("mei", said)
        program.settle()
        assert program.texts(stage)[-1] == ""

    stage.leaves("mei")
    program.settle()
    if stage.tells_of_leaving:
        with program.store.read() as uow:
            room = uow.rooms.by_ref(program.community.id, stage.room())
            mei = uow.members.by_account(program.community.id, AccountRef(stage.platform, stage.account("mei")))
            assert room is not None
            assert mei is not None
            assert mei.id not in uow.rooms.members_of(room.id)
    assert program.inbox().keys() == {"done"}
    assert program.outbox().keys() == {"sent"}
    return story.account


def _kind(act: str) -> str:
    """Chips of one question, and switches of one list, do the same."""
    return act.partition("-")[0]


def _reactions(program: Program, stage: Stage) -> list[tuple[str, int]]:
    with program.store.read() as uow:
        room = uow.rooms.by_ref(program.community.id, stage.room())
        assert room is not None
        return [(one.emoji, one.count) for one in uow.messages.page(room.id)[-1].reactions]


@pytest.fixture(scope="module")
def on_the_web() -> Account:
    """Told once, on the platform that needs nobody else."""
    return []


@pytest.mark.parametrize("platform", ["web", "telegram", "discord"])
def test_the_same_story_everywhere(platform: str, plays: Plays, on_the_web: Account) -> None:
    if not on_the_web:
        program = plays("web")
        on_the_web += tell(program, program.stages["web"])
    program = plays(platform)
    assert tell(program, program.stages[platform]) == on_the_web
