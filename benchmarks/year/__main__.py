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
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.report import Report, run
from benchmarks.year.life import ZONES
from benchmarks.year.whole import outcomes_of, year
from bot.domain.schedules import Outcome

_MEMORY: Final = Path("/dev/shm")
"""The store syncs every commit, and the year is mostly commits. Its crashes are made up: no disk has to hold them."""


def measure(report: Report, chosen: argparse.Namespace) -> None:
    members, days = (16, 42) if chosen.quick else (chosen.members, chosen.days)
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
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
    report.add("in doubt", len(life.doubtful), "", "under way as the program was killed: listed, not repeated")
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
