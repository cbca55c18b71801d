"""A simulated year of digests: clock changes, travel, pauses, quiet hours, outages, crashes, people who block the bot.

The real store, planner, gate and outbox under a fake clock; what a digest says is made up, since here only the moments
matter. People change their minds at random moments, another feature keeps trying to write to them, the program is down
for minutes or days or is killed between any two steps, the platform does not answer for hours. Then an independent
reckoning, which walks the minutes of each zone and knows nothing of schedules, says for every digest that was promised
when it had to arrive, and every message that arrived is looked at.

    python -m benchmarks.year                    the whole year, 48 members
    python -m benchmarks.year --quick            six weeks around a change of clocks, 16 members
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final, cast

from benchmarks.report import Report, run
from bot.domain.digests import DigestSettings
from bot.domain.items import Course
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Receipt, Sending, Text
from bot.domain.people import Community, Member
from bot.domain.refs import AccountRef, MessageRef
from bot.domain.schedules import Frequency, Job, Outcome
from bot.ports import OutboxRow
from bot.usecases.digest import ComposeDigests, Letter, Wanted
from bot.usecases.digest_send import PrepareDigests, QueueDigests
from bot.usecases.unasked import Refusal, note_reached, queue_unasked, verdict
from bot.usecases.views import Shown, View
from bot.workers import DigestLots
from scheduler.lots import LotPlanner
from storage import SqlStore, open_store, upgrade
from tests.fakes.clock import FakeClock, SeededIds
from tests.scheduler.oracle import Clocks

ZONES: Final = ("America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe")
BEGIN: Final = datetime(2027, 2, 22, 12, 0, tzinfo=UTC)
"""New York changes its clocks on March 14, Berlin on March 28, Lord Howe, by half an hour, on April 4."""
GRACE: Final = timedelta(hours=12)
SPREAD: Final = timedelta(minutes=5)
POLL: Final = timedelta(minutes=2)
DAY: Final = timedelta(days=1)
_GAP: Final = {True: timedelta(hours=22), False: timedelta(hours=24)}
_APART: Final = {Frequency.DAILY: 12 / 24, Frequency.WEEKLY: 5, Frequency.BIWEEKLY: 11, Frequency.MONTHLY: 20}


class Killed(BaseException):
    """As if the process had ended here: nothing on the way may hold it up."""


@dataclass(frozen=True, slots=True)
class Span:
    begin: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Sent:
    member: int
    key: str
    at: datetime

    @property
    def digest(self) -> bool:
        return self.key.startswith("digest:")


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on a member's wishes are these. `moment`: it changed when digests are due."""

    at: datetime
    settings: DigestSettings
    zone: str
    moment: bool
    what: str = ""


