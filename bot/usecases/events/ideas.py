"""What the community could meet about: wishes without a good answer, grouped, with guests, times and hosts to expect.

Knows demand, habits and consent; decides nothing and shows nobody's words alone. What is said of a group is said of at
least five people; hosts are named only where they opted in to be met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from bot.domain.digests import DigestSettings
from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import SEATED, Standing
from bot.domain.items import ItemId, Kind, native_of
from bot.domain.localtime import settle
from bot.domain.people import Community, Member
from bot.domain.permissions import PUBLIC
from bot.domain.text import clean_line, language_of
from bot.ports import Engine, Sought, Store, UnitOfWork
from bot.usecases.lists import GOOD_ENOUGH
from bot.usecases.partners import may_be_met
from recsys.types import Encoder, Filter
from recsys.wishes import ALIKE, MOST, Topic, Turnout, Wish, best_slots, presence, topics, turnout

LOOK_BACK: Final = timedelta(days=90)
HISTORY: Final = timedelta(days=365)
IDEAS: Final = 5
HOSTS: Final = 3
FROM: Final = 3
UNTIL: Final = 17
"""Days ahead that slots are looked for in."""
OPEN: Final = range(8, 23)
"""Hours of the organiser's day in which an event may begin."""
APART: Final = timedelta(hours=20)
WATCHED: Final = 200
"""People of a topic whose habits are looked at."""
LIKE_THIS: Final = 0.5
"""Likeness of a coming event to a topic, from which on it is told of."""
_ACTIONS: Final = 300
_POSTS: Final = 20
_MINUTES: Final = 90


@dataclass(frozen=True, slots=True)
class Slot:
    """`around`: of the people who were looked at, how many are likely there."""

    at: datetime
    around: int
    of: int


@dataclass(frozen=True, slots=True)
class PossibleHost:
    """`answers`: public discussions about it in which they answered."""

    member_id: int
    name: str
    answers: int


@dataclass(frozen=True, slots=True)
class Idea:
    """`label`: what it is about. `coming`: an event that is planned already and close to it."""

    label: str
    language: str
    people: int
    turnout: Turnout
    slots: tuple[Slot, ...]
    hosts: tuple[PossibleHost, ...]
    coming: str = ""
    minutes: int = _MINUTES


@dataclass(frozen=True, slots=True)
class FindIdeas:
    store: Store
    engine: Engine
    encoder: Encoder

    def __call__(self, community: Community, timezone: str, at: datetime) -> list[Idea]:
        """The topics that most people look for in vain; times for whoever plans in `timezone`."""
        with self.store.read() as uow:
            sought = uow.demand.sought(community.id, since=at - HISTORY, below=GOOD_ENOUGH)
            known = {
                member.id for member in uow.members.some({s.member_id for s in sought if s.member_id}) if not member.bot
            }
        sought = [one for one in sought if one.words.strip()][-MOST:]
        if len(sought) < 2:
            return []
        vectors = self.encoder.encode([one.words for one in sought])
        history = list(self._history(community, sought, vectors, at))
        recent = [place for place, one in enumerate(sought) if one.at >= at - LOOK_BACK]
        wishes = [Wish(_who(sought[place], known), clean_line(sought[place].words, limit=120)) for place in recent]
        found = topics(wishes, vectors[recent])[:IDEAS]
        return [self._idea(community, topic, wishes, history, timezone, at) for topic in found]

    def _history(
        self, community: Community, sought: Sequence[Sought], vectors: NDArray[np.float32], at: datetime
    ) -> Iterator[tuple[int, int]]:
        """Of each past event: how many had looked for something like it before, and how many of these came."""
        with self.store.read() as uow:
            past = uow.hosted.all(community.id, states=(EventState.OVER,), ends_after=at - HISTORY)
            guests = {event.number: _came(uow, event) for event in past}
        for event in past:
            vector = self.engine.vector(event.item)
            if vector is None or event.audience != PUBLIC:
                continue
            like = vectors @ vector
            looked = {
                one.member_id
                for one, likeness in zip(sought, like, strict=True)
                if one.member_id is not None
                and likeness >= ALIKE
                and event.starts_at - LOOK_BACK <= one.at < event.starts_at
            }
            if looked:
                yield len(looked), len(looked & guests[event.number])

    def _idea(
        self,
        community: Community,
        topic: Topic,
        wishes: Sequence[Wish],
        history: Sequence[tuple[int, int]],
        timezone: str,
        at: datetime,
    ) -> Idea:
        texts = [wishes[place].text for place in topic.wishes]
        language = Counter(language_of(text) for text in texts).most_common(1)[0][0]
        label = topic.example or ("、" if language == "zh" else ", ").join(topic.words[:3])
        people = sorted(int(who) for who in topic.people)
        with self.store.read() as uow:
            slots = _slots(uow, people[:WATCHED], _zone(timezone, community.timezone), at)
            hosts = self._hosts(uow, community, label, at)
            coming = self._coming(uow, community, topic, at)
        return Idea(label, language, len(people), turnout(len(people), history), slots, hosts, coming)

    def _hosts(self, uow: UnitOfWork, community: Community, label: str, at: datetime) -> tuple[PossibleHost, ...]:
        """Whoever answers in public discussions about it and is open to being met."""
        where = Filter(audiences=frozenset({PUBLIC}), kinds=frozenset({Kind.POST.value}))
        hits = self.engine.search(label, k=_POSTS, where=where, now=at.timestamp())
        numbers = [int(native_of(ItemId(hit.item))) for hit in hits if hit.score >= GOOD_ENOUGH]
        answers: Counter[int] = Counter()
        for post in uow.posts.get(numbers).values():
            if post.audience == PUBLIC:
                answers.update({member for member in uow.posts.participants(post.id) if member != post.author_id})
        members = [member for member in uow.members.some(answers) if may_be_met(member, community.id)]
        members.sort(key=lambda member: (-answers[member.id], member.id))
        return tuple(PossibleHost(member.id, member.name, answers[member.id]) for member in members[:HOSTS])

    def _coming(self, uow: UnitOfWork, community: Community, topic: Topic, at: datetime) -> str:
        best, title = LIKE_THIS, ""
        for event in uow.hosted.all(community.id, states=(EventState.PUBLISHED,), ends_after=at):
            vector = self.engine.vector(event.item)
            if event.audience == PUBLIC and vector is not None and float(vector @ topic.centre) >= best:
                best, title = float(vector @ topic.centre), event.title
        return title


