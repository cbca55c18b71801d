"""Everybody's digest is due in the same hour: planned, ranked, put into words and queued, in worker processes.

A store of its own with courses, discussions and members who did nothing up to 80 things; the planner, the recommender's
batch and the writing are the product's. Counted are CPU seconds of this process and of the workers, wall time, items
ranked into digests a second, memory at its highest (of the workers, which share most of theirs, each page once), how
late a thread is that only wants to wake up, and what the digests look like. With fewer members than 100,000 the rest is
extrapolated: the start of the workers once, everything else in proportion. The start is a reading of the whole log and
grows with it.

    python -m benchmarks.digests --members 100000
    python -m benchmarks.digests --quick
"""

from __future__ import annotations

import argparse
import json
import logging
import sqlite3
import sys
import tempfile
import threading
import time as clock_time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]
from sqlalchemy import Connection, insert, text

from benchmarks.members import members as made_up
from benchmarks.report import Report, cpu_of, home_of, one_thread, resident, run
from benchmarks.world import NOW, World, fill_store, make_learners, make_world
from bot.app import Application
from bot.settings import read_settings
from bot.workers import DigestLots
from recsys.fitting import fit
from recsys.modelfile import save
from recsys.versions import Version
from storage import open_store
from storage.tables import (
    CONSENTS,
    DIGESTS,
    INTERACTIONS,
    MEMBERS,
    MEMBERSHIPS,
    ROOMS,
    SCHEDULES,
)

ALL: Final = 100_000
DUE: Final = datetime(NOW.year, NOW.month, NOW.day, 18, tzinfo=UTC) + timedelta(days=1)
_ROWS: Final = 2_000
_FIRST: Final = 1_000
_BEAT: Final = 0.02


class _At:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def fill_members(connection: Connection, community_id: int, world: World, number: int) -> int:
    """Members with rooms, settings, schedules and what they did; how many things they did."""
    acts, sequence = 0, 0
    queries = made_up(world, number)
    weekday = DUE.weekday()
    at = 0
    while page := list(islice(queries, _ROWS)):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for query in page:
            member = _FIRST + at
            base = {"community_id": community_id}
            rows.setdefault(MEMBERS, []).append(base | {
                "id": member, "name": f"m{at}", "language": "en", "timezone": "UTC", "role": "member",
                "topics": list(query.declared.topics), "level": None, "goal": None, "weekly_hours": None, "muted": [],
                "surprises": True, "joined_at": NOW, "onboarded_at": None, "sample": False, "bot": False,
                "declared": None,
            })  # fmt: skip
            rows.setdefault(CONSENTS, []).extend(
                base | {"member_id": member, "kind": kind} for kind in ("enrolments", "reactions", "messages")
            )
            rows.setdefault(ROOMS, []).append(base | {
                "id": member + 10_000_000, "platform": "web", "native_id": f"dm-{member}", "thread_id": "",
                "name": f"m{at}", "kind": "direct", "topic": "", "group_name": "", "audience": f"member:{member}",
                "indexed": False, "parent_id": None,
            })  # fmt: skip
            rows.setdefault(MEMBERSHIPS, []).append(
                base | {"room_id": member + 10_000_000, "member_id": member, "joined_at": NOW, "left_at": None}
            )
            rows.setdefault(DIGESTS, []).append(base | {
                "member_id": member, "enabled": True, "frequency": "weekly", "weekday": weekday, "hour": 18,
                "minute": 0, "length": 5, "language": None, "platform": "web",
                "sections": ["continue", "events", "you"],
                "quiet_start": 22, "quiet_end": 8, "skip_next": False, "paused_until": None, "last_note": "",
                "unreachable": 0, "hint": "",
            })  # fmt: skip
            rows.setdefault(SCHEDULES, []).append(base | {
                "job": "digest", "recipient": f"member:{member}", "timezone": "UTC", "frequency": "weekly",
                "weekday": weekday, "at": time(18), "enabled": True, "paused_until": None, "since": NOW,
                "planned": True, "next_at": DUE,
            })  # fmt: skip
            for one in query.history:
                sequence += 1
                rows.setdefault(INTERACTIONS, []).append(base | {
                    "sequence": sequence, "member_id": member, "item": one.item, "signal": one.signal,
                    "at": datetime.fromtimestamp(one.at, UTC), "key": f"made:{sequence}", "value": one.value,
                    "reason": "",
                })  # fmt: skip
                acts += 1
            at += 1
        for table, values in rows.items():
            connection.execute(insert(table), values)
    connection.execute(text("UPDATE communities SET sequence = :n"), {"n": sequence})
    # A moderator let the rooms in; rooms wait for that.
    connection.execute(text("UPDATE rooms SET indexed = true WHERE kind <> 'direct'"))
    # Discussions by fifty people: of one person's, no digest takes more than two.
    connection.execute(text("UPDATE messages SET member_id = 1 + id % 50 WHERE member_id < 1000"))
    connection.execute(text(
        "UPDATE items SET author = 'member:' || (1 + substr(item, 6) % 50) WHERE kind = 'post'"
    ))  # fmt: skip
    return acts


