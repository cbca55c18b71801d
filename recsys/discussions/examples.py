"""Questions with their candidates' features, flat. Knows tables and places; knows no features by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.messages import Doubles, Integers, Mask

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Examples:
    """Question q has the rows starts[q]:starts[q + 1] of the tables; row starts[q] + truth[q] is what was joined.

    basic, full: shape (rows, features); full may have no columns. topics: the candidate of each row.
    """

    starts: Integers
    truth: Integers
    topics: Integers
    basic: Table
    full: Table

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> Integers:
        return np.diff(self.starts)

    @property
    def labels(self) -> NDArray[np.int8]:
        """1 for the row that was joined, shape (rows,)."""
        found = np.zeros(int(self.starts[-1]), dtype=np.int8)
        found[self.starts[:-1] + self.truth] = 1
        return found

    def part(self, first: int, last: int) -> Examples:
        """Questions first to last - 1; the tables are views."""
        low, high = int(self.starts[first]), int(self.starts[last])
        return Examples(
            self.starts[first : last + 1] - low,
            self.truth[first:last],
            self.topics[low:high],
            self.basic[low:high],
            self.full[low:high],
        )


class Collector:
    """Gathers one question after the other."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._topics: list[Integers] = []
        self._truth: list[int] = []
        self._basic: list[Table] = []
        self._full: list[Table] = []
        self.rows = 0

    def __len__(self) -> int:
        return len(self._truth)

    def add(self, topics: Integers, truth: int, basic: Table, full: Table) -> None:
        self._topics.append(topics)
        self._truth.append(truth)
        self._basic.append(basic)
        self._full.append(full)
        self.rows += len(topics)

    def taken(self) -> Examples:
        """Everything gathered; the collector is empty afterwards."""
        sizes = [len(topics) for topics in self._topics]
        found = Examples(
            np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            np.asarray(self._truth, dtype=np.int64),
            np.concatenate([np.zeros(0, dtype=np.int64), *self._topics]),
            _stacked(self._basic),
            _stacked(self._full),
        )
        self._clear()
        return found


def ranked(scores: Doubles, starts: Integers) -> Integers:
    """Rows of each question best first; of equal scores the earlier row, which is the smaller topic."""
    question = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return np.lexsort((np.arange(len(scores)), -scores, question))


def places(scores: Doubles, starts: Integers, truth: Integers) -> Integers:
    """Rank of each question's true row, 0 for the best, shape (questions,)."""
    order = ranked(scores, starts)
    rank = np.empty(len(scores), dtype=np.int64)
    rank[order] = np.arange(len(scores)) - np.repeat(starts[:-1], np.diff(starts))
    return np.asarray(rank[starts[:-1] + truth])


def gains(scores: Doubles, examples: Examples, k: int = 10) -> Doubles:
    """nDCG@k of each question: one relevant row, so 1 / log2(rank + 2) within the first k."""
    rank = places(scores, examples.starts, examples.truth)
    return np.where(rank < k, 1.0 / np.log2(rank + 2.0), 0.0)


def flat(scores: Doubles, starts: Integers) -> Mask:
    """Questions whose candidates all have the same score."""
    if len(starts) < 2:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(np.maximum.reduceat(scores, starts[:-1]) == np.minimum.reduceat(scores, starts[:-1]))


def by_question(values: Table, starts: Integers) -> Table:
    """Each column as z-scores within its question, so that questions can be compared; constants become 0."""
    sizes = np.diff(starts)[:, None]
    mean = np.add.reduceat(values, starts[:-1], axis=0) / sizes
    centred = values - np.repeat(mean, sizes[:, 0], axis=0)
    spread = np.sqrt(np.add.reduceat(centred**2, starts[:-1], axis=0) / sizes)
    return np.asarray(centred / np.maximum(np.repeat(spread, sizes[:, 0], axis=0), 1e-6), dtype=np.float32)


def _stacked(tables: Sequence[Table] | Iterable[Table]) -> Table:
    found = list(tables)
    return np.concatenate(found) if found else np.zeros((0, 0), dtype=np.float32)
