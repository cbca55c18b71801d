"""Marks of experts, who the experts are, and the quality of courses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, insert, select

from bot.domain.interactions import Signal
from bot.domain.items import ItemId, Kind, item_id, native_of
from bot.domain.quality import CourseAct, CourseQuality, Mark
from storage.repositories.courses import refresh_items
from storage.repositories.interactions import allowed_now
from storage.repositories.members import ELSEWHERE
from storage.scope import Record, Scope, chunks
from storage.tables import COURSE_QUALITY, COURSES, EXPERTS, INTERACTIONS, MARKS, MEMBERS

_N = INTERACTIONS.c
_Q = COURSE_QUALITY.c
_K = MARKS.c
TELLING: Final = (Signal.ENROL, Signal.PROGRESS, Signal.COMPLETE, Signal.RATE, Signal.DISMISS)
"""Signals that say something about a course."""
NOTICEABLE: Final = 0.005
"""A change of quality below this leaves the item alone: it would change no list."""
_NUMBERS: Final = ("value", "low", "high", "ratings", "finished", "enrolled")


class SqlQualities:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put_mark(self, community_id: int, mark: Mark) -> bool:
        mine = (_K.community_id == community_id) & (_K.course == mark.course) & (_K.member_id == mark.member_id)
        before = self._scope.first(select(MARKS).where(mine))
        if before is not None and (before.stars, before.note) == (mark.stars, mark.note):
            return False
        self._scope.run(delete(MARKS).where(mine))
        values = {"community_id": community_id, "course": mark.course, "member_id": mark.member_id}
        self._scope.run(insert(MARKS).values(values | {"stars": mark.stars, "note": mark.note, "at": mark.at}))
        return True

    def marks(self, community_id: int, courses: Collection[str] | None = None) -> list[Mark]:
        found: list[Mark] = []
        for part in _parts(courses):
            single = _K.member_id.not_in(ELSEWHERE)  # one person, one mark
            wanted = select(MARKS).where(_K.community_id == community_id, single, *_among(_K.course, part))
            rows = self._scope.rows(wanted.order_by(_K.course, _K.member_id))
            found += [Mark(row.member_id, row.course, row.stars, row.note, row.at) for row in rows]
        return found

    def set_expert(self, community_id: int, member_id: int, *, expert: bool, by: str, at: datetime) -> bool:
        known = member_id in self.experts(community_id)
        if expert == known:
            return False
        if expert:
            values = {"member_id": member_id, "community_id": community_id, "by": by, "at": at}
            self._scope.run(insert(EXPERTS).values(values))
        else:
            self._scope.run(delete(EXPERTS).where(EXPERTS.c.member_id == member_id))
        return True

    def experts(self, community_id: int) -> set[int]:
        return set(self._scope.values(select(EXPERTS.c.member_id).where(EXPERTS.c.community_id == community_id)))

    def put(self, community_id: int, qualities: Sequence[CourseQuality], at: datetime) -> int:
        known = self.get(community_id, [quality.course for quality in qualities])
        there: set[str] = set()
        for part in chunks({quality.course for quality in qualities}):
            here = (COURSES.c.community_id == community_id) & COURSES.c.slug.in_(part)
            there.update(self._scope.values(select(COURSES.c.slug).where(here)))
        fresh = [q for q in qualities if q.course in there and known.get(q.course) != q]
        for part in chunks([quality.course for quality in fresh]):
            self._scope.run(delete(COURSE_QUALITY).where(_Q.community_id == community_id, _Q.course.in_(part)))
        self._scope.run(insert(COURSE_QUALITY), [_values(q) | {"community_id": community_id, "at": at} for q in fresh])
        noticed = [
            q.course
            for q in fresh
            if q.course not in known or abs(round(q.value, 2) - round(known[q.course].value, 2)) >= NOTICEABLE
        ]
        refresh_items(self._scope, community_id, noticed)
        return len(noticed)

    def forget(self, community_id: int, courses: Sequence[str]) -> int:
        gone = 0
        for part in chunks(courses):
            gone += self._scope.run(delete(COURSE_QUALITY).where(_Q.community_id == community_id, _Q.course.in_(part)))
        if gone:
            refresh_items(self._scope, community_id, courses)
        return gone

    def get(self, community_id: int, courses: Collection[str] | None = None) -> dict[str, CourseQuality]:
        found: dict[str, CourseQuality] = {}
        for part in _parts(courses):
            wanted = select(COURSE_QUALITY).where(_Q.community_id == community_id, *_among(_Q.course, part))
            found.update((row.course, _quality(row)) for row in self._scope.rows(wanted))
        return found

    def evidence(self, community_id: int, courses: Collection[str] | None = None) -> list[CourseAct]:
        items = None if courses is None else [item_id(Kind.COURSE, course) for course in courses]
        found: list[Record] = []
        for part in _parts(items):
            wanted = (
                allowed_now()
                .join(MEMBERS, MEMBERS.c.id == _N.member_id)
                .where(
                    _N.community_id == community_id,
                    _N.signal.in_([signal.value for signal in TELLING]),
                    MEMBERS.c.bot.is_(False),
                    *(_among(_N.item, part) or [_N.item.startswith(f"{Kind.COURSE.value}:", autoescape=True)]),
                )
                .add_columns(MEMBERS.c.joined_at)
            )
            found += self._scope.rows(wanted.order_by(_N.at, _N.sequence))
        first = self._first_seen({row.member_id for row in found})
        return [
            CourseAct(
                row.member_id,
                native_of(ItemId(row.item)),
                row.signal,
                row.value,
                row.reason,
                row.at,
                min(first[row.member_id], row.joined_at or first[row.member_id]),
            )
            for row in found
        ]

    def _first_seen(self, members: set[int]) -> dict[int, datetime]:
        """The time of each member's first act of any kind: who is known from an import did not join with it."""
        first: dict[int, datetime] = {}
        for part in chunks(sorted(members)):
            earliest = select(_N.member_id, func.min(_N.at).label("at")).where(_N.member_id.in_(part))
            first.update((row.member_id, row.at) for row in self._scope.rows(earliest.group_by(_N.member_id)))
        return first


def _parts(courses: Collection[str] | None) -> list[list[str] | None]:
    return [None] if courses is None else list(chunks(sorted(set(courses))))


def _among(column: ColumnElement[Any], part: list[str] | None) -> list[ColumnElement[bool]]:
    return [] if part is None else [column.in_(part)]


def _values(quality: CourseQuality) -> dict[str, Any]:
    return {
        "course": quality.course,
        "parts": dict(quality.parts),
        "stars": list(quality.stars or ()),
        **{name: getattr(quality, name) for name in _NUMBERS},
    }


def _quality(row: Record) -> CourseQuality:
    return CourseQuality(
        course=row.course,
        parts=dict(row.parts),
        stars=tuple(row.stars) or None,
        **{name: getattr(row, name) for name in _NUMBERS},
    )
