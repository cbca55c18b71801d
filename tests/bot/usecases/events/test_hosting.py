"""What a host does, by form and button, through the whole application: question by question, as on Telegram."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import EventState, PlaceKind, Venue
from bot.domain.guests import Standing
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import Outgoing
from bot.domain.permissions import Role
from bot.domain.refs import AccountRef
from tests.bot.reading import acts, labels, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, to
from tests.bot.world import CATALOGUE, Sent, World


@pytest.fixture
def hosts(world: World) -> Hosts:
    hosts = Hosts(world)
    world.change(replace(world.member("hana"), role=Role.MODERATOR, timezone="Asia/Shanghai"))
    world.says("hana", "A room to announce things in.", "general")
    return hosts


def answer(hosts: Hosts, *answers: str) -> Sent:
    """Hana's answers to a form that was asked; the last message of ours."""
    last = hosts.world.sent[-1]
    for words in answers:
        last = hosts.world.tells("hana", words)[-1] if words else hosts.presses("hana", "next", last)[-1]
    return last


def drafted(hosts: Hosts, *answers: str, room: str | None = "general") -> Sent:
    hosts.world.commands("hana", "newevent", room=room)
    return answer(hosts, *(answers or ("Rust night", "fri 7pm", "1h30", "#general", "We build a chat server.")))


def only(hosts: Hosts) -> str:
    with hosts.world.store.read() as uow:
        (event,) = uow.hosted.all(hosts.world.community.id)
    return event.id


def test_from_the_first_question_to_the_card_in_the_room(hosts: Hosts) -> None:
    preview = drafted(hosts)
    assert "only you see this" in words_of(preview.message)
    assert "Fri 8 Jan 2027, 19:00–20:30 (Asia/Shanghai)" in words_of(preview.message)
    assert "Announced in #general" in words_of(preview.message)
    event = hosts.event(only(hosts))
    assert event.starts_at == EVENING - timedelta(hours=8)
    assert event.state is EventState.DRAFT
    assert "Nothing is planned" in words_of(hosts.world.asks("ann", "events").message)
    assert "or several of that name" in words_of(hosts.world.asks("ann", "event", event.id).message)
    form = hosts.presses("hana", "m-guests", preview)
    assert "Seats" in words_of(form[-1].message)
    after = answer(hosts, "20", "", "", "")
    assert "0/20 going" in words_of(after.message)
    assert "Waitlist: a free seat is held up to 12 h · 🔔 1 day and 15 min before" in words_of(after.message)
    done = hosts.presses("hana", "m-publish", after)[-1]
    assert done.notice == "Published. Its card goes to one room."
    hosts.settle()
    assert "0/20 going" in words_of(hosts.card().message)
    with hosts.world.store.read() as uow:
        assert "event.publish" in [row.action for row in uow.audit.all(hosts.world.community.id)]


def test_threads_of_others_are_no_rooms_to_announce_in(hosts: Hosts) -> None:
    world = hosts.world
    thread = replace(world.place("Why does it not compile?"), kind=RoomKind.THREAD)
    with world.store.write() as uow:
        uow.rooms.ensure(world.community.id, thread)
        uow.commit()
    form = hosts.presses("hana", "m-guests", drafted(hosts))[-1]
    for _ in range(3):
        form = hosts.presses("hana", "next", form)[-1]
    offered = " ".join(labels(form.message))
    assert "#general" in offered
    assert "compile" not in offered


