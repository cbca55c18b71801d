"""When users came. Knows times and numbers in ids; knows no items.

A log has either a clock that all users share, or only the order of each user's steps. In the second case ids that are
whole numbers are mostly given in order of joining: the one thing about a newcomer that is known before any action.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.evaluation.histories import Doubles, Histories


def arrivals_of(names: Sequence[str], histories: Histories) -> Doubles | None:
    """Shape (rows,): the time of each one's first action, or else the number that is the id; None where neither is."""
    if has_clock(histories):
        found = np.full(len(histories), np.nan)
        there = histories.lengths > 0
        found[there] = histories.times[histories.starts[:-1][there]]
        return found
    return _numbers(names)


def arrivals_of_judged(names: Sequence[str], known: Sequence[str], trained: Histories) -> Doubles | None:
    """Of users from another file. None unless the training part tells arrival by number and these are other numbers.

    Ids that mostly are in the training part too were numbered anew, or are the same people: neither is a newcomer.
    """
    if trained.arrivals is None or has_clock(trained) or len(set(names) & set(known)) * 2 > len(names):
        return None
    return _numbers(names)


def has_clock(histories: Histories) -> bool:
    """Do users' first actions lie at different times? Steps counted anew for each user do not."""
    firsts = histories.times[histories.starts[:-1][histories.lengths > 0]]
    if not len(firsts):
        return False
    _, counts = np.unique(firsts, return_counts=True)
    return bool(counts.max() * 2 <= len(firsts))


def _numbers(names: Sequence[str]) -> Doubles | None:
    if not names or not all(name.isascii() and name.isdecimal() and len(name) < 16 for name in names):
        return None
    return np.asarray([float(name) for name in names])
