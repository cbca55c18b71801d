"""A member's calendar over HTTP, as calendar programs and browsers ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest
from ical.calendar_stream import IcsCalendarStream

from bot.domain.events import HostedEvent, PlaceKind, Venue
from bot.domain.permissions import Audience, room_audience
from bot.domain.rsvp import Go
from bot.usecases.calendars.feeds import KeepFeed, page_code
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.seats import Seats
from tests.adapters.web.conftest import Browser, Served, World, text_of


@pytest.fixture
def program(served: Served) -> Iterator[httpx.Client]:
    """A calendar program: no cookie, no script."""
    with httpx.Client(base_url=served.origin, timeout=20) as client:
        yield client


def keeper(world: World) -> KeepFeed:
    return KeepFeed(world.store, world.ports.ids, world.clock, world.community.id)


def going(world: World, who: str, title: str = "Async Rust, live", **changes: Audience) -> None:
    now, venue = world.clock.now(), Venue(PlaceKind.ADDRESS, "#stage-1")
    with world.store.write() as uow:
        hosting = Hosting(uow, world.community, now, "test")
        known = uow.hosted.get(world.community.id, "e1")
        if known is None:
            starts_at = now + timedelta(days=3)
            event = HostedEvent("e1", title, starts_at, "UTC", None, "Mei", venue=venue, token="token1", **changes)
            known = hosting.publish(hosting.create(event))
        else:
            known = hosting.change(known, known.changed(title=title))
        Seats(uow, world.community, known, now).decide(Go(world.people[who].id, "web"))
        uow.commit()


def titles(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [str(event.summary) for event in IcsCalendarStream.calendar_from_ics(answer.text).events]


def feed_of(html: str) -> str:
    """The path of the address that a page shows."""
    found = re.search(r'value="https?://[^/"]+(/calendar/\w+\.ics)"', html)
    assert found is not None
    return found[1]


def test_a_member_makes_an_address_and_a_program_reads_it(world: World, sam: Browser, program: httpx.Client) -> None:
    going(world, "Sam")
    going(world, "Ola", "Not Sam's")
    assert "Make my address" in text_of(sam.open("/calendar"))
    made = sam.send("/calendar", form=True, do="renew")
    path = feed_of(made.text)
    assert f'href="webcal://{program.base_url.host}:{program.base_url.port}{path}"' in unescape(made.text)
    answer = program.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert titles(answer) == ["Not Sam's"], "the event that both come to, by its latest name"
    assert "X-WR-CALNAME:Rust & Friends · my events" in answer.text
    assert "set-cookie" not in answer.headers
    assert path.split("/")[-1] not in sam.open("/calendar"), "it is shown once"


def test_nothing_that_could_open_a_calendar_is_kept(world: World, sam: Browser) -> None:
    sam.open("/calendar")
    path = feed_of(sam.send("/calendar", form=True, do="renew").text)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) == 48
    feed = keeper(world).of(world.people["Sam"].id)
    assert feed is not None
    assert secret not in repr(feed)
    assert secret[16:] not in repr(feed)
    assert not any(secret[16:] in raw for raw in world.raw())


def test_a_new_address_ends_the_old_one_and_switching_off_ends_it_too(
    world: World, sam: Browser, program: httpx.Client
) -> None:
    sam.open("/calendar")
    first = feed_of(sam.send("/calendar", form=True, do="renew").text)
    second = feed_of(sam.send("/calendar", form=True, do="renew").text)
    assert program.get(first).status_code == 404
    assert program.get(second).status_code == 200
    assert "Switched off" in text_of(sam.send("/calendar", form=True, do="end").text)
    assert program.get(second).status_code == 404


def test_a_program_fetches_only_what_is_new(world: World, program: httpx.Client) -> None:
    going(world, "Sam")
    path = f"/calendar/{keeper(world).renew(world.people['Sam'].id)}.ics"
    first = program.get(path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    same = program.get(path, headers={"if-none-match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert program.get(path, headers={"if-none-match": f'W/{tag}, "x"'}).status_code == 304
    # What left the calendar changed no time in it, so that a time alone cannot say that nothing is new.
    assert program.get(path, headers={"if-modified-since": changed}).status_code == 200
    assert program.get(path, headers={"if-none-match": '"x"', "if-modified-since": changed}).status_code == 200
    head = program.head(path)
    assert (head.status_code, head.headers["etag"], head.content) == (200, tag, b"")
    assert first.headers["cache-control"] == "private, no-cache"
    going(world, "Sam", "Another name")
    assert program.get(path, headers={"if-none-match": tag}).status_code == 200


def test_what_may_not_be_seen_any_more_is_gone_from_it(world: World, program: httpx.Client) -> None:
    staff = room_audience(world.rooms["staff"].id)
    going(world, "Ola", audience=staff)
    path = f"/calendar/{keeper(world).renew(world.people['Ola'].id)}.ics"
    assert titles(program.get(path)) == ["Async Rust, live"]
    with world.store.write() as uow:
        uow.rooms.leave(world.rooms["staff"].id, world.people["Ola"].id, world.clock.now())
        uow.commit()
    assert titles(program.get(path)) == []


def test_settings_stay_with_a_new_address(world: World, sam: Browser, program: httpx.Client) -> None:
    going(world, "Sam")
    sam.open("/calendar")
    path = feed_of(sam.send("/calendar", form=True, do="renew").text)
    assert "TRIGGER:-PT15M" in program.get(path).text
    assert "Saved." in text_of(sam.send("/calendar", form=True, do="change", alarm="1440").text)
    assert "TRIGGER:-P1D" in program.get(path).text
    feed = keeper(world).of(world.people["Sam"].id)
    assert feed is not None
    assert not feed.maybe
    again = feed_of(sam.send("/calendar", form=True, do="renew").text)
    assert "TRIGGER:-P1D" in program.get(again).text
    sam.send("/calendar", form=True, do="change", alarm="0", maybe="1")
    assert "VALARM" not in program.get(again).text
    for wrong in ({"do": "change", "alarm": "7"}, {"do": "else"}, {}):
        assert sam.send("/calendar", form=True, **wrong).status_code == 400


@pytest.mark.parametrize("secret", ["a" * 48, "a" * 47, "", "..%2F..", "x" * 4000, "学" * 48])
def test_what_is_no_secret_opens_nothing(program: httpx.Client, secret: str) -> None:
    assert program.get(f"/calendar/{secret}.ics").status_code == 404


def test_half_of_a_secret_opens_nothing(world: World, program: httpx.Client) -> None:
    secret = keeper(world).renew(world.people["Sam"].id)
    assert program.get(f"/calendar/{secret[:16]}{'a' * 32}.ics").status_code == 404


def test_a_code_from_a_message_opens_the_page_for_a_while(world: World, visitor: Browser) -> None:
    now, member = world.clock.now(), world.people["Mei"]
    with world.store.write() as uow:
        page_code("codecodecode2222", member, world.community, uow, now, now + timedelta(minutes=30))
        uow.commit()
    page = visitor.open("/calendar/page/codecodecode2222")
    assert "你的日历" in text_of(page), "in Mei's language"
    made = visitor.send("/calendar/page/codecodecode2222", form=True, do="renew")
    # The code in the address goes to no other site; "no-referrer" would make browsers send forms from nowhere ("null").
    assert made.headers["referrer-policy"] == "same-origin"
    assert keeper(world).of(member.id) is not None
    assert "Mei" not in text_of(visitor.open("/")) or "/rooms/" not in str(visitor.client.get("/").url)
    world.clock.at += timedelta(hours=1)
    assert visitor.client.get("/calendar/page/codecodecode2222").status_code == 404
    assert visitor.client.get("/calendar/page/codecodecode3333").status_code == 404


def test_other_codes_open_no_calendar(world: World, visitor: Browser) -> None:
    from bot.ports import ButtonRow

    now = world.clock.now()
    with world.store.write() as uow:
        row = ButtonRow("codecodecode4444", "digest", {}, world.people["Mei"].id, now, now + timedelta(hours=1))
        uow.buttons.add(world.community.id, [row])
        uow.commit()
    assert visitor.client.get("/calendar/page/codecodecode4444").status_code == 404


def test_without_signing_in_there_is_no_page(visitor: Browser) -> None:
    assert visitor.client.get("/calendar").status_code == 404
    visitor.open("/")
    assert visitor.send("/calendar", form=True, do="renew").status_code == 404


def test_a_page_of_another_site_makes_no_address(world: World, sam: Browser) -> None:
    sam.open("/calendar")
    refused = sam.send("/calendar", form=True, do="renew", headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
    assert sam.client.post("/calendar", data={"do": "renew", "csrf": "x"}).status_code == 403
    assert keeper(world).of(world.people["Sam"].id) is None


def test_a_program_needs_no_access_token_but_the_right_host(world: World, guarded: Served) -> None:
    path = f"/calendar/{keeper(world).renew(world.people['Sam'].id)}.ics"
    assert httpx.get(f"{guarded.origin}{path}").status_code == 200
    assert httpx.get(f"{guarded.origin}{path}", headers={"host": "evil.example"}).status_code == 421
    assert httpx.get(f"{guarded.origin}/calendar").status_code == 404


def test_the_address_is_the_public_one_where_there_is_one(world: World) -> None:
    server = Served(replace(world.ports, public_url="https://learn.example"))
    try:
        with httpx.Client(base_url=server.origin, headers={"host": "learn.example"}) as client:
            now = world.clock.now()
            with world.store.write() as uow:
                page_code("codecodecode5555", world.people["Sam"], world.community, uow, now, now + timedelta(hours=1))
                uow.commit()
            browser = Browser(client)
            browser.open("/calendar/page/codecodecode5555")
            client.cookies.clear()
            page = client.get("/calendar/page/codecodecode5555")
            csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
            assert csrf is not None
            cookie = page.headers["set-cookie"].partition(";")[0]
            made = client.post(
                "/calendar/page/codecodecode5555", data={"csrf": csrf[1], "do": "renew"}, headers={"cookie": cookie}
            )
            assert re.search(r'value="https://learn\.example/calendar/\w{48}\.ics"', made.text)
            assert re.search(r'href="webcal://learn\.example/calendar/\w{48}\.ics"', made.text)
    finally:
        server.stop()
