"""Where a new item would stand among the known: learned from how known items are described. Knows items, vectors and a
trained model; knows no users and no message text.

For pairs of known items the likeness of their links (what leads to them and what they lead to) is explained by the
likeness of what is said of them. The same weights then place an item that nobody acted on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from recsys.collaborative import CollaborativeModel
from recsys.columns import Slots, View
from recsys.types import PUBLIC, Item, Matrix

FEATURES: Final = ("text", "tags", "author", "level", "language", "prerequisites")
NEAR: Final = 20
"""Known items that a new one is placed by."""
PAIRS_OF: Final = 400
_FEWEST: Final = 10
"""Known items below which nothing can be learned and nothing is placed."""
_RIDGE: Final = 1e-3
_AT_ONCE: Final = 128
"""New items that one query places at most: after an import of thousands nobody waits for all of them."""

Floats = NDArray[np.float64]
VectorsOf = Callable[[Slots], Matrix]
"""Unit rows of slots; a zero row for an item without a vector, no columns when none has one."""


class Described:
    """What is said of known items, made ready to be compared with."""

    def __init__(self, items: Sequence[Item], vectors: Matrix) -> None:
        self.items = tuple(items)
        self.vectors = vectors
        self._tags = _numbered(tag.casefold() for item in items for tag in item.tags)
        self._tagged = self._tags_of(items)
        self._authors = _numbered(item.author for item in items)
        self._author = np.asarray([self._authors[item.author] for item in items], dtype=np.int64)
        self._languages = _numbered(item.language for item in items)
        self._language = np.asarray([self._languages[item.language] for item in items], dtype=np.int64)
        self._level = np.asarray([np.nan if item.level is None else item.level for item in items], dtype=np.float64)
        self._number = {item.id: code for code, item in enumerate(items)}
        self._unlocks: dict[str, list[int]] = {}
        for code, item in enumerate(items):
            for needed in item.prerequisites:
                self._unlocks.setdefault(needed, []).append(code)

    def likenesses(self, new: Sequence[Item], vectors: Matrix) -> Floats:
        """Shape (new, known, FEATURES), each 0-1: cosine, Jaccard of tags, the same author, level 1 - steps / 2, the
        same language, one names the other as a prerequisite."""
        found = np.zeros((len(new), len(self.items), len(FEATURES)))
        if vectors.shape[1] == self.vectors.shape[1]:
            found[:, :, 0] = np.clip(vectors @ self.vectors.T, 0, 1)
        own = self._tags_of(new)
        shared = np.asarray((own @ self._tagged.T).todense())
        # Tags that no known item has count for the union all the same.
        sizes = np.asarray([len({tag.casefold() for tag in item.tags}) for item in new], dtype=np.float64)
        either = sizes[:, None] + np.asarray(self._tagged.sum(axis=1)).ravel()[None] - shared
        found[:, :, 1] = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
        for row, item in enumerate(new):
            if item.author:
                found[row, :, 2] = self._author == self._authors.get(item.author, -1)
            if item.level is not None:
                found[row, :, 3] = np.nan_to_num(np.maximum(1 - np.abs(self._level - item.level) / 2, 0))
            found[row, :, 4] = self._language == self._languages.get(item.language, -1)
            found[row, [self._number[needed] for needed in item.prerequisites if needed in self._number], 5] = 1
            found[row, self._unlocks.get(item.id, []), 5] = 1
        return found

    def _tags_of(self, items: Sequence[Item]) -> sparse.csr_matrix:
        codes = [
            sorted({self._tags[tag.casefold()] for tag in item.tags if tag.casefold() in self._tags}) for item in items
        ]
        starts = np.concatenate(([0], np.cumsum([len(each) for each in codes]))).astype(np.int64)
        columns = np.asarray([code for each in codes for code in each], dtype=np.int64)
        return sparse.csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(items), len(self._tags)))


def _numbered(words: Iterable[str]) -> dict[str, int]:
    return {word: code for code, word in enumerate(dict.fromkeys(words))}


def learn(model: CollaborativeModel, items: Sequence[Item], vectors: Matrix) -> Floats:
    """Weights, shape (1 + FEATURES,), the first for everything alike: non-negative least squares (Lawson & Hanson 1974)
    of the cosines between the links of known items on their likenesses. items: known to the model.
    """
    # Evenly over the catalogue, so that the same model and items give the same weights.
    chosen = np.unique(np.linspace(0, len(items) - 1, min(len(items), PAIRS_OF)).astype(np.int64))
    sample = [items[at] for at in chosen.tolist()]
    codes = [code for item in sample if (code := model.code(item.id)) is not None]
    return weighed(model, codes, Described(sample, vectors[chosen]).likenesses(sample, vectors[chosen]))


def weighed(model: CollaborativeModel, codes: Sequence[int], found: Floats) -> Floats:
    """As `learn`, from likenesses of any kind: codes in the model, and found, shape (codes, codes, kinds)."""
    links = model.links
    shape = (len(model), len(model))
    whole = sparse.csr_matrix((links.values.sum(axis=0), links.targets, links.starts), shape=shape)[codes]
    norms = np.sqrt(np.asarray(whole.multiply(whole).sum(axis=1)).ravel())
    unit = sparse.diags(1 / np.maximum(norms, 1e-12)) @ whole
    alike = np.asarray((unit @ unit.T).todense())
    pairs = ~np.eye(len(codes), dtype=np.bool_)
    inputs = np.concatenate([np.ones((int(pairs.sum()), 1)), found[pairs]], axis=1)
    gram = inputs.T @ inputs / len(inputs) + _RIDGE * np.eye(inputs.shape[1])
    root = np.linalg.cholesky(gram).T
    weights, _ = optimize.nnls(root, np.linalg.solve(root.T, inputs.T @ alike[pairs] / len(inputs)))
    return np.asarray(weights)


@dataclass(frozen=True, slots=True)
class Placed:
    """New items by slot (sorted) and how alike they are to known ones: shape (new, known), NEAR entries a row at most.

    What all pairs have in common says nothing and is left out. codes: places in `known` by id; numbers: the same by the
    model's code, -1 for what the corpus does not know. totals: of the weights of each new item.
    """

    slots: Slots
    known: tuple[str, ...]
    weights: sparse.csr_matrix
    codes: Mapping[str, int]
    numbers: Slots
    totals: Floats

    def near(self, slot: int) -> list[tuple[str, float]]:
        """The known items that a new one is placed by, most alike first."""
        at = int(self.slots.searchsorted(slot))
        if at == len(self.slots) or self.slots[at] != slot:
            return []
        row = slice(*self.weights.indptr[at : at + 2])
        found = zip((-self.weights.data[row]).tolist(), self.weights.indices[row].tolist(), strict=True)
        return [(self.known[code], -weight) for weight, code in sorted(found)]


_NONE: Final = np.zeros(0, dtype=np.int64)
_NOTHING: Final = Placed(_NONE, (), sparse.csr_matrix((0, 0)), {}, _NONE, np.zeros(0))


class Placing:
    """Places what is new as it comes: each item is looked at once, whatever else happens in the corpus. Thread-safe."""

    def __init__(self, model: CollaborativeModel, kinds: frozenset[str]) -> None:
        self._model, self._kinds = model, kinds
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._restart()

    def __call__(self, view: View, vectors_of: VectorsOf) -> Placed:
        """All public items of the kinds that the model does not know and that have a vector."""
        mark = (id(view.slots_of), view.n, view.version)
        # Vectors come a moment after their items: one that waits for its own is looked at again and again, many only
        # when something else changed.
        if self._seen is not None and self._seen[:2] == mark[:2]:
            waiting = len(self._waiting)
            if not waiting or (self._in_vain >= waiting > _AT_ONCE and self._seen == mark):
                return self._placed
        with self._lock:
            if self._seen is None or self._seen[0] != mark[0] or mark[1] < self._seen[1]:
                # The corpus was packed anew: slots mean other items now.
                self._restart()
            self._look(view, vectors_of)
            self._seen = mark
            return self._placed

    def _restart(self) -> None:
        self._done = 0
        self._waiting: list[int] = []
        self._rows: dict[int, tuple[NDArray[np.int64], Floats]] = {}
        self._placed = _NOTHING
        self._known: Described | None = None
        self._in_vain = 0
        self._weights: Floats = np.zeros(1 + len(FEATURES))

    def _look(self, view: View, vectors_of: VectorsOf) -> None:
        fresh = [
            slot
            for slot in range(self._done, view.n)
            if (item := view.items[slot]).kind in self._kinds and item.audience == PUBLIC and item.id not in self._model
        ]
        if fresh or (self._seen is not None and self._seen[2] != view.version):
            self._in_vain = 0
        self._done = max(self._done, view.n)
        waiting = [slot for slot in (*fresh, *self._waiting) if view.columns.until[slot] > view.version]
        now, later = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        self._waiting = later
        if not now:
            return
        if self._known is None:
            self._known, self._weights = self._learned(view, vectors_of)
        vectors = vectors_of(np.asarray(now, dtype=np.int64))
        ready = [at for at in range(len(now)) if vectors.shape[1] and vectors[at].any()]
        without = sorted(set(range(len(now))) - set(ready))
        self._waiting = [*later, *(now[at] for at in without)]
        self._in_vain = 0 if ready else self._in_vain + len(now)
        if not ready or len(self._known.items) < _FEWEST:
            return
        items = [view.items[now[at]] for at in ready]
        alike = self._known.likenesses(items, vectors[ready]) @ self._weights[1:]
        for at, row in zip(ready, alike, strict=True):
            best = np.argsort(-row, kind="stable")[:NEAR]
            best = np.sort(best[row[best] > 0])
            self._rows[now[at]] = (best, row[best])
        self._publish(self._known)

    def _learned(self, view: View, vectors_of: VectorsOf) -> tuple[Described, Floats]:
        slots = np.sort(view.slots(self._model.names))
        slots = slots[np.asarray([view.items[slot].audience == PUBLIC for slot in slots.tolist()], dtype=np.bool_)]
        known = Described([view.items[slot] for slot in slots.tolist()], vectors_of(slots))
        if len(known.items) < _FEWEST:
            return known, np.zeros(1 + len(FEATURES))
        return known, learn(self._model, known.items, known.vectors)

    def _publish(self, known: Described) -> None:
        slots = sorted(self._rows)
        rows = [self._rows[slot] for slot in slots]
        starts = np.concatenate(([0], np.cumsum([len(columns) for columns, _ in rows])))
        # Of the known items only those that something is placed by: each query makes an array as long.
        used, columns = np.unique(np.concatenate([columns for columns, _ in rows]), return_inverse=True)
        values = np.concatenate([values for _, values in rows])
        matrix = sparse.csr_matrix((values, columns, starts), shape=(len(slots), len(used)))
        names = tuple(known.items[at].id for at in used.tolist())
        codes = _numbered(names)
        self._placed = Placed(
            np.asarray(slots, dtype=np.int64),
            names,
            matrix,
            codes,
            np.asarray([codes.get(name, -1) for name in self._model.names], dtype=np.int64),
            np.asarray(matrix.sum(axis=1)).ravel(),
        )
