"""How long a start takes, and how much memory stays: the demo until the browser is answered, and a full engine.

The demo is started as a person starts it, twice: the first time the sample community is made. Then an engine takes in
110,000 items from SQLite without and with a snapshot of the vectors, each in a process of its own; the peer reads the
same rows with one bare SELECT and puts the vectors into a bare FAISS index.
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import IO, Any

import faiss
import numpy as np
import psutil  # type: ignore[import-untyped]

from benchmarks.report import Report, cpu_of, home_of, one_thread, resident, run, span
from benchmarks.world import DIMENSION, World, fill_store, make_world
from bot.app import Application
from bot.settings import read_settings

_OPEN = "is open: "
_PATIENCE = 600.0


def _lines(stream: IO[str], found: list[str], opened: threading.Event) -> None:
    for line in stream:
        found.append(line)
        if _OPEN in line:
            opened.set()


def demo(report: Report, home: Path, name: str) -> None:
    """Start, wait until a page comes, look at the memory, stop as Ctrl+C does (which saves the snapshot)."""
    command = [sys.executable, "-m", "bot", "--home", str(home), "demo", "--port", "0"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    opened = threading.Event()
    reader = threading.Thread(target=_lines, args=(process.stdout, lines, opened), daemon=True)
    reader.start()
    try:
        while not opened.wait(0.5):
            if process.poll() is not None or time.perf_counter() - began > _PATIENCE:
                raise SystemExit(f"the demo did not open: {''.join(lines)[-500:]}")
        address = lines[-1].split(_OPEN, 1)[1].split()[0]
        with urllib.request.urlopen(address, timeout=30) as page:
            assert page.status == 200
        ready = time.perf_counter() - began
        cpu = cpu_of(process.pid)
        children = psutil.Process(process.pid).children(recursive=True)
        main, encoder = resident(process.pid), max((resident(child.pid) for child in children), default=0.0)
        report.add(f"{name}: process start until the page is answered", ready, "s", f"{cpu:.1f} CPU s")
        report.add(f"{name}: resident, main process", main, "MB")
        report.add(f"{name}: resident, encoder process", encoder, "MB")
    finally:
        stopping = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait(60)
        reader.join(10)
        process.stdout.close()
    report.add(f"{name}: Ctrl+C until it has ended", time.perf_counter() - stopping, "s")


def engine_of(home: Path, world: World) -> Application:
    app = Application.open(read_settings(home=home, encoder=world.encoder.name))
    app.encoder = world.encoder
    return app


def take_in(home: Path) -> dict[str, float]:
    """What one process of its own measures: the engine of `home` from nothing to ready. Saves a snapshot."""
    world = make_world(1, 1)
    with engine_of(home, world) as app:
        before = resident()
        with span() as spent:
            app.engine.refresh()
        after, number = resident(), len(app.engine.shelf)
        with span() as saved:
            app.engine.save()
    return {
        "items": number,
        "wall": spent.wall,
        "cpu": spent.cpu,
        "grown": after - before,
        "resident": after,
        "save": saved.wall,
    }


def in_own_process(home: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.start", "--take-in", str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def bare(home: Path) -> float:
    """CPU seconds of reading every item with its vector, and of filling a bare index."""
    with span() as spent:
        connection = sqlite3.connect(home / "studyhall.db")
        rows: list[tuple[Any, ...]] = connection.execute(
            "SELECT i.*, v.vector FROM items i LEFT JOIN vectors v ON v.row = i.row ORDER BY i.revision"
        ).fetchall()
        matrix = np.frombuffer(b"".join(row[-1] for row in rows), dtype="<f4").reshape(-1, DIMENSION)
        index = faiss.IndexFlatIP(DIMENSION)
        index.add(np.ascontiguousarray(matrix, dtype=np.float32))
        connection.close()
    return spent.cpu


def engine(report: Report, folder: Path, courses: int, posts: int) -> None:
    home = home_of(folder, "engine")
    world = make_world(courses, posts)
    with engine_of(home, world) as app:
        fill_store(app.store, app.community.id, world)
    number = len(world.items)
    del world
    peer = bare(home)
    report.add(f"peer: SELECT and bare index of {number:,}", peer, "CPU s")
    without, with_snapshot = in_own_process(home), in_own_process(home)
    for name, found in (("without a snapshot", without), ("with a snapshot", with_snapshot)):
        if found["items"] != number:
            raise SystemExit(f"the engine holds {found['items']:.0f} items of {number}")
        report.add(f"engine {name}", found["wall"], "s", f"{found['cpu']:.1f} CPU s")
        report.ratio(f"engine {name}, against peer", found["cpu"], peer, "CPU; words, columns and checks come on top")
        report.add(f"engine {name}: memory it took", found["grown"], "MB", f"{found['resident']:.0f} MB resident")
    report.add("snapshot saved in", without["save"], "s")
    report.ratio("memory against the bare vectors", without["grown"], number * DIMENSION * 4 / 2**20)


def measure(report: Report, chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        home = folder / "demo"
        demo(report, home, "first start")
        demo(report, home, "second start")
        engine(report, folder, *((1_000, 10_000) if chosen.quick else (10_000, 100_000)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--take-in"]:
        sys.stdout.write(json.dumps(take_in(Path(sys.argv[2]))) + "\n")
        raise SystemExit(0)
    one_thread()
    raise SystemExit(run("start", __doc__, measure))
