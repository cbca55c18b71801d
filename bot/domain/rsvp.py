"""The guest list of one event as a pure function: (terms, guests, action, now, admits) -> (guests, effects).

Knows seats, the queue and offers; knows no storage, no clock and no sentence. All that happens to a seat happens here:

* a seat is held by who is going and by who is offered one, so that an offer can always be kept;
* a freed seat is offered to the first who waits, for the shorter of the event's own window and a quarter of the time
  left; whoever lets it lapse or passes is out, and the next is asked;
* in the last half hour nobody is asked any more: a free seat belongs to the first tap of anybody who waits;
* more seats promote at once, fewer never throw anybody out;
* whoever may not come (any more) is let in by no way: not by a tap, an offer, a promotion or at the door; they keep
  their place in the queue, an offer that they have goes on, and a seat that was taken stays theirs;
* whoever would leave others waiting is told how many before anything changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from bot.domain.guests import HOLDING, QUEUE, SEATED, Guest, GuestList, Standing, Terms

CHECK_IN_FROM: Final = timedelta(hours=1)
CHECK_IN_UNTIL: Final = timedelta(hours=2)
"""Before the start and after the end."""


# What somebody does


@dataclass(frozen=True, slots=True)
class Go:
    """Wants a seat: one that is free, the one offered, or a place in the queue."""

    member_id: int
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Decline:
    """Maybe or can't. `sure`: was told that others wait, and leaves all the same."""

    member_id: int
    to: Standing
    platform: str = ""
    sure: bool = False

    def __post_init__(self) -> None:
        if self.to not in {Standing.MAYBE, Standing.CANT}:
            raise ValueError(f"one declines with maybe or can't, got {self.to.value}")


@dataclass(frozen=True, slots=True)
class Pass:
    """Does not want the seat that is offered, or to wait any longer."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Time has passed or the terms have changed. `promote`: there are more seats, so nobody needs to be asked."""

    promote: bool = False


@dataclass(frozen=True, slots=True)
class CheckIn:
    member_id: int
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Excuse:
    """Could not come, and says so afterwards."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Has left the community, or was taken off by the host."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Finish:
    """It is over. Where anybody checked in, whoever did not is a no-show. Needs the whole list."""


Action = Go | Decline | Pass | Settle | CheckIn | Excuse | Remove | Finish

# What came of it


class Why(StrEnum):
    """Why nothing changed."""

    ALREADY = "already"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"
    NOT_ASKED = "not_asked"
    EARLY = "early"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Seated:
    """`promoted`: without having tapped just now, because there are more seats."""

    member_id: int
    promoted: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    member_id: int
    position: int


@dataclass(frozen=True, slots=True)
class Offered:
    member_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class SeatOpen:
    """A seat is free for the first tap of anybody who waits."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Did not answer in time; the seat goes on."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Barred:
    """It was their turn, and they may not come now: they keep their place, and the seat goes on."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Declined:
    member_id: int
    to: Standing


@dataclass(frozen=True, slots=True)
class AskedFirst:
    """Nothing changed yet: so many wait for this seat."""

    member_id: int
    waiting: int
    to: Standing


@dataclass(frozen=True, slots=True)
class Refused:
    """`position` in the queue where they wait already."""

    member_id: int
    why: Why
    position: int = 0


@dataclass(frozen=True, slots=True)
class CheckedIn:
    member_id: int


@dataclass(frozen=True, slots=True)
class Missed:
    member_id: int


@dataclass(frozen=True, slots=True)
class Excused:
    member_id: int


@dataclass(frozen=True, slots=True)
class Gone:
    member_id: int


Effect = (
    Seated
    | Queued
    | Offered
    | SeatOpen
    | Lapsed
    | Barred
    | Declined
    | AskedFirst
    | Refused
    | CheckedIn
    | Missed
    | Excused
    | Gone
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The list as it is now and what happened, in order. An act that was refused may still have let an offer lapse."""

    guests: GuestList
    effects: tuple[Effect, ...]

    def changed(self, before: GuestList) -> list[Guest]:
        """The guests that are new or different."""
        return [guest for key, guest in self.guests.guests.items() if before.guests.get(key) != guest]

    def answer(self, member_id: int) -> Effect | None:
        """What became of whoever acted."""
        return next((effect for effect in reversed(self.effects) if effect.member_id == member_id), None)


def everybody(_: int) -> bool:
    """Who may come to an event for everyone."""
    return True


