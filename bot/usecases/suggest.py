"""Ask the engine on behalf of a member: history, declared interests and permissions become one query.

Knows what a member did and may see; knows no vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.interactions import Interaction, ScorePart, Signal
from bot.domain.items import Course, Event, ItemId, Kind, Post, kind_of, native_of
from bot.domain.people import Member
from bot.domain.permissions import Viewer, visible
from bot.domain.wanted import Wanted
from bot.ports import Engine, Store, UnitOfWork
from bot.usecases.curating import decisions_for, ruled
from bot.usecases.traffic import no_traffic
from recsys.signals import Feedback as Rules
from recsys.types import Declared, Filter, Hit, Query, Reason, Recommendation, Traffic
from recsys.types import Interaction as Feedback

Detail = Course | Post | Event
HISTORY: Final = 300
SHOWN_DAYS: Final = 28
_SEARCH_POOL: Final = 60


def details(uow: UnitOfWork, viewer: Viewer, items: Iterable[str]) -> dict[str, Detail]:
    """What the items are, without those that are gone or that the viewer may not see: the last gate before a person."""
    by_kind: dict[Kind, list[str]] = {}
    for item in items:
        by_kind.setdefault(kind_of(ItemId(item)), []).append(native_of(ItemId(item)))
    found: dict[str, Detail] = {}
    for course in uow.courses.get(viewer.community_id, by_kind.get(Kind.COURSE, ())).values():
        found[course.item] = course
    for post in uow.posts.get(int(native) for native in by_kind.get(Kind.POST, ()) if native.isdecimal()).values():
        if visible(viewer, post.audience):
            found[post.item] = post
    for event in uow.events.get(viewer.community_id, by_kind.get(Kind.EVENT, ())).values():
        if visible(viewer, event.audience):
            found[event.item] = event
    return found


def score_parts(reasons: Sequence[Reason]) -> tuple[ScorePart, ...]:
    """The recommender's reasons as the domain keeps and shows them."""
    return tuple(
        ScorePart(
            reason.source,
            reason.value,
            tuple(ItemId(item) for item in reason.evidence.items),
            reason.evidence.count,
            reason.evidence.note,
            reason.plain,
            reason.evidence.of,
            reason.evidence.times,
        )
        for reason in reasons
    )


def feedback(user: str, history: Sequence[Interaction]) -> tuple[Feedback, ...]:
    return tuple(Feedback(user, i.item, i.signal.value, i.at.timestamp(), i.value) for i in history)


def declared(member: Member) -> Declared:
    profile = member.profile
    return Declared(
        topics=profile.topics,
        level=profile.level.rank if profile.level else None,
        weekly_hours=profile.weekly_hours,
        languages=(member.language,) if member.language else (),
        muted=profile.muted,
        surprises=profile.surprises,
    )


def daily_seed(member_id: int, at: datetime) -> int:
    """Exploration changes from day to day, not from press to press."""
    return int.from_bytes(hashlib.blake2b(f"{member_id}:{at.date()}".encode(), digest_size=6).digest())


@dataclass(frozen=True, slots=True)
class Found:
    """A ranked list with what its items are."""

    items: tuple[Recommendation, ...]
    details: dict[str, Detail]
    history: int = 0