@dataclass(slots=True)
class Life:
    """Everything that happened, as the judge sees it."""

    changes: dict[int, list[Change]] = field(default_factory=dict)
    skips: dict[int, list[datetime]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    blocked: dict[int, Span] = field(default_factory=dict)
    down: list[Span] = field(default_factory=list)
    silent: list[Span] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    refused: list[Sent] = field(default_factory=list)
    crashes: int = 0
    asked: int = 0
    turned_down: int = 0


class Made:
    """Stands for the composing of digests: two courses, always."""

    def __init__(self, ids: SeededIds) -> None:
        self._ids = ids
        self._courses = (Course("a", "A course"), Course("b", "Another course"))

    def __call__(self, wanted: Sequence[Wanted]) -> list[Letter]:
        return [
            Letter(
                View(
                    self._ids.code(),
                    "digest",
                    tuple(Shown(course.item, self._ids.code(), 1.0) for course in self._courses),
                ),
                {course.item: course for course in self._courses},
                {},
            )
            for _ in wanted
        ]


class Year:
    """One run. `until`: when it ends."""

    def __init__(self, folder: Path, *, members: int, days: int, seed: int = 7) -> None:
        self.clock = FakeClock(BEGIN)
        self.random = Random(seed)
        self.until = BEGIN + days * DAY
        self.file = folder / "year.db"
        self.url = f"sqlite:///{self.file}"
        upgrade(self.url)
        self.store: SqlStore = open_store(self.url, clock=self.clock.now)
        self.life = Life()
        self.ids = SeededIds(seed)
        with self.store.write() as uow:
            self.community: Community = uow.communities.add("A year", language="en", timezone="UTC", sample=False)
            uow.courses.upsert_many(self.community.id, [Course("a", "A course"), Course("b", "Another course")])
            uow.commit()
        self.members = [self._member(number) for number in range(members)]
        self.kill_at = 0
        self.steps = 0
        self.planner = self._planner()
        self._script = sorted(self._plans(days), key=lambda plan: plan[0])

    # People

    def _member(self, number: int) -> int:
        zone = ZONES[number % len(ZONES)]
        random = self.random
        with self.store.write() as uow:
            member = uow.members.create(
                Member(0, self.community.id, f"m{number}", timezone=zone), [AccountRef("web", f"m{number}")]
            )
            uow.rooms.direct(self.community.id, "web", member.id)
            frequency = random.choices(list(_APART), weights=(4, 5, 2, 1))[0]
            settings = DigestSettings(
                member.id,
                enabled=True,
                frequency=frequency,
                weekday=random.randrange(7),
                # The hours that clocks leap over and repeat, and any other.
                hour=random.choice([0, 1, 2, 2, 3, 7, 9, 12, 18, 18, 20, 23]),
                minute=random.choice([0, 30]),
                platform="web",
                **random.choice([{}, {"quiet_start": 0, "quiet_end": 0}, {"quiet_start": 1, "quiet_end": 6}]),
            )
            uow.digests.put(self.community.id, settings)
            uow.commit()
        self.life.changes[member.id] = [Change(self.clock.now(), settings, zone, moment=True)]
        return member.id

    def _plans(self, days: int) -> Iterator[tuple[datetime, str, int]]:
        """What will happen when, and to whom."""
        random = self.random

        def any_time() -> datetime:
            return BEGIN + timedelta(seconds=random.randrange(days * 86400))

        for _ in range(int(len(self.members) * days / 20)):
            what = random.choices(
                ["hour", "day", "frequency", "quiet", "travel", "pause", "skip", "off"], (3, 2, 2, 3, 4, 2, 2, 1)
            )[0]
            yield any_time(), what, random.choice(self.members)
        for _ in range(int(len(self.members) * days / 4)):
            yield any_time(), "campaign", random.choice(self.members)
        for member in random.sample(self.members, max(1, len(self.members) // 8)):
            begin = any_time()
            self.life.blocked[member] = Span(begin, begin + 20 * DAY)
        for spans, count, longest in ((self.life.down, days // 6, 40 * 3600), (self.life.silent, days // 10, 8 * 3600)):
            for _ in range(count):
                begin = any_time()
                hard = random.random() < 0.15
                spans.append(Span(begin, begin + timedelta(seconds=random.randrange(60, longest if hard else 7200))))
        for span in self.life.down:
            yield span.begin, "down", 0
            yield span.end, "up", 0
        for _ in range(days // 2):
            yield any_time(), "kill", 0

    def _change(self, member_id: int, what: str) -> None:
        random, now = self.random, self.clock.now()
        last = self.life.changes[member_id][-1]
        settings, zone = last.settings, last.zone
        match what:
            case "hour":
                settings = replace(settings, hour=random.randrange(24), minute=random.choice([0, 30]))
            case "day":
                settings = replace(settings, weekday=random.randrange(7))
            case "frequency":
                settings = replace(settings, frequency=random.choice(list(_APART)))
            case "quiet":
                settings = replace(settings, quiet_start=random.randrange(24), quiet_end=random.randrange(24))
            case "travel":
                zone = random.choice(ZONES)
            case "pause":
                until = now.date() + timedelta(days=random.randrange(2, 40))
                settings = replace(settings, paused_until=until)
            case "off":
                settings = replace(settings, enabled=not settings.enabled, paused_until=None)
            case _:
                pass
        with self.store.write() as uow:
            kept = uow.digests.get(member_id)
            if kept.unreachable >= 2 and what == "off":
                settings = replace(settings, enabled=True)
            if what == "skip":
                self.life.skips.setdefault(member_id, []).append(now)
            elif kept.enabled != last.settings.enabled:
                return  # the program has switched it off; they have not noticed yet
            member = uow.members.get(member_id)
            assert member is not None
            if member.timezone != zone:
                uow.members.update(replace(member, timezone=zone))
            skip = True if what == "skip" else kept.skip_next
            unreachable = 0 if what == "off" else kept.unreachable
            uow.digests.put(self.community.id, replace(settings, skip_next=skip, unreachable=unreachable))
            uow.commit()
        moment = when_of(settings, zone) != when_of(last.settings, last.zone) or kept.enabled != settings.enabled
        self.life.changes[member_id].append(Change(now, settings, zone, moment, what))

    def _campaign(self, member_id: int) -> None:
        """Another feature wants to write to somebody."""
        with self.store.write() as uow:
            member = uow.members.get(member_id)
            assert member is not None
            room = uow.rooms.direct(self.community.id, "web", member_id)
            message = Outgoing((Paragraph((Text("Something new"),)),))
            key = f"campaign:{self.ids.code()}"
            sending = Sending(key, room.ref, message, DeliveryClass.AT_MOST_ONCE)
            self.life.asked += 1
            if queue_unasked(uow, member, sending, self.clock.now()) is not None:
                self.life.turned_down += 1
            uow.commit()

    # The program

    def _step(self, _: str) -> None:
        self.steps += 1
        if self.kill_at and self.steps >= self.kill_at:
            raise Killed

    def _planner(self) -> LotPlanner:
        prepare = PrepareDigests(self.store, self.ids, cast("ComposeDigests", Made(self.ids)))
        work = DigestLots(
            self.store, self.community, lambda: prepare, QueueDigests(self.store, SPREAD), _no_vector, _no_openings, 250
        )
        return LotPlanner(self.store, self.clock, Job.DIGEST, work, GRACE, lot=20, step=self._step)

    def _restart(self) -> None:
        self.life.crashes += 1
        self.kill_at = 0
        self.planner = self._planner()
        with self.store.write() as uow:
            uow.outbox.recover(self.clock.now())
            uow.commit()

    def _tick(self) -> None:
        try:
            while self.planner.tick().more:
                continue
            self._deliver()
        except Killed:
            self.clock.go_on(seconds=20)
            self._restart()
            self._tick()

    def _deliver(self) -> None:
        now = self.clock.now()
        silent = any(span.holds(now) for span in self.life.silent)
        while True:
            with self.store.write() as uow:
                rows = uow.outbox.claim(["web"], at=now, limit=40)
                uow.commit()
            if not rows:
                return
            for row in rows:
                self._send(row, now, silent=silent)

    def _send(self, row: OutboxRow, now: datetime, *, silent: bool) -> None:
        with self.store.write() as uow:
            found = verdict(uow, row, now)
            if isinstance(found, Refusal):
                uow.outbox.park(row.id, "dropped", found.value)
            elif found > now:
                uow.outbox.defer(row.id, found, "not now", failed=False)
            elif silent:
                uow.outbox.defer(row.id, now + timedelta(minutes=5), "no answer")
            else:
                self._arrive(uow, row, now)
            uow.commit()

    def _arrive(self, uow: Any, row: OutboxRow, now: datetime) -> None:
        member = row.sending.to_member
        assert member is not None
        one = Sent(member, row.sending.key, now)
        blocked = self.life.blocked.get(member)
        if blocked is not None and blocked.holds(now):
            uow.outbox.park(row.id, "refused", "blocked")
            note_reached(uow, row, "refused")
            self.life.refused.append(one)
            return
        self.life.sent.append(one)
        if self.kill_at and self.random.random() < 0.3:
            # It arrived, and the program ends before it can say so: at most once, and listed.
            self.life.doubtful.add(one.key)
            raise Killed
        uow.outbox.sent(row.id, Receipt((MessageRef(row.sending.room, str(row.id)),)), now)
        note_reached(uow, row, "sent")

    def run(self) -> None:
        """Everything, from one moment at which something happens to the next."""
        script = list(reversed(self._script))
        down = 0
        while self.clock.now() < self.until:
            ahead = script[-1][0] if script else self.until
            due = None if down else self._due()
            at = min(ahead, due) if due is not None else ahead
            now = max(self.clock.now(), at)
            # A running program looks every now and then, not in the very second.
            self.clock.set(now + (POLL * self.random.random() if due is not None and due < ahead else timedelta()))
            while script and script[-1][0] <= self.clock.now():
                _, what, who = script.pop()
                match what:
                    case "down":
                        down += 1
                    case "up":
                        down -= 1
                        if not down:
                            self._restart()
                    case "kill":
                        self.kill_at = self.steps + self.random.randrange(1, 4)
                    case "campaign":
                        if not down:
                            self._campaign(who)
                    case _:
                        self._change(who, what)
            if not down:
                self._tick()
        self.store.close()

    def _due(self) -> datetime | None:
        """The next moment of a schedule or a queued message, as the file has it."""
        with closing(sqlite3.connect(self.file)) as raw:
            new = raw.execute("SELECT 1 FROM schedules WHERE enabled AND NOT planned LIMIT 1").fetchone()
            if new is not None:
                return self.clock.now()
            found = raw.execute(
                "SELECT min(at) FROM (SELECT min(next_at) AS at FROM schedules WHERE enabled AND planned"
                " UNION ALL SELECT min(due_at) FROM outbox WHERE state = 'pending')"
            ).fetchone()
        return None if found[0] is None else datetime.fromisoformat(found[0]).replace(tzinfo=UTC)


def when_of(settings: DigestSettings, zone: str) -> tuple[object, ...]:
    """What decides when digests are due."""
    return settings.enabled, settings.frequency, settings.weekday, settings.at, zone


def _no_vector(_: str) -> None:
    return None


def _no_openings() -> Any:
    raise AssertionError("a year of few members has no rush")


# The judge


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
                if after.at - before.at < _GAP[before.digest and after.digest]:
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
        for day, due in self._moments(changes):
            found.promised += 1
            key = f"digest:member:{member}:{day.isoformat()}"
            there = next((one for one in got if one.key == key and one.key not in matched), None)
            if there is not None:
                matched.add(key)
                latest = self._latest(member, due, all_of)
                if latest is None or there.at <= latest:
                    found.kept += 1
                elif any(due <= one.at <= there.at for one in changes[1:]):
                    # It had its moment under the wishes of before: it waits for that one, which is still allowed.
                    found.excused += 1
                    found.why["came later, changed while it waited"] += 1
                else:
                    found.missed.append(f"{key} due {due:%m-%d %H:%M} came {there.at:%m-%d %H:%M}, not {latest:%H:%M}")
            elif excuse := self._excused(member, due, changes, all_of, skips, key):
                found.excused += 1
                found.why[excuse] += 1
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
                or any(one.at <= at < one.at + _GAP[one.digest] and one.at < due + 10 * DAY and one.at < at
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
        skips: list[datetime],
        key: str,
    ) -> str:
        """The reason, if it is missing for one that the program owes nothing for; else empty."""
        skip = next((at for at in skips if at <= due), None)
        if skip is not None:
            skips.remove(skip)
            return "skipped by the member"
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
        if any(due <= one.at <= latest + timedelta(hours=1) for one in changes[1:]):
            return "changed while it waited"
        apart = timedelta(days=_APART[self.wishes(member, due).settings.frequency])
        near = [one for one in all_of if one.digest and due - apart - timedelta(hours=12) <= one.at < due]
        if any(change.moment and one.at - 40 * DAY <= change.at <= due for one in near for change in changes[1:]):
            return "one was sent lately, before the wishes changed"
        if any(one.digest and one.at >= due and one.key < key for one in all_of):
            return "the one before it was waiting still"
        if latest - due > timedelta(hours=20):
            return "a newer one took its place"
        return ""

    def _down_for(self, due: datetime) -> timedelta:
        at = due
        moved = True
        while moved:
            moved = False
            for span in self.life.down:
                if span.holds(at):
                    at, moved = span.end, True
        return at - due


def year(folder: Path, *, members: int, days: int, seed: int = 7) -> tuple[Life, Judged]:
    """Live it and judge it."""
    lived = Year(folder, members=members, days=days, seed=seed)
    lived.run()
    return lived.life, Judge(lived.life, lived.until).judged()


def outcomes_of(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as raw:
        return dict(raw.execute("SELECT outcome, count(*) FROM occurrences GROUP BY outcome").fetchall())


def measure(report: Report, chosen: argparse.Namespace) -> None:
    members, days = (16, 42) if chosen.quick else (chosen.members, chosen.days)
    with tempfile.TemporaryDirectory() as folder:
        life, judged = year(Path(folder), members=members, days=days, seed=chosen.seed)
        left = outcomes_of(Path(folder) / "year.db").get(Outcome.CLAIMED.value, 0)
    report.add("members", members, "", f"in {len(ZONES)} zones, {days} days")
    report.add("digests promised", judged.promised, "", "by the independent reckoning")
    report.add("arrived in time", judged.kept)
    report.add("not owed", judged.excused)
    for why, count in judged.why.most_common():
        report.add(f"  {why}", count)
    report.add("messages that arrived", len(life.sent), "", f"{sum(not one.digest for one in life.sent)} of others")
    report.add("others that were turned down", life.turned_down, "", f"of {life.asked}")
    report.add("restarts", life.crashes, "", f"{len(life.down)} outages, {len(life.silent)} of the platform")
    report.add("in doubt", len(life.doubtful), "", "arrived as the program was killed: listed, not repeated")
    report.add("claims left open", left)
    for name, wrong in (
        ("in quiet hours", judged.quiet),
        ("duplicates", judged.twice),
        ("too close to another", judged.crowded),
        ("over the weekly cap", judged.over),
        ("not promised", judged.unpromised),
        ("missed or late", judged.missed),
    ):
        report.add(name, len(wrong), "", str(wrong[0])[:100] if wrong else "")
        for one in wrong[: chosen.show]:
            print(name, one)


if __name__ == "__main__":
    raise SystemExit(
        run(
            "year",
            __doc__,
            measure,
            [
                ("--members", {"type": int, "default": 48, "help": "how many"}),
                ("--days", {"type": int, "default": 365, "help": "how long"}),
                ("--seed", {"type": int, "default": 7, "help": "what happens"}),
                ("--show", {"type": int, "default": 0, "help": "so many of each that is wrong"}),
            ],
        )
    )
