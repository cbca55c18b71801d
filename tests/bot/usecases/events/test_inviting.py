"""Who may come: roles of a platform, named segments, over linked accounts, at every way to a seat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.admission import Admission, AdmissionKind, NativeRole
from bot.domain.consent import ConsentKind
from bot.domain.guests import Standing
from bot.domain.incoming import RolesListed, StandingChanged
from bot.domain.interactions import Signal
from bot.domain.people import Level
from bot.domain.permissions import Home, PlatformRole, Role
from bot.domain.refs import AccountRef
from tests.bot.reading import acts, labels, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, to, words
from tests.bot.world import CATALOGUE, FAKE, World

MENTOR = NativeRole(FAKE, "hall", "7", "Mentor")
HELPER = NativeRole(FAKE, "hall", "8", "Helper")
FOR_MENTORS = Admission(AdmissionKind.ROLE, roles=(MENTOR,))


@pytest.fixture
def hosts(world: World) -> Hosts:
    with world.store.write() as uow:
        uow.homes.put(world.community.id, Home(FAKE, "hall", "Ferris Hall"), world.clock.now())
        uow.commit()
    hosts = Hosts(world)
    world.change(replace(world.member("hana"), role=Role.MODERATOR))
    list_roles(hosts, MENTOR, HELPER)
    return hosts


def list_roles(hosts: Hosts, *roles: NativeRole) -> None:
    hosts.world.happens(RolesListed(FAKE, "hall", roles, hosts.world.clock.now()))
    hosts.settle()


def give(hosts: Hosts, who: str, *roles: str, admin: bool = False) -> None:
    standing = PlatformRole("hall", Role.MODERATOR if admin else Role.MEMBER, frozenset(roles))
    hosts.world.happens(StandingChanged(AccountRef(FAKE, who), standing, hosts.world.clock.now()))


def changed(hosts: Hosts, who: str, *roles: str) -> str:
    """What their platform said, done with all that follows, as the running program does; everything that was sent."""
    give(hosts, who, *roles)
    return words(hosts.settle())


def people(hosts: Hosts, *names: str) -> None:
    for name in names:
        hosts.world.arrives(name)


# Roles


def test_who_has_the_role_may_come_and_others_hear_what_would_let_them(hosts: Hosts) -> None:
    people(hosts, "ann", "ben")
    give(hosts, "ann", "7")
    hosts.publish("general", admission=FOR_MENTORS)
    assert "For: people with the role @Mentor" in words_of(hosts.card().message)
    assert "You are going" in hosts.notice("ann", "go")
    refused = hosts.notice("ben", "go")
    assert "people with the role @Mentor" in refused
    assert "Ask a moderator" in refused
    assert "/link" in refused
    assert "role @Mentor" in hosts.notice("ben", "maybe")
    assert "role @Mentor" in hosts.notice("ben", "remind")
    assert "you can't come" in hosts.notice("ben", "cant")
    give(hosts, "ben", "8", "7")
    assert "You are going" in hosts.notice("ben", "go")


def test_any_linked_account_that_has_the_role_counts(hosts: Hosts) -> None:
    people(hosts, "ann")
    hosts.publish("general", admission=FOR_MENTORS)
    with hosts.world.store.write() as uow:
        uow.members.attach(hosts.world.member("ann").id, AccountRef(FAKE, "ann-elsewhere"), "Ann")
        uow.commit()
    assert "role @Mentor" in hosts.notice("ann", "go")
    give(hosts, "ann-elsewhere", "7")
    assert "You are going" in hosts.notice("ann", "go")


def test_administrators_of_a_place_are_a_role_everywhere(hosts: Hosts) -> None:
    people(hosts, "ann", "ben")
    admins = NativeRole(FAKE, "hall", "admins", "Ferris Hall")
    hosts.publish("general", admission=Admission(AdmissionKind.ROLE, roles=(admins,)))
    give(hosts, "ann", admin=True)
    assert "You are going" in hosts.notice("ann", "go")
    assert "administrators of Ferris Hall" in hosts.notice("ben", "go")


def test_of_places_that_are_not_ours_and_people_who_are_nobody_here_nothing_is_kept(hosts: Hosts) -> None:
    people(hosts, "ann")
    elsewhere = PlatformRole("another", Role.MEMBER, frozenset({"7"}))
    now = hosts.world.clock.now()
    hosts.world.happens(
        StandingChanged(AccountRef(FAKE, "ann"), elsewhere, now),
        StandingChanged(AccountRef(FAKE, "stranger"), replace(elsewhere, where="hall"), now),
        RolesListed(FAKE, "another", (replace(MENTOR, where="another"),), now),
    )
    with hosts.world.store.read() as uow:
        assert uow.native_roles.of([hosts.world.member("ann").id]) == {}
        assert uow.native_roles.all(hosts.world.community.id) == [MENTOR, HELPER]
        assert uow.members.by_account(hosts.world.community.id, AccountRef(FAKE, "stranger")) is None


def waiting_line(hosts: Hosts) -> None:
    """Ann has the only seat, Ben and Cem wait, all three with the role."""
    people(hosts, "ann", "ben", "cem")
    for name in ("ann", "ben", "cem"):
        give(hosts, name, "7")
    hosts.publish("general", admission=FOR_MENTORS, capacity=1)
    for name in ("ann", "ben", "cem"):
        hosts.presses(name, "go")
    hosts.settle()


def test_a_seat_is_offered_past_who_lost_the_role_and_they_are_told_why(hosts: Hosts) -> None:
    waiting_line(hosts)
    changed(hosts, "ben")
    hosts.presses("ann", "cant")
    hosts.world.clock.go_on(seconds=5)
    sent = [*hosts.presses("ann", "cant"), *hosts.settle()]
    assert hosts.standing("cem") is Standing.OFFERED
    assert hosts.standing("ben") is Standing.WAITING
    (letter,) = to(sent, "ben", hosts.world)
    assert "would have been your turn" in words_of(letter)
    assert "role @Mentor" in words_of(letter)
    changed(hosts, "ben", "7")
    hosts.presses("cem", "cant")
    assert hosts.standing("ben") is Standing.OFFERED


def test_an_offer_ends_with_the_role_at_once_and_goes_to_the_next(hosts: Hosts) -> None:
    waiting_line(hosts)
    hosts.presses("ann", "cant")
    hosts.world.clock.go_on(seconds=5)
    hosts.presses("ann", "cant")
    assert hosts.standing("ben") is Standing.OFFERED
    give(hosts, "ben")
    # Before anything that is due was looked at, the acceptance itself asks.
    assert "role @Mentor" in hosts.notice("ben", "go")
    assert hosts.standing("ben") is Standing.WAITING
    assert hosts.standing("cem") is Standing.OFFERED


def test_more_seats_promote_only_who_may_come_and_a_taken_seat_stays(hosts: Hosts) -> None:
    waiting_line(hosts)
    changed(hosts, "ben")
    changed(hosts, "ann")
    hosts.change(capacity=3)
    assert hosts.standing("ann") is Standing.GOING
    assert hosts.standing("cem") is Standing.GOING
    assert hosts.standing("ben") is Standing.WAITING
    guests = hosts.presses("hana", "m-list", hosts.presses("hana", "manage")[-1])[-1]
    assert "Ann – no longer has the role" in words_of(guests.message)
    assert "Cem – no longer" not in words_of(guests.message)


def test_in_the_last_half_hour_only_who_may_come_is_called(hosts: Hosts) -> None:
    waiting_line(hosts)
    changed(hosts, "ben")
    hosts.world.clock.set(EVENING - timedelta(minutes=20))
    hosts.settle()
    hosts.presses("ann", "cant")
    hosts.world.clock.go_on(seconds=5)
    hosts.presses("ann", "cant")
    assert hosts.standing("ann") is Standing.CANT
    told = {name: bool((guest := hosts.guest(name)) and guest.told) for name in ("ben", "cem")}
    assert told == {"ben": False, "cem": True}
    assert "role @Mentor" in hosts.notice("ben", "go")


def test_nobody_without_the_role_is_checked_in_on_a_seat_that_is_free(hosts: Hosts) -> None:
    people(hosts, "ben")
    hosts.publish("general", admission=FOR_MENTORS)
    hosts.world.clock.set(EVENING)
    assert "role @Mentor" in words_of(hosts.world.asks("ben", "checkin", "K7QX").message)
    assert hosts.standing("ben") is None


def test_a_role_that_is_renamed_is_called_so_on_the_card(hosts: Hosts) -> None:
    hosts.publish("general", admission=FOR_MENTORS)
    list_roles(hosts, replace(MENTOR, name="Guide"), HELPER)
    hosts.go_on(seconds=10)
    assert "role @Guide" in words_of(hosts.card().message)


def test_a_role_that_is_deleted_leaves_the_event_to_staff_and_its_host_is_asked(hosts: Hosts) -> None:
    people(hosts, "ann", "ben")
    give(hosts, "ann", "7")
    hosts.publish("general", admission=FOR_MENTORS)
    hosts.presses("ann", "go")
    hosts.world.happens(RolesListed(FAKE, "hall", (HELPER,), hosts.world.clock.now()))
    sent = hosts.settle()
    (letter,) = to(sent, "hana", hosts.world)
    assert "@Mentor does not exist any more" in words_of(letter)
    assert acts(letter) == ["m-who"]
    assert hosts.event().admission.kind is AdmissionKind.STAFF
    assert hosts.standing("ann") is Standing.GOING
    assert "for moderators" in hosts.notice("ben", "go")
    hosts.go_on(seconds=10)
    assert not to(hosts.settle(), "hana", hosts.world)


def test_of_two_roles_the_one_that_is_left_goes_on(hosts: Hosts) -> None:
    hosts.publish("general", admission=Admission(AdmissionKind.ROLE, roles=(MENTOR, HELPER)))
    list_roles(hosts, HELPER)
    assert hosts.event().admission.roles == (HELPER,)


def who_form(hosts: Hosts) -> Any:
    hosts.publish("general")
    return hosts.presses("hana", "m-who", hosts.presses("hana", "manage")[-1])[-1]


def answered(hosts: Hosts, label: str, *more: str) -> Any:
    last = hosts.world.tells("hana", label)[-1]
    for answer in more:
        last = hosts.world.tells("hana", answer)[-1] if answer else hosts.presses("hana", "next", last)[-1]
    return last


def test_roles_are_chosen_by_name_where_the_platform_has_no_list_of_its_own(hosts: Hosts) -> None:
    form = who_form(hosts)
    assert "people with one of the roles below" in " ".join(labels(form.message))
    asked = answered(hosts, "people with one of the roles below")
    asked = hosts.presses("hana", "next", asked)[-1]
    assert "@Mentor · Fake" in words_of(asked.message)
    wrong = answered(hosts, "@Mentro")
    wrong = wrong if "I know no role" in words_of(wrong.message) else hosts.presses("hana", "next", wrong)[-1]
    assert "I know no role “@Mentro” here. There are: @Mentor" in words_of(wrong.message)
    done = answered(hosts, "mentor, @Helper")
    done = done if "published" in words_of(done.message) else hosts.presses("hana", "next", done)[-1]
    assert hosts.event().admission.roles == (MENTOR, HELPER)
    with hosts.world.store.read() as uow:
        assert "admission" in [row.reason for row in uow.audit.all(hosts.world.community.id)]


# Segments


def finishers(hosts: Hosts, *names: str) -> None:
    people(hosts, *names)
    for name in names:
        member = hosts.world.member(name)
        hosts.world.change(replace(member, consent=replace(member.consent, granted=frozenset(ConsentKind))))
        hosts.world.does(name, Signal.COMPLETE, str(beginner().item))


def beginner() -> Any:
    return next(course for course in CATALOGUE if course.level is Level.BEGINNER)


FIVE = ("ann", "ben", "cem", "dan", "eva")
FINISHED = Admission(AdmissionKind.SEGMENT, "finished-beginner", label="finished-beginner")


def test_a_segment_lets_in_who_is_in_it_and_says_to_others_what_it_asks(hosts: Hosts) -> None:
    hosts.world.add_courses(*CATALOGUE)
    finishers(hosts, *FIVE)
    people(hosts, "fay")
    hosts.world.change(
        replace(hosts.world.member("fay"), consent=replace(hosts.world.member("fay").consent, granted=frozenset()))
    )
    hosts.publish("general", admission=FINISHED)
    assert "For: people in “finished a beginner course”" in words_of(hosts.card().message)
    assert "You are going" in hosts.notice("ann", "go")
    assert "switch on “enrolments”" in hosts.notice("fay", "go")
    fay = hosts.world.member("fay")
    hosts.world.change(replace(fay, consent=replace(fay.consent, granted=frozenset(ConsentKind))))
    assert "finished a course at beginner level" in hosts.notice("fay", "go")
    hosts.world.does("fay", Signal.COMPLETE, str(beginner().item))
    assert "You are going" in hosts.notice("fay", "go")


def test_counts_are_rounded_and_below_five_there_is_none(hosts: Hosts) -> None:
    hosts.world.add_courses(*CATALOGUE)
    finishers(hosts, *FIVE[:4])
    listed = words_of(hosts.world.asks("hana", "segments").message)
    assert "finished a beginner course: finished a course at beginner level – fewer than 5" in listed
    form = who_form(hosts)
    refused = hosts.presses("hana", "next", answered(hosts, "people in “finished a beginner course”"))[-1]
    refused = hosts.presses("hana", "next", refused)[-1] if "Fewer than" not in words_of(refused.message) else refused
    assert "Fewer than 5 people" in words_of(refused.message)
    assert form.message != refused.message
    finishers(hosts, "eva", "fay", "gus")
    assert "– 5 or more" in words_of(hosts.world.asks("hana", "segments").message)


def test_a_moderator_makes_a_segment_in_words_and_it_is_in_the_audit_log(hosts: Hosts) -> None:
    world = hosts.world
    world.add_courses(*CATALOGUE)
    made = world.asks("hana", "segments", "Stalled: level beginner or 中级; finished beginner; quiet")
    assert "are at beginner or intermediate level" in words_of(made.message)
    assert "fewer than 5" in words_of(made.message)
    for wrong, said in [
        ("Stalled: happy", "I could not read the rule “happy”"),
        ("Stalled: level wizard", "“wizard” is no level"),
        ("Stalled: topic cooking", "No course has the topic “cooking”"),
        ("Stalled: finished nothing-at-all", "neither a level nor the id"),
        ("🦀: new", "A name needs letters or digits"),
        ("x" * 60 + ": new", "at most 40 characters"),
        ("Stalled: new; " * 9, "I could not read the rule"),
        ("Stalled", "Make one:"),
        ("remove Nobody", "no segment “Nobody”"),
    ]:
        assert said in words_of(world.asks("hana", "segments", wrong).message), wrong
    with world.store.read() as uow:
        (segment,) = uow.segments.all(world.community.id)
        slug = segment.slug
    hosts.publish("general", admission=Admission(AdmissionKind.SEGMENT, slug, label="Stalled"))
    assert "is asked for by the event “Rust night”" in words_of(
        world.asks("hana", "segments", "remove stalled").message
    )
    hosts.change(admission=Admission())
    assert "is gone" in words_of(world.asks("hana", "segments", "remove stalled").message)
    with world.store.read() as uow:
        made_and_gone = [row.action for row in uow.audit.all(world.community.id) if row.action.startswith("segment")]
    assert sorted(made_and_gone) == ["segment.put", "segment.remove"]
    world.arrives("ann")
    assert "Only moderators" in words_of(world.asks("ann", "segments").message)


def test_who_was_active_and_who_went_quiet_and_who_is_new(hosts: Hosts) -> None:
    hosts.world.add_courses(*CATALOGUE)
    finishers(hosts, "ann")
    hosts.publish("general", admission=Admission(AdmissionKind.SEGMENT, "active", label="active"))
    assert "You are going" in hosts.notice("ann", "go")
    hosts.change(admission=Admission(AdmissionKind.SEGMENT, "quiet", label="quiet"))
    people(hosts, "ben")
    assert "did nothing here in the last 28 days" in hosts.notice("ben", "go")
    hosts.change(admission=Admission(AdmissionKind.SEGMENT, "new", label="new"))
    assert "You are going" in hosts.notice("ben", "go")
