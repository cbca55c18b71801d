"""The vector index on FAISS: immutable snapshots that are swapped whole. Knows faiss; knows no items and no audiences.

FAISS crashes when one thread adds while another searches. Here nothing that was published is ever changed: a search
reads one snapshot without a lock; a writer builds the next one beside it and puts it in place with one assignment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from recsys.index.checks import (
    HIGHEST,
    LOWEST,
    Rows,
    checked_allowed,
    checked_queries,
    checked_rows,
    checked_vectors,
    places,
)
from recsys.index.codes import Codes
from recsys.index.exact import best
from recsys.index.nearby import Nearby, Scored, products
from recsys.index.storing import read_snapshot, write_snapshot
from recsys.rowplaces import RowPlaces
from recsys.types import Admits, Matrix, Neighbour, Vector

# The stubs describe the C++ side of what Python wraps.
_wrapped: Any = faiss
# With one thread the plain kernel beats BLAS on batches of queries too.
faiss.cvar.distance_compute_blas_threshold = 1000

Places = NDArray[np.intp]
_SPARE: Final = 8
"""Fetched beyond k, so that rounding in the fast kernel cannot decide who is at the border."""
_ROUNDING: Final = 1e-5
_FEW_DEAD: Final = 64
_DELTA: Final = 4096
_SETTLED: Final = 512
_DIRECT: Final = 2048
_FEW_QUERIES: Final = 8
_CODED_FROM: Final = 8192
"""Fewer vectors than this are scanned as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    """`matrix` is a view into `main`, in order of the sorted `rows`; `alive` is false for removed and replaced ones.

    `delta` holds what came since, for the sorted `delta_rows`; no row is alive in both. `owner` keeps `main` alive.
    `nearby` finds what is near in `matrix`; `lookup` finds rows in `rows`.
    """

    main: Any
    owner: Any
    rows: Rows
    matrix: Matrix
    alive: NDArray[np.bool_]
    dead: int
    delta_rows: Rows
    delta: Matrix
    nearby: Nearby
    lookup: RowPlaces

    def __len__(self) -> int:
        return len(self.rows) - self.dead + len(self.delta_rows)

    def living(self, wanted: Rows) -> Places:
        """Places in main of those wanted rows that are alive there."""
        found = places(self.rows, wanted)
        return found[self.alive[found]]


