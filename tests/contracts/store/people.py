"""What any store keeps of members and their accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.domain.incoming import Sender
from bot.domain.people import Goal, Level, Member, Profile
from bot.domain.permissions import Role
from bot.domain.refs import AccountRef
from bot.errors import NotFound
from bot.ports import UnitOfWork
from tests.contracts.store.base import AT, HOUR, StoreCase


class People(StoreCase):
    def test_an_account_is_resolved_once_and_follows_the_platforms_name(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        assert (ann.name, ann.role, ann.joined_at, ann.sample, ann.bot) == ("ann", Role.MEMBER, AT, False, False)
        assert self.person(work, "ann") == ann
        renamed = work.members.resolve(1, Sender(AccountRef("web", "ann"), "Ann Lee"), AT)
        assert (renamed.id, renamed.name) == (ann.id, "Ann Lee")
        assert [one.name for one in work.members.identities(ann.id)] == ["Ann Lee"]
        assert work.members.by_account(1, AccountRef("web", "ann")) == renamed
        assert work.members.by_account(2, AccountRef("web", "ann")) is None

    def test_a_name_chosen_here_is_not_overwritten(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        work.members.update(replace(ann, name="The Ann"))
        assert work.members.resolve(1, Sender(AccountRef("web", "ann"), "new"), AT).name == "The Ann"

    def test_bots_are_marked_and_left_out(self, work: UnitOfWork) -> None:
        ann, bot = self.person(work, "ann"), self.person(work, "robot", bot=True)
        assert bot.bot
        assert work.members.all(1) == [ann]
        assert work.members.all(1, include_bots=True) == [ann, bot]
        assert work.members.names([ann.id, bot.id, 99]) == {ann.id: "ann", bot.id: "robot"}

    def test_everything_of_a_member_is_kept(self, work: UnitOfWork) -> None:
        ann = Member(
            0, 1, "Ann", "zh", "Asia/Shanghai", Role.OWNER,
            Profile(("rust", "数据库"), Level.ADVANCED, Goal.JOB, 2.5, frozenset({"popular"}), surprises=False),
            Consent(frozenset({ConsentKind.MESSAGES})), AT, AT + HOUR, sample=True, bot=False,
        )  # fmt: skip
        created = work.members.create(ann, [AccountRef("web", "a"), AccountRef("telegram", "7")])
        assert created == replace(ann, id=created.id)
        changed = replace(created, name="An", consent=Consent(frozenset(ConsentKind)), profile=Profile())
        work.members.update(changed)
        assert work.members.get(created.id) == changed

    def test_whoever_declares_something_else_is_found_in_order(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        assert work.members.declared_after(1, 0) == []
        before = work.communities.marks(1)
        work.members.update(replace(ann, name="An", profile=replace(ann.profile, muted=frozenset({"fresh"}))))
        assert work.communities.marks(1) == before
        work.members.update(replace(ben, language="zh"))
        work.members.update(replace(ann, profile=Profile(("rust",), Level.ADVANCED)))
        changes = work.members.declared_after(1, 0)
        assert [member for _, member in changes] == [ben.id, ann.id]
        assert work.communities.marks(1).sequence == changes[1][0] > changes[0][0] > before.sequence
        assert work.members.declared_after(1, changes[0][0]) == changes[1:]
        assert {member.id for member in work.members.some([ann.id, ben.id, 99])} == {ann.id, ben.id}

    def test_accounts_belong_to_one_person(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        identity = work.members.attach(ann.id, AccountRef("telegram", "7"), "ann_t")
        assert work.members.attach(ann.id, AccountRef("telegram", "7"), "ann_u") == replace(identity, name="ann_u")
        assert work.members.by_account(1, AccountRef("telegram", "7")) == ann
        with pytest.raises(ValueError, match="telegram:7"):
            work.members.attach(ben.id, AccountRef("telegram", "7"), "ben")
        with pytest.raises(ValueError, match="web:ann"):
            work.members.create(ben, [AccountRef("web", "ann")])
        with pytest.raises(NotFound):
            work.members.attach(99, AccountRef("web", "new"), "x")
