"""Ideas for events from what members look for in vain: whom they count, when, and who may know of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Course
from bot.domain.permissions import Role
from bot.domain.rsvp import Go
from bot.usecases.events.ideas import FROM, UNTIL, FindIdeas, Idea
from bot.usecases.events.seats import Seats
from tests.bot.reading import act_of, buttons_of, words_of
from tests.bot.usecases.events.hosting import Hosts
from tests.bot.world import World

ASKERS = ("ann", "bob", "cid", "dee", "eve")
WISH = "kubernetes operators in go"


@pytest.fixture
def asking(world: World) -> World:
    """Five members looked for the same in vain, and there is a moderator."""
    world.arrives("mod", language="en")
    world.change(replace(world.member("mod"), role=Role.MODERATOR, timezone="Europe/Berlin"))
    for who in ASKERS:
        world.arrives(who, language="en")
        looks_for(world, who, WISH)
    return world


def looks_for(world: World, who: str, words: str, *, best: float = 0.0) -> None:
    with world.store.write() as uow:
        uow.demand.add(world.community.id, world.member(who).id, "learn", words, best, world.clock.now())
        uow.commit()


def ideas(world: World) -> list[Idea]:
    find: FindIdeas = world.app.find_ideas
    return find(world.community, "Europe/Berlin", world.clock.now())


def test_what_five_look_for_is_an_idea(asking: World) -> None:
    (idea,) = ideas(asking)
    assert (idea.label, idea.people, idea.language) == (WISH, 5, "en")
    assert 0 <= idea.turnout.low <= idea.turnout.likely <= idea.turnout.high <= 5
    now, zone = asking.clock.now(), ZoneInfo("Europe/Berlin")
    assert len(idea.slots) == 2
    assert all(timedelta(days=FROM - 1) < slot.at - now < timedelta(days=UNTIL) for slot in idea.slots)
    assert all(8 <= slot.at.astimezone(zone).hour <= 22 and slot.of == 5 for slot in idea.slots)


def test_four_people_however_often_are_none(world: World) -> None:
    for who in ASKERS[:4]:
        world.arrives(who)
        for _ in range(5):
            looks_for(world, who, WISH)
    assert ideas(world) == []


def test_what_was_answered_well_and_what_is_long_ago_counts_for_nothing(asking: World) -> None:
    for who in ASKERS:
        looks_for(asking, who, "rust lifetimes", best=0.9)
    assert [idea.label for idea in ideas(asking)] == [WISH]
    asking.clock.go_on(days=91)
    assert ideas(asking) == []


def test_the_slots_are_when_they_are_around_in_their_own_zones(asking: World) -> None:
    """All are here on Saturdays at 17:00 in Tokyo, which is in the morning for a moderator in Berlin."""
    zone = ZoneInfo("Asia/Tokyo")
    saturday = (asking.clock.now() - timedelta(days=16)).astimezone(zone).replace(hour=17, minute=10)
    saturday += timedelta(days=(5 - saturday.weekday()) % 7)
    for who in ASKERS:
        asking.change(replace(asking.member(who), timezone="Asia/Tokyo"))
        with asking.store.write() as uow:
            for week in range(2):
                for minute in range(6):
                    at = saturday + timedelta(days=-7 * week, minutes=minute)
                    key = f"{who}:{week}:{minute}"
                    done = Interaction(asking.member(who).id, Course("c", "C").item, Signal.CLICK, at, key)
                    uow.interactions.add(asking.community.id, done)
            uow.commit()
    (idea,) = ideas(asking)
    best = idea.slots[0].at.astimezone(zone)
    assert (best.weekday(), best.hour) == (5, 17)
    assert idea.slots[0].around == 5
    assert abs(idea.slots[1].at - idea.slots[0].at) >= timedelta(hours=20)


def test_no_slot_is_in_anybodys_quiet_hours(asking: World) -> None:
    for who in ASKERS:
        asking.change(replace(asking.member(who), timezone="America/Los_Angeles"))
    (idea,) = ideas(asking)
    for slot in idea.slots:
        assert 8 <= slot.at.astimezone(ZoneInfo("America/Los_Angeles")).hour < 22


def test_hosts_are_those_who_answered_and_opted_in(asking: World) -> None:
    for who, consent in (("hal", [ConsentKind.MATCHING]), ("ida", [])):
        asking.arrives(who, language="en", consent=consent)
    root = asking.says("ann", f"Does anybody know {WISH}? How does one begin?")
    for who in ("hal", "ida"):
        asking.says(who, f"Yes, {WISH} begin with controller-runtime, see its book.", reply_to=root)
    asking.index()
    (idea,) = ideas(asking)
    assert [(host.name, host.answers) for host in idea.hosts] == [("Hal", 1)]


def test_past_events_teach_how_many_come(asking: World) -> None:
    before = ideas(asking)[0].turnout
    hosts = Hosts(asking)
    hosts.publish("general", title=WISH, description=WISH)
    asking.index()
    with asking.store.write() as uow:
        for who in ASKERS:
            Seats(uow, asking.community, hosts.event(), asking.clock.now()).decide(Go(asking.member(who).id))
        uow.commit()
    assert ideas(asking)[0].coming == WISH
    hosts.live_until(hosts.event().ends_at + timedelta(minutes=1), timedelta(hours=6))
    asking.app.engine.refresh()
    after = ideas(asking)[0]
    assert after.turnout.likely > before.likely
    assert after.coming == ""


def test_staff_sees_it_and_plans_it_with_one_tap(asking: World) -> None:
    said = asking.asks("mod", "event", "ideas")
    text = words_of(said.message)
    assert WISH in text
    assert "5 members looked for it" in text
    assert not any(name in text for name in ("Ann", "Bob", "Cid", "Dee", "Eve"))
    (button,) = buttons_of(said.message)
    assert act_of(button) == "plan"
    form = asking.presses("mod", said, "plan")[-1]
    assert f"Let’s talk about {WISH}" in repr(form.message) + repr(form.sending)


def test_others_do_not(asking: World) -> None:
    assert "for moderators" in words_of(asking.asks("ann", "event", "ideas").message)
    asking.change(replace(asking.member("mod"), role=Role.MODERATOR))
    said = asking.asks("mod", "event", "主意")
    asking.change(replace(asking.member("mod"), role=Role.MEMBER))
    assert "for moderators" in asking.presses("mod", said, "plan")[-1].notice


def test_without_ideas_it_says_what_one_needs(world: World) -> None:
    world.arrives("mod", language="zh")
    world.change(replace(world.member("mod"), role=Role.OWNER))
    assert "至少要有 5 位成员" in words_of(world.asks("mod", "event", "ideas").message)
