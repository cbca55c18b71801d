"""Small made-up logs, and answers worked out the slow way. Shares no code with what it checks."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from recsys.evaluation.datasets import Catalogue
from recsys.evaluation.histories import Histories, joined


def histories_of(
    rows: Sequence[Sequence[int]], items: int, ratings: Sequence[Sequence[float]] | None = None
) -> Histories:
    """Each row in order; one second between actions, and a second more for each row."""
    users = [row for row, taken in enumerate(rows) for _ in taken]
    times = [row + step for row, taken in enumerate(rows) for step in range(len(taken))]
    flat = [math.nan] * len(users) if ratings is None else [value for row in ratings for value in row]
    return joined(
        np.asarray(users, dtype=np.int64),
        np.asarray([item for taken in rows for item in taken], dtype=np.int64),
        np.asarray(times, dtype=np.float64),
        np.asarray(flat, dtype=np.float32),
        (len(rows), items),
    )


def wanderers(count: int = 150, items: int = 15, seed: int = 1) -> list[list[int]]:
    """Each begins somewhere and mostly takes the next number."""
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        at, taken = rng.randrange(items), list[int]()
        for _ in range(rng.randint(3, 8)):
            taken.append(at)
            at = (at + (1 if rng.random() < 0.8 else rng.randrange(items))) % items
        rows.append(list(dict.fromkeys(taken)))
    return rows


def catalogue(items: int, texts: Sequence[str] = ()) -> Catalogue:
    return Catalogue(tuple(f"{item:03d}" for item in range(items)), tuple(texts))


def slow_figures(ranked: Sequence[int], truth: Sequence[int], k: int) -> dict[str, float]:
    """Every accuracy figure of one case, straight from its definition."""
    top = list(ranked)[:k]
    hits = [item for item in top if item in set(truth)]
    precision, recall = len(hits) / k, len(hits) / len(truth)
    dcg = sum(1 / math.log2(rank + 1) for rank, item in enumerate(top, 1) if item in truth)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(truth)) + 1))
    first = next((rank for rank, item in enumerate(top, 1) if item in truth), None)
    precisions = [
        sum(other in truth for other in top[:rank]) / rank for rank, item in enumerate(top, 1) if item in truth
    ]
    return {
        f"precision@{k}": precision,
        f"recall@{k}": recall,
        f"f1@{k}": 2 * precision * recall / (precision + recall) if hits else 0.0,
        f"hit-rate@{k}": float(bool(hits)),
        f"ndcg@{k}": dcg / ideal,
        f"mrr@{k}": 1 / first if first else 0.0,
        f"map@{k}": sum(precisions) / len(truth),
    }
