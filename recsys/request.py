"""One query made ready: what it may see, what is known of its user. Knows corpus and vectors; knows no scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar, cast

import numpy as np

from recsys.columns import Mask, Slots, View
from recsys.corpus import MemoryCorpus
from recsys.profile import Profile, ProfileConfig, TopicVectors, VectorOf, build
from recsys.signals import HISTORY_CAP, Feedback
from recsys.types import Interaction, Matrix, Query, Vector, VectorIndex

_T = TypeVar("_T")


class Indexes(Protocol):
    """The vector index of each audience: what is private is never in an index with what is not."""

    def get(self, audience: str, /) -> VectorIndex | None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """A query with everything that is worked out once for it.

    history: the last HISTORY_CAP interactions with items that this query may see: what is answered in a room rests on
    what that room may read. strengths: their decayed worth by item. admitted: shape (view.n,), what may be suggested:
    the filter admits it, it is neither known to the user nor over. positives: how many items the history speaks for.
    """

    query: Query
    view: View
    indexes: Indexes
    history: tuple[Interaction, ...]
    strengths: dict[str, float]
    profile: Profile
    admitted: Mask
    excluded: Slots
    done: frozenset[str]
    positives: int
    _once: dict[str, Any] = field(default_factory=dict)

    def may_read(self, item: str) -> bool:
        """Whether an item is there and in an audience of the query."""
        slot = self.view.slot(item)
        return slot is not None and self.view.items[slot].audience in self.query.where.audiences

    def once(self, name: str, work: Callable[[], _T]) -> _T:
        """The result of `work`, done at most once for this request under `name`."""
        if name not in self._once:
            self._once[name] = work()
        return cast("_T", self._once[name])

    def vectors(self, slots: Slots) -> Matrix:
        """Shape (len(slots), dim); a zero row for an item without a vector. dim is 0 when none has one."""
        at = self._kept_at(slots)
        if at is None:
            return vectors_at(self.view, self.indexes, slots)
        matrix = cast("Matrix", self._once["vectors"][1])
        return matrix if at is _EVERY else matrix[at]

    def cosines(self, slots: Slots, name: str, directions: Matrix) -> Matrix:
        """Shape (len(slots), len(directions)): products with unit rows, which `name` stands for; 0 where either has no
        vector."""
        at = self._kept_at(slots)
        if at is None:
            return _products(self.vectors(slots), directions)
        every = self.once(f"cosines.{name}", lambda: _products(self._once["vectors"][1], directions))
        return every if at is _EVERY else every[at]

    def keep_vectors(self, slots: Slots) -> None:
        """Read the vectors of sorted slots once, for all parts of the score that ask about some of them."""
        self._once["vectors"] = (slots, vectors_at(self.view, self.indexes, slots))

    def _kept_at(self, slots: Slots) -> Slots | None:
        """Where the kept vectors of these slots lie; None unless all are kept."""
        kept = self._once.get("vectors")
        if kept is None:
            return None
        known = kept[0]
        if slots is known:
            return _EVERY
        at: Slots = known.searchsorted(slots)
        if not len(known) or not bool((known.take(at, mode="clip") == slots).all()):
            return None
        return at


_EVERY: Final[Slots] = np.zeros(0, dtype=np.int64)
"""Stands for all places, in order."""


def _products(vectors: Matrix, directions: Matrix) -> Matrix:
    if not len(directions) or vectors.shape[1] != directions.shape[1]:
        return np.zeros((len(vectors), len(directions)), dtype=np.float32)
    return vectors @ directions.T


def vectors_at(view: View, indexes: Indexes, slots: Slots) -> Matrix:
    """As `Request.vectors`."""
    found: Matrix | None = None
    audiences = view.columns.audience[slots]
    rows = view.columns.row[slots]
    for code in np.unique(audiences).tolist():
        index = indexes.get(view.audiences.word(code))
        if index is None:
            continue
        here = np.flatnonzero(audiences == code)
        if len(here) == len(slots):
            present, vectors = index.held(rows)
            if len(vectors) == len(slots):
                return vectors
        else:
            present, vectors = index.held(rows[here])
        if len(vectors):
            if found is None:
                found = np.zeros((len(slots), index.dimension), dtype=np.float32)
            found[here[present]] = vectors
    return np.zeros((len(slots), 0), dtype=np.float32) if found is None else found


class Preparation:
    """Makes requests of queries. `topic_vector` encodes a word; each word is encoded once."""

    def __init__(
        self,
        corpus: MemoryCorpus,
        indexes: Indexes,
        topic_vector: VectorOf,
        *,
        feedback: Feedback | None = None,
        config: ProfileConfig | None = None,
    ) -> None:
        self.corpus = corpus
        self.indexes = indexes
        self.feedback = feedback or Feedback()
        self._topic_vector = TopicVectors(topic_vector)
        self._config = config or ProfileConfig()

    def __call__(self, query: Query) -> Request:
        view = self.corpus.view()
        feedback = self.feedback
        # Everything ever done excludes, however long ago; only the latest shapes the profile.
        known = feedback.seen | feedback.dismissed
        excluded = view.slots({done.item for done in query.history if done.signal in known} | query.where.exclude)
        admitted = view.mask(replace(query.where, exclude=frozenset()))
        admitted[excluded] = False
        admitted[view.over(query.now)] = False
        history = self._visible(query, view)
        strengths = feedback.strengths(history, query.now)
        return Request(
            query=query,
            view=view,
            indexes=self.indexes,
            history=history,
            strengths=strengths,
            profile=build(
                strengths,
                query.declared,
                vector_of=self._vectors_of(view, strengths),
                topic_vector=self._topic_vector,
                config=self._config,
            ),
            admitted=admitted,
            excluded=excluded,
            done=frozenset(done.item for done in query.history if feedback.is_done(done)),
            positives=sum(strength > 0 for strength in strengths.values()),
        )

    def _visible(self, query: Query, view: View) -> tuple[Interaction, ...]:
        audiences = query.where.audiences
        kept: list[Interaction] = []
        for interaction in reversed(query.history):
            slot = view.slot(interaction.item)
            if slot is not None and view.items[slot].audience in audiences:
                kept.append(interaction)
                if len(kept) == HISTORY_CAP:
                    break
        return tuple(reversed(kept))

    def _vectors_of(self, view: View, items: Iterable[str]) -> VectorOf:
        """The vectors of these items, read together."""
        known = [(item, slot) for item in items if (slot := view.slot(item)) is not None]
        matrix = vectors_at(view, self.indexes, np.asarray([slot for _, slot in known], dtype=np.int64))
        vectors: dict[str, Vector] = {}
        if matrix.shape[1]:
            vectors = {item: vector for (item, _), vector in zip(known, matrix, strict=True)}
        return vectors.get