@dataclass(frozen=True, slots=True)
class Suggest:
    """Recommendations for one member."""

    store: Store
    engine: Engine
    traffic: Callable[[datetime], Traffic] = no_traffic

    def query(
        self,
        uow: UnitOfWork,
        member: Member,
        viewer: Viewer,
        *,
        k: int,
        at: datetime,
        kinds: Collection[Kind] = (),
        exclude: Iterable[str] = (),
        explore: bool = True,
        room_id: int | None = None,
        pins: bool = True,
    ) -> Query:
        """`room_id`: where the list is shown. `pins`: whether one may take its first place."""
        decided = decisions_for(uow, member.community_id, at, kinds=kinds, room_id=room_id, pins=pins)
        query = query_of(
            member,
            viewer,
            uow.interactions.of_member(member.id, limit=HISTORY),
            uow.exposures.shown(member.id, since=at - timedelta(days=SHOWN_DAYS)),
            k=k,
            at=at,
            kinds=kinds,
            exclude=frozenset(exclude) | known_for_good(uow.interactions.known(member.id)),
            explore=explore,
            traffic=self.traffic(at),
        )
        return ruled(query, *decided)

    def __call__(
        self,
        member: Member,
        viewer: Viewer,
        *,
        k: int,
        at: datetime,
        kinds: Collection[Kind] = (),
        exclude: Iterable[str] = (),
        explore: bool = True,
        room_id: int | None = None,
        pins: bool = True,
    ) -> Found:
        with self.store.read() as uow:
            query = self.query(
                uow,
                member,
                viewer,
                k=k + 4,
                at=at,
                kinds=kinds,
                exclude=exclude,
                explore=explore,
                room_id=room_id,
                pins=pins,
            )
            ranked = self.engine.recommend(query)
            known = details(uow, viewer, (r.item for r in ranked))
        kept = [r for r in ranked if r.item in known and not _own(known[r.item], member.id)][:k]
        return Found(tuple(kept), known, len(query.history))


def query_of(
    member: Member,
    viewer: Viewer,
    history: Sequence[Interaction],
    shown: Mapping[ItemId, int],
    *,
    k: int,
    at: datetime,
    exclude: frozenset[str],
    kinds: Collection[Kind] = (),
    explore: bool = True,
    traffic: Traffic | None = None,
) -> Query:
    """What is asked for a member, from what is known of them. `shown`: how often, lately."""
    user = f"member:{member.id}"
    return Query(
        user=user,
        now=at.timestamp(),
        k=k,
        history=feedback(user, history),
        declared=declared(member),
        where=Filter(
            audiences=frozenset(viewer.audiences), kinds=frozenset(kind.value for kind in kinds), exclude=exclude
        ),
        seed=daily_seed(member.id, at),
        explore=explore,
        shown={str(item): count for item, count in shown.items()},
        traffic=traffic or Traffic(),
    )


def known_for_good(known: Mapping[Signal, Sequence[ItemId]]) -> frozenset[str]:
    """What a member has taken, finished, kept or removed, however long ago: a history is only the newest."""
    rules = Rules()
    return frozenset(
        item for signal, items in known.items() if signal.value in rules.seen | rules.dismissed for item in items
    )


def _own(detail: Detail, member_id: int) -> bool:
    return isinstance(detail, Post) and detail.author_id == member_id


@dataclass(frozen=True, slots=True)
class Find:
    """Search for one member, by words and by the chips read from them."""

    store: Store
    engine: Engine

    def __call__(
        self,
        viewer: Viewer,
        wanted: Wanted,
        *,
        k: int,
        at: datetime,
        kinds: Iterable[Kind] = (),
        exclude: Iterable[str] = (),
    ) -> tuple[list[Hit], dict[str, Detail]]:
        where = Filter(
            audiences=frozenset(viewer.audiences),
            kinds=frozenset({wanted.kind.value} if wanted.kind else {kind.value for kind in kinds}),
            languages=frozenset({wanted.language} if wanted.language else ()),
            exclude=frozenset(exclude),
            max_hours=wanted.max_hours,
            max_price=0.0 if wanted.free else wanted.max_price,
            level=wanted.level.rank if wanted.level else None,
        )
        hits = self.engine.search(
            wanted.words, k=_SEARCH_POOL if wanted.without else k, where=where, now=at.timestamp()
        )
        with self.store.read() as uow:
            known = details(uow, viewer, (hit.item for hit in hits))
        kept = [hit for hit in hits if hit.item in known and not _has_any(known[hit.item], wanted.without)]
        return kept[:k], known


def _has_any(detail: Detail, words: Sequence[str]) -> bool:
    if not words:
        return False
    text = detail.text if isinstance(detail, Post) else detail.summary
    tags = () if isinstance(detail, Post) else detail.tags
    haystack = " ".join((detail.title, text, *tags)).casefold()
    return any(word in haystack for word in words)
