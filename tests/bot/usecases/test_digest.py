"""The weekly letter: asked for, at most once a period, never the same thing again, stopped with one tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.digests import DigestSettings, Section
from bot.domain.interactions import Signal
from bot.domain.outgoing import DeliveryClass
from bot.domain.schedules import Frequency, Job, Occurrence, Outcome
from bot.usecases.digest_send import QueueDigests
from tests.bot.reading import acts, card_of, cards, items, labels, words_of
from tests.bot.world import Sent, World


def settings(world: World, who: str = "lin") -> DigestSettings:
    with world.store.read() as uow:
        return uow.digests.get(world.member(who).id)


def send(world: World, period: str = "2027-01-08", who: str = "lin") -> tuple[Outcome, str]:
    occurrence = Occurrence(Job.DIGEST, f"member:{world.member(who).id}", period, world.clock.now())
    prepared = world.app.prepare_digests(world.community, [occurrence], world.clock.now())
    ((_, outcome, note),) = QueueDigests(world.store)(world.community, prepared, world.clock.now())
    return outcome, note


@pytest.fixture
def reader(stocked: World) -> World:
    """Lin has finished a course and asked for the letter."""
    stocked.arrives("lin", language="en")
    stocked.does("lin", Signal.ENROL, "course:rust-start")
    stocked.does("lin", Signal.COMPLETE, "course:rust-start")
    lin = stocked.member("lin")
    stocked.change(replace(lin, profile=replace(lin.profile, topics=("rust", "python"))))
    stocked.press("lin", stocked.asks("lin", "digest"), "on")
    return stocked


def letter(world: World, period: str = "2027-01-08") -> Sent:
    assert send(world, period)[0] is Outcome.DONE
    (sent,) = world.deliver()
    return sent


def test_nobody_gets_it_unasked(stocked: World) -> None:
    stocked.arrives("lin")
    assert send(stocked) == (Outcome.SKIPPED, "off")
    assert stocked.deliver() == []
    assert "Off. I send nothing unasked." in words_of(stocked.asks("lin", "digest").message)


def test_the_letter(reader: World) -> None:
    reader.does("lin", Signal.PROGRESS, "course:python-data", value=0.4)
    sent = letter(reader)
    assert sent.sending.unsolicited
    assert sent.sending.delivery is DeliveryClass.AT_MOST_ONCE
    assert sent.sending.room == reader.home("lin").room
    text = words_of(sent.message)
    assert "📬 Your week in Ferris Hall · Jan 4, 2027" in text
    assert "Data analysis with Python — stopped at 40 %" in text
    assert 2 <= len(items(sent.message)) <= 5
    assert not {"course:rust-start", "course:python-data"} & set(items(sent.message))
    assert "You get this because you switched it on." in text
    assert "Every Friday at 18:00 · UTC · quiet 22–08 · 5 items · English" in text
    assert "Ranked from: your enrolments. Messages: off." in text
    assert all(card.reasons for card in cards(sent.message))
    assert set(acts(sent.message)) >= {"settings", "skip", "p-pause", "stop", "like", "hide", "save", "why", "privacy"}
    assert settings(reader).last_note == "sent"


def test_one_period_is_one_letter(reader: World) -> None:
    first = letter(reader)
    assert send(reader) == (Outcome.SKIPPED, "one was sent lately")
    assert reader.deliver() == []
    with reader.store.read() as uow:
        shown = uow.exposures.shown(reader.member("lin").id, since=datetime(2027, 1, 1, tzinfo=UTC))
    assert shown == dict.fromkeys(items(first.message), 1)


def test_nothing_is_sent_twice(reader: World) -> None:
    counts: dict[str, int] = {}
    for week in range(8):
        reader.clock.go_on(days=7)
        outcome, _ = send(reader, f"week-{week}")
        for sent in reader.deliver():
            for item in items(sent.message):
                counts[item] = counts.get(item, 0) + 1
        if outcome is Outcome.SKIPPED:
            break
    else:
        pytest.fail("the catalogue never came to an end")
    assert counts
    assert max(counts.values()) == 1
    assert settings(reader).last_note == "little"
    assert "skipped: nothing good enough" in words_of(reader.asks("lin", "digest").message)


def test_what_was_pressed_does_not_come_again(reader: World) -> None:
    sent = letter(reader)
    enrolled, saved, removed = items(sent.message)[:3]
    reader.press("lin", sent, "enrol", item=enrolled)
    reader.press("lin", sent, "save", item=saved)
    reader.press("lin", sent, "hide", item=removed)
    reader.clock.go_on(days=7)
    send(reader, "2027-01-15")
    assert not {enrolled, saved, removed} & {item for later in reader.deliver() for item in items(later.message)}


def test_a_press_keeps_the_letter_a_letter(reader: World) -> None:
    reader.does("lin", Signal.PROGRESS, "course:python-data", value=0.4)
    sent = letter(reader)
    item = items(sent.message)[0]
    after = reader.press("lin", sent, "enrol", item=item)
    assert after.ref == sent.ref
    assert items(after.message) == items(sent.message)
    assert card_of(after.message, item).state == "✅ You enrolled"
    changed = [
        index for index, (a, b) in enumerate(zip(sent.message.blocks, after.message.blocks, strict=True)) if a != b
    ]
    assert len(changed) == 1
    assert after.message.buttons == sent.message.buttons
    why = reader.press("lin", sent, "why", item=items(sent.message)[1])
    assert "Score" in words_of(why.message)


def test_too_little_sends_nothing(world: World) -> None:
    world.arrives("lin", language="en")
    world.press("lin", world.asks("lin", "digest"), "on")
    assert send(world) == (Outcome.SKIPPED, "nothing good enough")
    assert world.deliver() == []
    assert settings(world).last_note == "little"


def test_the_next_one_can_be_skipped(reader: World) -> None:
    reader.press("lin", reader.asks("lin", "digest"), "skip")
    assert send(reader, "one") == (Outcome.SKIPPED, "skipped by the member")
    assert reader.deliver() == []
    assert not settings(reader).skip_next
    assert send(reader, "two")[0] is Outcome.DONE


def test_it_waits_until_the_quiet_hours_are_over(reader: World) -> None:
    reader.clock.set(datetime(2027, 1, 8, 23, 30, tzinfo=UTC))
    assert send(reader)[0] is Outcome.DONE
    assert reader.deliver() == []
    reader.clock.set(datetime(2027, 1, 9, 7, 59, tzinfo=UTC))
    assert reader.deliver() == []
    reader.clock.set(datetime(2027, 1, 9, 8, 0, tzinfo=UTC))
    assert len(reader.deliver()) == 1


@pytest.mark.parametrize("words", ["quiet off", "tz Honolulu"])
def test_one_that_waits_for_the_end_of_quiet_hours_waits_for_those_of_now(reader: World, words: str) -> None:
    """Who wants other hours, or lives by another clock since, gets what waits by these."""
    reader.clock.set(datetime(2027, 1, 8, 23, 30, tzinfo=UTC))
    assert send(reader)[0] is Outcome.DONE
    assert reader.deliver() == []
    reader.commands("lin", "digest", words)
    assert [sent.sending.key for sent in reader.sent if sent.sending.unsolicited] == [
        f"digest:member:{reader.member('lin').id}:2027-01-08"
    ]


def test_its_controls_leave_it_readable(reader: World) -> None:
    sent = letter(reader)
    for act, label in (
        ("skip", "Don't skip"),
        ("stop", "📬 Switch on"),
        ("why-many", "📬 Switch on"),
        ("on", "⏹ Stop"),
    ):
        after = reader.press("lin", sent, act)
        assert after.ref == sent.ref
        assert items(after.message) == items(sent.message)
        assert label in labels(after.message)
        sent = after
    shown = reader.press("lin", sent, "settings")
    assert shown.sending.edits is None
    assert "📬 Your digest" in words_of(shown.message)
    content = reader.press("lin", shown, "p-content")
    assert reader.press("lin", content, "length3").ref == shown.ref


def test_a_stop_while_it_is_composed_is_a_stop(reader: World) -> None:
    lin, now = reader.member("lin"), reader.clock.now()
    occurrence = Occurrence(Job.DIGEST, f"member:{lin.id}", "2027-01-08", now)
    prepared = reader.app.prepare_digests(reader.community, [occurrence], now)
    assert prepared[0].message is not None
    reader.commands("lin", "digest", "stop")
    queue = QueueDigests(reader.store)
    assert queue(reader.community, prepared, now) == [(occurrence, Outcome.SKIPPED, "off")]
    assert reader.deliver() == []
    assert not settings(reader).enabled


def test_one_tap_stops_it(reader: World) -> None:
    sent = letter(reader)
    stopped = reader.press("lin", sent, "stop")
    assert stopped.notice == "Stopped. I send nothing unasked any more."
    assert not settings(reader).enabled
    assert send(reader, "later") == (Outcome.SKIPPED, "off")
    with reader.store.read() as uow:
        assert all(not s.enabled for s in uow.schedules.all(reader.community.id, Job.DIGEST))


def test_every_setting_can_be_changed_by_buttons(reader: World) -> None:
    shown = reader.asks("lin", "digest")
    shown = reader.press("lin", shown, "p-when")
    for act in ("f-biweekly", "d5", "h9", "later", "later", "earlier"):
        shown = reader.press("lin", shown, act)
        assert shown.notice == "Changed."
    assert "Every other Saturday at 09:30 (UTC)" in words_of(shown.message)
    shown = reader.press("lin", reader.press("lin", shown, "p-main"), "p-quiet")
    shown = reader.press("lin", shown, "q23-7")
    shown = reader.press("lin", shown, "qe-later")
    shown = reader.press("lin", reader.press("lin", shown, "p-main"), "p-content")
    for act in ("length10", "s-help", "s-you", "g-zh"):
        shown = reader.press("lin", shown, act)
    assert "返回" in words_of(shown.message)
    now = settings(reader)
    assert (now.frequency, now.weekday, now.at, now.length) == (Frequency.BIWEEKLY, 5, time(9, 30), 10)
    assert (now.quiet_start, now.quiet_end, now.language) == (23, 8, "zh")
    assert now.sections == {Section.CONTINUE, Section.EVENTS, Section.HELP}
    with reader.store.read() as uow:
        (schedule,) = uow.schedules.all(reader.community.id, Job.DIGEST)
    assert (schedule.weekday, schedule.at, schedule.enabled) == (5, time(9, 30), True)
    assert schedule.frequency is Frequency.BIWEEKLY


def test_a_pause_of_several_lengths_and_back(reader: World) -> None:
    shown = reader.press("lin", reader.asks("lin", "digest"), "p-pause")
    paused = reader.press("lin", shown, "pause4")
    assert settings(reader).paused_until == date(2027, 2, 1)
    assert "Paused: it comes again from Mon, Feb 1, 2027 on" in words_of(paused.message)
    reader.press("lin", paused, "resume")
    assert settings(reader).paused_until is None


def test_hours_and_days_go_round(reader: World) -> None:
    shown = reader.press("lin", reader.asks("lin", "digest"), "p-when")
    for _ in range(48):
        shown = reader.press("lin", shown, "later")
    assert settings(reader).at == time(18)


def test_the_length_is_kept_to(reader: World) -> None:
    reader.commands("lin", "digest", "length 3")
    assert len(items(letter(reader).message)) <= 3


@pytest.mark.parametrize("words", ["preview", "预览", " Preview "])
def test_a_preview_counts_for_nothing(reader: World, words: str) -> None:
    preview = reader.asks("lin", "digest", words)
    assert items(preview.message)
    assert not preview.sending.unsolicited
    with reader.store.read() as uow:
        assert uow.exposures.shown(reader.member("lin").id, since=datetime(2026, 1, 1, tzinfo=UTC)) == {}
    assert settings(reader).last_note == ""
    why = reader.press("lin", preview, "why", item=items(preview.message)[0])
    assert "Score" in words_of(why.message)
    assert acts(why.message) == []
    assert items(letter(reader).message) == items(preview.message)


def test_a_preview_with_too_little_says_so(world: World) -> None:
    assert "not enough good enough" in words_of(world.asks("lin", "digest", "preview").message)


def test_somebody_to_help_is_named(reader: World) -> None:
    reader.clock.go_on(hours=-50)
    question = reader.says("mei", "How do I write a rust macro that counts its arguments?")
    answered = reader.says("mei", "How do I share a rust mutex between two tasks?")
    reader.says("ola", "With an Arc around the mutex, and a clone of it for every task.", reply_to=answered)
    reader.clock.go_on(hours=50)
    reader.index()
    assert "💬 Someone you could help" not in words_of(reader.asks("lin", "digest", "preview").message)
    reader.commands("lin", "digest", "help on")
    sent = letter(reader)
    text = words_of(sent.message)
    assert "💬 Someone you could help" in text
    assert "How do I write a rust macro that counts its arguments?" in text
    post = reader.post(question)
    assert post is not None
    assert "About a topic of yours: Rust" in card_of(sent.message, post.item).reasons
    assert post.item in sent.sending.items


def test_a_letter_that_names_what_was_deleted_does_not_go_out(reader: World) -> None:
    for n in range(3):
        ref = reader.says("mei", f"How do I write the rust macro number {n} for ownership and borrowing?")
    reader.index()
    assert send(reader)[0] is Outcome.DONE
    with reader.store.write() as uow:
        uow.messages.delete(reader.community.id, ref, reader.clock.now())
        uow.commit()
    reader.deliver()
    for sent in reader.sent:
        assert "number 2" not in words_of(sent.message)


def test_in_chinese(reader: World) -> None:
    reader.press("lin", reader.asks("lin", "profile"), "language")
    sent = letter(reader)
    assert "你在“Ferris Hall”的一周" in words_of(sent.message)
    assert "⏹ 停止" in labels(sent.message)
    assert sent.message.language == "zh"


def test_the_planner_sends_it_when_it_is_due(reader: World) -> None:
    planner = reader.app.letters()
    planner.tick()
    assert reader.deliver() == []
    reader.clock.set(datetime(2027, 1, 8, 18, 0, tzinfo=UTC))
    assert planner.tick().done == 1
    reader.clock.go_on(minutes=5)
    (sent,) = reader.deliver()
    assert "Your week in Ferris Hall" in words_of(sent.message)
    reader.restart()
    reader.clock.set(datetime(2027, 1, 8, 18, 5, tzinfo=UTC))
    assert reader.app.letters().tick().done == 0
    reader.clock.set(datetime(2027, 1, 8, 18, 0, tzinfo=UTC) + timedelta(days=7))
    later = reader.app.letters().tick()
    assert (later.done, later.skipped) in {(1, 0), (0, 1)}  # the next period is decided anew, once
