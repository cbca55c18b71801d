"""Short codes of many vectors, to find fast what may be near. Knows faiss; decides nothing: finds are scored anew.

Product quantisation (Jegou, Douze & Schmid 2011) with sixteen centroids for each two dimensions (for each one of short
vectors, whose errors cancel out less), scanned in registers (Andre, Kermarrec & Le Scouarnec 2015): a sixteenth of the
bytes of the vectors is read. The scan itself is FAISS's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

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


def parts(dimension: int) -> int:
    """How many parts of a vector have a code of their own."""
    return dimension if dimension < _SHORT or dimension % 2 else dimension // 2


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Codes of a matrix, in its order. Never changed. rows: shape (n, bytes), uint8. trained_on: how many rows there
    were when the centroids were made."""

    quantizer: Any
    rows: NDArray[np.uint8]
    packed: Any
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
        return cls._packed(quantizer, _coded(quantizer, matrix), len(matrix))

    def merged(self, kept: Mask, added: Matrix, order: Places, matrix: Matrix) -> Codes:
        """Codes of `matrix`: the kept rows of this one and the added ones, put in `order`.

        Only what was added is coded, unless there is so much of it that other centroids would serve better.
        """
        if len(matrix) > _GROWTH * self.trained_on:
            return Codes.of(matrix)
        rows = np.concatenate([self.rows[kept], _coded(self.quantizer, added)])[order]
        return Codes._packed(self.quantizer, rows, self.trained_on)

    def scan(self, queries: Matrix, k: int, chosen: Mask | None) -> Places:
        """For each query about the k nearest places (of the chosen ones), in no order that means anything: shape
        (queries, k); where there are fewer, the others are -1."""
        parameters = None
        if chosen is not None:
            # The selector reads the bits; the name keeps them until the search is over.
            bits = np.packbits(chosen, bitorder="little")
            parameters = _wrapped.IVFSearchParameters(nprobe=1, sel=_wrapped.IDSelectorBitmap(bits))
        _wrapped.omp_set_num_threads(1)  # is a setting of each thread
        queries, k = np.ascontiguousarray(queries), min(k, len(self.rows))
        passes = -(-len(queries) // _TOGETHER)
        # Of equal size: two and two cost less than three and one.
        borders = [len(queries) * at // passes for at in range(passes + 1)]
        found = [self.packed.search(queries[first:last], k, params=parameters)[1] for first, last in pairwise(borders)]
        return found[0] if passes == 1 else np.concatenate(found)

    @classmethod
    def _packed(cls, quantizer: Any, rows: NDArray[np.uint8], trained_on: int) -> Codes:
        dimension = int(quantizer.d)
        # One list that holds everything: the plain fast-scan index cannot be told which rows to leave out.
        whole = _wrapped.IndexFlatIP(dimension)
        whole.add(np.zeros((1, dimension), dtype=np.float32))
        plain = _wrapped.IndexIVFPQ(whole, dimension, 1, parts(dimension), _BITS, faiss.METRIC_INNER_PRODUCT)
        plain.by_residual = False
        plain.pq = quantizer
        plain.is_trained = True
        rows = np.ascontiguousarray(rows)
        ids = np.arange(len(rows), dtype=np.int64)
        plain.invlists.add_entries(0, len(rows), _wrapped.swig_ptr(ids), _wrapped.swig_ptr(rows))
        plain.ntotal = len(rows)
        packed = _wrapped.IndexIVFPQFastScan(plain)  # keeps `plain` and `whole`, not what is in their lists
        plain.invlists.resize(0, 0)
        return cls(quantizer, rows, packed, trained_on)


def _coded(quantizer: Any, matrix: Matrix) -> NDArray[np.uint8]:
    if not len(matrix):
        return np.zeros((0, int(quantizer.code_size)), dtype=np.uint8)
    coded: NDArray[np.uint8] = quantizer.compute_codes(np.ascontiguousarray(matrix))
    return coded
