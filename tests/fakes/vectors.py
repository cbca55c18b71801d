"""A vector index that is a dictionary and a loop. Knows nothing of speed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recsys.types import Admits, Matrix, Neighbour, Vector


class DictIndex:
    """A `VectorIndex` of a few rows; `asked` is the number of searches."""

    def __init__(self, dimension: int, vectors: dict[int, Vector] | None = None) -> None:
        self._dimension = dimension
        self._vectors = dict(vectors or {})
        self.asked = 0

    @property
    def dimension(self) -> int:
        return self._dimension

    def __len__(self) -> int:
        return len(self._vectors)

    def __contains__(self, row: object) -> bool:
        return row in self._vectors

    def add(self, rows: Sequence[int], vectors: Matrix) -> None:
        self._vectors.update(zip(rows, vectors, strict=True))

    def remove(self, rows: Iterable[int]) -> int:
        return sum(self._vectors.pop(row, None) is not None for row in rows)

    def vectors(self, rows: Sequence[int]) -> Matrix:
        if not rows:
            return np.zeros((0, self._dimension), dtype=np.float32)
        return np.stack([self._vectors[row] for row in rows]).astype(np.float32)

    def held(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.bool_], Matrix]:
        here = np.asarray([row in self._vectors for row in rows.tolist()], dtype=np.bool_)
        return here, self.vectors(rows[here].tolist())

    def products(self, queries: Matrix, rows: NDArray[np.int64]) -> Matrix:
        zero = np.zeros(self.dimension, dtype=np.float32)
        return queries @ np.stack([self._vectors.get(row, zero) for row in rows.tolist()]).T

    def near(self, queries: Matrix, k: int, admits: Admits, *, standing: int = 0) -> list[NDArray[np.int64]]:
        rows = np.asarray(sorted(self._vectors), dtype=np.int64)
        found = self.search(queries, k, allowed=rows[admits(rows)])
        return [np.asarray(sorted(hit.row for hit in hits), dtype=np.int64) for hits in found]

    def search(self, queries: Matrix, k: int, *, allowed: NDArray[np.int64] | None = None) -> list[list[Neighbour]]:
        self.asked += 1
        rows = sorted(self._vectors if allowed is None else set(allowed.tolist()) & set(self._vectors))
        return [
            sorted(
                (Neighbour(row, float(query @ self._vectors[row])) for row in rows),
                key=lambda hit: (-hit.score, hit.row),
            )[:k]
            for query in queries
        ]
