"""Requests in free words, in English and Chinese."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.items import Kind
from bot.domain.people import Level
from bot.domain.wanted import MAX_WORDS, Wanted, understand


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("async rust", Wanted("async rust")),
        ("", Wanted()),
        ("rust, under 5 hours", Wanted("rust", max_hours=5)),
        ("rust under 3h", Wanted("rust", max_hours=3)),
        ("rust ≤ 2.5 hours", Wanted("rust", max_hours=2.5)),
        ("rust at most 3.25 h", Wanted("rust", max_hours=3.25)),
        ("rust in Chinese", Wanted("rust", language="zh")),
        ("rust, Chinese", Wanted("rust", language="zh")),
        ("sql in English", Wanted("sql", language="en")),
        ("Chinese remainder theorem", Wanted("Chinese remainder theorem")),
        ("free python courses", Wanted("python", kind=Kind.COURSE, free=True)),
        ("free software licences", Wanted("free software licences")),
        ("free monad", Wanted("free monad")),
        ("python for beginners", Wanted("python", level=Level.BEGINNER)),
        ("intermediate sql", Wanted("sql", level=Level.INTERMEDIATE)),
        ("advanced css", Wanted("css", level=Level.ADVANCED)),
        ("discussions about tokio", Wanted("about tokio", kind=Kind.POST)),
        ("events on rust", Wanted("on rust", kind=Kind.EVENT)),
        ("css under $20", Wanted("css", max_price=20)),
        ("rust, not video", Wanted("rust", without=("video",))),
        ("rust, not video, no slides", Wanted("rust", without=("video", "slides"))),
        ("rust without macros", Wanted("rust", without=("macros",))),
        ("I want rust", Wanted("rust")),
        (
            "async but not video, under 3h, Chinese",
            Wanted("async", language="zh", max_hours=3, without=("video",)),
        ),
        ("rust 5小时以内", Wanted("rust", max_hours=5)),
        ("异步 rust，5小时以内，中文", Wanted("异步 rust", language="zh", max_hours=5)),
        ("rust 3.25小时以内", Wanted("rust", max_hours=3.25)),
        ("不超过 10 小时 python", Wanted("python", max_hours=10)),
        ("免费 python", Wanted("python", free=True)),
        ("免费的 python 课程", Wanted("python", kind=Kind.COURSE, free=True)),
        ("零基础 python", Wanted("python", level=Level.BEGINNER)),
        ("高级 rust", Wanted("rust", level=Level.ADVANCED)),
        ("中文版 rust", Wanted("rust", language="zh")),
        ("中文 rust", Wanted("rust", language="zh")),
        ("rust 中文课程", Wanted("rust", kind=Kind.COURSE, language="zh")),
        ("中文分词", Wanted("中文分词")),
        ("英文写作", Wanted("英文写作")),
        ("英文的 sql", Wanted("sql", language="en")),
        ("rust 讨论", Wanted("rust", kind=Kind.POST)),
        ("rust 活动", Wanted("rust", kind=Kind.EVENT)),
        ("css 100元以内", Wanted("css", max_price=100)),
        ("rust 不要视频", Wanted("rust", without=("视频",))),
        ("不要视频的 rust", Wanted("rust", without=("视频",))),
        ("我想学 rust", Wanted("rust")),
    ],
)
def test_understand(text: str, wanted: Wanted) -> None:
    assert understand(text) == wanted


@pytest.mark.parametrize("text", ["1234567小时以内 rust", "under 123456 hours rust"])
def test_the_tail_of_a_number_is_never_taken_for_it(text: str) -> None:
    wanted = understand(text)
    assert wanted.max_hours is None
    assert "rust" in wanted.words
    assert any(digits in wanted.words for digits in ("1234567", "123456"))


def test_every_chip_can_be_taken_away() -> None:
    wanted = understand("free rust courses for beginners, under 5 hours, under $20, in Chinese, not video, no slides")
    assert wanted.chips == (
        "kind",
        "level",
        "language",
        "max_hours",
        "free",
        "max_price",
        "without:video",
        "without:slides",
    )
    for chip in wanted.chips:
        fewer = wanted.dropped(chip)
        assert fewer.chips == tuple(other for other in wanted.chips if other != chip)
        assert fewer.words == wanted.words
    none_left = wanted
    for chip in wanted.chips:
        none_left = none_left.dropped(chip)
    assert none_left == Wanted("rust")


@pytest.mark.parametrize("chip", ["", "words", "without:other", "nonsense", "kind:course2", "__class__"])
def test_an_unknown_chip_changes_nothing(chip: str) -> None:
    wanted = Wanted("rust", free=True, without=("video",))
    assert wanted.dropped(chip) == wanted


@given(st.text(max_size=400))
def test_anything_may_be_typed(text: str) -> None:
    wanted = understand(text)
    assert len(wanted.words) <= MAX_WORDS
    assert understand(text) == wanted
    for chip in wanted.chips:
        assert chip not in wanted.dropped(chip).chips


PLAIN = st.sampled_from(["tokio", "borrow", "closures", "递归", "指针", "c++", "std::move", "monads", "42", "x86"])


@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_what_is_no_phrase_stays_word_for_word(words: list[str]) -> None:
    assert understand(" ".join(words)) == Wanted(" ".join(words))


PHRASE = st.sampled_from(["under 5 hours", "in Chinese", "without video", "for beginners", "免费", "5小时以内", "高级"])


@given(st.lists(PLAIN, min_size=1, max_size=4), st.lists(PHRASE, max_size=3), st.lists(PLAIN, max_size=4))
def test_phrases_never_swallow_the_words_around_them(before: list[str], said: list[str], after: list[str]) -> None:
    wanted = understand(", ".join([" ".join(before), *said, " ".join(after)]))
    for word in before + after:
        assert word in wanted.words
