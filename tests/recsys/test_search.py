"""Search by meaning and by words: what is found, why, and what must never be found."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from recsys.corpus import MemoryCorpus
from recsys.embedding import embed_items
from recsys.encoders import EncoderUnavailable, HashingEncoder
from recsys.index import IndexSet
from recsys.lexical import LexicalSet
from recsys.passages import confidence
from recsys.search import HybridSearch
from recsys.types import Encoder, Filter, Item, Matrix, Progress

ITEMS = [
    Item(
        "course:os", 1, "course", "Operating systems", "How a kernel schedules processes. Virtual memory is explained."
    ),
    Item("course:db", 2, "course", "Databases", "Tables, indexes and transactions. SQL is the language.", hours=20.0),
    Item("course:os-zh", 3, "course", "操作系统导论", "内核如何调度进程。虚拟内存的原理。", language="zh"),
    Item("post:cpp", 4, "post", "Error in C++", "Why does std::vector::at throw? Because the place is past the end."),
    Item("post:secret", 5, "post", "Secret plan", "The kernel of our secret plan.", audience="room:secret"),
    Item("event:old", 6, "event", "Databases evening", "Tables and talks.", starts_at=100.0),
    Item("event:new", 7, "event", "Databases evening", "Tables and talks.", starts_at=900.0),
]


class Words:
    """An encoder that stands for a trained one: the two languages share one vector for a meaning."""

    name = "words#1"
    dimension = 128
    meanings: ClassVar = {
        "操作系统导论": "operating systems",
        "操作系统": "operating systems",
        "内核": "kernel",
        "进程": "processes",
    }

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        changed = []
        for text in texts:
            for chinese, english in self.meanings.items():
                text = text.replace(chinese, f" {english} ")
            changed.append(text)
        return HashingEncoder().encode(changed, progress=progress)


class Down:
    name = "words#1"
    dimension = 128

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        raise EncoderUnavailable("loading")


def made(items: Sequence[Item] = ITEMS, encoder: Encoder | None = None) -> HybridSearch:
    encoder = encoder or Words()
    vectors, lexical = IndexSet(encoder.dimension), LexicalSet()
    rows = embed_items(Words(), [item.title for item in items], [item.text for item in items])
    for item, row in zip(items, rows, strict=True):
        vectors.add(item.audience, [item.row], row[None])
        lexical.add(item.audience, [(item.row, item.title, item.text)])
    return HybridSearch(encoder, vectors, lexical, MemoryCorpus(items))


@pytest.fixture(scope="module")
def search() -> HybridSearch:
    return made()


def found(search: HybridSearch, words: str, where: Filter | None = None, now: float = 0.0) -> list[str]:
    return [hit.item for hit in search.search(words, where=where, now=now)]


@pytest.mark.parametrize("words", ["operating systems", "操作系统"])
def test_either_language_finds_both(search: HybridSearch, words: str) -> None:
    assert set(found(search, words)[:2]) == {"course:os", "course:os-zh"}


def test_reasons_sum_to_the_score_and_name_the_retrievers(search: HybridSearch) -> None:
    hits = search.search("kernel processes std::vector", now=500.0)
    assert hits
    for hit in hits:
        assert sum(reason.value for reason in hit.reasons) == pytest.approx(hit.score, abs=1e-9)
        assert {reason.source for reason in hit.reasons} <= {"dense", "lexical", "over", "kind"}
    assert {reason.source for reason in hits[0].reasons} == {"dense", "lexical"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_an_identifier_is_found_by_its_letters(search: HybridSearch) -> None:
    assert found(search, "std::vector")[0] == "post:cpp"
    assert found(search, "c++")[0] == "post:cpp"


def test_both_retrievers_speak_of_every_hit(search: HybridSearch) -> None:
    """However deep each list was: the same query with k=1 gives the same first scores."""
    assert search.search("tables kernel", k=1) == search.search("tables kernel", k=7)[:1]


@pytest.mark.parametrize(
    ("where", "items"),
    [
        (Filter(kinds=frozenset({"event"})), {"event:old", "event:new"}),
        (Filter(languages=frozenset({"zh"})), set()),
        (Filter(exclude=frozenset({"event:old", "event:new"})), {"course:db"}),
        (Filter(max_hours=20.0), {"course:db"}),
        (Filter(audiences=frozenset()), set()),
    ],
)
def test_the_filter_is_binding(search: HybridSearch, where: Filter, items: set[str]) -> None:
    assert set(found(search, "databases tables", where)) == items


def test_a_filter_given_as_rows_finds_what_no_filter_finds(search: HybridSearch) -> None:
    """Two ways through the indexes, one meaning."""
    anything = Filter(exclude=frozenset(f"course:none-{number}" for number in range(200)))
    for words in ("tables kernel", "操作系统", "std::vector"):
        assert search.search(words, where=anything) == search.search(words)


def test_a_private_room_is_found_only_by_who_may(search: HybridSearch) -> None:
    assert "post:secret" not in found(search, "secret plan kernel")
    assert found(search, "secret plan", Filter(audiences=frozenset({"public", "room:secret"})))[0] == "post:secret"


def test_private_content_changes_nothing_for_others() -> None:
    public = [item for item in ITEMS if item.audience == "public"]
    for words in ("secret plan kernel", "databases", "操作系统"):
        assert made(public).search(words) == made(ITEMS).search(words)


def test_an_index_that_lags_behind_widens_nothing(search: HybridSearch) -> None:
    """The item has become private in the corpus; indexes have not heard of it yet."""
    items = [replace(item, audience="room:secret") if item.id == "course:db" else item for item in ITEMS]
    late = replace(search, corpus=MemoryCorpus(items))
    assert "course:db" not in found(late, "databases tables sql")
    gone = replace(search, corpus=MemoryCorpus([item for item in ITEMS if item.id != "course:db"]))
    assert "course:db" not in found(gone, "databases tables sql")


def test_what_is_over_comes_after_what_is_not(search: HybridSearch) -> None:
    events = Filter(kinds=frozenset({"event"}))
    assert found(search, "databases evening", events, now=500.0) == ["event:new", "event:old"]
    over = search.search("databases evening", where=events, now=500.0)[1].reasons
    assert [reason.source for reason in over][-1] == "over"


@pytest.mark.parametrize("words", ["", "  ", "??", "🙂", "\x00"])
def test_without_a_word_nothing_is_found(search: HybridSearch, words: str) -> None:
    assert search.search(words) == []


def test_nothing_near_is_nothing_found(search: HybridSearch) -> None:
    assert found(search, "zzyzx qwrtp") == []


def test_without_an_encoder_words_still_find(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        hits = made(encoder=Down()).search("kernel")
    assert [hit.item for hit in hits] == ["course:os"]
    assert [reason.source for reason in hits[0].reasons] == ["lexical"]
    assert "words alone" in caplog.text
    assert "kernel" not in caplog.text


def test_an_item_without_a_vector_is_found_by_its_words(search: HybridSearch) -> None:
    fresh = made()
    fresh.vectors.remove([1])
    assert "course:os" in found(fresh, "kernel schedules")


class TestPassages:
    def test_quotes_the_sentence_that_answers(self, search: HybridSearch) -> None:
        best = search.passages("why does std::vector::at throw")[0]
        assert (best.item, best.text) == ("post:cpp", "Why does std::vector::at throw?")
        assert 0.5 < best.confidence <= 1.0
        assert best.text in ITEMS[3].text

    def test_one_passage_an_item_best_first_and_only_what_may_be_read(self, search: HybridSearch) -> None:
        passages = search.passages("kernel plan memory", k=5)
        assert len({passage.item for passage in passages}) == len(passages)
        assert [passage.score for passage in passages] == sorted((p.score for p in passages), reverse=True)
        assert "post:secret" not in {passage.item for passage in passages}

    def test_asks_the_encoder_once_for_a_bounded_number_of_texts(self) -> None:
        asked: list[int] = []

        class Counting(Words):
            def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
                asked.append(len(texts))
                return super().encode(texts, progress=progress)

        long = [Item(f"post:{row}", row, "post", "Kernel", "A kernel sentence is here. " * 300) for row in range(9)]
        assert made(long, Counting()).passages("kernel sentence", k=5)
        assert len(asked) == 2
        assert asked[1] <= 41

    def test_without_an_encoder_shared_words_decide_and_nobody_is_sure(self) -> None:
        (best,) = made(encoder=Down()).passages("kernel processes")
        assert best.text == "How a kernel schedules processes."
        assert best.confidence < 0.5

    def test_nothing_found_is_nothing_quoted(self, search: HybridSearch) -> None:
        assert search.passages("") == []
        assert search.passages("zzyzx qwrtp") == []

    def test_an_item_without_text_is_quoted_by_its_title(self) -> None:
        (best,) = made([Item("course:x", 1, "course", "Kernel programming")]).passages("kernel")
        assert best.text == "Kernel programming"

    def test_confidence_rises_between_zero_and_one(self) -> None:
        values = [confidence(score) for score in np.linspace(-1.0, 1.3, 20)]
        assert values == sorted(values)
        assert 0.0 < values[0] < 0.01
        assert 0.99 < values[-1] < 1.0
