"""When something is due for somebody, in local time. Knows calendars and zones; knows no clock and no storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


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


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """A member's digest: `enabled` only after they said yes; quiet hours are local [start, end)."""

    member_id: int
    enabled: bool = False
    frequency: Frequency = Frequency.WEEKLY
    weekday: int = 4
    hour: int = 18
    length: int = 5
    language: str | None = None
    platform: str = ""
    quiet_start: int = 22
    quiet_end: int = 8
    skip_next: bool = False
    paused_until: date | None = None
    last_note: str = ""

    def awake_from(self, at: datetime, timezone: str) -> datetime:
        """`at`, or the end of the quiet hours that it falls into, in the member's zone. Equal hours mean none."""
        local = at.astimezone(ZoneInfo(timezone))
        start, end, hour = self.quiet_start, self.quiet_end, local.hour
        quiet = start <= hour < end if start <= end else hour >= start or hour < end
        if not quiet:
            return at
        tomorrow = timedelta(days=1) if hour >= end else timedelta()
        return datetime.combine(local.date() + tomorrow, time(end), local.tzinfo).astimezone(at.tzinfo)
