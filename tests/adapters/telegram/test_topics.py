"""Threads of events on Telegram are topics: made at most once, over the real SDK against a strict Bot API."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.telegram.lookover import look_over
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.setup import CheckName
from bot.domain.threads import NameThread, OpenThread
from bot.errors import Refused, RoomMoved, Unreachable
from tests.adapters.telegram.test_messenger import Speaking
from tests.contracts.messenger import said
from tests.contracts.threading import ThreadCase, ThreadingContract
from tests.fakes.clock import START
from tests.telegram_server import Chat, TelegramServer
from tests.telegram_server.app import Fault


@pytest.fixture
def hall(server: TelegramServer) -> Chat:
    return server.world.group("Hall", forum=True, bot="administrator", username="hall")


def case_of(server: TelegramServer, hall: Chat) -> ThreadCase:
    messenger, room = Speaking(server), RoomRef("telegram", str(hall.id))
    (card,) = asyncio.run(messenger.send(room, said("card"), key="card")).refs

    def look(thread: RoomRef) -> tuple[str, bool] | None:
        number = int(thread.thread_id or 0)
        return (hall.topics[number], number not in hall.closed) if number in hall.topics else None

    return ThreadCase(
        messenger,
        room,
        card,
        look,
        lambda: list(hall.topics.values()),
        lambda thread: server.world.drop_topic(hall, int(thread.thread_id or 0)),
        lambda: hall.rights.update(can_manage_topics=False),
        128,
    )


@pytest.fixture
def case(server: TelegramServer, hall: Chat) -> ThreadCase:
    return case_of(server, hall)


class TestTelegramTopics(ThreadingContract):
    @pytest.fixture
    def case(self, case: ThreadCase) -> ThreadCase:
        return case


def test_a_group_without_topics_has_none_and_says_so(server: TelegramServer) -> None:
    case = case_of(server, server.world.group("Plain", bot="administrator"))
    with pytest.raises(Refused):
        case.opened()


def test_a_card_in_a_topic_has_its_thread_beside_it(server: TelegramServer, hall: Chat, case: ThreadCase) -> None:
    beside = RoomRef("telegram", str(hall.id), str(server.world.topic(hall, "Announcements")))
    (card,) = asyncio.run(case.messenger.send(beside, said("card"), key="beside")).refs
    thread = case.work(beside, OpenThread("Rust night", card))
    assert thread.thread_id != beside.thread_id
    assert case.look(thread) == ("Rust night", True)


def test_what_it_made_it_may_change_without_the_right_to_manage_all(hall: Chat, case: ThreadCase) -> None:
    thread = case.opened()
    hall.rights["can_manage_topics"] = False
    case.work(thread, NameThread("Rust evening"))
    assert case.look(thread) == ("Rust evening", True)


def test_an_answer_that_was_lost_may_have_made_it(server: TelegramServer, hall: Chat, case: ThreadCase) -> None:
    server.fails("createForumTopic", Fault("cut"))
    with pytest.raises(Unreachable) as lost:
        case.opened()
    assert lost.value.maybe_delivered


def test_a_group_that_moved_says_where_to(server: TelegramServer) -> None:
    group = server.world.group("Old", supergroup=False, bot="administrator")
    new = server.world.migrate(group)
    room = RoomRef("telegram", str(group.id))
    with pytest.raises(RoomMoved) as moved:
        asyncio.run(
            Speaking(server).work_on_thread(
                room, OpenThread("x", MessageRef(room, "1"), timedelta(days=1)), key="thread:1"
            )
        )
    assert moved.value.new == RoomRef("telegram", str(new.id))


def test_what_telegram_says_about_threads(server: TelegramServer, hall: Chat) -> None:
    world = server.world
    mute = world.group("Mute", forum=True, bot="administrator")
    mute.rights["can_manage_topics"] = False
    member = world.group("Member", forum=True, bot="member")
    plain, gone = world.group("Plain", bot="administrator"), world.group("Gone", bot="left")
    groups = {str(chat.id): chat.title for chat in (hall, mute, member, plain, gone)}
    speaking = Speaking(server)

    async def look() -> dict[str, tuple[bool, str]]:
        from adapters.telegram.client import Client

        client = Client(speaking.access)
        await client.open()
        try:
            checks = await look_over(client, [], START, others=groups)
        finally:
            await client.leave()
        return {check.title: (check.ok, check.detail) for check in checks if check.name is CheckName.THREADS}

    assert asyncio.run(look()) == {
        "Hall": (True, ""),
        "Mute": (False, "can_manage_topics"),
        "Member": (False, "administrator, can_manage_topics"),
        "Plain": (False, ""),
    }
