"""Keep the quality of courses in step with what people do. Knows what changed; knows no formula."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.items import Course, Kind, kind_of, native_of, published_at
from bot.domain.quality import CourseAct, CourseQuality, Mark
from bot.ports import Clock, Store, UnitOfWork
from recsys.opinions import Act, Tally, TrustRule, tally
from recsys.quality import Usual, judge, usual

CHUNK: Final = 50
"""Courses whose evidence is in memory at once."""
PAGE: Final = 2_000
ANEW: Final = 86_400.0
"""Seconds after which everything is looked at anew: trust grows with age, and what is usual drifts."""
_YEAR: Final = 365.25 * 86_400.0


@dataclass(frozen=True, slots=True)
class Judgements:
    """The sums of every course and what is usual here, of one moment."""

    tallies: Mapping[str, Tally]
    years: Mapping[str, float]
    usual: Usual


@dataclass(slots=True)
class _Seen:
    """Up to where the store was looked at."""

    judgements: Judgements | None = None
    at: float = 0.0
    sequence: int = 0
    consents: int = 0
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True)
class RefreshQuality:
    """Judge the courses that somebody did something with since the last time; all of them once a day.

    Called every few seconds: when nothing changed it costs three small reads.
    """

    store: Store
    clock: Clock
    rule: TrustRule = field(default_factory=TrustRule)
    _seen: _Seen = field(default_factory=_Seen)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, community_id: int) -> int:
        """How many courses changed noticeably."""
        with self._lock:
            return self._refresh(community_id)

    def _refresh(self, community_id: int) -> int:
        seen, now = self._seen, self.clock.now()
        with self.store.read() as uow:
            last = uow.interactions.last(community_id)
            consents = uow.members.consent_revision(community_id)
            marks = frozenset(uow.qualities.marks(community_id))
            fresh = seen.judgements is not None and consents == seen.consents and now.timestamp() - seen.at < ANEW
            dirty = self._touched(uow, community_id) if fresh else set()
        dirty |= {mark.course for mark in marks ^ seen.marks}
        if fresh and not dirty:
            seen.sequence = max(seen.sequence, last)
            return 0
        judgements = judgements_of(
            self.store, community_id, now, rule=self.rule, among=dirty if fresh else None, before=seen.judgements
        )
        changed = self._put(community_id, judgements, now, dirty if fresh else None)
        seen.judgements, seen.sequence, seen.consents, seen.marks = judgements, last, consents, marks
        if not fresh:
            seen.at = now.timestamp()
        return changed

    def _touched(self, uow: UnitOfWork, community_id: int) -> set[str]:
        """Courses of acts, also of undone ones, after the sequence reached."""
        touched: set[str] = set()
        after = self._seen.sequence
        while page := uow.interactions.after(community_id, after, limit=PAGE):
            touched.update(native_of(done.item) for _, done in page if kind_of(done.item) is Kind.COURSE)
            after = page[-1][0]
        undone = uow.interactions.withdrawn_after(community_id, self._seen.sequence)
        touched.update(native_of(done.item) for _, done in undone if kind_of(done.item) is Kind.COURSE)
        return touched

    def _put(self, community_id: int, judgements: Judgements, now: datetime, among: set[str] | None) -> int:
        found = [
            quality
            for course in sorted(judgements.tallies if among is None else among)
            if (quality := quality_of(course, judgements)) is not None
        ]
        with self.store.read() as uow:
            known = uow.qualities.get(community_id, among)
        # What nothing is known of any more, because it was undone or a consent was taken back, loses its number.
        gone = [course for course in known if course not in {quality.course for quality in found}]
        if not gone and all(known.get(quality.course) == quality for quality in found):
            return 0
        with self.store.write() as uow:
            changed = uow.qualities.put(community_id, found, now) + uow.qualities.forget(community_id, gone)
            uow.commit()
        return changed


def judgements_of(
    store: Store,
    community_id: int,
    now: datetime,
    *,
    rule: TrustRule | None = None,
    among: Iterable[str] | None = None,
    before: Judgements | None = None,
) -> Judgements:
    """Tally all courses, or only those `among`, to be put into what was known `before` (what is usual stays then)."""
    with store.read() as uow:
        if among is None or before is None:
            courses = {course.id: course for course in uow.courses.all(community_id)}
        else:
            courses = uow.courses.get(community_id, among)
    wanted = sorted(courses)
    tallies: dict[str, Tally] = {} if among is None or before is None else dict(before.tallies)
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        # A read of its own for each part: a long one would keep the journal from being shortened.
        with store.read() as uow:
            acts = uow.qualities.evidence(community_id, part)
            marks = uow.qualities.marks(community_id, part)
        said: dict[str, list[Act]] = {course: [] for course in part}
        for act in acts:
            said[act.course].append(_act(act))
        given: dict[str, list[int]] = {}
        for mark in marks:
            given.setdefault(mark.course, []).append(mark.stars)
        for course in part:
            tallies[course] = tally(said[course], now.timestamp(), marks=given.get(course, ()), rule=rule)
    years = {course.id: age for course in courses.values() if (age := _years(course, now)) is not None}
    if among is None or before is None:
        return Judgements(tallies, years, usual(tallies.values(), sorted(years.values())))
    return Judgements(tallies, {**before.years, **years}, before.usual)


def quality_of(course: str, judgements: Judgements) -> CourseQuality | None:
    told = judgements.tallies.get(course)
    judged = judge(told, judgements.usual, years=judgements.years.get(course)) if told else None
    if told is None or judged is None:
        return None
    return CourseQuality(
        course=course,
        value=round(judged.value, 4),
        low=round(judged.low, 4),
        high=round(judged.high, 4),
        parts={name: round(value, 4) for name, value in judged.parts.items()},
        stars=tuple(round(value, 2) for value in judged.stars) if judged.stars else None,  # type: ignore[arg-type]
        ratings=told.ratings.people,
        finished=told.finished.people,
        enrolled=told.enrolled,
    )


def _act(act: CourseAct) -> Act:
    return Act(f"member:{act.member_id}", act.signal, act.at.timestamp(), act.value, act.reason, act.since.timestamp())


def _years(course: Course, now: datetime) -> float | None:
    """The age of a course that says when it was published."""
    made = published_at(course.published)
    return None if made is None else max((now - made).total_seconds() / _YEAR, 0.0)
