"""Messages a second from the raw update to the stored discussion, every one durable before it is acknowledged.

Ours: raw update -> inbox (16 threads one by one; batches) -> dispatcher (parse, member and room, message, post,
interaction). The peer writes the very same rows with SQLAlchemy Core, one INSERT and COMMIT after the other, on one
thread into a fresh database of the same schema and settings: it looks nothing up and decides nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, insert, select, update

from adapters.web.inbound import parse
from benchmarks.report import Report, home_of, percentile, run, span
from benchmarks.talk import PLATFORM, START, Update, feed, one_discussion, people
from bot.app import Application
from bot.dispatch import Dispatcher
from bot.settings import read_settings
from storage import SqlStore, open_store, upgrade
from storage.tables import (
    COMMUNITIES,
    IDENTITIES,
    INBOX,
    INTERACTIONS,
    ITEMS,
    MEMBERS,
    MESSAGES,
    POSTS,
    REACTIONS,
    ROOMS,
)

THREADS = 16
BATCH = 50


class Commits:
    """Counts the physical COMMITs of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "commit", self._committed)

    def _committed(self, _connection: Connection) -> None:
        self.count += 1


def put(store: SqlStore, community_id: int, updates: Sequence[Update]) -> None:
    with store.write() as uow:
        uow.inbox.put(community_id, PLATFORM, updates, START)
        uow.commit()


def put_from_threads(store: SqlStore, community_id: int, updates: Sequence[Update], threads: int) -> list[float]:
    """Seconds of each put, from the call until it was durable."""
    waits: list[list[float]] = [[] for _ in range(threads)]

    def work(number: int) -> None:
        for one in updates[number::threads]:
            began = time.perf_counter()
            put(store, community_id, [one])
            waits[number].append(time.perf_counter() - began)

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return [wait for part in waits for wait in part]


def drain(dispatcher: Dispatcher) -> list[float]:
    """Until the inbox is empty; CPU seconds of each round of at most 200 updates."""
    rounds: list[float] = []
    while True:
        with span() as spent:
            looked_at = dispatcher.drain()
        if not looked_at:
            return rounds
        rounds.append(spent.cpu)


@contextmanager
def fresh(folder: Path, name: str) -> Iterator[Application]:
    """An empty community of its own database, with an encoder that loads nothing."""
    with Application.open(read_settings(home=home_of(folder, name), encoder="hashing")) as app:
        yield app


