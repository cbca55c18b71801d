"""The gate for what nobody asked for: whom, when, how often; asked when it is queued and when it goes out."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.domain.digests import DigestSettings
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.ports import Unasked
from bot.usecases.unasked import (
    BETWEEN_DIGESTS,
    PER_WEEK,
    SPACING,
    WEEK,
    Refusal,
    may_send_unasked,
    queue_unasked,
    slot,
)
from tests.bot.reading import words_of
from tests.bot.world import World

HOUR = timedelta(hours=1)
AT = datetime(2027, 1, 6, 12, tzinfo=UTC)
OPEN = DigestSettings(1, enabled=True, quiet_start=0, quiet_end=0)


def subscribed(world: World) -> World:
    world.arrives("lin", language="en")
    world.press("lin", world.asks("lin", "digest"), "on")
    return world


def invite(world: World, key: str) -> Refusal | None:
    lin = world.member("lin")
    message = Outgoing((Paragraph((Text("Come and see"),)),))
    with world.store.write() as uow:
        room = uow.rooms.direct(world.community.id, "fake", lin.id)
        sending = Sending(key, room.ref, message, DeliveryClass.AT_MOST_ONCE)
        refusal = queue_unasked(uow, lin, sending, world.clock.now())
        uow.commit()
    return refusal


def allowed(world: World) -> bool:
    with world.store.read() as uow:
        return may_send_unasked(uow, world.member("lin"), world.clock.now())


def test_nobody_is_written_to_who_did_not_say_yes(world: World) -> None:
    world.arrives("lin")
    assert not allowed(world)
    assert invite(world, "i1") is Refusal.OFF
    assert world.deliver() == []


def test_at_most_two_a_week_and_never_two_a_day(world: World) -> None:
    subscribed(world)
    world.commands("lin", "digest", "sun 12:00")
    world.clock.set(datetime(2027, 1, 4, 10, tzinfo=UTC))
    assert invite(world, "i1") is None
    assert len(world.deliver()) == 1
    assert invite(world, "i2") is Refusal.SPACED
    world.clock.go_on(hours=24)
    assert invite(world, "i3") is None
    assert len(world.deliver()) == 1
    world.clock.go_on(hours=30)
    assert not allowed(world)
    assert invite(world, "i4") is Refusal.CAP
    world.clock.go_on(days=7)
    assert allowed(world)


def test_what_waits_gives_way_to_quiet_hours_that_were_set_meanwhile(world: World) -> None:
    subscribed(world)
    world.clock.set(datetime(2027, 1, 4, 10, tzinfo=UTC))
    assert invite(world, "i1") is None
    world.asks("lin", "digest", "quiet 9-15")
    assert not any("Come and see" in words_of(sent.message) for sent in world.sent)
    world.clock.set(datetime(2027, 1, 4, 14, 59, tzinfo=UTC))
    assert world.deliver() == []
    world.clock.set(datetime(2027, 1, 4, 15, tzinfo=UTC))
    assert [words_of(sent.message) for sent in world.deliver()] == ["Come and see"]


def test_a_pause_and_a_stop_hold_for_what_waits(world: World) -> None:
    subscribed(world)
    world.clock.set(datetime(2027, 1, 4, 23, tzinfo=UTC))
    assert invite(world, "i1") is None  # for the morning
    world.asks("lin", "digest", "pause 1 week")
    world.clock.set(datetime(2027, 1, 5, 9, tzinfo=UTC))
    assert world.deliver() == []
    assert world.dropped[-1].key == "i1"
    assert invite(world, "i2") is Refusal.PAUSED


def test_unreachable_twice_ends_it_and_the_settings_say_so(world: World) -> None:
    subscribed(world)
    world.commands("lin", "digest", "sun 12:00")
    world.clock.set(datetime(2027, 1, 4, 10, tzinfo=UTC))
    world.unreachable.add(world.home("lin").room)
    assert invite(world, "i1") is None
    world.deliver()
    with world.store.read() as uow:
        assert uow.digests.get(world.member("lin").id).enabled
    world.clock.go_on(hours=25)
    assert invite(world, "i2") is None
    world.deliver()
    assert invite(world, "i3") is Refusal.OFF
    world.unreachable.clear()
    said = world.asks("lin", "digest")
    assert "could not be delivered" in words_of(said.message)
    world.press("lin", said, "on")
    world.clock.go_on(hours=25)
    assert invite(world, "i4") is None
    assert len(world.deliver()) == 1


def test_one_that_arrives_forgives_one_that_did_not(world: World) -> None:
    subscribed(world)
    world.commands("lin", "digest", "sun 12:00")
    room = world.home("lin").room
    for week in range(4):
        world.clock.set(datetime(2027, 1, 4 + 7 * week, 10, tzinfo=UTC))
        world.unreachable ^= {room}
        assert invite(world, f"i{week}") is None
        world.deliver()
    with world.store.read() as uow:
        assert uow.digests.get(world.member("lin").id).enabled


messages = st.lists(
    st.tuples(st.booleans(), st.integers(-8 * 24 * 60, 2 * 24 * 60)).map(
        lambda pair: (pair[0], AT + timedelta(minutes=pair[1]))
    ),
    max_size=6,
)
quiet = st.tuples(st.integers(0, 23), st.integers(0, 23))


@given(messages, quiet, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]), st.booleans())
def test_the_rules_hold_whatever_was_sent(
    sent: list[tuple[bool, datetime]], hours: tuple[int, int], timezone: str, digest: bool
) -> None:
    others = [Unasked(n, f"{'digest' if d else 'other'}:{n}", at, at > AT) for n, (d, at) in enumerate(sent)]
    settings = DigestSettings(1, enabled=True, quiet_start=hours[0], quiet_end=hours[1])
    found = slot(settings, timezone, others, AT, digest=digest)
    if isinstance(found, Refusal):
        assert not digest
        return
    assert found >= AT
    assert not settings.quiet(found, timezone)
    for (is_digest, _), other in zip(sent, others, strict=True):
        assert abs(found - other.at) >= (BETWEEN_DIGESTS if digest and is_digest else SPACING)
    if not digest:
        assert sum(not d and abs(found - at) < WEEK for d, at in sent) < PER_WEEK


def test_a_digest_keeps_others_away_from_its_hour() -> None:
    assert slot(OPEN, "UTC", (), AT, promised=AT + 20 * HOUR) is Refusal.SPACED
    assert slot(OPEN, "UTC", (), AT, promised=AT + 24 * HOUR) == AT


def test_nothing_goes_round_the_gate() -> None:
    """Whoever marks a sending as unasked is the gate, or writes to a room as a whole."""
    root = Path(bot.__file__).parent
    marked = set()
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "unsolicited":
                marked.add(file.relative_to(root).as_posix())
    assert marked == {"usecases/unasked.py", "usecases/channel.py"}
