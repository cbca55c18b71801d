"""Answers to an event's card, from the press to the edited card and the letters, through the whole application."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.admission import Admission, AdmissionKind
from bot.domain.guests import Standing
from bot.domain.permissions import Role
from tests.bot.reading import acts, labels
from tests.bot.reading import words_of as said
from tests.bot.usecases.events.hosting import EVENING, Hosts, to, words
from tests.bot.world import World


@pytest.fixture
def hosts(world: World) -> Hosts:
    return Hosts(world)


def test_a_card_is_posted_and_edited_in_place(hosts: Hosts) -> None:
    hosts.publish("general", capacity=2)
    card = hosts.card()
    assert "Rust night" in said(card.message)
    assert "0/2 going" in said(card.message)
    assert acts(card.message) == ["go", "maybe", "cant", "cal", "remind", "manage"]
    assert "You are going" in hosts.notice("ann", "go")
    hosts.go_on(seconds=5)
    edited = hosts.card()
    assert edited.ref == card.ref
    assert edited.sending.edits == card.ref
    assert "1/2 going" in said(edited.message)


def test_a_full_event_offers_its_waitlist_and_a_freed_seat_is_offered_in_order(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=1)
    hosts.presses("ann", "go")
    hosts.go_on(seconds=5)
    assert "Join waitlist (#1)" in labels(hosts.card().message)
    assert "#1 on the waitlist" in hosts.notice("ben", "go")
    assert "#2 on the waitlist" in hosts.notice("cid", "go")
    asked = hosts.presses("ann", "cant")
    assert "2 people are waiting" in asked[-1].notice
    assert hosts.standing("ann") is Standing.GOING
    question = next(sent for sent in asked if sent.message.blocks)
    sent = hosts.presses("ann", "leave-cant", question)
    assert hosts.standing("ann") is Standing.CANT
    (offer,) = to(sent, "ben", world)
    assert "A seat is yours until" in said(offer)
    assert acts(offer) == ["take", "pass"]
    assert to(sent, "cid", world) == []
    # Nobody answers: twelve hours later the next is asked.
    later = hosts.go_on(hours=12)
    assert hosts.standing("ben") is Standing.OUT
    assert "gone to the next" in said(to(later, "ben", world)[0])
    offered = next(one for one in later if one.sending.to_member == world.member("cid").id and one.message.buttons)
    taken = hosts.presses("cid", "take", offered)
    assert hosts.standing("cid") is Standing.GOING
    assert "You are going" in said(taken[-1].message)


def test_a_second_tap_leaves_where_nobody_can_be_written_to(hosts: Hosts) -> None:
    hosts.publish("general", capacity=1)
    hosts.presses("ann", "go")
    hosts.presses("ben", "go")
    hosts.presses("ann", "cant")
    hosts.presses("ann", "cant")
    assert hosts.standing("ann") is Standing.GOING, "a double click is no decision"
    hosts.world.clock.go_on(seconds=10)
    hosts.presses("ann", "cant")
    assert hosts.standing("ann") is Standing.CANT


def test_reminders_reach_those_who_go_and_only_them(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.presses("ann", "go")
    hosts.presses("ben", "maybe")
    hosts.presses("cid", "cant")
    sent = hosts.live_until(EVENING - timedelta(minutes=10), timedelta(minutes=5))
    letters = to(sent, "ann", world)
    assert [("1 day" in said(one), "15 min" in said(one)) for one in letters] == [(True, False), (False, True)]
    assert to(sent, "ben", world) == to(sent, "cid", world) == []
    assert hosts.live_until(EVENING + timedelta(minutes=5), timedelta(minutes=5)) == []


def test_a_late_program_sends_only_the_nearest_reminder_and_none_after_the_start(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.presses("ann", "go")
    world.clock.set(EVENING - timedelta(minutes=5))
    assert len(to(hosts.settle(), "ann", world)) == 1


def test_no_reminder_after_the_start(hosts: Hosts) -> None:
    hosts.publish("general")
    hosts.presses("ann", "go")
    hosts.world.clock.set(EVENING + timedelta(minutes=1))
    assert to(hosts.settle(), "ann", hosts.world) == []


def test_quiet_hours_hold_back_a_reminder_unless_it_is_wanted_always(hosts: Hosts) -> None:
    world = hosts.world
    night = EVENING + timedelta(hours=4, minutes=30)  # 23:30
    hosts.publish("general", starts_at=night, reminders=(60, 15))
    hosts.presses("ann", "go")
    hosts.presses("ben", "go")
    assert "also in your quiet hours" in hosts.notice("ben", "remind")
    sent = hosts.live_until(night, timedelta(minutes=5))
    assert to(sent, "ann", world) == []
    assert len(to(sent, "ben", world)) == 2


def test_whoever_cannot_come_after_all_is_not_reminded_by_what_waits_for_the_morning(hosts: Hosts) -> None:
    world = hosts.world
    early = EVENING + timedelta(hours=12, minutes=30)  # 07:30 next day: its 24 h reminder falls into the quiet hours
    hosts.publish("general", starts_at=early)
    hosts.presses("ann", "go")
    hosts.presses("ben", "go")
    hosts.live_until(early - timedelta(hours=23, minutes=45), timedelta(minutes=15))
    hosts.presses("ann", "cant")
    sent = hosts.live_until(early - timedelta(hours=12), timedelta(minutes=15))
    assert to(sent, "ann", world) == []
    assert len(to(sent, "ben", world)) == 1


def test_moving_tells_the_guests_and_reminds_of_the_new_time(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.presses("ann", "go")
    hosts.live_until(EVENING - timedelta(hours=23), timedelta(hours=1))
    hosts.change(starts_at=EVENING + timedelta(days=2))
    assert "The time has changed" in words(world.deliver())
    sent = hosts.live_until(EVENING + timedelta(days=2), timedelta(minutes=15))
    assert sum("Starts in" in said(letter) for letter in to(sent, "ann", world)) == 2


def test_cancelling_tells_everybody_and_takes_it_from_the_lists(hosts: Hosts) -> None:
    world = hosts.world
    event = hosts.publish("general", capacity=1)
    for who in ("ann", "ben"):
        hosts.presses(who, "go")
    hosts.presses("cid", "maybe")
    world.index()
    hosts.cancel("The host is ill.")
    hosts.go_on(seconds=5)
    told = [sent for sent in world.sent if "cancelled" in said(sent.message) and sent.sending.to_member]
    assert {sent.sending.to_member for sent in told} == {world.member(who).id for who in ("ann", "ben", "cid")}
    assert all("The host is ill." in said(sent.message) for sent in told)
    assert "Cancelled" in said(hosts.card().message)
    assert acts(hosts.card().message) == []
    with world.store.read() as uow:
        assert uow.events.get(world.community.id, [event.id]) == {}
    assert hosts.live_until(EVENING + timedelta(hours=1), timedelta(hours=1)) == []


def test_more_seats_promote_at_once_and_fewer_throw_nobody_out(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=2)
    for who in ("ann", "ben", "cid", "dan"):
        hosts.presses(who, "go")
    hosts.change(capacity=3)
    assert "more seats" in words(world.deliver())
    assert hosts.standing("cid") is Standing.GOING
    assert hosts.standing("dan") is Standing.WAITING
    hosts.change(capacity=1)
    assert [hosts.standing(who) for who in ("ann", "ben", "cid")] == [Standing.GOING] * 3


def test_in_the_last_half_hour_the_first_tap_wins(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=1)
    for who in ("ann", "ben", "cid"):
        hosts.presses(who, "go")
    world.clock.set(EVENING - timedelta(minutes=20))
    hosts.settle()
    question = next(sent for sent in hosts.presses("ann", "cant") if sent.message.blocks)
    sent = hosts.presses("ann", "leave-cant", question)
    assert "taps first" in said(to(sent, "ben", world)[0])
    assert "taps first" in said(to(sent, "cid", world)[0])
    hosts.presses("cid", "go")
    assert hosts.standing("cid") is Standing.GOING
    assert "#1 on the waitlist" in hosts.notice("ben", "go")


def test_going_is_a_signal_only_for_who_allows_it(hosts: Hosts) -> None:
    world = hosts.world
    world.arrives("eve", consent=())
    hosts.publish("general")
    hosts.presses("ann", "go")
    hosts.presses("eve", "go")
    assert world.history("ann") == [("attend", "event:rust-night")]
    assert world.history("eve") == []
    assert hosts.standing("eve") is Standing.GOING
    hosts.presses("ann", "cant")
    assert world.history("ann") == []


def test_a_seat_that_is_only_offered_is_no_signal_yet(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=1)
    hosts.presses("ann", "go")
    hosts.presses("ben", "go")
    question = next(sent for sent in hosts.presses("ann", "cant") if sent.message.blocks)
    hosts.presses("ann", "leave-cant", question)
    assert hosts.standing("ben") is Standing.OFFERED
    assert world.history("ben") == []


def test_an_event_of_a_closed_room_stays_in_it(hosts: Hosts) -> None:
    world = hosts.world
    with world.store.write() as uow:
        room = uow.rooms.ensure(world.community.id, world.place("staff", private=True))
        other = uow.rooms.ensure(world.community.id, world.place("general"))
        uow.commit()
    event = hosts.publish("staff:private", "general", audience=room.audience)
    assert event.rooms == (room.id, other.id)
    shown = [sent for sent in world.sent if "Rust night" in said(sent.message)]
    assert {sent.ref.room.native_id for sent in shown} == {"staff"}
    card = hosts.card("staff")
    stranger = world.happens(world.pressing("mallory", card.message.buttons[0][0].code))
    assert "too old or no longer there" in stranger[-1].notice
    assert hosts.guests().guests == {}
    assert "Nothing is planned" in said(world.asks("mallory", "events").message)


def test_checking_in_by_code_and_no_shows(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=2)
    for who in ("ann", "ben", "cid"):
        hosts.presses(who, "go")
    assert "no code of an event that is on" in said(world.asks("ann", "checkin", "k7qx").message)
    world.clock.set(EVENING + timedelta(minutes=5))
    hosts.settle()
    assert "checked in" in said(world.asks("ann", "checkin", "k7qx").message)
    assert "no code" in said(world.asks("ann", "checkin", "ZZZZ").message)
    assert "All seats are taken" in said(world.asks("cid", "checkin", "K7QX").message)
    hosts.live_until(EVENING + timedelta(minutes=91), timedelta(minutes=30))
    assert hosts.standing("ann") is Standing.CHECKED_IN
    assert hosts.standing("ben") is Standing.NO_SHOW
    mine = world.asks("ben", "event", "rust-night")
    assert hosts.presses("ben", "excuse", mine)[-1].notice.startswith("Thank you")
    assert hosts.standing("ben") is Standing.EXCUSED


def test_an_event_may_be_for_some(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", admission=Admission(AdmissionKind.STAFF))
    assert "This one is for moderators." in hosts.notice("ann", "go")
    world.change(replace(world.member("ann"), role=Role.MODERATOR))
    assert "You are going" in hosts.notice("ann", "go")


def test_lists_say_what_is_coming_and_what_is_mine(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", capacity=3)
    listed = said(world.asks("ann", "events").message)
    assert "Rust night" in listed
    assert "3 seats left" in listed
    assert "not answered" in said(world.asks("ann", "myevents").message)
    hosts.presses("ann", "go")
    mine = world.asks("ann", "myevents")
    assert "You are going" in said(mine.message)
    opened = hosts.presses("ann", "open", mine)
    assert "You are going" in said(opened[-1].message)


def test_nobody_is_promised_a_reminder_that_will_not_come(hosts: Hosts) -> None:
    hosts.publish("general", reminders=(24 * 60, 15))
    assert "I remind you" in hosts.notice("ann", "go")
    hosts.world.clock.set(EVENING - timedelta(minutes=10))
    hosts.settle()
    assert "I remind you" not in hosts.notice("ben", "go")


def test_a_reminder_that_waits_too_long_gives_way_to_the_next(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.presses("ann", "go")
    world.clock.set(EVENING - timedelta(days=1))
    world.app.moments().tick()  # and the platform is away until shortly before the start
    world.clock.set(EVENING - timedelta(minutes=14))
    (letter,) = to(hosts.settle(), "ann", world)
    assert "Starts in 14 min." in said(letter)


def test_whoever_is_there_is_not_reminded(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    hosts.presses("ann", "go")
    hosts.live_until(EVENING - timedelta(minutes=20), timedelta(minutes=20))
    world.asks("ann", "checkin", "k7qx")
    assert to(hosts.live_until(EVENING - timedelta(minutes=10)), "ann", world) == []


def test_whoever_missed_it_finds_the_way_to_say_that_something_came_up(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general")
    for who in ("ann", "ben", "cid"):
        hosts.presses(who, "go")
    world.clock.set(EVENING)
    world.asks("ann", "checkin", "k7qx")
    sent = hosts.live_until(EVENING + timedelta(minutes=91), timedelta(minutes=30))
    assert to(sent, "ben", world) == [], "it is marked quietly"
    assert "1 of 3 came" in said(hosts.card().message)
    assert acts(hosts.card().message) == ["excuse"]
    assert hosts.notice("ben", "excuse").startswith("Thank you")
    assert "nothing to answer" in hosts.notice("ann", "excuse")
    mine = world.asks("cid", "myevents")
    assert "Where we missed you" in said(mine.message)
    opened = hosts.presses("cid", "open", mine)[-1]
    assert acts(opened.message) == ["excuse"]
    assert "We missed you" in said(world.asks("cid", "event", "rust ni").message)
    hosts.presses("cid", "excuse", opened)
    assert "Where we missed you" not in said(world.asks("cid", "myevents").message)


def test_every_offer_that_nobody_answers_goes_on_by_itself(hosts: Hosts) -> None:
    hosts.publish("general", capacity=1)
    for who in ("ann", "ben", "cid", "dan"):
        hosts.presses(who, "go")
    hosts.presses("ann", "cant")
    hosts.world.clock.go_on(seconds=10)
    hosts.presses("ann", "cant")
    for now, before in (("cid", "ben"), ("dan", "cid")):
        hosts.go_on(hours=12)
        assert (hosts.standing(before), hosts.standing(now)) == (Standing.OUT, Standing.OFFERED)
