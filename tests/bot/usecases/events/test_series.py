"""Events that repeat: made ahead, asked about, labelled, paused and resumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import EventState, HostedEvent
from bot.domain.permissions import Role
from tests.bot.reading import acts, labels, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, to
from tests.bot.world import Sent, World

WEEK = timedelta(days=7)


@pytest.fixture
def hosts(world: World) -> Hosts:
    hosts = Hosts(world)
    world.change(replace(world.member("hana"), role=Role.MODERATOR))
    world.says("hana", "A room to announce things in.", "general")
    return hosts


def weekly(hosts: Hosts, ends: str = "") -> str:
    """A weekly event from Friday on, published; its id."""
    world = hosts.world
    world.commands("hana", "newevent", room="general")
    last = world.sent[-1]
    for words in ("Rust night", "fri 7pm", "1h30", "-", "-"):
        last = world.tells("hana", words)[-1]
    last = hosts.presses("hana", "m-repeat", last)[-1]
    last = hosts.presses("hana", "pick-1", last)[-1]
    last = world.tells("hana", ends)[-1] if ends else hosts.presses("hana", "next", last)[-1]
    assert "m-publish" in acts(last.message), words_of(last.message)
    assert f"🔁 Every week{f', {ends} times' if ends else ''}" in words_of(last.message), "before it is published"
    hosts.presses("hana", "m-publish", last)
    hosts.settle()
    return instances(hosts)[0].id


def instances(hosts: Hosts) -> list[HostedEvent]:
    with hosts.world.store.read() as uow:
        return uow.hosted.all(hosts.world.community.id)


def cards(sent: list[Sent]) -> list[str]:
    return [one.sending.key for one in sent if one.sending.key.startswith("card:") and one.sending.edits is None]


def test_the_next_instances_are_there_and_not_confirmed(hosts: Hosts) -> None:
    head = weekly(hosts)
    made = instances(hosts)
    assert [event.starts_at for event in made] == [EVENING + number * WEEK for number in range(2)]
    assert [event.unconfirmed for event in made] == [False, True]
    assert {event.series for event in made} == {head}
    assert "Not confirmed yet" in words_of(hosts.world.asks("ann", "event", made[1].id).message)
    assert len(cards(hosts.world.sent)) == 1, "rooms show one at a time"
    assert len({event.code for event in made}) == len({event.token for event in made}) == 2


def test_the_host_is_asked_and_says_yes(hosts: Hosts) -> None:
    weekly(hosts)
    second = instances(hosts)[1]
    sent = hosts.live_until(second.starts_at - timedelta(days=2), timedelta(hours=1))
    (asked,) = [one for one in sent if "still on?" in words_of(one.message)]
    assert asked.sending.to_member == hosts.hana.id
    assert [key.split(":")[1] for key in cards(sent)] == [second.id], "its card came when the first was over"
    hosts.presses("hana", "m-on", asked)
    assert not hosts.event(second.id).unconfirmed
    assert len(instances(hosts)) == 4 - 1


def test_one_is_skipped_and_the_series_goes_on(hosts: Hosts) -> None:
    world = hosts.world
    weekly(hosts)
    second = instances(hosts)[1]
    world.happens(world.pressing("ann", f"v1:go:{second.token}"))
    sent = hosts.live_until(second.starts_at - timedelta(days=2), timedelta(hours=1))
    asked = next(one for one in sent if "still on?" in words_of(one.message))
    told = hosts.presses("hana", "m-skip", asked)
    assert any("cancelled" in words_of(letter) for letter in to(told, "ann", world))
    assert hosts.event(second.id).state is EventState.CANCELLED
    ahead = [event for event in instances(hosts) if event.open]
    assert ahead[0].starts_at == EVENING + 2 * WEEK
    assert cards(hosts.settle()) == [f"card:{ahead[0].id}:{ahead[0].rooms[0]}"]


def test_one_is_cancelled_with_a_reason_and_rooms_get_the_next(hosts: Hosts) -> None:
    """Whatever says that one does not take place: the next is made and has its card, without waiting for this one."""
    world = hosts.world
    weekly(hosts)
    first = instances(hosts)[0]
    managed = hosts.presses("hana", "manage", world.asks("hana", "event", first.id))[-1]
    hosts.presses("hana", "m-cancel", managed)
    world.tells("hana", "The heating is broken.")
    assert hosts.event(first.id).state is EventState.CANCELLED
    posted = cards(hosts.go_on(seconds=10))
    ahead = [event for event in instances(hosts) if event.open]
    assert ahead[0].starts_at == EVENING + WEEK
    assert posted == [f"card:{ahead[0].id}:{ahead[0].rooms[0]}"]


def test_two_without_a_word_pause_the_series_until_it_is_resumed(hosts: Hosts) -> None:
    weekly(hosts)
    sent = hosts.live_until(EVENING + 3 * WEEK, timedelta(hours=6))
    (paused,) = [one for one in sent if "no new ones are planned" in words_of(one.message)]
    assert "🗓 Fri, Jan 22, 19:00" in words_of(paused.message), "the day of the one that went by, not of the first"
    before = len(instances(hosts))
    quiet = hosts.live_until(EVENING + 6 * WEEK, timedelta(hours=12))
    assert len(instances(hosts)) == before
    assert not [one for one in quiet if "no new ones" in words_of(one.message)]
    hosts.presses("hana", "m-resume", paused)
    assert [event.starts_at for event in instances(hosts) if event.open] == [EVENING + n * WEEK for n in (7, 8)]


def test_so_many_times_and_no_more(hosts: Hosts) -> None:
    weekly(hosts, "2")
    hosts.live_until(EVENING + 5 * WEEK, timedelta(hours=12))
    assert len(instances(hosts)) == 2


def test_what_a_rule_cannot_be_is_said(hosts: Hosts) -> None:
    with pytest.raises(AssertionError, match="after the start"):
        weekly(hosts, "2020-01-01")


def test_the_series_keeps_its_local_time_over_a_change_of_clocks(hosts: Hosts) -> None:
    world = hosts.world
    world.change(replace(world.member("hana"), timezone="Europe/Berlin"))
    world.clock.set(EVENING.replace(month=3, day=24))
    weekly(hosts)
    first, second = (event.starts_at for event in instances(hosts))
    assert (first.hour, second.hour) == (18, 17)
    assert second - first == WEEK - timedelta(hours=1)


def test_what_was_made_before_a_pause_has_its_card_when_its_host_says_that_it_is_on(hosts: Hosts) -> None:
    weekly(hosts)
    hosts.live_until(EVENING + 2 * WEEK + timedelta(hours=3), timedelta(hours=6))
    (left,) = [event for event in instances(hosts) if event.open]
    assert left.rooms == ()
    hosts.world.happens(hosts.world.pressing("hana", f"v1:m-on:{left.token}"))
    assert [key.split(":")[1] for key in cards(hosts.go_on(seconds=5))] == [left.id]
    assert not hosts.event(left.id).unconfirmed


def test_events_of_one_title_are_told_apart_on_their_buttons(hosts: Hosts) -> None:
    weekly(hosts)
    opens = labels(hosts.world.asks("hana", "events").message)
    assert opens == ["Fri, Jan 8, 19:00 · Rust night", "Fri, Jan 15, 19:00 · Rust night"]


def rhythm(hosts: Hosts, event: HostedEvent, repeats: int, made: int | None, ends: str = "") -> Sent:
    """Hana gives the series another rhythm from this event on; `made`: what of those that are announced."""
    world = hosts.world
    managed = world.happens(world.pressing("hana", f"v1:manage:{event.token}"))[-1]
    last = hosts.presses("hana", "m-repeat", managed)[-1]
    last = hosts.presses("hana", f"pick-{repeats}", last)[-1]
    last = world.tells("hana", ends)[-1] if ends else hosts.presses("hana", "next", last)[-1]
    return hosts.presses("hana", f"pick-{made}", last)[-1] if made is not None else last


def coming(hosts: Hosts) -> list[HostedEvent]:
    return [event for event in instances(hosts) if event.open]


def with_guest(hosts: Hosts) -> HostedEvent:
    """A weekly series whose second evening has a guest, who has heard of it."""
    weekly(hosts)
    second = instances(hosts)[1]
    hosts.world.arrives("ann")
    hosts.world.happens(hosts.world.pressing("ann", f"v1:go:{second.token}"))
    hosts.settle()
    hosts.world.sent.clear()
    return second


def test_those_announced_are_moved_into_the_new_rhythm_and_their_guests_told(hosts: Hosts) -> None:
    second = with_guest(hosts)
    first = instances(hosts)[0]
    asked = rhythm(hosts, first, 2, None)
    assert "And those?" in words_of(asked.message)
    hosts.presses("hana", "pick-0", asked)
    hosts.settle()
    assert [event.starts_at for event in coming(hosts)] == [EVENING, EVENING + 2 * WEEK]
    moved = hosts.event(second.id)
    assert (moved.id, moved.starts_at) == (second.id, EVENING + 2 * WEEK), "the same event: seats and UID stay"
    assert moved.sequence > second.sequence
    (letter,) = to(hosts.world.sent, "ann", hosts.world)
    assert "It was to be" in words_of(letter)
    hosts.live_until(EVENING + timedelta(hours=2), timedelta(hours=6))
    assert [event.starts_at for event in coming(hosts)] == [EVENING + 2 * WEEK, EVENING + 4 * WEEK]
    with hosts.world.store.read() as uow:
        rows = uow.audit.all(hosts.world.community.id)
    assert any(row.action == "event.change" and "repeats" in row.reason for row in rows)


def test_those_announced_are_cancelled_and_the_new_ones_made(hosts: Hosts) -> None:
    second = with_guest(hosts)
    rhythm(hosts, instances(hosts)[0], 2, 1)
    hosts.settle()
    assert hosts.event(second.id).state is EventState.CANCELLED
    (letter,) = to(hosts.world.sent, "ann", hosts.world)
    assert "is cancelled" in words_of(letter)
    assert [event.starts_at for event in coming(hosts)] == [EVENING, EVENING + 2 * WEEK]


def test_those_announced_stay_and_the_new_rhythm_begins_after_them(hosts: Hosts) -> None:
    second = with_guest(hosts)
    rhythm(hosts, instances(hosts)[0], 2, 2)
    hosts.settle()
    assert hosts.event(second.id).starts_at == second.starts_at
    assert to(hosts.world.sent, "ann", hosts.world) == []
    ahead = [event.starts_at for event in coming(hosts)]
    assert ahead == [EVENING, EVENING + WEEK, EVENING + 2 * WEEK, EVENING + 4 * WEEK]


def test_from_a_later_one_on_what_went_before_stays(hosts: Hosts) -> None:
    head = weekly(hosts)
    hosts.live_until(EVENING + timedelta(hours=2), timedelta(hours=6))
    second, third = coming(hosts)[:2]
    rhythm(hosts, second, 3, 0)
    hosts.settle()
    assert hosts.event(head).repeats is not None
    assert hosts.event(head).repeats.until == EVENING.date() + timedelta(days=6)
    assert hosts.event(second.id).repeats is not None
    assert hosts.event(third.id).series == second.id
    assert hosts.event(third.id).starts_at.date().isoformat() == "2027-02-19", "the third Friday"
    hosts.live_until(second.starts_at + timedelta(hours=2), timedelta(hours=12))
    assert len({event.starts_at for event in coming(hosts)}) == len(coming(hosts)), "no evening twice"


def test_a_series_ends_with_an_event_and_those_after_it_are_cancelled(hosts: Hosts) -> None:
    second = with_guest(hosts)
    rhythm(hosts, instances(hosts)[0], 0, 1)
    hosts.settle()
    assert [event.starts_at for event in coming(hosts)] == [EVENING]
    assert hosts.event(second.id).state is EventState.CANCELLED


def test_moving_one_evening_moves_this_one_only_and_says_so(hosts: Hosts) -> None:
    world = hosts.world
    weekly(hosts)
    second = instances(hosts)[1]
    managed = world.happens(world.pressing("hana", f"v1:manage:{second.token}"))[-1]
    last = hosts.presses("hana", "m-edit", managed)[-1]
    last = hosts.presses("hana", "next", last)[-1]
    last = world.tells("hana", "2027-01-16 19:00")[-1]
    for _ in range(3):
        last = hosts.presses("hana", "next", last)[-1]
    assert last.notice.startswith("Only this one has changed")
    hosts.live_until(EVENING + timedelta(hours=2), timedelta(hours=6))
    assert [event.starts_at for event in coming(hosts)] == [EVENING + timedelta(days=8), EVENING + 2 * WEEK]
