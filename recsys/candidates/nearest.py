"""The nearest items of some vectors among those that may be seen. Knows indexes; knows no users."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.columns import Floats, Mask, Slots, united
from recsys.request import Request
from recsys.types import Matrix

_AT_LEAST: Final = 40
_NONE: Final[Slots] = np.zeros(0, dtype=np.int64)


def scaled(cosines: NDArray[np.floating], low: float, high: float) -> Floats:
    """0 at `low` and below, 1 at `high` and above, straight in between."""
    share = np.asarray(cosines, dtype=np.float64) - low
    share /= high - low
    # The two halves of a clip, without what NumPy does around one.
    return np.minimum(np.maximum(share, 0.0, out=share), 1.0, out=share)


def near_profile(request: Request, n: int) -> tuple[Slots, Slots]:
    """`nearest` to the interests, and to the declared topics: one pass over the vectors serves both."""

    def work() -> tuple[Slots, Slots]:
        centres, topics = request.profile.centres, request.profile.topics
        if not len(centres) or not len(topics) or centres.shape[1] != topics.shape[1]:
            return (
                nearest(request, centres, _each(n, centres)),
                _nearest_of_two(request, topics, _each(n, topics), 0)[1],
            )
        room = _each(n, centres if len(centres) < len(topics) else topics)
        return _nearest_of_two(request, np.concatenate([centres, topics]), room, len(centres))

    return request.once(f"nearest.{n}", work)


def _each(n: int, queries: Matrix) -> int:
    """How many to ask for each of several queries, whose results overlap, so that about n are found in all, and no
    interest has few of its own: that was measured to bring lists as near to those of all items as any more would."""
    return n if len(queries) < 2 else -(-2 * n // len(queries)) + _AT_LEAST


def nearest(request: Request, queries: Matrix, n: int) -> Slots:
    """Sorted slots of admitted items that are among the n nearest to at least one row of `queries`."""
    return _nearest_of_two(request, queries, n, len(queries))[0]


def _nearest_of_two(request: Request, queries: Matrix, n: int, first: int) -> tuple[Slots, Slots]:
    """As `nearest` for the first rows of `queries` and for the others, together; each audience has its own index, and
    only those of the query are asked. The others are topics, which many members share."""
    found: tuple[list[Slots], list[Slots]] = ([_NONE], [_NONE])
    if not len(queries) or n <= 0:
        return _NONE, _NONE
    view, admitted = request.view, request.admitted
    shared = view.unrestricted(request.query.where)

    def admits(rows: NDArray[np.int64]) -> Mask:
        return view.masked_but(rows, shared, request.gone)

    for audience in sorted(request.query.where.audiences):
        index = request.indexes.get(audience)
        if index is None or not len(index) or index.dimension != queries.shape[1]:
            continue
        by_query = index.near(queries, n, admits, standing=len(queries) - first)
        for slots, rows in zip(found, (by_query[:first], by_query[first:]), strict=True):
            if rows:
                at = view.found(np.concatenate(rows))
                # An index may be a change ahead of the view or behind it.
                slots.append(at[admitted[at]])
    return united(*found[0]), united(*found[1])