def test_a_draft_survives_a_restart_and_is_found_again(hosts: Hosts) -> None:
    hosts.world.commands("hana", "newevent", room="general")
    answer(hosts, "Rust night", "fri 7pm")
    hosts.world.restart()
    preview = answer(hosts, "1h30", "-", "We build a chat server.")
    assert "only you see this" in words_of(preview.message)
    hosts.world.restart()
    again = hosts.presses("hana", "open", hosts.world.asks("hana", "myevents"))[-1]
    assert "Rust night" in words_of(again.message)
    assert "manage" in acts(again.message) or "m-publish" in acts(again.message)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (("x" * 4000, "fri 7pm", "1h", "-", "-"), "At most 100 characters"),
        (("🦀🦀🦀", "fri 7pm", "1h", "-", "-"), "needs letters or digits"),
        (("Rust", "yesterday 7pm", "1h", "-", "-"), "That has passed"),
        (("Rust", "whenever", "1h", "-", "-"), "I could not read"),
        (("Rust", "fri 8", "1h", "-", "-"), "morning or in the evening"),
        (("Rust", "31.3.2099 20:00", "1h", "-", "-"), "too far ahead"),
        (("Rust", "fri 7pm", "forever", "-", "-"), "A length such as"),
        (("Rust", "fri 7pm", "9 days", "-", "-"), "at most 7 days"),
        (("Rust", "fri 7pm", "1h", "https://x y", "-"), "A link has no spaces"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_that_was_typed_is_lost(
    hosts: Hosts, answers: tuple[str, ...], problem: str
) -> None:
    drafted(hosts, *answers)
    assert any(problem in words_of(one.message) for one in hosts.world.sent)
    with hosts.world.store.read() as uow:
        assert uow.hosted.all(hosts.world.community.id) == []


def test_a_night_without_that_time_is_asked_about(hosts: Hosts) -> None:
    hosts.world.change(replace(hosts.world.member("hana"), timezone="Europe/Berlin"))
    asked = drafted(hosts, "Owls", "2027-03-28 02:30", "1h", "-", "-")
    assert "“2027-03-28 01:30” / “2027-03-28 03:30”" in words_of(asked.message)
    answer(hosts, "2027-03-28 03:30")
    preview = answer(hosts, "", "", "")
    assert "Sun 28 Mar 2027, 03:30–04:30 (Europe/Berlin)" in words_of(preview.message)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (("1000000000", "", "", ""), "up to 100,000"),
        (("-3", "", "", ""), "whole number"),
        (("5", "", "7 days", ""), "sent before now"),
        (("5", "", "banana", ""), "before the start"),
    ],
)
def test_seats_and_reminders_that_cannot_be(hosts: Hosts, answers: tuple[str, ...], problem: str) -> None:
    preview = drafted(hosts)
    hosts.presses("hana", "m-guests", preview)
    assert problem in words_of(answer(hosts, *answers).message)
    assert hosts.event(only(hosts)).capacity == 0


def test_only_moderators_plan_and_only_hosts_manage(hosts: Hosts) -> None:
    world = hosts.world
    assert "Only moderators" in words_of(world.asks("ann", "newevent").message)
    hosts.publish("general")
    assert "Only the host" in hosts.notice("ann", "manage")
    for act in ("m-edit", "m-cancel", "m-list", "m-code", "m-publish"):
        (told,) = world.happens(world.pressing("ann", f"v1:{act}:tokenofrustnight"))
        assert "Only the host" in told.notice


