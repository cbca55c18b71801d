"""What nobody asked for waits until it may go out, tells how it ended, and is pinned where a platform can."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import cast

from adapters.delivery import Delivery
from adapters.pacing import Pacing
from bot.domain.refs import MessageRef, RoomRef
from bot.errors import Refused
from bot.ports import OutboxRow, Store
from tests.adapters.test_delivery import LIMITS, Post, sending
from tests.fakes.messengers import Recording
from tests.fakes.virtual_time import START, VirtualClock, inline


@dataclass
class Held(Post):
    """A delivery with a gate: `until` decides, `ended` keeps what it was told."""

    until: datetime | None = None
    ends: list[tuple[str, str]] = field(default_factory=list)

    def delivery(self, clock: VirtualClock) -> Delivery:
        def hold(row: OutboxRow) -> datetime | None:
            return self.until if self.until is not None and self.until > clock.now() else None

        return Delivery(
            cast("Store", self.store), {self.platform: self.messenger}, Pacing(LIMITS, clock.monotonic), clock,
            self.visible, monotonic=clock.monotonic, rng=Random(1), policy=self.policy, in_thread=inline, hold=hold,
            ended=lambda _, row, state: self.ends.append((row.sending.key, state)),
        )  # fmt: skip


def test_it_waits_and_answers_do_not() -> None:
    queued = [sending("letter", unsolicited=True), sending("answer", room="r2")]
    post = Held(queued, until=START + timedelta(seconds=30)).run()
    at = {one.key: one.at for one in post.messenger.arrived}
    assert at["answer"] < 2
    assert 30 <= at["letter"] < 33


def test_how_it_ended_is_told_with_the_outcome() -> None:
    def blocked(room: RoomRef, key: str) -> None:
        if key == "no":
            raise Refused("blocked by the user")

    post = Held([sending("yes"), sending("no", room="r2"), sending("gone", room="r3")], answer=blocked,
                visible=lambda row: row.sending.key != "gone").run()  # fmt: skip
    assert sorted(post.ends) == [("gone", "dropped"), ("no", "refused"), ("yes", "sent")]


@dataclass
class Pinboard(Recording):
    """A platform that can pin; `right`: whether we may."""

    pins: list[tuple[str, bool]] = field(default_factory=list)
    right: bool = True

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        if not self.right:
            raise Refused("not enough rights")
        self.pins.append((ref.native_id, pinned))


@dataclass
class Pinned(Post):
    right: bool = True
    board: Pinboard = field(default_factory=Pinboard)

    def delivery(self, clock: VirtualClock) -> Delivery:
        self.board = Pinboard(self.platform, clock.monotonic, right=self.right)
        self.messenger = self.board
        return super().delivery(clock)


WEEKLY = [sending("week", unsolicited=True, pins=True, unpins=(MessageRef(RoomRef("web", "r1"), "old"),))]


def test_the_new_one_is_pinned_and_the_old_one_taken_down() -> None:
    post = Pinned(WEEKLY).run()
    assert post.board.pins == [("1", True), ("old", False)]


def test_without_the_right_or_the_means_it_has_arrived_all_the_same() -> None:
    for post in (Pinned(WEEKLY, right=False).run(), Post(WEEKLY).run()):
        assert post.messenger.keys() == ["week"]
        assert post.store.states() == {"sent": 1}
