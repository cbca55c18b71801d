"""Cards follow their event: few edits for many presses, always the final state, whatever the delivery does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.refs import MessageRef
from bot.domain.rsvp import Go
from bot.usecases.events import due
from bot.usecases.events.seats import EDIT_EVERY, Seats
from scheduler.moments import ATTEMPTS
from tests.bot.reading import words_of
from tests.bot.usecases.events.hosting import Hosts
from tests.bot.world import Sent, World

PRESSES, RUSH = 500, 60
"""So many presses in so many seconds."""


@pytest.fixture
def hosts(world: World) -> Hosts:
    return Hosts(world)


def edits(sent: list[Sent], room: str) -> list[Sent]:
    return [one for one in sent if one.ref.room.native_id == room and one.sending.edits is not None]


@pytest.mark.timeout(300)
def test_five_hundred_presses_in_a_minute_are_a_dozen_edits_that_end_right(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", "events", capacity=400)
    code = hosts.card().message.buttons[0][0].code
    ref: MessageRef = hosts.card().ref
    sent: list[Sent] = []
    for number in range(PRESSES):
        world.put(world.pressing(f"p{number}", code, ref))
        if number % (PRESSES // RUSH) == 0:
            world.clock.go_on(seconds=1)
            world.dispatcher.drain()
            sent += hosts.settle()
    world.dispatcher.drain()
    for _ in range(int(EDIT_EVERY.total_seconds()) + 1):
        sent += hosts.go_on(seconds=1)
    most = RUSH / EDIT_EVERY.total_seconds() + 3
    for room in ("general", "events"):
        assert 3 <= len(edits(sent, room)) <= most
        assert {one.ref for one in edits(sent, room)} == {hosts.card(room).ref}
        assert "400/400 going" in words_of(hosts.card(room).message)
        assert "100 waiting" in words_of(hosts.card(room).message)
    quiet = hosts.go_on(minutes=5)
    assert edits(quiet, "general") == []


def test_the_first_change_shows_at_once_and_the_last_is_never_lost(hosts: Hosts) -> None:
    hosts.publish("general")
    hosts.go_on(minutes=2)
    hosts.world.clock.go_on(seconds=10)
    hosts.presses("ann", "go")
    (shown,) = hosts.settle()
    assert "1 going" in words_of(shown.message)
    hosts.presses("ben", "go")
    assert hosts.settle() == [], "too soon for another edit"
    hosts.world.restart()
    (later,) = hosts.go_on(seconds=EDIT_EVERY.total_seconds())
    assert "2 going" in words_of(later.message)


def test_edits_that_wait_for_a_platform_are_replaced_and_do_not_pile_up(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.go_on(minutes=2)
    code, ref = hosts.card().message.buttons[0][0].code, hosts.card().ref
    for number in range(10):
        world.put(world.pressing(f"p{number}", code, ref))
        world.dispatcher.drain()
        world.clock.go_on(seconds=30)
        world.app.moments().tick()
    sent = edits(world.deliver(), "general")
    assert len(sent) == 1
    assert "10 going" in words_of(sent[0].message)


def test_a_card_that_was_not_posted_yet_is_posted_as_it_is_now(hosts: Hosts) -> None:
    world = hosts.world
    with world.store.write() as uow:
        room = uow.rooms.ensure(world.community.id, world.place("general"))
        uow.commit()
    hosts.publish()
    hosts.change(rooms=(room.id,))
    world.clock.go_on(seconds=5)
    world.app.moments().tick()
    world.happens(world.pressing("ann", "v1:go:tokenofrustnight"))
    world.clock.go_on(seconds=5)
    world.app.moments().tick()
    cards = [one for one in world.deliver() + world.sent if one.sending.key.startswith("card:")]
    assert {one.sending.edits for one in cards} <= {None, cards[0].ref}
    assert "1 going" in words_of(hosts.card().message) or "1 going" in words_of(hosts.go_on(minutes=2)[-1].message)


def test_nothing_changes_nothing_is_edited(hosts: Hosts) -> None:
    hosts.publish("general")
    hosts.go_on(minutes=2)
    hosts.presses("ann", "maybe")
    assert len(edits(hosts.go_on(seconds=10), "general")) == 1
    hosts.presses("ann", "maybe")
    hosts.presses("ann", "cal")
    assert edits(hosts.go_on(minutes=1), "general") == []


def test_a_moment_that_fails_is_put_off_and_holds_up_nobody(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    world = hosts.world
    hosts.publish("general", id="first", token="tokenofthefirst0")
    hosts.publish("general", id="second", token="tokenofthesecond")
    original = due.Refresh.__call__

    def broken(self, event):  # type: ignore[no-untyped-def]
        if event.id == "first":
            raise ZeroDivisionError
        return original(self, event)

    monkeypatch.setattr(due.Refresh, "__call__", broken)
    for event in ("first", "second"):
        world.happens(world.pressing("ann", f"v1:go:{hosts.event(event).token}"))
    sent = hosts.go_on(seconds=10)
    assert any("second" in one.sending.key for one in sent)
    for _ in range(ATTEMPTS):
        hosts.go_on(hours=2)
    with world.store.read() as uow:
        assert uow.moments.outcomes(hosts.event("first").number)["refresh"] == "failed: ZeroDivisionError"
    monkeypatch.undo()
    world.happens(world.pressing("ben", "v1:go:tokenofthefirst0"))
    assert any("2 going" in words_of(one.message) for one in hosts.go_on(seconds=10))


def test_platforms_are_counted_apart(hosts: Hosts) -> None:
    world = hosts.world
    event = hosts.publish("general")
    for number, platform in enumerate(("telegram", "discord", "telegram")):
        with world.store.write() as uow:
            member = uow.members.resolve(world.community.id, world.sender(f"m{number}"), world.clock.now())
            Seats(uow, world.community, event, world.clock.now()).decide(Go(member.id, platform))
            uow.commit()
    hosts.go_on(seconds=5)
    assert "3 going  (Telegram 2 · Discord 1)" in words_of(hosts.card().message)


def test_moments_of_another_start_do_nothing(hosts: Hosts) -> None:
    hosts.publish("general")
    hosts.presses("ann", "go")
    before = hosts.event()
    hosts.change(starts_at=before.starts_at + timedelta(days=30))
    hosts.world.clock.set(before.ends_at + timedelta(minutes=1))
    hosts.settle()
    assert hosts.event().open
