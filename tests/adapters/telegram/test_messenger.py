"""The messenger through the real SDK, over HTTP, against a strict server: the contract, and every refusal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from adapters.telegram.adapter import TelegramMessenger
from adapters.telegram.client import Access, Client
from adapters.telegram.presses import Presses
from bot.domain.outgoing import Button, Heading, LocalTime, Outgoing, Paragraph, Receipt, Text
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.threads import ThreadTraits, ThreadWork
from bot.errors import BotError, MalformedMessage, RateLimited, Refused, RoomMoved, Unreachable
from tests.contracts.messenger import MessengerCase, MessengerContract, said
from tests.fakes.clock import START
from tests.telegram_server import Chat, Person, Rates, TelegramServer
from tests.telegram_server.app import Fault

T = TypeVar("T")


class Speaking:
    """A messenger whose every call has an event loop, and so a client, of its own."""

    platform = "telegram"

    def __init__(self, server: TelegramServer, chats: Callable[[RoomRef], str | None] = lambda room: None) -> None:
        self.access = Access(server.token, server.base_url, server.file_url)
        self.presses = Presses(time.monotonic, 8.0)
        self.chats = chats
        self.slept: list[float] = []
        self.kept: TelegramMessenger | None = None

    async def _with(self, act: Callable[[TelegramMessenger], Awaitable[T]]) -> T:
        client = Client(self.access)
        await client.open()
        try:
            made = TelegramMessenger(client, self.chats, self.presses, sleep=self._sleep)
            if self.kept is not None:
                made._begun = self.kept._begun
            self.kept = made
            return await act(made)
        finally:
            await client.leave()

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        return await self._with(lambda one: one.send(room, message, key=key))

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        return await self._with(lambda one: one.edit(ref, message))

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:
        await self._with(lambda one: one.notice(room, to, text))

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        await self._with(lambda one: one.pin(ref, pinned=pinned))

    @property
    def threads(self) -> ThreadTraits:
        return ThreadTraits(beside=True)

    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:
        return await self._with(lambda one: one.work_on_thread(room, work, key=key))

    async def answer_late(self) -> int:
        return await self._with(lambda one: one.answer_late())


@pytest.fixture
def mei(server: TelegramServer) -> Person:
    person = server.world.person("Mei", language="zh-hans")
    person.sends(None, "/start")
    return person


@pytest.fixture
def messenger(server: TelegramServer) -> Speaking:
    return Speaking(server)


def room(chat: Chat) -> RoomRef:
    return RoomRef("telegram", str(chat.id))


def send(messenger: Speaking, chat: Chat, message: Outgoing | None = None, key: str = "k") -> Receipt:
    return asyncio.run(messenger.send(room(chat), message or said("hello"), key=key))


class TestContract(MessengerContract):
    @pytest.fixture
    def case(self, server: TelegramServer, messenger: Speaking, mei: Person) -> MessengerCase:
        group = server.world.group("Hall")
        carrier = server.world.post(group, server.world.bot, "x", markup=_one_button())
        press = mei.presses(carrier, "go")
        group.messages.clear()
        messenger.presses.add(str(mei.id), press.id, str(group.id))

        def shown(where: RoomRef) -> list[tuple[MessageRef, str]]:
            chat = server.world.chats[int(where.native_id)]
            return [(MessageRef(where, str(m.id)), m.text) for m in server.shown(chat)]

        return MessengerCase(
            messenger,
            room(mei.private),
            room(group),
            AccountRef("telegram", str(mei.id)),
            shown,
            lambda account: server.world.people[int(account.native_id)].notices,
            idempotent=False,
        )


def _one_button() -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


def test_what_is_sent_has_its_form_and_its_buttons(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    message = Outgoing((Heading("<Result>"), Paragraph((LocalTime(START, "now"),))), ((Button("Go", code="go"),),))
    send(messenger, mei.private, message)
    (sent,) = mei.inbox
    assert sent.text == "<Result>\n\nnow"
    assert [(e["type"], e["offset"], e["length"]) for e in sent.entities] == [("bold", 0, 8), ("date_time", 10, 3)]
    assert sent.buttons == [{"text": "Go", "callback_data": "go"}]


def test_a_topic_is_written_to(server: TelegramServer, messenger: Speaking) -> None:
    group = server.world.group("Hall", forum=True, bot="administrator")
    thread = server.world.topic(group, "Async")
    where = RoomRef("telegram", str(group.id), str(thread))
    receipt = asyncio.run(messenger.send(where, said("here"), key="k"))
    assert receipt.refs[0].room == where
    assert server.shown(group)[-1].thread == thread


def test_a_room_of_our_own_address_is_the_persons_chat(server: TelegramServer, mei: Person) -> None:
    messenger = Speaking(server, {RoomRef("telegram", "dm-3"): str(mei.id)}.get)
    receipt = asyncio.run(messenger.send(RoomRef("telegram", "dm-3"), said("x"), key="k"))
    assert receipt.refs == (MessageRef(room(mei.private), str(mei.inbox[0].id)),)
    with pytest.raises(Refused):
        asyncio.run(messenger.send(RoomRef("telegram", "dm-4"), said("x"), key="k"))


def _refusing(server: TelegramServer, mei: Person) -> list[tuple[Chat, type[BotError]]]:
    never, blocked, gone = (server.world.person(name) for name in ("Never", "Blocked", "Gone"))
    blocked.sends(None, "/start")
    blocked.blocks_bot()
    gone.started = gone.deactivated = True
    world = server.world
    left, kicked, mute = (
        world.group("a", bot="left"),
        world.group("b", bot="kicked"),
        world.group("c", bot="restricted"),
    )
    moved = world.group("d", supergroup=False)
    world.migrate(moved)
    refused: list[tuple[Chat, type[BotError]]] = [
        (chat, Refused) for chat in (never.private, blocked.private, gone.private, left, kicked, mute)
    ]
    return [*refused, (moved, RoomMoved)]


def test_every_refusal_says_what_to_do(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    for chat, expected in _refusing(server, mei):
        with pytest.raises(expected):
            send(messenger, chat)


def test_a_group_that_became_a_supergroup_says_where_it_is(server: TelegramServer, messenger: Speaking) -> None:
    old = server.world.group("Hall", supergroup=False)
    new = server.world.migrate(old)
    with pytest.raises(RoomMoved) as moved:
        send(messenger, old)
    assert moved.value.new == room(new)


def test_a_limit_says_how_long(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    server.fails("sendMessage", Fault("limit", 7))
    with pytest.raises(RateLimited) as limited:
        send(messenger, mei.private)
    assert limited.value.retry_after == 7


@pytest.mark.parametrize(
    "fault", [Fault("status", 500), Fault("status", 502), Fault("cut"), Fault("garbage"), Fault("cut", after=True)]
)
def test_without_a_clear_answer_it_may_have_arrived(
    server: TelegramServer, messenger: Speaking, mei: Person, fault: Fault
) -> None:
    server.fails("sendMessage", fault)
    with pytest.raises(Unreachable) as unclear:
        send(messenger, mei.private)
    assert unclear.value.maybe_delivered
    assert len(mei.inbox) == int(fault.after)


def test_where_nobody_listens_it_has_not_arrived(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    messenger.access = Access(server.token, "http://127.0.0.1:9/bot")
    with pytest.raises(Unreachable) as unclear:
        send(messenger, mei.private)
    assert not unclear.value.maybe_delivered


def test_a_refused_token_leaves_the_message_queued(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    messenger.access = Access("1:wrong", server.base_url)
    with pytest.raises(Unreachable) as refused:
        send(messenger, mei.private)
    assert not refused.value.maybe_delivered
    assert "STUDYHALL_TELEGRAM_TOKEN" in str(refused.value)


def test_a_limit_between_two_parts_costs_neither(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    message = Outgoing(tuple(Paragraph((Text(f"{n} " + "学" * 3000),)) for n in range(3)))
    server.fails("sendMessage", Fault("none"), Fault("limit", 2))
    with pytest.raises(RateLimited):
        send(messenger, mei.private, message)
    assert len(mei.inbox) == 1
    receipt = send(messenger, mei.private, message)
    assert [m.text[0] for m in mei.inbox] == ["0", "1", "2"]
    assert [ref.native_id for ref in receipt.refs] == [str(m.id) for m in mei.inbox]
    assert messenger.slept == [1.05, 1.05]


def test_what_the_platform_calls_wrong_is_parked(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    with pytest.raises(MalformedMessage):
        send(messenger, mei.private, Outgoing((Paragraph((Text(" "),)),)))


def test_only_words_of_ours_are_edited(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    theirs = mei.sends(None, "mine")
    with pytest.raises(Refused):
        asyncio.run(messenger.edit(MessageRef(room(mei.private), str(theirs.id)), said("yours")))


def test_a_press_without_words_ends_in_time(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    send(messenger, mei.private)
    press = mei.presses(mei.inbox[0], "again")
    messenger.presses = Presses(time.monotonic, 0.0)
    messenger.presses.add(str(mei.id), press.id, str(mei.id))
    assert asyncio.run(messenger.answer_late()) == 1
    assert press.answer is not None
    assert mei.notices == []
    asyncio.run(messenger.notice(room(mei.private), AccountRef("telegram", str(mei.id)), "too late"))
    assert mei.notices == []


def test_a_press_that_telegram_forgot_is_no_error(server: TelegramServer, messenger: Speaking, mei: Person) -> None:
    messenger.presses.add(str(mei.id), "never-was", str(mei.id))
    asyncio.run(messenger.notice(room(mei.private), AccountRef("telegram", str(mei.id)), "Saved"))
    assert mei.notices == []


def test_the_servers_own_limits_are_met(messenger: Speaking) -> None:
    with TelegramServer(rates=Rates(time.monotonic)) as strict:
        person = strict.world.person("Ann")
        person.sends(None, "hi")
        speaking = Speaking(strict)
        send(speaking, person.private)
        with pytest.raises(RateLimited) as limited:
            send(speaking, person.private, key="other")
        assert limited.value.retry_after == 1


def test_no_repr_shows_the_token(server: TelegramServer) -> None:
    access = Access(server.token, server.base_url)
    assert server.token not in repr(access)
    assert server.token not in repr(Client(access))


def test_a_message_is_pinned_and_taken_down_where_we_may(server: TelegramServer, messenger: Speaking) -> None:
    group = server.world.group("Hall", bot="administrator")
    room = RoomRef("telegram", str(group.id))
    (ref,) = asyncio.run(messenger.send(room, Outgoing((Paragraph((Text("this week"),)),)), key="a")).refs
    asyncio.run(messenger.pin(ref, pinned=True))
    asyncio.run(messenger.pin(ref, pinned=True))
    assert group.pinned == [int(ref.native_id)]
    assert server.calls("pinChatMessage")[-1]["disable_notification"]
    asyncio.run(messenger.pin(ref, pinned=False))
    assert group.pinned == []
    plain = server.world.group("Plain", bot="member")
    there = RoomRef("telegram", str(plain.id))
    (other,) = asyncio.run(messenger.send(there, Outgoing((Paragraph((Text("this week"),)),)), key="b")).refs
    with pytest.raises(BotError):
        asyncio.run(messenger.pin(other, pinned=True))
