"""``/ask``: the best passages with author, date and link, and a plain "not here" when the evidence is weak."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Course, ItemId, Kind, Post
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
from bot.domain.rooms import Message
from bot.domain.text import clean_line, clip
from bot.ports import ButtonRow, Engine, Ids, Store
from bot.usecases.discussions import SOLVED, columns
from bot.usecases.suggest import Detail, details
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording
from recsys.types import Filter, Hit

PASSAGES: Final = 3
CONFIDENT: Final = 0.5
"""From this confidence a passage counts as an answer; below it, only as the nearest there is."""
_GOOD: Final = 0.7
_QUOTE: Final = 420
_DISCUSSIONS: Final = 5
_COURSES: Final = 2
_SHORTEST: Final = 40
"""Columns: a Chinese character counts for two. Shorter replies are thanks and greetings."""

# How well a discussion's question matches, and how well the answer's sentence does; the check mark helps a little. The
# logistic was set on questions that the sample's discussions answer against questions about anything else.
_MATCH: Final = 0.65
_CHECKED: Final = 0.05
_SLOPE: Final = 12.0
_HALF: Final = 0.42


@dataclass(frozen=True, slots=True)
class Found:
    """One passage, quoted as it stands, with who said it where. `message` None: it is a course's description."""

    item: str
    text: str
    score: float
    confidence: float
    detail: Detail
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Passages that answer, or the nearest ones (`weak`)."""

    passages: tuple[Found, ...]
    weak: bool


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """The best answers of the best matching discussions; courses only where no discussion answers."""

    store: Store
    engine: Engine

    def __call__(self, viewer: Viewer, words: str, at: datetime) -> Answer:
        matched = self._search(viewer, words, at, Kind.POST, _DISCUSSIONS)
        found = self._passages(viewer, words, matched)
        strong = [passage for passage in found if passage.confidence >= CONFIDENT][:PASSAGES]
        if strong:
            return Answer(tuple(strong), weak=False)
        courses = self._search(viewer, words, at, Kind.COURSE, _COURSES)
        with self.store.read() as uow:
            known = details(uow, viewer, (hit.item for hit in courses))
        nearest = [
            Found(hit.item, course.summary, hit.score, 0.0, course)
            for hit in courses
            if isinstance(course := known.get(hit.item), Course)
        ]
        return Answer((*found[:1], *nearest)[:PASSAGES], weak=True)

    def _search(self, viewer: Viewer, words: str, at: datetime, kind: Kind, k: int) -> list[Hit]:
        where = Filter(audiences=frozenset(viewer.audiences), kinds=frozenset({kind.value}))
        return self.engine.search(words, k=k, where=where, now=at.timestamp())

    def _passages(self, viewer: Viewer, words: str, matched: list[Hit]) -> list[Found]:
        """Every usable reply of the matched discussions competes; one passage a discussion, best first."""
        replies: dict[str, tuple[Hit, Post, Message]] = {}
        with self.store.read() as uow:
            known = details(uow, viewer, (hit.item for hit in matched))
            for hit in matched:
                post = known.get(hit.item)
                root = uow.messages.by_ref(viewer.community_id, post.root) if isinstance(post, Post) else None
                if root is None or not isinstance(post, Post):
                    continue
                for message in uow.messages.discussion(root.id):
                    usable = message.id != root.id and message.deleted_at is None and not message.service
                    if usable and not message.by_bot and columns(message.text) >= _SHORTEST:
                        replies[str(message.id)] = (hit, post, message)
        rated = self.engine.passages(
            words, [(key, reply[2].text) for key, reply in replies.items()], k=len(replies) or 1
        )
        best: dict[str, Found] = {}
        for passage in rated:
            hit, post, message = replies[passage.item]
            checked = any(reaction.emoji in SOLVED for reaction in message.reactions)
            score = _MATCH * hit.score + (1 - _MATCH) * passage.score + _CHECKED * checked
            if post.item not in best or score > best[post.item].score:
                text = clip(message.text, _QUOTE)
                best[post.item] = Found(post.item, text, score, confidence(score), post, message)
        return sorted(best.values(), key=lambda found: (-found.score, found.item))


def confidence(score: float) -> float:
    """How sure one may be that a passage with this score answers: a logistic curve."""
    return 1.0 / (1.0 + math.exp(-_SLOPE * (score - _HALF)))


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
    blocks += [Quote((Text(clip(passage.text, _QUOTE)),), source_of(wording, passage)) for passage in answer.passages]
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


def source_of(wording: Wording, found: Found) -> Inlines:
    """Who, when and where, with a link to it."""
    match found.detail:
        case Post() as post:
            said = found.message
            author, at = (said.author, said.at) if said else (post.author_name, post.created_at)
            source = wording.say("ask-source", author=author, day=wording.day(at.date()), room=post.room_name)
            solved = (Text(" " + wording.say("fact-solved")),) if post.solved else ()
            return (MessageLink(post.title, said.ref if said else post.root), Text(f" — {source}"), *solved)
        case Course() as course:
            provider = (Text(f" — {course.provider}"),) if course.provider else ()
            return (Link(course.title, course.url) if course.url else Text(course.title), *provider)
        case _:
            return (Text(found.detail.title),)


@dataclass(frozen=True, slots=True)
class PressAnswer:
    """ "Solved it" and "Not it": what the asker says of the passages."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, act: str, items: list[str], token: str) -> bool:
        """False: there is no such act."""
        if act not in {"solved", "notit"}:
            return False
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
