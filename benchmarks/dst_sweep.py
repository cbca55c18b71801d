"""Every zone x years x local times x daily and weekly, against an independent reckoning. Prints one JSON line.

    python -m benchmarks.dst_sweep [--first 2026] [--last 2037] [--every 1]

`wrong` counts (zone, time, frequency) whose runs differ in any period or second; exit code 1 when there are any.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, time, timedelta
from multiprocessing import get_context
from time import perf_counter
from zoneinfo import available_timezones

from bot.domain.schedules import Frequency, Job, Schedule
from scheduler.occurrences import due
from tests.scheduler.oracle import expected

TIMES = (time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(9, 0))


def sweep(zone: str, first: int, last: int) -> tuple[int, int, list[str]]:
    """(cases, runs, what was wrong) of one zone."""
    begin = datetime(first, 1, 1, tzinfo=UTC) - timedelta(days=4)
    end = datetime(last + 1, 1, 1, tzinfo=UTC) + timedelta(days=3)
    cases, runs, wrong = 0, 0, []
    for at in TIMES:
        for weekly in (None, 0):
            frequency = Frequency.DAILY if weekly is None else Frequency.WEEKLY
            schedule = Schedule(Job.DIGEST, "community", zone, frequency, weekday=0, at=at)
            got = [(one.period, int(one.due_at.timestamp())) for one in due(schedule, after=begin, until=end)]
            got = [run for run in got if first <= int(run[0][:4]) <= last]
            cases, runs = cases + 1, runs + len(got)
            if got != expected(zone, at, weekly=weekly, first_year=first, last_year=last):
                wrong.append(f"{zone} {at:%H:%M} {frequency}")
    return cases, runs, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=2026)
    parser.add_argument("--last", type=int, default=2037)
    parser.add_argument("--every", type=int, default=1, help="only every n-th zone")
    chosen = parser.parse_args()
    zones = sorted(available_timezones())[:: chosen.every]
    started = perf_counter()
    with get_context("spawn").Pool(2) as pool:
        parts = pool.starmap(sweep, [(zone, chosen.first, chosen.last) for zone in zones], chunksize=4)
    wrong = [name for part in parts for name in part[2]]
    print(
        json.dumps(
            {
                "benchmark": "dst_sweep",
                "zones": len(zones),
                "years": [chosen.first, chosen.last],
                "cases": sum(part[0] for part in parts),
                "runs": sum(part[1] for part in parts),
                "wrong": len(wrong),
                "examples": wrong[:5],
                "seconds": round(perf_counter() - started, 1),
            }
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
