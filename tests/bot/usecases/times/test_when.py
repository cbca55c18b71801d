"""What people type is understood, asked about or refused, never guessed: two lists of phrases and the hard nights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.localtime import later
from bot.usecases.times.when import Doubt, NotUnderstood, Problem, Span, Understood, Which, length, when
from bot.usecases.times.words import answer, choices
from bot.wording import Wording

HERE = Path(__file__).parent
ZONES = {"en": "Europe/Berlin", "zh": "Asia/Shanghai"}
BERLIN = ZoneInfo("Europe/Berlin")
WORDS = {Problem.PAST: "past", Problem.NO_TIME: "time", Problem.NO_DAY: "day"}


def phrases() -> Iterator[tuple[str, str, str, str]]:
    for language in ZONES:
        for line in (HERE / f"when_{language}.tsv").read_text("utf-8").splitlines():
            if not line.startswith("#"):
                text, wanted, *end = line.split("\t")
                yield language, text, wanted, end[0] if end else ""


def ends_at(span: Span) -> str:
    return "" if span.minutes is None else f"{later(span.starts_at, timedelta(minutes=span.minutes)):%F %R}"


@pytest.mark.parametrize(("language", "text", "wanted", "end"), list(phrases()))
def test_a_phrase_is_read_as_people_mean_it(language: str, text: str, wanted: str, end: str) -> None:
    zone = ZoneInfo(ZONES[language])
    found = when(text, zone=zone, now=datetime(2026, 11, 18, 10, 0, tzinfo=zone), language=language)
    match found:
        case Understood(span=span):
            assert (f"{span.starts_at:%F %R}", ends_at(span)) == (wanted, end)
            assert span.starts_at.tzinfo is zone
        case Which(options=options):
            assert wanted == "ask"
            assert len(options) >= 2
        case NotUnderstood(problem=problem):
            assert WORDS.get(problem, "none") == wanted


def starts(text: str, now: datetime, language: str = "en") -> list[str]:
    found = when(text, zone=now.tzinfo, now=now, language=language)  # type: ignore[arg-type]
    match found:
        case Understood(span=span):
            return [f"{span.starts_at:%F %R %z}"]
        case Which(options=options):
            return [f"{option.starts_at:%F %R %z}" for option in options]
        case NotUnderstood(problem=problem):
            return [problem.value]


def test_a_time_that_no_clock_shows_is_asked_about_with_both_neighbours() -> None:
    now = datetime(2027, 3, 20, 12, 0, tzinfo=BERLIN)
    found = when("28 march 2:30", zone=BERLIN, now=now, language="en")
    assert isinstance(found, Which)
    assert found.doubt is Doubt.GAP
    assert starts("28 march 2:30", now) == ["2027-03-28 01:30 +0100", "2027-03-28 03:30 +0200"]
    assert "go forward" in answer(Wording("en"), "28 march 2:30", found)


def test_a_time_that_the_clock_shows_twice_is_asked_about_and_told_apart() -> None:
    now = datetime(2026, 10, 20, 12, 0, tzinfo=BERLIN)
    found = when("周日凌晨2点半", zone=BERLIN, now=now, language="zh")
    assert isinstance(found, Which)
    assert found.doubt is Doubt.FOLD
    assert starts("sunday 2:30", now) == ["2026-10-25 02:30 +0200", "2026-10-25 02:30 +0100"]
    assert choices(Wording("zh"), found) == [
        "2026年10月25日 周日 02:30（Europe/Berlin, GMT+02:00）",
        "2026年10月25日 周日 02:30（Europe/Berlin, GMT+01:00）",
    ]
    assert answer(Wording("en"), "周日凌晨2点半", found).startswith("The clocks go back")


def test_an_event_over_a_night_of_change_lasts_as_long_as_the_clock_says() -> None:
    now = datetime(2026, 10, 20, 12, 0, tzinfo=BERLIN)
    found = when("sat 23:00-04:00", zone=BERLIN, now=now, language="en")
    assert isinstance(found, Understood)
    assert found.span.minutes == 6 * 60, "that night has one hour more"
    assert starts("in 24 hours", datetime(2026, 10, 24, 20, 0, tzinfo=BERLIN)) == ["2026-10-25 19:00 +0100"]


@pytest.mark.parametrize(
    ("now", "text", "wanted"),
    [
        ("2026-11-22 10:00", "下周一 20:00", ["2026-11-23 20:00"]),
        ("2026-11-22 10:00", "next monday 20:00", ["2026-11-23 20:00"]),
        ("2026-11-22 10:00", "next tuesday 20:00", ["2026-11-24 20:00"]),
        ("2026-11-23 10:00", "next tuesday 20:00", ["2026-11-24 20:00", "2026-12-01 20:00"]),
        ("2026-11-22 10:00", "本周日 20:00", ["2026-11-22 20:00"]),
        ("2026-11-22 10:00", "weekend 12:00", ["2026-11-22 12:00"]),
        ("2026-11-20 20:00", "fri 19:30", ["2026-11-27 19:30"]),
        ("2026-11-20 20:00", "this fri 19:30", ["past"]),
        ("2026-12-31 23:30", "tomorrow 7pm", ["2027-01-01 19:00"]),
        ("2026-12-31 23:30", "8pm", ["2027-01-01 20:00"]),
        ("2026-01-31 12:00", "the 30th 7pm", ["2026-03-30 19:00"]),
        ("2026-01-31 12:00", "in a month 7pm", ["2026-02-28 19:00"]),
        ("2026-11-18 10:00", "7/11 19:30", ["2027-07-11 19:30", "2027-11-07 19:30"]),
        ("2026-11-18 10:00", "1 jan 2040 10am", ["too-far"]),
        ("2026-11-18 10:00", "fri 19:30 for 99999 minutes", ["length"]),
        ("2026-11-18 10:00", "fri 25:00", ["no-such-time"]),
        ("2026-11-18 10:00", "sat 27 nov 2026 19:30", ["contradiction"]),
    ],
)
def test_what_a_day_is_depends_on_today(now: str, text: str, wanted: list[str]) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert [start.removesuffix(" +0800") for start in starts(text, at)] == wanted


def test_seven_eleven_is_november_in_chinese_and_asked_in_english() -> None:
    now = datetime(2026, 6, 1, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert starts("7/11 19:30", now, "zh") == ["2026-07-11 19:30 +0800"]
    assert len(starts("7/11 19:30", now, "en")) == 2


def test_what_is_wrong_is_said_with_an_example() -> None:
    now = datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN)
    for language, text in (("en", "soonish"), ("zh", "改天吧"), ("en", "friday"), ("zh", "下周晚上八点")):
        found = when(text, zone=BERLIN, now=now, language=language)
        wording = Wording(language)
        assert answer(wording, text, found).endswith(wording.say("when-example"))
    past = when("yesterday 19:30", zone=BERLIN, now=now, language="en")
    assert answer(Wording("en"), "yesterday 19:30", past) == (
        "That has passed: Tue 17 Nov 2026, 19:30 (Europe/Berlin)."
    )


def test_what_was_understood_is_shown_in_full() -> None:
    now = datetime(2026, 11, 18, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    found = when("27 Nov 19:30-21:00", zone=ZoneInfo("Asia/Shanghai"), now=now, language="en")
    assert answer(Wording("en"), "", found) == "Fri 27 Nov 2026, 19:30–21:00 (Asia/Shanghai)"
    assert answer(Wording("zh"), "", found) == "2026年11月27日 周五 19:30–21:00（Asia/Shanghai）"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_examples_that_are_shown_work(language: str) -> None:
    now = datetime(2026, 11, 22, 10, 0, tzinfo=BERLIN)
    sentence = Wording(language).say("when-example")
    examples = [part.partition("”")[0] for part in sentence.split("“")[1:]]
    assert len(examples) == 4
    for example in examples:
        assert isinstance(when(example, zone=BERLIN, now=now, language=language), Understood), example


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1h30", 90),
        ("90", 90),
        ("90 min", 90),
        ("1:30", 90),
        ("2h", 120),
        ("1.5 hours", 90),
        ("an hour and a half", 90),
        ("half an hour", 30),
        ("two hours and 15 minutes", 135),
        ("两个小时", 120),
        ("一个半小时", 90),
        ("90 分钟", 90),
        ("1小时30分", 90),
        ("半小时", 30),
        ("０", None),
        ("99999", None),
        ("a while", None),
        ("", None),
    ],
)
def test_lengths(text: str, minutes: int | None) -> None:
    assert length(text) == minutes


PIECES = st.sampled_from(
    """fri next tuesday 19:30 7pm 7 8 27 nov 2026-11-27 7/11 in 3 days hours - to at for 90 min noon midnight week
    下周三 晚上 八点半 明天 后天 12月3号 到 两个小时 周末 ： 半 十 年 月 日 .5 99999999999 1e9 ½ ٣ 𝟕 <b>""".split()  # noqa: SIM905
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=9).map(" ".join), st.sampled_from(["en", "zh"]))
def test_whatever_is_typed_is_answered(text: str, language: str) -> None:
    """No exception, only moments that lie ahead, options that differ, and a sentence in each language."""
    now = datetime(2026, 10, 20, 12, 0, tzinfo=BERLIN)
    found = when(text, zone=BERLIN, now=now, language=language)
    spans = found.options if isinstance(found, Which) else (found.span,) if isinstance(found, Understood) else ()
    assert all(span.starts_at.astimezone(UTC) > now.astimezone(UTC) for span in spans)
    assert all(span.minutes is None or span.minutes > 0 for span in spans)
    assert len({span.starts_at.astimezone(UTC) for span in spans}) == len(spans)
    assert all(answer(Wording(each), text, found) for each in ("en", "zh"))
    assert length(text) is None or length(text) > 0  # type: ignore[operator]
