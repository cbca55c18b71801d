"""When a discussion becomes a Post worth suggesting, and what of it is embedded. Knows messages; knows no vectors."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.items import Post
from bot.domain.rooms import Message, Room
from bot.domain.text import clean_line, clip, language_of
from bot.ports import UnitOfWork
from recsys.sentences import sentences

MIN_TEXT: Final = 16
"""Shorter openings ("hi all") tell nobody what a discussion is about."""
SUBSTANTIAL: Final = 50
"""Columns from which an answer says something; thanks and welcomes are shorter."""
LIKED: Final = 2
MAX_REPLIES_EMBEDDED: Final = 6
_TITLE: Final = 90
_REPLY: Final = 500
_QUESTION: Final = re.compile(
    r"[?？]|^\W*(?:how|why|what|which|when|where|who|can|could|should|does|do|is|are|anyone|has anyone)\b"
    r"|怎么|如何|为什么|为啥|请问|求助|吗[。！\s]*$",
    re.IGNORECASE,
)
SOLVED: Final = frozenset({"✅", "☑️", "✔️"})


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def title_of(text: str) -> str:
    """The first sentence that says something, clipped."""
    found = sentences(text)
    return clip(clean_line(next((s for s in found if len(s) >= MIN_TEXT), found[0] if found else text)), _TITLE)


def worth_suggesting(room: Room, opening: Message, answers: list[Message]) -> bool:
    """A question, or something that others took up in more than a greeting; never service messages, direct rooms or
    the bot's own words."""
    if opening.service or opening.by_bot or opening.deleted_at is not None:
        return False
    if not room.indexed or room.kind is RoomKind.DIRECT or len(opening.text) < MIN_TEXT:
        return False
    if opening.text.startswith("/"):
        return False
    if is_question(opening.text):
        return True
    liked = sum(reaction.count for reaction in opening.reactions) >= LIKED
    return liked or any(not answer.by_bot and columns(answer.text) >= SUBSTANTIAL for answer in answers)


def columns(text: str) -> int:
    """The width of a text: a Chinese character says as much as two Latin letters."""
    return len(text) + sum(char > "\u2e7f" for char in text)


def is_solved(opening: Message, answers: list[Message]) -> bool:
    """Somebody marked an answer (or the opening) with a check mark."""
    return any(reaction.emoji in SOLVED for message in (opening, *answers) for reaction in message.reactions)


def text_of(opening: Message, answers: list[Message]) -> str:
    """What is embedded and searched: the opening and the answers that drew most reactions, then the longest."""
    best = sorted(
        (a for a in answers if len(a.text) >= MIN_TEXT and not a.by_bot),
        key=lambda a: (-sum(r.count for r in a.reactions), -min(len(a.text), _REPLY), a.id),
    )[:MAX_REPLIES_EMBEDDED]
    parts = [clip(opening.text, 4 * _REPLY)]
    parts += [clip(answer.text, _REPLY) for answer in sorted(best, key=lambda a: a.id)]
    return "\n".join(parts)


def refresh_post(uow: UnitOfWork, room: Room, root_id: int) -> Post | None:
    """Bring the Post of a discussion in line with its messages; withdraws it when nothing is left to suggest."""
    messages = uow.messages.discussion(root_id)
    opening = next((message for message in messages if message.id == root_id), None)
    if opening is None:
        uow.posts.withdraw(root_id)
        return None
    answers = [m for m in messages if m.id != root_id and m.deleted_at is None and not m.service]
    if not worth_suggesting(room, opening, answers):
        uow.posts.withdraw(root_id)
        return None
    text = text_of(opening, answers)
    post, _ = uow.posts.promote(
        root_id,
        title=title_of(opening.text),
        text=text,
        language=language_of(opening.text),
        solved=is_solved(opening, answers),
    )
    return post
