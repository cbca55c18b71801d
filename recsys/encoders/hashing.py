"""A small deterministic encoder without a model, for tests and for machines where no model fits. Knows only spelling.

Texts are near when they share words and runs of characters (hashed into 128 signed dimensions, the hashing trick of
Weinberger et al. 2009); it knows no meaning, and nothing across languages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.encoders.chunked import ChunkedEncoder
from recsys.encoders.text import RECIPE, guess_tokens
from recsys.types import Matrix, Progress

DIMENSION: Final = 128
_WORD = re.compile(r"\w+")


class HashingEncoder:
    """The encoder that the setting "hashing" names: loads in no time, needs no memory, runs anywhere."""

    def __init__(self) -> None:
        self._chunked = ChunkedEncoder(
            name=f"hashing-{DIMENSION}#v1+{RECIPE}", dimension=DIMENSION, embed=_embed, count=guess_tokens, limit=512
        )

    @property
    def name(self) -> str:
        return self._chunked.name

    @property
    def dimension(self) -> int:
        return DIMENSION

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        return self._chunked.encode(texts, progress=progress)


def _embed(texts: list[str]) -> NDArray[np.float32]:
    rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for place, text in enumerate(texts):
        for gram in _grams(text.casefold()):
            at, sign = _slot(gram)
            rows[place, at] += sign
        if not rows[place].any():  # punctuation only, or signs that cancel out: still a text, still one vector
            at, sign = _slot(text)
            rows[place, at] = sign
    return rows


def _grams(text: str) -> list[str]:
    grams: list[str] = []
    for word in _WORD.findall(text):
        grams.append(f"<{word}>")
        marked = f"<{word}>"
        grams.extend(marked[start : start + 3] for start in range(len(marked) - 2))
    return grams


@lru_cache(maxsize=65_536)
def _slot(gram: str) -> tuple[int, float]:
    digest = hashlib.sha256(gram.encode()).digest()
    return digest[0] % DIMENSION, 1.0 if digest[1] & 1 else -1.0
