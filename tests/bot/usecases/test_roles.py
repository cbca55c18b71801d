"""Who may do what: every staff command by every role in every kind of place; deny by default."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.domain.incoming import CommandInvoked, Place, RoomKind
from bot.domain.permissions import Home, PlatformRole, Role, StaffAction, effective_role, may
from bot.domain.refs import RoomRef
from bot.wording import Wording
from tests.bot.reading import words_of
from tests.bot.world import FAKE, World

SAY = Wording("en").say
OURS, STRANGE = "g-ours", "g-strange"


@dataclass(frozen=True)
class Native:
    """What the platform says somebody is, and whether that makes them staff with the home as it is in these tests."""

    standings: tuple[PlatformRole, ...]
    staff: bool


NATIVE = {
    "nobody": Native((), staff=False),
    "member-of-ours": Native((PlatformRole(OURS),), staff=False),
    "admin-of-ours": Native((PlatformRole(OURS, Role.MODERATOR),), staff=True),
    "role-of-ours": Native((PlatformRole(OURS, groups=frozenset({"77"})),), staff=True),
    "other-role-of-ours": Native((PlatformRole(OURS, groups=frozenset({"78"})),), staff=False),
    "admin-elsewhere": Native((PlatformRole(STRANGE, Role.MODERATOR),), staff=False),
    "role-elsewhere": Native((PlatformRole(STRANGE, groups=frozenset({"77"})),), staff=False),
    "owner-elsewhere": Native((PlatformRole(STRANGE, Role.OWNER), PlatformRole(OURS)), staff=False),
}

PLACES = {
    "alone": Place(RoomRef(FAKE, "dm-of-kim"), "kim", RoomKind.DIRECT, private=True),
    "ours": Place(RoomRef(FAKE, "room-ours"), "hall", server=OURS),
    "private": Place(RoomRef(FAKE, "room-private"), "board", private=True, server=OURS),
    "thread": Place(RoomRef(FAKE, "room-ours", "7"), "a thread", RoomKind.THREAD, server=OURS),
    "strange": Place(RoomRef(FAKE, "room-strange"), "elsewhere", server=STRANGE),
    "only-one": Place(RoomRef(FAKE, "general"), "general"),
}


@dataclass(frozen=True)
class Order:
    """`refused`: what is said to whoever may not."""

    words: str
    action: StaffAction
    refused: Callable[[str], bool]


def says(*ids: str) -> Callable[[str], bool]:
    return lambda text: any(SAY(id_) in text for id_ in ids)


ORDERS = {
    "rec": Order("", StaffAction.CURATE, says("rec-staff-only")),
    "room": Order("reading", StaffAction.MAKE_ROOMS, says("room-staff-only")),
    "suggest": Order("", StaffAction.SCHEDULE, says("suggest-staff-only")),
    "wanted": Order("", StaffAction.SEE_DEMAND, says("wanted-staff-only")),
    "report": Order("all", StaffAction.SEE_REPORTS, says("report-staff-only")),
    "personas": Order("", StaffAction.SEE_PERSONAS, says("personas-staff-only")),
    "path": Order("proposals", StaffAction.DECIDE_PATHS, lambda text: SAY("proposals-heading") not in text),
    "rate": Order("course:sql 4", StaffAction.MARK, lambda text: "mark" not in text),
    "newevent": Order("", StaffAction.HOST_EVENTS, says("event-staff-only")),
    "ideas": Order("", StaffAction.HOST_EVENTS, says("idea-staff-only")),
    "setup": Order("", StaffAction.SETUP, says("setup-staff-only", "setup-not-home")),
}


def test_every_staff_action_has_a_command_here() -> None:
    assert {order.action for order in ORDERS.values()} | {StaffAction.TRUST} == set(StaffAction)


def test_what_each_role_may_is_listed_and_nothing_else() -> None:
    assert {action for action in StaffAction if may(Role.MEMBER, action)} == set()
    assert {action for action in StaffAction if not may(Role.MODERATOR, action)} == {StaffAction.TRUST}
    assert all(may(Role.OWNER, action) for action in StaffAction)


def test_no_use_case_looks_at_roles_by_itself() -> None:
    """But the one that reports to staff by itself, and the one that says what joining two people does."""
    folder = Path(bot.__file__).parent
    found = {
        file.name
        for file in (folder / "usecases").rglob("*.py")
        if re.search(r"\bSTAFF\b(?!:)|member\.role\b(?! is not Role)", file.read_text("utf-8"))
    }
    assert found == {"training.py", "turn.py", "link_views.py"}


@pytest.mark.parametrize("name", ORDERS)
def test_every_command_by_every_role_in_every_place(stocked: World, name: str) -> None:
    world, order = stocked, ORDERS[name]
    world.arrives("kim", language="en")
    with world.store.write() as uow:
        uow.homes.put(world.community.id, Home(FAKE, OURS, "Ours", groups=frozenset({"77"})), world.clock.now())
        uow.commit()
    wrong = []
    stored = product([Role.MODERATOR, Role.OWNER], ["nobody", "admin-elsewhere"], PLACES)
    for role, native, place in [*product([Role.MEMBER], NATIVE, PLACES), *stored]:
        world.change(replace(world.member("kim"), role=role))
        sender = replace(world.sender("kim"), standings=NATIVE[native].standings)
        sent = world.happens(CommandInvoked(PLACES[place], sender, name, order.words, world.clock.now()))
        told = "\n".join(f"{words_of(one.message)}\n{one.notice}" for one in sent)
        expected = role is not Role.MEMBER or NATIVE[native].staff
        if not told.strip() or order.refused(told) == expected:
            wrong.append((role, native, place, told[:80]))
    assert wrong == []


@given(
    stored=st.sampled_from(Role),
    standings=st.lists(
        st.builds(
            PlatformRole, st.sampled_from("abc"), st.sampled_from(Role), st.frozensets(st.sampled_from(["1", "2"]))
        )
    ),
    homes=st.lists(
        st.builds(
            Home,
            st.sampled_from(["x", "y"]),
            st.sampled_from("abc"),
            st.just(""),
            st.booleans(),
            st.frozensets(st.sampled_from(["1", "2"])),
        )
    ),
)
def test_a_platform_makes_moderators_at_most_and_only_in_homes_of_its_own(
    stored: Role, standings: list[PlatformRole], homes: list[Home]
) -> None:
    role = effective_role(stored, "x", standings, homes)
    assert role in {stored, Role.MODERATOR}
    assert effective_role(stored, "x", standings, []) is stored
    assert effective_role(stored, "x", [], homes) is stored
    elsewhere = [home for home in homes if home.platform == "y"]
    assert effective_role(stored, "x", standings, elsewhere) is stored
    if stored is not Role.MEMBER:
        assert role is stored
        return
    reasons = [
        (home, standing)
        for home in homes
        for standing in standings
        if home.platform == "x" and home.native_id == standing.where
        if (home.admins and standing.role is not Role.MEMBER) or home.groups & standing.groups
    ]
    assert (role is Role.MODERATOR) == bool(reasons)
