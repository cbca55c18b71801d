"""``/ask``: the best passages with author, date and link, and a plain "not here" when the evidence is weak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Course, ItemId, Post
from bot.domain.outgoing import (
    Block,
    Button,
    Heading,
    Inlines,
    Link,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Quote,
    Style,
    Text,
)
from bot.domain.permissions import Viewer
from bot.domain.text import clean_line, clip
from bot.ports import ButtonRow, Ids, Store
from bot.usecases.suggest import Detail, FindPassages
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording
from recsys.types import Passage

PASSAGES: Final = 3
CONFIDENT: Final = 0.5
"""From this confidence a passage counts as an answer; below it, only as the nearest there is."""
_GOOD: Final = 0.7
_QUOTE: Final = 420


@dataclass(frozen=True, slots=True)
class Answer:
    """Passages that answer (or the nearest ones, `weak`) with what they are from."""

    passages: tuple[Passage, ...]
    details: dict[str, Detail]
    weak: bool


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """The passages for a question, judged."""

    find: FindPassages

    def __call__(self, viewer: Viewer, words: str, at: datetime) -> Answer:
        passages, known = self.find(viewer, words, k=PASSAGES, at=at)
        strong = [passage for passage in passages if passage.confidence >= CONFIDENT]
        kept = strong or passages[:2]
        return Answer(tuple(kept), known, weak=not strong)


@dataclass(frozen=True, slots=True)
class Ask:
    """Answers in the room where it was asked from what everybody there may read, or personally in a direct room."""

    store: Store
    find: FindAnswer
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:
        question = clean_line(words, limit=400)
        say = turn.wording.say
        if not question:
            with self.store.write() as uow:
                if turn.begin(uow):
                    usage = Outgoing((Paragraph((Text(say("ask-usage")),)),), language=turn.wording.language)
                    self.answering.reply(uow, turn, usage)
                    uow.commit()
            return
        viewer = turn.viewer if turn.room.kind is RoomKind.DIRECT else Viewer.of_public(turn.community.id)
        answer = self.find(viewer, question, turn.at)
        token = self.ids.code()
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            best = max((p.confidence for p in answer.passages), default=0.0)
            uow.demand.add(turn.community.id, turn.member.id, "ask", question, best, turn.at)
            payload = {"items": [p.item for p in answer.passages], "question": question}
            uow.buttons.add(turn.community.id, [ButtonRow(token, "ask", payload, turn.member.id, turn.at)])
            message = answer_message(turn.wording, question, answer, token)
            self.answering.reply(
                uow,
                turn,
                message,
                public=turn.room.kind is not RoomKind.DIRECT,
                items=[p.item for p in answer.passages],
            )
            uow.commit()


def answer_message(wording: Wording, question: str, answer: Answer, token: str) -> Outgoing:
    """Passages as quotes with their sources; buttons only where there is something to judge."""
    say = wording.say
    blocks: list[Block] = [Heading(say("ask-heading", words=clip(question, 120)))]
    if answer.weak:
        lead = say("ask-nothing")
        if answer.passages:
            lead += " " + say("ask-nearest")
        blocks.append(Paragraph((Text(lead),)))
    else:
        blocks.append(Paragraph((Text(say("ask-lead", count=len(answer.passages))),)))
    for passage in answer.passages:
        detail = answer.details[passage.item]
        blocks.append(Quote((Text(clip(passage.text, _QUOTE)),), source_of(wording, detail)))
    if not answer.passages:
        return Outgoing(tuple(blocks), language=wording.language)
    best = max(passage.confidence for passage in answer.passages)
    level = "good" if best >= _GOOD else "fair" if best >= CONFIDENT else "low"
    value = wording.number(best, 2)
    blocks.append(Note((Text(say("ask-confidence", level=say(f"ask-confidence-{level}"), value=value)),)))
    buttons = (
        Button(say("button-solved"), f"v1:solved:{token}", style=Style.SUCCESS),
        Button(say("button-not-it"), f"v1:notit:{token}"),
    )
    return Outgoing(tuple(blocks), (buttons,), wording.language)


def source_of(wording: Wording, detail: Detail) -> Inlines:
    """Who, when and where, with a link to it."""
    match detail:
        case Post():
            day = wording.day(detail.created_at.date())
            solved = (Text(" " + wording.say("fact-solved")),) if detail.solved else ()
            source = wording.say("ask-source", author=detail.author_name, day=day, room=detail.room_name)
            return (MessageLink(detail.title, detail.root), Text(f" — {source}"), *solved)
        case Course():
            provider = Text(f" — {detail.provider}") if detail.provider else Text("")
            return (Link(detail.title, detail.url) if detail.url else Text(detail.title), provider)
        case _:
            return (Text(detail.title),)


@dataclass(frozen=True, slots=True)
class PressAnswer:
    """ "Solved it" and "Not it": what the asker says of the passages."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, act: str, items: list[str], token: str) -> bool:
        signal = Signal.HELPFUL if act == "solved" else Signal.UNHELPFUL
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            other = Signal.UNHELPFUL if act == "solved" else Signal.HELPFUL
            for item in items:
                uow.interactions.withdraw(turn.community.id, f"ask:{token}:{item}:{other.value}")
                uow.interactions.add(
                    turn.community.id,
                    Interaction(turn.member.id, ItemId(item), signal, turn.at, f"ask:{token}:{item}:{signal.value}"),
                )
            self.answering.notice(uow, turn, turn.wording.say("notice-thanks"))
            uow.commit()
        return True
