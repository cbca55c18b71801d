"""Courses are found by more models than one: what counts how, and what stays apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from recsys.coursesearch import LIFT, SCALE, CourseSearch
from recsys.encoders import EncoderUnavailable, HashingEncoder
from recsys.encoders.means import chinese, load_means
from recsys.index import IndexSet
from recsys.shelf import Shelf
from recsys.types import Filter, Item, Matrix, Progress, Vector

DIMENSION = 768
SIZE = 512


def unit(*parts: tuple[int, float]) -> Vector:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    for at, value in parts:
        vector[at] = value
    return vector / np.linalg.norm(vector)


class Questions:
    """Every question is one vector; every course comes with its own."""

    name = "questions#1"
    dimension = DIMENSION

    def __init__(self, vector: Vector) -> None:
        self.vector = vector
        self.asked = 0
        self.broken = False

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        raise AssertionError("nothing here encodes courses")

    def encode_questions(self, texts: Sequence[str]) -> Matrix:
        if self.broken:
            raise EncoderUnavailable("it was told to be broken")
        self.asked += len(texts)
        return np.stack([self.vector] * len(texts))


HALF = DIMENSION // 2
NOT_READ = float("nan")


def scored(question: str, cosines: Sequence[tuple[float, float]]) -> list[float]:
    """The scores of courses with these cosines by e5 and MiniLM; what MiniLM has not read is Chinese."""
    asked = unit((0, 1), (HALF, 1))
    vectors = {}
    for row, (e5, minilm) in enumerate(cosines):
        parts = [(at, c) for at, c in ((0, e5), (HALF, minilm)) if not np.isnan(c)]
        vectors[row] = unit(*(pair for at, c in parts for pair in ((at, c), (at + 1, np.sqrt(1 - c * c)))))
    search = CourseSearch(Questions(asked))
    search.put(dict.fromkeys(vectors, "public"), vectors)
    found = search.scores(question, asked, None, [*vectors, len(vectors)], IndexSet(SIZE))
    return [found[row] for row in vectors]


@pytest.mark.parametrize("question", ["repair shoes", "怎么修鞋"])
@pytest.mark.parametrize("in_chinese", [False, True])
def test_what_has_nothing_to_do_with_a_question_scores_alike_in_both_languages(question: str, in_chinese: bool) -> None:
    covariance = load_means().covariance[int("修" in question), int(in_chinese)][1:, 1:]
    drawn = np.random.default_rng(3).multivariate_normal((0, 0), covariance, 400).clip(-1, 1)
    scores = scored(question, [(float(e5), NOT_READ if in_chinese else float(minilm)) for e5, minilm in drawn])
    assert np.mean(scores) == pytest.approx(LIFT, abs=0.15 * SCALE)
    assert np.std(scores) == pytest.approx(SCALE, rel=0.1)


def test_a_course_that_one_model_has_not_read_is_scored_by_the_other() -> None:
    deviation = float(np.sqrt(load_means().covariance[0, 1, 1, 1]))
    assert scored("repair shoes", [(2 * deviation, NOT_READ)]) == pytest.approx([LIFT + 2 * SCALE], abs=1e-4)


def test_every_model_counts_and_counts_more_for_what_is_nearer() -> None:
    low, e5, both = scored("repair shoes", [(0.1, 0.1), (0.4, 0.1), (0.4, 0.4)])
    assert low < e5 < both


def test_the_first_encoder_counts_with_its_languages_means_taken_away() -> None:
    asked = unit((0, 1))
    search = CourseSearch(Questions(asked))
    search.put({1: "public"}, {1: unit((1, 1))})
    means = load_means()
    # All that the two share is what every Chinese text shares; in what is their own they are opposites.
    own = np.random.default_rng(5).normal(size=SIZE).astype(np.float32)
    own *= 0.2 / np.linalg.norm(own)
    first, question = means.use_passage[1] + own, means.use_question[1] - own
    others = IndexSet(SIZE)
    others.add("public", [1], (first / np.linalg.norm(first))[None])
    assert float(first @ question) > 0.02
    found = search.scores("怎么学编程", asked, question / np.linalg.norm(question), [1], others)
    assert found[1] < LIFT - 0.05


def test_the_language_is_that_of_most_letters() -> None:
    texts = ["Learn Rust", "学习 Rust 语言", "Rust 入门", "C++", "", "A course named 道 by somebody with a long name"]
    assert [chinese(text) for text in texts] == [False, True, True, False, False, False]


def shelf(questions: Questions) -> Shelf:
    made = Shelf(HashingEncoder(), courses=questions)
    items = [
        Item(id=f"course:{row}", row=row, kind="course", title=title, audience=audience)
        for row, title, audience in ((1, "tokio", "public"), (2, "sewing", "public"), (3, "secret", "room:1"))
    ]
    made.put([(item, None) for item in items], courses={1: unit((5, 1)), 2: unit((0, 1)), 3: unit((0, 1))})
    return made


def test_a_course_is_found_that_shares_no_word() -> None:
    hits = shelf(Questions(unit((0, 1)))).search("mend my clothes", k=5, where=Filter(), now=0.0)
    assert [hit.item for hit in hits] == ["course:2"]
    assert hits[0].score == pytest.approx(sum(reason.value for reason in hits[0].reasons))


def test_a_private_course_is_found_only_by_its_room() -> None:
    everything = shelf(Questions(unit((0, 1))))
    inside = everything.search("mend my clothes", k=5, where=Filter(audiences=frozenset({"public", "room:1"})), now=0.0)
    assert {hit.item for hit in inside} == {"course:2", "course:3"}


def test_a_course_that_goes_or_changes_is_not_found_by_its_old_vector() -> None:
    everything = shelf(Questions(unit((0, 1))))
    everything.remove([("course:2", 2)])
    assert everything.search("mend my clothes", k=5, where=Filter(), now=0.0) == []
    back = Item(id="course:2", row=2, kind="course", title="baking")
    everything.put([(back, None)])
    assert everything.search("mend my clothes", k=5, where=Filter(), now=0.0) == []


def test_questions_are_read_once_and_a_broken_model_is_no_broken_search() -> None:
    questions = Questions(unit((0, 1)))
    everything = shelf(questions)
    for _ in range(3):
        everything.search("mend my clothes", k=5, where=Filter(), now=0.0)
    assert questions.asked == 1
    questions.broken = True
    assert [hit.item for hit in everything.search("tokio", k=5, where=Filter(), now=0.0)] == ["course:1"]
