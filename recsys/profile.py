"""What a user is after, as a few vectors. Knows histories and vectors; knows no candidates and no scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.types import Declared, Matrix, Vector

VectorOf = Callable[[str], Vector | None]
"""The vector of a topic; None when there is none."""
VectorsOf = Callable[[Sequence[str]], Matrix]
"""The vectors of items, shape (items, dim); a zero row for an item without one, no columns when none has one."""
_NEGATIVES: Final = 20
_POSITIVES: Final = 100
_NO_LENGTH: Final = 1e-6


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """`same_interest`: cosine from which two items belong together; `interests`: how many are kept, heaviest first."""

    same_interest: float = 0.5
    interests: int = 4

    def __post_init__(self) -> None:
        if not -1.0 <= self.same_interest <= 1.0:
            raise ValueError(f"same_interest is a cosine, got {self.same_interest!r}")
        if self.interests < 1:
            raise ValueError(f"a profile needs room for an interest, got {self.interests!r}")


@dataclass(frozen=True, slots=True)
class Interest:
    """One direction of a user's history. `weight`: its share, 0-1; `items`: what supports it, strongest first."""

    vector: Vector
    weight: float
    items: tuple[str, ...]
    vectors: Matrix


@dataclass(frozen=True, slots=True)
class Profile:
    """`negatives`: one row for each item of `disliked`, with strengths 0-1 in `dislikes`; `topics`: one for each of
    `words`.
    """

    interests: tuple[Interest, ...]
    disliked: tuple[str, ...]
    dislikes: Vector
    negatives: Matrix
    words: tuple[str, ...]
    topics: Matrix

    @property
    def centres(self) -> Matrix:
        """Shape (interests, dim)."""
        if not self.interests:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([interest.vector for interest in self.interests])


def _stacked(vectors: list[Vector]) -> Matrix:
    return np.stack(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)


def _unit(vector: Vector) -> Vector | None:
    length = math.sqrt(float(vector @ vector))
    return (vector / length).astype(np.float32) if math.isfinite(length) and length > _NO_LENGTH else None


def _weighed(
    strengths: Mapping[str, float], vectors_of: VectorsOf, room: int
) -> tuple[tuple[str, ...], Vector, Matrix]:
    """The first `room` of the items that have a vector with a direction: ids, strengths, and the vectors as units."""
    if not strengths:
        return (), np.zeros(0, dtype=np.float32), _stacked([])
    items, worths = list(strengths), list(strengths.values())
    matrix = vectors_of(items)
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    kept = (np.isfinite(lengths) & (lengths > _NO_LENGTH)).nonzero()[0][:room]
    if not len(kept):
        return (), np.zeros(0, dtype=np.float32), _stacked([])
    weights = np.asarray(worths, dtype=np.float32)
    if len(kept) == len(items):
        return tuple(items), weights, matrix / lengths[:, None]
    return tuple([items[at] for at in kept.tolist()]), weights[kept], matrix[kept] / lengths[kept, None]


def cluster(items: tuple[str, ...], vectors: Matrix, weights: Vector, config: ProfileConfig) -> tuple[Interest, ...]:
    """Greedy leader clustering: from the strongest item down, each joins the nearest leader or becomes one.

    vectors: shape (items, dim), unit rows. One product a leader, of which there are few.
    """
    order = (-weights).argsort(kind="stable")
    ranked = vectors[order]
    leader = np.full(len(order), -1)
    # From just below, so that who is as near as that belongs to it too; of leaders equally near the first has it.
    nearest = np.full(len(order), np.nextafter(config.same_interest, -math.inf))
    for at in range(len(order)):
        if leader[at] < 0:
            likeness = ranked.dot(ranked[at])
            nearer = at + (likeness[at:] > nearest[at:]).nonzero()[0]
            leader[nearer], nearest[nearer] = at, likeness[nearer]
            leader[at], nearest[at] = at, math.inf
    found: dict[int, list[int]] = {}
    for index, chief in zip(order.tolist(), leader.tolist(), strict=True):
        found.setdefault(chief, []).append(index)
    members = list(found.values())
    worths = weights.tolist()
    total = math.fsum(worths)
    shares = [math.fsum([worths[index] for index in group]) / total for group in members]
    kept = sorted(range(len(members)), key=lambda group: (-shares[group], group))[: config.interests]
    interests = []
    for group in kept:
        chosen = members[group]
        supporting = vectors[chosen]
        centre = _unit(weights[chosen] @ supporting)
        if centre is not None:
            interests.append(Interest(centre, shares[group], tuple([items[index] for index in chosen]), supporting))
    return tuple(interests)


def build(
    strengths: Mapping[str, float],
    declared: Declared,
    *,
    vectors_of: VectorsOf,
    topic_vector: VectorOf,
    config: ProfileConfig | None = None,
) -> Profile:
    """The profile of a history given as decayed worth by item, latest last; items without a vector do not count."""
    config = config or ProfileConfig()
    latest = list(strengths.items())[::-1]
    liked, towards, vectors = _weighed({item: s for item, s in latest if s > 0}, vectors_of, _POSITIVES)
    loathed, away, negatives = _weighed({item: -s for item, s in latest if s < 0}, vectors_of, _NEGATIVES)
    interests = cluster(liked, vectors, towards, config) if liked else ()
    topics = [
        (word, unit)
        for word in dict.fromkeys(declared.topics)
        if (vector := topic_vector(word)) is not None and (unit := _unit(vector)) is not None
    ]
    return Profile(
        interests=interests,
        disliked=loathed,
        # Three is what a dismissal weighs when it has just happened: one dismissal is a full dislike.
        dislikes=np.minimum(away / 3.0, 1.0),
        negatives=negatives,
        words=tuple(word for word, _ in topics),
        topics=_stacked([vector for _, vector in topics]),
    )


class TopicVectors:
    """Vectors of topics, encoded once each; the oldest is forgotten beyond `room`."""

    def __init__(self, topic_vector: VectorOf, *, room: int = 4_096) -> None:
        self._encode = topic_vector
        self._room = room
        self._known: dict[str, Vector | None] = {}

    def __call__(self, word: str) -> Vector | None:
        key = word.strip().casefold()
        if not key:
            return None
        if key not in self._known:
            vector = self._encode(word.strip())
            while len(self._known) >= self._room:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = vector
        return self._known.get(key)
