"""The values and protocols of the recommender. Knows items, users and interactions; knows no chat and no SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""One embedding, shape (dim,), float32, L2-normalised."""
Matrix = NDArray[np.float32]
"""Embeddings, shape (rows, dim), float32, rows L2-normalised."""

PUBLIC: Final = "public"
Admits = Callable[[NDArray[np.int64]], NDArray[np.bool_]]
"""Sorted row ids to a mask of those that may be found. An index may ask about rows that it no longer holds."""
Progress = Callable[[int, int], None]
"""Called with (done, total)."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be suggested.

    `row` is the stable signed 64-bit id in the vector index. `level` is 0 (beginner) to 2 (advanced). Times are seconds
    since the epoch. `quality` is 0-1 (None: not rated). `starts_at` is set for dated happenings only.
    """

    id: str
    row: int
    kind: str
    title: str
    text: str = ""
    language: str = "en"
    tags: tuple[str, ...] = ()
    level: int | None = None
    author: str = ""
    audience: str = PUBLIC
    created_at: float = 0.0
    starts_at: float | None = None
    hours: float | None = None
    price: float | None = None
    prerequisites: tuple[str, ...] = ()
    replies: int = 0
    participants: int = 0
    reactions: int = 0
    solved: bool = False
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction of a user with an item: `signal` is a word of the feedback configuration, `at` in seconds."""

    user: str
    item: str
    signal: str
    at: float
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class Declared:
    """What a user told us: topics (tags or free words), level 0-2, hours a week; `muted` sources weigh nothing."""

    topics: tuple[str, ...] = ()
    level: int | None = None
    weekly_hours: float | None = None
    languages: tuple[str, ...] = ()
    muted: frozenset[str] = frozenset()
    surprises: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items may be found. Empty `kinds` or `languages` mean any; `audiences` is always binding."""

    audiences: frozenset[str] = frozenset({PUBLIC})
    kinds: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    max_hours: float | None = None
    max_price: float | None = None
    level: int | None = None

    def admits(self, item: Item) -> bool:
        """The one definition of what the filter means; indexes may only be faster, never different."""
        return (
            item.audience in self.audiences
            and (not self.kinds or item.kind in self.kinds)
            and (not self.languages or item.language in self.languages)
            and item.id not in self.exclude
            and (self.max_hours is None or (item.hours is not None and item.hours <= self.max_hours))
            and (self.max_price is None or (item.price is not None and item.price <= self.max_price))
            and (self.level is None or item.level is None or item.level == self.level)
        )


@dataclass(frozen=True, slots=True)
class Lift:
    """How much is added to the score of an item, and why; `why` is shown to whoever asks."""

    by: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided about a list. pins: reason by item, the first that may be shown takes the first place.

    What is banned stands in the filter's `exclude`.
    """

    pins: Mapping[str, str] = field(default_factory=dict, hash=False)
    boosts: Mapping[str, Lift] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the community was shown lately. trials: by item, how often it was shown and how often acted on.

    crowded: items that enough people met today; they come after all others. tried: items that have had their share of
    the exploration.
    """

    trials: Mapping[str, tuple[int, int]] = field(default_factory=dict, hash=False)
    crowded: frozenset[str] = frozenset()
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """Everything one recommendation depends on. `history` in order of time, oldest first; `now` in seconds.

    `seed` decides exploration and nothing else: the same query and model give the same list. `shown`: how often each
    item was already put before this user.
    """

    user: str | None
    now: float
    k: int = 10
    history: tuple[Interaction, ...] = ()
    declared: Declared = field(default_factory=Declared)
    where: Filter = field(default_factory=Filter)
    seed: int = 0
    explore: bool = True
    shown: Mapping[str, int] = field(default_factory=dict, hash=False)
    decisions: Decisions = field(default_factory=Decisions)
    traffic: Traffic = field(default_factory=Traffic)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a part of a score rests on: items of the user's own history, how many users, words.

    of: how many users `count` is a part of. times: how many times as often as among all others.
    """

    items: tuple[str, ...] = ()
    count: int = 0
    note: str = ""
    of: int = 0
    times: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item proposed by one generator; `value` is that generator's own raw score, larger is better."""

    item: str
    source: str
    value: float
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Reason:
    """One additive part of the score that was used; the parts of a recommendation sum to its score.

    `plain`: what it would be under the weights set by hand, where learnt ones changed it; None: the same.
    """

    source: str
    value: float
    evidence: Evidence = field(default_factory=Evidence)
    plain: float | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`rank` from 1. `reasons` sum to `score` (within 1e-6). `propensity`: probability of this slot's policy.

    `probability` of a positive action by who looks at it, once it was learnt from exposures. `slate`: of a drawn slot,
    what it was drawn from: item, score and probability each.
    """

    item: str
    rank: int
    score: float
    reasons: tuple[Reason, ...]
    policy: str = "main"
    propensity: float = 1.0
    probability: float | None = None
    slate: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; `reasons` name the retrievers (dense, lexical) with their part of the fused score."""

    item: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The best passage of one item for a question: its own words. `confidence` 0-1 that it answers the question."""

    item: str
    text: str
    score: float
    confidence: float


class Encoder(Protocol):
    """Text to vectors. `name` identifies model and version: vectors of two names are never compared."""

    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        """Shape (len(texts), dimension), rows L2-normalised; an empty text gives a zero row.

        Long texts are split into chunks whose vectors are averaged, never cut silently.
        """
        ...


class QuestionEncoder(Encoder, Protocol):
    """An encoder that reads a question in another way than what answers it."""

    def encode_questions(self, texts: Sequence[str]) -> Matrix:
        """As `encode`, for what somebody asks; to be compared with vectors of `encode` only."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of the index and its inner product with the query (cosine, -1 to 1)."""

    row: int
    score: float


