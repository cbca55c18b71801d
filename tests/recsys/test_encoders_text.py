"""Chunks hold the whole text, fit the model, and are cut where a reader would cut."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.text import WHOLE, chunks, guess_tokens, prepare
from recsys.sentences import sentence_ends, sentences

SPIKY = st.text(alphabet=st.sampled_from(list("ab .,!?\n\"')c。！？；…”中文字ﷺ\u202e\x00é")), max_size=300)


def cut(text: str, limit: int = 10, most: int = 32) -> list[str]:
    return [piece for piece, _ in chunks(text, count=guess_tokens, limit=limit, most=most)]


@settings(deadline=None)
@given(SPIKY)
def test_nothing_but_blanks_is_lost(text: str) -> None:
    assert "".join("".join(cut(text, most=10_000)).split()) == "".join(text.split())


@settings(deadline=None)
@given(SPIKY, st.integers(1, 20))
def test_chunks_fit(text: str, limit: int) -> None:
    assert all(guess_tokens(piece) <= limit + 1 or len(piece) < 2 for piece in cut(text, limit, most=10_000))


def test_cut_at_sentences_in_both_languages() -> None:
    assert cut("One two three four. Five six seven eight? Nine.", 6) == [
        "One two three four.",
        "Five six seven eight?",
        "Nine.",
    ]
    assert cut("今天学习排序。明天学习图论！后天休息", 8) == ["今天学习排序。", "明天学习图论！", "后天休息"]


def test_a_paragraph_that_fills_half_a_chunk_stays_alone() -> None:
    assert cut("Sorting needs comparisons.\n\nGraphs are another matter.", 10) == [
        "Sorting needs comparisons.",
        "Graphs are another matter.",
    ]


def test_of_a_very_long_text_chunks_come_from_all_of_it() -> None:
    text = " ".join(f"Sentence number {number}." for number in range(40_000))
    assert len(text) > WHOLE
    found = chunks(text, count=guess_tokens, limit=128)
    assert len(found) == 32
    numbers = [int(re.findall(r"(\d+)\.", piece)[-1]) for piece, _ in found]
    assert numbers == sorted(numbers)
    assert numbers[0] < 1_000
    assert numbers[-1] > 39_000
    assert found == chunks(text, count=guess_tokens, limit=128)


@pytest.mark.parametrize(
    "evil", ["." * 100_000, "a." * 50_000, "。”" * 50_000, ".'" * 50_000, "\n" * 100_000, "a" * 100_000]
)
def test_hostile_punctuation_takes_no_time(evil: str) -> None:
    begin = time.perf_counter()
    chunks(evil, count=guess_tokens, limit=128)
    sentences(evil)
    assert time.perf_counter() - begin < 2.0


def test_prepared_text_is_clean_and_simplified() -> None:
    assert prepare(" a\x00b \ud800\t c ") == "a b ? c"
    assert prepare("機器學習") == "机器学习"
    assert prepare("東京へ行く") == "東京へ行く"


def test_sentences_as_a_reader_would_quote_them() -> None:
    assert sentences("Yes. Use a queue, e.g. a deque. It is fast!\n# Title\n---\n用队列。真的很快，试试吧！") == [
        "Yes. Use a queue, e.g. a deque.",
        "It is fast!",
        "# Title",
        "用队列。真的很快，试试吧！",
    ]
    (long,) = sentences("word " * 200, longest=50)
    assert len(long) <= 51
    assert long.endswith("…")


@settings(deadline=None)
@given(SPIKY)
def test_sentence_ends_rise_to_the_end(text: str) -> None:
    ends = list(sentence_ends(text))
    assert ends == sorted(set(ends))
    assert (ends[-1] if ends else 0) == len(text)
