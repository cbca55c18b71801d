"""What is known of many members at once, for their digests. Reads only; the statements do not grow with the members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Event, ItemId, Post
from bot.domain.permissions import Audience, Viewer, visible
from bot.ports import UnitOfWork
from bot.usecases.discussions import is_question
from bot.usecases.suggest import HISTORY, SHOWN_DAYS, Detail, details

SURFACES: Final = ("digest", "digest-side")
"""What a digest suggests by score, and what stands beside it; neither comes twice."""
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_OPEN_FOR: Final = timedelta(days=10)
_QUESTIONS: Final = 400
_EVENTS_AHEAD: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Known:
    """Of one member. `shown`: how often, lately; `often`: what was ever shown twice or more; `before`: everything that
    a digest had; `last`: when they got the last one."""

    history: Sequence[Interaction] = ()
    by_signal: Mapping[Signal, Sequence[ItemId]] = field(default_factory=dict)
    shown: Mapping[ItemId, int] = field(default_factory=dict)
    often: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    last: datetime | None = None

    def of(self, *signals: Signal) -> list[ItemId]:
        return [item for signal in signals for item in self.by_signal.get(signal, ())]


def known_of(uow: UnitOfWork, members: Collection[int], at: datetime) -> dict[int, Known]:
    history = uow.interactions.of_members(members, limit=HISTORY)
    by_signal = uow.interactions.known_of(members)
    lately = uow.exposures.shown_to(members, since=at - timedelta(days=SHOWN_DAYS))
    ever = uow.exposures.shown_to(members, since=_EVER)
    before = uow.exposures.shown_to(members, since=_EVER, surfaces=SURFACES)
    last = uow.exposures.last_on(members, surface=SURFACES[0])
    return {
        member: Known(
            history.get(member, ()),
            by_signal.get(member, {}),
            lately.get(member, {}),
            frozenset(item for item, count in ever.get(member, {}).items() if count >= 2),
            frozenset(before.get(member, ())),
            last.get(member),
        )
        for member in members
    }


@dataclass(frozen=True, slots=True)
class Around:
    """What there is for everybody: questions without an answer, oldest first, and events to come, soonest first;
    `ahead`: also those that are too far off to be told of."""

    questions: tuple[Post, ...] = ()
    events: tuple[Event, ...] = ()
    ahead: tuple[Event, ...] = ()


def around(uow: UnitOfWork, community_id: int, banned: frozenset[str], at: datetime) -> Around:
    recent = uow.posts.all(community_id, since=at - _OPEN_FOR, limit=_QUESTIONS)
    open_ones = [
        post
        for post in recent
        if post.replies == 0
        and not post.solved
        and post.created_at > at - _OPEN_FOR
        and post.item not in banned
        and is_question(f"{post.title} {post.text}")
    ]
    ahead = [event for event in uow.events.all(community_id, since=at) if event.item not in banned]
    events = [event for event in ahead if event.starts_at <= at + _EVENTS_AHEAD]
    return Around(tuple(sorted(open_ones, key=lambda post: (post.created_at, post.id))), tuple(events), tuple(ahead))


class Details:
    """What items are, looked up once for many readers; each reader gets only what they may see."""

    def __init__(self, uow: UnitOfWork, community_id: int, audiences: frozenset[Audience]) -> None:
        self._uow = uow
        self._everything = Viewer(community_id, None, audiences)
        self._found: dict[str, Detail | None] = {}

    def look(self, items: Iterable[str]) -> None:
        wanted = [item for item in dict.fromkeys(items) if item not in self._found]
        found = details(self._uow, self._everything, wanted)
        self._found.update((item, found.get(item)) for item in wanted)

    def of(self, viewer: Viewer, item: str) -> Detail | None:
        """None: it is gone, or not for this reader. What was not looked up is looked up now."""
        if item not in self._found:
            self.look([item])
        detail = self._found[item]
        return None if detail is None or not _may_read(viewer, detail) else detail


def _may_read(viewer: Viewer, detail: Detail) -> bool:
    return not isinstance(detail, Post | Event) or visible(viewer, detail.audience)
