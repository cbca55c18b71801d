"""Threads go through the same outbox as messages: where they are is in the receipt, and each outcome has its class."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.domain.outgoing import DeliveryClass, Outgoing, Sending
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadWork
from bot.errors import RateLimited, Refused, Unreachable
from tests.adapters.test_delivery import Failing, Post
from tests.contracts.threading import ThreadCase, ThreadingContract
from tests.fakes.messengers import Recording, Threaded

ROOM = RoomRef("web", "r1")
CARD = MessageRef(ROOM, "c1")


class TestFakeThreads(ThreadingContract):
    """What the fake promises is what the real ones do."""

    @pytest.fixture(params=[True, False], ids=["found again", "not found again"])
    def case(self, request: pytest.FixtureRequest) -> ThreadCase:
        fake = Threaded(finds_again=request.param)

        def look(thread: RoomRef) -> tuple[str, bool] | None:
            one = fake.there.get(thread)
            return None if one is None else (one.name, one.open)

        return ThreadCase(
            fake,
            ROOM,
            CARD,
            look,
            lambda: [one.name for one in fake.there.values()],
            lambda thread: void(fake.there.pop(thread)),
            lambda: setattr(fake, "forbidden", True),
            200,
        )


def void(_: object) -> None:
    return None


@dataclass
class Threads(Post):
    """A delivery to a platform with threads; `there` is what it has."""

    def made(self) -> Recording:
        return Threaded(self.platform, answer=self.answer, after=self.after)


def opening(delivery: DeliveryClass = DeliveryClass.AT_LEAST_ONCE, work: ThreadWork | None = None) -> Sending:
    return Sending("a", ROOM, Outgoing(()), delivery, thread=work or OpenThread("Rust night", CARD))


def there(post: Post) -> list[str]:
    assert isinstance(post.messenger, Threaded)
    return [one.name for one in post.messenger.there.values()]


def test_where_it_is_stands_in_the_receipt() -> None:
    post = Threads([opening()]).run()
    assert post.store.rows[1].refs == (MessageRef(RoomRef("web", "r1", "t1"), "t1"),)
    assert post.messenger.arrived == [], "nothing is said by it"


@pytest.mark.parametrize("work", [NameThread("x"), CloseThread()])
def test_what_is_gone_is_refused_and_what_there_is_leaves_no_message(work: ThreadWork) -> None:
    assert Threads([opening(work=work)]).run().store.states() == {"refused": 1}


def test_a_platform_without_threads_refuses_and_delivery_goes_on() -> None:
    assert Post([opening()]).run().store.states() == {"refused": 1}


@pytest.mark.parametrize(
    ("delivery", "state", "names"),
    [
        (DeliveryClass.AT_LEAST_ONCE, "sent", ["Rust night"]),
        (DeliveryClass.AT_MOST_ONCE, "in_doubt", ["Rust night"]),
    ],
)
def test_an_answer_that_was_lost_makes_no_second_thread(delivery: DeliveryClass, state: str, names: list[str]) -> None:
    lost = Failing(Unreachable("cut", maybe_delivered=True))
    post = Threads([opening(delivery)], after=lost).run()
    assert (post.store.states(), there(post)) == ({state: 1}, names)


def test_limits_and_refusals_are_those_of_messages() -> None:
    limited = Threads([opening(DeliveryClass.AT_MOST_ONCE)], answer=Failing(RateLimited(5.0))).run()
    assert (limited.store.states(), there(limited)) == ({"sent": 1}, ["Rust night"])
    refused = Threads([opening()], answer=Failing(Refused("no"))).run()
    assert (refused.store.states(), there(refused)) == ({"refused": 1}, [])