def _who(one: Sought, known: set[int]) -> str | None:
    return str(one.member_id) if one.member_id in known else None


def _came(uow: UnitOfWork, event: HostedEvent) -> frozenset[int]:
    guests = uow.guests.all(event.number).guests.values()
    here = {guest.member_id for guest in guests if guest.standing is Standing.CHECKED_IN}
    return frozenset(here or {guest.member_id for guest in guests if guest.standing in SEATED})


def _slots(uow: UnitOfWork, people: Sequence[int], zone: ZoneInfo, at: datetime) -> tuple[Slot, ...]:
    """The best two hours for those who would come, by when they did things here, never in their quiet hours."""
    members = sorted(uow.members.some(people), key=lambda member: member.id)
    zones = {member.id: _zone(member.timezone, zone.key) for member in members}
    quiet = {member.id: uow.digests.get(member.id) for member in members}
    there = [presence(_hours(uow, member, zones[member.id])) for member in members]
    today = at.astimezone(zone).date()
    starts = [
        settle(datetime.combine(today + timedelta(days=day), datetime.min.time()).replace(hour=hour), zone)
        for day in range(FROM, UNTIL)
        for hour in OPEN
    ]
    candidates = [(start.timestamp(), [_hour_of(start, zones[m.id], quiet[m.id]) for m in members]) for start in starts]
    best = best_slots(candidates, there, apart=APART.total_seconds())
    return tuple(Slot(starts[place].astimezone(UTC), round(score), len(members)) for place, score in best if score > 0)


def _hours(uow: UnitOfWork, member: Member, zone: ZoneInfo) -> Mapping[int, float]:
    """Actions by hour of the local week. Only what the member allows is stored at all."""
    counts: Counter[int] = Counter()
    for done in uow.interactions.of_member(member.id, limit=_ACTIONS):
        local = done.at.astimezone(zone)
        counts[local.weekday() * 24 + local.hour] += 1
    return {hour: float(count) for hour, count in counts.items()}


def _hour_of(start: datetime, zone: ZoneInfo, quiet: DigestSettings) -> int | None:
    if quiet.awake_from(start, zone.key) != start:
        return None
    local = start.astimezone(zone)
    return local.weekday() * 24 + local.hour


def _zone(name: str, otherwise: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)