class Watched:
    """Highest memory and CPU of this process and its children, looked at once a second; `late`: seconds by which a
    thread was late that wanted to wake up every 20 ms, as the event loop does."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.peak, self.children_peak = 0.0, 0.0
        self.cpu: dict[int, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        looked = 0.0
        while True:
            slept = clock_time.perf_counter()
            if self._done.wait(_BEAT):
                return
            now = clock_time.perf_counter()
            self.late.append(max(0.0, now - slept - _BEAT))
            if now - looked < 1.0:
                continue
            looked = now
            self.peak = max(self.peak, resident())
            together = 0.0
            for child in me.children(recursive=True):
                try:
                    together += _own_memory(child)
                    self.cpu[child.pid] = cpu_of(child.pid)
                except psutil.NoSuchProcess:
                    continue
            self.children_peak = max(self.children_peak, together)


def _own_memory(process: psutil.Process) -> float:
    """In MB, of what several processes share its part: pages of copies are there once."""
    found = process.memory_full_info()
    return float(getattr(found, "pss", found.rss)) / 1024**2


def looks(file: Path) -> Iterator[tuple[int, list[tuple[str, str, float]]]]:
    """(member, [(item, policy, propensity)]) of every digest that was queued."""
    with closing(sqlite3.connect(file)) as raw:
        found: dict[int, list[tuple[str, str, float]]] = {}
        for member, item, policy, propensity in raw.execute(
            "SELECT member_id, item, policy, propensity FROM exposures WHERE surface = 'digest' ORDER BY 1, rank"
        ):
            found.setdefault(member, []).append((item, policy, propensity))
        yield from found.items()


def check(file: Path, report: Report, number: int) -> int:
    """What stands in the store afterwards; how many items the digests have."""
    with closing(sqlite3.connect(file)) as raw:
        queued, keys = raw.execute("SELECT count(*), count(DISTINCT key) FROM outbox WHERE unsolicited").fetchone()
        outcomes = dict(raw.execute("SELECT outcome, count(*) FROM occurrences GROUP BY outcome").fetchall())
        order = [row[0] for row in raw.execute("SELECT due_at FROM outbox ORDER BY unsolicited, due_at, id LIMIT 9")]
        bytes_each = raw.execute("SELECT avg(length(sending)) FROM outbox").fetchone()[0]
    report.add("digests queued", queued, "", json.dumps(outcomes))
    report.add("queued twice", queued - keys)
    report.add("left open", outcomes.get("claimed", 0), "", f"{number - sum(outcomes.values())} never claimed")
    report.add("a message in the outbox", bytes_each, "bytes", f"the first is due {order[0][11:19]}" if order else "")
    kinds: Counter[int] = Counter()
    drawn: Counter[int] = Counter()
    items = 0
    for _, taken in looks(file):
        kinds[len({item.partition(":")[0] for item, _, _ in taken})] += 1
        drawn[sum(policy == "explore" for _, policy, _ in taken)] += 1
        items += len(taken)
    digests = max(1, sum(kinds.values()))
    report.add("with two kinds or more", 100 * sum(n for k, n in kinds.items() if k >= 2) / digests, "%")
    more = digests - drawn[0] - drawn[1]
    report.add("with exactly one surprise", 100 * drawn[1] / digests, "%", f"none: {drawn[0]}, more: {more}")
    report.add("items in a digest", items / digests)
    return items


def measure(report: Report, chosen: argparse.Namespace) -> None:
    courses, posts, number = (1_000, 10_000, 1_500) if chosen.quick else (chosen.courses, chosen.posts, chosen.members)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        world = make_world(courses, posts)
        home = home_of(Path(folder), "home")
        settings = read_settings(home=home, encoder=world.encoder.name, digest_workers=chosen.workers)
        with Application.open(settings) as opened:
            community = opened.community
        clock = _At(NOW)
        store = open_store(settings.url, clock=clock.now)
        with Application(settings, store, community, clock=clock, encoder=world.encoder) as app:
            fill_store(store, community.id, world)
            with store.writing_engine.connect() as connection:
                acts = fill_members(connection, community.id, world, number)
                connection.commit()
            model = fit(make_learners(world, 500 if chosen.quick else 8_000), now=NOW.timestamp())
            begun = clock_time.process_time()
            with app.versions.training():
                save(model, app.versions.work)
                made = Version("", NOW.timestamp(), model.version, model.user_count, len(model))
                app.versions.use(app.versions.add(app.versions.work, made).name)
            app.engine.publish_model(model)
            app.engine.refresh()
            report.add("the engine took in", acts, "actions", f"{clock_time.process_time() - begun:.0f} CPU s")
            clock.at = DUE + timedelta(minutes=1)
            planner = app.letters().digests
            work = planner.work
            assert isinstance(work, DigestLots)
            own, wall = clock_time.process_time(), clock_time.perf_counter()
            before = resident()
            with Watched() as watched:
                ended, more = 0, True
                while more:
                    tick = planner.tick()
                    ended, more = ended + tick.done + tick.skipped + tick.failed, tick.more
                    print(f"\r{ended:,} of {number:,}", end="" if more else "\n", file=sys.stderr, flush=True)
            wall, own = clock_time.perf_counter() - wall, clock_time.process_time() - own
        workers = sum(watched.cpu.values())
        report.add("members", number, "", f"{courses:,} courses, {posts:,} discussions, {chosen.workers} workers")
        report.add("wall", wall, "s", "at the load below, on two cores that others use too")
        report.add("CPU, this process", own, "s", f"{own / number * 1000:.2f} ms a member")
        report.add("CPU, workers", workers, "s", f"{workers / number * 1000:.2f} ms a member, with their start")
        items = check(home / "studyhall.db", report, number)
        report.add("items", items / wall, "items/s", f"{items / (own + workers):.0f} a CPU second")
        report.add("peak memory, this process", watched.peak, "MB", f"{before:.0f} before")
        report.add("peak memory, workers together", watched.children_peak, "MB", "what they share counts once")
        report.times("a thread that wants to wake up is late", watched.late, 0.5, 0.99, 1.0)
        started = sum(one.result() for one in work.starts if one.done() and not one.cancelled())
        report.add("of which their start", started, "s", "once a rush, whatever its size")
        each = (own + workers - started) / number
        report.add("a member, without the start", each * 1000, "CPU ms")
        report.add(f"{ALL:,} members, if in proportion", (started + each * ALL) / 2 / 60, "min", "on two idle cores")


if __name__ == "__main__":
    one_thread()
    logging.basicConfig(level=logging.ERROR)
    raise SystemExit(
        run(
            "digests",
            __doc__,
            measure,
            [
                ("--members", {"type": int, "default": 10_000, "help": "who are due"}),
                ("--courses", {"type": int, "default": 1_000, "help": "in the catalogue"}),
                ("--posts", {"type": int, "default": 10_000, "help": "discussions"}),
                ("--workers", {"type": int, "default": 2, "help": "processes; 0: all in this one"}),
                ("--folder", {"default": None, "help": "where the store is made"}),
            ],
        )
    )
