"""How long a pause lasts: said as people say it, shown back in full, over on the right day of their own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.digests import DigestSettings
from bot.domain.schedules import Frequency, Job, Schedule
from bot.usecases.digest_pauses import NoPause, until
from bot.usecases.digest_words import Changed, Named, read
from bot.usecases.unasked import Refusal, slot
from scheduler.occurrences import next_due
from tests.bot.reading import acts, words_of
from tests.bot.world import World

MONDAY = date(2027, 1, 4)


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("until 3 Dec", date(2027, 12, 3)),
        ("till the 3rd of december", date(2027, 12, 3)),
        ("until 3 February.", date(2027, 2, 3)),
        ("till monday", date(2027, 1, 11)),
        ("until thurs", date(2027, 1, 7)),
        ("until february", date(2027, 2, 1)),
        ("until next week", date(2027, 1, 11)),
        ("until the end of the month", date(2027, 2, 1)),
        ("this week", date(2027, 1, 11)),
        ("for two weeks", date(2027, 1, 18)),
        ("a couple of weeks", date(2027, 1, 18)),
        ("six weeks", date(2027, 2, 15)),
        ("half a year", date(2027, 7, 5)),
        ("两周", date(2027, 1, 18)),
        ("两个星期", date(2027, 1, 18)),
        ("两個禮拜", date(2027, 1, 18)),
        ("十二天", date(2027, 1, 16)),
        ("半个月", date(2027, 1, 19)),
        ("到12月3号", date(2027, 12, 3)),
        ("直到三月一日", date(2027, 3, 1)),
        ("到 3/12", date(2027, 3, 12)),
        ("到周一", date(2027, 1, 11)),
        ("到下周一", date(2027, 1, 11)),
        ("到下个月", date(2027, 2, 1)),
        ("到月底", date(2027, 2, 1)),
    ],
)
def test_a_pause_is_read_as_people_mean_it(words: str, ends: date) -> None:
    assert until(words, MONDAY) == ends


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("until yesterday", "digest-bad-past"),
        ("到昨天", "digest-bad-past"),
        ("until 4 jan", "digest-bad-past"),
        ("today", "digest-bad-past"),
        ("0 days", "digest-bad-past"),
        ("-99999999999 days", "digest-bad-past"),
        ("forever", "digest-bad-long"),
        ("一直", "digest-bad-long"),
        ("99999999999999 weeks", "digest-bad-long"),
        ("until 31 feb", "digest-bad-date"),
        ("until 3/12", "digest-bad-date"),
        ("next week", "digest-bad-date"),
        ("for good measure", "digest-bad-date"),
        ("", "digest-bad-date"),
    ],
)
def test_what_cannot_be_says_why(words: str, sentence: str) -> None:
    with pytest.raises(NoPause) as problem:
        until(words, MONDAY)
    assert problem.value.sentence == sentence


@pytest.mark.parametrize(
    "words", ["pause until 3 dec", "until 3 dec", "Pause till 3 December", "暂停到12月3日", "到12月3日"]
)
def test_it_needs_no_more_words_than_these(words: str) -> None:
    order = read(words, MONDAY)
    assert isinstance(order, Changed)
    assert order.change(DigestSettings(1)).paused_until == date(2027, 12, 3)


@pytest.mark.parametrize("words", ["skip", "skip next", "skip the next one", "跳过下一期"])
def test_skipping_in_words(words: str) -> None:
    assert read(words, MONDAY) == Named("skip")


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("en", "pause until 3 dec", "Paused: it comes again from Fri, Dec 3, 2027 on"),
        ("zh", "暂停到12月3日", "已暂停：从 2027年12月3日（周五）起恢复"),
    ],
)
def test_the_day_is_said_back(world: World, language: str, words: str, said: str) -> None:
    world.arrives("lin", language=language)
    world.press("lin", world.asks("lin", "digest"), "on")
    shown = world.asks("lin", "digest", words)
    assert said in words_of(shown.message)
    assert "resume" in acts(shown.message)


def test_skipping_twice_skips_one(world: World) -> None:
    """A press that comes twice, and a command that is written twice, change nothing the second time."""
    world.arrives("lin", language="en")
    world.press("lin", world.asks("lin", "digest"), "on")
    world.asks("lin", "digest", "skip next")
    shown = world.asks("lin", "digest", "skip")
    assert "The next one is skipped" in words_of(shown.message)
    assert "unskip" in acts(shown.message)
    assert "The next one is skipped" not in words_of(world.press("lin", shown, "unskip").message)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_it_is_over_as_the_day_begins_where_the_member_lives(zone: str) -> None:
    ends = until("till monday", date(2027, 3, 10))
    assert ends == date(2027, 3, 15)
    since = datetime(2027, 3, 1, tzinfo=UTC)
    daily = Schedule(Job.DIGEST, "member:1", zone, Frequency.DAILY, 0, time(0, 30), paused_until=ends, since=since)
    due = next_due(daily, datetime(2027, 3, 12, tzinfo=UTC))
    assert due is not None
    assert due.period == "2027-03-15"
    settings = DigestSettings(1, enabled=True, paused_until=ends, quiet_start=0, quiet_end=0)
    assert slot(settings, zone, (), due.due_at, digest=True) == due.due_at
    before = due.due_at - timedelta(minutes=31)
    assert slot(settings, zone, (), before, digest=True) is Refusal.PAUSED
