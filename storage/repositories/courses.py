"""The catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from bot.domain.items import Course, Kind, item_id, published_at
from bot.domain.paths import Decision
from bot.domain.people import Level
from bot.ports import Change
from storage.repositories.items import Suggestable, embedding_text, put_items, remove_items
from storage.scope import Record, Scope, chunks
from storage.tables import COURSE_QUALITY, COURSES, MARKS, PREREQUISITES

_C = COURSES.c
_P = PREREQUISITES.c


class SqlCourses:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def upsert(self, community_id: int, course: Course) -> Change:
        return self.upsert_many(community_id, [course])[0]

    def upsert_many(self, community_id: int, courses: Sequence[Course]) -> list[Change]:
        known = self.get(community_id, [course.id for course in courses])
        changes: list[Change] = []
        added: dict[str, Course] = {}
        updated: dict[str, Course] = {}
        for course in courses:
            before = known.get(course.id)
            if before is None:
                changes.append("added")
                added[course.id] = course
            elif before == course:
                changes.append("unchanged")
                continue
            else:
                changes.append("updated")
                (added if course.id in added else updated)[course.id] = course
            known[course.id] = course
        for part in chunks(added.values()):
            self._scope.run(insert(COURSES), [_values(course) | {"community_id": community_id} for course in part])
        if updated:
            rows = [_values(course) | {"b_slug": course.id} for course in updated.values()]
            mine = (_C.community_id == community_id) & (_C.slug == bindparam("b_slug"))
            self._scope.run(update(COURSES).where(mine), rows)
        put_courses(self._scope, community_id, [*(added | updated).values()])
        return changes

    def get(self, community_id: int, ids: Iterable[str]) -> dict[str, Course]:
        found: dict[str, Course] = {}
        for part in chunks(set(ids)):
            wanted = select(COURSES).where(_C.community_id == community_id, _C.slug.in_(part))
            found.update((row.slug, _course(row)) for row in self._scope.rows(wanted))
        return found

    def all(self, community_id: int) -> list[Course]:
        rows = self._scope.rows(select(COURSES).where(_C.community_id == community_id).order_by(_C.id))
        return [_course(row) for row in rows]

    def remove(self, community_id: int, course_id: str) -> bool:
        gone = self._scope.run(delete(COURSES).where(_C.community_id == community_id, _C.slug == course_id))
        named = or_(_P.course == course_id, _P.needs == course_id)
        self._scope.run(delete(PREREQUISITES).where(_P.community_id == community_id, named))
        for table in (COURSE_QUALITY, MARKS):
            mine = (table.c.community_id == community_id) & (table.c.course == course_id)
            self._scope.run(delete(table).where(mine))
        remove_items(self._scope, community_id, [item_id(Kind.COURSE, course_id)])
        return gone > 0


def refresh_items(scope: Scope, community_id: int, courses: Iterable[str]) -> None:
    """Bring the items of courses in step with what moderators decided and people made of them."""
    put_courses(scope, community_id, [*SqlCourses(scope).get(community_id, courses).values()])


def put_courses(scope: Scope, community_id: int, courses: Sequence[Course]) -> None:
    """The items of courses: their own word, the confirmed prerequisites, the quality."""
    for part in chunks(courses):
        slugs = [course.id for course in part]
        confirmed: dict[str, list[str]] = {}
        decided = (_P.community_id == community_id) & (_P.state == Decision.CONFIRMED.value) & _P.course.in_(slugs)
        for row in scope.rows(select(_P.course, _P.needs).where(decided).order_by(_P.needs)):
            confirmed.setdefault(row.course, []).append(row.needs)
        rated = (COURSE_QUALITY.c.community_id == community_id) & COURSE_QUALITY.c.course.in_(slugs)
        quality = {
            row.course: row.value
            for row in scope.rows(select(COURSE_QUALITY.c.course, COURSE_QUALITY.c.value).where(rated))
        }
        things = [_suggestable(course, confirmed.get(course.id, ()), quality.get(course.id)) for course in part]
        put_items(scope, community_id, things)


def _suggestable(course: Course, confirmed: Sequence[str], quality: float | None) -> Suggestable:
    return Suggestable(
        item=course.item,
        kind=Kind.COURSE,
        title=course.title,
        text=embedding_text(course.title, course.summary, ", ".join(course.tags)),
        language=course.language,
        tags=course.tags,
        level=course.level.rank if course.level else None,
        author=course.provider,
        created_at=published_at(course.published),
        hours=course.hours,
        price=course.price,
        prerequisites=tuple(
            item_id(Kind.COURSE, needed) for needed in dict.fromkeys((*course.prerequisites, *confirmed))
        ),
        # Two digits: finer changes would change no list, yet make every reader take the item in anew.
        quality=None if quality is None else round(quality, 2),
    )


def _values(course: Course) -> dict[str, Any]:
    return {
        "slug": course.id,
        "title": course.title,
        "summary": course.summary,
        "url": course.url,
        "tags": list(course.tags),
        "level": course.level.value if course.level else None,
        "language": course.language,
        "provider": course.provider,
        "hours": course.hours,
        "price": course.price,
        "currency": course.currency,
        "prerequisites": list(course.prerequisites),
        "published": course.published,
        "extras": dict(course.extras),
    }


def _course(row: Record) -> Course:
    return Course(
        id=row.slug,
        title=row.title,
        summary=row.summary,
        url=row.url,
        tags=tuple(row.tags),
        level=Level(row.level) if row.level else None,
        language=row.language,
        provider=row.provider,
        hours=row.hours,
        price=row.price,
        currency=row.currency,
        prerequisites=tuple(row.prerequisites),
        published=row.published,
        extras=dict(row.extras),
    )
