"""Communities, members (people), their identities and what they told us. Knows no storage and no platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.consent import Consent
from bot.domain.permissions import Role
from bot.domain.refs import AccountRef

LANGUAGES: Final = ("en", "zh")


class Level(StrEnum):
    """How far a learner is, or whom a course is for."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"

    @property
    def rank(self) -> int:
        """0 (beginner) to 2 (advanced)."""
        return list(Level).index(self)


class Goal(StrEnum):
    JOB = "job"
    BUILD = "build"
    INTERVIEW = "interview"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Community:
    id: int
    name: str
    language: str = "en"
    timezone: str = "UTC"
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member declared. `muted` names the sources (parts of the score) that the member wants less of."""

    topics: tuple[str, ...] = ()
    level: Level | None = None
    goal: Goal | None = None
    weekly_hours: float | None = None
    muted: frozenset[str] = frozenset()
    surprises: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one community. `language` None: as in the message being answered."""

    id: int
    community_id: int
    name: str
    language: str | None = None
    timezone: str = "UTC"
    role: Role = Role.MEMBER
    profile: Profile = field(default_factory=Profile)
    consent: Consent = field(default_factory=Consent)
    joined_at: datetime | None = None
    onboarded_at: datetime | None = None
    sample: bool = False
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """One account of a member."""

    id: int
    member_id: int
    account: AccountRef
    name: str
