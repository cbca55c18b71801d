"""Short codes of many vectors, to find fast what may be near. Knows faiss; decides nothing: finds are scored anew.

Product quantisation (Jegou, Douze & Schmid 2011) with sixteen centroids for each two dimensions (for each one of short
vectors, whose errors cancel out less), scanned in registers (Andre, Kermarrec & Le Scouarnec 2015): a sixteenth of the
bytes of the vectors is read. The scan itself is FAISS's.

Where vectors lie in clusters they are kept in lists by the nearest of some centres too, of which a query is shown a few
(an inverted file: Sivic & Zisserman 2003). How many it takes depends on the vectors, so it is measured on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from recsys.types import Matrix

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
_wrapped: Any = faiss
_SAMPLE: Final = 8_192
_ROUNDS: Final = 8
_BITS: Final = 4
_GROWTH: Final = 2
_SHORT: Final = 256
_TOGETHER: Final = 3
"""Queries scanned in one pass: the sums of more do not fit into registers, and four cost as much as five one by one."""
_LENGTH: Final = 1_024
"""Vectors in a list, about."""
_MOST_LISTS: Final = 256
_JUDGES: Final = 64
_HELD: Final = (200, 0.995)
"""Of so many of the nearest this share has to lie in the lists that are looked at, on average."""
_FAR: Final = 0.9
"""Times the least cosine of a judge to its nearest centre: a query farther out is like none that was measured."""
_REACH: Final = 4 * _HELD[0]
"""So far from a query, in vectors, lists are trusted: several are scanned for each that is meant to be found."""
_WORTH: Final = 4
"""Looking at more than one list in so many costs as much as one pass over everything."""


def parts(dimension: int) -> int:
    """How many parts of a vector have a code of their own."""
    return dimension if dimension < _SHORT or dimension % 2 else dimension // 2


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Codes by the nearest of some centres. Never changed. `of`: shape (n,), the list of each row; `rows`: the rows of
    each list; `looked_at`: in how many lists a query has nearly all that is nearest to it, if its cosine to its nearest
    centre is at least `close`; `packed`: FAISS's."""

    centres: Any
    of: NDArray[np.int32]
    rows: tuple[Places, ...]
    looked_at: int
    close: float
    packed: Any

    @classmethod
    def measured(cls, matrix: Matrix, quantizer: Any, rows: NDArray[np.uint8]) -> Self | None:
        """None where so many lists would have to be looked at that nothing is won."""
        number = min(len(matrix) // _LENGTH, _MOST_LISTS)
        if number < 2 * _WORTH:
            return None
        dimension = matrix.shape[1]
        # Even steps, so that the same vectors have the same centres.
        sample = matrix[np.linspace(0, len(matrix) - 1, min(_SAMPLE + 32 * number, len(matrix)), dtype=np.intp)]
        means = _wrapped.Kmeans(dimension, number, niter=_ROUNDS, spherical=True, seed=1, min_points_per_centroid=1)
        means.train(np.ascontiguousarray(sample))
        centres = _centred(means.centroids)
        of = _nearest_list(centres, matrix)
        looked_at, close = _sufficient(matrix, means.centroids, of)
        if looked_at * _WORTH > number:
            return None
        return cls._of(centres, of, looked_at, close, quantizer, rows)

    def merged(self, kept: Mask, added: Matrix, order: Places, quantizer: Any, rows: NDArray[np.uint8]) -> Self:
        """As `Codes.merged`, with the same centres; `rows`: the codes of all, in the new order."""
        of = np.concatenate([self.of[kept], _nearest_list(self.centres, added)])[order]
        return self._of(self.centres, of, self.looked_at, self.close, quantizer, rows)

    def suffice(self, queries: Matrix, chosen: Mask | None) -> bool:
        """Whether the lists that would be looked at hold enough for every query. Measured was with queries like the
        vectors, and with everything chosen: where more than half of a list is not, what is near may lie elsewhere."""
        cosines, asked = self.centres.search(queries, self.looked_at)
        if float(cosines[:, 0].min()) < self.close:
            return False
        if chosen is None:
            return True
        held = [self.rows[at] for at in {at for by_query in asked.tolist() for at in by_query}]
        return all(2 * int(np.count_nonzero(chosen[rows])) >= len(rows) for rows in held)

    @classmethod
    def _of(
        cls, centres: Any, of: NDArray[np.int32], looked_at: int, close: float, quantizer: Any, rows: NDArray[np.uint8]
    ) -> Self:
        order = np.argsort(of, kind="stable")
        by_list = np.split(order, np.searchsorted(of[order], np.arange(1, int(centres.ntotal))))
        return cls(centres, of, tuple(by_list), looked_at, close, _packed(quantizer, centres, by_list, rows))


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Codes of a matrix, in its order. Never changed. rows: shape (n, bytes), uint8. trained_on: how many rows there
    were when the centroids were made; `packed`: FAISS's, in one list; `lists`: the same in several."""

    quantizer: Any
    rows: NDArray[np.uint8]
    packed: Any
    lists: Lists | None
    trained_on: int

    @classmethod
    def of(cls, matrix: Matrix) -> Codes:
        """Train centroids on a sample of the matrix, then code all of it."""
        dimension = matrix.shape[1]
        quantizer = faiss.ProductQuantizer(dimension, parts(dimension), _BITS)
        quantizer.cp.niter = _ROUNDS
        sample = matrix[np.linspace(0, len(matrix) - 1, min(_SAMPLE, len(matrix)), dtype=np.intp)]
        _wrapped.omp_set_num_threads(1)
        quantizer.train(np.ascontiguousarray(sample))
        rows = _coded(quantizer, matrix)
        return cls(quantizer, rows, _whole(quantizer, rows), Lists.measured(matrix, quantizer, rows), len(matrix))

    def merged(self, kept: Mask, added: Matrix, order: Places, matrix: Matrix) -> Codes:
        """Codes of `matrix`: the kept rows of this one and the added ones, put in `order`.

        Only what was added is coded, unless there is so much of it that other centroids would serve better.
        """
        if len(matrix) > _GROWTH * self.trained_on:
            return Codes.of(matrix)
        rows = np.concatenate([self.rows[kept], _coded(self.quantizer, added)])[order]
        lists = None if self.lists is None else self.lists.merged(kept, added, order, self.quantizer, rows)
        return Codes(self.quantizer, rows, _whole(self.quantizer, rows), lists, self.trained_on)

    def scan(self, queries: Matrix, k: int, chosen: Mask | None) -> Places:
        """For each query about the k nearest places (of the chosen ones), in no order that means anything: shape
        (queries, k); where there are fewer, the others are -1."""
        queries, k = np.ascontiguousarray(queries), min(k, len(self.rows))
        parameters = _wrapped.IVFSearchParameters(nprobe=1)
        if chosen is not None:
            # FAISS holds no more than the addresses of both; the names keep them until the search is over.
            bits = np.packbits(chosen, bitorder="little")
            selector = _wrapped.IDSelectorBitmap(bits)
            parameters.sel = selector
        _wrapped.omp_set_num_threads(1)  # is a setting of each thread
        if self.lists is not None and k <= _REACH and self.lists.suffice(queries, chosen):
            parameters.nprobe = self.lists.looked_at
            found: Places = self.lists.packed.search(queries, k, params=parameters)[1]
            return found
        passes = -(-len(queries) // _TOGETHER)
        # Of equal size: two and two cost less than three and one.
        borders = [len(queries) * at // passes for at in range(passes + 1)]
        by_pass = [
            self.packed.search(queries[first:last], k, params=parameters)[1] for first, last in pairwise(borders)
        ]
        return by_pass[0] if passes == 1 else np.concatenate(by_pass)


def _coded(quantizer: Any, matrix: Matrix) -> NDArray[np.uint8]:
    if not len(matrix):
        return np.zeros((0, int(quantizer.code_size)), dtype=np.uint8)
    coded: NDArray[np.uint8] = quantizer.compute_codes(np.ascontiguousarray(matrix))
    return coded


def _centred(centres: Matrix) -> Any:
    flat = _wrapped.IndexFlatIP(centres.shape[1])
    flat.add(np.ascontiguousarray(centres))
    return flat


def _whole(quantizer: Any, rows: NDArray[np.uint8]) -> Any:
    """One list that holds everything: the plain fast-scan index cannot be told which rows to leave out."""
    centres = _centred(np.zeros((1, int(quantizer.d)), dtype=np.float32))
    return _packed(quantizer, centres, [np.arange(len(rows))], rows)


def _packed(quantizer: Any, centres: Any, lists: Sequence[Places], rows: NDArray[np.uint8]) -> Any:
    dimension = int(quantizer.d)
    plain = _wrapped.IndexIVFPQ(centres, dimension, len(lists), parts(dimension), _BITS, faiss.METRIC_INNER_PRODUCT)
    plain.by_residual = False
    plain.pq = quantizer
    plain.is_trained = True
    for number, places in enumerate(lists):
        ids, codes = np.ascontiguousarray(places, dtype=np.int64), np.ascontiguousarray(rows[places])
        plain.invlists.add_entries(number, len(ids), _wrapped.swig_ptr(ids), _wrapped.swig_ptr(codes))
    plain.ntotal = len(rows)
    packed = _wrapped.IndexIVFPQFastScan(plain)  # keeps `plain` and `centres`, not what is in the lists
    for number in range(len(lists)):
        plain.invlists.resize(number, 0)
    return packed


def _nearest_list(centres: Any, matrix: Matrix) -> NDArray[np.int32]:
    if not len(matrix):
        return np.zeros(0, dtype=np.int32)
    _, lists = centres.search(np.ascontiguousarray(matrix), 1)
    nearest: NDArray[np.int32] = lists[:, 0].astype(np.int32)
    return nearest


def _sufficient(matrix: Matrix, centres: Matrix, of: NDArray[np.int32]) -> tuple[int, float]:
    """In how many lists, those with the nearest centres first, a query has nearly all of what is nearest to it; and how
    close to its centre every query is, with some room.

    Asked are vectors as they are, and means of four neighbours, as interests are.
    """
    nearest, share = _HELD
    asked = np.ascontiguousarray(matrix[np.linspace(0, len(matrix) - 1, _JUDGES, dtype=np.intp)])
    means = matrix[_wrapped.knn(asked[::2], matrix, 4, metric=faiss.METRIC_INNER_PRODUCT)[1]].mean(axis=1)
    asked = np.concatenate([asked[1::2], means / np.linalg.norm(means, axis=1, keepdims=True)])
    _, near = _wrapped.knn(asked, matrix, nearest, metric=faiss.METRIC_INNER_PRODUCT)
    cosines = asked @ centres.T
    # The rank of each list for each query, 0 the one with the nearest centre.
    rank = np.argsort(np.argsort(-cosines, axis=1), axis=1)
    held = np.bincount(np.take_along_axis(rank, of[near], axis=1).ravel(), minlength=len(centres))
    # One more than measured, as the judges are few.
    lists = int(np.searchsorted(np.cumsum(held), share * held.sum())) + 2
    return lists, _FAR * float(cosines.max(axis=1).min())
