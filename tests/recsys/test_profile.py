"""Profiles: several interests, what supports them, and what is not wanted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from recsys.profile import ProfileConfig, TopicVectors, build
from recsys.types import Declared, Matrix, Vector
from tests.recsys.worlds import DIMENSION, TOPICS, axis, near, topic_vector

VECTORS: dict[str, Vector] = {
    f"{topic}:{n}": near(topic, 31 * k + n) for k, topic in enumerate(TOPICS) for n in range(9)
}


def vectors_of(items: Sequence[str], known: Mapping[str, Vector] = VECTORS) -> Matrix:
    return np.stack([known.get(item, np.zeros(DIMENSION, dtype=np.float32)) for item in items])


def test_interests_stay_apart() -> None:
    strengths = {"rust:1": 3.0, "rust:2": 3.0, "web:1": 2.0, "rust:3": 1.0, "unknown": 9.0}
    profile = build(strengths, Declared(), vectors_of=vectors_of, topic_vector=topic_vector)
    rust, web = profile.interests
    assert set(rust.items) == {"rust:1", "rust:2", "rust:3"}
    assert web.items == ("web:1",)
    assert rust.weight == pytest.approx(7 / 9)
    assert rust.vector @ axis("rust") > 0.9
    assert abs(rust.vector @ axis("web")) < 0.3
    assert np.allclose(np.linalg.norm(profile.centres, axis=1), 1.0, atol=1e-5)


def test_only_the_heaviest_interests_are_kept() -> None:
    strengths = {f"{topic}:1": float(k + 1) for k, topic in enumerate(TOPICS)}
    profile = build(
        strengths, Declared(), vectors_of=vectors_of, topic_vector=topic_vector, config=ProfileConfig(interests=2)
    )
    assert [interest.items[0] for interest in profile.interests] == ["web:1", "data:1"]


def test_dismissals_are_negatives_not_interests() -> None:
    profile = build(
        {"rust:1": 2.0, "web:2": -3.0, "data:1": -0.3}, Declared(), vectors_of=vectors_of, topic_vector=topic_vector
    )
    assert profile.disliked == ("data:1", "web:2")
    assert profile.dislikes.tolist() == pytest.approx([0.1, 1.0])
    assert [interest.items for interest in profile.interests] == [("rust:1",)]


def test_declared_topics_are_words_with_vectors() -> None:
    profile = build({}, Declared(topics=("Rust", "nonsense", "Rust")), vectors_of=vectors_of, topic_vector=topic_vector)
    assert profile.words == ("Rust",)
    assert profile.topics.shape == (1, DIMENSION)
    assert not profile.interests


def test_broken_vectors_do_not_count() -> None:
    broken = {"zero": np.zeros(DIMENSION, dtype=np.float32), "nan": np.full(DIMENSION, np.nan, dtype=np.float32)}
    profile = build(
        {"zero": 1.0, "nan": 1.0},
        Declared(),
        vectors_of=lambda items: vectors_of(items, broken),
        topic_vector=topic_vector,
    )
    assert not profile.interests
    assert profile.centres.shape == (0, 0)


def test_topics_are_encoded_once() -> None:
    asked: list[str] = []

    def encode(word: str) -> Vector | None:
        asked.append(word)
        return topic_vector(word)

    vectors = TopicVectors(encode, room=2)
    for word in ("rust", " Rust ", "nonsense", "nonsense", ""):
        vectors(word)
    assert asked == ["rust", "nonsense"]
    vectors("web")
    assert vectors("rust") is not None
    assert asked == ["rust", "nonsense", "web", "rust"]


def test_a_hundred_items_take_about_a_millisecond() -> None:
    strengths = {item: 1.0 + n / 100 for n, item in enumerate(list(VECTORS) * 3)}
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        build(strengths, Declared(), vectors_of=vectors_of, topic_vector=topic_vector)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.01


@pytest.mark.parametrize("bad", [{"same_interest": 2.0}, {"interests": 0}])
def test_configuration_refuses_nonsense(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"cosine|room"):
        ProfileConfig(**bad)  # type: ignore[arg-type]
