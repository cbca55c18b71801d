"""What a catalogue and its discussions are about: groups of items with their words. Knows items; knows nobody.

Two ways are tried at several sizes, K-means over the items' embeddings and latent Dirichlet allocation over their words
(Blei, Ng & Jordan 2003), and judged alike: coherence, the normalised pointwise mutual information of a theme's leading
words in the items (Bouma 2009; Roeder et al. 2015), times stability, the adjusted Rand index (Hubert & Arabie 1985) of
the same fit under two seeds.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import adjusted_rand_score

from recsys.types import Matrix

Labels = NDArray[np.int64]
SIZES: Final = (8, 14)
LEADING: Final = 5
_FEWEST: Final = 30
"""Fewer items than this have no themes."""
_MOST_ITEMS: Final = 3_000
_VOCABULARY: Final = 2_000


@dataclass(frozen=True, slots=True)
class Themes:
    """labels: theme of every item in the order given. words: the leading words of each theme, strongest first."""

    labels: Labels
    words: tuple[tuple[str, ...], ...]
    method: str
    coherence: float
    stability: float


def find_themes(terms: Sequence[Sequence[str]], vectors: Matrix, *, seed: int) -> Themes | None:
    """The most coherent and stable grouping. terms: words or tags of each item; vectors: shape (items, dim).

    Deterministic in `seed`; beyond _MOST_ITEMS the groups are made from a sample. None for too few items.
    """
    if len(terms) != len(vectors):
        raise ValueError(f"{len(terms)} items have {len(vectors)} vectors")
    if len(terms) < _FEWEST:
        return None
    drawn = np.arange(len(terms))
    if len(drawn) > _MOST_ITEMS:
        drawn = np.sort(np.random.default_rng(seed).permutation(drawn)[:_MOST_ITEMS])
    counter = CountVectorizer(analyzer=list, max_features=_VOCABULARY, min_df=2)
    try:
        counts = counter.fit_transform([list(terms[at]) for at in drawn.tolist()])
    except ValueError:  # no word stands in two items
        return None
    names = counter.get_feature_names_out().tolist()
    present = (counts > 0).astype(np.float64)
    best: Themes | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for size in (size for size in SIZES if 3 * size <= len(drawn)):
            for method, fit in (("kmeans", _kmeans), ("lda", _lda)):
                source: Any = vectors[drawn] if method == "kmeans" else counts
                model, labels = fit(source, size, seed)
                _, again = fit(source, size, seed + 1)
                words = _leading(labels, counts, names)
                coherence = _coherence(words, names, present)
                stability = max(float(adjusted_rand_score(labels, again)), 0.0)
                if best is None or (1 + coherence) * stability > (1 + best.coherence) * best.stability:
                    every: Any = vectors if method == "kmeans" else counter.transform([list(own) for own in terms])
                    best = Themes(_assigned(model, every), words, method, coherence, stability)
    return best


def _kmeans(vectors: Matrix, size: int, seed: int) -> tuple[Any, Labels]:
    model = KMeans(size, n_init=4, random_state=seed).fit(vectors)
    return model, np.asarray(model.labels_, dtype=np.int64)


def _lda(counts: Any, size: int, seed: int) -> tuple[Any, Labels]:
    model = LatentDirichletAllocation(size, max_iter=8, learning_method="batch", random_state=seed)
    return model, np.asarray(model.fit_transform(counts).argmax(axis=1), dtype=np.int64)


def _assigned(model: Any, source: Any) -> Labels:
    if isinstance(model, KMeans):
        return np.asarray(model.predict(source), dtype=np.int64)
    return np.asarray(model.transform(source).argmax(axis=1), dtype=np.int64)


def _leading(labels: Labels, counts: Any, names: list[str]) -> tuple[tuple[str, ...], ...]:
    """Words that stand out in each theme: their share in it times the log of how much more than elsewhere."""
    total = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()
    found = []
    for theme in range(int(labels.max()) + 1):
        own = np.asarray(counts[labels == theme].sum(axis=0), dtype=np.float64).ravel()
        share = own / max(own.sum(), 1.0)
        lift = (own + 1.0) / (own.sum() + len(names)) / ((total + 1.0) / (total.sum() + len(names)))
        weight = share * np.log(lift)
        order = np.lexsort((np.arange(len(names)), -weight))[:LEADING]
        found.append(tuple(names[at] for at in order.tolist() if weight[at] > 0))
    return tuple(found)


def _coherence(words: Sequence[Sequence[str]], names: list[str], present: Any) -> float:
    """Mean NPMI over the pairs of leading words of all themes: -1 never together, 0 by chance, 1 always."""
    place = {name: at for at, name in enumerate(names)}
    total = present.shape[0]
    share = np.asarray(present.sum(axis=0)).ravel() / total
    values: list[float] = []
    for group in words:
        for one, other in combinations(group, 2):
            a, b = place[one], place[other]
            both = float(present[:, a].multiply(present[:, b]).sum()) / total
            if both in (0.0, 1.0):
                values.append(-1.0 if not both else 1.0)
            else:
                values.append(math.log(both / (share[a] * share[b])) / -math.log(both))
    return float(np.mean(values)) if values else -1.0
