"""What members write after /digest: understood, or told what is wrong with it."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digests import DigestSettings, Section
from bot.domain.schedules import Frequency
from bot.usecases.digest_words import Changed, Elsewhere, Named, Place, Wrong, read
from tests.bot.reading import acts, labels, words_of
from tests.bot.world import World

TODAY = date(2027, 1, 4)
BEFORE = DigestSettings(1, enabled=True)


def after(words: str) -> DigestSettings:
    order = read(words, TODAY)
    assert isinstance(order, Changed), order
    return order.change(BEFORE)


@pytest.mark.parametrize(
    ("words", "weekday", "at"),
    [
        ("fri 18:30", 4, time(18, 30)),
        ("Monday", 0, time(18)),
        ("周五 18点半", 4, time(18, 30)),
        ("周日 20点", 6, time(20)),
        ("9", 4, time(9)),
        ("tue 7:00", 1, time(7)),
        ("fri 6pm", 4, time(18)),
        ("friday 6:30 pm", 4, time(18, 30)),
        ("早上9点", 4, time(9)),
        ("周五下午六点", 4, time(18)),
        ("every tuesday 7pm", 1, time(19)),
        ("每周二晚上8点半", 1, time(20, 30)),
    ],
)
def test_days_and_times(words: str, weekday: int, at: time) -> None:
    changed = after(words)
    assert (changed.weekday, changed.at) == (weekday, at)


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("daily", "frequency", Frequency.DAILY),
        ("每月", "frequency", Frequency.MONTHLY),
        ("length 3", "length", 3),
        ("10 items", "length", 10),
        ("5条", "length", 5),
        ("language zh", "language", "zh"),
        ("语言 自动", "language", None),
        ("pause 2 weeks", "paused_until", date(2027, 1, 18)),
        ("暂停 3天", "paused_until", date(2027, 1, 7)),
        ("pause until 2027-03-01", "paused_until", date(2027, 3, 1)),
        ("pause a week", "paused_until", date(2027, 1, 11)),
        ("暂停两周", "paused_until", date(2027, 1, 18)),
        ("pause until 20 jan", "paused_until", date(2027, 1, 20)),
        ("pause till friday", "paused_until", date(2027, 1, 8)),
        ("暂停到1月20日", "paused_until", date(2027, 1, 20)),
        ("暂停到下周一", "paused_until", date(2027, 1, 11)),
        ("help on", "sections", frozenset(Section)),
        ("events off", "sections", frozenset({Section.CONTINUE, Section.YOU})),
    ],
)
def test_one_setting(words: str, name: str, value: object) -> None:
    assert getattr(after(words), name) == value


@pytest.mark.parametrize(
    ("words", "frequency", "weekday", "at"),
    [
        ("daily 9:00", Frequency.DAILY, 4, time(9)),
        ("每天 早上9点", Frequency.DAILY, 4, time(9)),
        ("每天晚上9点", Frequency.DAILY, 4, time(21)),
        ("biweekly mon 8 pm", Frequency.BIWEEKLY, 0, time(20)),
        ("每两周周一 20点", Frequency.BIWEEKLY, 0, time(20)),
        ("每周五 18点", Frequency.WEEKLY, 4, time(18)),
    ],
)
def test_how_often_and_when_at_once(words: str, frequency: Frequency, weekday: int, at: time) -> None:
    changed = after(words)
    assert (changed.frequency, changed.weekday, changed.at) == (frequency, weekday, at)


@pytest.mark.parametrize(
    ("words", "hours"),
    [("quiet 22-7", (22, 7)), ("安静 23到6", (23, 6)), ("quiet off", (0, 0)), ("quiet 0-24", (0, 0))],
)
def test_quiet_hours(words: str, hours: tuple[int, int]) -> None:
    changed = after(words)
    assert (changed.quiet_start, changed.quiet_end) == hours


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("preview", Named("preview")),
        ("停止", Named("stop")),
        ("Pause", Named("p-pause")),
        ("where discord", Elsewhere("discord")),
        ("tz New York", Place("New York", sure=True)),
        ("Asia/Shanghai", Place("Asia/Shanghai", sure=True)),
        ("soon", Place("soon", sure=False)),
    ],
)
def test_other_orders(words: str, order: object) -> None:
    assert read(words, TODAY) == order


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("25:00", "digest-bad-hour"),
        ("fri 24:00", "digest-bad-hour"),
        ("fri 12:75", "digest-bad-hour"),
        ("18:45", "digest-bad-minute"),
        ("quiet 22-99", "digest-bad-hour"),
        ("pause 2020-01-01", "digest-bad-past"),
        ("pause 2027-01-04", "digest-bad-past"),
        ("pause -3 days", "digest-bad-past"),
        ("pause 1000000000 days", "digest-bad-long"),
        ("pause 99999999999999999999999999 weeks", "digest-bad-long"),
        ("pause 2999-01-01", "digest-bad-long"),
        ("pause sometime", "digest-bad-date"),
        ("length 4", "digest-bad-length"),
        ("length 1000000000000000000000", "digest-bad-length"),
        ("language klingon", "digest-bad-language"),
    ],
)
def test_what_cannot_be_is_named(words: str, sentence: str) -> None:
    order = read(words, TODAY)
    assert isinstance(order, Wrong)
    assert order.sentence == sentence


ALPHABET = "0123456789:：-–—周五天点半暂停安静时区语言pausequietlengthtzfri \t/<>&\"'\u202e\U0001f600\x00"


@given(st.text(ALPHABET, max_size=40))
def test_whatever_is_written_is_answered(words: str) -> None:
    order = read(words, TODAY)
    if isinstance(order, Changed):
        order.change(BEFORE)


def test_a_city_that_is_clear_sets_the_zone(world: World) -> None:
    world.arrives("lin", language="en")
    said = world.asks("lin", "digest", "tz 上海")
    assert "Your time zone is Asia/Shanghai now." in words_of(said.message)
    assert world.member("lin").timezone == "Asia/Shanghai"


def test_a_city_that_is_not_clear_is_asked_about_with_buttons(world: World) -> None:
    world.arrives("lin", language="en")
    asked = world.asks("lin", "digest", "Portland")
    assert "could be more than one place" in words_of(asked.message)
    assert {"America/New_York", "America/Los_Angeles"} <= set(labels(asked.message))
    world.restart()
    world.press("lin", asked, f"z{labels(asked.message).index('America/Los_Angeles')}")
    assert world.member("lin").timezone == "America/Los_Angeles"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Mars/Base", "I know no place “Mars/Base”"),
        ("tz Berlni", "I know no place “Berlni”"),
        ("25:00", "25:00 is no hour of the day"),
        ("pause 1000000000 days", "at most 366 days"),
        ("where carrier-pigeon", "I don't understand"),
        ("where telegram", "no account on “telegram”"),
        ("whenever & <b>", "I don't understand “whenever & <b>”"),
    ],
)
def test_bad_input_is_answered_and_changes_nothing(world: World, words: str, said: str) -> None:
    world.arrives("lin", language="en")
    world.press("lin", world.asks("lin", "digest"), "on")
    with world.store.read() as uow:
        before = uow.digests.get(world.member("lin").id)
    answer = world.asks("lin", "digest", words)
    assert said in words_of(answer.message)
    assert acts(answer.message)
    with world.store.read() as uow:
        assert uow.digests.get(world.member("lin").id) == before
    assert world.member("lin").timezone == "UTC"
