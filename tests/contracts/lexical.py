"""What every Lexical must do. Subclass and say how one is made."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.types import Lexical

DOCUMENTS = [
    (1, "C++ programming", "Templates, the standard library and memory."),
    (2, "Operating systems", "Processes and memory, written in C and Rust."),
    (3, "操作系统", "进程、内存与文件系统，用 Rust 语言实现。"),
    (4, "Web development with Node.js", "Servers in JavaScript; .NET is compared with it."),
    (5, "Baking", "Bread and rolls, memory of my grandmother. Use useEffect never."),
    (-6, "資料庫系統", "SQL 與索引"),
]


class LexicalContract:
    def make(self) -> Lexical:
        raise NotImplementedError

    @pytest.fixture
    def index(self) -> Lexical:
        made = self.make()
        made.add(DOCUMENTS)
        return made

    @pytest.mark.parametrize(
        ("words", "rows"),
        [
            ("c++", [1]),
            ("C++ 编程", [1]),
            ("rust", [2, 3]),
            ("node.js", [4]),
            ("node", [4]),
            (".net", [4]),
            ("useEffect", [5]),
            ("effect", [5]),
            ("PROGRAM", [1]),
            ("ｐｒｏｃｅｓｓ", [2]),
            ("系统", [3, -6]),
            ("作業系統", [3, -6]),
            ("数据", []),
            ("资料库", [-6]),
            ("sql", [-6]),
        ],
    )
    def test_finds_words_however_they_are_written(self, index: Lexical, words: str, rows: list[int]) -> None:
        assert sorted(hit.row for hit in index.search(words, 10)) == sorted(rows)

    def test_a_word_in_the_title_counts_more(self, index: Lexical) -> None:
        index.add([(7, "Memory", "Something else."), (8, "Something else", "Memory.")])
        assert index.search("memory", 10)[0].row == 7

    @pytest.mark.parametrize(
        "words",
        ['"memory', "memory AND", "title: memory", "text:memory", "+memory -bread", "memory*", "(memory", "memory^9",
         "[memory TO z]", "/memory/", "memory~2", "memory\\", "'memory", "memory NOT bread",
         "\x00memory", "\ud800 memory"],
    )  # fmt: skip
    def test_syntax_is_words(self, index: Lexical, words: str) -> None:
        assert {1, 2, 5} <= {hit.row for hit in index.search(words, 10)}

    @pytest.mark.parametrize("words", ["", "  ", "+", "*", '"', "()", "？！", "🙂", "\x00"])
    def test_without_a_word_there_is_nothing(self, index: Lexical, words: str) -> None:
        assert index.search(words, 10) == []

    def test_scores_are_between_zero_and_one_and_ties_go_to_the_lower_row(self, index: Lexical) -> None:
        index.add((row, "same words", "same words") for row in (30, 20, 25))
        found = index.search("same words", 10)
        assert [hit.row for hit in found] == [20, 25, 30]
        assert len({hit.score for hit in found}) == 1
        assert all(0.0 < hit.score <= 1.0 for hit in index.search("memory systems rust", 10))
        assert [hit.row for hit in index.search("same words", 2)] == [20, 25]

    def test_replacing_and_removing(self, index: Lexical) -> None:
        index.add([(1, "Haskell", "Types."), (1, "Erlang", "Processes.")])
        assert index.search("c++", 10) == []
        assert index.search("haskell", 10) == []
        assert [hit.row for hit in index.search("erlang", 10)] == [1]
        index.remove([1, 999])
        index.remove([])
        assert index.search("erlang", 10) == []
        assert len(index) == len(DOCUMENTS) - 1

    @pytest.mark.parametrize("allowed", [[2, 5], [-6, 5], []])
    def test_only_allowed_rows(self, index: Lexical, allowed: list[int]) -> None:
        found = index.search("memory sql", 10, allowed=np.array(allowed, dtype=np.int64))
        assert sorted(hit.row for hit in found) == allowed

    def test_a_filter_of_many_rows_gives_the_same_as_the_list_without_it(self, index: Lexical) -> None:
        index.add((row, f"common word{row % 7}", "filling") for row in range(100, 3100))
        allowed = np.arange(100, 3100, 2, dtype=np.int64)
        found = index.search("common word3", 50, allowed=allowed)
        every = [hit for hit in index.search("common word3", 4000) if hit.row in set(allowed.tolist())]
        assert found == every[:50]

    def test_nothing_is_asked_for(self, index: Lexical) -> None:
        assert index.search("memory", 0) == []
        with pytest.raises(ValueError, match="negative"):
            index.search("memory", -1)
        assert self.make().search("memory", 5) == []
