"""Have those who come to an item anything in common? Knows arrays of actions; knows no ages and no names.

Who takes a course took others that go with it, and so did whoever else took it: their histories point the same way. Of
accounts that were made to push an item they do not, however old they are: what else they took was drawn at random, by
popularity, among the best known, or copied from all kinds of people. So each history is made a direction, and an item's
cohesion is the mean cosine of two who came to it, without what they share anyway by taking popular things. Of an item
far below what is usual here only those among its people are learned from who are closest together.

What a tenth of all people took is what the community does, and never doubted. What fewer take whatever else they do is
hidden from the links by this: that is for popularity to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.actions import ActionLog, Integers
from recsys.closed import drawn

ALWAYS: Final = 5
"""So many of the people of an item are learned from whatever they have in common."""
FEWEST: Final = 20
"""Items with as many people tell what is usual; there must be as many of them."""
_DIRECTIONS: Final = 64
_MORE: Final = 8
_ROUNDS: Final = 4
_SHARE, _LEAST = 0.02, 8
"""A level of popularity has this share of all actions, and so many items, or more."""
_FAR, _SELDOM = 1 / 7, 0.05
"""Far below: less than this part of what is usual, and what no more than this share of the items is below."""
_STEEP: Final = 3
"""Of who came to an item that is half of that, a half to this power is learned from: little of it changes little."""
_ALL: Final = 0.1
_DOUBT: Final = 0.75
"""Divided by the people: about three times the standard deviation of the cohesion of people with nothing in common."""
_BLOCK: Final = 200_000

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def cohesive(log: ActionLog) -> Mask:
    """Which entries may be learned from, shape (entries,); all where there is too little to tell what is usual."""
    kept = np.ones(len(log), dtype=np.bool_)
    count = len(log.names)
    if not len(log) or (np.bincount(log.items, minlength=count) >= FEWEST).sum() < FEWEST:
        return kept
    some = log.where(drawn(log))
    directions = _directions(some)
    cohesion, people = _cohesion(some, directions)
    known = people >= FEWEST
    if known.sum() < FEWEST:
        return kept
    low = min(_FAR * float(np.median(cohesion[known])), float(np.quantile(cohesion[known], _SELDOM)))
    # The estimate from few people is uncertain: they get the benefit of the doubt.
    asked = (people > 2 * ALWAYS) & (people <= _ALL * some.user_count)
    far = np.flatnonzero(asked & (cohesion + _DOUBT / np.maximum(people, 1) < low))
    if not len(far):
        return kept
    order = np.argsort(log.items, kind="stable")
    ends = np.cumsum(np.bincount(log.items, minlength=count))
    for item in far.tolist():
        entries = order[ends[item - 1] if item else 0 : ends[item]]
        at = _arrivals(log, log.users[entries], item, directions)
        part = (max(float(cohesion[item]), 0.0) / low) ** _STEEP
        apart = _by_distance(at.towards)[max(ALWAYS, int(part * len(at.rows))) :]
        kept[entries[at.rows[apart]]] = False
    return kept


def _directions(log: ActionLog) -> Floats:
    """Of each item, shape (items, directions): the right singular vectors of D_u^-1/2 X D_i^-1/2 without the first,
    which is popularity, by subspace iteration (Halko et al. 2011); less the mean of items as popular.
    """
    count = len(log.names)
    users = np.bincount(log.users, minlength=log.user_count)
    items = np.bincount(log.items, minlength=count)
    values = (1 / np.sqrt(users[log.users] * items[log.items])).astype(np.float32)
    matrix = sparse.csr_matrix((values, (log.users, log.items)), shape=(log.user_count, count))
    back = matrix.T.tocsr()
    width = min(_DIRECTIONS + _MORE, count)
    base = np.random.default_rng(0).standard_normal((count, width)).astype(np.float32)
    for _ in range(_ROUNDS):
        base = np.linalg.qr(back @ (matrix @ base))[0]
    seen = matrix @ base
    squares, turned = np.linalg.eigh((seen.T @ seen).astype(np.float64))
    best = np.argsort(-squares, kind="stable")[1 : _DIRECTIONS + 1]
    found = (base @ turned[:, best]) * np.sqrt(np.maximum(squares[best], 0))
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    level = _levels(items)
    shape = (int(level.max()) + 1, count)
    table = sparse.csr_matrix(((items > 0).astype(np.float64), (level, np.arange(count))), shape=shape)
    means = (table @ found) / np.maximum(np.asarray(table.sum(axis=1)), 1)
    return np.asarray(found - means[level], dtype=np.float32)


def _levels(people: Integers) -> Integers:
    """The level of popularity of each item, from 0, the most popular."""
    order = np.argsort(-people, kind="stable")
    level = np.zeros(len(people), dtype=np.int64)
    most, at, taken, held = _SHARE * people.sum(), 0, 0, 0
    for item in order.tolist():
        level[item] = at
        taken, held = taken + int(people[item]), held + 1
        if taken >= most and held >= _LEAST:
            at, taken, held = at + 1, 0, 0
    return level


def _unit(rows: Floats) -> tuple[Floats, Mask]:
    """Rows of length 1, and which of them have a direction at all."""
    sizes = np.linalg.norm(rows, axis=1, keepdims=True)
    there = sizes[:, 0] > 1e-6
    return np.asarray(np.where(there[:, None], rows / np.maximum(sizes, 1e-6), 0), dtype=np.float32), there


def _cohesion(log: ActionLog, directions: Floats) -> tuple[NDArray[np.float64], Integers]:
    """Of every item the mean cosine of two of its people, each without it; and how many of them have a direction."""
    count = len(log.names)
    sums = np.zeros((count, directions.shape[1]))
    people = np.zeros(count, dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(np.bincount(log.users, minlength=log.user_count))))
    first = 0
    while first < log.user_count:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK, side="right")) - 1)
        block = slice(int(starts[first]), int(starts[last]))
        users, items = log.users[block] - first, log.items[block]
        whole = _table(users, items, (last - first, count)) @ directions
        towards, there = _unit(whole[users] - directions[items])
        sums += _table(items, np.arange(len(items)), (count, len(items))) @ towards
        people += np.bincount(items[there], minlength=count)
        first = last
    pairs = np.maximum(people * (people - 1), 1)
    return ((sums * sums).sum(axis=1) - people) / pairs, people


def _table(rows: Integers, columns: Integers, shape: tuple[int, int]) -> Any:
    return sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """towards: of those people of an item who have a direction; rows: which of its people they are."""

    towards: Floats
    rows: Integers


def _arrivals(log: ActionLog, users: Integers, item: int, directions: Floats) -> _Arrivals:
    """users: sorted, those who took the item."""
    firsts, ends = np.searchsorted(log.users, users), np.searchsorted(log.users, users, side="right")
    lengths = ends - firsts
    starts = np.concatenate(([0], np.cumsum(lengths)))
    entries = np.repeat(firsts - starts[:-1], lengths) + np.arange(starts[-1])
    rows = np.repeat(np.arange(len(users)), lengths)
    whole = _table(rows, log.items[entries], (len(users), len(log.names))) @ directions
    towards, there = _unit(whole - directions[item])
    return _Arrivals(towards[there], np.flatnonzero(there))


def _by_distance(towards: Floats) -> Integers:
    """Rows in the order in which they belong to the group around one direction that is closest together."""
    count = len(towards)
    middle = towards.sum(axis=0, dtype=np.float64)
    order = np.arange(count)
    for half in (2, 4, 8):
        order = np.argsort(-(towards @ middle), kind="stable")
        middle = towards[order[: max(ALWAYS, count // half)]].sum(axis=0, dtype=np.float64)
    return order
