"""What takes an event out of a calendar again, and what brings a moved one up to date: read back by two libraries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from bot.domain.outgoing import Document, Outgoing
from tests.bot.reading import acts, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, to
from tests.bot.world import World


@pytest.fixture
def hosts(world: World) -> Hosts:
    hosts = Hosts(world)
    for name in ("ann", "ben", "cem", "dan"):
        world.arrives(name)
    hosts.publish("general", capacity=1)
    for name, act in (("ann", "go"), ("ben", "go"), ("cem", "maybe"), ("dan", "cant")):
        hosts.presses(name, act)
    return hosts


def file_of(hosts: Hosts, message: Outgoing) -> bytes:
    (document,) = [block for block in message.blocks if isinstance(block, Document)]
    assert document.file.name == "Rust-night.ics"
    with hosts.world.store.read() as uow:
        kept = uow.files.get(hosts.world.community.id, document.file.key)
    assert kept is not None
    assert kept.member_id is not None, "nobody else's"
    assert len(kept.content) == document.file.size
    return kept.content


def read(content: bytes) -> tuple[Any, Any]:
    """By the library that writes, strictly, and by the one of Home Assistant's calendar."""
    calendar = Calendar.from_ical(content)
    assert not calendar.errors
    (event,) = calendar.walk("VEVENT")
    assert not event.errors
    (other,) = IcsCalendarStream.calendar_from_ics(content.decode()).events
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (other.uid, other.sequence)
    return calendar, event


def test_whoever_may_have_the_file_gets_one_that_strikes_it_out(hosts: Hosts) -> None:
    _, before = read(file_of(hosts, hosts.presses("ann", "cal")[-1].message))
    hosts.world.sent.clear()
    hosts.cancel("The host is ill.")
    letters = {name: to(hosts.world.sent, name, hosts.world) for name in ("ann", "ben", "cem", "dan")}
    assert {name: len(found) for name, found in letters.items()} == {"ann": 1, "ben": 1, "cem": 1, "dan": 0}
    for name in ("ann", "ben", "cem"):
        calendar, event = read(file_of(hosts, letters[name][0]))
        assert str(calendar["METHOD"]) == "CANCEL"
        assert str(event["STATUS"]) == "CANCELLED"
        assert event["UID"] == before["UID"]
        assert event["SEQUENCE"] > before["SEQUENCE"]
        assert event["DTSTART"].dt == EVENING
        assert "VALARM" not in [part.name for part in event.subcomponents]


def test_a_moved_event_offers_its_file_anew(hosts: Hosts) -> None:
    _, before = read(file_of(hosts, hosts.presses("ann", "cal")[-1].message))
    hosts.world.sent.clear()
    hosts.change(starts_at=EVENING + timedelta(hours=1))
    letter = next(sent for sent in hosts.settle() if sent.sending.to_member == hosts.world.member("ann").id)
    assert "It was to be" in words_of(letter.message)
    assert acts(letter.message) == ["cant", "cal"]
    calendar, event = read(file_of(hosts, hosts.presses("ann", "cal", letter)[-1].message))
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert (event["UID"], event["DTSTART"].dt) == (before["UID"], EVENING + timedelta(hours=1))
    assert event["SEQUENCE"] > before["SEQUENCE"]
