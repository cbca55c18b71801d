"""Limits hold in every window, blocks are honoured, rooms do not disturb each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pacing import DISCORD, TELEGRAM, WEB, Limits, Pacing, Rate
from bot.domain.incoming import RoomKind
from bot.domain.refs import RoomRef


@dataclass
class Seconds:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def room(number: int = 1, platform: str = "telegram", thread: str | None = None) -> RoomRef:
    return RoomRef(platform, f"r{number}", thread)


def begun_and_done(pacing: Pacing, address: RoomRef) -> bool:
    taken = pacing.take(address)
    if taken:
        pacing.done(address)
    return taken


def most_in_any_window(times: list[float], seconds: float) -> int:
    """The oracle: for every send, how many begin in [send, send + seconds)."""
    return max((sum(start <= at < start + seconds - 1e-9 for at in times) for start in times), default=0)


def drain(pacing: Pacing, clock: Seconds, wanted: list[tuple[RoomRef, RoomKind | None]]) -> list[tuple[float, RoomRef]]:
    """Send everything as early as it may go, in any order."""
    sent = []
    left = list(wanted)
    while left:
        still = []
        for address, kind in left:
            if pacing.take(address, kind):
                pacing.done(address, kind)  # answered at once
                sent.append((clock.now, address))
            else:
                still.append((address, kind))
        left = still
        if left:
            step = min(pacing.wait(address, kind) for address, kind in left)
            assert step > 0
            clock.now += step
    return sent


def test_a_group_gets_twenty_a_minute_and_one_a_second() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM}, clock)
    times = [at for at, _ in drain(pacing, clock, [(room(), RoomKind.CHANNEL)] * 70)]
    assert most_in_any_window(times, 1.0) == 1
    assert most_in_any_window(times, 60.0) == 20
    assert times[-1] - times[0] == pytest.approx(3 * 60 + 9, abs=1)


def test_a_direct_room_is_not_a_group() -> None:
    clock = Seconds()
    times = [at for at, _ in drain(Pacing({"telegram": TELEGRAM}, clock), clock, [(room(), RoomKind.DIRECT)] * 30)]
    assert times[-1] - times[0] == pytest.approx(29)


def test_the_platform_as_a_whole_gets_thirty_a_second() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM}, clock)
    sent = drain(pacing, clock, [(room(number), RoomKind.DIRECT) for number in range(100)])
    assert most_in_any_window([at for at, _ in sent], 1.0) == 30
    assert sent[-1][0] - sent[0][0] == pytest.approx(3.0)


def test_a_discord_channel_gets_a_burst_of_five() -> None:
    clock = Seconds()
    sent = drain(Pacing({"discord": DISCORD}, clock), clock, [(room(platform="discord"), None)] * 12)
    assert [at - 1000.0 for at, _ in sent] == [0.0] * 5 + [5.0] * 5 + [10.0] * 2


def test_threads_count_with_their_room() -> None:
    pacing = Pacing({"telegram": TELEGRAM}, Seconds())
    assert begun_and_done(pacing, room(1, thread="a"))
    assert not pacing.take(room(1, thread="b"))
    assert pacing.take(room(2))


def test_our_own_page_is_bounded_too() -> None:
    pacing = Pacing({}, Seconds())
    assert sum(pacing.take(room(platform="web")) for _ in range(1000)) == WEB.room.count


def test_a_refused_take_costs_nothing() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM}, clock)
    begun_and_done(pacing, room())
    for _ in range(100):
        pacing.take(room())
    assert pacing.free("telegram") == 29
    assert pacing.wait(room()) == pytest.approx(1.0)


def test_a_blocked_room_waits_exactly_and_others_do_not() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM}, clock)
    pacing.block(room(1), 17.5)
    pacing.block(room(1), 3.0)  # a shorter word does not end the longer one
    assert pacing.wait(room(1)) == 17.5
    assert pacing.take(room(2))
    clock.now += 17.4
    assert not pacing.take(room(1))
    clock.now += 0.1
    assert pacing.take(room(1))


def test_a_blocked_platform_blocks_every_room_of_it_alone() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM, "discord": DISCORD}, clock)
    pacing.block_platform("telegram", 9)
    assert pacing.platform_wait("telegram") == 9
    assert pacing.free("telegram") == 0
    assert not pacing.take(room(5))
    assert pacing.take(room(5, "discord"))
    clock.now += 9
    assert pacing.free("telegram") == 30


@pytest.mark.parametrize("nonsense", [math.nan, -5.0])
def test_nonsense_from_a_platform_means_a_second(nonsense: float) -> None:
    pacing = Pacing({}, Seconds())
    pacing.block(room(), nonsense)
    assert pacing.wait(room()) == 1.0


def test_rates_without_sense_are_refused() -> None:
    for count, seconds in ((0, 1.0), (1, 0.0), (1, math.inf)):
        with pytest.raises(ValueError, match="a rate needs"):
            Rate(count, seconds)


def test_rooms_that_limit_nothing_any_more_are_forgotten() -> None:
    clock = Seconds()
    pacing = Pacing({"x": Limits(Rate(10**6, 1.0), Rate(1, 1.0))}, clock)
    for number in range(12_000):
        begun_and_done(pacing, room(number, "x"))
        clock.now += 0.001
    assert len(pacing._rooms) == 10_000
    assert not pacing.take(room(11_999, "x"))


@settings(max_examples=60, deadline=None)
@given(
    total=st.tuples(st.integers(1, 8), st.floats(0.1, 10)),
    each=st.tuples(st.integers(1, 5), st.floats(0.1, 30)),
    seed=st.integers(0, 1000),
)
def test_no_window_ever_holds_more(total: tuple[int, float], each: tuple[int, float], seed: int) -> None:
    rng = Random(seed)
    clock = Seconds()
    pacing = Pacing({"telegram": Limits(Rate(*total), Rate(*each))}, clock)
    wanted: list[tuple[RoomRef, RoomKind | None]] = [(room(rng.randrange(4)), None) for _ in range(40)]
    sent = drain(pacing, clock, wanted)
    assert most_in_any_window([at for at, _ in sent], total[1]) <= total[0]
    for number in range(4):
        own = [at for at, address in sent if address == room(number)]
        assert most_in_any_window(own, each[1]) <= each[0]


def test_a_send_on_its_way_keeps_its_place_and_frees_it_a_while_after_its_answer() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM}, clock)
    for number in range(30):
        assert pacing.take(room(number))
    clock.now += 50  # nothing was answered: all of it may arrive at this moment
    assert pacing.free("telegram") == 0
    assert not pacing.take(room(77))
    assert pacing.platform_wait("telegram") == 1.0
    pacing.done(room(0))
    assert not pacing.take(room(77))
    clock.now += 1
    assert pacing.free("telegram") == 1
    assert pacing.take(room(77))
    assert not pacing.take(room(78))


def test_what_went_out_in_parts_counts_as_often() -> None:
    clock = Seconds()
    pacing = Pacing({"telegram": TELEGRAM}, clock)
    assert pacing.take(room(), RoomKind.CHANNEL)
    pacing.done(room(), RoomKind.CHANNEL, sends=19)
    clock.now += 2
    assert begun_in(pacing, 1)
    clock.now += 2
    assert not begun_in(pacing, 1)


def begun_in(pacing: Pacing, number: int) -> bool:
    taken = pacing.take(room(number), RoomKind.CHANNEL)
    if taken:
        pacing.done(room(number), RoomKind.CHANNEL)
    return taken


@settings(max_examples=60, deadline=None)
@given(
    total=st.tuples(st.integers(1, 8), st.floats(0.1, 10)),
    each=st.tuples(st.integers(1, 5), st.floats(0.1, 30)),
    slowest=st.floats(0.01, 5),
    seed=st.integers(0, 1000),
)
def test_however_long_sends_take_no_window_of_the_platforms_holds_more(
    total: tuple[int, float], each: tuple[int, float], slowest: float, seed: int
) -> None:
    """The platform counts arrivals, each some time between the beginning of a send and its answer."""
    rng, clock = Random(seed), Seconds()
    pacing = Pacing({"telegram": Limits(Rate(*total), Rate(*each))}, clock)
    left = [room(rng.randrange(4)) for _ in range(40)]
    flying: list[tuple[float, RoomRef]] = []
    arrived: list[tuple[float, RoomRef]] = []
    while left or flying:
        for address in list(left):
            if pacing.take(address):
                left.remove(address)
                took = rng.uniform(0, slowest)
                arrived.append((clock.now + rng.uniform(0, took), address))
                flying.append((clock.now + took, address))
        waits = [pacing.wait(address) for address in left]
        clock.now = min([at for at, _ in flying] + [clock.now + max(wait, 1e-6) for wait in waits])
        for at, address in list(flying):
            if at <= clock.now:
                flying.remove((at, address))
                pacing.done(address)
    assert most_in_any_window([at for at, _ in arrived], total[1]) <= total[0]
    for number in range(4):
        own = [at for at, address in arrived if address == room(number)]
        assert most_in_any_window(own, each[1]) <= each[0]