class FaissIndex:
    """A `VectorIndex` for one writer and any number of searching threads (writers take turns)."""

    def __init__(self, dimension: int) -> None:
        if dimension < 1:
            raise ValueError(f"dimension must be at least 1, got {dimension}")
        self._dimension = dimension
        self._writing = threading.Lock()
        self._snapshot = _build(np.zeros(0, dtype=np.int64), np.zeros((0, dimension), dtype=np.float32))

    @classmethod
    def load(cls, folder: Path, *, encoder: str, dimension: int) -> Self:
        """What `save` wrote. IndexDamaged when it is missing, damaged, or of another encoder: then rebuild."""
        index = cls(dimension)
        stored = read_snapshot(folder, encoder=encoder, dimension=dimension)
        index._snapshot = _coded(_wrap(stored.flat, stored.owner, stored.rows), None)
        return index

    def save(self, folder: Path, *, encoder: str, mark: str = "") -> None:
        """Write the present snapshot; killed at any moment, the folder holds the old one or the new one."""
        with self._writing:
            merged = self._snapshot = _merged(self._snapshot)
        write_snapshot(folder, merged.rows, merged.matrix, encoder=encoder, mark=mark)

    def settle(self) -> None:
        """Merge what came in, once there is enough of it that every look at it costs more than one merge."""
        with self._writing:
            if len(self._snapshot.delta_rows) > _SETTLED:
                self._snapshot = _merged(self._snapshot)

    @property
    def dimension(self) -> int:
        return self._dimension

    def __len__(self) -> int:
        return len(self._snapshot)

    def __contains__(self, row: object) -> bool:
        if not isinstance(row, (int, np.integer)) or not LOWEST <= row <= HIGHEST:
            return False
        now = self._snapshot
        at = int(now.rows.searchsorted(row))
        if at < len(now.rows) and now.rows[at] == row and now.alive[at]:
            return True
        at = int(now.delta_rows.searchsorted(row))
        return bool(at < len(now.delta_rows) and now.delta_rows[at] == row)

    def rows(self) -> Rows:
        """All row ids, sorted."""
        now = self._snapshot
        return np.sort(np.concatenate([now.rows[now.alive], now.delta_rows]))

    def add(self, rows: Sequence[int], vectors: Matrix) -> None:
        ids, matrix = checked_vectors(rows, vectors, self._dimension)
        if not len(ids):
            return
        with self._writing:
            now = _without(self._snapshot, ids)
            kept = np.concatenate([now.delta_rows, ids])
            order = np.argsort(kept)
            delta = np.concatenate([now.delta, matrix])[order]
            self._snapshot = _tidied(replace(now, delta_rows=kept[order], delta=delta))

    def remove(self, rows: Iterable[int]) -> int:
        ids = np.unique(checked_rows(rows))
        with self._writing:
            before = self._snapshot
            now = _without(before, ids)
            self._snapshot = _tidied(now)
            return len(before) - len(now)

    def vectors(self, rows: Sequence[int]) -> Matrix:
        wanted = checked_rows(rows)
        now = self._snapshot
        found = np.empty((len(wanted), self._dimension), dtype=np.float32)
        missing = np.ones(len(wanted), dtype=np.bool_)
        for held, matrix, alive in ((now.rows, now.matrix, now.alive), (now.delta_rows, now.delta, None)):
            if len(held):
                at = np.minimum(held.searchsorted(wanted), len(held) - 1)
                here = held[at] == wanted
                if alive is not None:
                    here &= alive[at]
                found[here] = matrix[at[here]]
                missing &= ~here
        if missing.any():
            raise KeyError(int(wanted[missing][0]))
        return found

    def held(self, rows: Rows) -> tuple[NDArray[np.bool_], Matrix]:
        """As `VectorIndex.held`: of one snapshot, so nothing can vanish between two looks."""
        now = self._snapshot
        at, in_main = now.lookup.find(rows)
        if now.dead:
            in_main &= now.alive[at]
        if bool(in_main.all()):
            return in_main, now.matrix[at]
        if not len(now.delta_rows):
            return in_main, now.matrix[at[in_main]]
        place, in_delta = RowPlaces(now.delta_rows, None).find(rows)
        found = np.empty((len(rows), self._dimension), dtype=np.float32)
        found[in_main] = now.matrix[at[in_main]]
        found[in_delta] = now.delta[place[in_delta]]
        here: NDArray[np.bool_] = in_main | in_delta
        return here, found if here.all() else found[here]

    def products(self, queries: Matrix, rows: Rows) -> Matrix:
        """See `VectorIndex.products`. Of many queries a copy of the vectors costs less than to read them for each."""
        now = self._snapshot
        at, in_main = now.lookup.find(rows)
        if now.dead:
            in_main &= now.alive[at]
        if len(rows) and len(queries) <= _FEW_QUERIES and bool(in_main.all()):
            return products(now.main, queries, np.broadcast_to(at, (len(queries), len(at))))
        here, vectors = self.held(rows)
        found = np.zeros((len(queries), len(rows)), dtype=np.float32)
        found[:, here] = queries @ vectors.T
        return found

    def near(self, queries: Matrix, k: int, admits: Admits, *, standing: int = 0) -> list[Rows]:
        """As `VectorIndex.near`: by short codes, then by the vectors of what these found; small indexes exactly.

        `admits` is asked once for the rows of a whole snapshot; the very same array is handed to it until a merge.
        """
        matrix = checked_queries(queries, k, self._dimension)
        now = self._snapshot
        if not k or not len(now) or not len(matrix):
            return [np.zeros(0, dtype=np.int64) for _ in matrix]
        chosen = admits(now.rows)
        if now.dead:
            chosen = chosen & now.alive
        found = [(now.rows[at], scores) for at, scores in now.nearby.find(matrix, k, chosen, standing=standing)]
        if len(now.delta_rows):
            fresh = np.flatnonzero(admits(now.delta_rows))
            news = now.delta if len(fresh) == len(now.delta) else now.delta[fresh]
            found = [
                _both(old, (now.delta_rows[fresh], scores)) for old, scores in zip(found, matrix @ news.T, strict=True)
            ]
        return [np.sort(_nearest_of(rows, scores, k)) for rows, scores in found]

    def search(self, queries: Matrix, k: int, *, allowed: NDArray[np.int64] | None = None) -> list[list[Neighbour]]:
        """See `VectorIndex.search`. A query of zeros has no direction and no neighbours."""
        matrix = checked_queries(queries, k, self._dimension)
        only = checked_allowed(allowed)
        now = self._snapshot
        if not k or not len(now) or not len(matrix):
            return [[] for _ in matrix]
        fresh = np.arange(len(now.delta_rows)) if only is None else places(now.delta_rows, only)
        main = _main_candidates(now, matrix, k, only)
        found: list[list[Neighbour]] = []
        for query, old in zip(matrix, main, strict=True):
            if not query.any():
                found.append([])
                continue
            new = _near_top(now.delta, query, k, fresh)
            rows = np.concatenate([now.rows[old], now.delta_rows[new]])
            found.append(best(query, rows, np.concatenate([now.matrix[old], now.delta[new]]), k))
        return found


