"""What every Encoder must do. Subclass and give the fixture `encoder`."""

from __future__ import annotations

import numpy as np

from recsys.types import Encoder


class EncoderContract:
    def test_rows_have_length_one_in_order_and_repeat(self, encoder: Encoder) -> None:
        texts = ["a course on databases", "学习编译原理", "a course on databases"]
        vectors = encoder.encode(texts)
        assert vectors.shape == (3, encoder.dimension)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
        assert np.allclose(vectors[0], vectors[2], atol=1e-5)
        assert np.allclose(vectors, encoder.encode(texts), atol=1e-5)
        assert float(vectors[0] @ vectors[1]) < 0.99

    def test_texts_without_a_word_give_zero_rows(self, encoder: Encoder) -> None:
        vectors = encoder.encode(["", " \n\t", "word", "\x00\x07"])
        assert vectors.any(axis=1).tolist() == [False, False, True, False]
        assert encoder.encode([]).shape == (0, encoder.dimension)

    def test_the_end_of_a_long_text_counts(self, encoder: Encoder) -> None:
        start = "Sorting and searching in arrays. " * 200
        one, other = encoder.encode([start + "Cooking rice. " * 100, start + "Ray tracing in shaders. " * 100])
        assert float(one @ other) < 0.999

    def test_hostile_texts_are_texts(self, encoder: Encoder) -> None:
        texts = [
            "lone \ud800 surrogate",
            "nul \x00 inside",
            "\u202eright to left",
            "👩‍👩‍👧‍👦" * 50,
            "ﷺ" * 500,
            "x" * 300_000,
        ]
        vectors = encoder.encode(texts)
        assert np.isfinite(vectors).all()
        assert vectors.any(axis=1).all()

    def test_progress_ends_with_everything(self, encoder: Encoder) -> None:
        told: list[tuple[int, int]] = []
        encoder.encode(
            [f"text {number}" for number in range(40)], progress=lambda done, total: told.append((done, total))
        )
        assert told[-1] == (40, 40)
        assert told == sorted(told)

    def test_traditional_characters_mean_the_same(self, encoder: Encoder) -> None:
        traditional, simplified = encoder.encode(["機器學習與資料結構課程", "机器学习与资料结构课程"])
        assert np.allclose(traditional, simplified, atol=1e-5)

    def test_has_a_name_with_a_digest(self, encoder: Encoder) -> None:
        assert "#" in encoder.name
