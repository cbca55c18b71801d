"""One query made ready: what it may see, what is known of its user. Knows corpus and vectors; knows no scores."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from recsys.columns import Mask, Slots, View
from recsys.corpus import MemoryCorpus
from recsys.profile import Profile, ProfileConfig, TopicVectors, VectorOf, build
from recsys.signals import HISTORY_CAP, Feedback
from recsys.types import Interaction, Matrix, Query, VectorIndex

_T = TypeVar("_T")
_Rows = TypeVar("_Rows", bound=NDArray[Any])


class Indexes(Protocol):
    """The vector index of each audience: what is private is never in an index with what is not."""

    def get(self, audience: str, /) -> VectorIndex | None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """A query with everything that is worked out once for it.

    history: the last HISTORY_CAP interactions with items that this query may see: what is answered in a room rests on
    what that room may read. strengths: their decayed worth by item. admitted: shape (view.n,), what may be suggested:
    the filter admits it, it is neither known to the user nor over. gone: the slots that are not admitted for the latter
    reasons. past: sorted slots of the history. liked: slots of the items that the history speaks for, in its order;
    positives: how many these are.
    """

    query: Query
    view: View
    indexes: Indexes
    history: tuple[Interaction, ...]
    strengths: dict[str, float]
    profile: Profile
    admitted: Mask
    gone: Slots
    past: Slots
    liked: Slots
    done: frozenset[str]
    positives: int
    _once: dict[Hashable, Any] = field(default_factory=dict)

    def may_read(self, item: str) -> bool:
        """Whether an item is there and in an audience of the query."""
        slot = self.view.slot(item)
        return slot is not None and self.view.items[slot].audience in self.query.where.audiences

    def once(self, name: Hashable, work: Callable[[], _T]) -> _T:
        """The result of `work`, done at most once for this request under `name`."""
        if name not in self._once:
            self._once[name] = work()
        found: _T = self._once[name]
        return found

    def vectors(self, slots: Slots) -> Matrix:
        """Shape (len(slots), dim); a zero row for an item without a vector. dim is 0 when none has one."""
        return vectors_at(self.view, self.indexes, slots)

    def cosines(self, slots: Slots, directions: Matrix) -> Matrix:
        """Shape (len(directions), len(slots)): products with unit rows; 0 where either has no vector."""
        found = np.zeros((len(directions), len(slots)), dtype=np.float32)
        for index, here, rows in _by_index(self.view, self.indexes, slots):
            if index.dimension == directions.shape[1]:
                found[:, here] = index.products(directions, rows)
        return found

    def of_kept(self, name: Hashable, slots: Slots, work: Callable[[Slots], _Rows]) -> _Rows:
        """`work(slots)`, a row a slot; for some of the candidates done once for all of them, under `name`."""
        at = self._kept_at(slots)
        if at is None:
            return work(slots)
        every = self.once(name, lambda: work(self._once["candidates"]))
        return every if at is _EVERY else cast("_Rows", every[at])

    def choose_among(self, slots: Slots) -> None:
        """Note the candidates (sorted), so that a part that is asked about some of them can work out all at once."""
        self._once["candidates"] = slots

    def _kept_at(self, slots: Slots) -> Slots | None:
        """Where these slots lie among the candidates; None unless all do."""
        known: Slots | None = self._once.get("candidates")
        if known is None:
            return None
        if slots is known:
            return _EVERY
        at: Slots = known.searchsorted(slots)
        if not len(known) or not bool((known.take(at, mode="clip") == slots).all()):
            return None
        return at


@dataclass(frozen=True, slots=True)
class Names(Sequence[str]):
    """The ids of slots, each looked up when it is asked for: most of the candidates nobody asks about."""

    request: Request
    slots: Slots

    def __len__(self) -> int:
        return len(self.slots)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return Names(self.request, self.slots[at])
        return self.request.view.items[int(self.slots[at])].id


Places = Slots | slice
_EVERY: Final[Slots] = np.zeros(0, dtype=np.int64)
"""Stands for all places, in order."""


def _by_index(view: View, indexes: Indexes, slots: Slots) -> list[tuple[VectorIndex, Places, NDArray[np.int64]]]:
    """The indexes that may hold some of the slots, with where these lie among the slots, and their rows."""
    if not len(slots):
        return []
    audiences, rows = view.columns.audience[slots], view.columns.row[slots]
    same = audiences == audiences[0]
    if np.count_nonzero(same) == len(same):
        # As a rule: then nothing is sorted out.
        index = indexes.get(view.audiences.word(audiences[0]))
        return [] if index is None else [(index, slice(None), rows)]
    found: list[tuple[VectorIndex, Places, NDArray[np.int64]]] = []
    for code in sorted(set(audiences.tolist())):
        index = indexes.get(view.audiences.word(code))
        if index is not None:
            here = (audiences == code).nonzero()[0]
            found.append((index, here, rows[here]))
    return found


def vectors_at(view: View, indexes: Indexes, slots: Slots) -> Matrix:
    """As `Request.vectors`."""
    found: Matrix | None = None
    for index, here, rows in _by_index(view, indexes, slots):
        present, vectors = index.held(rows)
        if len(vectors) == len(slots):
            return vectors
        if len(vectors):
            if found is None:
                found = np.zeros((len(slots), index.dimension), dtype=np.float32)
            found[np.arange(len(slots))[here][present]] = vectors
    return np.zeros((len(slots), 0), dtype=np.float32) if found is None else found


def _at(slot_of: Mapping[str, int], items: Sequence[str]) -> Slots:
    return np.asarray([slot_of[item] for item in items], dtype=np.int64)


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
        self._known = self.feedback.seen | self.feedback.dismissed
        self._topic_vector = TopicVectors(topic_vector)
        self._config = config or ProfileConfig()

    def __call__(self, query: Query) -> Request:
        view = self.corpus.view()
        feedback = self.feedback
        names = [done.item for done in query.history]
        places = view.places(names)
        # Of the hundred thousand ids of a corpus few are in the processor's caches: each is looked up once.
        slot_of = dict(zip(names, places.tolist(), strict=True))
        history, past = self._visible(query, view, places)
        strengths = feedback.strengths(history, query.now)
        liked = [item for item, strength in strengths.items() if strength > 0]
        gone = self._gone(query, view, places)
        admitted = view.unrestricted(query.where).copy()
        admitted[gone] = False
        return Request(
            query=query,
            view=view,
            indexes=self.indexes,
            history=history,
            strengths=strengths,
            profile=build(
                strengths,
                query.declared,
                vectors_of=lambda items: vectors_at(view, self.indexes, _at(slot_of, items)),
                topic_vector=self._topic_vector,
                config=self._config,
            ),
            admitted=admitted,
            gone=gone,
            past=past,
            liked=_at(slot_of, liked),
            done=frozenset([done.item for done in query.history if feedback.is_done(done)]),
            positives=len(liked),
        )

    def _gone(self, query: Query, view: View, places: Slots) -> Slots:
        # Everything ever done excludes, however long ago; only the latest shapes the profile.
        known = self._known
        done = places[np.asarray([done.signal in known for done in query.history], dtype=np.bool_)]
        return np.concatenate([done[done >= 0], view.slots(query.where.exclude), view.over(query.now)])

    @staticmethod
    def _visible(query: Query, view: View, places: Slots) -> tuple[tuple[Interaction, ...], Slots]:
        """The latest interactions with what the query may see, and the sorted slots of that."""
        there = (places >= 0).nonzero()[0]
        slots = places[there]
        readable = view.audiences.any_of(view.columns.audience[slots], query.where.audiences)
        there, slots = there[readable][-HISTORY_CAP:], slots[readable][-HISTORY_CAP:]
        if len(there) == len(query.history):
            return query.history, np.sort(slots)
        return tuple(query.history[at] for at in there.tolist()), np.sort(slots)
