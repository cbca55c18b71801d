"""Does memory grow with what was said? Resident memory after each 2,000 messages through inbox, dispatcher and engine.

First the messages are only stored: nothing of them may stay in memory. Then they are embedded and taken into the
engine, which keeps every discussion: what one costs is measured against its bare vector.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from pathlib import Path

from adapters.web.inbound import parse
from benchmarks.ingest import drain, fresh, put
from benchmarks.report import Report, one_thread, resident, run
from benchmarks.talk import PLATFORM, feed, people

ROUND = 2_000
_PUT = 100
_MB = 1024 * 1024


def measure(report: Report, chosen: argparse.Namespace) -> None:
    number = 6_000 if chosen.quick else 20_000
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, fresh(Path(scratch), "home") as app:
        store, community = app.store, app.community.id
        members, rooms = people(store, community, members=200, rooms=12)
        dispatcher = app.dispatcher({PLATFORM: parse}, lambda: None)
        report.add("at the start", resident(), "MB")
        seen: list[float] = []
        for first in range(0, number, ROUND):
            updates = list(feed(members, rooms, ROUND, seed=first + 1, first=first))
            for at in range(0, ROUND, _PUT):
                put(store, community, updates[at : at + _PUT])
            drain(dispatcher)
            del updates
            gc.collect()
            seen.append(resident())
        for rounds in (1, len(seen) // 2, len(seen)):
            report.add(f"stored {rounds * ROUND:,} messages", seen[rounds - 1], "MB")
        # The first round fills the caches of statements and pages.
        grown = (seen[-1] - seen[0]) / (number - ROUND) * 10_000
        report.add("growth for each 10,000 messages stored", grown, "MB", "the goal is below 1")
        app.embed(community)
        app.engine.refresh()
        gc.collect()
        items, dimension = len(app.engine.shelf), app.encoder.dimension
        taken = resident() - seen[-1]
        report.add(f"engine with {items:,} discussions", taken, "MB", "with what reads Chinese and writes the index")
        report.ratio("engine against its bare vectors", taken, items * dimension * 4 / _MB)


if __name__ == "__main__":
    one_thread()
    raise SystemExit(run("memory", __doc__, measure))
