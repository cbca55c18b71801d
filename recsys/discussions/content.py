"""How a candidate's title fits what the member wrote in before. Knows vectors of titles; trains nothing on them."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.board import Board, Question
from recsys.discussions.messages import Integers
from recsys.discussions.tables import grown

Matrix = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Matrix]
"""Texts to unit vectors, shape (texts, dimension); zero for an empty one."""

LATEST: Final = 30
"""The member's last topics that a candidate is compared with."""
FADE: Final = 0.8
CONTENT: Final = ("mean", "best", "best-5", "last", "faded", "lift")
_FEATURES: Final = 512
_WORD: Final = re.compile(r"[^\W_]+(?:[+#]+)?")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LIST: Final = 4_096


class TitleVectors:
    """Vectors of topics, encoded when first asked for. Topics without a title have a zero vector."""

    def __init__(self, titles: Sequence[str], encode: Encode, dimension: int) -> None:
        self._titles, self._encode = titles, encode
        self._slot: Integers = np.full(len(titles), -1, dtype=np.int64)
        self._vectors: Matrix = np.zeros((1, dimension), dtype=np.float32)
        self._used = 1
        for topic, title in enumerate(titles):
            if not title:
                self._slot[topic] = 0

    def of(self, topics: Integers) -> Matrix:
        """Shape (len(topics), dimension)."""
        missing = np.unique(topics[self._slot[topics] < 0])
        if len(missing):
            fresh = self._encode([self._titles[topic] for topic in missing.tolist()])
            self._vectors = grown(self._vectors, self._used + len(missing), 0.0)
            self._vectors[self._used : self._used + len(missing)] = fresh
            self._slot[missing] = self._used + np.arange(len(missing))
            self._used += len(missing)
        return np.asarray(self._vectors[self._slot[topics]])


def likeness(board: Board, question: Question, vectors: TitleVectors) -> Matrix:
    """Cosines with the member's last topics, shape (candidates, len(CONTENT)).

    Mean and best over the last 30, best of the last five, the very last, the mean that fades with every step back, and
    how far this is above that of the other candidates. 0 where there is nothing to compare.
    """
    found = np.zeros((len(question), len(CONTENT)), dtype=np.float32)
    latest = board.people.latest(question.member)[-LATEST:]
    if not latest or not len(question):
        return found
    known = vectors.of(np.asarray([each.topic for each in latest], dtype=np.int64))
    known = known[(known != 0).any(axis=1)]
    if not len(known):
        return found
    cosines = vectors.of(question.topics) @ known.T
    weights = FADE ** np.arange(len(known) - 1, -1, -1, dtype=np.float32)
    found[:, 0] = cosines.mean(axis=1)
    found[:, 1] = cosines.max(axis=1)
    found[:, 2] = cosines[:, -5:].max(axis=1)
    found[:, 3] = cosines[:, -1]
    found[:, 4] = cosines @ (weights / weights.sum())
    found[:, 5] = found[:, 4] - found[:, 4].mean()
    return found


class Words:
    """TF-IDF of words, their runs of three characters and Chinese characters and pairs, hashed into signed dimensions.

    Salton & Buckley 1988; Weinberger et al. 2009. How rare a term is comes from the texts given; these must be no later
    than what may be learned from.
    """

    dimension: Final = _FEATURES

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = max(sum(bool(text) for text in texts), 1)
        self._seen: Counter[str] = Counter()
        for text in texts:
            self._seen.update(set(_terms(text)))

    def __call__(self, texts: Sequence[str]) -> Matrix:
        rows = np.zeros((len(texts), _FEATURES), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term, count in Counter(_terms(text)).items():
                code = zlib.crc32(term.encode("utf-8", "surrogatepass"))
                worth = (1 + math.log(count)) * math.log(1 + self._count / (1 + self._seen[term]))
                row[code % _FEATURES] += worth if code & 0x8000_0000 else -worth
        norms = np.sqrt((rows**2).sum(axis=1, keepdims=True))
        return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)


def _terms(text: str) -> Iterator[str]:
    lowered = text.casefold()[:_LIST]
    for word in _WORD.findall(lowered):
        if _HAN.search(word):
            yield from word
            yield from (word[at : at + 2] for at in range(len(word) - 1))
            continue
        yield word
        marked = f"<{word}>"
        if len(word) > 3:
            yield from (marked[at : at + 3] for at in range(len(marked) - 2))
