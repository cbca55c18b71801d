"""Who stands where on the guest list of one event. Knows seats, the queue and offers; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LAST_CALL: Final = timedelta(minutes=30)
"""From here on a free seat is nobody's until somebody taps."""
LONGEST_OFFER: Final = timedelta(hours=12)


class Standing(StrEnum):
    """Where a guest stands. OUT: was on the list (passed, let an offer lapse, waited in vain) and is not any more."""

    GOING = "going"
    MAYBE = "maybe"
    CANT = "cant"
    WAITING = "waiting"
    OFFERED = "offered"
    OUT = "out"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"
    EXCUSED = "excused"


SEATED: Final = frozenset({Standing.GOING, Standing.CHECKED_IN, Standing.NO_SHOW, Standing.EXCUSED})
HOLDING: Final = SEATED | {Standing.OFFERED}
"""Standings that take up a seat."""
QUEUE: Final = frozenset({Standing.WAITING, Standing.OFFERED})


@dataclass(frozen=True, slots=True)
class Guest:
    """`place` orders the queue (0: never queued); `until` ends an offer; `told`: knows that a seat is free for the
    first tap; `platform`: where they answered last, and where they are written to; `remind`: also while only maybe."""

    member_id: int
    standing: Standing
    at: datetime
    place: int = 0
    until: datetime | None = None
    told: bool = False
    platform: str = ""
    remind: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What an event says about its seats. `capacity` 0: as many as come; `closed`: nobody new is let in."""

    capacity: int
    starts_at: datetime
    ends_at: datetime
    waitlist: bool = True
    longest_offer: timedelta = LONGEST_OFFER
    closed: bool = False
    cancelled: bool = False

    def over(self, now: datetime) -> bool:
        return self.cancelled or now >= self.ends_at

    def offer_ends(self, now: datetime) -> datetime | None:
        """When an offer made now lapses; None: too late for offers."""
        left = self.starts_at - now
        return None if left <= LAST_CALL else now + min(self.longest_offer, left / 4)


@dataclass(frozen=True, slots=True)
class GuestList:
    """The guests that a decision may touch: at least everybody in the queue and whoever acts.

    `others_seated`: how many more hold a seat.
    """

    guests: Mapping[int, Guest] = field(default_factory=dict)
    others_seated: int = 0

    def of(self, member_id: int) -> Guest | None:
        return self.guests.get(member_id)

    @property
    def held(self) -> int:
        """Seats that are taken or promised."""
        return self.others_seated + sum(guest.standing in HOLDING for guest in self.guests.values())

    @property
    def waiting(self) -> list[Guest]:
        """Who waits for a seat, the first first."""
        found = (guest for guest in self.guests.values() if guest.standing is Standing.WAITING)
        return sorted(found, key=lambda guest: guest.place)

    def position(self, member_id: int) -> int:
        """1 is next; 0: does not wait."""
        return next((at for at, guest in enumerate(self.waiting, 1) if guest.member_id == member_id), 0)

    def free(self, terms: Terms) -> int | None:
        """Seats that nobody holds, never below 0; None: without limit."""
        return max(terms.capacity - self.held, 0) if terms.capacity else None

    def next_place(self) -> int:
        return 1 + max((guest.place for guest in self.guests.values()), default=0)

    def with_guest(self, guest: Guest) -> GuestList:
        return replace(self, guests={**self.guests, guest.member_id: guest})
