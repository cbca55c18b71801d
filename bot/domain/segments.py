"""Named groups of members that a moderator can read: a name and a few rules, all of which must hold. Knows no storage
and no sentence.

The rules are a closed set, so that a segment can be said in words to whoever it leaves out. What rests on what somebody
did needs their consent that enrolments are used: without it they are in no such segment, not even in its count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from bot.domain.people import Level, Profile

FEWEST: Final = 5
"""Of fewer people no number is shown, and no event is for them alone: everybody would know who they are."""
MOST_RULES: Final = 6
MOST_VALUES: Final = 8
MAX_NAME: Final = 40
NEW_FOR: Final = timedelta(days=30)
ACTIVE_FOR: Final = timedelta(days=28)


class RuleKind(StrEnum):
    """NEW: joined less than `NEW_FOR` ago. ACTIVE: did something within `ACTIVE_FOR`; QUIET: only before that."""

    TOPIC = "topic"
    LEVEL = "level"
    FINISHED = "finished"
    ENROLLED = "enrolled"
    NEW = "new"
    ACTIVE = "active"
    QUIET = "quiet"


VALUED: Final = frozenset({RuleKind.TOPIC, RuleKind.LEVEL})
"""Kinds that need a value."""
PLAIN: Final = frozenset({RuleKind.NEW, RuleKind.ACTIVE, RuleKind.QUIET})
"""Kinds that take none."""
OBSERVED: Final = frozenset({RuleKind.FINISHED, RuleKind.ENROLLED, RuleKind.ACTIVE, RuleKind.QUIET})
"""Kinds that rest on what somebody did."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Any of `values` is enough: topics; levels; levels or course ids (none: any course)."""

    kind: RuleKind
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind in VALUED and not self.values) or (self.kind in PLAIN and self.values):
            raise ValueError(f"{self.kind.value} does not go with {self.values!r}")
        if len(self.values) > MOST_VALUES or not all(self.values):
            raise ValueError(f"a rule has at most {MOST_VALUES} values, got {self.values!r}")
        if self.kind is RuleKind.LEVEL:
            _ = [Level(value) for value in self.values]


@dataclass(frozen=True, slots=True)
class Segment:
    """`slug` names it for events; it never changes."""

    slug: str
    name: str
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if not self.slug or not 1 <= len(self.name) <= MAX_NAME:
            raise ValueError(f"a segment has a name of 1-{MAX_NAME} characters, got {self.name!r}")
        if not 1 <= len(self.rules) <= MOST_RULES:
            raise ValueError(f"a segment has 1-{MOST_RULES} rules, got {len(self.rules)}")

    @property
    def observes(self) -> bool:
        """Whether it rests on what members did."""
        return any(rule.kind in OBSERVED for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Traits:
    """What the rules ask of one member. `finished`, `enrolled`: by course id, its level. `last`: when they did anything
    last. `consents`: what they did may be looked at."""

    profile: Profile
    joined_at: datetime | None
    consents: bool
    finished: Mapping[str, Level | None] = field(default_factory=dict)
    enrolled: Mapping[str, Level | None] = field(default_factory=dict)
    last: datetime | None = None


def belongs(segment: Segment, traits: Traits, now: datetime) -> bool:
    return all(_holds(rule, traits, now) for rule in segment.rules)


def _holds(rule: Rule, traits: Traits, now: datetime) -> bool:
    if rule.kind in OBSERVED and not traits.consents:
        return False
    match rule.kind:
        case RuleKind.TOPIC:
            return not set(rule.values).isdisjoint(traits.profile.topics)
        case RuleKind.LEVEL:
            return traits.profile.level is not None and traits.profile.level.value in rule.values
        case RuleKind.FINISHED:
            return _any_of(rule, traits.finished)
        case RuleKind.ENROLLED:
            return _any_of(rule, traits.enrolled)
        case RuleKind.NEW:
            return traits.joined_at is not None and now - traits.joined_at < NEW_FOR
        case RuleKind.ACTIVE:
            return traits.last is not None and now - traits.last < ACTIVE_FOR
        case RuleKind.QUIET:
            return traits.last is not None and now - traits.last >= ACTIVE_FOR
        case _:
            assert_never(rule.kind)


def _any_of(rule: Rule, courses: Mapping[str, Level | None]) -> bool:
    if not rule.values:
        return bool(courses)
    levels = {level.value for level in courses.values() if level is not None}
    return not set(rule.values).isdisjoint(levels | courses.keys())


def roughly(count: int) -> int | None:
    """What may be shown of a count: rounded down to fives, because the difference of two exact counts can tell who
    somebody is. None: too few for any number."""
    return None if count < FEWEST else count - count % FEWEST


DECLARED: Final = (
    Segment("finished-beginner", "finished-beginner", (Rule(RuleKind.FINISHED, (Level.BEGINNER.value,)),)),
    Segment("finished-any", "finished-any", (Rule(RuleKind.FINISHED),)),
    Segment("new", "new", (Rule(RuleKind.NEW),)),
    Segment("active", "active", (Rule(RuleKind.ACTIVE),)),
    Segment("quiet", "quiet", (Rule(RuleKind.QUIET),)),
)
"""Segments that every community has; their names are said by wording."""
