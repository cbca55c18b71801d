"""What the invented members do with courses, week by week. Knows people and catalogue rows; knows no message.

The point is signal, not noise: members follow their topics and level, popular courses are met more often,
prerequisites come first, and many things that are begun are never finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from bot.sample import bank
from bot.sample.people import LEVELS, Person

SIGNALS: Final = ("browse", "click", "enrol", "progress", "complete", "rate", "save", "dismiss")
_LEVEL_FIT: Final = (1.0, 0.35, 0.05)  # by distance between member and course
_MOST_HOURS: Final = 45.0  # nobody in the sample finishes a thousand hours in nine months; they sample such courses


@dataclass(frozen=True, slots=True)
class Course:
    """The part of a catalogue row that matters here."""

    id: str
    title: str
    summary: str
    url: str
    tags: frozenset[str]
    rank: int
    language: str
    hours: float
    prerequisites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """One interaction: `value` is a share for progress, stars for rate, otherwise 1."""

    person: Person
    item: str
    signal: str
    value: float
    at: datetime


@dataclass(slots=True)
class _State:
    """What one member has done so far, and when the last thing was."""

    rank: int
    clock: datetime
    met: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    current: dict[str, float] = field(default_factory=dict)
    fits: dict[str, float] = field(default_factory=dict)
    fits_rank: int = -1  # the rank that `fits` were computed for


def courses(catalogue: Sequence[Mapping[str, str]]) -> dict[str, Course]:
    """Catalogue rows by id. Raises KeyError when a column is missing."""
    parsed = {}
    for row in catalogue:
        parsed[row["id"]] = Course(
            id=row["id"],
            title=row["title"],
            summary=row["summary"],
            url=row["url"],
            tags=frozenset(filter(None, row["tags"].split(";"))),
            rank=LEVELS.index(row["level"]) if row["level"] in LEVELS else 1,
            language=row["language"],
            hours=min(float(row["hours"] or 20), _MOST_HOURS),
            prerequisites=tuple(filter(None, row["prerequisites"].split(";"))),
        )
    return parsed


def interactions(rng: Random, members: Sequence[Person], known: Mapping[str, Course], now: datetime) -> tuple[Act, ...]:
    """Everything the members did until `now`, oldest first."""
    popularity = _popularity(rng, known)
    acts = [act for person in members for act in _life(rng, person, known, popularity, now)]
    return tuple(sorted(acts, key=lambda act: (act.at, act.person.number, act.item)))


def _popularity(rng: Random, known: Mapping[str, Course]) -> dict[str, float]:
    """A heavy-tailed draw (Zipf, exponent 0.9) over the catalogue; what discussions link to tends to come first."""
    linked = bank.linked()
    order = sorted(sorted(known), key=lambda item: rng.random() * (0.4 if item in linked else 1.0))
    return {item: 1.0 / (place + 3) ** 0.9 for place, item in enumerate(order)}


def _fit(person: Person, course: Course, rank: int) -> float:
    """How well a course suits, 0 to about 3: shared topics (earlier ones count more) times level and language."""
    shared = sum(1.0 - 0.15 * place for place, topic in enumerate(person.topics) if topic in course.tags)
    if not shared:
        shared = 0.04
    if person.goal == "interview" and "interview" in course.tags:
        shared += 0.8
    if course.language == person.language:
        language = 1.0
    elif course.language == "en":
        language = 0.6 if person.also_english else 0.18
    else:
        language = 0.0
    return shared * _LEVEL_FIT[abs(rank - course.rank)] * language


def _weight(course: Course, fit: float, popularity: float, state: _State) -> float:
    if not fit or course.id in state.done or course.id in state.dropped or course.id in state.current:
        return 0.0
    weight = float(fit**1.6 * popularity**0.9)
    if course.prerequisites:
        met = sum(needed in state.done for needed in course.prerequisites) / len(course.prerequisites)
        weight *= 5.0 if met == 1 else 0.3 + met
    return weight * (0.6 if course.id in state.met else 1.0)


def _life(
    rng: Random,
    person: Person,
    known: Mapping[str, Course],
    popularity: Mapping[str, float],
    now: datetime,
) -> Iterator[Act]:
    state = _State(rank=person.rank, clock=person.joined)
    diligence = min(1.0, rng.lognormvariate(-0.5, 0.45))
    leaves = person.joined + timedelta(days=rng.uniform(40, 120)) if rng.random() < 0.18 else now
    week = person.joined
    while week < min(now - timedelta(days=1), leaves):
        if rng.random() < 0.25 + 0.7 * diligence:
            yield from _week(rng, person, known, popularity, state, week, now)
        week += timedelta(days=7)


def _week(
    rng: Random,
    person: Person,
    known: Mapping[str, Course],
    popularity: Mapping[str, float],
    state: _State,
    week: datetime,
    now: datetime,
) -> Iterator[Act]:
    moments = _moments(rng, person, state, week, now)
    yield from _study(rng, person, known, state, moments)
    if state.fits_rank != state.rank:
        state.fits = {item: _fit(person, course, state.rank) for item, course in known.items()}
        state.fits_rank = state.rank
    fits = state.fits
    weights = [_weight(course, fits[item], popularity[item], state) for item, course in known.items()]
    if not any(weights):
        return
    for item in dict.fromkeys(rng.choices(list(known), weights, k=rng.choice((1, 1, 2, 3)))):
        yield from _meet(rng, person, known[item], fits[item], state, moments)


def _moments(rng: Random, person: Person, state: _State, week: datetime, now: datetime) -> Iterator[datetime]:
    """Strictly rising times, near the member's usual hour of a day in this week, never after `now`."""
    limit = now - timedelta(minutes=40)
    local = person.local(week + timedelta(days=rng.uniform(0, 4)))
    at = local.replace(hour=person.active_hour, minute=rng.randrange(60), second=rng.randrange(60))
    while True:
        at += timedelta(minutes=rng.uniform(1, 45) if rng.random() < 0.85 else 60 * 22)
        later = max(at, state.clock + timedelta(minutes=1))
        state.clock = later if later < limit else state.clock + (limit - state.clock) / 9
        yield state.clock.replace(microsecond=0)


