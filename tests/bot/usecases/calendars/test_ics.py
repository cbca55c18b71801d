"""Our iCalendar read back by icalendar, strictly, and by ical, with which Home Assistant keeps calendars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from bot.domain.calendar import CalendarEntry, Firmness
from bot.domain.recurrence import LAST, Recurrence, Repeats, places_of
from bot.domain.text import clean, clean_line
from bot.usecases.calendars.ics import as_feed, as_file
from tests.bot.domain.test_recurrence import ZONES

STAMP = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
START = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)


def entry(title: str = "Async Rust, live", starts_at: datetime = START, **more: Any) -> CalendarEntry:
    known: dict[str, Any] = {"uid": "event-abc@studyhall", "minutes": 90, "timezone": "Asia/Shanghai", "stamp": STAMP}
    return CalendarEntry(title=title, starts_at=starts_at, **{**known, **more})


def series(one: Recurrence, **more: Any) -> CalendarEntry:
    start = one.at(0)
    assert start is not None
    return entry("Weekly", start, timezone=one.timezone, series=one, **more)


def events(raw: bytes) -> list[Any]:
    """By icalendar, which keeps what it cannot read as errors of the component."""
    calendar = icalendar.Calendar.from_ical(raw)
    found = list(calendar.walk("VEVENT"))
    assert not any(component.errors for component in calendar.walk())
    return found


def lines(raw: bytes) -> list[str]:
    """Unfolded as RFC 5545 section 3.1 says; the form of every physical line is checked on the way."""
    assert raw.endswith(b"\r\n")
    physical = raw[:-2].split(b"\r\n")
    assert all(1 <= len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in physical)
    for line in physical:
        line.decode("utf-8")  # no character is cut in two
    return raw.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_an_event_is_read_the_same_by_everybody() -> None:
    one = entry(
        description="Bring a laptop.\nAnd a question.", place="#stage-1", host="Mei", link="https://learn.example/e/1"
    )
    raw = as_file(one)

    [by_icalendar] = events(raw)
    assert by_icalendar.start == START
    assert by_icalendar.end == START + timedelta(minutes=90)
    assert by_icalendar["SUMMARY"] == "Async Rust, live"
    assert by_icalendar["DESCRIPTION"] == "Bring a laptop.\nAnd a question."
    assert by_icalendar["ORGANIZER"].params["CN"] == "Mei"

    [by_ical] = IcsCalendarStream.calendar_from_ics(raw.decode()).events
    assert (by_ical.uid, by_ical.summary, by_ical.location) == (one.uid, one.title, one.place)
    assert (by_ical.start_datetime, by_ical.end_datetime) == (START, START + timedelta(minutes=90))
    assert str(by_ical.url) == "https://learn.example/e/1"


def test_nobodys_address_is_in_it() -> None:
    raw = as_file(entry(host="Mei <mei@example.org>"))
    [event] = events(raw)
    assert str(event["ORGANIZER"]) == "invalid:nomail"
    assert not any(line.startswith("ATTENDEE") or "mailto" in line.casefold() for line in lines(raw))


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    before, after = events(as_file(entry()))[0], events(as_file(entry("Moved", sequence=1)))[0]
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_what_is_cancelled_is_cancelled_in_calendars_and_rings_no_more() -> None:
    raw = as_file(entry(firmness=Firmness.CANCELLED, sequence=2, alarms=(15,)))
    assert "METHOD:CANCEL" in lines(raw)
    [event] = events(raw)
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCELLED", 2, "event-abc@studyhall")
    assert "ORGANIZER" in event
    assert not event.walk("VALARM")


def test_alarms_ring_before_the_start() -> None:
    [event] = events(as_file(entry(alarms=(15, 1440, 15))))
    assert [alarm.get("TRIGGER").dt for alarm in event.walk("VALARM")] == [-timedelta(days=1), -timedelta(minutes=15)]
    assert all(alarm["ACTION"] == "DISPLAY" and alarm["DESCRIPTION"] for alarm in event.walk("VALARM"))


def test_maybe_does_not_block_the_time() -> None:
    [event] = events(as_file(entry(firmness=Firmness.TENTATIVE)))
    assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")


def test_a_feed_has_a_name_is_in_order_and_never_differs_without_cause() -> None:
    later_one = entry("Second", START + timedelta(days=1), uid="b@studyhall")
    feed = as_feed([later_one, entry("First")], name="Studyhall · Lin")
    assert feed == as_feed([entry("First"), later_one], name="Studyhall · Lin")
    assert [event["SUMMARY"] for event in events(feed)] == ["First", "Second"]
    assert {"NAME:Studyhall · Lin", "X-WR-CALNAME:Studyhall · Lin", "METHOD:PUBLISH"} <= set(lines(feed))
    assert "X-PUBLISHED-TTL:PT1H" in lines(feed)
    assert len(IcsCalendarStream.calendar_from_ics(feed.decode()).events) == 2


def test_an_empty_feed_is_a_calendar() -> None:
    assert icalendar.Calendar.from_ical(as_feed([], name="Lin")).walk("VEVENT") == []
    assert IcsCalendarStream.calendar_from_ics(as_feed([], name="Lin").decode()).events == []


@st.composite
def weekly(draw: st.DrawFn) -> Recurrence:
    start = draw(st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31))).replace(second=0, microsecond=0)
    zone = draw(st.sampled_from(ZONES))
    repeats = draw(st.sampled_from([Repeats.WEEKLY, Repeats.BIWEEKLY, Repeats.MONTHLY]))
    nth = (places_of(start.date()) or (LAST,))[-1] if repeats is Repeats.MONTHLY else None
    if draw(st.booleans()):
        return Recurrence(start, zone, repeats, nth, times=draw(st.integers(1, 30)))
    return Recurrence(start, zone, repeats, nth, until=start.date() + timedelta(days=draw(st.integers(0, 400))))


def expanded(raw: bytes) -> list[tuple[datetime, str]]:
    """(start in UTC, status) of every instance as ical lays them out, in order."""
    timeline = IcsCalendarStream.calendar_from_ics(raw.decode()).timeline
    found = timeline.overlapping(datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))
    return sorted((event.start_datetime.astimezone(UTC), event.status.value if event.status else "") for event in found)


@given(weekly())
def test_a_series_is_expanded_by_others_to_the_moments_that_we_plan(one: Recurrence) -> None:
    raw = as_feed([series(one, minutes=45)], name="x")
    lines(raw)
    assert [at for at, _ in expanded(raw)] == [at.astimezone(UTC) for _, at in one.instances()]


def instance(one: Recurrence, index: int, **more: Any) -> tuple[datetime, CalendarEntry]:
    usual = one.at(index)
    assert usual is not None
    start = more.pop("starts_at", usual)
    return usual, entry(more.pop("title", "Weekly"), start, timezone=one.timezone, sequence=1, **more)


def test_an_instance_that_moved_or_was_called_off_replaces_the_usual_one() -> None:
    one = Recurrence(datetime(2026, 10, 20, 19, 30), "Europe/Berlin", Repeats.WEEKLY, times=4)
    moved_to = datetime(2026, 10, 28, 17, 0, tzinfo=UTC)
    kept = series(
        one,
        changed=(instance(one, 1, starts_at=moved_to), instance(one, 2, firmness=Firmness.CANCELLED)),
    )
    raw = as_feed([kept], name="x")
    assert {event["UID"] for event in events(raw)} == {kept.uid}
    on = [at for at, status in expanded(raw) if status != "CANCELLED"]
    assert on == [datetime(2026, 10, 20, 17, 30, tzinfo=UTC), moved_to, datetime(2026, 11, 10, 18, 30, tzinfo=UTC)]


def test_a_zone_is_described_as_long_as_its_series_goes_on() -> None:
    one = Recurrence(datetime(2026, 10, 20, 19, 30), "Europe/Berlin", Repeats.WEEKLY, times=100)
    calendar = icalendar.Calendar.from_ical(as_feed([series(one)], name="x"))
    [zone] = calendar.walk("VTIMEZONE")
    described = zone.to_tz()
    for _, at in one.instances():
        assert at.replace(tzinfo=None, fold=0).replace(tzinfo=described).utcoffset() == at.utcoffset()


SPIKY = st.text(
    st.sampled_from("ab,;:\\\"'\n\r\t<>&=^|{}é中文🎉\u202e\u0000\u2028\u0085\ud800é́́ BEGIN:VEVENTn"), max_size=120
)


def said(raw: bytes, name: str) -> list[str]:
    """What properties of that name say, unescaped as RFC 5545 section 3.3.11 says; icalendar's own reader takes an
    escaped backslash before an n for a line that ends."""
    texts = [line.removeprefix(name + ":") for line in lines(raw) if line.startswith(name + ":")]
    for text in texts:
        assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,n])*", text)
    return [re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text) for text in texts]


@given(SPIKY, SPIKY, SPIKY, SPIKY, st.lists(SPIKY, max_size=3))
@example("C:\\New, or D:\\nested; no?", "first\nsecond \\N", "\\N", "\\", ["\\N"])
def test_what_people_write_stays_text(title: str, words: str, place: str, host: str, topics: Iterable[str]) -> None:
    one = entry(title, description=words, place=place, host=host, topics=tuple(topics), alarms=(5,))
    raw = as_file(one)
    names = [line.partition(":")[0].partition(";")[0] for line in lines(raw)]
    assert names.count("BEGIN") == names.count("END") == 3
    [event] = events(raw)
    assert said(raw, "SUMMARY") == [clean_line(title)]
    assert said(raw, "LOCATION") == [*filter(None, [clean_line(place)])]
    assert said(raw, "DESCRIPTION") == [*filter(None, [clean(words)]), clean_line(title)]
    assert str(event["UID"]) == one.uid
    assert len(IcsCalendarStream.calendar_from_ics(raw.decode()).events) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"sequence": -1},
        {"starts_at": datetime(2026, 1, 1)},
        {"stamp": datetime(2026, 1, 1)},
        {"alarms": (0,)},
        {"changed": ((START, entry()),)},
        {"series": Recurrence(datetime(2026, 1, 1), "UTC", Repeats.WEEKLY)},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        entry(**wrong)
