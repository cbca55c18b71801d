"""The whole program on Telegram, set up in chat: a group is proved, whoever administers it is staff, a room is on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.refs import RoomRef
from bot.domain.setup import CheckName, CodePurpose
from tests.system.conftest import Starts
from tests.system.serving import Server, until
from tests.system.test_telegram import answered, opened, settings
from tests.telegram_server import Rates, TelegramServer


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer(rates=Rates(time.monotonic)) as running:
        yield running


@pytest.fixture
def server(home: Path, telegram: TelegramServer, serve: Starts) -> Server:
    return serve(home, **settings(telegram)).start()


def test_from_a_code_to_a_room_that_is_suggested_from(server: Server, home: Path, telegram: TelegramServer) -> None:
    world, code = telegram.world, "abcdefghijklmnop"
    group, ann = world.group("Our hall", username="ourhall", bot="administrator"), world.person("Ann")
    group.members[ann.id] = "administrator"
    until(lambda: telegram.calls("getUpdates"))
    ann.sends(group, "How do I cancel a task that waits for a lock in async Rust?")
    assert "Only moderators" in answered(ann, "/setup").text
    store, now = opened(home), datetime.now(UTC)
    with store.write() as uow:
        (community,) = uow.communities.all()
        uow.setup_codes.add(community.id, code, CodePurpose.HOME, at=now, until=now + timedelta(hours=1))
        uow.commit()
    before = len(ann.inbox)
    ann.sends(group, f"/setup@studyhall_bot {code}")
    until(lambda: len(ann.inbox) > before)
    assert "one of the community's own places" in ann.inbox[-1].text

    def looked() -> bool:
        with store.read() as uow:
            return any(check.name is CheckName.ADMINISTRATOR and check.ok for check in uow.checks.all(community.id))

    until(looked, seconds=20)
    checklist = answered(ann, "/setup")
    assert "✅ Fine: In Our hall I am an administrator" in checklist.text
    label, wanted = "Rooms", "Switch on Our hall"
    while True:  # page after page, until the room is there
        pressed = ann.presses(checklist, label)
        until(lambda pressed=pressed: pressed.answer is not None, seconds=14)
        if label == wanted:
            break
        label = wanted if any(button["text"].startswith(wanted) for button in checklist.buttons) else "▸"

    def taken_in() -> bool:
        with store.read() as uow:
            room = uow.rooms.by_ref(community.id, RoomRef("telegram", str(group.id)))
            return (
                room is not None
                and room.indexed
                and room.name == "Our hall"
                and uow.posts.all(community.id)[0].room_id == room.id
            )

    until(taken_in, seconds=20)
    group.members[ann.id] = "member"
    world.promote(group, ann, "member")
    assert "Only moderators" in answered(ann, "/setup").text
    code_, _ = server.stop()
    assert code_ == 0
    assert "Traceback" not in server.log.read_text()
    store.close()
