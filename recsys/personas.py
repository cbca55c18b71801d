"""Kinds of learners: groups by interests, level, kinds of items and rhythm. Knows learners as rows; knows no names.

Features are made comparable, laid out by principal components (Pearson 1901) and grouped by K-means (Lloyd 1982, seeded
by k-means++). How many groups there are is chosen by silhouette (Rousseeuw 1987) times stability, the adjusted Rand
index of groupings of overlapping halves (Ben-Hur, Elisseeff & Guyon 2002). A group of fewer than FEWEST is told of to
nobody.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score

from recsys.rules import FEWEST

Features = NDArray[np.float64]
Labels = NDArray[np.int64]
MOST: Final = 8
_COMPONENTS: Final = 10
_SILHOUETTED: Final = 2_000
_PAIRS: Final = 5
_SIDE: Final = 0.3
"""What level, kinds and rhythm weigh beside the subjects, which are of length 1."""
_NAMED: Final = 4
_PRIOR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Subject:
    """One learner. topics: weights of subjects; themes: items acted on by theme; level 0-2; kinds: actions by kind;
    per_week: actions a week; hours: hour of the day of each action."""

    id: str
    topics: Mapping[str, float] = field(default_factory=dict)
    themes: Mapping[int, int] = field(default_factory=dict)
    level: int | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    per_week: float = 0.0
    hours: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """share: of the group who have it; lift: how many times as often as everybody, shrunk."""

    name: str
    share: float
    lift: float


@dataclass(frozen=True, slots=True)
class Persona:
    """A group of at least FEWEST. topics: what sets it apart, most telling first. themes: the same of groups of items.

    level: the middle one of those who said it (None: too few did). kind: what most of its actions are about.
    """

    members: tuple[str, ...]
    topics: tuple[Topic, ...]
    themes: tuple[int, ...]
    level: int | None
    kind: str
    per_week: float
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Personas:
    """Largest first. left_out: learners in groups too small to be told of. silhouette, stability: of the grouping."""

    groups: tuple[Persona, ...]
    learners: int
    left_out: int
    silhouette: float
    stability: float
    explained: float


def find_personas(subjects: Sequence[Subject], *, seed: int) -> Personas:
    """Deterministic in `seed`, whatever the order of the subjects; without clear groups there is one."""
    subjects = sorted((s for s in subjects if s.topics or s.kinds), key=lambda subject: subject.id)
    if len(subjects) < 2 * FEWEST:
        return _told(subjects, np.zeros(len(subjects), dtype=np.int64), 0.0, 0.0, 0.0)
    points, explained = _laid_out(_features(subjects), seed)
    distinct = len(np.unique(points.round(9), axis=0))
    best = (0.0, 0.0, np.zeros(len(points), dtype=np.int64))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for count in range(2, min(MOST, len(points) // FEWEST, distinct) + 1):
            labels = _grouped(points, count, seed)
            silhouette = _silhouette(points, labels, seed)
            stability = _stability(points, count, seed)
            if max(silhouette, 0.0) * stability > best[0] * best[1]:
                best = (silhouette, stability, labels)
    silhouette, stability, labels = best
    return _told(subjects, labels, silhouette, stability, explained)


def _features(subjects: Sequence[Subject]) -> Features:
    """Subjects weighed by rarity and of length 1, themes likewise at half, then level, kinds and rhythm."""
    topics = _block([dict(subject.topics) for subject in subjects])
    themes = _block([{str(theme): float(n) for theme, n in subject.themes.items()} for subject in subjects])
    kinds = sorted({kind for subject in subjects for kind in subject.kinds})
    levels = [subject.level for subject in subjects if subject.level is not None]
    usual = float(np.mean(levels)) if levels else 1.0
    side = np.zeros((len(subjects), 2 + len(kinds)))
    for row, subject in enumerate(subjects):
        side[row, 0] = (usual if subject.level is None else subject.level) - usual
        side[row, 1] = math.log1p(subject.per_week)
        total = sum(subject.kinds.values())
        for column, kind in enumerate(kinds, 2):
            side[row, column] = subject.kinds.get(kind, 0) / total if total else 1.0 / len(kinds)
    spread = side.std(axis=0)
    side = (side - side.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return np.concatenate([topics, 0.5 * themes, _SIDE * side / math.sqrt(side.shape[1])], axis=1)


def _block(rows: Sequence[Mapping[str, float]]) -> Features:
    counts = Counter(name for row in rows for name, value in row.items() if value > 0)
    column = {name: at for at, name in enumerate(sorted(counts))}
    found = np.zeros((len(rows), len(column)))
    for at, row in enumerate(rows):
        for name, value in row.items():
            if value > 0:
                found[at, column[name]] = value * math.log(1 + len(rows) / counts[name])
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.where(lengths > 0, lengths, 1.0)


def _laid_out(features: Features, seed: int) -> tuple[Features, float]:
    size = min(_COMPONENTS, *features.shape)
    pca = PCA(size, svd_solver="full", random_state=seed)
    spread = features.var(axis=0).sum()
    if spread < 1e-12:
        return np.zeros((len(features), 1)), 0.0
    return np.asarray(pca.fit_transform(features)), float(pca.explained_variance_ratio_.sum())


def _grouped(points: Features, count: int, seed: int) -> Labels:
    return np.asarray(KMeans(count, n_init=10, random_state=seed).fit(points).labels_, dtype=np.int64)


def _silhouette(points: Features, labels: Labels, seed: int) -> float:
    if len(np.unique(labels)) < 2:
        return 0.0
    return float(silhouette_score(points, labels, sample_size=min(_SILHOUETTED, len(points)), random_state=seed))


def _stability(points: Features, count: int, seed: int) -> float:
    """Mean agreement of groupings of two samples of four fifths, over those in both."""
    rng = np.random.default_rng([seed, count])
    size = max(count + 1, round(0.8 * len(points)))
    values = []
    for _ in range(_PAIRS):
        one, two = (np.sort(rng.choice(len(points), size, replace=False)) for _ in range(2))
        both = np.intersect1d(one, two)
        found = [
            KMeans(count, n_init=4, random_state=seed).fit(points[part]).predict(points[both]) for part in (one, two)
        ]
        values.append(adjusted_rand_score(*found))
    return max(float(np.mean(values)), 0.0)


def _told(
    subjects: Sequence[Subject], labels: Labels, silhouette: float, stability: float, explained: float
) -> Personas:
    groups = [[s for s, label in zip(subjects, labels.tolist(), strict=True) if label == each] for each in set(labels)]
    kept = sorted((group for group in groups if len(group) >= FEWEST), key=lambda group: (-len(group), group[0].id))
    told = tuple(_persona(group, subjects) for group in kept)
    left_out = len(subjects) - sum(len(group) for group in kept)
    return Personas(told, len(subjects), left_out, silhouette, stability, explained)


def _persona(group: Sequence[Subject], everybody: Sequence[Subject]) -> Persona:
    levels = [subject.level for subject in group if subject.level is not None]
    kinds = Counter[str]()
    for subject in group:
        kinds.update(subject.kinds)
    themes = _telling([set(map(str, s.themes)) for s in group], [set(map(str, s.themes)) for s in everybody])
    return Persona(
        members=tuple(subject.id for subject in group),
        topics=_telling(
            [{t for t, value in s.topics.items() if value > 0} for s in group],
            [{t for t, value in s.topics.items() if value > 0} for s in everybody],
        ),
        themes=tuple(int(theme.name) for theme in themes[:2]),
        level=round(median(levels)) if len(levels) >= FEWEST else None,
        kind=max(sorted(kinds), key=lambda kind: kinds[kind], default=""),
        per_week=float(median(subject.per_week for subject in group)),
        hours=tuple(hour for subject in group for hour in subject.hours),
    )


def _telling(group: Sequence[set[str]], everybody: Sequence[set[str]]) -> tuple[Topic, ...]:
    """What at least FEWEST of the group have and more of it than elsewhere, by share times log of lift."""
    overall = Counter(name for own in everybody for name in own)
    mine = Counter(name for own in group for name in own)
    found = []
    for name, count in mine.items():
        usual = overall[name] / len(everybody)
        lift = (count + _PRIOR * usual) / (len(group) + _PRIOR) / usual
        if count >= FEWEST and (lift > 1 or len(group) == len(everybody)):
            found.append(Topic(name, count / len(group), lift))
    found.sort(key=lambda topic: (-topic.share * math.log(max(topic.lift, 1 + 1e-6)), -topic.share, topic.name))
    return tuple(found[:_NAMED])
