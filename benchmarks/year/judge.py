"""The judge of a simulated year: when every promised digest had to arrive, and whether what arrived was allowed.

Walks through minutes and days of each zone. Shares no code with schedules, quiet hours or the gate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from benchmarks.year.life import APART, BEGIN, DAY, GAP, GRACE, ZONES, Change, Life, Sent
from bot.domain.schedules import Frequency
from tests.scheduler.oracle import Clocks


@dataclass(slots=True)
class Judged:
    """What the independent reckoning found. `missed`: promised, and not there in time, without a reason outside of the
    program's power; `unasked_for`: arrived without having been promised."""

    promised: int = 0
    kept: int = 0
    excused: int = 0
    why: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    quiet: list[Sent] = field(default_factory=list)
    twice: list[Sent] = field(default_factory=list)
    crowded: list[Sent] = field(default_factory=list)
    over: list[Sent] = field(default_factory=list)
    unpromised: list[Sent] = field(default_factory=list)


class Judge:
    """Walks through minutes. Shares no code with schedules, quiet hours or the gate."""

    def __init__(self, life: Life, until: datetime) -> None:
        self.life, self.until = life, until
        self.clocks = {zone: Clocks(zone, BEGIN.year - 1, until.year + 1) for zone in ZONES}

    def judged(self) -> Judged:
        found = Judged()
        by_member: dict[int, list[Sent]] = {}
        for one in self.life.sent:
            by_member.setdefault(one.member, []).append(one)
            if self.is_quiet(one.member, one.at):
                found.quiet.append(one)
        keys: set[tuple[int, str]] = set()
        for one in self.life.sent:
            if (one.member, one.key) in keys:
                found.twice.append(one)
            keys.add((one.member, one.key))
        for member, changes in self.life.changes.items():
            got = by_member.get(member, [])
            for before, after in pairwise(got):
                if after.at - before.at < GAP[before.digest and after.digest]:
                    found.crowded.append(after)
            beside = [one.at for one in got if not one.digest]
            found.over += [
                one for one in got if not one.digest and sum(one.at - 7 * DAY < at <= one.at for at in beside) > 2
            ]
            self._digests(member, changes, [one for one in got if one.digest], got, found)
        return found

    def wishes(self, member: int, at: datetime) -> Change:
        changes = self.life.changes[member]
        return changes[max(0, bisect_right([one.at for one in changes], at) - 1)]

    def shows(self, zone: str, at: datetime) -> datetime:
        clocks, seconds = self.clocks[zone], at.timestamp()
        offset = clocks.offsets[bisect_right(clocks.starts, seconds) - 1]
        return datetime.fromtimestamp(seconds + offset, UTC)

    def is_quiet(self, member: int, at: datetime) -> bool:
        wishes = self.wishes(member, at)
        hours = [wishes.settings.quiet_start]
        while hours[-1] != wishes.settings.quiet_end:
            hours.append((hours[-1] + 1) % 24)
        return self.shows(wishes.zone, at).hour in hours[:-1]

    def _digests(
        self, member: int, changes: Sequence[Change], got: Sequence[Sent], all_of: Sequence[Sent], found: Judged
    ) -> None:
        """Every promised one is there, and every one that is there was promised."""
        matched: set[str] = set()
        skips = list(self.life.skips.get(member, []))
        unsure = False
        for day, due in self._moments(changes):
            found.promised += 1
            key = f"digest:member:{member}:{day.isoformat()}"
            there = next((one for one in got if one.key == key and one.key not in matched), None)
            if there is not None:
                matched.add(key)
                if any(at <= due for at in skips) and not unsure:
                    found.unpromised.append(there)  # they had said: not the next one
                skips[:] = [at for at in skips if at > due]
                unsure = False
                latest = self._latest(member, due, all_of)
                if latest is None or there.at <= latest:
                    found.kept += 1
                else:
                    found.missed.append(f"{key} due {due:%m-%d %H:%M} came {there.at:%m-%d %H:%M}, not {latest:%H:%M}")
            elif excuse := self._excused(member, due, changes, all_of, key):
                found.excused += 1
                found.why[excuse] += 1
                # Whether that was the one to be passed over, the outside cannot see.
                unsure = unsure or any(at <= due for at in skips)
            elif self._skipped(due, skips):
                found.excused += 1
                found.why["skipped by the member"] += 1
            else:
                found.missed.append(f"{key} due {due:%Y-%m-%d %H:%M}")
        found.unpromised += [one for one in got if one.key not in matched]

    def _moments(self, changes: Sequence[Change]) -> Iterator[tuple[date, datetime]]:
        """(local day, moment) of everything that was promised, by walking through the days."""
        anchor = changes[0]
        seen: set[date] = set()
        for at, (wishes, following) in enumerate(zip(changes, [*changes[1:], None], strict=True)):
            if wishes.moment or at == 0:
                anchor = wishes
            end = following.at if following is not None else self.until
            settings, clocks = wishes.settings, self.clocks[wishes.zone]
            day = wishes.at.date() - 2 * DAY
            while day <= end.date() + 2 * DAY:
                moment = datetime.fromtimestamp(clocks.first_showing(day, settings.at), UTC)
                promised = settings.enabled and wishes.at <= moment < end and self._on(day, wishes, anchor)
                resting = settings.paused_until is not None and day < settings.paused_until
                if following is not None and following.moment and moment + self._down_for(moment) >= following.at:
                    # Down at its moment, and other wishes before it was up again: nothing from before them is owed.
                    promised = False
                if promised and not resting and day not in seen:
                    seen.add(day)
                    yield day, moment
                day += DAY

    def _on(self, day: date, wishes: Change, anchor: Change) -> bool:
        settings = wishes.settings
        match settings.frequency:
            case Frequency.DAILY:
                return True
            case Frequency.WEEKLY:
                return day.isoweekday() - 1 == settings.weekday
            case Frequency.BIWEEKLY:
                first = self.shows(anchor.zone, anchor.at).date()
                weeks = (day.toordinal() - 1) // 7 - (first.toordinal() - 1) // 7
                return day.isoweekday() - 1 == settings.weekday and weeks % 2 == 0
            case _:
                return day.isoweekday() - 1 == settings.weekday and day.day <= 7

    def _latest(self, member: int, due: datetime, got: Sequence[Sent]) -> datetime | None:
        """By when it has to be there, minute by minute; None: whenever."""
        at, allowed = due, timedelta(minutes=12)
        for _ in range(60 * 24 * 12):
            waits = (
                any(span.holds(at) for span in (*self.life.down, *self.life.silent))
                or self.is_quiet(member, at)
                or any(one.at <= at < one.at + GAP[one.digest] and one.at < due + 10 * DAY and one.at < at
                       and not (one.digest and one.at >= due) for one in got)
            )  # fmt: skip
            if not waits:
                allowed -= timedelta(minutes=1)
                if allowed <= timedelta():
                    return at + timedelta(minutes=10)
            at += timedelta(minutes=1)
        return None

    def _excused(
        self,
        member: int,
        due: datetime,
        changes: Sequence[Change],
        all_of: Sequence[Sent],
        key: str,
    ) -> str:
        """The reason, if it is missing for one that the program owes nothing for; else empty."""
        if key in self.life.doubtful or any(one.key == key for one in self.life.refused):
            return "refused or in doubt"
        blocked = self.life.blocked.get(member)
        back = next((one.at for one in changes if blocked and one.at > blocked.end and one.what == "off"), self.until)
        if blocked is not None and blocked.begin - 2 * DAY <= due < back:
            return "after two refusals"
        if self._down_for(due) > GRACE:
            return "down beyond the grace"
        latest = self._latest(member, due, all_of)
        if latest is None or latest >= self.until:
            return "still to come at the end"
        if any(due <= one.at <= latest + timedelta(hours=1) and self._stops(one) for one in changes[1:]):
            return "stopped or paused while it waited"
        apart = timedelta(days=APART[self.wishes(member, due).settings.frequency])
        near = [one for one in all_of if one.digest and due - apart - timedelta(hours=12) <= one.at < due]
        if any(change.moment and one.at - 40 * DAY <= change.at <= due for one in near for change in changes[1:]):
            return "one was sent lately, before the wishes changed"
        if any(one.digest and one.at >= due and one.key < key for one in all_of):
            return "the one before it was waiting still"
        if latest - due > timedelta(hours=20):
            return "a newer one took its place"
        return ""

    def _skipped(self, due: datetime, skips: list[datetime]) -> bool:
        """ "Skip next" passes over the next one that would come: one that was not to come anyway uses none up, and said
        twice it is said once. Said while the program was down it is still in time."""
        planned = due + self._down_for(due) + timedelta(minutes=3)
        said = any(at <= planned for at in skips)
        if said:
            skips[:] = [at for at in skips if at > planned]
        return said

    def _stops(self, change: Change) -> bool:
        """Whether nothing is wanted any more from this change on."""
        settings = change.settings
        resting = (
            settings.paused_until is not None and self.shows(change.zone, change.at).date() < settings.paused_until
        )
        return not settings.enabled or resting

    def _down_for(self, due: datetime) -> timedelta:
        at = due
        moved = True
        while moved:
            moved = False
            for span in self.life.down:
                if span.holds(at):
                    at, moved = span.end, True
        return at - due
