"""What the application relies on from a store of platforms' roles and of segments. Subclasses give `work` as
`StoreContract` does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.admission import NativeRole
from bot.domain.incoming import Sender
from bot.domain.permissions import Home, PlatformRole, Role
from bot.domain.refs import AccountRef
from bot.domain.segments import Rule, RuleKind, Segment
from bot.ports import UnitOfWork

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
LIN = AccountRef("discord", "17")
HALL = PlatformRole("hall", groups=frozenset({"7", "8"}))


class AdmissionContract:
    def test_the_roles_of_a_place_are_kept_in_its_order_and_replaced_as_a_whole(self, work: UnitOfWork) -> None:
        first = [NativeRole("discord", "hall", "8", "Mentor"), NativeRole("discord", "hall", "7", "Helper")]
        other = NativeRole("discord", "annex", "7", "Guest")
        assert work.native_roles.replace(1, "discord", "hall", first)
        assert not work.native_roles.replace(1, "discord", "hall", first)
        assert work.native_roles.replace(1, "discord", "annex", [other])
        assert work.native_roles.all(1) == [other, *first]
        assert work.native_roles.replace(1, "discord", "hall", [replace(first[1], name="Guide")])
        assert work.native_roles.replace(1, "discord", "annex", [])
        assert work.native_roles.all(1) == [replace(first[1], name="Guide")]

    def test_a_standing_is_kept_of_known_accounts_in_places_of_ours_only(self, work: UnitOfWork) -> None:
        assert not work.native_roles.note(1, LIN, HALL, AT)
        member = work.members.resolve(1, Sender(LIN, "Lin"), AT)
        assert not work.native_roles.note(1, LIN, HALL, AT)
        work.homes.put(1, Home("discord", "hall"), AT)
        assert work.native_roles.note(1, LIN, HALL, AT)
        assert not work.native_roles.note(1, LIN, HALL, AT)
        assert work.native_roles.of([member.id]) == {member.id: [("discord", HALL)]}
        assert work.native_roles.note(1, LIN, replace(HALL, role=Role.MODERATOR), AT)
        assert work.native_roles.note(1, LIN, PlatformRole("hall"), AT)
        assert not work.native_roles.note(1, LIN, PlatformRole("hall"), AT)
        assert work.native_roles.of([member.id]) == {}

    def test_what_any_account_of_a_member_is_counts_for_the_member(self, work: UnitOfWork) -> None:
        member = work.members.resolve(1, Sender(LIN, "Lin"), AT)
        work.members.attach(member.id, AccountRef("telegram", "5"), "Lin")
        for platform, native in (("discord", "hall"), ("telegram", "group")):
            work.homes.put(1, Home(platform, native), AT)
        admin = PlatformRole("group", Role.MODERATOR)
        assert work.native_roles.note(1, LIN, HALL, AT)
        assert work.native_roles.note(1, AccountRef("telegram", "5"), admin, AT)
        assert work.native_roles.of([member.id, 99]) == {member.id: [("discord", HALL), ("telegram", admin)]}

    def test_segments_are_kept_whole_by_their_slug(self, work: UnitOfWork) -> None:
        rules = (Rule(RuleKind.TOPIC, ("rust", "go")), Rule(RuleKind.NEW))
        made = Segment("a1", "Stalled", rules)
        work.segments.put(1, made, by="member:1", at=AT)
        work.segments.put(1, Segment("a2", "All new", (Rule(RuleKind.NEW),)), by="member:1", at=AT)
        assert work.segments.get(1, "a1") == made
        assert [one.slug for one in work.segments.all(1)] == ["a2", "a1"]
        work.segments.put(1, replace(made, name="Quiet"), by="member:2", at=AT)
        assert [one.name for one in work.segments.all(1)] == ["All new", "Quiet"]
        assert work.segments.remove(1, "a1")
        assert not work.segments.remove(1, "a1")
        assert work.segments.get(1, "a1") is None
        assert work.segments.get(2, "a2") is None
