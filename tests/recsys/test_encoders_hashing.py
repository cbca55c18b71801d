"""The small encoder keeps the contract, and the cache keeps its promises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from recsys.embedding import embed_items
from recsys.encoders import CachedEncoder, HashingEncoder
from recsys.types import Encoder, Matrix, Progress
from tests.contracts.encoder import EncoderContract


class TestHashingEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return HashingEncoder()

    def test_words_in_common_bring_texts_together(self, encoder: Encoder) -> None:
        query, near, far = encoder.encode(["python course", "a course about python", "baking bread"])
        assert float(query @ near) > float(query @ far) + 0.3


class TestCachedEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return CachedEncoder(HashingEncoder())


class Counting:
    """The hashing encoder, with a list of what it was asked."""

    name = "counting#1"
    dimension = 128

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        self.asked.extend(texts)
        return HashingEncoder().encode(texts, progress=progress)


def test_cached_texts_are_not_encoded_again() -> None:
    inner = Counting()
    cached = CachedEncoder(inner, capacity=2)
    first = cached.encode(["a", "b", "a"])
    assert inner.asked == ["a", "b"]
    assert np.array_equal(cached.encode(["b", "a"]), first[[1, 0]])
    assert inner.asked == ["a", "b"]
    cached.encode(["c"])
    cached.encode(["a"])
    assert inner.asked == ["a", "b", "c"]
    cached.encode(["b"])
    assert inner.asked == ["a", "b", "c", "b"]
    assert len(cached) == 2
    cached.clear()
    assert len(cached) == 0


def test_bulk_calls_pass_by_the_cache() -> None:
    inner = Counting()
    cached = CachedEncoder(inner, capacity=1000)
    cached.encode([str(number) for number in range(65)])
    cached.encode(["long " * 200])
    assert len(cached) == 0


def test_the_cached_vector_is_not_the_callers() -> None:
    cached = CachedEncoder(HashingEncoder())
    cached.encode(["word"])[:] = 0.0
    assert cached.encode(["word"]).any()


def test_an_items_vector_leans_to_its_title() -> None:
    encoder = HashingEncoder()
    (item, bare, nothing, untitled) = embed_items(
        encoder,
        ["operating systems", "operating systems", "", ""],
        ["Written in many words about kernels, memory and files.", "", "", "only a message"],
    )
    title, whole, message = encoder.encode(
        [
            "operating systems",
            "operating systems\n\nWritten in many words about kernels, memory and files.",
            "only a message",
        ]
    )
    assert float(whole @ title) < float(item @ title) < 1.0
    assert np.allclose(bare, title, atol=1e-6)
    assert not nothing.any()
    assert np.allclose(untitled, message, atol=1e-6)
