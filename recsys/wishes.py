"""What people look for in vain, as topics: groups of like wishes, how many would come, and when they are around.

Knows wishes as rows with vectors and people as ids; knows no names, no store and no sentence. A group of fewer than
FEWEST people is told of to nobody.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import betabinom
from sklearn.cluster import AgglomerativeClustering

from recsys.rules import FEWEST
from recsys.segment import query_words
from recsys.types import Matrix

MOST: Final = 1_000
"""Wishes that are grouped at once, the newest."""
ALIKE: Final = 0.4
"""Mean likeness in a group. With use-multilingual-v3 it gave, by the adjusted Rand index, 0.66 on 25 questions in two
languages on four subjects or none (0.34: 0.73, 0.5: 0.58), and 0.996 on 1,000 made of 15 subjects (0.34: 0.94)."""
SAID_BY: Final = 2
"""People who used a word before it is shown: what only one wrote may be about them."""
LIKELY: Final = (1.5, 3.5)
"""Before anything is known, three of ten who look for a subject come to an event about it: a Beta with the weight of
five people."""
RANGE: Final = 0.8
"""The share of all outcomes that the range of guests covers."""
WEEK: Final = 7 * 24
_FORM: Final = re.compile(r"[A-Za-z0-9][\w+#.-]*[\w+#]|[A-Za-z]|[\u4e00-\u9fff]+")
_SMOOTH: Final = ((-1, 0.5), (0, 1.0), (1, 0.5))
_USUAL: Final = 2.0
"""Actions that the usual evening weighs beside what was observed of somebody."""
_EVENING: Final = range(18, 22)


@dataclass(frozen=True, slots=True)
class Wish:
    """Something looked for. `who`: None for somebody who is not known, and counts for nothing but the wording."""

    who: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Wishes about one thing: who has them, `words` that several of them used (the most telling first), and `example`,
    the wish nearest to all others, where it has no word that only one person used (otherwise empty)."""

    people: frozenset[str]
    wishes: tuple[int, ...]
    words: tuple[str, ...]
    example: str
    centre: NDArray[np.float32]


def topics(wishes: Sequence[Wish], vectors: Matrix, *, fewest: int = FEWEST) -> list[Topic]:
    """Groups of at least `fewest` people, most people first; ties by the oldest wish. `vectors`: rows of length 1.

    Likeness is that of meaning and of words together (what either says is said), average linkage.
    """
    if len(wishes) != len(vectors):
        raise ValueError(f"{len(wishes)} wishes and {len(vectors)} vectors")
    if len(wishes) < 2:
        return []
    used = [frozenset(query_words(wish.text)) for wish in wishes]
    distances = 1.0 - _likeness(np.asarray(vectors, dtype=np.float64), used)
    np.fill_diagonal(distances, 0.0)
    labels = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1.0 - ALIKE
    ).fit_predict(distances)
    groups: dict[int, list[int]] = defaultdict(list)
    for at, label in enumerate(labels):
        groups[int(label)].append(at)
    everywhere = Counter(word for words in used for word in words)
    found = [
        _topic(wishes, vectors, used, rows, everywhere)
        for rows in groups.values()
        if len({wishes[at].who for at in rows} - {None}) >= fewest
    ]
    return sorted(found, key=lambda topic: (-len(topic.people), topic.wishes))


def _likeness(vectors: NDArray[np.float64], used: Sequence[frozenset[str]]) -> NDArray[np.float64]:
    """1 - (1 - likeness of meaning)(1 - likeness of words), the latter the cosine of idf-weighted words."""
    column = {word: at for at, word in enumerate(sorted({word for words in used for word in words}))}
    counts = Counter(word for words in used for word in words)
    rows = np.zeros((len(used), max(len(column), 1)))
    for at, words in enumerate(used):
        for word in words:
            rows[at, column[word]] = math.log(1 + len(used) / counts[word])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1.0)
    meaning, words_alike = np.clip(vectors @ vectors.T, 0.0, 1.0), rows @ rows.T
    return np.clip(1.0 - (1.0 - meaning) * (1.0 - np.clip(words_alike, 0.0, 1.0)), 0.0, 1.0)