@runtime_checkable
class VectorIndex(Protocol):
    """Inner product over normalised vectors under stable signed 64-bit row ids. One owner thread writes."""

    @property
    def dimension(self) -> int: ...
    def __len__(self) -> int: ...
    def add(self, rows: Sequence[int], vectors: Matrix) -> None:
        """Add or replace. ValueError on wrong shape, non-finite values, or vectors that are not of length 1."""
        ...

    def remove(self, rows: Iterable[int]) -> int:
        """How many were there."""
        ...

    def search(self, queries: Matrix, k: int, *, allowed: NDArray[np.int64] | None = None) -> list[list[Neighbour]]:
        """Up to k neighbours a query, best first, ties by row; `allowed`: only these rows (sorted, unique)."""
        ...

    def near(self, queries: Matrix, k: int, admits: Admits, *, standing: int = 0) -> list[NDArray[np.int64]]:
        """For each query the rows of about the k nearest that `admits` lets through, sorted by row.

        A few of the k may be missed and stand-ins returned: what is found is meant to be scored anew. standing: so many
        of the last queries will be asked again, by others, so what is near them may be remembered.
        """
        ...

    def vectors(self, rows: Sequence[int]) -> Matrix:
        """Shape (len(rows), dimension); KeyError names a row that is not there."""
        ...

    def held(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.bool_], Matrix]:
        """Which of the rows are there, shape (len(rows),), and the vectors of those, in their order."""
        ...

    def products(self, queries: Matrix, rows: NDArray[np.int64]) -> Matrix:
        """Inner products, shape (len(queries), len(rows)); 0 for a row that is not there. As with the vectors of
        `held`, without a copy of these."""
        ...

    def __contains__(self, row: object) -> bool: ...


class Lexical(Protocol):
    """Exact words: BM25 over segmented text of one audience."""

    def add(self, documents: Iterable[tuple[int, str, str]]) -> None:
        """(row, title, text); a row that is there is replaced."""
        ...

    def remove(self, rows: Iterable[int]) -> None: ...
    def search(self, words: str, k: int, *, allowed: NDArray[np.int64] | None = None) -> list[Neighbour]: ...
    def __len__(self) -> int: ...


class Corpus(Protocol):
    """The items of a snapshot."""

    def __len__(self) -> int: ...
    def get(self, item: str) -> Item | None: ...
    def by_row(self, row: int) -> Item | None: ...
    def rows(self, where: Filter) -> NDArray[np.int64]:
        """Sorted row ids of the items that the filter admits."""
        ...

    def items(self, where: Filter) -> Iterable[Item]: ...


class CandidateGenerator(Protocol):
    """Proposes items for a query, best first. Contract: only admitted items, no duplicates, at most `n`."""

    @property
    def source(self) -> str: ...
    def __call__(self, query: Query, n: int) -> Sequence[Candidate]: ...


class Ranker(Protocol):
    """Gives every candidate item a score that is the sum of its reasons."""

    def __call__(
        self, query: Query, candidates: Mapping[str, Sequence[Candidate]]
    ) -> list[tuple[str, tuple[Reason, ...]]]: ...


class Reranker(Protocol):
    """Chooses and orders the final list; may add reasons (diversity, exploration) and must keep sums true."""

    def __call__(self, query: Query, ranked: Sequence[tuple[str, tuple[Reason, ...]]]) -> list[Recommendation]: ...


class Model(Protocol):
    """A trained collaborative model: saved as arrays with a checksum, never as a pickle."""

    @property
    def version(self) -> str: ...
    def scores(self, history: Sequence[Interaction], now: float) -> dict[str, float]:
        """Raw scores of items for a history (fold-in: the user need not have been trained on)."""
        ...

    def neighbours(self, item: str, n: int) -> Sequence[tuple[str, float]]: ...
    def arrays(self) -> Mapping[str, NDArray[Any]]: ...
