"""What goes with what, counted in one pass over the histories. Knows arrays of actions; knows no formulas of scores.

Six kinds of links lead from an item to others, all kept on one sparse pattern:

- `alike`: sqrt of the cosine of the two items over users, every user weighing 1 / length of the history (the item side
  of a one-pass graph filter, Peng et al. 2022);
- `after`, `before`: who came within `REACH` places after or before, each place counting FADE times the former (the
  transition counts of sequential neighbourhoods, Ludewig & Jannach 2018), divided by out^.7 in^.3;
- `next`: the share of those who took the first and then at once the second;
- `ease`, `sequential`: linear models in closed form (`recsys.closed`), among the items most acted on.

Time and memory grow with the actions and with the items times the links kept, never with the square of all items.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.actions import ActionLog, Integers
from recsys.closed import CALLS, closed_forms

KINDS: Final = ("alike", "after", "before", "next", "ease", "sequential")
REACH: Final = 5
FADE: Final = 0.7
_OUT, _IN = 0.7, 0.3
_BLOCK: Final = 256
_NOTHING: Final = 1e-30

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Links:
    """Sparse rows: entries `starts[i]` to `starts[i + 1]` lead from item i to the items `targets` (sorted in a row).

    values: shape (len(KINDS), entries). together: how many users acted on both.
    """

    starts: Integers
    targets: NDArray[np.int32]
    values: Floats
    together: NDArray[np.int32]

    def check(self, count: int) -> None:
        """ValueError when the arrays do not belong together, so that damage shows at once and not in a score."""
        entries = len(self.targets)
        if self.starts.shape != (count + 1,) or self.starts[0] != 0 or self.starts[-1] != entries:
            raise ValueError(f"the rows do not cover the entries of {count} items")
        if np.any(np.diff(self.starts) < 0):
            raise ValueError("the rows do not cover the entries")
        if self.values.shape != (len(KINDS), entries) or self.together.shape != (entries,):
            raise ValueError("the columns of the entries differ in length")
        if entries and not (self.targets.min() >= 0 and self.targets.max() < count):
            raise ValueError("an entry leads to an item that is not there")
        if not np.isfinite(self.values).all():
            raise ValueError("a weight is not a finite number")

    def row(self, code: int) -> slice:
        return slice(int(self.starts[code]), int(self.starts[code + 1]))


def count_links(log: ActionLog, kept: int, done: Callable[[], None] = lambda: None) -> Links:
    """The `kept` strongest links of every item, by the sum of the kinds, each divided by its largest of the row."""
    count = len(log.names)
    if not count:
        return Links(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros((len(KINDS), 0), np.float32), _NONE)
    steps = _Steps.of(log)
    shape = (log.user_count, count)
    taken = sparse.csr_matrix((np.ones(len(log), dtype=np.float32), (log.users, log.items)), shape=shape)
    spread = _graph(log, shape)
    columns, counted = spread.tocsc(), taken.tocsc()
    closed = closed_forms(log, done)
    place = np.full(count, -1, dtype=np.int64)
    place[closed.codes] = np.arange(len(closed.codes))
    local = np.zeros(count, dtype=np.int64)
    found: list[tuple[Integers, Floats, NDArray[np.int32]]] = []
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        alike = (columns[:, first:last].T @ spread).tocsr()
        both = (counted[:, first:last].T @ taken).tocsr()
        alike.sort_indices()
        both.sort_indices()
        for item in range(first, last):
            # Whoever came before or after was taken by the same user: no link leads out of this pattern.
            row = slice(int(alike.indptr[item - first]), int(alike.indptr[item - first + 1]))
            targets = alike.indices[row]
            local[targets] = np.arange(len(targets))
            rows = steps.rows(item, targets, local)
            rows[0] = np.sqrt(np.maximum(alike.data[row], 0))
            if place[item] >= 0:
                there = place[targets] >= 0
                rows[4, there] = closed.ease[place[item], place[targets[there]]]
                rows[5, there] = closed.sequential[place[item], place[targets[there]]]
            rows[:, targets == item] = 0
            best = _strongest(rows, kept)
            found.append((targets[best], rows[:, best], both.data[row][best].astype(np.int32)))
        done()
    return Links(
        np.concatenate(([0], np.cumsum([len(targets) for targets, _, _ in found]))).astype(np.int64),
        np.concatenate([targets for targets, _, _ in found]).astype(np.int32),
        np.concatenate([values for _, values, _ in found], axis=1),
        np.concatenate([users for _, _, users in found]),
    )


_NONE: Final = np.zeros(0, dtype=np.int32)


def blocks(count: int) -> int:
    """How many times `count_links` calls `done`."""
    return -(-count // _BLOCK) + CALLS


def _graph(log: ActionLog, shape: tuple[int, int]) -> Any:
    """D_u^-1/2 X D_i^-1/2 of the weighted actions."""
    users = np.bincount(log.users, log.weights, shape[0])
    items = np.bincount(log.items, log.weights, shape[1])
    values = log.weights / np.sqrt(np.maximum(users[log.users] * items[log.items], 1e-9))
    return sparse.csr_matrix((values.astype(np.float32), (log.users, log.items)), shape=shape)


def _strongest(rows: Floats, kept: int) -> Integers:
    """Sorted codes of the `kept` columns whose sum, each row divided by its largest, is largest; none that is 0."""
    if not rows.shape[1]:
        return np.zeros(0, dtype=np.int64)
    peaks = rows.max(axis=1)
    # What is next to nothing comes from rounding in the closed forms; divided by itself it would overflow.
    total = (1.0 / np.where(peaks > _NOTHING, peaks, 1.0)) @ np.maximum(rows, 0)
    linked = np.flatnonzero(total > 0)
    if len(linked) > kept:
        linked = np.sort(linked[np.argpartition(-total[linked], kept)[:kept]])
    return linked.astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Where each item stands in the log: `at[ends[i - 1]:ends[i]]`. out, into: sums of the transitions of an item."""

    log: ActionLog
    at: Integers
    ends: Integers
    out: NDArray[np.float64]
    into: NDArray[np.float64]
    follows: NDArray[np.float64]

    @classmethod
    def of(cls, log: ActionLog) -> _Steps:
        count = len(log.names)
        out, into, follows = np.zeros(count), np.zeros(count), np.zeros(count)
        for step in range(1, REACH + 1):
            same = log.users[step:] == log.users[:-step]
            worth = (FADE ** (step - 1) * log.weights[step:] * log.weights[:-step])[same]
            out += np.bincount(log.items[:-step][same], worth, count)
            into += np.bincount(log.items[step:][same], worth, count)
            if step == 1:
                follows = out.copy()
        at = np.argsort(log.items, kind="stable")
        ends = np.concatenate(([0], np.cumsum(np.bincount(log.items, minlength=count))))
        return cls(log, at, ends, out, into, follows)

    def rows(self, item: int, near: Integers, local: Integers) -> Floats:
        """The links of one item to those near it in all kinds that are counted, the others left empty.

        near: sorted codes; local: the place in it of each of them. Shape (kinds, near).
        """
        log, count = self.log, len(near)
        at = self.at[self.ends[item] : self.ends[item + 1]]
        found = np.zeros((len(KINDS), count), dtype=np.float32)
        for kind, direction in ((1, 1), (2, -1)):
            targets, values = [], []
            for step in range(1, REACH + 1):
                other = at + direction * step
                inside = (other >= 0) & (other < len(log))
                here, other = at[inside], other[inside]
                same = log.users[here] == log.users[other]
                here, other = here[same], other[same]
                targets.append(local[log.items[other]])
                values.append(FADE ** (step - 1) * log.weights[here] * log.weights[other])
                if kind == 1 and step == 1:
                    found[3] = np.bincount(targets[0], values[0], count) / max(self.follows[item], 1.0)
            found[kind] = np.bincount(np.concatenate(targets), np.concatenate(values), count)
        found[1] /= np.maximum(self.out[item], 1e-9) ** _OUT * np.maximum(self.into[near], 1e-9) ** _IN
        found[2] /= np.maximum(self.into[item], 1e-9) ** _OUT * np.maximum(self.out[near], 1e-9) ** _IN
        return found
