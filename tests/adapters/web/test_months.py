"""The page of a month's events, in a browser without script."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.events import EventState, HostedEvent
from bot.domain.incoming import MessagePosted
from tests.adapters.web.conftest import Browser, World, text_of


def publish(world: World, title: str) -> HostedEvent:
    event = HostedEvent(
        id="e1",
        title=title,
        starts_at=world.clock.now() + timedelta(days=3),
        timezone="UTC",
        host_id=world.people["Ola"].id,
        host_name="Ola",
        state=EventState.PUBLISHED,
        token="tokenofevent",
    )
    with world.store.write() as uow:
        event = uow.hosted.put(world.community.id, event)
        uow.commit()
    return event


def test_a_month_shows_its_events_and_opens_them(world: World, sam: Browser) -> None:
    event = publish(world, "Async <b>Rust</b>")
    page = sam.open("/month")
    assert "November 2026" in text_of(page)
    assert "Async <b>Rust</b>" in text_of(page), "people's text is text"
    assert page.count("<td") == 42
    found = re.search(r'action="(/rooms/\d+/messages)"', page)
    assert found is not None
    assert sam.send(found[1], form=True, text=f"/event {event.number}").status_code == 303
    (said,) = world.drain()
    assert not isinstance(said, MessagePosted), "it is a command"


def test_one_goes_on_to_the_months_beside(world: World, mei: Browser) -> None:
    publish(world, "Async Rust")
    page = mei.open("/month/2026-12")
    assert "2026年12月" in text_of(page)
    assert "周一" in text_of(page)
    assert 'href="/month/2026-11"' in page
    assert 'href="/month/2027-01"' in page
    assert "这个月没有活动" in text_of(page)
    assert 'href="/month"' in mei.open(f"/rooms/{world.rooms['general'].id}")


def test_what_is_no_month_and_nobody_is_refused(world: World, sam: Browser, visitor: Browser) -> None:
    for month in ("2026-13", "x", "2026-1", "9999-01"):
        assert sam.client.get(f"/month/{month}").status_code == 404
    assert visitor.client.get("/month").status_code == 303
