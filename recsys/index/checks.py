"""What may enter an index. FAISS itself takes NaN, doubled ids and wrong lengths without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recsys.types import Matrix

Rows = NDArray[np.int64]

LOWEST, HIGHEST = -(2**63), 2**63 - 1
_OFF_ONE = 1e-3


def checked_rows(rows: Iterable[int]) -> Rows:
    """Row ids as signed 64-bit integers. ValueError for others."""
    listed = list(rows)
    for row in listed:
        if not isinstance(row, (int, np.integer)) or not LOWEST <= row <= HIGHEST:
            raise ValueError(f"a row is a signed 64-bit integer, got {row!r}")
    return np.array(listed, dtype=np.int64)


def checked_vectors(rows: Sequence[int], vectors: Matrix, dimension: int) -> tuple[Rows, Matrix]:
    """Rows and vectors in ascending order of row. ValueError names the first thing that is wrong."""
    ids = checked_rows(rows)
    matrix = np.asarray(vectors)
    if matrix.ndim != 2 or matrix.shape != (len(ids), dimension):
        raise ValueError(f"expected vectors of shape ({len(ids)}, {dimension}), got {matrix.shape}")
    matrix = matrix.astype(np.float32, copy=False)
    order = np.argsort(ids, kind="stable")
    ids, matrix = ids[order], np.ascontiguousarray(matrix[order])
    doubled = np.flatnonzero(ids[1:] == ids[:-1])
    if len(doubled):
        raise ValueError(f"row {ids[doubled[0]]} is given twice")
    lengths = np.linalg.norm(matrix, axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1.0) <= _OFF_ONE))
    if len(wrong):
        raise ValueError(f"the vector of row {ids[wrong[0]]} has length {lengths[wrong[0]]}, not 1")
    return ids, matrix


def checked_queries(queries: Matrix, k: int, dimension: int) -> Matrix:
    """Queries as a contiguous matrix. ValueError for a wrong shape, values that are not finite, or a negative k."""
    matrix = np.asarray(queries)
    if matrix.ndim != 2 or matrix.shape[1] != dimension:
        raise ValueError(f"expected queries of shape (n, {dimension}), got {matrix.shape}")
    if k < 0:
        raise ValueError(f"k must not be negative, got {k}")
    matrix = np.ascontiguousarray(matrix, dtype=np.float32)
    if not np.isfinite(matrix).all():
        raise ValueError("a query has values that are not finite")
    return matrix


def checked_allowed(allowed: Rows | None) -> Rows | None:
    """`allowed` as int64. ValueError unless sorted and unique: a filter must not leave out rows by accident."""
    if allowed is None:
        return None
    ids = np.asarray(allowed, dtype=np.int64)
    if ids.ndim != 1 or (ids[1:] <= ids[:-1]).any():
        raise ValueError("allowed rows must be one sorted array without doubles")
    return ids


def places(rows: Rows, wanted: Rows) -> NDArray[np.intp]:
    """Where in the sorted `rows` those of `wanted` lie that are there (ascending when `wanted` is)."""
    if not len(rows) or not len(wanted):
        return np.zeros(0, dtype=np.intp)
    at = np.searchsorted(rows, wanted)
    at[at == len(rows)] = 0
    found: NDArray[np.intp] = at[rows[at] == wanted]
    return found
