"""The whole program on Telegram: its own process, the real SDK, HTTP, and a strict Bot API on the other side."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.domain.refs import AccountRef, RoomRef
from storage import SqlStore, open_store
from tests.system.conftest import Starts
from tests.system.contents import address, unsound
from tests.system.serving import Server, until
from tests.telegram_server import Person, Rates, Sent, TelegramServer

ACT = re.compile(r"v1:([a-z0-9-]+):")


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer(rates=Rates(time.monotonic)) as running:
        yield running


def settings(telegram: TelegramServer) -> dict[str, str]:
    return {
        "STUDYHALL_TELEGRAM_TOKEN": telegram.token,
        "STUDYHALL_TELEGRAM_BASE_URL": telegram.base_url,
        "STUDYHALL_TELEGRAM_FILE_URL": telegram.file_url,
        "STUDYHALL_LOG_LEVEL": "DEBUG",
    }


@pytest.fixture
def server(home: Path, telegram: TelegramServer, serve: Starts) -> Server:
    return serve(home, **settings(telegram)).start()


def opened(home: Path) -> SqlStore:
    return open_store(address(home))


def answered(person: Person, text: str) -> Sent:
    """What a person says to the bot alone, and the answer that comes."""
    before = len(person.inbox)
    person.sends(None, text)
    until(lambda: len(person.inbox) > before)
    return person.inbox[before]


def acts(sent: Sent) -> dict[str, str]:
    """Code of every button by what it does; the first of each."""
    found: dict[str, str] = {}
    for button in sent.buttons:
        if match := ACT.match(button.get("callback_data", "")):
            found.setdefault(match[1], button["callback_data"])
    return found


def kind(act: str) -> str:
    """Chips of one step, and switches of one list, do the same."""
    return act.partition("-")[0]


def press(person: Person, sent: Sent, act: str) -> None:
    pressed = person.presses(sent, acts(sent)[act])
    until(lambda: pressed.answer is not None, seconds=14)


def test_from_the_first_word_to_every_button(server: Server, home: Path, telegram: TelegramServer) -> None:
    mei = telegram.world.person("Mei", language="zh-hans")
    start = answered(mei, "/start")
    assert start.buttons
    assert re.search(r"[\u4e00-\u9fff]", start.text)
    while "next" in acts(start):
        for act in [act for act in acts(start) if act in ("t-1", "l-some", "g-build", "h-2")]:
            press(mei, start, act)
        press(mei, start, "next")
    answer = answered(mei, "/ask 怎么取消一个等待锁的异步任务？")
    assert re.search(r"[\u4e00-\u9fff]", answer.text)
    answered(mei, "/foryou")
    pressed: set[str] = set()
    while todo := [(sent, act) for sent in mei.inbox for act in acts(sent) if kind(act) not in pressed]:
        sent, act = todo[0]
        pressed.add(kind(act))
        press(mei, sent, act)
    assert {"why", "save", "hide", "undo", "enrol", "solved", "notit", "more", "fresh"} <= pressed
    assert any("收藏" in notice for notice in mei.notices)
    assert any(sent.edit_date is not None for sent in mei.inbox)
    assert telegram.world.rates.refused == 0
    code, _ = server.stop()
    assert code == 0
    log = server.log.read_text()
    assert telegram.token not in log
    assert "Traceback" not in log
    store = opened(home)
    with store.read() as uow:
        assert uow.inbox.counts().keys() == {"done"}
        assert not uow.outbox.counts().keys() & {"refused", "malformed", "in_doubt", "pending", "sending"}
        (community,) = uow.communities.all()
        member = uow.members.by_account(community.id, AccountRef("telegram", str(mei.id)))
        assert member is not None
        assert member.onboarded_at is not None
    store.close()
    assert unsound(home) == []


def test_what_a_group_says_and_does_is_kept(server: Server, home: Path, telegram: TelegramServer) -> None:
    world = telegram.world
    group = world.group("Open hall", username="openhall", forum=True, bot="administrator")
    until(lambda: telegram.calls("getUpdates"))
    ann, ben = world.person("Ann"), world.person("Ben")
    topic = world.topic(group, "Async Rust", ann.user)
    for person in (ann, ben):
        person.joins(group)
    first = ann.sends(group, "How do I cancel a task that waits for a lock in async Rust?", topic=topic)
    ben.sends(group, "Use a cancellation token and select between it and the lock.", topic=topic, reply_to=first)
    ben.reacts(first, "👍")
    ben.reacts(first, "👍", "🎉")
    ben.reacts(first, "🎉")
    ann.edits(first, "How do I cancel a task that waits for a mutex in async Rust?")
    ann.sends(group, "/ask@studyhall_bot how do I cancel a task?", topic=topic)
    until(lambda: len(telegram.shown(group)) == 1)
    assert telegram.shown(group)[0].thread == topic
    ben.leaves(group)
    moved = world.group("Small", supergroup=False, bot="administrator")
    ann.joins(moved)
    ann.sends(moved, "hello from before")
    world.migrate(moved)
    store = opened(home)

    def settled() -> bool:
        with store.read() as uow:
            return uow.inbox.counts().keys() == {"done"} and world.updates.waiting == []

    until(settled)
    with store.read() as uow:
        (community,) = uow.communities.all()
        room = uow.rooms.by_ref(community.id, RoomRef("telegram", str(group.id), str(topic)))
        assert room is not None
        assert (room.name, room.group, room.audience) == ("Async Rust", "Open hall", "public")
        said = uow.messages.page(room.id)
        assert said[0].text.endswith("a mutex in async Rust?")
        assert [(r.emoji, r.count) for r in said[0].reactions] == [("🎉", 1)]
        assert said[1].reply_to_id == said[0].id
        whole = uow.rooms.by_ref(community.id, RoomRef("telegram", str(group.id)))
        members = [uow.members.by_account(community.id, AccountRef("telegram", str(p.id))) for p in (ann, ben)]
        assert whole is not None
        assert uow.rooms.members_of(whole.id) == [m.id for m in members[:1] if m is not None]
        assert uow.rooms.by_ref(community.id, RoomRef("telegram", str(moved.id))) is None
        assert uow.rooms.by_ref(community.id, RoomRef("telegram", str(moved.migrated_to))) is not None
    store.close()


def test_whoever_names_the_bot_anywhere_finds_what_is_public(server: Server, telegram: TelegramServer) -> None:
    mei, elsewhere = telegram.world.person("Mei", language="zh-hans"), telegram.world.group("Elsewhere", bot="left")
    asked = mei.searches("rust 课程")
    until(lambda: asked.answer is not None)
    assert asked.answer is not None
    assert asked.answer["results"]
    sent = mei.chooses(asked, 0, elsewhere)
    assert sent.text.startswith(asked.answer["results"][0]["title"])
    assert "课程" in sent.text
    assert sent.buttons == [{"text": "查找更多", "url": "https://t.me/studyhall_bot?start=inline"}]
    assert answered(mei, "/start inline").buttons


def test_who_never_opened_the_bot_is_invited_once_where_they_asked(server: Server, telegram: TelegramServer) -> None:
    world = telegram.world
    group, ann = world.group("Open hall", username="openhall"), world.person("Ann", language="zh")
    ann.joins(group)
    for _ in range(2):
        ann.sends(group, "/foryou@studyhall_bot")
    until(lambda: telegram.shown(group))
    (invited,) = telegram.shown(group)
    assert invited.buttons == [{"text": "打开", "url": "https://t.me/studyhall_bot?start=group"}]
    assert invited.reply_to is not None
    assert invited.reply_to.by == ann.user
    until(lambda: len(telegram.calls("sendMessage")) == 3)
    assert len(telegram.shown(group)) == 1
    answered(ann, "/start group")


def test_a_kill_loses_no_update_and_stores_none_twice(home: Path, telegram: TelegramServer, serve: Starts) -> None:
    world = telegram.world
    group = world.group("Open hall", username="openhall", bot="administrator")
    ann = world.person("Ann")
    said = 0
    for _ in range(3):
        server = serve(home, **settings(telegram))
        server.begin()
        asked = len(telegram.calls("getUpdates"))
        until(lambda asked=asked: len(telegram.calls("getUpdates")) > asked, seconds=60)
        ann.joins(group)
        for _ in range(150):
            ann.sends(group, f"number {said}")
            said += 1
        server.kill()
    server = serve(home, **settings(telegram))
    server.begin()
    until(lambda: world.updates.waiting == [], seconds=60)
    store = opened(home)

    def settled() -> bool:
        with store.read() as uow:
            return uow.inbox.counts().keys() == {"done"}

    until(settled, seconds=60)
    with store.read() as uow:
        (community,) = uow.communities.all()
        room = uow.rooms.by_ref(community.id, RoomRef("telegram", str(group.id)))
        assert room is not None
        texts = [m.text for m in uow.messages.page(room.id, limit=10_000)]
    store.close()
    assert texts == [f"number {n}" for n in range(said)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_updates_are_brought_to_the_port_of_the_web_community(
    home: Path, telegram: TelegramServer, serve: Starts
) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    hooked = {"STUDYHALL_TELEGRAM_MODE": "webhook", "STUDYHALL_PUBLIC_URL": origin}
    guarded = {"STUDYHALL_ACCESS_TOKEN": "open sesame"}
    ann = telegram.world.person("Ann")
    serve(home, "--port", str(port), **settings(telegram), **hooked, **guarded).start()
    help_ = answered(ann, "/help")
    assert "/foryou" in help_.text
    assert telegram.calls("getUpdates") == []
    assert set(telegram.pushed) == {(telegram.pushed[0][0], 200)}
    update = b'{"update_id":5}'
    for secret, status in (("", 403), ("wrong", 403), (telegram.world.updates.secret, 200)):
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        assert httpx.post(f"{origin}/telegram", content=update, headers=headers).status_code == status
        large = httpx.post(f"{origin}/telegram", content=b" " * 2**21, headers=headers)
        assert large.status_code == (413 if status == 200 else 403)
    assert httpx.get(f"{origin}/telegram").status_code == 405


def test_a_token_that_is_refused_ends_the_program_with_what_to_do(
    home: Path, telegram: TelegramServer, serve: Starts
) -> None:
    server = serve(home, **(settings(telegram) | {"STUDYHALL_TELEGRAM_TOKEN": "1:wrong"}))
    server.begin()
    assert server.process.wait(60) != 0
    log = server.log.read_text()
    assert "STUDYHALL_TELEGRAM_TOKEN" in log
    assert "1:wrong" not in log
    assert "Traceback" not in log