def _build(rows: Rows, matrix: Matrix) -> _Snapshot:
    flat = faiss.IndexFlatIP(matrix.shape[1])
    flat.add(np.ascontiguousarray(matrix))
    return _wrap(flat, None, rows)


def _coded(built: _Snapshot, codes: Codes | None) -> _Snapshot:
    """With codes: those given, or new ones where there are enough vectors."""
    if codes is None and len(built.matrix) >= _CODED_FROM:
        codes = Codes.of(built.matrix)
    return replace(built, nearby=Nearby(built.main, built.matrix, codes))


def _wrap(flat: Any, owner: Any, rows: Rows) -> _Snapshot:
    number, dimension = int(flat.ntotal), int(flat.d)
    matrix = np.zeros((0, dimension), dtype=np.float32)
    if number:
        matrix = _wrapped.rev_swig_ptr(flat.get_xb(), number * dimension).reshape(number, dimension)
        matrix.flags.writeable = False
    return _Snapshot(
        main=flat,
        owner=owner,
        rows=rows,
        matrix=matrix,
        alive=np.ones(number, dtype=np.bool_),
        dead=0,
        delta_rows=np.zeros(0, dtype=np.int64),
        delta=np.zeros((0, dimension), dtype=np.float32),
        nearby=Nearby(flat, matrix, None),
        lookup=RowPlaces.of(rows),
    )


def _without(now: _Snapshot, rows: Rows) -> _Snapshot:
    """A snapshot in which none of the rows is alive."""
    gone = now.living(rows)
    if len(gone):
        alive = now.alive.copy()
        alive[gone] = False
        now = replace(now, alive=alive, dead=now.dead + len(gone))
    fresh = places(now.delta_rows, rows)
    if len(fresh):
        now = replace(now, delta_rows=np.delete(now.delta_rows, fresh), delta=np.delete(now.delta, fresh, axis=0))
    return now