def _meet(
    rng: Random, person: Person, course: Course, fit: float, state: _State, moments: Iterator[datetime]
) -> Iterator[Act]:
    yield Act(person, course.id, "browse", 1, next(moments))
    state.met.add(course.id)
    if fit < 0.2 and rng.random() < 0.4:
        state.dropped.add(course.id)
        yield Act(person, course.id, "dismiss", 1, next(moments))
        return
    if rng.random() > min(0.9, 0.3 + 0.4 * fit):
        return
    yield Act(person, course.id, "click", 1, next(moments))
    ready = all(needed in state.done for needed in course.prerequisites)
    if len(state.current) < 2 and rng.random() < (0.6 if ready else 0.25):
        yield Act(person, course.id, "enrol", 1, next(moments))
        state.current[course.id] = 0.0
    elif rng.random() < 0.4:
        yield Act(person, course.id, "save", 1, next(moments))


def _study(
    rng: Random, person: Person, known: Mapping[str, Course], state: _State, moments: Iterator[datetime]
) -> Iterator[Act]:
    for item in list(state.current):
        course = known[item]
        too_hard = course.rank > state.rank or not all(need in state.done for need in course.prerequisites)
        if rng.random() < (0.14 if too_hard else 0.06):
            del state.current[item]
            state.dropped.add(item)
            if rng.random() < 0.3:
                yield Act(person, item, "rate", rng.choice((2, 2, 3)), next(moments))
            continue
        step = person.weekly_hours * rng.uniform(0.5, 1.4) / len(state.current) / course.hours
        share = round(min(1.0, state.current[item] + step), 2)
        state.current[item] = share
        if share >= 0.97:
            yield from _finish(rng, person, course, state, moments, too_hard=too_hard)
        else:
            yield Act(person, item, "progress", share, next(moments))


def _finish(
    rng: Random, person: Person, course: Course, state: _State, moments: Iterator[datetime], *, too_hard: bool
) -> Iterator[Act]:
    yield Act(person, course.id, "progress", 1.0, next(moments))
    yield Act(person, course.id, "complete", 1, next(moments))
    del state.current[course.id]
    state.done.add(course.id)
    if rng.random() < 0.7:
        yield Act(person, course.id, "rate", rng.choice((3, 4, 4) if too_hard else (3, 4, 4, 5, 5)), next(moments))
    if len(state.done) % 4 == 0:
        state.rank = min(state.rank + 1, len(LEVELS) - 1)
