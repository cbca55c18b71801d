"""A month of events as one member sees it, in their own zone. Knows days and visibility; knows no page."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import SEATED, Standing
from bot.domain.localtime import settle
from bot.domain.people import Member
from bot.domain.permissions import visible
from bot.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Happening:
    """`number` is what ``/event`` takes. `local`: the start in the member's zone. `standing`: theirs, if any."""

    number: int
    title: str
    local: datetime
    minutes: int
    state: EventState
    standing: Standing | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    inside: bool
    today: bool
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """Whole weeks from Monday, so that some days belong to the months beside it."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    before: date | None
    after: date | None

    @property
    def happenings(self) -> int:
        return sum(len(day.happenings) for week in self.weeks for day in week if day.inside)


EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2199, 12, 1)
_LONGEST: Final = timedelta(days=14)
"""No event lasts longer."""


def month_of(uow: UnitOfWork, member: Member, first: date, now: datetime) -> Month:
    """The month that begins on `first`. Drafts are in it for nobody; what was cancelled stays, and says so."""
    zone = ZoneInfo(member.timezone)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    since, until = (settle(datetime.combine(day, datetime.min.time()), zone) for day in _ends(weeks))
    viewer = uow.rooms.viewer(member)
    states = (EventState.PUBLISHED, EventState.OVER, EventState.CANCELLED)
    found = [
        event
        for event in uow.hosted.all(member.community_id, states=states, ends_after=since, ends_before=until + _LONGEST)
        if event.starts_at < until and not event.discarded and visible(viewer, event.audience)
    ]
    mine = uow.guests.of_member(member.community_id, member.id, standings=frozenset(Standing))
    by_day: dict[date, list[Happening]] = {}
    for event in found:
        guest = mine.get(event.number)
        local = event.starts_at.astimezone(zone)
        shown = _happening(uow, event, local, guest.standing if guest else None)
        by_day.setdefault(max(local.date(), weeks[0][0]), []).append(shown)
    today = now.astimezone(zone).date()
    return Month(
        first,
        tuple(
            tuple(Day(d, d.month == first.month, d == today, tuple(by_day.get(d, ()))) for d in week) for week in weeks
        ),
        _step(first, -1),
        _step(first, 1),
    )


def _ends(weeks: list[list[date]]) -> tuple[date, date]:
    return weeks[0][0], weeks[-1][-1] + timedelta(days=1)


def _happening(uow: UnitOfWork, event: HostedEvent, local: datetime, standing: Standing | None) -> Happening:
    full = event.open and event.capacity > 0 and uow.guests.around(event.number).free(event.terms) == 0
    return Happening(
        event.number, event.title, local, event.minutes, event.state, standing, full and standing not in SEATED
    )


def _step(first: date, months: int) -> date | None:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    other = date(year, month + 1, 1)
    return other if EARLIEST <= other <= LATEST else None


def this_month(now: datetime, timezone: str) -> date:
    return now.astimezone(ZoneInfo(timezone)).date().replace(day=1)


def month_named(name: str) -> date | None:
    """The first day of ``2026-11``; None for anything else, and for months nobody plans in."""
    try:
        first = datetime.strptime(name, "%Y-%m").date()  # noqa: DTZ007  a month has no zone
    except ValueError:
        return None
    return first if len(name) == 7 and name.isascii() and EARLIEST <= first <= LATEST else None
