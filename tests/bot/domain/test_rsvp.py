"""The guest list as a pure function: single decisions, and whatever order things come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.guests import HOLDING, LAST_CALL, SEATED, Guest, GuestList, Standing, Terms
from bot.domain.rsvp import (
    Action,
    AskedFirst,
    CheckedIn,
    CheckIn,
    Decline,
    Declined,
    Effect,
    Excuse,
    Finish,
    Go,
    Lapsed,
    Offered,
    Pass,
    Queued,
    Refused,
    Remove,
    Seated,
    SeatOpen,
    Settle,
    Why,
    decide,
    next_lapse,
)

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
START = NOW + timedelta(days=4)
TERMS = Terms(2, START, START + timedelta(hours=2))


def after(*actions: Action, terms: Terms = TERMS, now: datetime = NOW) -> GuestList:
    guests = GuestList()
    for action in actions:
        guests = decide(terms, guests, action, now).guests
    return guests


def effects(terms: Terms, guests: GuestList, action: Action, now: datetime = NOW) -> tuple[Effect, ...]:
    return decide(terms, guests, action, now).effects


def standings(guests: GuestList) -> dict[int, Standing]:
    return {key: guest.standing for key, guest in guests.guests.items()}


def test_seats_then_the_queue() -> None:
    guests = after(Go(1), Go(2))
    assert effects(TERMS, guests, Go(3)) == (Queued(3, 1),)
    assert effects(TERMS, guests, Go(1)) == (Refused(1, Why.ALREADY),)
    assert effects(replace(TERMS, waitlist=False), guests, Go(3)) == (Refused(3, Why.FULL),)
    assert effects(replace(TERMS, capacity=0), guests, Go(3)) == (Seated(3),)
    assert effects(replace(TERMS, capacity=10**9), guests, Go(3)) == (Seated(3),)


@pytest.mark.parametrize(
    ("left", "window"),
    [
        (timedelta(days=10), timedelta(hours=12)),
        (timedelta(hours=48), timedelta(hours=12)),
        (timedelta(hours=8), timedelta(hours=2)),
        (timedelta(minutes=40), timedelta(minutes=10)),
        (LAST_CALL + timedelta(seconds=1), (LAST_CALL + timedelta(seconds=1)) / 4),
    ],
)
def test_an_offer_lasts_twelve_hours_or_a_quarter_of_what_is_left(left: timedelta, window: timedelta) -> None:
    guests = after(Go(1), Go(2), Go(3))
    now = START - left
    assert effects(TERMS, guests, Decline(1, Standing.CANT, sure=True), now) == (
        Declined(1, Standing.CANT),
        Offered(3, now + window),
    )
    shorter = replace(TERMS, longest_offer=timedelta(minutes=5))
    assert effects(shorter, guests, Decline(1, Standing.CANT, sure=True), now)[1] == Offered(
        3, now + min(window, timedelta(minutes=5))
    )


def test_an_offer_holds_its_seat() -> None:
    guests = after(Go(1), Go(2), Go(3), Decline(1, Standing.CANT, sure=True))
    assert standings(guests) == {1: Standing.CANT, 2: Standing.GOING, 3: Standing.OFFERED}
    assert effects(TERMS, guests, Go(4)) == (Queued(4, 1),)
    assert effects(replace(TERMS, capacity=3), guests, Go(4)) == (Seated(4),)
    assert (guests.held, guests.free(TERMS)) == (2, 0)


def test_nobody_is_offered_anything_in_the_last_half_hour() -> None:
    guests = after(Go(1), Go(2), Go(3), Go(4))
    now = START - LAST_CALL
    left = decide(TERMS, guests, Decline(1, Standing.CANT, sure=True), now)
    assert left.effects == (Declined(1, Standing.CANT), SeatOpen(3), SeatOpen(4))
    assert effects(TERMS, left.guests, Settle(), now) == ()
    won = decide(TERMS, left.guests, Go(4), now)
    assert won.effects == (Seated(4),)
    assert effects(TERMS, won.guests, Go(3), now) == (Refused(3, Why.ALREADY, 1),)
    # Another seat: told anew.
    assert SeatOpen(3) in effects(TERMS, won.guests, Decline(2, Standing.CANT, sure=True), now)


def test_a_newcomer_does_not_take_a_seat_that_others_wait_for() -> None:
    guests = after(Go(1), Go(2), Go(3))
    now = START - timedelta(minutes=10)
    guests = decide(TERMS, guests, Decline(1, Standing.CANT, sure=True), now).guests
    assert decide(TERMS, guests, Go(5), now).guests.of(5).standing is Standing.WAITING  # type: ignore[union-attr]


def test_whoever_leaves_others_waiting_is_asked_first() -> None:
    guests = after(Go(1), Go(2), Go(3), Go(4))
    assert effects(TERMS, guests, Decline(1, Standing.CANT)) == (AskedFirst(1, 2, Standing.CANT),)
    assert effects(TERMS, after(Go(1)), Decline(1, Standing.MAYBE)) == (Declined(1, Standing.MAYBE),)
    assert effects(TERMS, guests, Decline(3, Standing.CANT)) == (Declined(3, Standing.CANT),)


def test_an_offer_that_is_passed_on_or_lapses_goes_to_the_next() -> None:
    guests = after(Go(1), Go(2), Go(3), Go(4), Decline(1, Standing.CANT, sure=True))
    until = next_lapse(guests)
    assert until == NOW + timedelta(hours=12)
    passed = decide(TERMS, guests, Pass(3), NOW)
    assert passed.guests.of(3).standing is Standing.OUT  # type: ignore[union-attr]
    assert passed.guests.of(4).standing is Standing.OFFERED  # type: ignore[union-attr]
    late = decide(TERMS, guests, Go(3), until)
    assert late.effects == (Lapsed(3), Queued(3, 2), Offered(4, until + timedelta(hours=12)))
    assert late.answer(3) == Queued(3, 2)
    early = decide(TERMS, guests, Go(3), until - timedelta(microseconds=1))
    assert early.effects == (Seated(3),)


def test_more_seats_promote_and_fewer_throw_nobody_out() -> None:
    guests = after(Go(1), Go(2), Go(3), Go(4), Go(5))
    more = decide(replace(TERMS, capacity=4), guests, Settle(promote=True), NOW)
    assert more.effects == (Seated(3, promoted=True), Seated(4, promoted=True))
    fewer = decide(replace(TERMS, capacity=1), guests, Settle(), NOW)
    assert fewer.effects == ()
    assert standings(fewer.guests) == standings(guests)
    assert decide(replace(TERMS, capacity=1), guests, Decline(1, Standing.CANT, sure=True), NOW).effects == (
        Declined(1, Standing.CANT),
    )
    unlimited = decide(replace(TERMS, capacity=0), guests, Settle(), NOW)
    assert [effect.member_id for effect in unlimited.effects] == [3, 4, 5]


def test_after_the_end_and_when_cancelled_nothing_moves() -> None:
    guests = after(Go(1), Go(2), Go(3))
    over = TERMS.ends_at
    assert effects(TERMS, guests, Go(4), over) == (Refused(4, Why.OVER),)
    assert effects(TERMS, guests, Decline(1, Standing.CANT, sure=True), over) == (Refused(1, Why.OVER),)
    assert effects(replace(TERMS, cancelled=True), guests, Go(4)) == (Refused(4, Why.CANCELLED),)
    assert effects(replace(TERMS, capacity=9, cancelled=True), guests, Settle(promote=True)) == ()


def test_closed_means_that_nobody_new_comes_in() -> None:
    closed = replace(TERMS, closed=True)
    guests = after(Go(1), Go(2), Go(3))
    assert effects(closed, guests, Go(9)) == (Refused(9, Why.CLOSED),)
    assert effects(closed, guests, Decline(9, Standing.MAYBE)) == (Refused(9, Why.CLOSED),)
    gone = decide(closed, guests, Decline(1, Standing.CANT, sure=True), NOW)
    assert Offered(3, NOW + timedelta(hours=12)) in gone.effects
    assert effects(closed, gone.guests, Go(3)) == (Seated(3),)


def test_checking_in() -> None:
    guests = after(Go(1), Go(2), Go(3))
    assert effects(TERMS, guests, CheckIn(1), START - timedelta(minutes=61)) == (Refused(1, Why.EARLY),)
    assert effects(TERMS, guests, CheckIn(1), START) == (CheckedIn(1),)
    assert effects(TERMS, guests, CheckIn(3), START) == (Refused(3, Why.FULL, 1),)
    assert effects(TERMS, after(Go(1)), CheckIn(7), START) == (CheckedIn(7),)
    assert effects(TERMS, guests, CheckIn(1), TERMS.ends_at + timedelta(hours=3)) == (Refused(1, Why.OVER),)
    here = decide(TERMS, guests, CheckIn(1), START).guests
    done = decide(TERMS, here, Finish(), TERMS.ends_at)
    assert standings(done.guests) == {1: Standing.CHECKED_IN, 2: Standing.NO_SHOW, 3: Standing.OUT}
    late = decide(TERMS, done.guests, CheckIn(2), TERMS.ends_at + timedelta(minutes=5))
    assert late.effects == (CheckedIn(2),)
    assert effects(TERMS, done.guests, Excuse(1)) == (Refused(1, Why.NOT_ASKED),)
    assert decide(TERMS, done.guests, Excuse(2), TERMS.ends_at).guests.of(2).standing is Standing.EXCUSED  # type: ignore[union-attr]


def test_without_any_check_in_nobody_is_a_no_show() -> None:
    done = decide(TERMS, after(Go(1), Go(2)), Finish(), TERMS.ends_at)
    assert set(standings(done.guests).values()) == {Standing.GOING}


def test_one_declines_with_maybe_or_cant() -> None:
    with pytest.raises(ValueError, match="going"):
        Decline(1, Standing.GOING)


def test_an_event_that_was_moved_forward_ends_offers_at_its_start() -> None:
    guests = after(Go(1), Go(2), Go(3), Decline(1, Standing.CANT, sure=True))
    soon = replace(TERMS, starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=3))
    assert Lapsed(3) in effects(soon, guests, Settle(), NOW + timedelta(hours=1))


_MEMBERS = st.integers(1, 8)
_ACTIONS = st.one_of(
    st.builds(Go, _MEMBERS),
    st.builds(Decline, _MEMBERS, st.sampled_from([Standing.MAYBE, Standing.CANT]), sure=st.booleans()),
    st.builds(Pass, _MEMBERS),
    st.builds(Remove, _MEMBERS),
    st.builds(CheckIn, _MEMBERS),
    st.just(Settle()),
)
_STEPS = st.lists(
    st.tuples(_ACTIONS, st.sampled_from([0, 1, 30, 60, 60 * 12, 60 * 24]), st.sampled_from([None, 0, 1, 2, 3, 10**9])),
    max_size=40,
)


@given(capacity=st.sampled_from([0, 1, 2, 3]), steps=_STEPS)
def test_whatever_happens_seats_are_never_oversold_and_nobody_is_skipped(
    capacity: int, steps: list[tuple[Action, int, int | None]]
) -> None:
    """Held seats never grow beyond the capacity; offers and seats from the queue go in its order."""
    terms, now, guests = replace(TERMS, capacity=capacity), NOW, GuestList()
    for action, minutes, resized in steps:
        now += timedelta(minutes=minutes)
        if resized is not None and resized != terms.capacity:
            more = resized == 0 or (terms.capacity and resized > terms.capacity)
            terms = replace(terms, capacity=resized)
            before, decision = guests, decide(terms, guests, Settle(promote=bool(more)), now)
            _check(terms, before, decision.guests, decision.effects)
            guests = decision.guests
        before, decision = guests, decide(terms, guests, action, now)
        _check(terms, before, decision.guests, decision.effects)
        guests = decision.guests
        assert decide(terms, guests, Settle(), now).effects == (), "settling is done"


def _taken(guests: GuestList) -> int:
    free = {Standing.MAYBE, Standing.CANT, Standing.WAITING, Standing.OUT}
    return sum(guest.standing not in free for guest in guests.guests.values())


def _check(terms: Terms, before: GuestList, guests: GuestList, effects: tuple[Effect, ...]) -> None:
    assert all((guest.until is not None) == (guest.standing is Standing.OFFERED) for guest in guests.guests.values())
    places = [guest.place for guest in guests.waiting]
    assert len(set(places)) == len(places)
    assert all(places)
    if terms.capacity:
        # Counted here, not by what is judged: a seat is taken by whoever has one and whoever is offered one.
        assert _taken(guests) <= max(terms.capacity, _taken(before))
    # Nobody loses a seat but by their own act.
    lost = {
        key
        for key, guest in before.guests.items()
        if guest.standing in SEATED and guests.guests[key].standing not in HOLDING
    }
    acted = {effect.member_id for effect in effects}
    assert lost <= acted
    # Whoever was asked or promoted from the queue was first in it.
    asked = [effect.member_id for effect in effects if isinstance(effect, Offered)]
    asked += [effect.member_id for effect in effects if isinstance(effect, Seated) and effect.promoted]
    still = [guest.place for guest in guests.waiting]
    for member_id in asked:
        known = before.of(member_id)
        place = known.place if known is not None else 0
        assert not place or all(place < other for other in still if other)


@given(guest=st.sampled_from(list(Standing)), action=_ACTIONS)
def test_every_standing_takes_every_action(guest: Standing, action: Action) -> None:
    until = NOW + timedelta(hours=1) if guest is Standing.OFFERED else None
    member = getattr(action, "member_id", 1)
    guests = GuestList({member: Guest(member, guest, NOW, place=1, until=until)})
    for now in (NOW, START, START + timedelta(days=1)):
        decide(TERMS, guests, action, now)
