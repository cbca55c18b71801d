"""An event as a calendar keeps it. Knows what calendars want to know; knows no format, guest or store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.localtime import later
from bot.domain.recurrence import Recurrence


class Firmness(StrEnum):
    """How sure it is that whoever keeps this calendar will be there."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One happening. `uid` never changes; `sequence` rises with every change that calendars must hear of.

    `stamp`: when it was last changed. `host` is a name; addresses of people are never in here. `link`: a page or room
    to open. `alarms`: minutes before the start. `series`: how it repeats, when this is the first of a series that is
    kept as one; `changed`: instances of it that differ, by the start that they would have had.
    """

    uid: str
    title: str
    starts_at: datetime
    minutes: int
    timezone: str
    stamp: datetime
    sequence: int = 0
    description: str = ""
    place: str = ""
    host: str = ""
    link: str = ""
    firmness: Firmness = Firmness.CONFIRMED
    alarms: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()
    series: Recurrence | None = None
    changed: tuple[tuple[datetime, CalendarEntry], ...] = field(default=())

    def __post_init__(self) -> None:
        if self.starts_at.utcoffset() is None or self.stamp.utcoffset() is None:
            raise ValueError("a calendar entry has aware times")
        if self.minutes < 1 or self.sequence < 0:
            raise ValueError(f"it lasts 1 minute or more, in sequence 0 or later: {self.minutes}, {self.sequence}")
        if any(minutes < 1 for minutes in self.alarms):
            raise ValueError(f"alarms are minutes before the start, got {self.alarms}")
        if self.changed and self.series is None:
            raise ValueError("only a series has instances that differ")
        if self.series is not None and self.series.timezone != self.timezone:
            raise ValueError("a series repeats in the zone of its entry")

    @property
    def ends_at(self) -> datetime:
        return later(self.starts_at, timedelta(minutes=self.minutes))


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """A member's own calendar under a secret address. Of the secret only `selector`, which finds the row, and the hash
    of the rest are kept, so that whoever reads the store cannot read a calendar.

    `maybe`: events that the member may come to are in it too. `alarm`: minutes before the start; 0: none.
    """

    member_id: int
    selector: str
    hashed: str
    made_at: datetime
    maybe: bool = True
    alarm: int = 15
