"""What the rules of a digest cost in accuracy: the items people took next, in lists with and without them.

Learners of a recorded log (or a made-up one with `--quick`): everybody's last item is held out, the product's model and
recommender rank the rest from what came before, as they do for a digest. Lists of `--length`: the recommender's ranking
by score alone, the recommender's own list (diverse, mixed, with a surprise), and what a digest takes of it (a floor,
few by one author, one surprise, nothing of earlier digests). nDCG, hits and the share of lists with fewer than two
items, each with its 95 % interval over learners.

    python -m benchmarks.digest_quality                          the course data beside the project
    python -m benchmarks.digest_quality --quick                  a made-up world
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq

from benchmarks.answer import fill
from benchmarks.report import Report, one_thread, run
from benchmarks.world import NOW, World, make_learners, make_world
from bot.usecases.digest_choice import FEWEST, chosen
from recsys.fitting import fit
from recsys.reranking import EXPLORE
from recsys.shelf import Shelf
from recsys.types import Interaction, Item, Query, Recommendation

SHARED: Final = Path(__file__).resolve().parent.parent.parent / "shared/data/courses-mooc"
_DAY: Final = 86_400.0


def recorded(learners: int) -> tuple[list[Item], list[Interaction]]:
    """Courses and enrolments of the log, in the order in which it tells them; the held-out item is the last."""
    table = pq.read_table(SHARED / "train.parquet").to_pydict()
    later = dict(
        zip(*(pq.read_table(SHARED / "test.parquet").to_pydict()[name] for name in ("user", "item")), strict=True)
    )
    taken: dict[int, list[int]] = {}
    for user, item in zip(table["user"], table["item"], strict=True):
        taken.setdefault(int(user), []).append(int(item))
    users = [user for user in sorted(taken) if user in later][:learners]
    start = NOW.timestamp() - 300 * _DAY
    actions = [
        Interaction(f"member:{user}", f"course:{item}", "enrol", start + step * _DAY)
        for user in users
        for step, item in enumerate([*taken[user], int(later[user])])
    ]
    numbers = sorted({one.item for one in actions}, key=lambda name: int(name.partition(":")[2]))
    return [Item(name, row + 1, "course", name, language="en") for row, name in enumerate(numbers)], actions


def made_up() -> tuple[World, list[Interaction]]:
    world = make_world(1_000, 2_000)
    return world, make_learners(world, 1_500)


def last_out(actions: Sequence[Interaction]) -> tuple[list[Interaction], dict[str, list[Interaction]], dict[str, str]]:
    """(what is learnt from, everybody's history without the last, the last item of each)."""
    by_user: dict[str, list[Interaction]] = {}
    for one in sorted(actions, key=lambda one: one.at):
        by_user.setdefault(one.user, []).append(one)
    history = {user: done[:-1] for user, done in by_user.items() if len(done) >= 3}
    return (
        [one for done in history.values() for one in done],
        history,
        {user: by_user[user][-1].item for user in history},
    )


def gain(items: Sequence[str], wanted: str) -> float:
    """nDCG of one wanted item: 1 / log2(1 + place), 0 when it is not there."""
    return 1 / math.log2(2 + list(items).index(wanted)) if wanted in items else 0.0


def judged(report: Report, name: str, gains: Sequence[float]) -> None:
    values = np.asarray(gains)
    half = 1.96 * float(values.std(ddof=1)) / math.sqrt(len(values))
    report.add(
        f"{name}, nDCG", float(values.mean()), "", f"± {half:.4f}; found {100 * float((values > 0).mean()):.1f} %"
    )


def main(report: Report, chosen_options: argparse.Namespace) -> None:
    length = chosen_options.length
    now = NOW.timestamp()
    if chosen_options.quick or not SHARED.is_dir():
        world, actions = made_up()
        learnt, history, wanted = last_out(actions)
        shelf, items = Shelf(world.encoder, model=fit(learnt, now=now)), world.items
        fill(shelf, world)
    else:
        items, actions = recorded(chosen_options.learners)
        learnt, history, wanted = last_out(actions)
        shelf = Shelf(make_world(64, 1).encoder, model=fit(learnt, now=now))
        shelf.put([(item, None) for item in items])
    shelf.observe(learnt, now)
    random = np.random.default_rng(chosen_options.seed)
    users = [sorted(history)[at] for at in random.permutation(len(history))[: chosen_options.cases]]
    authors = {item.id: author(item) for item in items}
    lists: dict[str, Callable[[Query], list[str]]] = {
        "by score alone": lambda query: ids(by_score(shelf, query)[:length]),
        "the recommender's list": lambda query: ids(shelf.recommend(replace(query, k=length))),
        "a digest": lambda query: ids(digest(shelf, query, length, authors)),
    }
    for name, made in lists.items():
        gains, few, kinds = [], 0, 0
        for at, user in enumerate(users):
            query = Query(user, now, length, tuple(history[user]), seed=at)
            taken = made(query)
            few += len(taken) < FEWEST
            kinds += len({item.partition(":")[0] for item in taken}) >= 2
            gains.append(gain(taken, wanted[user]))
        judged(report, name, gains)
        share = 100 / len(users)
        report.add(f"{name}, two kinds or more", kinds * share, "%", f"fewer than two items: {few * share:.1f} %")
    report.add("learners judged", len(users), "", f"lists of {length}, {len(items):,} items")


def author(item: Item) -> tuple[str, bool]:
    return item.author, item.kind != "course"


def ids(found: Sequence[Recommendation]) -> list[str]:
    return [one.item for one in found]


def by_score(shelf: Shelf, query: Query) -> list[Recommendation]:
    """A long list by its scores, without surprises: what the rules choose from."""
    found = shelf.recommend(replace(query, k=60, explore=False))
    return sorted(found, key=lambda one: (-sum(part.value for part in one.reasons if part.value > 0), one.rank))


def digest(shelf: Shelf, query: Query, length: int, authors: dict[str, tuple[str, bool]]) -> list[Recommendation]:
    """As `bot.usecases.digest` asks and takes."""
    found = shelf.recommend(replace(query, k=2 * length + 8))
    assert all(one.propensity <= 1 for one in found if one.policy == EXPLORE)
    return chosen(found, length, authors.__getitem__)


if __name__ == "__main__":
    one_thread()
    sys.exit(
        run(
            "digest_quality",
            __doc__,
            main,
            [
                ("--cases", {"type": int, "default": 1_500, "help": "learners that are judged"}),
                ("--learners", {"type": int, "default": 20_000, "help": "of the log, for learning from"}),
                ("--length", {"type": int, "default": 5, "help": "of the lists"}),
                ("--seed", {"type": int, "default": 5, "help": "who is drawn"}),
            ],
        )
    )
