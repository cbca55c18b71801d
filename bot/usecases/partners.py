"""Who may be introduced to whom, and what is used of them. Knows consent and public items; knows no formula."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Interaction, Signal
from bot.domain.introductions import Introduction, Outcome
from bot.domain.items import Course, ItemId, Kind, Post, kind_of, native_of
from bot.domain.people import Member
from bot.domain.permissions import PUBLIC
from bot.ports import Store, UnitOfWork
from recsys.partners import WINDOW, Learner, Match, busiest_hours, learnt_worth, rank

POOL: Final = 200
"""So many of those who opted in are looked at closely: the ones with most declared topics in common."""
_HISTORY: Final = 300
_EVENING: Final = 18
"""Where nothing is known of somebody's hours, their evening is expected."""
_BEGUN: Final = frozenset({Signal.ENROL, Signal.PROGRESS})
_INTEREST: Final = _BEGUN | {Signal.COMPLETE, Signal.SAVE, Signal.RATE, Signal.POST, Signal.REPLY, Signal.REACT}
_WORD: Final = re.compile(r"[a-z0-9+#]+")


def may_be_met(member: Member, community_id: int) -> bool:
    """Whether a member may be shown to others at all: only who switched it on."""
    return not member.bot and member.community_id == community_id and member.consent.allows(ConsentKind.MATCHING)


@dataclass(frozen=True, slots=True)
class Public:
    """Courses, and the discussions that everybody here may read: nothing else is used of anybody."""

    courses: Mapping[str, Course]
    posts: Mapping[str, Post]
    vocabulary: frozenset[str]

    def topics(self, item: str) -> frozenset[str]:
        if item in self.courses:
            return frozenset(self.courses[item].tags)
        post = self.posts.get(item)
        return mentioned(f"{post.title} {post.text}", self.vocabulary) if post else frozenset()

    def __contains__(self, item: object) -> bool:
        return item in self.courses or item in self.posts


def mentioned(text: str, vocabulary: Iterable[str]) -> frozenset[str]:
    """Topics whose name stands in a text as words; ``web-development`` is "web development"."""
    words = _WORD.findall(text.casefold())
    joined = f" {' '.join(words)} "
    return frozenset(topic for topic in vocabulary if f" {topic.casefold().replace('-', ' ')} " in joined)


def public_of(uow: UnitOfWork, community_id: int, items: Iterable[str], topics: Iterable[str]) -> Public:
    """What of these items is for everybody. The words looked for in texts are `topics` alone."""
    natives: dict[Kind, list[str]] = {}
    for item in set(items):
        natives.setdefault(kind_of(ItemId(item)), []).append(native_of(ItemId(item)))
    courses = uow.courses.get(community_id, natives.get(Kind.COURSE, ()))
    posts = uow.posts.get(int(native) for native in natives.get(Kind.POST, ()) if native.isdecimal())
    return Public(
        {course.item: course for course in courses.values()},
        {post.item: post for post in posts.values() if post.audience == PUBLIC},
        frozenset(topics),
    )


def learner_of(member: Member, history: Sequence[Interaction], public: Public, at: datetime) -> Learner:
    """What may be used of a member: what they declared, and their actions on public items of kinds they allow."""
    used = [done for done in history if done.item in public and done.signal in _INTEREST]
    acted: Counter[str] = Counter()
    for item in {str(done.item) for done in used}:
        acted.update(public.topics(item))
    answered: Counter[str] = Counter()
    for done in used:
        if done.signal is Signal.REPLY:
            answered.update(public.topics(done.item))
    finished = {str(d.item) for d in used if d.signal is Signal.COMPLETE}
    hours = busiest_hours(done.at.astimezone(UTC).hour for done in used)
    return Learner(
        id=str(member.id),
        declared=frozenset(member.profile.topics),
        acted=dict(acted),
        begun=frozenset(str(done.item) for done in used if done.signal in _BEGUN),
        finished=frozenset(finished),
        answered=dict(answered),
        level=member.profile.level.rank if member.profile.level else None,
        language=member.language,
        hours=hours or _evening(member.timezone, at),
        seen=bool(hours) and len(used) >= WINDOW,
        actions=len(used),
    )


