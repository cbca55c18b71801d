"""What is measured once of three models in two languages: means and spreads. Knows an array file; knows no model.

A multilingual model keeps the languages a little apart: without their means a question in one language finds the
courses of the other less easily than its own. How far the cosines of unrelated texts spread depends on their languages
as well: without that a course stands high because of its language.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.encoders.chunked import normalised
from recsys.encoders.weights import file_digest
from recsys.types import Matrix

FILE: Final = Path(__file__).with_name("means.npz")
_HAN_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Means:
    """Shape (2, dim) each: row 0 for texts that are not Chinese, row 1 for Chinese ones.

    covariance: of the cosines by USE, e5 and MiniLM (less the means) between questions and courses that have
    nothing to do with each other, by language of the question and of the course: shape (2, 2, 3, 3). MiniLM reads
    English, and counts where neither is Chinese.
    """

    use_passage: Matrix
    use_question: Matrix
    e5_passage: Matrix
    e5_question: Matrix
    minilm_passage: Matrix
    minilm_question: Matrix
    covariance: NDArray[np.float64]
    digest: str


def load_means() -> Means:
    """What `benchmarks/language_means.py` wrote."""
    with np.load(FILE, allow_pickle=False) as arrays:
        return Means(**{name: arrays[name] for name in arrays.files}, digest=file_digest(FILE))


def chinese(text: str) -> bool:
    """Whether so large a share of the letters is Han that the text is read as Chinese."""
    if text.isascii():
        return False
    letters = [char for char in text[:2_000] if char.isalpha()]
    han = sum("\u3400" <= char <= "\u9fff" for char in letters)
    return han > _HAN_SHARE * len(letters)


def centred(vectors: Matrix, means: Matrix) -> Matrix:
    """Rows less their means, of length 1 again; zero rows stay zero."""
    something = np.asarray(vectors.any(axis=1), dtype=bool)
    shifted = np.where(something[:, None], vectors - means, 0.0)
    return normalised(shifted.astype(np.float64))
