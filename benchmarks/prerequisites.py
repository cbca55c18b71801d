"""Do inferred prerequisites hold for learners who were not asked? ``python -m benchmarks.prerequisites``.

Orders are inferred from some learners and judged on the others: of the held-out learners who took both courses of a
pair, how many took them in the inferred order. Beside it, on the same pairs: a coin, and the more popular one first.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse

from recsys.paths.proposal import Proposal
from recsys.paths.sequence import LONGEST, SequenceRule, Taken, before_counts, usually_before

COURSES = Path(__file__).resolve().parents[2] / "shared" / "data" / "courses-mooc"


def read(file: Path) -> Taken:
    """Learners by code, items by name, in their order; the first LONGEST of each learner."""
    table = pq.read_table(file, columns=["user", "item", "order"])
    users = table["user"].to_numpy(zero_copy_only=False)
    items = table["item"].to_numpy(zero_copy_only=False)
    orders = table["order"].to_numpy(zero_copy_only=False)
    _, user_codes = np.unique(users, return_inverse=True)
    names, item_codes = np.unique(items, return_inverse=True)
    order = np.lexsort((orders, user_codes))
    log = user_codes[order], item_codes[order], orders[order].astype(np.float64)
    # A course that was taken twice counts where it was taken first.
    _, first = np.unique(log[0] * len(names) + log[1], return_index=True)
    first.sort()
    log = tuple(column[first] for column in log)  # type: ignore[assignment]
    starts = np.searchsorted(log[0], log[0])
    kept = np.arange(len(log[0])) - starts < LONGEST
    return Taken(tuple(str(name) for name in names), log[0][kept], log[1][kept], log[2][kept])


def part(log: Taken, chosen: np.ndarray) -> Taken:
    """Only the learners marked in `chosen`, in codes without gaps."""
    kept = chosen[log.users]
    codes = np.cumsum(chosen) - 1
    return Taken(log.names, codes[log.users[kept]], log.items[kept], log.times[kept])


def judge(proposals: list[Proposal], train: Taken, counts: sparse.csr_matrix, *, fewest: int) -> dict[str, Any]:
    """Share of (learner, pair) in the inferred order, mean over pairs, and the popularity order on the same pairs."""
    code = {name: number for number, name in enumerate(train.names)}
    people = np.bincount(train.items, minlength=len(train.names))
    place = positions(train)
    rows = np.asarray([code[p.needs] for p in proposals], dtype=np.int64)
    columns = np.asarray([code[p.item] for p in proposals], dtype=np.int64)
    right = np.asarray(counts[rows, columns]).ravel().astype(float)
    wrong = np.asarray(counts[columns, rows]).ravel().astype(float)
    seen = right + wrong >= fewest
    right, wrong, rows, columns = right[seen], wrong[seen], rows[seen], columns[seen]
    share = right / (right + wrong)

    def with_order(first: np.ndarray) -> np.ndarray:
        """Right counts when the pair's order is decided by another rule: `first` says whether it agrees with ours."""
        return np.where(first, right, wrong)

    agrees = people[rows] >= people[columns]
    popular = with_order(agrees)
    early = with_order(place[rows] <= place[columns])
    total = float((right + wrong).sum())
    return {
        "pairs": len(proposals),
        "pairs_judged": int(seen.sum()),
        "learner_pairs": int(total),
        "accuracy": float(right.sum() / total),
        "accuracy_by_pair": float(share.mean()),
        "pairs_that_hold": float((share > 0.5).mean()),
        "popular_first": float(popular.sum() / total),
        "popular_first_by_pair": float((popular / (right + wrong)).mean()),
        "against_popularity": {
            "pairs": int((~agrees).sum()),
            "accuracy": float(right[~agrees].sum() / max((right + wrong)[~agrees].sum(), 1.0)),
        },
        "usually_early_first": float(early.sum() / total),
        "usually_early_first_by_pair": float((early / (right + wrong)).mean()),
    }


def positions(log: Taken) -> np.ndarray:
    """Where in a learner's list (0-1) each item usually stands."""
    starts = np.searchsorted(log.users, log.users)
    lengths = np.bincount(log.users)[log.users]
    place = (np.arange(len(log.users)) - starts) / np.maximum(lengths - 1, 1)
    people = np.bincount(log.items, minlength=len(log.names))
    summed = np.bincount(log.items, weights=place, minlength=len(log.names))
    return (summed + 0.5 * 10) / (people + 10)


def next_courses(proposals: list[Proposal], log: Taken, file: Path) -> dict[str, float]:
    """The course taken next by everybody (never read before): how often it completes a pair in order, or turns it."""
    table = pq.read_table(file, columns=["user", "item"])
    users = np.unique(pq.read_table(file.with_name("train.parquet"), columns=["user"])["user"].to_numpy())
    codes = {int(user): at for at, user in enumerate(users)}
    had: list[set[int]] = [set() for _ in range(log.learners)]
    for user, item in zip(log.users.tolist(), log.items.tolist(), strict=True):
        had[user].add(item)
    number = {name: at for at, name in enumerate(log.names)}
    needs: dict[int, list[int]] = {}
    opens: dict[int, list[int]] = {}
    for p in proposals:
        needs.setdefault(number[p.item], []).append(number[p.needs])
        opens.setdefault(number[p.needs], []).append(number[p.item])
    right = wrong = 0
    for user, item in zip(table["user"].to_pylist(), table["item"].to_pylist(), strict=True):
        at, mine = number.get(str(item)), had[codes[int(user)]] if int(user) in codes else set()
        if at is not None:
            right += sum(before in mine for before in needs.get(at, ()))
            wrong += sum(after in mine for after in opens.get(at, ()))
    return {"in_order": right, "turned": wrong, "accuracy": right / max(right + wrong, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", type=float, default=0.2)
    parser.add_argument("--fewest", type=int, default=5, help="held-out learners with both, for a pair to count")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=COURSES)
    chosen = parser.parse_args()
    if not chosen.folder.is_dir():
        raise SystemExit(f"the course data is not in {chosen.folder}")
    log = read(chosen.folder / "train.parquet")
    rng = np.random.default_rng(chosen.seed)
    held = rng.random(log.learners) < chosen.held_out
    train = part(log, ~held)
    started = time.process_time()
    proposals = usually_before(train)
    seconds = time.process_time() - started
    counts = before_counts(part(log, held))
    rule = SequenceRule()
    # The same pairs without the question whether the direction is more than chance, and every pair at all.
    untested = usually_before(train, replace(rule, prior=1e-6, usual=0.5, error=1.0))
    every = usually_before(train, replace(rule, prior=1e-6, usual=0.5, error=1.0, lift=0.0, share=0.0, most=10**9))
    document = {
        "learners": train.learners,
        "held_out": int(held.sum()),
        "cpu_seconds": round(seconds, 1),
        "inferred": judge(proposals, train, counts, fewest=chosen.fewest),
        "without_the_test": judge(untested, train, counts, fewest=chosen.fewest),
        "every_pair": judge(every, train, counts, fewest=chosen.fewest),
        "next_course": next_courses(usually_before(log), log, chosen.folder / "test.parquet"),
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
