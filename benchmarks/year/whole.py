"""One simulated year lived and judged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.year.judge import Judge, Judged
from benchmarks.year.life import Life
from benchmarks.year.living import Year


def year(folder: Path, *, members: int, days: int, seed: int = 7) -> tuple[Life, Judged]:
    """Live it and judge it."""
    lived = Year(folder, members=members, days=days, seed=seed)
    lived.run()
    return lived.life, Judge(lived.life, lived.until).judged()


def outcomes_of(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as raw:
        return dict(raw.execute("SELECT outcome, count(*) FROM occurrences GROUP BY outcome").fetchall())
