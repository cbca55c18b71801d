"""One scorer's answers to a scene. Knows batches and lists; knows no parameters and no statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.evaluation.histories import Doubles, Histories, batches
from recsys.evaluation.metrics import (
    Likeness,
    Lists,
    accuracy,
    coverage,
    diversity,
    gini,
    novelty,
    popularity_lift,
)
from recsys.evaluation.protocols import Scene
from recsys.evaluation.ranking import NOTHING, best, flat, masked
from recsys.evaluation.scoring import Rater, Scorer


@dataclass(frozen=True, slots=True)
class Answers:
    """lists: shape (cases, k). silent: cases answered by the fallback. errors: squared error by case, or None."""

    lists: Lists
    silent: int
    errors: Doubles | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What figures of lists are measured against: the training part's popularity, and how items resemble each other."""

    popularity: np.ndarray[tuple[int], np.dtype[np.int64]]
    users: int
    likeness: Likeness


def answer(scene: Scene, scorer: Scorer, fallback: Scorer, k: int) -> Answers:
    """The k best unseen items of every case, in batches of bounded memory.

    A case about which the model knows nothing (all its scores equal, as for an empty history) gets the fallback's list,
    as it would in service.
    """
    lists = np.full((len(scene), k), NOTHING, dtype=np.int32)
    rates = isinstance(scorer, Rater) and scene.truth.rated
    errors = np.full(len(scene), np.nan) if rates else None
    silent = 0
    for part in batches(len(scene), scene.cases.item_count):
        rows = np.arange(part.start, part.stop)
        cases = scene.cases.take(rows)
        scores = np.array(scorer(cases), dtype=np.float32)
        unsure = np.flatnonzero(flat(scores))
        if len(unsure):
            scores[unsure] = fallback(cases.take(unsure))
            silent += len(unsure)
        if errors is not None and isinstance(scorer, Rater):
            errors[part] = _squared(scorer.ratings(cases), scene.truth.take(rows))
        lists[part] = best(masked(scores, scene.seen.take(rows), scene.candidates), k)
    return Answers(lists, silent, errors)


def by_case(answers: Answers, scene: Scene, around: Surroundings, at: Sequence[int], seed: int) -> dict[str, Doubles]:
    """Every figure that a case has, shape (cases,); NaN where it has none."""
    figures = accuracy(answers.lists, scene.truth, at)
    figures |= novelty(answers.lists, around.popularity, around.users, at)
    figures |= diversity(answers.lists, around.likeness, at, seed)
    if answers.errors is not None:
        figures["mse"] = answers.errors
    return figures


def of_all(answers: Answers, scene: Scene, around: Surroundings, at: Sequence[int]) -> dict[str, float | None]:
    """Figures that only all lists together have."""
    figures: dict[str, float | None] = {}
    for k in at:
        lists = answers.lists[:, :k]
        figures[f"coverage@{k}"] = coverage(lists, scene.open_items)
        figures[f"gini@{k}"] = gini(lists, scene.open_items)
        figures[f"popularity-lift@{k}"] = popularity_lift(lists, scene.cases, around.popularity)
    return figures


def _squared(ratings: np.ndarray[tuple[int, ...], np.dtype[np.float32]], truth: Histories) -> Doubles:
    """Mean squared error over the rated items of each row's truth; NaN where there is none."""
    known = np.isfinite(truth.ratings)
    rows = truth.rows[known]
    wrong = ratings[rows, truth.items[known]].astype(np.float64) - truth.ratings[known]
    counts = np.bincount(rows, minlength=len(truth))
    sums = np.bincount(rows, wrong**2, len(truth))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
