"""What hosts get wrong and what happens to them: a clear answer in their language, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.events import EventState
from bot.domain.guests import Standing
from bot.domain.incoming import MemberLeft, RoomChanged
from bot.domain.permissions import Role
from tests.bot.reading import acts, labels, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, to, words
from tests.bot.world import Sent, World

GOOD = {"title": "Rust night", "when": "2027-01-08 19:00", "length": "1h30", "place": "-", "about": "-"}
SAID = {
    "past": ("That has passed", "已经过去"),
    "gap": ("never show this time", "不会出现这个时间"),
    "long": ("At most 100 characters", "最多 100 个字符"),
    "emoji": ("needs letters or digits", "要有文字或数字"),
    "seats": ("up to 100,000", "100,000"),
    "late": ("before now", "之前"),
    "beyond": ("at most 30 days", "30 天"),
}
BASICS = [
    ("past", "when", "2026-11-07 19:00"),
    ("gap", "when", "2027-03-28 02:30"),
    ("long", "title", "x" * 3_900),
    ("emoji", "title", "🦀🎉🦀"),
]
GUESTS = [("seats", ["1000000000", "", ""]), ("late", ["", "", "20 days"]), ("beyond", ["", "", "60 days"])]


@pytest.fixture(params=["en", "zh"])
def hosts(world: World, request: pytest.FixtureRequest) -> Hosts:
    hosts = Hosts(world)
    hana = world.member("hana")
    world.change(replace(hana, role=Role.MODERATOR, timezone="Europe/Berlin", language=request.param))
    world.says("hana", "A room to announce things in.", "general")
    return hosts


def problem(hosts: Hosts, name: str) -> str:
    return SAID[name][hosts.world.member("hana").language == "zh"]


def asked(hosts: Hosts, answers: dict[str, str]) -> Sent:
    hosts.world.commands("hana", "newevent", room="general")
    last = hosts.world.sent[-1]
    for name in GOOD:
        last = hosts.world.tells("hana", answers[name])[-1]
        if "⚠️" in words_of(last.message):
            return last
    return last


@pytest.mark.parametrize(("name", "field", "typed"), BASICS)
def test_a_first_form_that_cannot_be(hosts: Hosts, name: str, field: str, typed: str) -> None:
    world = hosts.world
    wrong = asked(hosts, {**GOOD, field: typed})
    assert problem(hosts, name) in words_of(wrong.message)
    with world.store.read() as uow:
        assert uow.hosted.all(world.community.id) == []
    rest = [GOOD[name_] for name_ in list(GOOD)[list(GOOD).index(field) + 1 :]]
    # Only what was wrong is asked again; all else stands there.
    last = world.tells("hana", GOOD[field])[-1]
    while rest:
        last = world.tells("hana", rest.pop(0))[-1]
    assert "m-publish" in acts(last.message)
    with world.store.read() as uow:
        (event,) = uow.hosted.all(world.community.id)
    assert (event.title, event.minutes, event.state) == ("Rust night", 90, EventState.DRAFT)


@pytest.mark.parametrize(("name", "typed"), GUESTS)
def test_seats_and_reminders_that_cannot_be(hosts: Hosts, name: str, typed: list[str]) -> None:
    world = hosts.world
    last = hosts.presses("hana", "m-guests", asked(hosts, GOOD))[-1]
    for answer in typed:
        last = world.tells("hana", answer)[-1] if answer else hosts.presses("hana", "next", last)[-1]
    while "m-publish" not in str(last.message.buttons) and problem(hosts, name) not in words_of(last.message):
        last = hosts.presses("hana", "next", last)[-1]
    assert problem(hosts, name) in words_of(last.message)
    with world.store.read() as uow:
        (event,) = uow.hosted.all(world.community.id)
    assert (event.capacity, event.reminders) == (0, (24 * 60, 15)), "the draft is as it was"


def test_a_host_who_left_leaves_the_event_and_its_guests(hosts: Hosts) -> None:
    world = hosts.world
    for name in ("ann", "max"):
        world.arrives(name)
    world.change(replace(world.member("max"), role=Role.MODERATOR))
    hosts.publish("general", capacity=1)
    hosts.presses("ann", "go")
    world.happens(MemberLeft(world.place("general"), world.sender("hana"), world.clock.now()))
    world.change(replace(world.member("hana"), role=Role.MEMBER))
    assert hosts.standing("ann") is Standing.GOING
    managed = hosts.presses("max", "manage")[-1]
    assert any("Guest list" in label for label in labels(managed.message)), "a moderator goes on with it"
    hosts.world.clock.set(EVENING)
    hosts.settle()
    assert hosts.event().state is EventState.PUBLISHED


def test_a_room_that_is_gone_is_told_once_and_everywhere_else_it_goes_on(hosts: Hosts) -> None:
    world = hosts.world
    world.arrives("ann")
    hosts.publish("general", "rust")
    hosts.presses("ann", "go")
    hosts.go_on(seconds=10)
    gone = world.room("rust").ref
    world.happens(RoomChanged(world.place("rust"), world.clock.now(), gone=True))
    world.unreachable.add(gone)
    told = 0
    for act in ("cant", "go", "cant"):
        hosts.presses("ann", act)
        told += len(to(hosts.go_on(minutes=2), "hana", world))
    assert told == 1
    assert "0" in words_of(hosts.card().message).partition("👥")[2][:4]
    assert hosts.event().open


def test_a_member_who_blocked_the_bot_keeps_the_seat_and_is_named_in_the_room(hosts: Hosts) -> None:
    world = hosts.world
    world.arrives("ann")
    hosts.publish("general")
    hosts.presses("ann", "go")
    with world.store.read() as uow:
        world.unreachable.add(uow.rooms.direct(world.community.id, "fake", world.member("ann").id).ref)
    world.clock.set(EVENING.replace(hour=18, minute=45))
    hosts.settle()
    sent = hosts.go_on(minutes=3)
    assert "because I could not write to you" in words(sent)
    assert hosts.standing("ann") is Standing.GOING
    assert to(sent, "ann", world) == []