def _tidied(now: _Snapshot) -> _Snapshot:
    """Merged when the delta or the number of dead rows has grown past what searches should carry."""
    if len(now.delta_rows) > _DELTA or now.dead > max(_DELTA, len(now.rows) // 8):
        return _merged(now)
    return now


def _merged(now: _Snapshot) -> _Snapshot:
    if not now.dead and not len(now.delta_rows):
        return now
    rows = np.concatenate([now.rows[now.alive], now.delta_rows])
    matrix = np.concatenate([now.matrix[now.alive], now.delta])
    order = np.argsort(rows)
    built = _build(rows[order], matrix[order])
    codes = now.nearby.codes
    return _coded(built, None if codes is None else codes.merged(now.alive, now.delta, order, built.matrix))


def _both(old: Scored, new: Scored) -> Scored:
    return np.concatenate([old[0], new[0]]), np.concatenate([old[1], new[1]])


def _nearest_of(rows: Rows, scores: NDArray[np.float32], k: int) -> Rows:
    """The k rows of largest score; among equals at the border the smallest rows."""
    if len(rows) <= k:
        return rows
    kept = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    if len(kept) > k:
        kept = kept[np.lexsort((rows[kept], -scores[kept]))[:k]]
    nearest: Rows = rows[kept]
    return nearest


def _main_candidates(now: _Snapshot, queries: Matrix, k: int, only: Rows | None) -> list[Places]:
    """For each query places in main that hold its k best living (and allowed) rows, and perhaps a few more."""
    none = np.zeros(0, dtype=np.intp)
    if not len(now.rows) - now.dead:
        return [none] * len(queries)
    if only is not None:
        chosen = now.living(only)
        if len(chosen) <= max(_DIRECT, len(now.rows) // 16):
            return [_near_top(now.matrix, query, k, chosen) for query in queries]
        return _by_faiss(now, queries, k, chosen)
    return _by_faiss(now, queries, k, np.flatnonzero(now.alive) if now.dead > _FEW_DEAD else None)


def _near_top(matrix: Matrix, query: Vector, k: int, chosen: Places) -> Places:
    """Of the chosen places those that can be among the k best, by direct products."""
    if len(chosen) <= k:
        return chosen
    vectors = matrix if len(chosen) == len(matrix) else matrix[chosen]
    scores = vectors @ query
    border = np.partition(scores, len(scores) - k)[len(scores) - k]
    near: Places = chosen[scores >= border - _ROUNDING]
    return near


def _by_faiss(now: _Snapshot, queries: Matrix, k: int, chosen: Places | None) -> list[Places]:
    """`chosen`: only these places (None: all, the few dead ones are fetched in excess and dropped)."""
    total = len(now.rows) if chosen is None else len(chosen)
    parameters = _selector(len(now.rows), chosen)
    fetch = min(total, k + _SPARE + (now.dead if chosen is None else 0))
    found: list[Places | None] = [None] * len(queries)
    open_queries = list(range(len(queries)))
    faiss.omp_set_num_threads(1)  # is a setting of each thread
    while open_queries:
        scores, at = now.main.search(np.ascontiguousarray(queries[open_queries]), fetch, params=parameters)
        still: list[int] = []
        for place, query in enumerate(open_queries):
            usable = at[place] >= 0
            usable[usable] = now.alive[at[place][usable]]
            kept = _sure(
                at[place][usable], scores[place][usable], k, everything=fetch == total, last=float(scores[place][-1])
            )
            if kept is None:
                still.append(query)
            else:
                found[query] = kept
        open_queries = still
        fetch = min(total, fetch * 2)
    return [places_found for places_found in found if places_found is not None]


def _sure(at: Places, scores: NDArray[np.float32], k: int, *, everything: bool, last: float) -> Places | None:
    """Those of the fetched places (best first) that can be among the k best; None when better ones may be missing.

    The border is sure when something clearly below the k-th best was fetched, or all there is.
    """
    if len(at) < k:
        return at if everything else None
    border = float(scores[k - 1]) - _ROUNDING
    if last >= border and not everything:
        return None
    return at[scores >= border]


def _selector(number: int, chosen: Places | None) -> Any:
    if chosen is None:
        return None
    mask = np.zeros(number, dtype=np.bool_)
    mask[chosen] = True
    bits = np.packbits(mask, bitorder="little")
    return _wrapped.SearchParameters(sel=_wrapped.IDSelectorBitmap(bits))
