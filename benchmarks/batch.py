"""Lists for many members one after another: how long for 100,000, and does memory grow.

10,000 courses and 100,000 discussions with vectors of 512 dimensions; members who did nothing up to 80 things. The
peer is the bare linear algebra of a list (see `benchmarks.members`) as often. `--members` and `--processes` do a full
run: each process takes its share of the members, on one thread.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from statistics import median

from benchmarks.answer import fill
from benchmarks.members import bare, members
from benchmarks.report import Report, one_thread, percentile, repeated, resident, run, span
from benchmarks.world import NOW, World, make_learners, make_world
from recsys.fitting import fit
from recsys.shelf import Shelf
from recsys.types import Query

ALL = 100_000
_AT_ONCE = 500


def ready(world: World, learners: int) -> Shelf:
    now = NOW.timestamp()
    done = make_learners(world, learners)
    shelf = Shelf(world.encoder, model=fit(done, now=now))
    fill(shelf, world)
    shelf.observe(done, now)
    return shelf


def drained(lists: Iterable[Sequence[object]]) -> int:
    """Take every list and keep none."""
    return sum(1 for one in lists if one)


def in_pages(queries: Iterator[Query], page: int) -> Iterator[list[Query]]:
    while taken := list(islice(queries, page)):
        yield taken


def paged(shelf: Shelf, queries: Iterator[Query], workers: int) -> tuple[int, float, float, list[float]]:
    """(lists, CPU seconds, wall seconds, MB resident after each page), without what it costs to make up the members."""
    lists, cpu, wall, memory = 0, 0.0, 0.0, []
    for page in in_pages(queries, _AT_ONCE):
        with span() as one:
            lists += drained(shelf.batch(page, workers=workers))
        cpu, wall = cpu + one.cpu, wall + one.wall
        memory.append(resident())
    return lists, cpu, wall, memory


def full(world: World, shelf: Shelf, number: int, processes: int, report: Report) -> None:
    """All members in `processes` processes at once. They share what was built before, and write nothing."""

    def share(at: int) -> Iterator[Query]:
        return islice(members(world, number), at, None, processes)

    # A fork is safe as long as no library of this process has threads of its own, which one_thread sees to.
    context = multiprocessing.get_context("fork")

    def go(at: int) -> None:
        done = drained(shelf.batch(share(at)))
        os._exit(0 if done == len(range(at, number, processes)) else 1)

    began = time.perf_counter()
    running = [context.Process(target=go, args=(at,)) for at in range(processes)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise SystemExit("a process ended early")
    seconds = time.perf_counter() - began
    report.add(f"{number:,} members, {processes} processes", seconds, "s", "wall, with making up the members")


def measure(report: Report, chosen: argparse.Namespace) -> None:
    courses, posts, learners, number = (1_000, 10_000, 500, 500) if chosen.quick else (10_000, 100_000, 8_000, 5_000)
    world = make_world(courses, posts)
    shelf = ready(world, learners)
    floor: Callable[[int], object] = bare(world)
    _, cpu = repeated(floor, 200, warm=64)
    drained(shelf.batch(members(world, 100, seed=60)))
    before = resident()
    lists, spent, _, memory = paged(shelf, members(world, number), 1)
    one = spent / lists
    report.add("bare linear algebra of a list", median(cpu) * 1000, "CPU ms", f"p95 {percentile(cpu, 0.95) * 1000:.2g}")
    report.add("a list", one * 1000, "CPU ms", f"mean of {lists:,}")
    report.ratio("a list against bare linear algebra", one, median(cpu))
    report.add(f"{ALL:,} lists on one core", one * ALL, "CPU s", "the goal: 300 s on two cores")
    report.add("memory that the batch took", max(memory) - before, "MB", "whatever their number")
    report.add("growth over the second half", memory[-1] - memory[len(memory) // 2], "MB")
    some = list(members(world, min(number, 1_000)))
    for workers in (1, 2):
        with span() as taken:
            drained(shelf.batch(some, workers=workers))
        report.add(
            f"threads: {workers}", len(some) / taken.wall, "lists/s", f"{taken.cpu / len(some) * 1000:.2g} CPU ms"
        )
    if chosen.members:
        full(world, shelf, chosen.members, chosen.processes, report)


if __name__ == "__main__":
    one_thread()
    raise SystemExit(
        run(
            "batch",
            __doc__,
            measure,
            [
                ("--members", {"type": int, "default": 0, "help": "also lists for so many members, in processes"}),
                ("--processes", {"type": int, "default": 2, "help": "how many"}),
            ],
        )
    )
