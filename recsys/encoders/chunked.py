"""One vector for a text of any length: chunks, batches of like lengths, weighted means. Knows no particular model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.encoders.text import Count, chunks, prepare
from recsys.types import Matrix, Progress

BLOCK = 256
"""Texts between two reports of progress; bounds what is held in memory."""


@dataclass(frozen=True, slots=True)
class ChunkedEncoder:
    """An `Encoder` over `embed`, which gives one row for each of at most `batch` chunks of at most `limit` tokens."""

    name: str
    dimension: int
    embed: Callable[[list[str]], NDArray[np.float32]]
    count: Count
    limit: int
    batch: int = 32

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        """Shape (len(texts), dimension), rows of length 1; a text without a word gives a zero row.

        A text of several chunks is the mean of their vectors weighted by tokens, scaled back to length 1.
        """
        sums = np.zeros((len(texts), self.dimension), dtype=np.float64)
        for start in range(0, len(texts), BLOCK):
            self._block(texts[start : start + BLOCK], sums[start : start + BLOCK])
            if progress is not None:
                progress(min(start + BLOCK, len(texts)), len(texts))
        return normalised(sums)

    def _block(self, texts: Sequence[str], sums: NDArray[np.float64]) -> None:
        parts: list[tuple[int, int, str]] = []
        for owner, text in enumerate(texts):
            pieces = chunks(prepare(text), count=self.count, limit=self.limit)
            parts.extend((tokens, owner, piece) for piece, tokens in pieces)
        # Batches of like lengths (powers of two): little padding, and few shapes for the allocator to remember.
        parts.sort(key=lambda part: (part[0].bit_length(), part[1]))
        start = 0
        while start < len(parts):
            bucket = parts[start][0].bit_length()
            end = start + 1
            while end < min(start + self.batch, len(parts)) and parts[end][0].bit_length() == bucket:
                end += 1
            self._add(parts[start:end], sums)
            start = end

    def _add(self, parts: Sequence[tuple[int, int, str]], sums: NDArray[np.float64]) -> None:
        vectors = normalised(self.embed([piece for _, _, piece in parts]).astype(np.float64))
        weights = np.array([tokens for tokens, _, _ in parts], dtype=np.float64)
        owners = np.array([owner for _, owner, _ in parts], dtype=np.intp)
        np.add.at(sums, owners, vectors * weights[:, None])


def normalised(rows: NDArray[np.float64]) -> Matrix:
    """Rows scaled to length 1 as float32; zero rows, and rows that are not finite, become zero rows."""
    lengths = np.linalg.norm(rows, axis=1)
    usable = np.isfinite(lengths) & (lengths > 1e-12)
    scaled = np.zeros(rows.shape, dtype=np.float64)
    np.divide(rows, lengths[:, None], out=scaled, where=usable[:, None])
    return scaled.astype(np.float32)
