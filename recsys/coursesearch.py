"""How near courses are to a question, by more models than one. Knows vectors; knows no words and no filters.

Each model's cosine is divided by how far that of unrelated texts spreads, for the language of the question and that of
the course; WEIGHTS add them up, and the sum is divided by its own spread. So a course of either language has as much
of a chance to stand high for nothing, and SCALE and LIFT bring that to the scale of the first model's plain cosines.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.encoders.cached import CachedEncoder
from recsys.encoders.errors import EncoderUnavailable
from recsys.encoders.means import Means, centred, chinese, load_means
from recsys.index import IndexSet
from recsys.types import Matrix, Progress, QuestionEncoder, Vector

log = logging.getLogger(__name__)

LIFT: Final = 0.11
"""The mean plain cosine of a question and a course that have nothing to do with each other, measured on the sample."""
SCALE: Final = 0.079
"""So that the best course of a question of `questions.txt` scores as it did when scores were means of cosines."""
WEIGHTS: Final = (1.0, 1.0, 1.5)
"""Of USE, e5 and MiniLM. The development questions would have the first at .5 (.68 instead of .66), but then a third of
the Chinese questions about anything else find something above 0.32. From 1 to 6 the last changes nothing."""


class CourseSearch:
    """The vectors of courses by the models for courses, by audience. One thread writes, any number may ask."""

    def __init__(self, encoder: QuestionEncoder) -> None:
        self._questions = CachedEncoder(_Questions(encoder))
        self._means: Means = load_means()
        self.vectors = IndexSet(encoder.dimension)

    def put(self, audiences: Mapping[int, str], vectors: Mapping[int, Vector]) -> None:
        """Keep the vectors of rows in their audiences; a row of these that has none any more is forgotten."""
        usable = {row: vector for row, vector in vectors.items() if row in audiences and bool(np.any(vector))}
        self.vectors.remove([row for row in audiences if row not in usable])
        for audience in sorted({audiences[row] for row in usable}):
            rows = [row for row in usable if audiences[row] == audience]
            self.vectors.add(audience, rows, np.stack([usable[row] for row in rows]))

    def question(self, words: str) -> Vector | None:
        """None when the models cannot answer now, or see nothing in the words."""
        try:
            vector: Vector = self._questions.encode([words])[0]
        except EncoderUnavailable as error:
            log.warning("courses are found by the first encoder alone: %s", error)
            return None
        return vector if vector.any() else None

    def near(
        self, question: Vector, k: int, *, audiences: Iterable[str], allowed: NDArray[np.int64] | None
    ) -> list[int]:
        """Rows of the k nearest courses by these models alone."""
        return [hit.row for hit in self.vectors.search(question[None], k, audiences=audiences, allowed=allowed)[0]]

    def scores(
        self, words: str, question: Vector, first: Vector | None, rows: Sequence[int], others: IndexSet
    ) -> dict[int, float]:
        """Of the rows that are courses here. `first`: the question by the first encoder, whose vectors `others` has."""
        known = [row for row in rows if row in self.vectors]
        if not known:
            return {}
        here = self.vectors.vectors(known)
        half = here.shape[1] // 2
        # The second half of a Chinese text is empty: that is how its language is known here.
        languages = np.asarray(~here[:, half:].any(axis=1), dtype=np.int64)
        cosines, read = np.zeros((len(known), 3)), np.zeros((len(known), 3), dtype=np.bool_)
        of_question = int(chinese(words))
        if first is not None and first.shape == self._means.use_question[0].shape:
            held = [at for at, row in enumerate(known) if row in others]
            asked = centred(first[None], self._means.use_question[of_question])[0]
            vectors = others.vectors([known[at] for at in held])
            cosines[held, 0] = _cosines(vectors - self._means.use_passage[languages[held]], asked)
            read[held, 0] = True
        for at, part in ((1, slice(half)), (2, slice(half, None))):
            cosines[:, at] = _cosines(here[:, part], question[part])
            read[:, at] = here[:, part].any(axis=1) & question[part].any()
        scores = LIFT + SCALE * _standard(cosines, read, self._means.covariance[of_question][languages])
        return dict(zip(known, scores.tolist(), strict=True))


def _standard(
    cosines: NDArray[np.float64], read: NDArray[np.bool_], covariance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weighted sums of what was read, in units of what such sums of unrelated texts spread by; 0 for nothing.

    Shapes (n, 3), (n, 3) and (n, 3, 3).
    """
    weights = np.asarray(WEIGHTS) * read / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    variance = ((weights[:, None, :] @ covariance)[:, 0] * weights).sum(axis=1)
    found = np.zeros(len(cosines))
    np.divide((weights * cosines).sum(axis=1), np.sqrt(variance), out=found, where=variance > 0)
    return found


def _cosines(rows: Matrix, with_: Vector) -> NDArray[np.float64]:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows)) * np.linalg.norm(with_)
    return np.asarray(np.divide(rows @ with_, lengths, out=np.zeros(len(rows)), where=lengths > 0), dtype=np.float64)


class _Questions:
    """The questions of an encoder as an encoder of its own, so that they can be remembered."""

    def __init__(self, encoder: QuestionEncoder) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        vectors = self._encoder.encode_questions(texts)
        if progress is not None:
            progress(len(texts), len(texts))
        return vectors
