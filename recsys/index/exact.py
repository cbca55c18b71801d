"""The vector index as its definition says, in NumPy: the oracle of the tests and enough for small communities."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recsys.index.checks import Rows, checked_allowed, checked_queries, checked_rows, checked_vectors
from recsys.types import Admits, Matrix, Neighbour, Vector


def best(query: Vector, rows: Rows, vectors: Matrix, k: int) -> list[Neighbour]:
    """The k best of some rows: inner products summed in double precision, best first, ties by row.

    A row's score depends on its vector and the query alone, not on its neighbours in memory: equal vectors tie.
    """
    scores = (vectors.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    order = np.lexsort((rows, -scores))[:k]
    return [Neighbour(int(rows[place]), min(max(float(scores[place]), -1.0), 1.0)) for place in order]


class ExactIndex:
    """A `VectorIndex` over a dictionary. Safe to use from several threads; every call holds one lock."""

    def __init__(self, dimension: int) -> None:
        if dimension < 1:
            raise ValueError(f"dimension must be at least 1, got {dimension}")
        self._dimension = dimension
        self._vectors: dict[int, Vector] = {}
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        return self._dimension

    def __len__(self) -> int:
        return len(self._vectors)

    def __contains__(self, row: object) -> bool:
        return row in self._vectors

    def rows(self) -> Rows:
        """All row ids, sorted."""
        with self._lock:
            return np.array(sorted(self._vectors), dtype=np.int64)

    def add(self, rows: Sequence[int], vectors: Matrix) -> None:
        ids, matrix = checked_vectors(rows, vectors, self._dimension)
        with self._lock:
            for row, vector in zip(ids.tolist(), matrix, strict=True):
                self._vectors[row] = vector.copy()

    def remove(self, rows: Iterable[int]) -> int:
        ids = checked_rows(rows).tolist()
        with self._lock:
            return sum(self._vectors.pop(row, None) is not None for row in ids)

    def search(self, queries: Matrix, k: int, *, allowed: NDArray[np.int64] | None = None) -> list[list[Neighbour]]:
        """See `VectorIndex.search`. A query of zeros has no direction and no neighbours."""
        matrix = checked_queries(queries, k, self._dimension)
        only = checked_allowed(allowed)
        with self._lock:
            chosen = (
                self._vectors if only is None else {r: self._vectors[r] for r in only.tolist() if r in self._vectors}
            )
            rows = np.array(list(chosen), dtype=np.int64)
            vectors = np.array(list(chosen.values()), dtype=np.float32).reshape(len(rows), self._dimension)
        return [best(query, rows, vectors, k) if query.any() else [] for query in matrix]

    def near(self, queries: Matrix, k: int, admits: Admits, *, standing: int = 0) -> list[Rows]:  # noqa: ARG002 - nothing is remembered
        """As `VectorIndex.near`; here it misses nothing."""
        rows = self.rows()
        allowed = rows[admits(rows)] if len(rows) else rows
        found = self.search(queries, k, allowed=allowed)
        return [np.asarray(sorted(hit.row for hit in hits), dtype=np.int64) for hits in found]

    def held(self, rows: Rows) -> tuple[NDArray[np.bool_], Matrix]:
        with self._lock:
            here = [self._vectors.get(row) for row in rows.tolist()]
        found = [vector for vector in here if vector is not None]
        matrix = np.array(found, dtype=np.float32).reshape(len(found), self._dimension)
        return np.asarray([vector is not None for vector in here], dtype=np.bool_), matrix

    def products(self, queries: Matrix, rows: Rows) -> Matrix:
        here, vectors = self.held(rows)
        found = np.zeros((len(queries), len(rows)), dtype=np.float32)
        found[:, here] = queries @ vectors.T
        return found

    def vectors(self, rows: Sequence[int]) -> Matrix:
        with self._lock:
            found = [self._vectors[row] for row in rows]
        return np.array(found, dtype=np.float32).reshape(len(found), self._dimension)
