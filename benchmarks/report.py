"""What every benchmark shares: options, clocks, percentiles and one report. Knows nothing of what is measured."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_MB: Final = 1024 * 1024


@dataclass(slots=True)
class Span:
    """Seconds of wall clock, and of CPU time of this process and of the processes that were named."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def span(*others: int | None) -> Iterator[Span]:
    """Measures the block. `others`: process ids whose CPU time counts too (None is passed over)."""
    found = Span()
    pids = [pid for pid in others if pid is not None]
    cpu, wall = time.process_time() + sum(map(cpu_of, pids)), time.perf_counter()
    yield found
    found.wall = time.perf_counter() - wall
    found.cpu = time.process_time() + sum(map(cpu_of, pids)) - cpu


def cpu_of(pid: int) -> float:
    """Seconds of CPU time that a process has used (in steps of 10 ms on Linux)."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def resident(pid: int | None = None) -> float:
    """Resident memory of a process (default: this one) in MB."""
    return float(psutil.Process(pid).memory_info().rss) / _MB


def repeated(work: Callable[[int], object], times: int, *, warm: int = 2) -> tuple[list[float], list[float]]:
    """(wall, CPU) seconds of each call of `work(number)`, after `warm` calls that do not count.

    The CPU time is that of the whole process: nothing else may run in it meanwhile.
    """
    wall: list[float] = []
    cpu: list[float] = []
    for number in range(-warm, times):
        with span() as one:
            work(abs(number))
        if number >= 0:
            wall.append(one.wall)
            cpu.append(one.cpu)
    return wall, cpu


def percentile(seconds: Iterable[float], share: float) -> float:
    """The smallest value that `share` (0-1) of the values do not exceed. ValueError for no values."""
    ordered = sorted(seconds)
    if not ordered:
        raise ValueError("no values")
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    note: str


@dataclass(slots=True)
class Report:
    """The figures of one run, in the order in which they were measured."""

    benchmark: str
    quick: bool
    figures: list[Figure] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    def add(self, name: str, value: float, unit: str = "", note: str = "") -> float:
        self.figures.append(Figure(name, value, unit, note))
        return value

    def times(self, name: str, wall: Sequence[float], *shares: float) -> None:
        """Percentiles of wall seconds, in milliseconds."""
        for share in shares or (0.5, 0.95):
            self.add(f"{name}, p{share * 100:g}", percentile(wall, share) * 1000, "ms")

    def ratio(self, name: str, ours: float, peer: float, note: str = "") -> float:
        """How many times the peer's (or the limit's) figure ours is."""
        return self.add(name, ours / peer if peer else float("nan"), "x", note)

    def table(self) -> str:
        widest = max((len(figure.name) for figure in self.figures), default=0)
        lines = [f"{self.benchmark}{' (quick)' if self.quick else ''}", ""]
        lines += [
            f"  {figure.name:<{widest}}  {_shown(figure.value):>10} {figure.unit:<8}  {figure.note}".rstrip()
            for figure in self.figures
        ]
        seconds = time.perf_counter() - self.started
        lines += ["", f"  {seconds:.0f} s; load average {self.load:.1f} -> {os.getloadavg()[0]:.1f} on {_machine()}"]
        return "\n".join(lines)

    def line(self) -> str:
        """One line of JSON."""
        document: dict[str, Any] = {
            "benchmark": self.benchmark,
            "quick": self.quick,
            "seconds": round(time.perf_counter() - self.started, 1),
            "load": [round(self.load, 2), round(os.getloadavg()[0], 2)],
            "machine": _machine(),
            "figures": [
                {"name": figure.name, "value": float(f"{figure.value:.4g}"), "unit": figure.unit}
                | ({"note": figure.note} if figure.note else {})
                for figure in self.figures
            ],
        }
        return json.dumps(document, ensure_ascii=False, allow_nan=False)


Option = tuple[str, dict[str, Any]]


def run(
    name: str, about: str | None, measure: Callable[[Report, argparse.Namespace], None], options: Sequence[Option] = ()
) -> int:
    """Read the command line, measure, print. `options`: what add_argument takes, beside --quick and --json."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute: does it run, is it sane")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of the table")
    for flag, details in options:
        parser.add_argument(flag, **details)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    report = Report(name, chosen.quick)
    measure(report, chosen)
    sys.stdout.write((report.line() if chosen.json else report.table()) + "\n")
    return 0


def one_thread() -> None:
    """One compute thread for every numeric library, ours and the peers', as in the running program.

    The libraries read this once, when they are loaded: a process that has not said it is replaced by one that has.
    """
    if all(os.environ.get(name) == "1" for name in _THREADS):
        return
    environment = dict(os.environ, **dict.fromkeys(_THREADS, "1"))
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def home_of(folder: Path, name: str) -> Path:
    """A fresh data folder."""
    home = folder / name
    home.mkdir(parents=True)
    return home


def _shown(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"
