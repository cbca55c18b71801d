"""What the application relies on from links in any store. Subclasses give `store`, a fixture: an empty store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.domain.incoming import Place, RoomKind, Sender
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.links import Link, LinkState
from bot.domain.people import Member
from bot.domain.permissions import member_audience
from bot.domain.refs import AccountRef, RoomRef
from bot.errors import NotFound
from bot.ports import Marks, UnitOfWork
from tests.contracts.store.base import EmptyStore

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
SOON = AT + timedelta(minutes=10)


class LinksContract(EmptyStore):
    def person(self, uow: UnitOfWork, platform: str) -> Member:
        sender = Sender(AccountRef(platform, f"on-{platform}"), platform.title())
        member = uow.members.resolve(1, sender, AT)
        place = Place(RoomRef(platform, f"dm-of-{platform}"), "", RoomKind.DIRECT, private=True)
        uow.rooms.join(uow.rooms.ensure(1, place).id, member.id, AT)
        return member

    def offered(self, uow: UnitOfWork, first: Member, code: str = "hash") -> Link:
        link = Link(0, 1, first.id, None, "telegram", "", LinkState.OFFERED, AT, SOON)
        return uow.links.offer(link, code)

    def joined(self, uow: UnitOfWork, first: Member, second: Member, platform: str = "discord") -> Link:
        link = self.offered(uow, first)
        assert uow.links.ask(link.id, second.id, platform, until=SOON)
        for side in (True, False):
            assert uow.links.agree(link.id, first=side) is not None
        assert uow.links.join(link.id, AT) is not None
        made = uow.links.get(1, link.id)
        assert made is not None
        return made

    def test_a_code_is_given_once(self, work: UnitOfWork) -> None:
        first, second = self.person(work, "telegram"), self.person(work, "discord")
        link = self.offered(work, first)
        assert work.links.by_code(1, "hash") == link
        assert work.links.by_code(2, "hash") is None
        assert work.links.ask(link.id, second.id, "discord", until=SOON)
        assert not work.links.ask(link.id, second.id, "discord", until=SOON)
        assert work.links.by_code(1, "hash") is None
        asked = work.links.get(1, link.id)
        assert asked == replace(link, second_id=second.id, second_platform="discord", state=LinkState.ASKED)

    def test_a_new_code_voids_the_one_before_and_nothing_else(self, work: UnitOfWork) -> None:
        first, other = self.person(work, "telegram"), self.person(work, "discord")
        old, theirs = self.offered(work, first, "old"), self.offered(work, other, "theirs")
        self.offered(work, first, "new")
        assert [work.links.by_code(1, code) is None for code in ("old", "new")] == [True, False]
        assert work.links.by_code(1, "theirs") == theirs
        voided = work.links.get(1, old.id)
        assert voided is not None
        assert voided.state is LinkState.VOID

    def test_nothing_is_joined_before_both_agreed(self, work: UnitOfWork) -> None:
        first, second = self.person(work, "telegram"), self.person(work, "discord")
        link = self.offered(work, first)
        assert work.links.agree(link.id, first=True) is None
        assert work.links.join(link.id, AT) is None
        work.links.ask(link.id, second.id, "discord", until=SOON)
        half = work.links.agree(link.id, first=True)
        assert half is not None
        assert not half.agreed
        assert work.links.join(link.id, AT) is None
        assert not work.links.part(link.id, AT)

    def test_what_ended_comes_to_nothing(self, work: UnitOfWork) -> None:
        first, second = self.person(work, "telegram"), self.person(work, "discord")
        link = self.offered(work, first)
        work.links.ask(link.id, second.id, "discord", until=SOON)
        assert work.links.end(link.id, LinkState.REFUSED, AT)
        assert not work.links.end(link.id, LinkState.VOID, AT)
        assert work.links.agree(link.id, first=True) is None
        assert work.links.join(link.id, AT) is None

    def test_one_person_under_two_numbers(self, work: UnitOfWork) -> None:
        first, second = self.person(work, "telegram"), self.person(work, "discord")
        link = self.joined(work, first, second)
        assert work.members.get(second.id) == work.members.get(first.id)
        assert [one.account.platform for one in work.members.identities(first.id)] == ["telegram", "discord"]
        assert [one.id for one in work.members.all(1)] == [first.id]
        assert [one.id for one in work.members.some([first.id, second.id])] == [first.id]
        assert work.stats(1)["members"] == 1
        assert work.links.of(first.id) == [link]
        assert work.links.of(second.id) == []
        for number in (first.id, second.id):
            room = work.rooms.direct(1, "discord", number)
            assert (room.ref.native_id, room.audience) == ("dm-of-discord", member_audience(first.id))
        with pytest.raises(NotFound):
            work.members.update(second)
        assert work.links.part(link.id, AT)
        assert not work.links.part(link.id, AT)
        assert [one.id for one in work.members.all(1)] == [first.id, second.id]
        assert work.rooms.direct(1, "discord", second.id).ref.native_id == "dm-of-discord"
        assert work.links.of(first.id) == []

    def test_what_is_counted_is_counted_anew(self, work: UnitOfWork) -> None:
        first, second = self.person(work, "telegram"), self.person(work, "discord")
        seen: list[tuple[Marks, int]] = [(work.communities.marks(1), work.links.revision(1))]
        link = self.joined(work, first, second)
        seen.append((work.communities.marks(1), work.links.revision(1)))
        work.links.part(link.id, AT)
        seen.append((work.communities.marks(1), work.links.revision(1)))
        assert len({marks.links for marks, _ in seen}) == 3
        assert [revision for _, revision in seen] == sorted({revision for _, revision in seen})

    def test_actions_of_both_are_one_history_where_both_allow_it(self, work: UnitOfWork) -> None:
        first, second = self.person(work, "telegram"), self.person(work, "discord")
        everything = Consent(frozenset(ConsentKind))
        for member in (first, second):
            work.members.update(replace(member, consent=everything))
        for number, signal in enumerate((Signal.ENROL, Signal.REPLY)):
            work.interactions.add(1, Interaction(second.id, ItemId("course:go"), signal, AT, f"k{number}"))
        work.members.update(replace(first, consent=Consent(frozenset({ConsentKind.ENROLMENTS}))))
        link = self.joined(work, first, second)
        assert [one.signal for one in work.interactions.of_member(first.id)] == [Signal.ENROL]
        work.links.part(link.id, AT)
        assert work.interactions.of_member(first.id) == []
        assert len(work.interactions.of_member(second.id)) == 2
        after = work.members.get(second.id)
        assert after is not None
        assert after.consent == everything

    def test_of_three_each_leaves_by_itself_in_any_order(self, work: UnitOfWork) -> None:
        people = [self.person(work, platform) for platform in ("telegram", "discord", "web")]
        for order in ((0, 1), (1, 0)):
            links = [self.joined(work, people[0], people[1]), self.joined(work, people[0], people[2], "web")]
            assert {one.account.platform for one in work.members.identities(people[0].id)} == {
                "telegram",
                "discord",
                "web",
            }
            for number in order:
                assert work.links.part(links[number].id, AT)
                left = people[number + 1]
                assert [one.member_id for one in work.members.identities(left.id)] == [left.id]
            assert [one.id for one in work.members.all(1)] == [one.id for one in people]
