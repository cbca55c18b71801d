"""What people make of an author's courses, and what to do about it. Small groups are hidden; names never appear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.items import Course
from bot.domain.quality import FEWEST
from bot.ports import Store
from bot.usecases.quality import Judgements, judgements_of
from recsys.opinions import Share, Tally
from recsys.quality import judge

_MANY_TOO_HARD: Final = 0.2
_MANY_EARLY: Final = 0.4


class Advice(StrEnum):
    """What to do, the most pressing first."""

    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    EARLY = "early"
    MIDDLE = "middle"
    LOW = "low"
    UNKNOWN = "unknown"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class CourseReport:
    """None: fewer than FEWEST people, or a number that would tell of fewer. stops: people who gave up, by quarter.

    stars: mean, low, high. experts: mean mark of `marks` experts, who speak as experts and are not hidden as a group.
    """

    course: Course
    enrolled: int | None
    finished: int | None
    stops: tuple[int | None, ...]
    too_hard: int | None
    too_easy: int | None
    stars: tuple[float, float, float] | None
    ratings: int | None
    experts: float | None
    marks: int
    notes: tuple[str, ...]
    quality: tuple[float, float, float] | None
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class ReportAuthors:
    """One author by name, or all; the courses with most people first."""

    store: Store

    def __call__(self, community_id: int, author: str | None, now: datetime) -> list[CourseReport]:
        judgements = judgements_of(self.store, community_id, now)
        with self.store.read() as uow:
            courses = uow.courses.all(community_id)
            marks = uow.qualities.marks(community_id)
        wanted = None if author is None else author.casefold().strip()
        mine = [course for course in courses if wanted is None or course.provider.casefold() == wanted]
        mine.sort(key=lambda course: (-judgements.tallies[course.id].enrolled, course.id))
        notes = {course.id: tuple(m.note for m in marks if m.course == course.id and m.note) for course in mine}
        return [report(course, judgements, notes[course.id]) for course in mine]

    def authors(self, community_id: int) -> list[str]:
        with self.store.read() as uow:
            return sorted({course.provider for course in uow.courses.all(community_id) if course.provider})


def report(course: Course, judgements: Judgements, notes: Sequence[str] = ()) -> CourseReport:
    told = judgements.tallies[course.id]
    judged = judge(told, judgements.usual, years=judgements.years.get(course.id))
    rated = told.ratings.people >= FEWEST
    enough = told.enrolled >= FEWEST or rated or bool(told.marks)
    return CourseReport(
        course=course,
        enrolled=shown(told.enrolled),
        finished=shown(told.finished.people, told.enrolled),
        stops=_all_or_none(told.stops),
        too_hard=shown(told.too_hard),
        too_easy=shown(told.too_easy),
        stars=judged.stars if judged and rated else None,
        ratings=shown(told.ratings.people),
        experts=sum(told.marks) / len(told.marks) if told.marks else None,
        marks=len(told.marks),
        notes=tuple(notes),
        quality=(judged.value, judged.low, judged.high) if judged and enough else None,
        advice=tuple(advice(told, judgements)),
    )


def shown(count: int, of: int | None = None) -> int | None:
    """The number where it tells of at least FEWEST people, and of as many who are not in it."""
    if count < FEWEST or (of is not None and 0 < of - count < FEWEST):
        return None
    return count


def _all_or_none(stops: Iterable[int]) -> tuple[int | None, ...]:
    return tuple(shown(count) for count in stops)


def advice(told: Tally, judgements: Judgements) -> Iterable[Advice]:
    """What the figures say, only where enough people stand behind them."""
    found = list(_advice(told, judgements))
    if not found:
        heard = max(told.enrolled, told.ratings.people, told.complaints.asked)
        found = [Advice.FINE if heard >= FEWEST else Advice.UNKNOWN]
    return found


def _advice(told: Tally, judgements: Judgements) -> Iterable[Advice]:
    asked = told.complaints.asked
    if told.too_hard >= FEWEST and told.too_hard >= _MANY_TOO_HARD * asked:
        yield Advice.TOO_HARD
    if told.too_easy >= FEWEST and told.too_easy >= _MANY_TOO_HARD * asked:
        yield Advice.TOO_EASY
    gave_up = sum(told.stops)
    if told.stops[0] >= FEWEST and told.stops[0] >= _MANY_EARLY * gave_up:
        yield Advice.EARLY
    elif max(told.stops[1:]) >= FEWEST and max(told.stops[1:]) >= _MANY_EARLY * gave_up:
        yield Advice.MIDDLE
    if told.ratings.people >= FEWEST and _below(told.ratings, judgements):
        yield Advice.LOW


def _below(ratings: Share, judgements: Judgements) -> bool:
    """Whether even the upper end of the interval lies below what is usual here."""
    judged = judge(Tally(ratings=ratings), judgements.usual)
    return judged is not None and judged.stars is not None and judged.stars[2] < 1 + 4 * judgements.usual.ratings.mean
