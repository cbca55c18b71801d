"""About the nearest vectors of a matrix: by codes what may be near, by the vectors what is. Knows places, no rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from recsys.index.codes import Codes, Mask, Places
from recsys.types import Matrix, Vector

Scores = NDArray[np.float32]
Scored = tuple[NDArray[np.int64], Scores]
_wrapped: Any = faiss
_SCANNED: Final = (3, 60)
"""How many to take by their codes for k nearest: so many times k, and so many more. Measured to hold .99 of them."""
_STANDING: Final = 256
_DEEP: Final = 512
"""How many of the nearest of a standing query are remembered. The first who asks waits for them: for 2,000 3 ms."""


def products(flat: Any, queries: Matrix, places: Places) -> Matrix:
    """Of each query with the vectors at its own places, shape as these; -inf at -1.

    FAISS reads the vectors where they lie: a copy of them would cost as much again as the products.
    """
    found = np.empty(places.shape, dtype=np.float32)
    queries, places = np.ascontiguousarray(queries), np.ascontiguousarray(places, dtype=np.int64)
    faiss.omp_set_num_threads(1)  # is a setting of each thread
    flat.compute_distance_subset(
        len(queries), _wrapped.swig_ptr(queries), places.shape[1], _wrapped.swig_ptr(found), _wrapped.swig_ptr(places)
    )
    return found


def _scanned_for(k: int) -> int:
    times, more = _SCANNED
    return times * k + more


@dataclass(frozen=True, slots=True, eq=False)
class Nearby:
    """`matrix`: unit rows, a view into `flat`; `codes`: of it, once it is large. Nothing of it changes but what it
    remembers of standing queries: what is near them does not depend on who asks, only on what the asker may see."""

    flat: Any
    matrix: Matrix
    codes: Codes | None
    _standing: dict[bytes, Scored] = field(default_factory=dict)

    def find(self, queries: Matrix, k: int, chosen: Mask, *, standing: int) -> list[Scored]:
        """For each query the places of about the k nearest chosen vectors, or of more; with their scores.

        standing: so many of the last queries will be asked again, by others.
        """
        count, wanted = int(np.count_nonzero(chosen)), _scanned_for(k)
        if self.codes is None or count <= wanted:
            places = np.flatnonzero(chosen)
            if 2 * count > len(self.matrix):
                # Products of a few vectors too many cost less than a copy of all the others.
                return [(places, scores[places]) for scores in queries @ self.matrix.T]
            return [(places, scores) for scores in queries @ self.matrix[places].T]
        some = None if count == len(chosen) else chosen
        own = len(queries) - standing
        found = self._scanned(self.codes, queries[:own], wanted, some) if own else []
        return found + [self._standing_of(self.codes, query, k, wanted, some) for query in queries[own:]]

    def _scanned(self, codes: Codes, queries: Matrix, wanted: int, chosen: Mask | None) -> list[Scored]:
        by_query = codes.scan(queries, wanted, chosen)
        found = list(zip(by_query, products(self.flat, queries, by_query), strict=True))
        if bool((by_query >= 0).all()):
            return found
        return [(places[places >= 0], scores[places >= 0]) for places, scores in found]

    def _standing_of(self, codes: Codes, query: Vector, k: int, wanted: int, chosen: Mask | None) -> Scored:
        key = query.tobytes()
        known = self._standing.get(key)
        if known is None:
            [(places, scores)] = self._scanned(codes, query[None], _scanned_for(_DEEP), None)
            order = np.lexsort((places, -scores))[:_DEEP]
            known = places[order], scores[order]
            if len(self._standing) >= _STANDING:
                self._standing.clear()
            self._standing[key] = known
        places, scores = known
        there = np.arange(min(k, len(places))) if chosen is None else np.flatnonzero(chosen[places])[:k]
        if len(there) == k:
            return places[there], scores[there]
        # Hardly anything near it is chosen: look at what is.
        return self._scanned(codes, query[None], wanted, chosen)[0]
