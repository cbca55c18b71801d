"""Fake accounts that push one item: how many honest learners get it into their first ten, and what the defence costs.

On real course data (learners and the order of their courses). Fakes are 1 % and 5 % of the accounts, made within days;
each takes as many courses as a learner does, and last the target, a course that few took. Fillers: `random` any course,
`average` by popularity, `bandwagon` the most popular, `copied` the history of a learner, `short` two of the most
popular, `topical` what goes with one popular course. A tenth of the honest learners is as young as they are. `aged`
fakes have waited until they are young no more: the defence against young crowds does not see them. With `--last` below
1 only so many of the fakes end with the target, the others have it anywhere: so it looks less like what is pushed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.report import Report, one_thread, run
from recsys.cohesion import cohesive
from recsys.collaborative import CollaborativeModel
from recsys.crowding import AGE, uncrowded
from recsys.fitting import FitParameters, fit_log
from recsys.gathering import ActionColumns, gather
from recsys.signals import DAY
from recsys.trial import top
from recsys.types import Interaction

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "courses-mooc"
NOW: Final = 1_000 * DAY
_LATER: Final = ("copied", "short", "topical")
FILLERS: Final = ("random", "average", "bandwagon", *_LATER)
_YOUNG: Final = 0.1
_BEST: Final = 50
_FEW: Final = (5, 30)
_MANY: Final = (40, 400)

Integers = NDArray[np.int64]


def honest(count: int) -> tuple[Integers, Integers, Integers]:
    """(users, items, next item) of the first learners of a random order, numbered anew."""
    train, test = pq.read_table(DATA / "train.parquet"), pq.read_table(DATA / "test.parquet")
    users, items, order = (train[name].to_numpy() for name in ("user", "item", "order"))
    truth = dict(zip(test["user"].to_pylist(), test["item"].to_pylist(), strict=True))
    drawn = np.random.default_rng(0).permutation(np.unique(users))[:count]
    number = {user: place for place, user in enumerate(drawn.tolist())}
    mine = np.isin(users, drawn)
    users, items, order = users[mine], items[mine], order[mine]
    codes = np.asarray([number[user] for user in users.tolist()], dtype=np.int64)
    line = np.lexsort((order, codes))
    return codes[line], items[line].astype(np.int64), np.asarray([truth.get(user, -1) for user in drawn.tolist()])


def fakes(
    kind: str, count: int, target: int, learners: tuple[Integers, Integers], rng: np.random.Generator
) -> list[Integers]:
    """Histories that end with the target. learners: (users, items) of the honest ones."""
    users, items = learners
    popularity = np.bincount(items)
    there = np.flatnonzero(popularity)
    long = 10
    best = np.argsort(-popularity, kind="stable")[:_BEST]
    histories = np.split(items, np.cumsum(np.bincount(users))[:-1])
    made: list[Integers] = []
    middle = int(best[target % _BEST])
    with_it = np.concatenate([one for one in histories if middle in one])
    for _ in range(count):
        match kind:
            case "random":
                filler = rng.choice(there, long, replace=False)
            case "average":
                filler = rng.choice(there, long, replace=False, p=popularity[there] / popularity.sum())
            case "bandwagon":
                filler = rng.choice(best, long, replace=False)
            case "copied":
                filler = histories[int(rng.integers(len(histories)))]
            case "short":
                filler = rng.choice(best, 2, replace=False)
            case _:
                filler = np.append(np.unique(rng.choice(with_it, long - 1)), middle)
        made.append(np.append(filler[filler != target], target))
    return made


def moved(attack: list[Integers], last: float) -> list[Integers]:
    """The same with the target at a drawn place before the end, but for a share `last` of them."""
    rng = np.random.default_rng(3)
    return [
        one if rng.random() < last else np.insert(one[:-1], int(rng.integers(len(one) - 1)), one[-1]) for one in attack
    ]


def columns_of(users: Integers, items: Integers, attack: list[Integers], *, aged: bool) -> ActionColumns:
    count = int(users.max()) + 1
    young = np.random.default_rng(1).random(count) < _YOUNG
    more = np.repeat(np.arange(count, count + len(attack)), [len(one) for one in attack])
    everybody, taken = np.concatenate((users, more)), np.concatenate((items, *attack)).astype(np.int64)
    begun = np.concatenate((np.where(young, NOW - AGE / 2, NOW - 300 * DAY), np.full(len(attack), NOW - AGE / 2)))
    if aged:
        begun[count:] = NOW - 2 * AGE
    place = np.arange(len(everybody)) - np.searchsorted(everybody, everybody)
    at = begun[everybody] + place * 60.0
    sequence = np.argsort(np.argsort(at, kind="stable"), kind="stable") + 1
    names = tuple(f"c{n:05d}" for n in range(int(taken.max()) + 1))
    ones = np.ones(len(taken), np.float32)
    signals = np.zeros(len(taken), np.int8)
    return ActionColumns(everybody, taken.astype(np.int32), signals, at, ones, sequence, names, ("enrol",))


def trained(columns: ActionColumns, *, defended: bool, parameters: FitParameters) -> CollaborativeModel:
    used = columns.where(uncrowded(columns, NOW)) if defended else columns
    return fit_log(gather(used)[0], now=NOW, parameters=replace(parameters, guarded=defended))


def doubted(users: Integers, items: Integers, count: int) -> float:
    """Of `count` courses that 40 to 400 took, each made new (nobody has anything after it), the share of those who
    took them that is not learned from: a course that people turn to is not to be taken for one that is pushed."""
    popularity = np.bincount(items)
    many = np.flatnonzero((popularity >= _MANY[0]) & (popularity <= _MANY[1]))
    place, out, taken = np.arange(len(users)), 0, 0
    for course in np.random.default_rng(0).permutation(many)[:count].tolist():
        last = np.full(int(users.max()) + 1, len(users))
        rows = np.flatnonzero(items == course)
        last[users[rows]] = rows
        kept = place <= last[users]
        log = gather(columns_of(users[kept], items[kept], [], aged=False))[0]
        mine = log.items == log.names.index(f"c{course:05d}")
        out += int((~cohesive(log)[mine]).sum())
        taken += int(mine.sum())
    return out / max(taken, 1)


def quality(lists: Sequence[Sequence[str]], truths: Integers) -> float:
    """Mean nDCG@10."""
    places = [
        one.index(f"c{truth:05d}") if f"c{truth:05d}" in one else np.inf
        for one, truth in zip(lists, truths.tolist(), strict=False)
    ]
    return float(np.mean(1 / np.log2(np.asarray(places) + 2)))


def measure(report: Report, chosen: argparse.Namespace) -> None:
    people, judged = (3_000, 500) if chosen.quick else (chosen.people, chosen.judged)
    if not DATA.is_dir():
        raise SystemExit(f"the course data are not in {DATA}")
    parameters = FitParameters(examples=0 if chosen.quick else chosen.examples)
    users, items, truths = honest(people)
    starts = np.concatenate(([0], np.cumsum(np.bincount(users))))
    pasts = [
        tuple(Interaction("", f"c{item:05d}", "enrol", 0.0) for item in items[starts[n] : starts[n + 1]].tolist())
        for n in range(judged)
    ]
    clean: dict[bool, float] = {}
    for defended in (False, True):
        model = trained(columns_of(users, items, [], aged=False), defended=defended, parameters=parameters)
        before = [top(model, past, NOW) for past in pasts]
        clean[defended] = quality(before, truths)
        order = "of the links" if model.network is None else "learned"
        note = f"{judged} of {people} learners; the order is {order}"
        report.add(f"clean, {_said(defended)}: nDCG@10", clean[defended], "", note)
        print(f"clean, {_said(defended)}", note, clean[defended], file=sys.stderr, flush=True)
    report.add("cost of the defence on clean data", 100 * (1 - clean[True] / clean[False]), "%")
    share = doubted(users, items, 10 if chosen.quick else 80)
    report.add("courses made new: people not learned from", 100 * share, "%")
    print("courses made new: people not learned from", share, file=sys.stderr, flush=True)
    popularity = np.bincount(items)
    few = np.flatnonzero((popularity >= _FEW[0]) & (popularity <= _FEW[1]))
    lists = Counter(item for listed in before for item in listed)
    rng = np.random.default_rng(chosen.draw)
    for kind, share in sorted(product(FILLERS, (0.01, 0.05)), key=lambda row: (row[0] in _LATER, row[1])):
        target = int(rng.choice(few))
        attack = moved(fakes(kind, round(share * people), target, (users, items), rng), chosen.last)
        # Drawn all the same, so that one row is what it is among all of them.
        if (chosen.share and share != chosen.share) or (chosen.filler and kind != chosen.filler):
            continue
        for name, defended, aged in (("undefended", False, False), ("defended", True, False), ("aged", True, True)):
            if chosen.only and name != chosen.only:
                continue
            model = trained(columns_of(users, items, attack, aged=aged), defended=defended, parameters=parameters)
            listed = [top(model, past, NOW) for past in pasts]
            hit = [f"c{target:05d}" in one for one in listed]
            figure = quality(listed, truths)
            label = f"{share:.0%} {kind}, {name}"
            shown = 100 * lists[f"c{target:05d}"] / judged
            order = "of the links" if model.network is None else "learned"
            note = f"{shown:.2f} % before; {popularity[target]} took it; the order is {order}"
            report.add(f"{label}: target in the first ten", 100 * float(np.mean(hit)), "%", note)
            report.add(f"{label}: nDCG loss", 100 * (1 - figure / clean[False]), "%")
            print(label, report.figures[-2], report.figures[-1].value, file=sys.stderr, flush=True)


def _said(defended: bool) -> str:
    return "defended" if defended else "undefended"


if __name__ == "__main__":
    one_thread()
    options = (
        ("--people", {"type": int, "default": 12_000, "help": "honest learners"}),
        ("--examples", {"type": int, "default": 20_000, "help": "of which the order is learned; 0: links alone"}),
        (
            "--share",
            {"type": float, "default": 0.0, "help": "only attacks of this share: 0.01 or 0.05"},
        ),
        ("--last", {"type": float, "default": 1.0, "help": "share of the fakes that end with the target"}),
        ("--filler", {"choices": FILLERS, "help": "only attacks with these fillers"}),
        ("--only", {"choices": ("undefended", "defended", "aged"), "help": "only these rows"}),
        ("--draw", {"type": int, "default": 2, "help": "of targets and fakes: another number, other ones"}),
        ("--judged", {"type": int, "default": 2_000, "help": "learners whose lists are looked at"}),
    )
    raise SystemExit(run("attack", __doc__, measure, options))
