"""What a model is to the evaluation: parameters that fit, and a scorer of histories. Knows no particular model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from scipy import sparse

from recsys.evaluation.datasets import Catalogue
from recsys.evaluation.histories import CELLS, Csr, Floats, Histories, Integers, Mask
from recsys.types import Progress

_DENSE: Final = 0.1
"""From this share of entries on a block is quicker to search as a dense one."""


@dataclass(frozen=True, slots=True)
class Train:
    """Everything a model may learn from. `seed` decides whatever is random in it."""

    histories: Histories
    catalogue: Catalogue
    seed: int = 0
    progress: Progress | None = None

    def tick(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)


class Scorer(Protocol):
    """A fitted model. The users of the histories need not have been trained on."""

    def __call__(self, histories: Histories) -> Floats:
        """Shape (rows, items); larger is better, no NaN. A row of equal scores says that the model knows nothing."""
        ...


@runtime_checkable
class Rater(Protocol):
    """A scorer that also says which rating a user would give."""

    def ratings(self, histories: Histories) -> Floats:
        """Shape (rows, items), in the unit of the ratings that it was trained on."""
        ...


@runtime_checkable
class Explaining(Protocol):
    """A scorer that can name the training users a score rests on."""

    def because(self, history: Integers, item: int, n: int = 3) -> list[tuple[int, float]]:
        """Rows of the training part that took `item`, most alike first, with their part of the score."""
        ...


class Model(Protocol):
    """A frozen set of parameters; equal parameters on equal data give equal scorers."""

    def fit(self, train: Train) -> Scorer: ...
    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """Parameters worth choosing, with the values to try; empty for none."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Scores are a faded history times item-item weights, sparse or dense, shape (len(codes), len(codes)).

    codes: the items that take part, sorted; all others score 0.
    """

    weights: Any
    codes: Integers
    fade: float

    def __call__(self, histories: Histories) -> Floats:
        faded = histories.faded(self.fade)
        if len(self.codes) == histories.item_count:
            return dense(faded @ self.weights)
        scores = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        scores[:, self.codes] = dense(faded[:, self.codes] @ self.weights)
        return scores


def dense(product: Any) -> Floats:
    """float32, whether scipy answered with a sparse matrix or an array."""
    return np.asarray(product.toarray() if hasattr(product, "toarray") else product, dtype=np.float32)


def busiest(histories: Histories, count: int) -> Integers:
    """Codes of the items that any user took, at most `count`: the most taken, ties by code. Sorted."""
    users = histories.users_of_items()
    order = np.lexsort((np.arange(len(users)), -users))[:count]
    return np.sort(order[users[order] > 0]).astype(np.int64)


def only(histories: Histories, codes: Integers) -> Histories:
    """Histories over these items alone, numbered anew."""
    number = np.full(histories.item_count, -1, dtype=np.int64)
    number[codes] = np.arange(len(codes))
    there: Mask = number[histories.items] >= 0
    kept = histories.where(there)
    return Histories(kept.starts, number[kept.items], kept.times, kept.ratings, len(codes))


def blocks(count: int) -> list[slice]:
    """Slices of rows of a square matrix, each within CELLS."""
    size = max(1, min(512, CELLS // max(count, 1)))
    return [slice(first, min(first + size, count)) for first in range(0, count, size)]


def largest(block: Csr, kept: int) -> Csr:
    """The `kept` largest positive entries of each row of a sparse block; ties to the smaller column."""
    rows, columns = block.shape
    block.sort_indices()
    if block.nnz > _DENSE * rows * columns:
        return _largest_dense(dense(block), kept)
    row = np.repeat(np.arange(rows), np.diff(block.indptr))
    order = np.lexsort((block.indices, -block.data, row))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(block.indptr[:-1], np.diff(block.indptr))
    chosen = (place < kept) & (block.data > 0)
    starts = np.concatenate(([0], np.cumsum(np.bincount(row[chosen], minlength=rows))))
    return sparse.csr_matrix((block.data[chosen], block.indices[chosen], starts), shape=block.shape)


def _largest_dense(block: Floats, kept: int) -> Csr:
    """The same, faster where a good part of the entries is there."""
    if kept < block.shape[1]:
        border = -np.partition(-block, kept - 1, axis=1)[:, kept - 1 : kept]
        above, equal = block > border, block == border
        room = kept - above.sum(axis=1, keepdims=True)
        block = np.where(above | (equal & (np.cumsum(equal, axis=1) <= room)), block, 0)
    return sparse.csr_matrix(np.maximum(block, 0))


def standardised(scores: Floats) -> Floats:
    """Each row minus its mean, divided by its standard deviation; zeros where a row is all alike."""
    mean = scores.mean(axis=1, keepdims=True)
    spread = scores.std(axis=1, keepdims=True)
    found: Floats = np.divide(scores - mean, spread, out=np.zeros_like(scores), where=spread > 1e-9)
    return found


def gram_block(columns: Csr, matrix: Csr, block: slice) -> Csr:
    """Rows `block` of X'Y without their diagonal, sparse; columns is X as csc, matrix is Y."""
    product = (columns[:, block].T @ matrix).tocsr().astype(np.float32)
    rows = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    product.data[product.indices == rows + block.start] = 0
    return product
