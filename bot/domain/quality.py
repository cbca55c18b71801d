"""Marks of experts and what the community makes of a course. Knows no formula and no storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

FEWEST: Final = 5
"""People below which a group is not shown, nor one that could be worked out by subtracting."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What an expert thinks of a course: 1-5 stars and a word on why. One a person a course; the last counts."""

    member_id: int
    course: str
    stars: int
    note: str
    at: datetime

    def __post_init__(self) -> None:
        if not 1 <= self.stars <= 5:
            raise ValueError(f"a mark is 1-5 stars, got {self.stars!r}")


@dataclass(frozen=True, slots=True)
class CourseQuality:
    """`value` 0-1, 0.5 is what is usual here; `low` to `high` holds it with 90 %. `parts` sum to value - 0.5.

    stars: the shrunk mean rating 1-5 with its 90 % interval (None: nobody rated), of `ratings` people; `finished` of
    `enrolled` people.
    """

    course: str
    value: float
    low: float
    high: float
    parts: Mapping[str, float] = field(default_factory=dict, hash=False)
    stars: tuple[float, float, float] | None = None
    ratings: int = 0
    finished: int = 0
    enrolled: int = 0


@dataclass(frozen=True, slots=True)
class CourseAct:
    """One act that says something about a course: the signal, its value, the reason given. `since`: when its member was
    first seen here, in person or in what was imported."""

    member_id: int
    course: str
    signal: str
    value: float
    reason: str
    at: datetime
    since: datetime
