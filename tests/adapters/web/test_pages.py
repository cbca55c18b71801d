"""What people read: the door, the rooms, and what an open page is told to change."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from adapters.web.views import initials
from bot.domain.incoming import MemberJoined
from bot.domain.outgoing import Button, MessageLink, Outgoing, Paragraph, Text
from bot.domain.refs import MessageRef
from tests.adapters.web.conftest import Browser, World, text_of
from tests.adapters.web.reader import read


def changes(browser: Browser, room_id: int, known: dict[int, str], **more: int) -> Any:
    response = browser.client.post(
        f"/rooms/{room_id}/changes", json={"known": known} | more, headers={"x-csrf-token": browser.csrf}
    )
    assert response.status_code == 200, response.text
    return response.json()


def stamps(html: str) -> dict[int, str]:
    return {int(found): stamp for found, stamp in re.findall(r'data-id="(\d+)" data-stamp="(\w+)"', html)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_whole_html_with_every_control_named(world: World, sam: Browser, language: str) -> None:
    root = world.say("general", "Mei", "Why `'static`?\n```rust\nfn x() {}\n```", "q1")
    world.say("general", "Sam", "Because", "q2", reply_to="q1")
    asyncio.run(world.messenger.send(world.rooms["dm Sam"].ref, Outgoing((), ((Button("Go", code="abc"),),)), key="k"))
    sam.send("/preferences", form=True, language=language, back="/")
    pages = [
        "/",
        "/me",
        f"/rooms/{root.room_id}",
        f"/rooms/{root.room_id}/d/{root.id}",
        f"/rooms/{root.room_id}?edit=2",
    ]
    for path in pages:
        html = sam.open(path)
        seen = read(html.partition("<!doctype html>")[2])
        assert seen.mistakes == []
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in html
        ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        labels = {attributes.get("for") for tag, attributes in seen.tags if tag == "label"}
        for tag, attributes in seen.tags:
            if tag in ("input", "textarea") and attributes.get("type") not in ("hidden", "radio"):
                assert attributes["id"] in labels
        for button in re.findall(r"<(?:button|a)\b([^>]*)>(.*?)</(?:button|a)>", html, re.DOTALL):
            assert re.search("aria-label|aria-hidden", button[0]) or text_of(button[1]).strip(), button
        forms = {attributes["id"] for tag, attributes in seen.tags if tag == "form" and "id" in attributes}
        assert {attributes["form"] for _, attributes in seen.tags if "form" in attributes} <= forms


def test_the_door_lists_sample_members_and_finds_them(world: World, visitor: Browser) -> None:
    assert "Sample community" in text_of(visitor.open("/"))
    html = visitor.open("/?q=mE")
    assert "Mei" in html
    assert "Sam</span>" not in html
    assert "中文" in visitor.client.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).text
    assert "以示例成员" in visitor.client.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).text


def test_a_newcomer_comes_in_and_is_announced_once(world: World, visitor: Browser) -> None:
    visitor.open("/")
    response = visitor.send("/members", form=True, name=" Lin <b> ", language="zh", timezone="Asia/Shanghai")
    assert response.status_code == 303
    html = visitor.open("/")
    assert "你好，Lin &lt;b&gt;" in html
    (heard,) = world.drain()
    assert isinstance(heard, MemberJoined)
    with world.store.read() as uow:
        member = uow.members.by_account(world.community.id, heard.sender.account)
    assert member is not None
    assert (member.name, member.language, member.timezone, member.sample) == ("Lin <b>", "zh", "Asia/Shanghai", False)


@pytest.mark.parametrize(
    ("name", "language", "timezone", "says"),
    [
        ("", "en", "UTC", "name"),
        ("\u202e\u200b", "en", "UTC", "name"),
        ("x" * 41, "en", "UTC", "name"),
        ("Lin", "xx", "UTC", "language"),
        ("Lin", "en", "Mars/Olympus", "time zone"),
        ("Lin", "en", "../../etc/passwd", "time zone"),
        ("Lin", "en", "/etc/localtime", "time zone"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(
    world: World, visitor: Browser, name: str, language: str, timezone: str, says: str
) -> None:
    visitor.open("/")
    response = visitor.send("/members", form=True, name=name, language=language, timezone=timezone)
    assert response.status_code == 400
    problem = re.search(r'role="alert">([^<]+)', response.text)
    assert problem
    assert says in problem[1]
    with world.store.read() as uow:
        assert len(uow.members.all(world.community.id)) == 3


def test_the_language_is_the_members_too(world: World, sam: Browser) -> None:
    assert "Only you can see this room" in sam.open("/")
    sam.send("/preferences", form=True, language="zh", back="/")
    assert "只有你能看到这个房间" in sam.open("/")
    with world.store.read() as uow:
        member = uow.members.get(world.people["Sam"].id)
    assert member is not None
    assert member.language == "zh"


def test_a_room_shows_its_messages_as_data(world: World, mei: Browser) -> None:
    world.say("general", "Sam", "<img src=x onerror=alert(1)> & https://a.example/x", "q1")
    html = mei.open(f"/rooms/{world.rooms['general'].id}")
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; " in html
    assert 'href="https://a.example/x"' in html


def test_loading_older_reaches_the_beginning_without_gap_or_double(world: World, mei: Browser) -> None:
    room = world.rooms["general"]
    all_ids = [world.say("general", "Sam", f"number {n}", f"q{n}").id for n in range(120)]
    html = mei.open(f"/rooms/{room.id}")
    shown = list(stamps(html))
    assert shown == all_ids[-50:]
    more = True
    while more:
        answer = mei.client.get(f"/rooms/{room.id}/older?before={shown[0]}").json()
        shown = [one["id"] for one in answer["messages"]] + shown
        more = answer["older"]
    assert shown == all_ids


def test_a_link_to_a_message_shows_it_with_what_surrounds_it(world: World, mei: Browser) -> None:
    room = world.rooms["general"]
    ids = [world.say("general", "Sam", f"number {n}", f"q{n}").id for n in range(120)]
    for target in (0, 20, 60, 110, 119):
        html = mei.open(f"/rooms/{room.id}?m={ids[target]}")
        shown = list(stamps(html))
        assert ids[target] in shown
        assert shown == ids[ids.index(shown[0]) : ids.index(shown[-1]) + 1]
        assert ("data-newer" in html) == (shown[-1] != ids[-1])
        assert ("data-older" in html) == (shown[0] != ids[0])
        last = {"last": shown[-1]} if shown[-1] != ids[-1] else {}
        assert changes(mei, room.id, stamps(html), **last)["messages"] == []


def test_an_open_page_is_told_exactly_what_changed(world: World, mei: Browser, sam: Browser) -> None:
    room = world.rooms["general"]
    first = world.say("general", "Mei", "first", "q1")
    second = world.say("general", "Sam", "second", "q2")
    known = stamps(mei.open(f"/rooms/{room.id}"))
    assert set(known) == {first.id, second.id}
    assert changes(mei, room.id, known)["messages"] == []
    sam.send(f"/rooms/{room.id}/messages/{first.id}", do="react+🎉")
    world.drain()
    third = world.say("general", "Sam", "third", "q3")
    answer = changes(mei, room.id, known)
    assert [one["id"] for one in answer["messages"]] == [first.id, third.id]
    assert answer["order"] == [first.id, second.id, third.id]
    assert "🎉" in answer["messages"][0]["html"]
    mei.send(f"/rooms/{room.id}/messages/{first.id}", do="delete")
    world.drain()
    (gone,) = changes(mei, room.id, known | {one["id"]: one["stamp"] for one in answer["messages"]})["messages"]
    assert "first" not in gone["html"]
    assert "Mei 删除了一条消息" in gone["html"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"known": 1}', b'{"known": {"x": "y"}}', b'{"known": {"1": 2}}', b"[" * 9000]
)
def test_a_page_that_asks_nonsense_is_refused(world: World, mei: Browser, body: bytes) -> None:
    headers = {"x-csrf-token": mei.csrf, "accept": "application/json"}
    answer = mei.client.post(f"/rooms/{world.rooms['general'].id}/changes", content=body, headers=headers)
    assert answer.status_code == 400


def test_a_discussion_is_shown_beside_its_room_and_kept_up_to_date(world: World, mei: Browser) -> None:
    root = world.say("general", "Sam", "Why?", "q1")
    world.say("general", "Sam", "unrelated", "q2")
    world.say("general", "Mei", "Because", "q3", reply_to="q1")
    html = mei.open(f"/rooms/{root.room_id}/d/{root.id}")
    panel = html.partition('id="panel"')[2]
    assert len(stamps(panel)) == 2
    assert "unrelated" not in text_of(panel)
    assert "1 条回复" in text_of(html)
    world.say("general", "Sam", "Thanks", "q4", reply_to="q3")
    opening, fresh = changes(mei, root.room_id, stamps(panel), root=root.id)["messages"]
    assert opening["id"] == root.id  # it has one answer more
    assert 'id="t' in fresh["html"]
    assert "Thanks" in fresh["html"]


def test_links_of_the_bot_lead_only_where_the_reader_may_go(world: World, sam: Browser) -> None:
    public = world.say("general", "Mei", "open", "q1")
    secret = world.say("staff", "Ola", "hidden", "q2")
    gone = MessageRef(public.ref.room, "never-was")
    message = Outgoing(
        (
            Paragraph(
                (MessageLink("one", public.ref), MessageLink("two", secret.ref), MessageLink("three", gone), Text("."))
            ),
        )
    )
    asyncio.run(world.messenger.send(world.rooms["dm Sam"].ref, message, key="k"))
    html = sam.open("/")
    assert f'<a href="/rooms/{public.room_id}?m={public.id}">one</a>twothree.' in html


def test_a_stored_message_of_a_later_version_falls_back_to_its_text(world: World, sam: Browser) -> None:
    room = world.rooms["dm Sam"]
    receipt = asyncio.run(world.messenger.send(room.ref, Outgoing((Paragraph((Text("now"),)),)), key="k"))
    with world.store.write() as uow:
        payload = '{"blocks": [{"type": "hologram"}]}'
        uow.messages.edit(world.community.id, receipt.refs[0], "later", world.clock.now(), payload=payload)
        uow.commit()
    assert "later" in text_of(sam.open("/"))


def test_editing_is_offered_to_whoever_wrote_it(world: World, mei: Browser, sam: Browser) -> None:
    message = world.say("general", "Mei", "Hello & <b>", "q1")
    path = f"/rooms/{message.room_id}/messages/{message.id}/edit"
    assert "Hello &amp; &lt;b&gt;" in mei.client.get(path, headers={"accept": "application/json"}).json()["html"]
    assert sam.client.get(path, headers={"accept": "application/json"}).status_code == 403
    assert mei.client.get(path).headers["location"].startswith(f"/rooms/{message.room_id}?m=")


def test_a_draft_in_the_address_is_only_a_draft(world: World, mei: Browser) -> None:
    html = mei.open(f"/rooms/{world.rooms['dm Mei'].id}?draft=%2Flearn%20%3C/textarea%3E%3Cscript%3E")
    assert ">/learn &lt;/textarea&gt;&lt;script&gt;</textarea>" in html
    assert world.raw() == []


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mei Lin", "ML"),
        ("王晓明", "王"),
        ("sam", "S"),
        ("Ola van Nordmann", "ON"),
        ("🦀", "🦀"),
        ("", "?"),
        ("李 娜", "李"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
