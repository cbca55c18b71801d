"""The gate for people's text, against an alphabet that hides, reorders and breaks."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import clean, clean_line, clip, language_of

SPIKES = [
    *"ab <>&\"'/=;#x`\t\n\r\x00\x07\x1b\x7f\x85\x9b中文，\u3000\u00a0🦀ﷺİ",
    *"\u0301\u0345\u20dd\u200b\u200e\u200f\u202a\u202e\u2028\u2029\u2066\u2069\u061c\ufeff\ufdd0\ufffe\U000e0001",
    *("é", "e\u0301", "👩\u200d💻", "❤\ufe0f", "\ud800", "\udfff", "שָׁ", "\u1100\u1161"),
]
SPIKY = st.lists(st.one_of(st.sampled_from(SPIKES), st.characters()), max_size=60).map("".join)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str) -> bool:
    return all(
        (char in "\t\n" or unicodedata.category(char) not in {"Cc", "Cs"}) and char not in BIDI and char != "\u2028"
        for char in text
    )


@given(SPIKY, st.integers(min_value=1, max_value=80))
def test_clean_text_is_short_encodable_and_stays_as_it_is(text: str, limit: int) -> None:
    cleaned = clean(text, limit=limit)
    assert len(cleaned) <= limit
    assert harmless(cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert clean(cleaned, limit=limit) == cleaned


@given(SPIKY, st.integers(min_value=1, max_value=80))
def test_a_clean_line_is_one_line(text: str, limit: int) -> None:
    line = clean_line(text, limit=limit)
    assert len(line) <= limit
    assert harmless(line)
    assert not set(line) & set("\n\r\t")
    assert "  " not in line
    assert clean_line(line, limit=limit) == line


@given(SPIKY, st.integers(min_value=1, max_value=80))
def test_clipped_text_is_never_longer_than_asked_for(text: str, limit: int) -> None:
    clipped = clip(clean(text), limit)
    assert len(clipped) <= limit
    assert clip(clipped, limit) == clipped


def test_what_people_need_stays() -> None:
    for text in ("Tiếng Việt", "日本語", "👩\u200d💻 codes", "שָׁלוֹם", "a\tb\nc", "x = 1 << 2 && y", "“quoted”"):
        assert clean(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("nul\x00inside", "nulinside"),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ("  edges \n", "edges"),
        ("", ""),
    ],
)
def test_what_hides_or_breaks_goes(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_piled_up_marks_are_cut_and_cost_no_time() -> None:
    zalgo = "a" + "\u0301\u0323" * 100_000
    began = time.perf_counter()
    cleaned = clean(zalgo)
    assert time.perf_counter() - began < 1.0
    assert sum(bool(unicodedata.combining(char)) for char in cleaned) <= 3


def test_a_word_is_not_cut_where_a_border_is_near() -> None:
    assert clip("one two three four", 15) == "one two three…"
    assert clip("short", 15) == "short"
    assert clip("abcdefghijklmnopqrstuvwxyz", 10) == "abcdefghi…"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I cancel a task?", "en"),
        ("怎么取消一个任务？", "zh"),
        ("tokio::spawn 为什么需要 'static", "zh"),
        ("I wrote 中 once in a long English sentence", "en"),
        ("Pourquoi pas", "en"),
        ('fn main() { println!("你好") }', "en"),
        ("学 Rust", "zh"),
    ],
)
def test_language_of(text: str, language: str) -> None:
    assert language_of(text) == language


def test_without_letters_the_default_language_is_taken() -> None:
    assert language_of("123 !?", default="zh") == "zh"
    assert language_of("", default="") == ""
