"""Plans the digests that are due in small lots, with workers, and ends: started by tests that kill it or its workers.

python -m tests.system.lots_process HOME LOT WORKERS
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app import Application
from bot.domain.schedules import Job
from bot.settings import read_settings
from bot.workers import DigestLots
from scheduler.lots import LotPlanner


def main(home: str, lot: str, workers: str) -> None:
    settings = read_settings(home=Path(home), digest_workers=int(workers))
    with Application.open(settings) as app:
        app.engine.refresh()
        work = app.letters().digests.work
        assert isinstance(work, DigestLots)
        small = replace(work, lot=int(lot))
        planner = LotPlanner(app.store, app.clock, Job.DIGEST, small, timedelta(hours=12), lot=int(lot))
        print("ready", flush=True)
        while planner.tick().more:
            continue
        small.rest()


if __name__ == "__main__":
    main(*sys.argv[1:])
