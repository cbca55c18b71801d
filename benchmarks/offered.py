"""So many messages a second offered to a whole adapter for a minute, over real sockets, by a process of its own.

The program runs as an operator starts it, the platform is the strict test server of that platform. Printed: how late
what was offered is durable (its update confirmed), what was lost, memory and CPU of both, how late the event loop is,
and how long after the last message everything was handled by the use-cases too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.report import Report, cpu_of, home_of, resident, run

PLATFORMS: Final = ("discord", "telegram")
"""Each has a generator of its own, ``benchmarks.offering.<name>``."""
PATIENCE: Final = 300.0
_READ_EVERY: Final = 0.25


def started(*command: str, log: IO[str], env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=env
    )


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that it says; raises SystemExit when it has ended instead."""
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said:
        raise SystemExit(f"a process ended with {process.wait()}")
    return said


def say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def asked(database: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(question).fetchall()


def pending(database: Path) -> int:
    return int(asked(database, "SELECT count(*) FROM inbox WHERE state = 'pending'")[0][0])


def offer(platform: str, rate: float, seconds: float, encoder: str, folder: Path, report: Report) -> None:
    home, out = home_of(folder, platform), folder / "probe.json"
    environment = os.environ | {"STUDYHALL_ENCODER": encoder, "STUDYHALL_PORT": "0", "STUDYHALL_LOG_LEVEL": "WARNING"}
    with (folder / "generator.log").open("w") as one, (folder / "program.log").open("w") as other:
        given = ("--rate", str(rate), "--seconds", str(seconds))
        # Where the platform is told nothing of what is durable, its generator looks for itself.
        looking = environment | {"BENCH_DATABASE": str(home / "studyhall.db")}
        generator = started(f"benchmarks.offering.{platform}", *given, log=one, env=looking)
        program: subprocess.Popen[str] | None = None
        try:
            settings = json.loads(line_of(generator))["settings"]
            told = (str(home), str(out))
            program = started("benchmarks.offering.program", *told, log=other, env=environment | settings)
            line_of(program)
            time.sleep(2.0)  # menus are set, the first question is asked
            before, cpu = resident(program.pid), cpu_of(program.pid)
            say(generator)
            began = time.monotonic()
            result, most = _watched(generator, program.pid)
            behind = pending(home / "studyhall.db")
            drained = _drained(home / "studyhall.db")
            whole = time.monotonic() - began
            _say(report, result, rate)
            report.add("waiting for the use-cases at the end", behind, "updates")
            report.add("everything handled after the last", drained + result["confirmed_after"], "s")
            report.add("handled", result["offered"] / whole, "msg/s", "over all of the time")
            _judge(home / "studyhall.db", result, report)
            spent = cpu_of(program.pid) - cpu
            report.add("program, CPU", spent / result["offered"] * 1000, "ms/msg", f"{spent / whole:.2f} of a core")
            busy = result["cpu"] / result["took"]
            report.add("generator, CPU", result["cpu"] / result["offered"] * 1000, "ms/msg", f"{busy:.2f} of a core")
            report.add("program, memory before", before, "MB")
            report.add("program, memory at most", most, "MB")
            report.add("program, memory after", resident(program.pid), "MB")
            program.send_signal(signal.SIGTERM)
            code = program.wait(60)
            probe = json.loads(out.read_text("utf-8"))
            for share in ("p50", "p95", "p99", "max"):
                report.add(f"event loop late, {share}", probe[share], "ms")
            report.add("exit code", code)
        finally:
            for process in (generator, program):
                if process is not None and process.poll() is None:
                    process.kill()
                    process.wait()


def _watched(generator: subprocess.Popen[str], pid: int) -> tuple[dict[str, Any], float]:
    """What the generator says in the end, and the most memory that the program took meanwhile."""
    import threading

    most, over = [resident(pid)], threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            most.append(resident(pid))

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    try:
        result = json.loads(line_of(generator))
    finally:
        over.set()
        watching.join()
    return result, max(most)


def _drained(database: Path) -> float:
    began = time.monotonic()
    while pending(database):
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{pending(database)} updates were not handled within {PATIENCE:g} s")
        time.sleep(_READ_EVERY)
    return time.monotonic() - began


def _say(report: Report, result: dict[str, Any], rate: float) -> None:
    report.add("offered", result["offered"], "updates", f"{result['messages']:,} messages, the others reactions")
    report.add("rate", result["offered"] / result["took"], "msg/s", f"asked for {rate:g}")
    for share in ("p50", "p95", "p99", "max"):
        report.add(f"durable after, {share}", result["lag"].get(share, float("nan")), "ms")
    report.add("not confirmed", result["offered"] - result["confirmed"])
    if answered := result.get("answered"):
        for share in ("p50", "p95", "max"):
            report.add(f"a command meanwhile answered after, {share}", answered.get(share, float("nan")), "ms")
        report.add("commands not answered within a minute", answered["not"], "", f"of {answered['asked']}")


def _judge(database: Path, result: dict[str, Any], report: Report) -> None:
    states = dict(asked(database, "SELECT state, count(*) FROM inbox GROUP BY state"))
    stored = int(asked(database, "SELECT count(*) FROM messages WHERE NOT by_bot")[0][0])
    twice = int(asked(database, "SELECT count(*) - count(DISTINCT room_id || ':' || native_id) FROM messages")[0][0])
    report.add("messages lost", result["messages"] - stored)
    report.add("messages stored twice", twice)
    report.add("updates parked", states.get("parked", 0))


def measure(report: Report, chosen: argparse.Namespace) -> None:
    seconds = min(chosen.seconds, 5.0) if report.quick else chosen.seconds
    for platform in [chosen.platform] if chosen.platform else PLATFORMS:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=chosen.folder) as scratch:
            offer(platform, chosen.rate, seconds, chosen.encoder, Path(scratch), report)


if __name__ == "__main__":
    options: list[tuple[str, dict[str, Any]]] = [
        ("--platform", {"choices": PLATFORMS, "default": None, "help": "default: every one, one after the other"}),
        ("--rate", {"type": float, "default": 1000.0}),
        ("--seconds", {"type": float, "default": 60.0}),
        ("--encoder", {"default": "hashing", "help": "default: one that loads no weights"}),
        ("--folder", {"type": Path, "default": None, "help": "the disk to measure (default: the temporary one)"}),
    ]
    raise SystemExit(run("offered", __doc__, measure, options))
