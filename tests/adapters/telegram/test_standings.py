"""Who people are, through the real SDK and a strict Bot API: asked before what they do is stored, never long before."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.telegram.capabilities import UPDATES
from adapters.telegram.client import Access, Client
from adapters.telegram.envelope import Me
from adapters.telegram.inbound import Reading, parse
from adapters.telegram.invitations import Invitations
from adapters.telegram.lookover import ask_live, look_over
from adapters.telegram.presses import Presses
from adapters.telegram.receiving import Receiving
from adapters.telegram.standings import LIVES, Standings, asker_of
from bot.domain.incoming import CommandInvoked, MemberLeft, Place
from bot.domain.permissions import Home, Role, effective_role
from bot.domain.refs import AccountRef, RoomRef
from bot.domain.setup import CheckName
from bot.usecases.ingest import Ingest
from storage import SqlStore
from tests.fakes.clock import START, FakeClock
from tests.telegram_server import Chat, Person, TelegramServer
from tests.telegram_server.app import Fault

ME = Me("7000001", "studyhall_bot")


class Hall:
    """A community with one home, of which everything that the bot is told goes into a real store."""

    def __init__(self, server: TelegramServer, store: SqlStore, home: Chat) -> None:
        self.server, self.store, self.now = server, store, 1000.0
        self.changed = 0
        self.clock = FakeClock(START)
        self.add_home(home)
        server.world.updates.allow(list(UPDATES))

    def add_home(self, home: Chat) -> None:
        with self.store.write() as uow:
            uow.homes.put(1, Home("telegram", str(home.id), home.title), START)
            uow.commit()

    def run(self, scenario: Callable[[Receiving], Awaitable[None]]) -> None:
        async def running() -> None:
            client = Client(Access(self.server.token, self.server.base_url))
            await client.open()
            standings = Standings(client, self.store, 1, monotonic=lambda: self.now, rights_changed=self._again)
            presses = Presses(time.monotonic, 8.0)
            receiving = Receiving(
                self.store, 1, self.clock, presses, Invitations(), monotonic=time.monotonic, standings=standings
            )
            try:
                await scenario(receiving)
            finally:
                await client.leave()

        asyncio.run(running())

    def _again(self) -> None:
        self.changed += 1

    async def takes(self, receiving: Receiving) -> None:
        """Everything that waits on the platform, as a webhook would bring it; then what a dispatcher does with it."""
        with self.server.world.lock:
            waiting, self.server.world.updates.waiting = self.server.world.updates.waiting, []
        for update in waiting:
            assert await receiving.take(ME, json.dumps(update).encode())
        self.clock.go_on(seconds=2)

    def heard(self) -> list[object]:
        """What was stored and not handled yet, in order; what is no command is ingested."""
        with self.store.read() as uow:
            rows = uow.inbox.pending(limit=1000)
        found: list[object] = []
        for row in rows:
            several = parse(row.raw, Reading())
            found += several
            ingested = [one for one in several if not isinstance(one, CommandInvoked)]
            Ingest(self.store)(1, *ingested, cause=row.id)  # type: ignore[arg-type]
        return found

    def role(self) -> Role:
        """Of whoever gave the last command."""
        command = [one for one in self.heard() if isinstance(one, CommandInvoked)][-1]
        with self.store.read() as uow:
            homes = uow.homes.all(1)
        return effective_role(Role.MEMBER, "telegram", command.sender.standings, homes)

    def asked(self) -> int:
        return len(self.server.calls("getChatMember"))

    def reads(self, person: Person, chat: Chat) -> bool:
        with self.store.read() as uow:
            member = uow.members.by_account(1, AccountRef("telegram", str(person.id)))
            room = uow.rooms.by_ref(1, RoomRef("telegram", str(chat.id)))
            assert member is not None
            assert room is not None
            return room.audience in uow.rooms.viewer(member).audiences


@pytest.fixture
def hall(server: TelegramServer, store: SqlStore) -> Hall:
    return Hall(server, store, server.world.group("Ours", username="ours", bot="administrator"))


def ours(hall: Hall) -> Chat:
    return next(chat for chat in hall.server.world.chats.values() if chat.title == "Ours")


def test_who_administers_a_home_is_staff_alone_with_the_bot_and_in_the_group(hall: Hall) -> None:
    world, group = hall.server.world, ours(hall)
    ann, ben = world.person("Ann"), world.person("Ben")
    group.members |= {ann.id: "administrator", ben.id: "member"}

    async def scenario(receiving: Receiving) -> None:
        for person, expected in ((ann, Role.MODERATOR), (ben, Role.MEMBER)):
            for chat in (None, group):
                person.sends(chat, "/setup")
                await hall.takes(receiving)
                assert hall.role() is expected, (person.user, chat)

    hall.run(scenario)


def test_an_administrator_of_a_group_that_nobody_proved_is_nobody(hall: Hall) -> None:
    world = hall.server.world
    eve, theirs = world.person("Eve"), world.group("Theirs", username="theirs", bot="administrator")
    theirs.members[eve.id] = "creator"

    async def scenario(receiving: Receiving) -> None:
        for chat in (None, theirs):
            eve.sends(chat, "/setup")
            await hall.takes(receiving)
            assert hall.role() is Role.MEMBER
        hall.add_home(theirs)
        eve.sends(theirs, "/setup")
        await hall.takes(receiving)
        assert hall.role() is Role.MODERATOR

    hall.run(scenario)


def test_an_answer_counts_a_minute_and_ends_when_telegram_tells_of_a_change(hall: Hall) -> None:
    world, group = hall.server.world, ours(hall)
    ann = world.person("Ann")
    group.members[ann.id] = "administrator"

    async def scenario(receiving: Receiving) -> None:
        async def commands() -> Role:
            ann.sends(None, "/setup")
            await hall.takes(receiving)
            return hall.role()

        assert await commands() is Role.MODERATOR
        assert await commands() is Role.MODERATOR
        assert hall.asked() == 1
        world.promote(group, ann, "member")  # told as chat_member, because the bot administers the group
        assert await commands() is Role.MEMBER
        group.members[ann.id] = "administrator"  # told to nobody
        assert await commands() is Role.MEMBER
        hall.now += LIVES + 1
        assert await commands() is Role.MODERATOR
        assert hall.asked() == 3

    hall.run(scenario)


@pytest.mark.parametrize(
    "fault", [Fault("status", 500), Fault("limit", 30), Fault("garbage"), Fault("late", 5)], ids=lambda f: f.kind
)
def test_whom_telegram_says_nothing_about_is_nobody_and_waits_for_nothing(hall: Hall, fault: Fault) -> None:
    world, group = hall.server.world, ours(hall)
    ann = world.person("Ann")
    group.members[ann.id] = "administrator"
    hall.server.fails("getChatMember", fault)

    async def scenario(receiving: Receiving) -> None:
        ann.sends(None, "/setup")
        begun = time.monotonic()
        await hall.takes(receiving)
        assert time.monotonic() - begun < 4
        assert hall.role() is Role.MEMBER

    hall.run(scenario)


def test_who_was_removed_gets_nothing_although_nobody_told_us(hall: Hall) -> None:
    world = hall.server.world
    inner = world.group("Inner circle", bot="administrator")
    ann = world.person("Ann")
    ann.joins(inner)

    async def scenario(receiving: Receiving) -> None:
        ann.sends(inner, "Only for us: the exam is on Friday.")
        await hall.takes(receiving)
        hall.heard()
        assert hall.reads(ann, inner)
        with hall.store.write() as uow:
            room = uow.rooms.by_ref(1, RoomRef("telegram", str(inner.id)))
            assert room is not None
            uow.rooms.configure(room.id, indexed=True)
            uow.commit()
        inner.members[ann.id] = "kicked"  # without any update
        ann.sends(None, "/ask when is the exam?")
        await hall.takes(receiving)
        told = hall.heard()
        # The change comes before the question, so that the question is answered without what was said there.
        assert [type(one) for one in told] == [MemberLeft, CommandInvoked]
        assert not hall.reads(ann, inner)
        inner.members[ann.id] = "member"
        hall.now += LIVES + 1
        ann.sends(None, "when is the exam?")
        await hall.takes(receiving)
        hall.heard()
        assert hall.reads(ann, inner)
        # And who cannot be asked about is not in it.
        hall.now += LIVES + 1
        hall.server.fails("getChatMember", *[Fault("status", 500)] * 4)
        ann.sends(None, "/foryou")
        await hall.takes(receiving)
        hall.heard()
        assert not hall.reads(ann, inner)

    hall.run(scenario)


def test_who_is_in_a_private_group_that_is_suggested_from_is_found_out(hall: Hall) -> None:
    world = hall.server.world
    inner, ann = world.group("Inner circle", bot="administrator"), world.person("Ann")
    inner.members[ann.id] = "member"
    with hall.store.write() as uow:
        ref = RoomRef("telegram", str(inner.id))
        room = uow.rooms.ensure(1, Place(ref, inner.title, private=True, server=ref.native_id))
        uow.rooms.configure(room.id, indexed=True)
        uow.commit()

    async def scenario(receiving: Receiving) -> None:
        ann.sends(None, "/ask when is the exam?")
        await hall.takes(receiving)
        hall.heard()
        assert hall.reads(ann, inner)

    hall.run(scenario)


def test_nobody_is_asked_about_for_what_depends_on_nobody(hall: Hall) -> None:
    world, group = hall.server.world, ours(hall)
    ann = world.person("Ann")
    ann.joins(group)

    async def scenario(receiving: Receiving) -> None:
        sent = ann.sends(group, "hello everybody")
        ann.reacts(sent, "👍")
        ann.edits(sent, "hello all")
        await hall.takes(receiving)
        assert hall.asked() == 0

    hall.run(scenario)
    anonymous = {
        "message": {"from": {"id": 1087968824, "is_bot": True}, "text": "/setup", "chat": {"type": "supergroup"}}
    }
    channel = {"message": {"from": {"id": 5}, "sender_chat": {"id": -100}, "text": "/setup", "chat": {"type": "group"}}}
    assert [asker_of(update) for update in (anonymous, channel, {}, None, {"message": None})] == [None] * 5


def test_what_telegram_says_about_our_set_up(hall: Hall) -> None:
    world, group = hall.server.world, ours(hall)
    plain = world.group("Plain", username="plain", bot="member")
    gone = world.group("Gone", username="gone", bot="left")
    for chat in (plain, gone):
        hall.add_home(chat)

    async def scenario(receiving: Receiving) -> None:
        client = receiving._standings._client  # type: ignore[union-attr]
        with hall.store.read() as uow:
            homes = uow.homes.all(1)
        world.updates.allow([])
        checks = await look_over(client, homes, START)
        said = {(check.name, check.title): (check.ok, check.detail) for check in checks}
        assert said[CheckName.ACCOUNT, ""] == (True, "@studyhall_bot")
        assert said[CheckName.UPDATES, ""][0] is False
        assert "message_reaction" in said[CheckName.UPDATES, ""][1]
        assert said[CheckName.HEARS, group.title][0]
        assert said[CheckName.ADMINISTRATOR, group.title][0]
        assert not said[CheckName.HEARS, "Plain"][0]
        assert not said[CheckName.ADMINISTRATOR, "Plain"][0]
        ok, detail = said[CheckName.ROOM, "Gone"]
        assert not ok
        assert "not a member" in detail
        hooked = await look_over(client, homes, START + timedelta(hours=1), hook="https://example.org/telegram")
        assert any(check.name is CheckName.WEBHOOK and not check.ok for check in hooked)
        world.updates.allow(list(UPDATES))
        world.promote(plain)
        await hall.takes(receiving)
        assert hall.changed == 1

    hall.run(scenario)


def test_one_question_for_the_doctor(server: TelegramServer) -> None:
    good = asyncio.run(ask_live(Access(server.token, server.base_url), START))
    assert (good.ok, good.detail) == (True, "@studyhall_bot")
    wrong = asyncio.run(ask_live(Access("1:wrong", server.base_url), START))
    assert not wrong.ok
    assert "1:wrong" not in wrong.detail
    nowhere = asyncio.run(ask_live(Access(server.token, "http://127.0.0.1:9/bot"), START))
    assert not nowhere.ok
    assert server.token not in nowhere.detail
    server.fails("getMe", Fault("late", 3))
    begun = time.monotonic()
    assert not asyncio.run(ask_live(Access(server.token, server.base_url), START, within=0.5)).ok
    assert time.monotonic() - begun < 2.5
