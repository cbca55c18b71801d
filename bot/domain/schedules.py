"""When something is due for somebody, in local time. Knows calendars; knows no clock and no storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Job(StrEnum):
    """What the scheduler can wake; the name is what the store keeps."""

    DIGEST = "digest"
    SUGGEST = "suggest"
    TRAIN = "train"
    EMBED = "embed"
    SNAPSHOT = "snapshot"
    SWEEP = "sweep"


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    """The first such weekday of a month."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One row: `job` for `recipient` (``member:7``, ``room:3``, ``community``), local `at`, `weekday` 0 is Monday."""

    job: Job
    recipient: str
    timezone: str
    frequency: Frequency = Frequency.WEEKLY
    weekday: int = 4
    at: time = time(18, 0)
    enabled: bool = True
    paused_until: date | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One period of one schedule: `period` is the local date it belongs to (ISO). Unique with (job, recipient)."""

    job: Job
    recipient: str
    period: str
    due_at: datetime


class Outcome(StrEnum):
    CLAIMED = "claimed"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
