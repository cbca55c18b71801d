"""What becomes of a queued message, outcome by outcome, and in a storm of limits. In virtual time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import cast

import pytest

from adapters.delivery import Delivery, Policy
from adapters.pacing import DISCORD, TELEGRAM, WEB, Pacing
from bot.domain.forms import Form, TextField
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Identity
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Room
from bot.errors import MalformedMessage, RateLimited, Refused, RoomMoved, Unreachable
from bot.ports import OutboxRow, Store
from tests.contracts.sending_order import SendingOrderContract
from tests.fakes.delivering import SendingStore
from tests.fakes.messengers import Recording
from tests.fakes.virtual_time import START, VirtualClock, in_virtual_time, inline

WORDS = Outgoing((Paragraph((Text("hello"),)),))
LIMITS = {"telegram": TELEGRAM, "discord": DISCORD, "web": WEB}


def sending(
    key: str, room: str = "r1", delivery: DeliveryClass = DeliveryClass.AT_LEAST_ONCE, **more: object
) -> Sending:
    values: dict[str, object] = {"message": WORDS, "platform": "web", **more}
    address = RoomRef(str(values.pop("platform")), room)
    return Sending(key, address, cast("Outgoing", values.pop("message")), delivery, **values)  # type: ignore[arg-type]


@dataclass
class Post:
    """A delivery over fakes; `answer` and `after` are what the platform does."""

    queued: list[Sending]
    platform: str = "web"
    answer: Callable[[RoomRef, str], None] = lambda room, key: None
    after: Callable[[RoomRef, str], None] = lambda room, key: None
    visible: Callable[[OutboxRow], bool] = lambda row: True
    delay: float = 0.0
    policy: Policy = field(default_factory=Policy)
    store: SendingStore = field(default_factory=SendingStore)
    seconds: float = 60.0
    messenger: Recording = field(default_factory=Recording)

    def run(self) -> Post:
        in_virtual_time(self._scenario)
        return self

    async def _scenario(self, clock: VirtualClock) -> None:
        self.messenger = self.made()
        self.messenger.monotonic, self.messenger.delay = clock.monotonic, self.delay
        self.add(*self.queued)
        delivery = self.delivery(clock)
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(self.seconds)
        delivery.stop()
        await running

    def made(self) -> Recording:
        return Recording(self.platform, answer=self.answer, after=self.after)

    def delivery(self, clock: VirtualClock) -> Delivery:
        return Delivery(
            cast("Store", self.store),
            {self.platform: self.messenger},
            Pacing(LIMITS, clock.monotonic),
            clock,
            self.visible,
            monotonic=clock.monotonic,
            rng=Random(1),
            policy=self.policy,
            in_thread=inline,
        )

    def add(self, *sendings: Sending) -> None:
        with self.store.write() as uow:
            for one in sendings:
                uow.outbox.add(1, one, START)
            uow.commit()


class Failing:
    """Raises `error` for the first `times` calls with `key`."""

    def __init__(self, error: Exception, *, key: str = "a", times: int = 1) -> None:
        self.error, self.key, self.left = error, key, times
        self.calls = 0

    def __call__(self, room: RoomRef, key: str) -> None:
        if key == self.key:
            self.calls += 1
            if self.left > 0:
                self.left -= 1
                raise self.error


class TestFakeOutbox(SendingOrderContract):
    @pytest.fixture
    def store(self) -> Store:
        return cast("Store", SendingStore())


# Outcomes


def test_what_is_sent_is_recorded_with_its_receipt() -> None:
    post = Post([sending("a")]).run()
    assert post.messenger.keys() == ["a"]
    assert post.store.states() == {"sent": 1}
    assert post.store.rows[1].refs == (MessageRef(RoomRef("web", "r1"), "1"),)


def test_a_form_alone_is_a_message() -> None:
    form = Form("A meeting", (TextField("title", "Title"),), "Publish", code="v1:fill:abc")
    post = Post([sending("a", message=Outgoing((), form=form))]).run()
    assert [one.message.form for one in post.messenger.arrived] == [form]


def test_an_edit_changes_its_message() -> None:
    ref = MessageRef(RoomRef("web", "r1"), "m7")
    post = Post([sending("a", delivery=DeliveryClass.IDEMPOTENT_EDIT, edits=ref)]).run()
    assert [one.edit for one in post.messenger.arrived] == [True]
    assert post.store.rows[1].refs == (ref,)


def test_what_may_not_be_read_any_more_is_dropped_unsent() -> None:
    post = Post([sending("a", items=("post:1",)), sending("b")], visible=lambda row: not row.sending.items).run()
    assert post.messenger.keys() == ["b"]
    assert post.store.states() == {"dropped": 1, "sent": 1}


def test_when_visibility_cannot_be_decided_nothing_is_sent() -> None:
    calls = []

    def undecided(row: OutboxRow) -> bool:
        calls.append(row.id)
        if len(calls) < 3:
            raise LookupError("planted")
        return True

    post = Post([sending("a")], visible=undecided).run()
    assert len(calls) == 3
    assert post.messenger.keys() == ["a"]


@pytest.mark.parametrize(
    ("error", "state"), [(Refused("blocked"), "refused"), (MalformedMessage("too long"), "malformed")]
)
def test_what_can_never_arrive_is_parked_at_once(error: Exception, state: str) -> None:
    failing = Failing(error, times=99)
    post = Post([sending("a"), sending("b")], answer=failing).run()
    assert failing.calls == 1
    assert post.store.rows[1].state == state
    assert post.store.rows[1].reason == str(error)
    assert post.messenger.keys() == ["b"]


@pytest.mark.parametrize("delivery", list(DeliveryClass))
def test_not_delivered_for_certain_is_tried_again_by_every_class(delivery: DeliveryClass) -> None:
    failing = Failing(Unreachable("refused connection", maybe_delivered=False), times=4)
    post = Post([sending("a", delivery=delivery)], answer=failing).run()
    assert post.messenger.keys() == ["a"]
    assert post.store.rows[1].attempts == 4


@pytest.mark.parametrize("delivery", list(DeliveryClass))
def test_perhaps_delivered_follows_the_delivery_class(delivery: DeliveryClass) -> None:
    breaks = Failing(Unreachable("read time-out", maybe_delivered=True))
    post = Post([sending("a", delivery=delivery)], after=breaks).run()
    if delivery is DeliveryClass.AT_MOST_ONCE:
        assert post.messenger.keys() == ["a"]
        assert post.store.rows[1].state == "in_doubt"
    else:
        assert post.messenger.keys() == ["a", "a"]
        assert post.store.rows[1].state == "sent"


def test_a_platform_that_never_answers_is_not_waited_for_for_ever() -> None:
    post = Post([sending("a", delivery=DeliveryClass.AT_MOST_ONCE)], delay=10_000, policy=Policy(send_timeout=5)).run()
    assert post.store.rows[1].state == "in_doubt"


def test_a_nonce_is_not_used_again_after_the_platform_may_have_forgotten_it() -> None:
    failing = Failing(Unreachable("time-out", maybe_delivered=True), times=99)
    post = Post(
        [sending("a", delivery=DeliveryClass.NONCE)], answer=failing, policy=Policy(nonce_memory=20), seconds=300
    ).run()
    assert 3 <= failing.calls <= 6
    assert post.store.rows[1].state == "in_doubt"


def test_retries_back_off_and_end() -> None:
    times: list[float] = []
    holder: list[Post] = []

    def down(room: RoomRef, key: str) -> None:
        times.append(holder[0].messenger.monotonic())
        raise Unreachable("down", maybe_delivered=False)

    policy = Policy(longest_backoff=60, give_up_after=timedelta(hours=1))
    holder.append(Post([sending("a")], answer=down, policy=policy, seconds=7200))
    post = holder[0].run()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[0] < 2.1
    assert max(gaps) <= 61.1
    assert len(times) < 150
    assert post.store.rows[1].state == "dropped"


def test_an_unforeseen_error_is_bounded_and_named() -> None:
    failing = Failing(KeyError("planted"), times=99)
    post = Post([sending("a"), sending("b", room="r2")], answer=failing).run()
    assert failing.calls == 5
    assert post.store.rows[1].state == "malformed"
    assert "KeyError" in post.store.rows[1].reason
    assert post.messenger.keys() == ["b"]


def test_an_unforeseen_error_may_come_after_the_effect() -> None:
    post = Post([sending("a", delivery=DeliveryClass.AT_MOST_ONCE)], after=Failing(KeyError("planted"))).run()
    assert post.messenger.keys() == ["a"]
    assert post.store.rows[1].state == "in_doubt"


def test_a_moved_room_is_followed_and_remembered() -> None:
    old, new = RoomRef("web", "r1"), RoomRef("web", "r9")
    asked: list[RoomRef] = []

    def moved(room: RoomRef, key: str) -> None:
        asked.append(room)
        if room == old:
            raise RoomMoved(new)

    store = SendingStore(rooms={old: Room(1, 1, old, "general")})
    post = Post([sending("a"), sending("b")], answer=moved, store=store).run()
    assert [one.room for one in post.messenger.arrived] == [new, new]
    assert asked == [old, new, new]
    assert list(store.rooms) == [new]


def test_an_edit_follows_the_room_too() -> None:
    old, new = RoomRef("web", "r1"), RoomRef("web", "r9")

    def moved(room: RoomRef, key: str) -> None:
        if room == old:
            raise RoomMoved(new)

    edit = sending("a", delivery=DeliveryClass.IDEMPOTENT_EDIT, edits=MessageRef(old, "m7"))
    post = Post([edit], answer=moved).run()
    assert post.store.rows[1].refs == (MessageRef(new, "m7"),)


def test_a_room_that_moves_in_a_circle_is_parked() -> None:
    def circle(room: RoomRef, key: str) -> None:
        raise RoomMoved(RoomRef("web", "r2" if room.native_id == "r1" else "r1"))

    assert Post([sending("a")], answer=circle).run().store.states() == {"malformed": 1}


def test_a_notice_is_shown_to_its_member_after_the_message() -> None:
    account = AccountRef("web", "u5")
    elsewhere = AccountRef("discord", "u6")
    store = SendingStore(identities=[Identity(1, 5, elsewhere, "Ada"), Identity(2, 5, account, "Ada")])
    post = Post([sending("a", notice="Saved", to_member=5)], store=store).run()
    assert post.messenger.notices == [(RoomRef("web", "r1"), account, "Saved")]


def test_a_notice_alone_sends_no_message() -> None:
    post = Post([sending("a", message=Outgoing(()), notice="Too late")]).run()
    assert post.messenger.keys() == []
    assert len(post.messenger.notices) == 1
    assert post.store.states() == {"sent": 1}


# Order, urgency, limits


def test_order_within_a_room_is_kept_through_failures() -> None:
    failing = Failing(Unreachable("down", maybe_delivered=False), key="r1-0", times=3)
    queued = [sending(f"{room}-{number}", room=room) for number in range(6) for room in ("r1", "r2")]
    post = Post(queued, answer=failing, delay=0.01).run()
    by_room = defaultdict(list)
    for one in post.messenger.arrived:
        by_room[one.room.native_id].append(one.key)
    assert by_room == {room: [f"{room}-{number}" for number in range(6)] for room in ("r1", "r2")}
    assert post.messenger.keys()[0] == "r2-0"


def test_an_answer_overtakes_what_nobody_asked_for() -> None:
    bulk = [sending(f"bulk{number}", room=f"r{number % 20}", unsolicited=True) for number in range(200)]
    post = Post([*bulk, sending("answer", room="r3")], delay=0.05).run()
    assert post.messenger.keys().index("answer") < 10
    assert len(post.messenger.arrived) == 201


def test_what_is_for_later_waits_and_does_not_hold_up_its_room() -> None:
    later = sending("later", not_before=START + timedelta(seconds=30))
    post = Post([later, sending("now")]).run()
    assert [(one.key, round(one.at)) for one in post.messenger.arrived] == [("now", 0), ("later", 30)]


@pytest.mark.parametrize("everywhere", [False, True])
def test_retry_after_is_honoured_for_the_room_or_for_all(everywhere: bool) -> None:
    failing = Failing(RateLimited(12.5, everywhere=everywhere), key="a")
    queued = [sending("a"), sending("b"), *(sending(f"c{number}", room=f"x{number}") for number in range(30))]
    post = Post(queued, answer=failing, delay=0.2).run()
    at = {one.key: one.at for one in post.messenger.arrived}
    assert len(at) == 32
    assert 12.5 <= at["a"] - 0.2 < 14
    assert at["b"] > at["a"]
    late = sum(at[f"c{number}"] > 12.5 for number in range(30))
    assert late == (0 if not everywhere else 23)  # seven were on their way when the word came
    assert post.store.rows[1].attempts == 0


def test_a_limit_of_the_room_holds_for_answers_and_the_unsolicited_alike() -> None:
    failing = Failing(RateLimited(12.5), key="digest")
    queued = [sending("digest", unsolicited=True), sending("later", not_before=START + timedelta(seconds=3))]
    post = Post(queued, answer=failing).run()
    at = {one.key: one.at for one in post.messenger.arrived}
    assert at["digest"] >= 12.5
    assert at["later"] >= 12.5


def test_a_storm_of_limits_loses_nothing_and_holds_up_nobody_else() -> None:
    """2,000 rows to 40 chats, every fifth send refused for 1-120 s; half of the chats see all of it."""
    rng = Random(7)
    banned: dict[RoomRef, float] = {}
    early: list[str] = []
    holder: list[Post] = []

    def platform(room: RoomRef, key: str) -> None:
        now = holder[0].messenger.monotonic()
        if now < banned.get(room, 0.0):
            early.append(key)
        if room.native_id < "r30" and rng.random() < 0.4:
            seconds = rng.uniform(1, 120)
            banned[room] = now + seconds
            raise RateLimited(seconds)

    rooms = [f"r{number}" for number in range(10, 50)]
    queued = [sending(f"{room}-{number}", room=room, platform="telegram") for number in range(50) for room in rooms]
    store = SendingStore(rooms={one.room: Room(1, 1, one.room, "", RoomKind.DIRECT) for one in queued})
    holder.append(Post(queued, platform="telegram", answer=platform, delay=0.05, store=store, seconds=20_000))
    post = holder[0].run()
    assert post.store.states() == {"sent": 2000}
    assert early == []
    by_room: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for one in post.messenger.arrived:
        by_room[one.room.native_id].append((one.at, one.key))
    for room, sent in by_room.items():
        assert [key for _, key in sent] == [f"{room}-{number}" for number in range(50)]
        assert all(later - before >= 1.0 - 1e-6 for (before, _), (later, _) in pairwise(sent))
    # 40 chats at 30 a second: 50 rounds of 4/3 s; the calm ones must not notice the storm.
    calm = [sent[-1][0] for room, sent in by_room.items() if room >= "r30"]
    assert max(calm) < 50 * 40 / 30 + 5


# The program around it


def test_rows_of_platforms_without_a_messenger_stay_queued() -> None:
    assert Post([sending("a", platform="discord")]).run().store.states() == {"pending": 1}


def test_a_store_that_is_full_for_a_while_costs_nothing() -> None:
    async def scenario(clock: VirtualClock) -> None:
        post.messenger = Recording("web", clock.monotonic, after=breaks)
        post.add(*post.queued)
        delivery = post.delivery(clock)
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(30)
        assert post.messenger.keys() == ["a"]  # sent, and the outcome waits
        assert delivery.age() < 2
        post.store.broken = False
        await asyncio.sleep(30)
        delivery.stop()
        await running

    def breaks(room: RoomRef, key: str) -> None:
        post.store.broken = key == "a"

    post = Post([sending("a", delivery=DeliveryClass.AT_MOST_ONCE), sending("b")])
    in_virtual_time(scenario)
    assert post.messenger.keys() == ["a", "b"]
    assert post.store.states() == {"sent": 2}


@pytest.mark.parametrize(("delay", "state"), [(2.0, "sent"), (50.0, "sending")])
def test_stopping_waits_a_little_for_what_is_on_its_way(delay: float, state: str) -> None:
    async def scenario(clock: VirtualClock) -> float:
        post.messenger = Recording("web", clock.monotonic, delay=delay)
        post.add(*post.queued)
        delivery = post.delivery(clock)
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(1)
        begun = clock.monotonic()
        delivery.stop()
        await running
        return clock.monotonic() - begun

    post = Post([sending("a"), sending("b")])
    assert in_virtual_time(scenario) <= 3.01
    assert [row.state for row in post.store.rows.values()] == [state, "pending"]


def test_what_was_on_its_way_when_the_program_died_follows_its_class_at_the_start() -> None:
    post = Post([sending("once", delivery=DeliveryClass.AT_MOST_ONCE), sending("sure", room="r2")])
    post.add(*post.queued)
    with post.store.write() as uow:
        assert len(uow.outbox.claim(["web"], at=START, limit=9)) == 2
        uow.commit()
    post.queued = []
    post.run()
    assert post.messenger.keys() == ["sure"]
    assert post.store.states() == {"in_doubt": 1, "sent": 1}


def test_a_wake_from_another_thread_is_heeded_at_once() -> None:
    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        post.messenger = Recording("web")
        delivery = Delivery(
            cast("Store", post.store),
            {"web": post.messenger},
            Pacing({}, loop.time),
            Fixed(),
            lambda row: True,
            monotonic=loop.time,
            rng=Random(1),
            policy=Policy(poll=30),
        )
        delivery.wake()  # before it runs: harmless
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(0.1)
        begun = loop.time()

        def queue() -> None:
            post.add(sending("a"))
            delivery.wake()

        await asyncio.to_thread(queue)
        while not post.messenger.arrived:
            await asyncio.sleep(0.005)
        took = loop.time() - begun
        delivery.stop()
        await running
        delivery.wake()  # after it ended: harmless
        return took

    class Fixed:
        def now(self) -> datetime:
            return START + timedelta(seconds=1)

    post = Post([])
    assert asyncio.run(scenario()) < 2
