"""What came of an event: who came, what was asked, which links were posted, what to go on with. Posts nothing.

Only what the readers of a recap may read anyway is in it: messages of rooms for everybody, or of the closed room that
the event belongs to. Whatever was said in the event's threads belongs to it; in its rooms, what was said during it.
Deleted messages, the bot's and commands are not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from bot.domain.events import HostedEvent, PlaceKind
from bot.domain.guests import SEATED, Standing
from bot.domain.incoming import RoomKind
from bot.domain.items import Course, Kind, Post
from bot.domain.permissions import PUBLIC, Viewer
from bot.domain.refs import MessageRef
from bot.domain.rooms import Message, Room
from bot.domain.text import clean_line, clip
from bot.ports import Engine, UnitOfWork
from bot.usecases.discussions import is_question
from bot.usecases.events.thread_places import ThreadPlace, thread_places
from bot.usecases.suggest import details
from recsys.types import Filter

BEFORE: Final = timedelta(minutes=15)
AFTER: Final = timedelta(minutes=30)
"""Around the event, what is said counts as said at it."""
QUESTIONS: Final = 5
LINKS: Final = 5
RELATED: Final = 3
_PAGE: Final = 200
_PAGES: Final = 10
_QUESTION: Final = 200
_URL: Final = re.compile(r"https?://[^\s<>\"'，。；）)\]]{4,500}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with how much it was taken up: answers and reactions."""

    text: str
    ref: MessageRef
    weight: int


@dataclass(frozen=True, slots=True)
class Shared:
    url: str
    people: int

    @property
    def shown(self) -> str:
        """Where it leads, short."""
        parts = urlsplit(self.url)
        return clip(f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}", 60)


@dataclass(frozen=True, slots=True)
class Related:
    """`score`: how near it is to the event, 0-1; None: the host named it with the event."""

    detail: Course | Post
    score: float | None


@dataclass(frozen=True, slots=True)
class Recap:
    """`came` of `seats`; where nobody checked in, `came` is None and only how many had a seat is known.
    `threads`: those that are open still."""

    came: int | None
    seats: int
    questions: tuple[Asked, ...] = ()
    links: tuple[Shared, ...] = ()
    related: tuple[Related, ...] = ()
    threads: tuple[ThreadPlace, ...] = ()


def find_recap(uow: UnitOfWork, engine: Engine, community_id: int, event: HostedEvent) -> Recap:
    guests = uow.guests.all(event.number).guests.values()
    came = sum(guest.standing is Standing.CHECKED_IN for guest in guests)
    seats = sum(guest.standing in SEATED for guest in guests)
    said = list(_said(uow, community_id, event))
    related = _related(uow, engine, community_id, event)
    threads = tuple(place for place in thread_places(uow, event) if place.open)
    return Recap(came or None, seats, _questions(said), _links(said), related, threads)


def _said(uow: UnitOfWork, community_id: int, event: HostedEvent) -> Iterator[Message]:
    """What people wrote in its threads, whenever, and elsewhere during it; oldest first in each room."""
    during, until = event.starts_at - BEFORE, event.ends_at + AFTER
    own = {row.thread_id for row in uow.threads.all(event.number)}
    for room in _rooms(uow, community_id, event, own - {None}):
        since = during if room.id not in own else datetime.min.replace(tzinfo=UTC)
        before: int | None = None
        found: list[Message] = []
        for _ in range(_PAGES):
            page = uow.messages.page(room.id, before=before, limit=_PAGE)
            found = page + found
            if len(page) < _PAGE or page[0].at < since:
                break
            before = page[0].id
        for message in found:
            theirs = not (message.by_bot or message.service or message.deleted_at or message.text.startswith("/"))
            if theirs and since <= message.at and (room.id in own or message.at <= until):
                yield message


def _rooms(uow: UnitOfWork, community_id: int, event: HostedEvent, own: Collection[int | None]) -> list[Room]:
    """Where it took place, otherwise where it was announced; with their threads, but those of other events, and always
    with its `own`."""
    others = uow.threads.others(community_id, event.number)
    held = [event.venue.room_id] if event.venue.kind is PlaceKind.ROOM and event.venue.room_id else list(event.rooms)
    readable = {PUBLIC, event.audience}
    return [
        room
        for room in uow.rooms.all(community_id)
        if (room.id in held or room.parent_id in held or room.id in own)
        and room.id not in others
        and room.kind is not RoomKind.DIRECT
        and room.audience in readable
    ]


def _questions(said: Sequence[Message]) -> tuple[Asked, ...]:
    """Those that most took up, earliest first among equals; the same question counts once."""
    found: dict[str, Asked] = {}
    for message in said:
        text = clean_line(message.text, limit=_QUESTION)
        if is_question(text) and len(text) >= 8:
            weight = 2 * message.replies + sum(reaction.count for reaction in message.reactions)
            key = re.sub(r"\W+", "", text).casefold()
            known = found.get(key)
            if known is None:
                found[key] = Asked(text, message.ref, weight)
            else:
                found[key] = Asked(known.text, known.ref, known.weight + weight + 1)
    return tuple(sorted(found.values(), key=lambda asked: -asked.weight)[:QUESTIONS])


def _links(said: Sequence[Message]) -> tuple[Shared, ...]:
    """Those that most people posted."""
    people: dict[str, set[int]] = {}
    for message in said:
        for url in _URL.findall(message.text):
            try:
                netloc = urlsplit(url).netloc
            except ValueError:
                continue
            if netloc:
                people.setdefault(url.rstrip(".,!?/"), set()).add(message.member_id)
    found = [Shared(url, len(who)) for url, who in people.items()]
    return tuple(sorted(found, key=lambda link: -link.people)[:LINKS])


def _related(uow: UnitOfWork, engine: Engine, community_id: int, event: HostedEvent) -> tuple[Related, ...]:
    """Courses named with the event, then what is nearest to it."""
    where = Filter(audiences=frozenset({PUBLIC}), kinds=frozenset({Kind.COURSE.value, Kind.POST.value}))
    scores: dict[str, float | None] = dict.fromkeys(event.courses)
    for hit in engine.related(event.item, k=RELATED, where=where):
        scores.setdefault(hit.item, hit.score)
    known = details(uow, Viewer.of_public(community_id), scores)
    found = [
        Related(detail, score) for item, score in scores.items() if isinstance(detail := known.get(item), Course | Post)
    ]
    return tuple(found[:RELATED])
