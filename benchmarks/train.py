"""A night's training at scale: from the store's log to a published model, with what it costs parent and child.

100,000 members x 10,000 items x 10 million actions (--quick: 5,000 x 1,000 x 250,000), made up: everybody has one of
a hundred subjects, takes courses of it in about their order, and others by popularity. With --again a second training
after some new actions, which judges the new model against the first. Compared with the bare LAPACK inverse of a matrix
of so many items.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
from numpy.typing import NDArray
from scipy.linalg import lapack

from benchmarks.report import Report, one_thread, run
from bot.surroundings import SystemClock
from bot.usecases.training import Train
from recsys.versions import Versions
from storage import open_store, upgrade

_SUBJECTS = 100
_BATCH = 100_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_MB = 1024


def actions(rng: np.random.Generator, users: int, items: int, each: int) -> NDArray[np.int32]:
    """Items in order of time, shape (users, each); an item may come twice, as in life."""
    size = items // _SUBJECTS
    subject = rng.integers(0, _SUBJECTS, (users, 1))
    start = rng.integers(0, size, (users, 1))
    along = subject * size + (start + np.cumsum(rng.integers(0, 3, (users, each)), axis=1)) % size
    popular = np.minimum(rng.zipf(1.3, (users, each)) - 1, items - 1)
    mixed = np.random.default_rng(1).permutation(items)[popular]
    return np.where(rng.random((users, each)) < 0.7, along, mixed).astype(np.int32)


def fill(file: Path, users: int, items: int, each: int) -> None:
    """Rows as the store writes them, without its checks: only the reading is measured."""
    moment = [_words(_START + timedelta(minutes=step)) for step in range(each)]
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("PRAGMA journal_mode=OFF")
        raw.execute(
            "INSERT INTO communities (id, name, language, timezone, revision, sequence, sample)"
            " VALUES (1, 'Scale', 'en', 'UTC', 0, ?, 0)",
            (users * each,),
        )
        columns = [row[1:] for row in raw.execute("PRAGMA table_info(members)")]
        given: dict[str, Any] = {"community_id": 1, "timezone": "UTC", "role": "member", "bot": 0}
        # Whatever else a member has may be empty here.
        names = [name for name, _, needed, _, _ in columns if needed or name in given]
        row = [given.get(name, "[]" if kind == "JSON" else moment[0] if "DATE" in kind else "") for name, kind, *_ in
               [column for column in columns if column[0] in names]]  # fmt: skip
        at = names.index("id")
        marks = ",".join("?" * len(names))
        raw.executemany(
            f"INSERT INTO members ({','.join(names)}) VALUES ({marks})",
            ([*row[:at], number, *row[at + 1 :]] for number in range(1, users + 1)),
        )
        raw.executemany(
            "INSERT INTO consents (community_id, member_id, kind) VALUES (1, ?, 'enrolments')",
            ((number,) for number in range(1, users + 1)),
        )
        rng = np.random.default_rng(0)
        taken = actions(rng, users, items, each)
        number = 0
        for step in range(each):
            rows = [
                (number + user + 1, 1, number + user + 1, user + 1, f"course:{item:05d}", "enrol", moment[step],
                 f"{number + user}", 1.0, "")
                for user, item in enumerate(taken[:, step].tolist())
            ]  # fmt: skip
            raw.executemany(
                "INSERT INTO interactions (id, community_id, sequence, member_id, item, signal, at, key, value, reason)"
                " VALUES (?,?,?,?,?,?,?,?,?,?)",
                rows,
            )
            number += users
        raw.commit()


def _words(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def bare_inverse(items: int) -> float:
    """CPU seconds of Cholesky and inverse of one float32 matrix, and nothing else."""
    gram = np.full((items, items), 0.5, dtype=np.float32, order="F")
    gram[np.diag_indices(items)] += items
    begun = time.process_time()
    factor, _ = lapack.spotrf(gram, lower=1, overwrite_a=1, clean=0)
    lapack.spotri(factor, lower=1, overwrite_c=1)
    return time.process_time() - begun


def measure(report: Report, chosen: argparse.Namespace) -> None:
    users, items, each = (5_000, 1_000, 50) if chosen.quick else (100_000, 10_000, 100)
    report.add("bare inverse of that many items, CPU", bare := bare_inverse(items), "s")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=chosen.folder) as scratch:
        file = Path(scratch) / "studyhall.db"
        upgrade(f"sqlite:///{file}")
        fill(file, users, items, each)
        report.add("actions in the store", users * each)
        store = open_store(f"sqlite:///{file}")
        versions = Versions(Path(scratch) / "models")
        train = Train(store, SystemClock(), versions, lambda _: None, lambda _: True)
        with store.read() as uow:
            community = uow.communities.all()[0]
        _one(report, "first", train, community, bare)
        if chosen.again:
            _newer(file, users, items, each)
            _one(report, "second", train, community, bare)
        store.close()


def _newer(file: Path, users: int, items: int, each: int) -> None:
    """One more action of every twentieth member."""
    taken = actions(np.random.default_rng(2), users // 20, items, 1)[:, 0].tolist()
    at = _words(_START + timedelta(days=300))
    first = users * each
    with closing(sqlite3.connect(file)) as raw:
        raw.executemany(
            "INSERT INTO interactions (community_id, sequence, member_id, item, signal, at, key, value, reason)"
            " VALUES (1,?,?,?,'enrol',?,?,1.0,'')",
            [(first + n + 1, 20 * n + 1, f"course:{item:05d}", at, f"new {n}") for n, item in enumerate(taken)],
        )
        raw.execute("UPDATE communities SET sequence = ?", (first + len(taken),))
        raw.commit()


def _one(report: Report, name: str, train: Train, community: Any, bare: float) -> None:
    parent, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with _watching() as peak:
        ended = train(community)
    wall = time.perf_counter() - begun
    of_parent = _cpu(resource.getrusage(resource.RUSAGE_SELF)) - _cpu(parent)
    of_child = _cpu(resource.getrusage(resource.RUSAGE_CHILDREN)) - _cpu(child)
    note = f"{ended.outcome}, {ended.version.figures if ended.version else {}}"
    report.add(f"{name} training, wall", wall, "s", note)
    report.add(f"{name} training, CPU of the parent", of_parent, "s", "reading the log")
    report.add(f"{name} training, CPU of the child", of_child, "s")
    report.ratio(f"{name} training, CPU against the bare inverse", of_parent + of_child, bare)
    report.add("peak memory of the parent", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB, "MB")
    report.add("peak memory of the child", max(peak, default=0.0), "MB")


@contextmanager
def _watching() -> Iterator[list[float]]:
    """Highest resident memory of the child so far, in MB. (ru_maxrss of a child begins with its parent's.)"""
    seen: list[float] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            for child in psutil.Process().children():
                with suppress(OSError, psutil.Error, ValueError, StopIteration):
                    if "recsys.training" not in child.cmdline():
                        continue  # not yet itself: until then the numbers are its parent's
                    lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
                    seen.append(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / _MB)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    one_thread()
    raise SystemExit(
        run(
            "train",
            __doc__,
            measure,
            (
                ("--folder", {"default": None, "help": "where the database is made (5 GB)"}),
                ("--again", {"action": "store_true", "help": "train a second time, against the first model"}),
            ),
        )
    )
