"""Who is let in, and what a page of another site can do: nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from adapters.web import create_app, serve
from adapters.web.gate import is_loopback
from adapters.web.sessions import Keys, Session
from bot.errors import ConfigError
from tests.adapters.web.conftest import TOKEN, Browser, Served, World


@pytest.fixture
def outside(guarded: Served) -> Iterator[Browser]:
    with httpx.Client(base_url=guarded.origin, timeout=20) as client:
        yield Browser(client)


def test_every_answer_carries_the_headers(visitor: Browser) -> None:
    for path in ("/", "/rooms/1", "/nowhere", "/healthz", "/static/x/app.css"):
        headers = visitor.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_no_page_needs_an_inline_script_or_style(world: World, mei: Browser) -> None:
    world.say("general", "Sam", "Hello <script>x</script>", "q1")
    for html in (mei.open(f"/rooms/{world.rooms['general'].id}"), mei.open("/me"), mei.client.get("/rooms/9999").text):
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style|javascript:", html)


def test_cookies_are_kept_from_scripts_and_other_sites(visitor: Browser) -> None:
    cookie = visitor.client.get("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_cookies_are_for_https_only_where_the_community_is(world: World) -> None:
    server = Served(replace(world.ports, public_url="https://learn.example"))
    try:
        cookie = httpx.get(server.origin, headers={"host": "learn.example"}).headers["set-cookie"].lower()
        assert "secure" in cookie
    finally:
        server.stop()


@pytest.mark.parametrize("token", ["", "x" * 43, "学"])
def test_a_form_without_the_right_token_does_nothing(world: World, mei: Browser, token: str) -> None:
    mei.csrf = token
    assert mei.send(f"/rooms/{world.rooms['general'].id}/messages", text="forged").status_code == 403
    assert mei.send("/sign-out", form=True).status_code == 403
    assert world.raw() == []


def test_the_token_of_another_session_does_nothing(world: World, mei: Browser, sam: Browser) -> None:
    mei.csrf = sam.csrf
    assert mei.send(f"/rooms/{world.rooms['general'].id}/messages", text="forged").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://[bad"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_posts_from_elsewhere_are_refused(world: World, mei: Browser, headers: dict[str, str]) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    assert mei.send(path, text="forged", headers=headers).status_code == 403
    assert world.raw() == []


def test_posts_from_here_are_taken(world: World, served: Served, mei: Browser) -> None:
    headers = {"origin": served.origin, "sec-fetch-site": "same-origin"}
    response = mei.send(f"/rooms/{world.rooms['general'].id}/messages", text="mine", headers=headers)
    assert response.status_code == 202


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.5", "", "a b"]
)
def test_a_rebound_name_is_refused(visitor: Browser, host: str) -> None:
    assert visitor.client.get("/", headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "localhost:8765", "127.0.0.1", "[::1]:80"])
def test_the_names_of_this_machine_are_answered(visitor: Browser, host: str) -> None:
    assert visitor.client.get("/", headers={"host": host}).status_code == 200


def test_oversized_bodies_are_refused_before_they_are_read(world: World, mei: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    assert mei.send(path, text="x" * 70_000).status_code == 413

    def chunks() -> Iterator[bytes]:
        yield b"text="
        for _ in range(100):
            yield b"x" * 1000

    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-csrf-token": mei.csrf,
        "accept": "application/json",
    }
    assert mei.client.post(path, content=chunks(), headers=headers).status_code == 413
    assert world.raw() == []


def test_files_and_floods_of_fields_are_refused(world: World, mei: Browser) -> None:
    path = f"/rooms/{world.rooms['general'].id}/messages"
    headers = {"x-csrf-token": mei.csrf, "accept": "application/json"}
    assert mei.client.post(path, files={"text": ("a.txt", b"x")}, headers=headers).status_code == 400
    many = {f"f{n}": "x" for n in range(200)}
    assert mei.client.post(path, data=many, headers=headers).status_code == 400
    assert world.raw() == []


def test_nobody_gets_in_without_a_session(world: World, visitor: Browser) -> None:
    room = world.rooms["general"].id
    visitor.open("/")
    assert visitor.client.get(f"/rooms/{room}").headers["location"] == "/"
    assert visitor.client.get("/me").headers["location"] == "/"
    assert visitor.client.get("/events", headers={"accept": "application/json"}).status_code == 401
    assert visitor.send(f"/rooms/{room}/messages", text="anonymous").status_code == 401
    assert world.raw() == []


def test_signing_in_changes_the_session_and_out_ends_it(world: World, visitor: Browser) -> None:
    visitor.open("/")
    before = visitor.csrf
    visitor.come_in(world.people["Mei"].id)
    assert visitor.csrf != before
    assert visitor.send("/sign-out", form=True).status_code == 303
    assert visitor.client.get(f"/rooms/{world.rooms['general'].id}").headers["location"] == "/"


def test_a_changed_cookie_is_nobody(world: World, mei: Browser) -> None:
    cookie = mei.client.cookies["studyhall"]
    mei.client.cookies.clear()
    for forged in (cookie[:-2] + "xx", "x" * 40, cookie.replace(".", ".."), ""):
        answer = mei.client.get("/me", headers={"cookie": f"studyhall={forged}"})
        assert answer.headers["location"] == "/"


def test_old_sessions_end(world: World) -> None:
    keys = Keys(b"k" * 32, None)
    now = world.clock.now()
    session = Session("abc", int(now.timestamp()), member=1)
    assert keys.read(keys.write(session), now) == session
    assert keys.read(keys.write(replace(session, started=session.started - 31 * 86_400)), now) is None
    assert keys.read(keys.write(replace(session, started=session.started + 3600)), now) is None
    assert Keys(b"other" * 8, None).read(keys.write(session), now) is None


def test_bots_and_strangers_cannot_be_signed_in_as(world: World, visitor: Browser) -> None:
    from bot.domain.incoming import Sender
    from bot.domain.people import Member
    from bot.domain.refs import AccountRef

    with world.store.write() as uow:
        robot = uow.members.resolve(
            world.community.id, Sender(AccountRef("web", "bot"), "Studyhall", bot=True), world.clock.now()
        )
        real = uow.members.create(Member(0, world.community.id, "Real", joined_at=world.clock.now()), ())
        uow.commit()
    html = visitor.open("/")
    assert "Real" not in html
    assert visitor.send("/sign-in", form=True, member=robot.id).status_code == 404
    assert visitor.send("/sign-in", form=True, member=real.id).status_code == 403
    assert visitor.send("/sign-in", form=True, member=99999).status_code == 404
    assert visitor.send("/sign-in", form=True, member="1 OR 1=1").status_code == 404


def test_a_personal_link_brings_back_its_member_only(world: World, sam: Browser, visitor: Browser) -> None:
    found = re.search(r'value="(http[^"]+/in/[^"]+)"', sam.open("/me"))
    assert found
    link = found[1]
    visitor.open(link)
    code = link.rpartition("/")[2]
    assert visitor.send("/sign-in", form=True, link=code).status_code == 303
    assert "Sam" in visitor.open("/me")
    assert visitor.client.get(link[:-3] + "abc").status_code == 404
    assert visitor.send("/sign-in", form=True, link=code[:-3] + "abc").status_code == 404


def test_the_access_token_is_asked_for_everywhere(world: World, outside: Browser) -> None:
    for path in ("/", "/rooms/1", "/me", "/in/abc"):
        assert outside.client.get(path).headers["location"] == "/door"
    outside.open("/door")
    member = world.people["Mei"].id
    assert outside.send("/sign-in", form=True, member=member).status_code == 403
    assert outside.send("/members", form=True, name="Eve", language="en", timezone="UTC").status_code == 403
    for wrong in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper()):
        assert outside.send("/door", form=True, token=wrong).status_code == 403
    assert outside.send("/door", form=True, token=TOKEN).status_code == 303
    assert outside.come_in(member).client.get("/me").status_code == 200


def test_a_new_access_token_closes_the_door_again(world: World, outside: Browser) -> None:
    outside.open("/door")
    outside.send("/door", form=True, token=TOKEN)
    outside.come_in(world.people["Mei"].id)
    server = Served(replace(world.ports, access_token="another-token"))
    try:
        outside.client.base_url = server.origin
        assert outside.client.get("/me").headers["location"] == "/door"
    finally:
        server.stop()


def test_guessing_the_token_is_slow(outside: Browser) -> None:
    outside.open("/door")
    answers = [outside.send("/door", form=True, token=f"guess-{n}").status_code for n in range(25)]
    assert answers == [403] * 20 + [429] * 5


def test_an_address_beyond_this_machine_needs_a_token(world: World) -> None:
    for host in ("0.0.0.0", "192.168.1.5", "::", "studyhall.example"):
        assert not is_loopback(host)
        with pytest.raises(ConfigError, match="access token"):
            asyncio.run(serve(create_app(world.ports), host, 0))
    assert all(map(is_loopback, ("127.0.0.1", "127.8.9.1", "localhost", "::1")))


def test_a_port_that_is_taken_is_a_setting_to_change(world: World, served: Served) -> None:
    port = int(served.origin.rpartition(":")[2])
    with pytest.raises(ConfigError, match=f"web.port {port}"):
        asyncio.run(serve(create_app(world.ports), "127.0.0.1", port))


def test_a_short_secret_or_token_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        create_app(replace(world.ports, secret=b"short"))
    with pytest.raises(ValueError, match="access token"):
        replace(world.ports, access_token="short")


def test_health_says_nothing_about_anybody(world: World, visitor: Browser) -> None:
    answer = visitor.client.get("/healthz", headers={"host": "monitor.example"})
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "queue": 0})
    server = Served(replace(world.ports, health=lambda: {"ok": False}))
    try:
        assert httpx.get(f"{server.origin}/healthz").status_code == 503
    finally:
        server.stop()


def test_redirects_stay_here(visitor: Browser) -> None:
    visitor.open("/")
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nset-cookie: x=y"):
        answer = visitor.send("/preferences", form=True, theme="dark", back=back)
        assert answer.headers["location"] == "/"
        assert "x=y" not in answer.headers.get("set-cookie", "")