def decide(
    terms: Terms, guests: GuestList, action: Action, now: datetime, admits: Callable[[int], bool] = everybody
) -> Decision:
    """Offers whose time is up lapse first, then the action counts, then free seats find their next.

    `admits`: who may come now, by member; asked only of whoever is next, and always the same within one decision.
    """
    work = _Work(terms, guests, now, admits)
    work.lapse()
    match action:
        case Go():
            work.go(action)
        case Decline():
            work.decline(action)
        case Pass():
            work.give_way(action.member_id)
        case CheckIn():
            work.check_in(action)
        case Excuse():
            work.excuse(action.member_id)
        case Remove():
            work.remove(action.member_id)
        case Finish():
            work.finish()
        case Settle():
            pass
        case _:
            assert_never(action)
    work.settle(promote=isinstance(action, Settle) and action.promote)
    return Decision(work.list, tuple(work.effects))


def next_lapse(guests: GuestList) -> datetime | None:
    """When the first offer ends."""
    return min((guest.until for guest in guests.guests.values() if guest.until is not None), default=None)


class _Work:
    """One decision in the making."""

    def __init__(self, terms: Terms, guests: GuestList, now: datetime, admits: Callable[[int], bool]) -> None:
        self.terms, self.list, self.now, self.admits = terms, guests, now, admits
        self.effects: list[Effect] = []

    def put(self, member_id: int, standing: Standing, **more: object) -> None:
        """Standing and time anew; where they answer from stays as it was."""
        known = self.list.of(member_id)
        fresh = Guest(member_id, standing, self.now)
        if known is not None:
            fresh = replace(fresh, platform=known.platform, remind=known.remind)
        self.list = self.list.with_guest(replace(fresh, **more))  # type: ignore[arg-type]

    def lapse(self) -> None:
        late = self._those(
            lambda guest: (
                guest.standing is Standing.OFFERED
                and guest.until is not None
                and min(guest.until, self.terms.starts_at) <= self.now
            )
        )
        for guest in late:
            self.put(guest.member_id, Standing.OUT)
            self.effects.append(Lapsed(guest.member_id))
        for guest in self._those(lambda one: one.standing is Standing.OFFERED and not self.admits(one.member_id)):
            self.put(guest.member_id, Standing.WAITING, place=guest.place)
            self.effects.append(Barred(guest.member_id))

    def go(self, action: Go) -> None:
        member_id, guest = action.member_id, self.list.of(action.member_id)
        standing = guest.standing if guest else None
        platform = action.platform or (guest.platform if guest else "")
        if standing in SEATED:
            self._refuse(member_id, Why.ALREADY)
        elif self.terms.over(self.now):
            self._refuse(member_id, self._ended())
        elif not self.admits(member_id):
            self._refuse(member_id, Why.BARRED)
        elif standing is Standing.OFFERED:
            self._seat(member_id, platform)
        elif self.terms.closed and standing is not Standing.WAITING:
            self._refuse(member_id, Why.CLOSED)
        elif self._may_sit(standing):
            self._seat(member_id, platform)
        elif standing is Standing.WAITING:
            self.effects.append(Refused(member_id, Why.ALREADY, self.list.position(member_id)))
        elif not self.terms.waitlist:
            self._refuse(member_id, Why.FULL)
        else:
            self.put(member_id, Standing.WAITING, place=self.list.next_place(), platform=platform)
            self.effects.append(Queued(member_id, self.list.position(member_id)))

    def decline(self, action: Decline) -> None:
        member_id, guest = action.member_id, self.list.of(action.member_id)
        standing = guest.standing if guest else None
        waiting = sum(one.member_id != member_id for one in self.list.waiting)
        if self.terms.over(self.now):
            self._refuse(member_id, self._ended())
        elif standing is action.to or standing is Standing.CHECKED_IN:
            self._refuse(member_id, Why.ALREADY)
        elif self.terms.closed and action.to is Standing.MAYBE and standing is not Standing.GOING:
            self._refuse(member_id, Why.CLOSED)
        elif action.to is Standing.MAYBE and standing is not Standing.GOING and not self.admits(member_id):
            self._refuse(member_id, Why.BARRED)
        elif standing is Standing.GOING and waiting and not action.sure:
            self.effects.append(AskedFirst(member_id, waiting, action.to))
        else:
            self.put(member_id, action.to, platform=action.platform or (guest.platform if guest else ""))
            self.effects.append(Declined(member_id, action.to))

    def give_way(self, member_id: int) -> None:
        guest = self.list.of(member_id)
        if guest is None or guest.standing not in QUEUE:
            self._refuse(member_id, Why.NOT_ASKED)
        else:
            self.put(member_id, Standing.OUT)
            self.effects.append(Gone(member_id))

    def check_in(self, action: CheckIn) -> None:
        member_id, guest = action.member_id, self.list.of(action.member_id)
        standing = guest.standing if guest else None
        platform = action.platform or (guest.platform if guest else "")
        if self.terms.cancelled:
            self._refuse(member_id, Why.CANCELLED)
        elif self.now < self.terms.starts_at - CHECK_IN_FROM:
            self._refuse(member_id, Why.EARLY)
        elif self.now > self.terms.ends_at + CHECK_IN_UNTIL:
            self._refuse(member_id, Why.OVER)
        elif standing is Standing.CHECKED_IN:
            self._refuse(member_id, Why.ALREADY)
        elif standing not in HOLDING and not self.admits(member_id):
            self._refuse(member_id, Why.BARRED)
        elif standing in HOLDING or self._may_sit(standing):
            self.put(member_id, Standing.CHECKED_IN, platform=platform)
            self.effects.append(CheckedIn(member_id))
        else:
            self.effects.append(Refused(member_id, Why.FULL, self.list.position(member_id)))

    def excuse(self, member_id: int) -> None:
        guest = self.list.of(member_id)
        if guest is None or guest.standing is not Standing.NO_SHOW:
            self._refuse(member_id, Why.NOT_ASKED)
        else:
            self.put(member_id, Standing.EXCUSED)
            self.effects.append(Excused(member_id))

    def remove(self, member_id: int) -> None:
        guest = self.list.of(member_id)
        if guest is None or guest.standing is Standing.OUT:
            self._refuse(member_id, Why.NOT_ASKED)
        else:
            self.put(member_id, Standing.OUT)
            self.effects.append(Gone(member_id))

    def finish(self) -> None:
        counted = any(guest.standing is Standing.CHECKED_IN for guest in self.list.guests.values())
        for guest in self._those(lambda one: one.standing in QUEUE):
            self.put(guest.member_id, Standing.OUT)
        for guest in self._those(lambda one: counted and one.standing is Standing.GOING):
            self.put(guest.member_id, Standing.NO_SHOW)
            self.effects.append(Missed(guest.member_id))

    def settle(self, *, promote: bool) -> None:
        """Free seats find who waits for them."""
        waiting, free = self.list.waiting, self.list.free(self.terms)
        if not waiting or self.terms.over(self.now):
            return
        until = self.terms.offer_ends(self.now)
        if free is None or promote:
            for guest in self._next(waiting, free):
                self._seat(guest.member_id, guest.platform, promoted=True)
        elif until is not None:
            for guest in self._next(waiting, free):
                self.put(guest.member_id, Standing.OFFERED, place=guest.place, until=until)
                self.effects.append(Offered(guest.member_id, until))
        else:
            # A seat that is gone again is forgotten, so that the next one is told to everybody anew.
            for guest in waiting:
                told = bool(free) and self.admits(guest.member_id)
                if guest.told != told:
                    self.list = self.list.with_guest(replace(guest, told=told))
                    self.effects.extend([SeatOpen(guest.member_id)] if told else [])

    def _next(self, waiting: list[Guest], free: int | None) -> list[Guest]:
        """The first who wait and may come, as many as there are seats; those before them are told why it is not them.

        Looked at no further than the last seat.
        """
        found: list[Guest] = []
        for guest in waiting:
            if free is not None and len(found) >= free:
                break
            if self.admits(guest.member_id):
                found.append(guest)
            elif not any(isinstance(one, Barred) and one.member_id == guest.member_id for one in self.effects):
                self.effects.append(Barred(guest.member_id))
        return found

    def _may_sit(self, standing: Standing | None) -> bool:
        """Is there a seat for this one now: free, and not awaited by somebody who was here before?"""
        free = self.list.free(self.terms)
        if free is None:
            return True
        if free <= 0:
            return False
        return standing is Standing.WAITING or not any(self.admits(guest.member_id) for guest in self.list.waiting)

    def _seat(self, member_id: int, platform: str, *, promoted: bool = False) -> None:
        self.put(member_id, Standing.GOING, platform=platform)
        self.effects.append(Seated(member_id, promoted))

    def _refuse(self, member_id: int, why: Why) -> None:
        self.effects.append(Refused(member_id, why))

    def _ended(self) -> Why:
        return Why.CANCELLED if self.terms.cancelled else Why.OVER

    def _those(self, wanted: Callable[[Guest], bool]) -> Iterator[Guest]:
        found: Iterable[Guest] = [guest for guest in self.list.guests.values() if wanted(guest)]
        return iter(sorted(found, key=lambda guest: (guest.place, guest.member_id)))
