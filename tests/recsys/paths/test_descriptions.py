"""What texts ask for, in English and Chinese; levels and nearness where they ask for nothing."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.paths.descriptions import asked_phrases, from_texts
from recsys.types import Item, Vector


def course(name: str, title: str, text: str = "", **more: object) -> Item:
    values: dict[str, object] = {"kind": "course", "row": 0} | more
    return Item(id=name, title=title, text=f"{title}\n{text}", **values)  # type: ignore[arg-type]


def nowhere(_: str) -> Vector | None:
    return None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Fast. Requires basic Python and patience. Then more.", ["basic python and patience"]),
        ("Prerequisites: linear algebra; some calculus", ["linear algebra"]),
        ("先修课程：线性代数。适合本科生。", ["：线性代数"]),
        ("需要先学完 Rust 程序设计语言。", ["rust 程序设计语言"]),
        ("No prior knowledge required. Requires nothing else", ["nothing else"]),
        ("Nothing to do with it.", []),
        ("无需前置知识。", []),
    ],
)
def test_phrases(text: str, asked: list[str]) -> None:
    found = [phrase.strip(" ：") for phrase in asked_phrases(text)]
    for phrase in asked:
        assert any(phrase.strip(" ：") in one for one in found), found
    assert bool(found) == bool(asked)


def test_a_title_that_is_asked_for() -> None:
    courses = [
        course("book", "The Rust Book", level=0),
        course("deep", "Deep Rust", "For people who finished The Rust Book and want more.", level=2),
        course("zh", "深入", "学完The Rust Book再来。", language="zh", level=2),
        course("other", "The Rust Bookshelf", "A list."),
    ]
    found = from_texts(courses, nowhere)
    assert [(p.item, p.needs, p.source) for p in found] == [("deep", "book", "named"), ("zh", "book", "named")]


def test_a_topic_that_is_asked_for_is_learnt_where_it_begins() -> None:
    courses = [
        course("py0", "Python from zero", tags=("python",), level=0),
        course("py1", "More Python", tags=("python",), level=1),
        course("zh0", "零基础", tags=("python",), level=0, language="zh"),
        course("ml", "Learning machines", "Assumes Python.", tags=("machine-learning",), level=2),
    ]
    ((p),) = from_texts(courses, nowhere)
    assert (p.item, p.needs, p.source, p.note) == ("ml", "py0", "asked", "python")


def test_a_stair_needs_topics_a_level_and_nearness() -> None:
    vectors = {
        "low": np.asarray([1.0, 0.0], dtype=np.float32),
        "high": np.asarray([0.8, 0.6], dtype=np.float32),
        "far": np.asarray([0.0, 1.0], dtype=np.float32),
    }
    courses = [
        course("low", "Async for all", tags=("rust", "async"), level=0),
        course("high", "Async for some", tags=("rust", "async"), level=1),
        course("far", "Async for none", tags=("rust", "async"), level=1),
        course("top", "Async for gods", tags=("rust", "async"), level=2),
    ]
    found = from_texts(courses, vectors.get)
    assert [(p.item, p.needs, p.source) for p in found] == [("high", "low", "level")]
    assert 0.2 < found[0].confidence < 0.6
