"""The mean vectors of two languages for three models, measured once. Knows an array file; knows no model.

A multilingual model keeps the languages a little apart; without their means a question in one language finds the
courses of the other as easily as its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from recsys.encoders.chunked import normalised
from recsys.encoders.weights import file_digest
from recsys.types import Matrix

FILE: Final = Path(__file__).with_name("means.npz")
_HAN_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Means:
    """Shape (2, dim) each: row 0 for texts that are not Chinese, row 1 for Chinese ones."""

    use_passage: Matrix
    use_question: Matrix
    e5_passage: Matrix
    e5_question: Matrix
    minilm_passage: Matrix
    minilm_question: Matrix
    digest: str


def load_means() -> Means:
    """What `benchmarks/language_means.py` wrote."""
    with np.load(FILE, allow_pickle=False) as arrays:
        return Means(**{name: arrays[name] for name in arrays.files}, digest=file_digest(FILE))


def chinese(text: str) -> bool:
    """Whether so large a share of the letters is Han that the text is read as Chinese."""
    letters = [char for char in text[:2_000] if char.isalpha()]
    han = sum("\u3400" <= char <= "\u9fff" for char in letters)
    return han > _HAN_SHARE * len(letters)


def centred(vectors: Matrix, means: Matrix) -> Matrix:
    """Rows less their means, of length 1 again; zero rows stay zero."""
    something = np.asarray(vectors.any(axis=1), dtype=bool)
    shifted = np.where(something[:, None], vectors - means, 0.0)
    return normalised(shifted.astype(np.float64))
