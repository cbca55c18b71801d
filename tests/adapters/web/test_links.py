"""A browser whose member has become one with another: it goes on as before, and after parting it does, too."""

from __future__ import annotations

import json

from bot.domain.incoming import CommandInvoked, Sender
from bot.domain.links import Link, LinkState
from bot.domain.people import Member
from bot.domain.refs import AccountRef
from tests.adapters.web.conftest import Browser, World


def on_telegram(world: World) -> Member:
    with world.store.write() as uow:
        sender = Sender(AccountRef("telegram", "77"), "Mei T")
        member = uow.members.resolve(world.community.id, sender, world.clock.now())
        uow.commit()
    return member


def join(world: World, first: Member, second: Member) -> int:
    at = world.clock.now()
    with world.store.write() as uow:
        offered = Link(
            0, world.community.id, first.id, None, "telegram", "", LinkState.OFFERED, at, at, first_agreed=True
        )
        link = uow.links.offer(offered, "hash")
        uow.links.ask(link.id, second.id, "web", until=at)
        uow.links.agree(link.id, first=False)
        assert uow.links.join(link.id, at) is not None
        uow.commit()
    return link.id


def test_a_session_goes_on_as_the_person_and_in_its_own_account(world: World, mei: Browser) -> None:
    mine, first = world.people["Mei"], on_telegram(world)
    before = world.say("general", "Mei", "Mine from before", "before")
    link = join(world, first, mine)
    room = world.rooms["general"]
    assert mei.send(f"/rooms/{room.id}/messages", text="And after").status_code == 202
    (raw,) = world.raw()
    assert json.loads(raw)["by"] == {"account": f"m{mine.id}", "name": "Mei T", "language": "zh"}
    world.drain()
    assert [message.member_id for message in world.messages(room.id)] == [first.id, first.id]
    assert mei.send(f"/rooms/{room.id}/messages/{before.id}", do="edit", text="Mine still").status_code == 202
    assert "Mei T" in mei.open("/me")
    with world.store.write() as uow:
        assert uow.links.part(link, world.clock.now())
        uow.commit()
    assert mei.send(f"/rooms/{room.id}/messages", text="Alone again").status_code == 202
    world.drain()
    assert {message.member_id for message in world.messages(room.id)} == {mine.id}


def test_the_page_shows_the_accounts_and_a_way_out(world: World, mei: Browser) -> None:
    page = mei.open("/me")
    assert "关联其他账号" in page
    join(world, on_telegram(world), world.people["Mei"])
    page = mei.open("/me")
    assert "Mei（网页社区）" in page
    assert "Mei T（Telegram）" in page
    assert "取消关联" in page
    room = world.rooms["dm Mei"]
    mei.send(f"/rooms/{room.id}/messages", text="/unlink")
    (heard,) = world.drain()
    assert isinstance(heard, CommandInvoked)
    assert heard.name == "unlink"
