"""Coming in: repeatable, with a room of one's own, and never as somebody real without their link."""

from __future__ import annotations

import pytest

from bot.domain.people import Member
from bot.domain.permissions import Role
from bot.errors import BadInput, NotAllowed, NotFound
from bot.usecases.signin import ChooseLanguage, CreateMember, SignIn, web_account
from tests.adapters.web.conftest import World


def make(world: World, name: str, *, sample: bool) -> Member:
    with world.store.write() as uow:
        newcomer = Member(0, world.community.id, name, sample=sample, joined_at=world.clock.now())
        member = uow.members.create(newcomer, ())
        uow.commit()
    return member


def test_signing_in_twice_is_signing_in_once(world: World) -> None:
    member = make(world, "Priya", sample=True)
    sign_in = SignIn(world.store, world.clock, world.community.id)
    assert sign_in(member.id).id == sign_in(member.id).id == member.id
    with world.store.read() as uow:
        assert [one.account for one in uow.members.identities(member.id)] == [web_account(member.id)]
        viewer = uow.rooms.viewer(member)
        mine = [room for room in uow.rooms.all(world.community.id) if room.audience in viewer.audiences]
    assert sorted(room.name for room in mine) == ["Priya", "archive", "general"]


def test_a_real_member_needs_their_link(world: World) -> None:
    member = make(world, "Real", sample=False)
    sign_in = SignIn(world.store, world.clock, world.community.id)
    with pytest.raises(NotAllowed):
        sign_in(member.id)
    with world.store.read() as uow:
        assert uow.members.identities(member.id) == []
    assert sign_in(member.id, invited=True).id == member.id
    with pytest.raises(NotFound):
        sign_in(12345, invited=True)


def test_a_member_of_another_community_is_nobody_here(world: World) -> None:
    with world.store.write() as uow:
        other = uow.communities.add("Other", language="en", timezone="UTC", sample=True)
        stranger = uow.members.create(Member(0, other.id, "Stranger", sample=True, joined_at=world.clock.now()), ())
        uow.commit()
    with pytest.raises(NotFound):
        SignIn(world.store, world.clock, world.community.id)(stranger.id, invited=True)


def test_a_newcomer_is_a_plain_member_with_an_account(world: World) -> None:
    create = CreateMember(world.store, world.clock, world.community.id)
    assert create("Founder", "en", "UTC").role is Role.OWNER  # the first by this door runs the community
    member = create("  Lin\u202e  Wei ", "zh", "Asia/Shanghai")
    assert (member.name, member.role, member.sample, member.bot) == ("Lin Wei", Role.MEMBER, False, False)
    with world.store.read() as uow:
        found = uow.members.by_account(world.community.id, web_account(member.id))
    assert found is not None
    assert found.id == member.id
    assert SignIn(world.store, world.clock, world.community.id)(member.id).id == member.id


def test_what_goes_wrong_when_telling_of_a_newcomer_makes_no_newcomer(world: World) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        CreateMember(world.store, world.clock, world.community.id)("Lin", "en", "UTC", joined=broken)
    with world.store.read() as uow:
        assert {member.name for member in uow.members.all(world.community.id)} == {"Mei", "Sam", "Ola"}


def test_a_language_that_is_not_spoken_is_refused(world: World) -> None:
    with pytest.raises(BadInput):
        ChooseLanguage(world.store)(world.people["Sam"].id, "tlh")
    with pytest.raises(NotFound):
        ChooseLanguage(world.store)(424242, "zh")