def ours(app: Application, updates: list[Update], report: Report) -> tuple[float, float]:
    """(wall, CPU) seconds of storing and handling all updates; half arrive one by one, half in batches."""
    store, community = app.store, app.community.id
    dispatcher = app.dispatcher({PLATFORM: parse}, lambda: None)
    singles, bundled = updates[: len(updates) // 2], updates[len(updates) // 2 :]
    commits = Commits(store.writing_engine)

    with span() as one_by_one:
        waits = put_from_threads(store, community, singles, THREADS)
    report.add(f"put, {THREADS} threads one by one", len(singles) / one_by_one.wall, "msg/s")
    report.times("put, acknowledged after", waits, 0.5, 0.99)
    report.add("put, messages per physical COMMIT", len(singles) / commits.count, "", f"{commits.count} COMMITs")

    commits.count = 0
    with span() as batches:
        for at in range(0, len(bundled), BATCH):
            put(store, community, bundled[at : at + BATCH])
    report.add(f"put, batches of {BATCH}", len(bundled) / batches.wall, "msg/s", f"{commits.count} COMMITs")

    commits.count = 0
    with span() as handled:
        rounds = drain(dispatcher)
    report.add("drain", len(updates) / handled.wall, "msg/s", f"{commits.count} COMMITs")
    quarter = max(1, len(rounds) // 4)
    if len(rounds) >= 8:
        # The very first round compiles statements.
        first, last = sum(rounds[1 : 1 + quarter]), sum(rounds[-1 - quarter : -1])
        report.ratio("drain, last quarter against first", last, first, "CPU; 1: not slower as the store grows")
    _assert_all_done(store, len(updates))
    return one_by_one.wall + batches.wall + handled.wall, one_by_one.cpu + batches.cpu + handled.cpu


def _assert_all_done(store: SqlStore, number: int) -> None:
    with store.read() as uow:
        counts = uow.inbox.counts()
    if counts != {"done": number}:
        raise SystemExit(f"not everything was handled: {counts}")


def rows_of(store: SqlStore, table: Table) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def peer(store: SqlStore, folder: Path) -> tuple[float, float, int]:
    """(wall, CPU) seconds and COMMITs of writing what `store` holds into a fresh database, message by message."""
    url = f"sqlite:///{home_of(folder, 'peer') / 'peer.db'}"
    upgrade(url)
    bare = open_store(url)
    try:
        before = [(table, rows_of(store, table)) for table in (COMMUNITIES, MEMBERS, IDENTITIES, ROOMS)]
        said = {row["native_id"]: row for row in rows_of(store, MESSAGES)}
        posts = {row["root_id"]: row for row in rows_of(store, POSTS)}
        items = {row["item"]: row for row in rows_of(store, ITEMS)}
        acts = {row["key"]: row for row in rows_of(store, INTERACTIONS)}
        reactions = rows_of(store, REACTIONS)
        inbox = rows_of(store, INBOX)

        def openings_first(row: dict[str, Any]) -> tuple[int, ...]:
            # The threads overtake each other; an answer cannot be inserted before what it answers.
            message = said.get(row["native_id"])
            if message is None:
                return (1,)
            root = message["root_id"]
            return (0, message["id"], 0) if root is None else (0, root, 1)

        work: list[list[tuple[Table, dict[str, Any]]]] = []
        for row in sorted(inbox, key=openings_first):
            parts: list[tuple[Table, dict[str, Any]]] = [(INBOX, row)]
            message = said.get(row["native_id"])
            if message is not None:
                parts.append((MESSAGES, message))
                if (post := posts.get(message["id"])) is not None:
                    parts += [(POSTS, post), (ITEMS, items[f"post:{post['id']}"])]
                if (act := acts.get(f"said:{message['id']}")) is not None:
                    parts.append((INTERACTIONS, act))
            elif reactions:
                # A reaction that came twice left one row.
                parts.append((REACTIONS, reactions.pop()))
            work.append(parts)
        engine = bare.writing_engine
        commits = Commits(engine)
        with engine.connect() as connection:
            for table, rows in before:
                connection.execute(insert(table), rows)
            connection.commit()
            commits.count = 0
            with span() as spent:
                for row in inbox:
                    connection.execute(insert(INBOX), [row | {"state": "pending"}])
                    connection.commit()
                for (_, row), *parts in work:
                    connection.execute(update(INBOX).where(INBOX.c.id == row["id"]).values(state="done"))
                    for table, values in parts:
                        connection.execute(insert(table), [values])
                    connection.commit()
        return spent.wall, spent.cpu, commits.count
    finally:
        bare.close()


def measure(report: Report, chosen: argparse.Namespace) -> None:
    number = 800 if chosen.quick else 8_000
    with tempfile.TemporaryDirectory(prefix="bench-", dir=chosen.folder) as scratch:
        folder = Path(scratch)
        with fresh(folder, "ours") as app:
            members, rooms = people(app.store, app.community.id, members=200, rooms=12)
            updates = list(feed(members, rooms, number))
            wall, cpu = ours(app, updates, report)
            report.add("whole path", number / wall, "msg/s", f"{cpu / number * 1000:.2f} CPU ms a message")
            peer_wall, peer_cpu, commits = peer(app.store, folder)
            note = f"{commits} COMMITs, {peer_cpu / number * 1000:.2f} CPU ms a message"
            report.add("peer: insert + commit", number / peer_wall, "msg/s", note)
            report.ratio("whole path against peer, time", wall, peer_wall, "below 1: faster than the peer")
            report.ratio("whole path against peer, CPU", cpu, peer_cpu)
            long = max(200, number // 8)
            dispatcher = app.dispatcher({PLATFORM: parse}, lambda: None)
            put(app.store, app.community.id, list(feed(members, rooms, long, seed=2, first=number)))
            with span() as ordinary:
                drain(dispatcher)
            put(app.store, app.community.id, list(one_discussion(members, rooms[0], long, first=number + long)))
            with span() as crowded:
                drain(dispatcher)
            report.ratio(
                f"{long} answers in one discussion against as many spread out", crowded.cpu, ordinary.cpu, "CPU"
            )
        for threads in (1, 4, 16):
            with fresh(folder, f"threads-{threads}") as app:
                some = [(f"t{at}", updates[at][1]) for at in range(number // 4)]
                commits_here = Commits(app.store.writing_engine)
                with span() as spent:
                    waits = put_from_threads(app.store, app.community.id, some, threads)
                note = f"p99 {percentile(waits, 0.99) * 1000:.1f} ms, {commits_here.count} COMMITs"
                report.add(f"put alone, {threads} threads", len(some) / spent.wall, "msg/s", note)


if __name__ == "__main__":
    folder = ("--folder", {"type": Path, "default": None, "help": "the disk to measure (default: the temporary one)"})
    raise SystemExit(run("ingest", __doc__, measure, [folder]))
