"""How long a member waits for a list: search, recommendations, and a press until the list has changed.

10,000 courses and 100,000 discussions with vectors of 512 dimensions around 200 topics, in memory; the encoder is a
table, so that everything after it is measured. The peers hold the same vectors and give the nearest 50 rows, nothing
else: a bare FAISS IndexFlatIP and one matrix product in NumPy, all on one thread. `--store` adds the whole way of a
press through SQLite.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.members import bare, members
from benchmarks.report import Report, home_of, one_thread, percentile, repeated, run, span
from benchmarks.world import (
    NOW,
    SPREAD,
    World,
    declares,
    fill_store,
    make_learners,
    make_world,
    normalised,
    questions,
    warm_history,
)
from bot.app import Application
from bot.domain.interactions import Interaction as Act
from bot.domain.interactions import Signal
from bot.domain.items import ItemId
from bot.settings import read_settings
from recsys.fitting import fit
from recsys.index import FaissIndex
from recsys.recommender import Recommender
from recsys.shelf import Shelf
from recsys.types import PUBLIC, Admits, Declared, Filter, Interaction, Matrix, Query

NEAREST = 50
K = 10
_PAGE = 2_000
_DIFFUSE = 2.0


def fill(shelf: Shelf, world: World) -> None:
    for at in range(0, len(world.items), _PAGE):
        shelf.put(list(zip(world.items[at : at + _PAGE], world.vectors[at : at + _PAGE], strict=True)))
    shelf.settle()


def peers(world: World, asked: Sequence[str], report: Report) -> tuple[float, float]:
    """Median CPU seconds of FAISS and of NumPy for one query."""
    flat = faiss.IndexFlatIP(world.vectors.shape[1])
    flat.add(world.vectors)
    faiss.omp_set_num_threads(1)
    queries = world.encoder.encode(asked)

    def by_faiss(number: int) -> object:
        return flat.search(queries[number : number + 1], NEAREST)

    def by_numpy(number: int) -> object:
        scores = world.vectors @ queries[number]
        nearest = np.argpartition(scores, -NEAREST)[-NEAREST:]
        return nearest[np.argsort(-scores[nearest])]

    found: list[float] = []
    for name, work in (("peer: FAISS IndexFlatIP", by_faiss), ("peer: NumPy product", by_numpy)):
        wall, cpu = repeated(work, len(asked))
        report.times(name, wall)
        found.append(median(cpu))
    return found[0], found[1]


def timed(report: Report, name: str, work: Callable[[int], object], times: int) -> float:
    """Median CPU seconds."""
    wall, cpu = repeated(work, times)
    report.times(name, wall)
    report.add(f"{name}, CPU p50", median(cpu) * 1000, "CPU ms", f"p95 {percentile(cpu, 0.95) * 1000:.3g}")
    return median(cpu)


class Exactly:
    """An index that misses nothing of what is near."""

    def __init__(self, index: FaissIndex) -> None:
        self._index = index
        self.dimension, self.held, self.vectors, self.search = index.dimension, index.held, index.vectors, index.search
        self.products = index.products

    def __len__(self) -> int:
        return len(self._index)

    def near(
        self,
        queries: Matrix,
        k: int,
        admits: Admits,
        *,
        standing: int = 0,  # noqa: ARG002 - nothing is remembered
    ) -> list[NDArray[np.int64]]:
        rows = self._index.rows()
        found = self._index.search(queries, k, allowed=rows[admits(rows)])
        return [np.asarray(sorted(hit.row for hit in hits), dtype=np.int64) for hits in found]


def agreement(report: Report, world: World, shelf: Shelf, number: int) -> None:
    """The same queries, answered with every vector looked at."""
    index = shelf.vectors.get(PUBLIC)
    if not isinstance(index, FaissIndex):
        raise SystemExit("there are no public vectors")
    exactly = Exactly(index)
    exact = Recommender(
        shelf.corpus,
        {PUBLIC: exactly},  # type: ignore[dict-item]  # what a recommender asks of an index
        shelf.model,
        shelf.topic_vector,
        participation=shelf.participation,
    )
    queries = list(members(world, number, k=K, seed=8))
    pairs = [
        ([one.item for one in shelf.recommend(query)], [one.item for one in exact.recommend(query)])
        for query in queries
    ]
    same = sum(ours == theirs for ours, theirs in pairs)
    shared = sum(len(set(ours) & set(theirs)) for ours, theirs in pairs)
    report.add("lists that are those of an exact search", same / number, "", f"{number} members, ten items, explored")
    report.add("items shared with them", shared / sum(len(theirs) for _, theirs in pairs))
    random = np.random.default_rng(9)
    found = wanted = 0
    for _ in range(number):
        some = world.vectors[random.integers(0, len(world.vectors), 1)] + 0.02 * random.standard_normal(
            (1, world.vectors.shape[1]), dtype=np.float32
        )
        centre = normalised(some)
        near, best = index.near(centre, 100, _everything)[0], exactly.near(centre, 100, _everything)[0]
        found, wanted = found + len(np.intersect1d(near, best)), wanted + len(best)
    report.add("of the nearest hundred found", found / wanted)


def _everything(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.ones(len(rows), dtype=np.bool_)


def in_memory(report: Report, world: World, learners: Sequence[Interaction], times: int) -> None:
    asked, now, where = questions(times), NOW.timestamp(), Filter()
    by_faiss, by_numpy = peers(world, asked, report)
    with span() as trained:
        model = fit(learners, now=now)
    report.add("collaborative model trained in", trained.cpu, "CPU s", f"{len(model)} courses")
    shelf = Shelf(world.encoder, model=model)
    with span() as filled:
        fill(shelf, world)
    report.add("shelf filled", len(world.items) / filled.cpu, "items per CPU s")
    me = "member:1"
    history = warm_history(world, me)
    shelf.observe([*learners, *history], now, people=declares(world, learners))
    shelf.settle()

    search = timed(report, "search", lambda at: shelf.search(asked[at], k=K, where=where, now=now), times)
    only = Filter(kinds=frozenset({"course"}), languages=frozenset({"en"}), max_hours=20.0)
    timed(report, "search, filtered", lambda at: shelf.search(asked[at], k=K, where=only, now=now), times)
    newcomer = Declared(topics=("topic3", "topic77", "topic150"), level=0, languages=("en",))
    queries = {
        "recommend, 40 interactions": Query(me, now, K, history, Declared(languages=("en",))),
        "recommend, newcomer with topics": Query("member:2", now, K, declared=newcomer),
        "recommend, nothing known": Query("member:3", now, K),
    }
    spent = {
        name: timed(report, name, lambda at, query=query: shelf.recommend(replace(query, seed=at)), times)  # type: ignore[misc]
        for name, query in queries.items()
    }
    others = [
        Query(
            f"member:{at}", now, K, warm_history(world, f"member:{at}", seed=at), Declared(languages=("en",)), seed=at
        )
        for at in range(times)
    ]
    # Nothing that was kept of somebody's last list could help here.
    name = "recommend, 40 interactions, another member each"
    spent[name] = timed(report, name, lambda at: shelf.recommend(others[at]), times)
    report.ratio("search against FAISS", search, by_faiss, "median CPU; below 1: FAISS scans on one thread too")
    report.ratio("search against NumPy", search, by_numpy)
    work = bare(world)
    _, floor = repeated(work, times, warm=64)
    report.add("bare linear algebra of a list", median(floor) * 1000, "CPU ms", "see benchmarks/members.py")
    for name, seconds in spent.items():
        report.ratio(f"{name}, against FAISS", seconds, by_faiss)
        report.ratio(f"{name}, against bare linear algebra", seconds, median(floor))
    agreement(report, world, shelf, max(20, times // 2))
    press(report, shelf, queries["recommend, 40 interactions"], max(10, times // 4))


def press(report: Report, shelf: Shelf, query: Query, times: int) -> None:
    """A member saves what stands first; the shelf counts it; the next list has changed."""
    waits: list[float] = []
    taken_in: list[float] = []
    query = replace(query, explore=False)
    before = [one.item for one in shelf.recommend(query)]
    for _ in range(times):
        act = Interaction(query.user or "", before[0], "save", query.now)
        began = perf_counter()
        with span() as one_press:
            shelf.observe([act], query.now)
        taken_in.append(one_press.cpu)
        query = replace(query, history=(*query.history, act))
        after = [one.item for one in shelf.recommend(query)]
        waits.append(perf_counter() - began)
        if after == before:
            raise SystemExit("a press changed nothing")
        before = after
    report.times("press until the list has changed", waits)
    report.add("a press taken in", median(taken_in) * 1000, "CPU ms", "no retraining; the list itself is above")


def through_the_store(report: Report, world: World, times: int, folder: Path) -> None:
    """The same press with everything around it: the act is durable, the engine reads it, the list is made of it."""
    settings = read_settings(home=home_of(folder, "home"), encoder=world.encoder.name)
    with Application.open(settings) as app:
        app.encoder = world.encoder
        member = fill_store(app.store, app.community.id, world)
        with span() as refreshed:
            app.engine.refresh()
        report.add("store: engine took in everything", len(world.items) / refreshed.cpu, "items per CPU s")
        history = warm_history(world, f"member:{member.id}")
        acts = [
            Act(member.id, ItemId(one.item), Signal(one.signal), NOW, f"warm:{at}") for at, one in enumerate(history)
        ]
        with app.store.write() as uow:
            uow.interactions.add_many(app.community.id, acts)
            uow.commit()
        with app.store.read() as uow:
            viewer = uow.rooms.viewer(member)
        suggest = app.suggest

        def listed() -> list[str]:
            return [one.item for one in suggest(member, viewer, k=K, at=NOW, explore=False).items]

        before = listed()
        timed(report, "store: suggest", lambda _: listed(), times)
        waits: list[float] = []
        for number in range(max(10, times // 4)):
            act = Act(member.id, ItemId(before[0]), Signal.SAVE, NOW, f"press:{number}")
            began = perf_counter()
            with app.store.write() as uow:
                uow.interactions.add(app.community.id, act)
                uow.commit()
            after = listed()
            waits.append(perf_counter() - began)
            if after == before:
                raise SystemExit("a press changed nothing")
            before = after
        report.times("store: press until the list has changed", waits)


def measure(report: Report, chosen: argparse.Namespace) -> None:
    courses, posts, learners, times = (1_000, 10_000, 500, 40) if chosen.quick else (10_000, 100_000, 8_000, 200)
    world = make_world(courses, posts, spread=_DIFFUSE if chosen.diffuse else SPREAD)
    in_memory(report, world, make_learners(world, learners), times)
    if chosen.store:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            through_the_store(report, world, times, Path(scratch))


if __name__ == "__main__":
    one_thread()
    store = ("--store", {"action": "store_true", "help": "also through SQLite"})
    diffuse = (
        "--diffuse",
        {"action": "store_true", "help": "texts in no clusters: what is near is found by a scan of all"},
    )
    raise SystemExit(run("answer", __doc__, measure, [store, diffuse]))
