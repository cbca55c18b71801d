"""Which of two items the same learners take first, and whether that is more than chance. Knows orders; no texts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import betainc

from recsys.paths.proposal import SEQUENCE, Proposal
from recsys.types import Interaction

STARTS: Final = frozenset({"enrol", "progress", "complete"})
"""Signals that say that somebody has begun a course."""
LONGEST: Final = 200
"""The first so many items of one learner count: nobody's list may outweigh everybody else's."""
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took what, sorted by learner, then time; each learner has each item once, at the first time.

    users: code of a learner, 0 to n-1 without gaps. items: index into `names`. times: in seconds or any other order.
    """

    names: tuple[str, ...]
    users: Integers
    items: Integers
    times: Floats

    @property
    def learners(self) -> int:
        return int(self.users[-1]) + 1 if len(self.users) else 0


def taken(interactions: Iterable[Interaction], *, signals: frozenset[str] = STARTS) -> Taken:
    """The first time of each learner and item among `signals`; what has no finite time is left out."""
    first: dict[str, dict[str, float]] = {}
    for done in interactions:
        if done.signal in signals and math.isfinite(done.at):
            mine = first.setdefault(done.user, {})
            mine[done.item] = min(done.at, mine.get(done.item, math.inf))
    names = tuple(sorted({item for mine in first.values() for item in mine}))
    code = {name: number for number, name in enumerate(names)}
    users: list[int] = []
    items: list[int] = []
    times: list[float] = []
    for user, name in enumerate(sorted(first)):
        for item, at in sorted(first[name].items(), key=lambda entry: (entry[1], entry[0]))[:LONGEST]:
            users.append(user)
            items.append(code[item])
            times.append(at)
    return Taken(names, np.asarray(users, np.int64), np.asarray(items, np.int64), np.asarray(times, np.float64))


def before_counts(log: Taken) -> sparse.csr_matrix:
    """Shape (items, items): how many learners took the row's item strictly before the column's.

    Work and memory grow with the pairs that occur, at most LONGEST steps apart.
    """
    n = len(log.names)
    counts = sparse.csr_matrix((n, n), dtype=np.int64)
    for step in range(1, LONGEST):
        early, late = slice(None, -step), slice(step, None)
        pairs = (log.users[early] == log.users[late]) & (log.times[early] < log.times[late])
        same = log.users[early] == log.users[late]
        if not same.any():
            break
        rows, columns = log.items[early][pairs], log.items[late][pairs]
        counts = counts + sparse.csr_matrix((np.ones(len(rows), np.int64), (rows, columns)), shape=(n, n))
    return counts


@dataclass(frozen=True, slots=True)
class SequenceRule:
    """When an order says something.

    prior: strength of the belief that a pair has no direction, in learners on both sides together. usual: the share of
    learners from which an order counts as usual. error: how many of the proposals may be wrong, expected. support:
    learners who took both. lift: how much more often both are taken together than if they had nothing to do with each
    other. share: of those who took the later one, how many had taken the earlier one. most: proposals for one item.
    """

    prior: float = 10.0
    usual: float = 0.6
    error: float = 0.05
    support: int = 10
    lift: float = 1.5
    share: float = 0.1
    most: int = 3


def usually_before(log: Taken, rule: SequenceRule | None = None) -> list[Proposal]:
    """Pairs that learners usually take in one order, the surest first; ties by ids.

    Of n learners who took both, k took A first. The share p of A-first has the prior Beta(m/2, m/2) and so the
    posterior Beta(m/2 + k, m/2 + n - k) (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4): few learners are
    pulled towards "no direction". The doubt of a pair is the posterior probability that p is at most `usual`. Pairs are
    kept from the least doubt on for as long as the mean doubt of the kept ones stays within `error`, which bounds the
    expected share of wrong ones (Newton, Noueiry, Sarkar and Ahlquist, Biostatistics 2004, the direct posterior
    approach). Testing orders of units for prerequisites is due to Vuong, Nixon and Towle (Educational Data Mining
    2011). `confidence` is the posterior mean of p.
    """
    rule = rule or SequenceRule()
    if not log.learners:
        return []
    counts = before_counts(log).tocoo()
    forward = counts.data.astype(np.float64)
    backward = np.asarray(counts.tocsr().T.tocsr()[counts.row, counts.col], dtype=np.float64).ravel()
    both = forward + backward
    people = np.bincount(log.items, minlength=len(log.names)).astype(np.float64)
    expected = people[counts.row] * people[counts.col] / log.learners
    apt = (
        (both >= rule.support)
        & (forward > backward)
        & (both >= rule.lift * expected)
        & (forward >= rule.share * people[counts.col])
    )
    half = rule.prior / 2
    a, b = half + forward[apt], half + backward[apt]
    doubt = np.asarray(betainc(a, b, rule.usual), dtype=np.float64)
    rows, columns, k, n = counts.row[apt], counts.col[apt], forward[apt], both[apt]
    order = np.lexsort((rows, columns, doubt))
    kept = order[: int(np.count_nonzero(np.cumsum(doubt[order]) <= rule.error * np.arange(1, len(order) + 1)))]
    mean = a / (a + b)
    # Of several before the same item, those first that most of its learners had taken.
    weight = mean * k / people[columns]
    proposals: list[Proposal] = []
    used: dict[int, int] = {}
    for at in sorted(kept.tolist(), key=lambda at: (-weight[at], log.names[columns[at]], log.names[rows[at]])):
        item = int(columns[at])
        if used.get(item, 0) < rule.most:
            used[item] = used.get(item, 0) + 1
            needs = log.names[int(rows[at])]
            proposals.append(
                Proposal(log.names[item], needs, SEQUENCE, float(mean[at]), count=int(k[at]), of=int(n[at]))
            )
    return proposals
