"""A world with events in it: made as a host makes them, and their moments done when their time has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.domain.events import HostedEvent
from bot.domain.guests import Guest, GuestList, Standing
from bot.domain.incoming import Place
from bot.domain.outgoing import Outgoing
from bot.usecases.events.publishing import Hosting
from tests.bot.reading import act_of, buttons_of
from tests.bot.reading import words_of as said
from tests.bot.world import Sent, World
from tests.fakes.clock import START

EVENING = START + timedelta(days=4, hours=10)
"""Friday 19:00 UTC, more than four days ahead."""


def planned(host: int, **more: Any) -> HostedEvent:
    values: dict[str, Any] = {
        "id": "rust-night",
        "title": "Rust night",
        "starts_at": EVENING,
        "timezone": "UTC",
        "host_id": host,
        "host_name": "Hana",
        "description": "We build a chat server.",
        "minutes": 90,
        "code": "K7QX",
        "token": "tokenofrustnight",
    }
    return HostedEvent(**(values | more))


class Hosts:
    """What a test does with events in a world. `hana` is the host."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hana = world.arrives("hana")

    def publish(self, *rooms: str, settle: bool = True, **more: Any) -> HostedEvent:
        """Published and posted in `rooms` (made when new)."""
        with self.world.store.write() as uow:
            ids = tuple(uow.rooms.ensure(self.world.community.id, self._place(room)).id for room in rooms)
            hosting = Hosting(uow, self.world.community, self.world.clock.now(), f"member:{self.hana.id}")
            event = hosting.publish(hosting.create(planned(self.hana.id, rooms=ids, **more)))
            uow.commit()
        if settle:
            self.settle()
        return event

    def _place(self, room: str) -> Place:
        name, _, private = room.partition(":")
        return self.world.place(name, private=bool(private))

    def settle(self) -> list[Sent]:
        """Do all that is due now, and deliver."""
        moments = self.world.app.moments(self.world.threads)
        sent: list[Sent] = []
        for _ in range(20):
            with self.world.store.read() as uow:
                due = uow.moments.due(self.world.community.id, self.world.clock.now(), limit=10)
            if due:
                moments.tick()
            fresh = self.world.deliver()
            sent += fresh
            if not due and not fresh:
                break
        return sent

    def go_on(self, **passed: float) -> list[Sent]:
        """Let time pass; what became due in between is done at the end, as after a pause of the program."""
        self.world.clock.go_on(**passed)
        return self.settle()

    def live_until(self, at: datetime, step: timedelta = timedelta(minutes=1)) -> list[Sent]:
        """Let time pass as it does while the program runs."""
        sent: list[Sent] = []
        while self.world.clock.now() < at:
            self.world.clock.set(min(self.world.clock.now() + step, at))
            sent += self.settle()
        return sent

    def card(self, room: str = "general") -> Sent:
        """The card as it reads now in that room."""
        ref = self.world.room(room).ref
        return [sent for sent in self.world.sent if sent.ref.room == ref and sent.sending.key.startswith("card:")][-1]

    def presses(self, who: str, act: str, on: Sent | None = None) -> list[Sent]:
        """Somebody taps a button of the card (or of `on`)."""
        shown = on or self.card()
        code = next(button.code for button in buttons_of(shown.message) if act_of(button) == act)
        return self.world.happens(self.world.pressing(who, code, shown.ref))

    def notice(self, who: str, act: str, on: Sent | None = None) -> str:
        return self.presses(who, act, on)[-1].notice

    def event(self, event_id: str = "rust-night") -> HostedEvent:
        with self.world.store.read() as uow:
            found = uow.hosted.get(self.world.community.id, event_id)
        assert found is not None
        return found

    def guests(self, event_id: str = "rust-night") -> GuestList:
        with self.world.store.read() as uow:
            return uow.guests.all(self.event(event_id).number)

    def standing(self, who: str, event_id: str = "rust-night") -> Standing | None:
        guest = self.guest(who, event_id)
        return guest.standing if guest else None

    def guest(self, who: str, event_id: str = "rust-night") -> Guest | None:
        return self.guests(event_id).of(self.world.member(who).id)

    def change(self, **changes: Any) -> HostedEvent:
        before = self.event()
        with self.world.store.write() as uow:
            hosting = Hosting(uow, self.world.community, self.world.clock.now(), f"member:{self.hana.id}")
            after = hosting.change(before, before.changed(**changes))
            uow.commit()
        return after

    def cancel(self, reason: str = "") -> None:
        with self.world.store.write() as uow:
            hosting = Hosting(uow, self.world.community, self.world.clock.now(), f"member:{self.hana.id}")
            hosting.cancel(self.event(), reason)
            uow.commit()
        self.settle()


def to(sent: list[Sent], who: str, world: World) -> list[Outgoing]:
    """The letters among these that went to somebody's own room."""
    member = world.member(who)
    return [one.message for one in sent if one.sending.to_member == member.id and one.message.blocks]


def words(sent: list[Sent]) -> str:
    return "\n".join(said(one.message) for one in sent)
