"""How much young accounts may say about one item. Knows ages and counts; knows nobody, and no model.

Who wants to push an item makes accounts for it: they are young, and many of them act on that item while few others do.
So of the young accounts on one item only so many are learnt from as older accounts are on it, more where the whole
community is young; of the others nothing at all, as the rest of what a fake did is camouflage. An account that stays
counts fully after AGE. Nothing is hidden from the account itself, and its own lists rest on all that it did.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.gathering import ActionColumns
from recsys.signals import DAY

AGE: Final = 14 * DAY
"""Seconds from the first action until an account is no longer young."""
ALWAYS: Final = 5
"""Young accounts that count for any item, however new it is."""
_FREELY: Final = 3.0
"""An item may be so many times as young as the whole community is."""


def uncrowded(columns: ActionColumns, now: float) -> NDArray[np.bool_]:
    """Which rows may be learnt from, shape (rows,): all of older accounts, and of the young ones that nowhere come too
    late. On each item the first ALWAYS + max(1, 3 r) n young accounts are in time, where n is how many older accounts
    there are on it, and r how many young there are to an old one in the community.
    """
    kept = np.ones(len(columns), dtype=np.bool_)
    if not len(columns):
        return kept
    _, users = np.unique(columns.users, return_inverse=True)
    begun = np.full(int(users.max()) + 1, np.inf)
    timed = np.isfinite(columns.at)
    np.minimum.at(begun, users[timed], columns.at[timed])
    young = now - begun < AGE
    width = np.int64(max(len(columns.names), 1))
    # One row for each account and item, the one that was stored first.
    pairs, first = np.unique(users * width + columns.items, return_index=True)
    items, fresh = pairs % width, young[pairs // width]
    old_users = int((~young).sum())
    ratio = float(young.sum()) / old_users if old_users else np.inf
    if not np.isfinite(ratio):
        return kept
    old = np.bincount(items[~fresh], minlength=int(width))
    most = ALWAYS + max(1.0, _FREELY * ratio) * old
    mine = np.flatnonzero(fresh)
    order = mine[np.lexsort((columns.sequence[first[mine]], items[mine]))]
    counts = np.bincount(items[order], minlength=int(width))
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(order)) - starts[items[order]]
    too_many = np.zeros(len(pairs), dtype=np.bool_)
    too_many[order] = rank >= most[items[order]]
    late = np.zeros(len(young), dtype=np.bool_)
    late[pairs[too_many] // width] = True
    return np.asarray(~late[users], dtype=np.bool_)
