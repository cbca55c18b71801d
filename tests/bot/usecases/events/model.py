"""A guest list as somebody would keep it on paper: two lists and a dictionary. Knows nothing of ours but the names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Paper:
    """`seats` 0: no limit. Names are anything; times are given with every act."""

    starts_at: datetime
    ends_at: datetime
    seats: int
    going: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    asked: dict[int, datetime] = field(default_factory=dict)
    maybe: set[int] = field(default_factory=set)
    cant: set[int] = field(default_factory=set)
    letters: int = 0
    """Offers that were written, ever."""
    barred: set[int] = field(default_factory=set)
    """Who may not come now: they keep their place in line."""
    tickets: dict[int, int] = field(default_factory=dict)
    drawn: int = 0

    def room(self) -> bool:
        return not self.seats or len(self.going) + len(self.asked) < self.seats

    def next(self) -> int | None:
        """The first in line who may come."""
        return next((who for who in self.line if who not in self.barred), None)

    def queue(self, who: int) -> None:
        self.drawn += 1
        self.tickets[who] = self.drawn
        self.line.append(who)

    def strike(self, who: int) -> None:
        for those in (self.going, self.line):
            if who in those:
                those.remove(who)
        self.asked.pop(who, None)
        self.maybe.discard(who)
        self.cant.discard(who)

    def clock(self, now: datetime) -> None:
        """Offers whose time is up are gone, then seats that are free are given out."""
        self.clock_lapse_only(now)
        self.give_out(now)

    def give_out(self, now: datetime) -> None:
        while now < self.ends_at and (who := self.next()) is not None and self.room():
            left = self.starts_at - now
            if not self.seats:
                self.line.remove(who)
                self.going.append(who)
            elif left > timedelta(minutes=30):
                self.line.remove(who)
                self.asked[who] = now + min(timedelta(hours=12), left / 4)
                self.letters += 1
            else:
                return

    def go(self, who: int, now: datetime) -> None:
        self.clock_lapse_only(now)
        if now < self.ends_at and who not in self.going and who not in self.barred:
            if who in self.asked or (self.room() and (who in self.line or self.next() is None)):
                self.strike(who)
                self.going.append(who)
            elif who not in self.line:
                self.strike(who)
                self.queue(who)
        self.give_out(now)

    def decline(self, who: int, now: datetime, *, maybe: bool, sure: bool) -> None:
        self.clock_lapse_only(now)
        mine = self.maybe if maybe else self.cant
        others = [other for other in self.line if other != who]
        shut = maybe and who in self.barred and who not in self.going
        if now < self.ends_at and who not in mine and not shut and not (who in self.going and others and not sure):
            self.strike(who)
            mine.add(who)
        self.give_out(now)

    def give_way(self, who: int, now: datetime) -> None:
        self.clock_lapse_only(now)
        if who in self.line or who in self.asked:
            self.strike(who)
        self.give_out(now)

    def resize(self, seats: int, now: datetime) -> None:
        more = seats == 0 or (self.seats and seats > self.seats)
        self.seats = seats
        self.clock_lapse_only(now)
        while more and now < self.ends_at and (who := self.next()) is not None and self.room():
            self.line.remove(who)
            self.going.append(who)
        self.give_out(now)

    def clock_lapse_only(self, now: datetime) -> None:
        for who in [who for who, until in self.asked.items() if until <= now or self.starts_at <= now]:
            del self.asked[who]
        for who in [who for who in self.asked if who in self.barred]:
            del self.asked[who]
            self.line.append(who)
        self.line.sort(key=lambda who: self.tickets[who])
