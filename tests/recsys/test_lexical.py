"""Exact words over tantivy, and audiences that never mix."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.lexical import LexicalIndex, LexicalSet
from recsys.segment import looks_like_code, query_words, words
from recsys.types import Lexical
from tests.contracts.lexical import LexicalContract


class TestLexicalIndex(LexicalContract):
    def make(self) -> Lexical:
        return LexicalIndex()


def test_words_with_their_parts() -> None:
    assert words("Running Node.js 数据库") == ["run", "node.js", "node", "js", "数据", "据库", "数据库"]
    assert words("C++, C# and .NET; snake_case HTTPServer it's") == [
        "c++", "c#", "and", ".net", "snake_case", "snake", "case", "httpserver", "http", "server", "it's", "it", "s",
    ]  # fmt: skip


@given(
    st.lists(st.text(alphabet="aAbBzZ19中学.-_#+é", min_size=1, max_size=12), max_size=8),
    st.sampled_from(" \n\t\u3000"),
)
def test_words_depend_on_their_own_letters_only(parts: list[str], blank: str) -> None:
    assert words(blank.join(parts)) == [word for part in parts for word in words(part)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a plain line\nuseEffect", ["a", "plain", "line", "useeffect", "use", "effect"]),
        ("learn XMLParser", ["learn", "xmlparser", "xml", "parser"]),
        ("Read A Book", ["read", "a", "book"]),
        ("learnA B", ["learna", "learn", "a", "b"]),
    ],
)
def test_identifiers_in_camel_case_are_split_wherever_they_stand(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_queries_keep_what_says_something() -> None:
    assert query_words("How do I learn the C language?") == ["learn", "c", "languag"]
    assert query_words("如何学习数据库") == ["学习", "数据", "据库", "数据库"]
    assert query_words("the") == ["the"]
    assert len(query_words(" ".join(f"w{number}" for number in range(100)))) == 32


@pytest.mark.parametrize(
    "text", ["useEffect", "std::vector", "C++", "python 3.11", "os.path", "SQL", "main()", "a_b", ".net"]
)
def test_code_is_recognised(text: str) -> None:
    assert looks_like_code(text)


@pytest.mark.parametrize("text", ["how do I learn this?", "机器学习", "Databases for beginners", "What is it? I see."])
def test_prose_is_not_code(text: str) -> None:
    assert not looks_like_code(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_stored_and_asked(text: str) -> None:
    assert all(word and not word.isspace() and " " not in word for word in words(text))
    index = SHARED
    index.add([(1, text, text)])
    found = index.search(text, 1)
    assert bool(found) == bool(query_words(text))


SHARED = LexicalIndex()


@pytest.mark.parametrize(
    "evil", ["a." * 50_000, "." * 100_000, "aA" * 50_000, "_a" * 50_000, "++" * 50_000, "ﷺ" * 20_000]
)
def test_hostile_text_takes_no_time(evil: str) -> None:
    begin = time.perf_counter()
    words(evil)
    assert time.perf_counter() - begin < 1.0


def test_rarity() -> None:
    index = LexicalIndex()
    index.add((row, "course", "rust" if row == 3 else "python") for row in range(100))
    assert index.rarity("rust") == pytest.approx(1.0)
    assert index.rarity("course") == pytest.approx(0.0)
    assert index.rarity("unknown") == 0.0
    assert index.rarity("a rust course") == pytest.approx(1.0)


def test_searching_while_another_thread_writes() -> None:
    index = LexicalIndex()
    index.add([(0, "always here", "")])
    ended = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not ended.is_set():
            found = index.search("always here", 5)
            if not found or found[0].row != 0:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(1, 200, 10):
        index.add((row, f"other {row}", "text") for row in range(start, start + 10))
        index.remove([start])
    ended.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(index) == 1 + 200 - 20


class TestLexicalSet:
    def test_audiences_never_mix(self) -> None:
        found = LexicalSet()
        found.add("public", [(1, "plan", "")])
        found.add("room:secret", [(2, "plan", ""), (3, "secret", "")])
        assert [hit.row for hit in found.search("plan secret", 5)] == [1]
        assert {hit.row for hit in found.search("plan secret", 5, audiences={"public", "room:secret"})} == {1, 2, 3}
        assert found.search("plan", 5, audiences=()) == []
        assert found.rarity("secret") == 0.0

    def test_public_scores_do_not_depend_on_private_texts(self) -> None:
        alone, beside = LexicalSet(), LexicalSet()
        for index in (alone, beside):
            index.add("public", [(1, "rust course", "memory"), (2, "go course", "memory")])
        beside.add("room:secret", [(row, "rust", "rust") for row in range(10, 40)])
        assert alone.search("rust course", 5) == beside.search("rust course", 5)

    def test_a_row_is_in_one_audience_at_a_time(self) -> None:
        found = LexicalSet()
        found.add("public", [(1, "plan", ""), (2, "plan", "")])
        found.add("room:secret", [(1, "plan", "")])
        assert [hit.row for hit in found.search("plan", 5)] == [2]
        assert len(found) == 2
        found.remove([2, 9])
        assert found.audiences == {"room:secret"}
        found.drop("room:secret")
        assert found.search("plan", 5, audiences={"public", "room:secret"}) == []
        assert 1 not in found
