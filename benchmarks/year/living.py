"""The year itself: people who change their minds, the real store, planner, gate and outbox, outages and kills.

What a digest says is made up, since here only the moments matter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, cast

from benchmarks.year.life import APART, BEGIN, DAY, GRACE, ZONES, Change, Life, Sent, Span
from bot.domain.digests import DigestSettings
from bot.domain.items import Course
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Receipt, Sending, Text
from bot.domain.people import Community, Member
from bot.domain.refs import AccountRef, MessageRef
from bot.domain.schedules import Job
from bot.ports import OutboxRow
from bot.usecases.digest import ComposeDigests, Letter, Wanted
from bot.usecases.digest_send import PrepareDigests, QueueDigests
from bot.usecases.unasked import Refusal, note_reached, queue_unasked, verdict
from bot.usecases.views import Shown, View
from bot.workers import DigestLots
from scheduler.lots import LotPlanner
from storage import SqlStore, open_store, upgrade
from tests.fakes.clock import FakeClock, SeededIds

SPREAD: Final = timedelta(minutes=5)
POLL: Final = timedelta(minutes=2)


class Killed(BaseException):
    """As if the process had ended here: nothing on the way may hold it up."""


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
        self.planner, self._begun = self._planner(), False
        self._raw = sqlite3.connect(self.file, isolation_level=None)
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
            frequency = random.choices(list(APART), weights=(4, 5, 2, 1))[0]
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
                settings = replace(settings, frequency=random.choice(list(APART)))
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
        self.planner, self._begun = self._planner(), False
        with self.store.write() as uow:
            uow.outbox.recover(self.clock.now())
            uow.commit()

    def _tick(self) -> None:
        """Plan and deliver, as far as there is anything of it: either would find nothing, only slower."""
        try:
            planning, delivery = self._due()
            now = self.clock.now()
            if not self._begun or (planning is not None and planning <= now):
                self._begun = True
                while self.planner.tick().more:
                    continue
                _, delivery = self._due()
            if delivery is not None and delivery <= now:
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
            for at, row in enumerate(rows):
                try:
                    self._send(row, now, silent=silent)
                except Killed:
                    # What was claimed with it is under way too, as far as anybody can know: listed, not repeated.
                    self.life.doubtful.update(one.sending.key for one in rows[at:])
                    raise
            _, more = self._due()
            if more is None or more > now:
                return

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
            # It arrived, and the program ends before it can say so: at most once.
            raise Killed
        uow.outbox.sent(row.id, Receipt((MessageRef(row.sending.room, str(row.id)),)), now)
        note_reached(uow, row, "sent")

    def run(self) -> None:
        """Everything, from one moment at which something happens to the next."""
        script = list(reversed(self._script))
        down = 0
        while self.clock.now() < self.until:
            ahead = script[-1][0] if script else self.until
            due = None if down else min((at for at in self._due() if at is not None), default=None)
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
        self._raw.close()
        self.store.close()

    def _due(self) -> tuple[datetime | None, datetime | None]:
        """The next moment of a schedule, and of a queued message, as the file has them."""
        new = self._raw.execute("SELECT 1 FROM schedules WHERE enabled AND NOT planned LIMIT 1").fetchone()
        planned = self._raw.execute("SELECT min(next_at) FROM schedules WHERE enabled AND planned").fetchone()
        queued = self._raw.execute("SELECT min(due_at) FROM outbox WHERE state = 'pending'").fetchone()
        return self.clock.now() if new is not None else _moment(planned[0]), _moment(queued[0])


def _moment(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept).replace(tzinfo=UTC)


def when_of(settings: DigestSettings, zone: str) -> tuple[object, ...]:
    """What decides when digests are due."""
    return settings.enabled, settings.frequency, settings.weekday, settings.at, zone


def _no_vector(_: str) -> None:
    return None


def _no_openings() -> Any:
    raise AssertionError("a year of few members has no rush")
