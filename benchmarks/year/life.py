"""What happened in a simulated year: wishes, messages, outages. Knows neither the program nor a judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.digests import DigestSettings
from bot.domain.schedules import Frequency

ZONES: Final = ("America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe")
BEGIN: Final = datetime(2027, 2, 22, 12, 0, tzinfo=UTC)
"""New York changes its clocks on March 14, Berlin on March 28, Lord Howe, by half an hour, on April 4."""
GRACE: Final = timedelta(hours=12)
SPREAD: Final = timedelta(minutes=5)
DAY: Final = timedelta(days=1)
GAP: Final = {True: timedelta(hours=22), False: timedelta(hours=24)}
APART: Final = {Frequency.DAILY: 12 / 24, Frequency.WEEKLY: 5, Frequency.BIWEEKLY: 11, Frequency.MONTHLY: 20}


@dataclass(frozen=True, slots=True)
class Span:
    begin: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Sent:
    member: int
    key: str
    at: datetime

    @property
    def digest(self) -> bool:
        return self.key.startswith("digest:")


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on a member's wishes are these. `moment`: it changed when digests are due."""

    at: datetime
    settings: DigestSettings
    zone: str
    moment: bool
    what: str = ""


@dataclass(slots=True)
class Life:
    """Everything that happened, as the judge sees it."""

    changes: dict[int, list[Change]] = field(default_factory=dict)
    skips: dict[int, list[datetime]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    blocked: dict[int, Span] = field(default_factory=dict)
    down: list[Span] = field(default_factory=list)
    silent: list[Span] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    refused: list[Sent] = field(default_factory=list)
    crashes: int = 0
    asked: int = 0
    turned_down: int = 0
