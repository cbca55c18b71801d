"""Calendar entries as iCalendar (RFC 5545), for files and feeds. Knows the format; knows no guest list and no store.

Times are UTC where an entry happens once: every program shows them in its own zone, and none has to understand a zone
that we describe. A series needs the zone of its organiser (19:30 stays 19:30 when clocks change), so it has a TZID and
a VTIMEZONE with the changes that it meets. Folding is the library's; people's words pass `clean` before.

ORGANIZER is required in what is published (RFC 5546) and must be an address. Nobody's address is given out: it is
``invalid:nomail``, as other calendar servers write it, with the name beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vCategory, vDuration, vText

from bot.domain.calendar import CalendarEntry, Firmness
from bot.domain.recurrence import Recurrence
from bot.domain.text import clean, clean_line

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
PRODUCT: Final = "-//Studyhall//Community calendar//EN"
NOBODY: Final = "invalid:nomail"
REFRESH: Final = timedelta(hours=1)
"""How often programs are asked to fetch a feed again."""
MAX_DESCRIPTION: Final = 4_000
_ZONE_YEARS: Final = timedelta(days=366 * 3)
"""How far a zone is described for a series without an end; its calendar is written anew before."""

Method = Literal["PUBLISH", "CANCEL"]
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class _Words(vText):
    """Text as section 3.3.11 escapes it. The library takes a backslash before an N for a line that ends, so that
    ``C:\\New`` loses both."""

    def to_ical(self) -> bytes:
        return str(self).translate(_ESCAPED).encode()


def as_file(entry: CalendarEntry) -> bytes:
    """One entry to take into a calendar; one that is cancelled says so, and is struck out there."""
    method: Method = "CANCEL" if entry.firmness is Firmness.CANCELLED else "PUBLISH"
    return _written(_calendar(method), [entry])


def as_feed(entries: Iterable[CalendarEntry], *, name: str) -> bytes:
    """Everything of one member, under a name that programs show. The same entries give the same bytes."""
    calendar = _calendar("PUBLISH")
    shown = _Words(clean_line(name))
    calendar.add("NAME", shown)
    calendar.add("X-WR-CALNAME", shown)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    return _written(calendar, sorted(entries, key=lambda entry: (entry.starts_at.astimezone(UTC), entry.uid)))


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _written(calendar: Calendar, entries: Iterable[CalendarEntry]) -> bytes:
    entries = list(entries)
    for zone, (first, last) in sorted(_zones(entries).items()):
        calendar.add_component(Timezone.from_tzid(zone, first_date=first.date(), last_date=last.date()))
    for entry in entries:
        calendar.add_component(_event(entry))
        for usual, instance in entry.changed:
            changed = _event(instance, uid=entry.uid)
            assert entry.series is not None
            changed.add("RECURRENCE-ID", usual.astimezone(entry.series.zone))
            calendar.add_component(changed)
    written: bytes = calendar.to_ical()
    return written


def _zones(entries: Iterable[CalendarEntry]) -> dict[str, tuple[datetime, datetime]]:
    """The zones that series are written in, and the time in which their clocks matter."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for entry in entries:
        if entry.series is not None and not _in_utc(entry.series):
            first, last = found.get(entry.timezone, (entry.series.start, entry.series.start))
            end = _end(entry.series)
            found[entry.timezone] = (min(first, entry.series.start), max(last, end))
    return found


def _end(series: Recurrence) -> datetime:
    if series.until is None and series.times is None:
        return series.start + _ZONE_YEARS
    *_, (_, last) = series.instances()
    return last.replace(tzinfo=None) + timedelta(days=7)


def _in_utc(series: Recurrence) -> bool:
    return series.timezone in {"UTC", "Etc/UTC", "Etc/GMT", "GMT"}


def _event(entry: CalendarEntry, *, uid: str = "") -> Event:
    event = Event()
    event.add("UID", uid or entry.uid)
    event.add("DTSTAMP", entry.stamp.astimezone(UTC))
    event.add("LAST-MODIFIED", entry.stamp.astimezone(UTC))
    event.add("SEQUENCE", entry.sequence)
    if entry.series is None:
        event.add("DTSTART", entry.starts_at.astimezone(UTC))
        event.add("DTEND", entry.ends_at.astimezone(UTC))
    else:
        event.add("DTSTART", entry.starts_at.astimezone(UTC if _in_utc(entry.series) else entry.series.zone))
        # A length and not an end, so that every instance lasts as long, also over a night in which clocks change.
        event.add("DURATION", timedelta(minutes=entry.minutes))
        if (rule := entry.series.rule()) is not None:
            event.add("RRULE", rule)
    event.add("SUMMARY", _Words(clean_line(entry.title)))
    _details(event, entry)
    event.add("STATUS", entry.firmness.value.upper())
    event.add("TRANSP", "OPAQUE" if entry.firmness is Firmness.CONFIRMED else "TRANSPARENT")
    if entry.firmness is not Firmness.CANCELLED:
        for minutes in sorted(set(entry.alarms), reverse=True):
            event.add_component(_alarm(minutes, entry.title))
    return event


def _details(event: Event, entry: CalendarEntry) -> None:
    if description := clean(entry.description, limit=MAX_DESCRIPTION):
        event.add("DESCRIPTION", _Words(description))
    if place := clean_line(entry.place):
        event.add("LOCATION", _Words(place))
    if entry.link.startswith(("https://", "http://")):
        event.add("URL", entry.link)
    if topics := [topic for topic in map(clean_line, entry.topics) if topic]:
        categories = vCategory(topics)
        categories.cats = [_Words(topic) for topic in topics]
        event.add("CATEGORIES", categories)
    organizer = vCalAddress(NOBODY)
    if host := clean_line(entry.host, limit=60).replace('"', "'"):
        organizer.params["CN"] = host
    event.add("ORGANIZER", organizer)


def _alarm(minutes: int, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _Words(clean_line(title)))
    alarm.add("TRIGGER", -timedelta(minutes=minutes))
    return alarm
