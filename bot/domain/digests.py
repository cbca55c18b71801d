"""A member's digest as they want it: when, how much, of what, where. Knows quiet hours; knows no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.localtime import moment
from bot.domain.schedules import Frequency

LENGTHS: Final = (3, 5, 10)
MINUTES: Final = (0, 30)
UNREACHABLE: Final = 2
"""So many unasked messages in a row that could not be delivered, and nothing more is sent."""
LONGEST_PAUSE: Final = timedelta(days=366)


class Section(StrEnum):
    """The parts of a digest beside its suggestions, in their order; each can be switched off."""

    CONTINUE = "continue"
    HELP = "help"
    EVENTS = "events"
    YOU = "you"


SECTIONS: Final = frozenset({Section.CONTINUE, Section.EVENTS, Section.YOU})
"""Those that are on for who said nothing else: being asked for help is for who wants to help."""


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """A member's digest: `enabled` only after they said yes; quiet hours are local [start, end), equal hours mean none.

    `language` None: as the member's other messages. `unreachable`: undelivered ones in a row. `hint`: the language that
    the member's platform named last. `last_note`: what became of the last one.
    """

    member_id: int
    enabled: bool = False
    frequency: Frequency = Frequency.WEEKLY
    weekday: int = 4
    hour: int = 18
    minute: int = 0
    length: int = 5
    language: str | None = None
    platform: str = ""
    sections: frozenset[Section] = SECTIONS
    quiet_start: int = 22
    quiet_end: int = 8
    skip_next: bool = False
    paused_until: date | None = None
    last_note: str = ""
    unreachable: int = 0
    hint: str = ""

    def __post_init__(self) -> None:
        hours = (self.hour, self.quiet_start, self.quiet_end)
        if not all(0 <= hour <= 23 for hour in hours) or self.minute not in MINUTES:
            raise ValueError(f"hours are 0-23 and minutes 0 or 30, got {hours} and {self.minute}")
        if not 0 <= self.weekday <= 6 or self.length not in LENGTHS:
            raise ValueError(f"weekdays are 0-6 and lengths {LENGTHS}, got {self.weekday} and {self.length}")

    @property
    def at(self) -> time:
        return time(self.hour, self.minute)

    def quiet(self, at: datetime, timezone: str) -> bool:
        """Whether the member's clocks show one of their quiet hours."""
        start, end, hour = self.quiet_start, self.quiet_end, at.astimezone(ZoneInfo(timezone)).hour
        return start <= hour < end if start <= end else hour >= start or hour < end

    def awake_from(self, at: datetime, timezone: str) -> datetime:
        """`at`, or the end of the quiet hours that it falls into, in the member's zone."""
        if not self.quiet(at, timezone):
            return at
        where = ZoneInfo(timezone)
        local = at.astimezone(where)
        tomorrow = timedelta(days=1) if local.hour >= self.quiet_end else timedelta()
        awake = moment(local.date() + tomorrow, time(self.quiet_end), where)
        # Where the clocks leap over the end of the quiet hours, or over the whole day, they end at the leap.
        return max(awake, at).astimezone(at.tzinfo)


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """How digests do in a community, in numbers of people; small ones are for nobody's eyes before they are hidden.

    `getting`: who wants it and can be reached; `paused` of those; `written`: to whom one was sent in the time looked
    at; `little`: for whom one was left out, because nothing was good enough; `acted`: who did something with what one
    showed them; `stops`: who stopped it, by reason; `unreachable`: whom it could not be delivered to.
    """

    days: int
    getting: int = 0
    paused: int = 0
    written: int = 0
    little: int = 0
    acted: int = 0
    stops: Mapping[str, int] = field(default_factory=dict)
    unreachable: int = 0


@dataclass(frozen=True, slots=True)
class You:
    """What the member did since the last digest. `solved`: answers of theirs that somebody else marked as the solution;
    `answers`: discussions of others in which they answered; `courses` in which they went on, `finished` ones apart.
    `streak`: weeks in a row with any of it, up to now. `hours` of work in the last seven days, as far as the courses
    say how long they take; `goal`: those a week that they set themselves."""

    solved: int = 0
    answers: int = 0
    courses: int = 0
    finished: int = 0
    streak: int = 0
    hours: float = 0.0
    goal: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.solved or self.answers or self.courses or self.finished or self.streak > 1)
