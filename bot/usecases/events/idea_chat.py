"""``/event ideas``: what staff is shown of ideas, and the form that one of them opens. Knows views; finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.forms import prefilled
from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    Heading,
    Inlines,
    LocalTime,
    Note,
    Outgoing,
    Paragraph,
    Strong,
    Text,
)
from bot.domain.permissions import StaffAction
from bot.domain.text import clip
from bot.ports import ButtonRow, Ids, Store
from bot.usecases.events import forms
from bot.usecases.events.ideas import FindIdeas, Idea
from bot.usecases.forms import AskForm
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording
from recsys.rules import FEWEST

WORDS: Final = frozenset({"ideas", "idea", "主意", "建议", "想法"})
_LABEL: Final = 40


def ideas_message(wording: Wording, found: list[Idea], timezone: str, codes: list[str]) -> Outgoing:
    """The best first, each with what is expected and why; `codes`: of the button of each (none on the command line)."""
    say = wording.say
    blocks: list[Block] = [Heading(say("idea-heading"))]
    if not found:
        blocks.append(Paragraph((Text(say("idea-none", count=FEWEST)),)))
        return Outgoing(tuple(blocks), language=wording.language)
    for number, idea in enumerate(found, 1):
        blocks.append(Paragraph((Strong(f"{number}. {idea.label}"),)))
        blocks.append(Bullets(tuple(_lines(wording, idea, timezone))))
    blocks.append(Note((Text(say("idea-note", count=FEWEST)),)))
    rows = tuple(
        (Button(say("button-idea", title=clip(idea.label, _LABEL)), code_of("plan", code)),)
        for idea, code in zip(found, codes, strict=False)
    )
    return Outgoing(tuple(blocks), rows, wording.language)


def _lines(wording: Wording, idea: Idea, timezone: str) -> list[Inlines]:
    say, turnout = wording.say, idea.turnout
    lines: list[Inlines] = [
        (Text(say("idea-people", count=idea.people)),),
        (Text(say("idea-turnout", likely=turnout.likely, low=turnout.low, high=turnout.high)),),
    ]
    for slot in idea.slots:
        moment = LocalTime(slot.at, wording.moment(slot.at, timezone))
        lines.append((moment, Text(f" · {say('idea-around', count=slot.around, of=slot.of)}")))
    if idea.hosts:
        names = wording.listing([say("idea-host", name=host.name, count=host.answers) for host in idea.hosts])
        lines.append((Text(say("idea-hosts", names=names)),))
    else:
        lines.append((Text(say("idea-no-hosts")),))
    if idea.coming:
        lines.append((Text(say("idea-coming", title=idea.coming)),))
    return lines


def draft_of(wording: Wording, idea: Idea, timezone: str) -> dict[str, str]:
    """What the form is filled with: title, when, how long, what it is about."""
    say, zone = wording.say, ZoneInfo(timezone)
    return {
        "title": clip(say("idea-title", topic=idea.label), 100),
        "when": f"{idea.slots[0].at.astimezone(zone):%Y-%m-%d %H:%M}" if idea.slots else "",
        "length": str(idea.minutes),
        "about": say("idea-about", count=idea.people, topic=idea.label),
    }


@dataclass(frozen=True, slots=True)
class IdeasCommand:
    """Staff only. The answer is private: a wish of few is nobody else's business."""

    store: Store
    find: FindIdeas
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        if not turn.may(StaffAction.HOST_EVENTS):
            say_plainly(self.store, self.answering, turn, turn.wording.say("idea-staff-only"))
            return
        found = self.find(turn.community, turn.member.timezone, turn.at)
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            codes = [self.ids.code() for _ in found]
            rows = [
                ButtonRow(code, "idea", draft_of(turn.wording, idea, turn.member.timezone), turn.member.id, turn.at)
                for code, idea in zip(codes, found, strict=True)
            ]
            uow.buttons.add(turn.community.id, rows)
            message = ideas_message(turn.wording, found, turn.member.timezone, codes)
            self.answering.reply(uow, turn, message)
            uow.commit()


@dataclass(frozen=True, slots=True)
class EventOrIdeas:
    """``/event ideas`` beside ``/event <name>``."""

    event: Callable[[Turn, str], None]
    ideas: IdeasCommand

    def __call__(self, turn: Turn, words: str) -> None:
        if words.strip().casefold() in WORDS:
            self.ideas(turn, "")
        else:
            self.event(turn, words)


@dataclass(frozen=True, slots=True)
class PressIdea:
    """The form of a new event, filled with the idea."""

    store: Store
    answering: Answering
    ask: AskForm

    def __call__(self, turn: Turn, act: str, draft: dict[str, str]) -> bool:
        if act != "plan":
            return False
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            if not turn.may(StaffAction.HOST_EVENTS):
                self.answering.notice(uow, turn, turn.wording.say("idea-staff-only"))
            else:
                form = forms.basics(turn.wording, None, turn.member.timezone)
                filled = prefilled(form, {name: (value,) for name, value in draft.items() if value})
                self.ask(uow, turn, filled, forms.BASICS, {"event": "", "room": 0})
            uow.commit()
        return True