def _evening(timezone: str, at: datetime) -> frozenset[int]:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return frozenset()
    offset = at.astimezone(zone).utcoffset() or timedelta()
    start = round(_EVENING - offset.total_seconds() / 3600)
    return frozenset((start + step) % 24 for step in range(WINDOW))


@dataclass(frozen=True, slots=True)
class Partners:
    """People to meet, ranked."""

    store: Store

    def __call__(self, member: Member, *, k: int, at: datetime) -> list[Match]:
        """The k best of those who switched matching on; nobody for a member who did not. Ids are member numbers.

        Left out: whom the member greeted or declined, and who declined the member.
        """
        if not may_be_met(member, member.community_id):
            return []
        with self.store.read() as uow:
            chosen = uow.introductions.about(member.id)
            others = _nearest(member, uow.members.all(member.community_id), _met(member.id, chosen))
            met = [i.other_id for i in chosen if i.member_id == member.id]
            learners = learners_of(uow, [member, *others, *_again(uow, met)], at)
        me = learners[member.id]
        return rank(me, [learners[other.id] for other in others], k=k, worth=_worth(me, chosen, learners))

    def between(self, one: Member, other: Member, at: datetime) -> Match | None:
        """Why `other` is a partner for `one`; None when nothing speaks for it, or one of them is not open to it."""
        if not all(may_be_met(each, one.community_id) for each in (one, other)):
            return None
        with self.store.read() as uow:
            learners = learners_of(uow, [one, other], at)
        return next(iter(rank(learners[one.id], [learners[other.id]], k=1)), None)


def learners_of(uow: UnitOfWork, members: Sequence[Member], at: datetime) -> dict[int, Learner]:
    histories = {member.id: uow.interactions.of_member(member.id, limit=_HISTORY) for member in members}
    items = {str(done.item) for history in histories.values() for done in history}
    named = {topic for member in members for topic in member.profile.topics}
    community = members[0].community_id
    courses = public_of(uow, community, items, ())
    tags = {tag for course in courses.courses.values() for tag in course.tags}
    public = Public(courses.courses, courses.posts, frozenset(named | tags))
    return {member.id: learner_of(member, histories[member.id], public, at) for member in members}


def _nearest(member: Member, everybody: Sequence[Member], met: frozenset[int]) -> list[Member]:
    mine = frozenset(member.profile.topics)
    open_to_it = [
        other
        for other in everybody
        if other.id != member.id and other.id not in met and may_be_met(other, member.community_id)
    ]
    open_to_it.sort(key=lambda other: (-len(mine & frozenset(other.profile.topics)), other.id))
    return open_to_it[:POOL]


def _met(member_id: int, chosen: Sequence[Introduction]) -> frozenset[int]:
    mine = {i.other_id for i in chosen if i.member_id == member_id}
    return frozenset(mine | {i.member_id for i in chosen if i.outcome is Outcome.DECLINED})


def _again(uow: UnitOfWork, met: Iterable[int]) -> list[Member]:
    """Those whom the member chose about and who are still open to it: what they had in common teaches."""
    known = (uow.members.get(other) for other in met)
    return [other for other in known if other is not None and may_be_met(other, other.community_id)]


def _worth(me: Learner, chosen: Sequence[Introduction], learners: Mapping[int, Learner]) -> dict[str, float]:
    common: dict[Outcome, list[frozenset[str]]] = {outcome: [] for outcome in Outcome}
    for introduction in chosen:
        if str(introduction.member_id) == me.id and introduction.other_id in learners:
            shared = me.topics().keys() & learners[introduction.other_id].topics().keys()
            common[introduction.outcome].append(frozenset(shared))
    return learnt_worth(common[Outcome.HELLO], common[Outcome.DECLINED])