def test_a_host_who_is_no_moderator_any_more_still_manages_their_own(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    world.change(replace(world.member("hana"), role=Role.MEMBER))
    opened = world.asks("hana", "event", "rust-night")
    managed = hosts.presses("hana", "manage", opened)[-1]
    assert "m-cancel" in acts(managed.message)


def test_publishing_at_a_time(hosts: Hosts) -> None:
    world = hosts.world
    preview = drafted(hosts)
    hosts.presses("hana", "m-later", preview)
    assert "between now and the start" in words_of(answer(hosts, "2027-02-01 9:00").message)
    scheduled = answer(hosts, "tomorrow 9:00")
    assert "published by itself" in words_of(scheduled.message)
    assert "Nothing is planned" in words_of(world.asks("ann", "events").message)
    world.clock.set(EVENING - timedelta(days=3))
    hosts.settle()
    assert "Rust night" in words_of(hosts.card().message)


def test_the_guest_list_the_code_and_a_word_to_the_guests(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=1)
    for who in ("ann", "ben"):
        hosts.presses(who, "go")
    opened = world.asks("hana", "event", "rust-night")
    managed = hosts.presses("hana", "manage", opened)[-1]
    listed = hosts.presses("hana", "m-list", managed)[-1]
    assert "Going: 1\nAnn\nWaiting: 1\nBen" in words_of(listed.message)
    managed = hosts.presses("hana", "manage", listed)[-1]
    assert "/checkin K7QX" in words_of(hosts.presses("hana", "m-code", managed)[-1].message)
    hosts.presses("hana", "m-write", managed)
    sent = world.tells("hana", "Bring a laptop.")
    told = [one for one in sent if "Hana writes: Bring a laptop." in words_of(one.message)]
    assert [one.sending.to_member for one in told] == [world.member("ann").id]


def test_closing_and_cancelling(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.presses("ann", "go")
    managed = hosts.presses("hana", "manage", world.asks("hana", "event", "rust-night"))[-1]
    assert hosts.presses("hana", "m-close", managed)[-1].notice == "Registration is closed."
    assert "Registration is closed" in hosts.notice("ben", "go")
    assert "Noted: you can't come" in hosts.notice("ann", "cant")
    assert "open again" in hosts.presses("hana", "m-close", managed)[-1].notice
    hosts.presses("ann", "go")
    hosts.presses("hana", "m-cancel", managed)
    sent = world.tells("hana", "The room has no power.")
    assert any("Reason: The room has no power." in words_of(one.message) for one in sent)
    assert hosts.event().state is EventState.CANCELLED
    assert "This event is cancelled." in world.happens(world.pressing("ben", "v1:go:tokenofrustnight"))[-1].notice


def test_an_edit_reaches_every_card_and_tells_the_guests(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", "events")
    hosts.presses("ann", "go")
    managed = hosts.presses("hana", "manage", world.asks("hana", "event", "rust-night"))[-1]
    hosts.presses("hana", "m-edit", managed)
    answer(hosts, "Rust morning", "sat 9:00", "", "", "")
    sent = hosts.go_on(seconds=5)
    assert {one.ref.room.native_id for one in sent if "Rust morning" in words_of(one.message)} >= {"general", "events"}
    assert any("The time has changed" in words_of(one.message) for one in world.sent)
    with world.store.read() as uow:
        row = next(row for row in uow.audit.all(world.community.id) if row.action == "event.change")
    assert "title" in row.reason
    assert "starts_at" in row.reason


def test_the_host_is_told_once_when_a_card_is_gone(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", "events")
    hosts.presses("ann", "go")
    world.clock.go_on(seconds=5)
    world.app.moments().tick()
    with world.store.write() as uow:
        for row in uow.outbox.claim(["fake"], at=world.clock.now(), limit=10):
            gone = row.sending.room.native_id == "events"
            uow.outbox.park(row.id, "refused", "no such room") if gone else uow.outbox.defer(
                row.id, world.clock.now(), "later", failed=False
            )
        uow.commit()
    world.deliver()
    hosts.presses("ben", "go")
    sent = hosts.go_on(minutes=2)
    told = [one for one in sent if "is gone or cannot be reached" in words_of(one.message)]
    assert [one.sending.to_member for one in told] == [hosts.hana.id]
    assert "2 going" in words_of(hosts.card("general").message)
    hosts.presses("cid", "go")
    assert not [one for one in hosts.go_on(minutes=2) if "cannot be reached" in words_of(one.message)]


def test_whoever_cannot_be_written_to_is_named_in_the_room(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    for who in ("ann", "ben"):
        hosts.presses(who, "go")
    world.clock.set(EVENING - timedelta(minutes=15))
    world.app.moments().tick()
    ann = world.member("ann").id
    with world.store.write() as uow:
        for row in uow.outbox.claim(["fake"], at=world.clock.now(), limit=10):
            if row.sending.to_member == ann:
                uow.outbox.park(row.id, "refused", "blocked")
            else:
                uow.outbox.defer(row.id, world.clock.now(), "later", failed=False)
        uow.commit()
    sent = hosts.live_until(EVENING - timedelta(minutes=10))
    named = [one for one in sent if "could not write to you" in words_of(one.message)]
    assert len(named) == 1
    assert "Ann" in words_of(named[0].message)
    assert "Ben" not in words_of(named[0].message)
    assert hosts.standing("ann") is Standing.GOING


def test_chinese_hosts_and_guests(hosts: Hosts) -> None:
    world = hosts.world
    world.change(replace(world.member("hana"), language="zh"))
    preview = drafted(hosts, "Rust 之夜", "下周三晚上八点", "两小时", "#general", "写一个聊天服务器")
    assert "2027年1月13日" in words_of(preview.message)
    assert "20:00–22:00" in words_of(preview.message)
    done = hosts.presses("hana", "m-publish", preview)[-1]
    assert done.notice == "已发布，卡片将发到 1 个房间。"


def test_a_time_that_comes_twice_is_asked_about(hosts: Hosts) -> None:
    hosts.world.change(replace(hosts.world.member("hana"), timezone="Europe/Berlin"))
    asked = drafted(hosts, "Owls", "2027-10-31 02:30", "1h", "-", "-")
    assert "2027-10-31T02:30+01:00" in words_of(asked.message)
    answer(hosts, "2027-10-31T02:30+02:00", "", "", "")
    event = hosts.event(only(hosts))
    assert event.starts_at.isoformat() == "2027-10-31T00:30:00+00:00"


def test_three_courses_are_suggested_and_the_card_names_those_that_are_taken(hosts: Hosts) -> None:
    hosts.world.add_courses(*CATALOGUE)
    preview = drafted(hosts, "Async Rust", "fri 7pm", "1h30", "#general", "Tokio, futures and cancel safety in Rust.")
    page = hosts.presses("hana", "courses", preview)[-1]
    assert [act for act in acts(page.message) if act != "manage"] == ["courses-0", "courses-1", "courses-2"]
    assert "Async Rust in practice" in labels(page.message)
    number = labels(page.message).index("Async Rust in practice")
    hosts.world.restart()
    taken = hosts.presses("hana", f"courses-{number}", page)[-1]
    assert pressed(taken.message) == ["Async Rust in practice"]
    assert hosts.event(only(hosts)).courses == ("course:rust-async",)
    other = hosts.presses("hana", f"courses-{1 if number == 0 else 0}", taken)[-1]
    assert len(pressed(other.message)) == 2
    back = hosts.presses("hana", f"courses-{1 if number == 0 else 0}", other)[-1]
    assert pressed(back.message) == ["Async Rust in practice"]
    shown = hosts.presses("hana", "manage", back)[-1]
    assert "Good before: Async Rust in practice" in words_of(shown.message)


def test_nobody_else_chooses_courses(hosts: Hosts) -> None:
    hosts.world.add_courses(*CATALOGUE)
    page = hosts.presses("hana", "courses", drafted(hosts))[-1]
    hosts.world.arrives("sam")
    refused = hosts.presses("sam", "courses-0", page)
    assert all(not one.message.blocks for one in refused)
    assert hosts.event(only(hosts)).courses == ()


def pressed(message: Outgoing) -> list[str]:
    return [button.label for row in message.buttons for button in row if button.pressed]


def test_a_post_that_was_scheduled_says_when_and_one_message_is_all_there_is_of_it(hosts: Hosts) -> None:
    preview = drafted(hosts)
    asked = hosts.presses("hana", "m-later", preview)[-1]
    assert asked.ref == preview.ref, "the question takes the place of the preview, so that no second one is left behind"
    left = hosts.presses("hana", "cancel", asked)[-1]
    assert "only you see this" in words_of(hosts.presses("hana", "manage", left)[-1].message), "there is a way back"
    hosts.presses("hana", "m-later", hosts.world.sent[-1])
    scheduled = answer(hosts, "tomorrow 9:00")
    assert "is published by itself: Tue 5 Jan 2027, 09:00 (Asia/Shanghai)" in words_of(scheduled.message)


def test_what_was_scheduled_and_has_begun_meanwhile_is_not_published(hosts: Hosts) -> None:
    world = hosts.world
    hosts.presses("hana", "m-later", drafted(hosts))
    answer(hosts, "tomorrow 9:00")
    world.clock.set(EVENING + timedelta(days=1))  # the program was down for days
    sent = hosts.settle()
    assert hosts.event(only(hosts)).state is EventState.DRAFT
    (letter,) = to(sent, "hana", world)
    assert "It is a draft again.\nThat time has passed." in words_of(letter)
    assert [one for one in sent if one.sending.key.startswith("card:")] == []


def test_numbers_are_not_used_up_by_edits(hosts: Hosts) -> None:
    hosts.publish("general")
    for seats in (3, 4, 5):
        hosts.change(capacity=seats)
    other = hosts.publish("general", id="next", token="tokenofthenextone", title="Next night")
    assert other.number == hosts.event().number + 1


def test_guests_of_a_moved_event_read_what_it_was_and_where_it_is_now(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=1)
    hosts.presses("ann", "go")
    hosts.presses("ben", "go")
    hosts.change(starts_at=EVENING + timedelta(days=1), venue=Venue(PlaceKind.LINK, "https://meet.example/rust"))
    sent = world.deliver()
    (letter,) = to(sent, "ann", world)
    assert "It was to be Fri, Jan 8, 19:00 (UTC).\nNew place: https://meet.example/rust" in words_of(letter)
    assert acts(letter) == ["cant", "cal"]
    (waits,) = to(sent, "ben", world)
    assert acts(waits) == ["pass", "cal"]
    hosts.change(minutes=120)
    (longer,) = to(world.deliver(), "ann", world)
    assert "It takes 2 h now." in words_of(longer)
    assert "time has changed" not in words_of(longer)


def test_a_host_is_written_to_where_they_planned_it(hosts: Hosts) -> None:
    world = hosts.world
    with world.store.write() as uow:
        uow.members.attach(hosts.hana.id, AccountRef("elsewhere", "hana"), "Hana")
        uow.rooms.direct(world.community.id, "elsewhere", hosts.hana.id)
        uow.digests.put(hosts.hana.id, replace(uow.digests.get(hosts.hana.id), platform="elsewhere"))
        uow.commit()
    hosts.presses("hana", "m-publish", drafted(hosts))
    event = hosts.event(only(hosts))
    hosts.world.happens(hosts.world.pressing("ann", f"v1:go:{event.token}"))
    hosts.live_until(event.ends_at + timedelta(minutes=40), timedelta(minutes=30))
    assert any(one.sending.key == f"event:{event.id}:recap:{hosts.hana.id}" for one in world.sent)


def test_an_answer_that_cannot_be_is_asked_again_at_once(hosts: Hosts) -> None:
    world = hosts.world
    world.commands("hana", "newevent", room="general")
    again = answer(hosts, "Rust night", "yesterday 7pm")
    assert "That has passed" in words_of(again.message)
    assert "2 of 5" in words_of(again.message), "at the question that it was the answer to"
    meant = hosts.presses("hana", "mean-0", again)[-1]
    assert "3 of 5" in words_of(meant.message), "a tap on what may be meant is the answer"
    assert "2 of 5" in words_of(hosts.presses("hana", "back", meant)[-1].message)
    assert "3 of 5" in words_of(answer(hosts, "fri 7pm").message)
    assert "A length such as" in words_of(answer(hosts, "forever").message)
    assert "only you see this" in words_of(answer(hosts, "1h", "-", "-").message)


def test_what_may_be_meant_in_two_ways_is_one_tap_each_shown_in_full(hosts: Hosts) -> None:
    asked = drafted(hosts, "Rust", "fri 8", "1h", "-", "-")
    assert labels(asked.message)[:2] == [
        "Fri 8 Jan 2027, 08:00 (Asia/Shanghai)",
        "Fri 8 Jan 2027, 20:00 (Asia/Shanghai)",
    ]
    preview = hosts.presses("hana", "mean-1", asked)[-1]
    assert "Fri 8 Jan 2027, 20:00–21:00 (Asia/Shanghai)" in words_of(preview.message)
    assert hosts.presses("hana", "mean-0", asked)[-1].notice, "the form was sent, and is not sent again"
    assert len([hosts.event(only(hosts))]) == 1


@pytest.mark.parametrize(
    ("language", "typed", "offered"),
    [
        ("en", "3/4/2027 19:00", ["Thu 4 Mar 2027, 19:00", "Sat 3 Apr 2027, 19:00"]),
        ("en", "yesterday 7pm", ["Mon 4 Jan 2027, 19:00", "Sun 10 Jan 2027, 19:00"]),
        ("en", "1 March 2026 19:00", ["Mon 1 Mar 2027, 19:00"]),
        ("en", "1 March 2099 19:00", ["Mon 1 Mar 2027, 19:00"]),
        ("zh", "周五8点", ["2027年1月8日 周五 08:00", "2027年1月8日 周五 20:00"]),
        ("zh", "昨天晚上7点", ["2027年1月4日 周一 19:00", "2027年1月10日 周日 19:00"]),
    ],
)
def test_readings_in_both_languages(hosts: Hosts, language: str, typed: str, offered: list[str]) -> None:
    hosts.world.change(replace(hosts.world.member("hana"), language=language, timezone="UTC"))
    asked = drafted(hosts, "Rust", typed)  # what has passed is said at once; what is not clear, with the whole form
    asked = asked if "mean-0" in acts(asked.message) else answer(hosts, "1h", "-", "-")
    found = [label for label in labels(asked.message) if "UTC" in label]
    assert [label.partition("UTC")[0].rstrip(" (（") for label in found] == offered


def test_an_hour_that_comes_twice_or_never_is_a_tap_too(hosts: Hosts) -> None:
    hosts.world.change(replace(hosts.world.member("hana"), timezone="Europe/Berlin"))
    asked = drafted(hosts, "Rust", "2027-10-31 02:30", "1h", "-", "-")
    assert [label[-10:] for label in labels(asked.message)[:2]] == ["GMT+02:00)", "GMT+01:00)"]
    preview = hosts.presses("hana", "mean-1", asked)[-1]
    assert "only you see this" in words_of(preview.message)
    assert hosts.event(only(hosts)).starts_at.hour == 1