def _topic(
    wishes: Sequence[Wish],
    vectors: Matrix,
    used: Sequence[frozenset[str]],
    rows: Sequence[int],
    everywhere: Counter[str],
) -> Topic:
    people = frozenset(who for at in rows if (who := wishes[at].who) is not None)
    by: dict[str, set[str]] = defaultdict(set)
    for at in rows:
        for word in used[at]:
            by[word].add(wishes[at].who or "")
    shared = {word: len(who - {""}) for word, who in by.items() if len(who - {""}) >= SAID_BY}
    within = Counter(word for at in rows for word in used[at])
    written = _written(wishes[at].text for at in rows)
    # Used by many of them, and by few others.
    telling = sorted(shared, key=lambda word: (-shared[word] * within[word] / everywhere[word], word))
    telling = [written.get(word, word) for word in telling]
    centre = np.asarray(vectors, dtype=np.float64)[list(rows)].mean(axis=0)
    length = float(np.linalg.norm(centre))
    centre = (centre / length if length else centre).astype(np.float32)
    near = sorted(rows, key=lambda at: (-float(vectors[at] @ centre), at))
    said = (wishes[at].text for at in near if used[at] and used[at] <= shared.keys())
    return Topic(people, tuple(rows), tuple(telling), next(said, ""), centre)


def _written(texts: Iterable[str]) -> dict[str, str]:
    """How each word is mostly written; `query_words` cuts words to their stems."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for form in _FORM.findall(text):
            stems = query_words(form)
            if len(stems) == 1:
                forms[stems[0]][form] += 1
    return {stem: min(counts, key=lambda form: (-counts[form], form)) for stem, counts in forms.items()}


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many would come: the middle and a range of RANGE."""

    likely: int
    low: int
    high: int


def turnout(interested: int, history: Iterable[tuple[int, int]] = ()) -> Turnout:
    """Beta-binomial: LIKELY, learnt on from past events as (had looked for it before, of whom came).

    Source: Gelman et al., Bayesian Data Analysis (3rd ed.), section 2.4, and the predictive distribution after it.
    """
    came, stayed_away = LIKELY
    for looked, guests in history:
        if not 0 <= guests <= looked:
            raise ValueError(f"{guests} of {looked} cannot have come")
        came, stayed_away = came + guests, stayed_away + looked - guests
    outcome = betabinom(interested, came, stayed_away)
    low, high = outcome.interval(RANGE)
    return Turnout(round(interested * came / (came + stayed_away)), int(low), int(high))


def presence(hours: Mapping[int, float]) -> NDArray[np.float64]:
    """Of somebody's actions by hour of their local week (0 is Monday 00:00) how likely they are around in each, 0-1.

    Observed hours are smoothed over their neighbours, and other days at the same hour count a little: people have few
    actions and many habits. The usual evening stands in where little is known.
    """
    counts = np.zeros(WEEK)
    for hour, weight in hours.items():
        for step, share in _SMOOTH:
            counts[(hour + step) % WEEK] += weight * share
    daily = counts.reshape(7, 24).mean(axis=0)
    usual = np.array([1.0 if hour in _EVENING else 0.05 for hour in range(24)])
    expected = 0.7 * counts + 0.3 * np.tile(daily, 7) * 7 + _USUAL * np.tile(usual, 7) / 7
    top = float(expected.max())
    return expected / top if top > 0 else expected


def best_slots(
    candidates: Sequence[tuple[float, Sequence[int | None]]],
    presences: Sequence[NDArray[np.float64]],
    *,
    apart: float,
    k: int = 2,
) -> list[tuple[int, float]]:
    """The k best of `candidates`, each (time in seconds, for each person the hour of their local week then; None: they
    sleep), at least `apart` seconds from one another in the course of a week. Gives (its place, how many are likely
    around), best first."""
    scored = sorted(
        (
            (sum(float(there[hour]) for there, hour in zip(presences, hours, strict=True) if hour is not None), at)
            for at, (_, hours) in enumerate(candidates)
        ),
        key=lambda one: (-one[0], one[1]),
    )
    chosen: list[tuple[int, float]] = []
    for score, at in scored:
        if len(chosen) == k:
            break
        if all(_within_week(candidates[at][0] - candidates[other][0]) >= apart for other, _ in chosen):
            chosen.append((at, score))
    return chosen


def _within_week(seconds: float) -> float:
    """How far two times are from one another when all weeks are alike: the same hour a week later is no other time."""
    rest = seconds % (WEEK * 3_600)
    return min(rest, WEEK * 3_600 - rest)
