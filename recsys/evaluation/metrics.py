"""How good ranked lists are. Knows lists and what was taken; knows no models. Formulas: docs/evaluation.md.

Relevance is binary. T is what a case took, k the length of the list that counts; a case with an empty T has no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.evaluation.histories import CELLS, Csr, Doubles, Histories, Integers
from recsys.evaluation.ranking import NOTHING

Lists = NDArray[np.int32]
"""Ranked items, best first, shape (cases, k); NOTHING pads a list that ends early."""

OF_CASES: Final = ("precision", "recall", "f1", "hit-rate", "ndcg", "mrr", "map")
OF_LISTS: Final = ("novelty", "diversity")
OF_ALL: Final = ("coverage", "gini", "popularity-lift")
LISTS_COMPARED: Final = 10_000
"""Intra-list diversity is taken over at most so many lists, drawn at random."""


def accuracy(lists: Lists, truth: Histories, at: Sequence[int]) -> dict[str, Doubles]:
    """`ndcg@10` and so on: one figure a case, shape (cases,)."""
    hits = found(lists, truth)
    sizes = truth.lengths.astype(np.float64)
    ranks = np.arange(1, lists.shape[1] + 1)
    discounts = 1.0 / np.log2(ranks + 1)
    ideal = np.concatenate(([0.0], np.cumsum(discounts)))
    figures: dict[str, Doubles] = {}
    for k in at:
        top = hits[:, :k]
        count = top.sum(axis=1).astype(np.float64)
        figures[f"precision@{k}"] = count / k
        figures[f"recall@{k}"] = count / sizes
        # 2PR / (P + R) with P = hits / k and R = hits / |T|.
        figures[f"f1@{k}"] = 2 * count / (k + sizes)
        figures[f"hit-rate@{k}"] = (count > 0).astype(np.float64)
        gain = top @ discounts[: top.shape[1]]
        # A list can be no longer than the items there are.
        figures[f"ndcg@{k}"] = gain / ideal[np.minimum(sizes, min(k, len(ideal) - 1)).astype(np.int64)]
        figures[f"mrr@{k}"] = np.where(count > 0, 1.0 / (1 + top.argmax(axis=1)), 0.0)
        precisions = np.cumsum(top, axis=1) / ranks[: top.shape[1]]
        figures[f"map@{k}"] = (precisions * top).sum(axis=1) / sizes
    return figures


def found(lists: Lists, truth: Histories) -> NDArray[np.bool_]:
    """Is each listed item one that the case took? Shape (cases, k)."""
    width = np.int64(max(truth.item_count, 1))
    taken = np.sort(truth.rows * width + truth.items)
    keys = np.arange(len(lists), dtype=np.int64)[:, None] * width + lists
    if not len(taken):
        return np.zeros(lists.shape, dtype=np.bool_)
    at = np.minimum(np.searchsorted(taken, keys), len(taken) - 1)
    return np.asarray((taken[at] == keys) & (lists != NOTHING))


def novelty(lists: Lists, popularity: Integers, users: int, at: Sequence[int]) -> dict[str, Doubles]:
    """Mean self-information of the listed items in bits (Vargas & Castells 2011), one figure a case.

    -log2 of the share of the training users who took the item, one added to both counts so that a new item is finite.
    """
    surprise = -np.log2((popularity + 1.0) / (users + 1.0))
    listed = lists != NOTHING
    values = np.where(listed, surprise[np.maximum(lists, 0)], 0.0)
    return {f"novelty@{k}": values[:, :k].sum(axis=1) / np.maximum(listed[:, :k].sum(axis=1), 1) for k in at}


def coverage(lists: Lists, open_items: int) -> float:
    """Share of the items that may be ranked which stand in at least one list."""
    there = np.unique(lists[lists != NOTHING])
    return len(there) / open_items if open_items else 0.0


def gini(lists: Lists, open_items: int) -> float:
    """Inequality of how often items are listed: 0 all alike, towards 1 a single item in every list."""
    counts = np.zeros(max(open_items, 1))
    _, listed = np.unique(lists[lists != NOTHING], return_counts=True)
    counts[len(counts) - len(listed) :] = np.sort(listed)
    total = counts.sum()
    if not total:
        return 0.0
    n = len(counts)
    return float(((2 * np.arange(1, n + 1) - n - 1) * counts).sum() / (n * total))


def popularity_lift(lists: Lists, histories: Histories, popularity: Integers) -> float | None:
    """How much more popular the lists are than the histories they answer (Abdollahpouri et al. 2020): 0 as much.

    Ratio of the means over cases of the mean number of training users, minus one; None without a history.
    """
    listed = lists != NOTHING
    lengths = histories.lengths
    judged = (lengths > 0) & listed.any(axis=1)
    if not judged.any():
        return None
    popular = popularity.astype(np.float64)
    ours = np.where(listed, popular[np.maximum(lists, 0)], 0.0).sum(axis=1)[judged] / listed.sum(axis=1)[judged]
    sums = np.bincount(histories.rows, weights=popular[histories.items], minlength=len(histories))
    theirs = float((sums[judged] / lengths[judged]).mean())
    return float(ours.mean()) / theirs - 1 if theirs else None


class Likeness:
    """Cosine between items, from any non-negative sparse description of them, shape (items, features)."""

    def __init__(self, description: Csr) -> None:
        rows = sparse.csr_matrix(description, dtype=np.float32)
        norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        self._rows = sparse.diags(1.0 / np.maximum(norms, 1e-12)).astype(np.float32).tocsr() @ rows

    def of_pairs(self, one: Integers, other: Integers) -> Doubles:
        """Cosine of each pair; blocks of rows keep the memory bounded however many items there are."""
        count = self._rows.shape[0]
        keys, place = np.unique(one * np.int64(count) + other, return_inverse=True)
        first, second = keys // count, keys % count
        cosines = np.zeros(len(keys))
        # Only items that are listed take part in the product.
        columns = np.unique(second)
        transposed = self._rows[columns].T.tocsr()
        rows = np.unique(first)
        size = max(1, CELLS // max(len(columns), 1))
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            product = (self._rows[block] @ transposed).toarray()
            begin, end = np.searchsorted(first, [block[0], block[-1] + 1])
            cosines[begin:end] = product[
                np.searchsorted(block, first[begin:end]), np.searchsorted(columns, second[begin:end])
            ]
        # Rounding may take a pair of equals past 1.
        return np.asarray(np.minimum(cosines, 1.0)[place])


def diversity(lists: Lists, likeness: Likeness, at: Sequence[int], seed: int) -> dict[str, Doubles]:
    """1 - mean cosine over the pairs of a list (Smyth & McClave 2001); NaN without a pair, or when not drawn."""
    figures = {f"diversity@{k}": np.full(len(lists), np.nan) for k in at}
    drawn = np.arange(len(lists))
    if len(drawn) > LISTS_COMPARED:
        drawn = np.sort(np.random.default_rng(seed).choice(drawn, LISTS_COMPARED, replace=False))
    width = min(max(at), lists.shape[1])
    left, right = np.triu_indices(width, 1)
    if not len(left) or not len(drawn):
        return figures
    one, other = lists[drawn][:, left].astype(np.int64), lists[drawn][:, right].astype(np.int64)
    there = (one != NOTHING) & (other != NOTHING)
    cosines = np.zeros(one.shape)
    cosines[there] = likeness.of_pairs(np.minimum(one, other)[there], np.maximum(one, other)[there])
    for k in at:
        pairs = there & (right < k)
        count = pairs.sum(axis=1)
        sums = np.where(pairs, cosines, 0.0).sum(axis=1)
        figures[f"diversity@{k}"][drawn] = np.where(count > 0, 1 - sums / np.maximum(count, 1), np.nan)
    return figures
