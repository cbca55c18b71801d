"""Likeness of item texts: what reads like what one took. Knows texts of items; learns nothing from people."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from recsys.evaluation.datasets import Catalogue
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Csr, Floats, Histories
from recsys.evaluation.scoring import Scorer, Train, dense

_FEATURES: Final = 1 << 18
_LONGEST: Final = 20_000
"""Characters of one text that are read."""
_WORD: Final = re.compile(r"[a-z0-9+#]{2,}")
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Content:
    """score(u, j) = sum over i in the faded history of u of w_i cos(text_i, text_j).

    TF-IDF of words and, for Chinese, of runs of one to three characters: (1 + ln tf)(1 + ln(n / df)), features hashed
    (Salton & Buckley 1988; Weinberger et al. 2009).
    """

    fade: float = 0.8

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.6, 0.8, 1.0)}

    def fit(self, train: Train) -> Scorer:
        return _Alike(descriptions(train.catalogue)[-1], self.fade)


@dataclass(frozen=True, slots=True)
class _Alike:
    texts: Csr
    fade: float

    def __call__(self, histories: Histories) -> Floats:
        profiles = histories.faded(self.fade) @ self.texts
        return dense(profiles @ self.texts.T)


def descriptions(catalogue: Catalogue) -> list[Csr]:
    """Unit TF-IDF rows of the texts, of each relation of the graph, and last of all side by side, as far as there are.

    EvaluationError where nothing is said of any item.
    """
    found = [described(catalogue.texts)] if any(catalogue.texts) else []
    found += [_weighed(links) for links in catalogue.links]
    if not found:
        raise EvaluationError(
            "the content models need texts or links of the items: give a file with --items or --graph"
        )
    return found if len(found) == 1 else [*found, _unit(sparse.hstack(found, format="csr"))]


def described(texts: Sequence[str]) -> Csr:
    """Unit TF-IDF rows, shape (texts, features); an empty text is a zero row."""
    return _weighed([list(_terms(text)) for text in texts])


def _weighed(terms: Sequence[Sequence[str]]) -> Csr:
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    for row, words in enumerate(terms):
        found: dict[int, int] = {}
        for term in words:
            column = zlib.crc32(term.encode("utf-8", "replace")) % _FEATURES
            found[column] = found.get(column, 0) + 1
        rows += [row] * len(found)
        columns += found.keys()
        counts += found.values()
    matrix = sparse.csr_matrix((np.asarray(counts, dtype=np.float32), (rows, columns)), shape=(len(terms), _FEATURES))
    seen = np.bincount(matrix.indices, minlength=_FEATURES)
    matrix.data = (1 + np.log(matrix.data)) * (1 + np.log(len(terms) / np.maximum(seen[matrix.indices], 1)))
    return _unit(matrix)


def _unit(matrix: Csr) -> Csr:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags(1.0 / np.maximum(norms, 1e-12)) @ matrix).astype(np.float32).tocsr()


def _terms(text: str) -> Iterator[str]:
    lowered = text[:_LONGEST].lower()
    yield from _WORD.findall(lowered)
    for run in _HAN.findall(lowered):
        for length in (1, 2, 3):
            yield from (run[at : at + length] for at in range(len(run) - length + 1))
