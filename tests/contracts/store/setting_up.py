"""What any store keeps of homes, codes, checks and refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.incoming import Place
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.permissions import Home
from bot.domain.refs import RoomRef
from bot.domain.setup import Check, CheckName, CodePurpose, RefusalCause
from bot.errors import NotFound
from bot.ports import UnitOfWork
from tests.contracts.store.base import AT, HOUR, StoreCase


class SettingUp(StoreCase):
    def test_homes_are_kept_and_moved_with_their_rooms(self, work: UnitOfWork) -> None:
        home = Home("telegram", "-1", "Hall", groups=frozenset({"7"}))
        assert work.homes.put(1, home, AT)
        assert not work.homes.put(1, home, AT + HOUR)
        assert work.homes.put(1, replace(home, admins=False), AT)
        assert work.homes.all(1) == work.homes.all(1, "telegram") == [replace(home, admins=False)]
        assert work.homes.all(1, "discord") == work.homes.all(2) == []
        place = Place(RoomRef("telegram", "-1"), "Hall", server="-1")
        topic = work.rooms.ensure(1, replace(place, room=RoomRef("telegram", "-1", "5")))
        room = work.rooms.ensure(1, place)
        work.rooms.configure(room.id, indexed=True)
        work.rooms.move(1, RoomRef("telegram", "-1"), RoomRef("telegram", "-1001"))
        assert [home.native_id for home in work.homes.all(1)] == ["-1001"]
        for one in (room, topic):
            moved = work.rooms.get(one.id)
            assert moved is not None
            assert (moved.server, moved.indexed) == ("-1001", True)
        assert work.homes.remove(1, "telegram", "-1001")
        assert not work.homes.remove(1, "telegram", "-1001")

    def test_a_code_is_good_once_for_its_purpose_until_its_end(self, work: UnitOfWork) -> None:
        work.setup_codes.add(1, "abcdefgh", CodePurpose.HOME, at=AT, until=AT + HOUR)
        assert work.setup_codes.good(1, "ABCDEFGH", CodePurpose.HOME, AT)
        assert not work.setup_codes.use(1, "abcdefgh", CodePurpose.OWNER, AT)
        assert not work.setup_codes.use(2, "abcdefgh", CodePurpose.HOME, AT)
        assert not work.setup_codes.use(1, "abcdefgh", CodePurpose.HOME, AT + HOUR)
        assert work.setup_codes.use(1, "abcdefgh ", CodePurpose.HOME, AT)
        assert not work.setup_codes.use(1, "abcdefgh", CodePurpose.HOME, AT)
        assert work.setup_codes.sweep(AT + HOUR) == 0
        assert work.setup_codes.sweep(AT + 2 * HOUR) == 1

    def test_what_a_platform_said_replaces_what_it_said_before(self, work: UnitOfWork) -> None:
        first = Check("discord", CheckName.ROOM, ok=False, at=AT, subject="9", title="rust", detail="view channel")
        account = Check("discord", CheckName.ACCOUNT, ok=True, at=AT, detail="hall")
        other = Check("telegram", CheckName.ACCOUNT, ok=True, at=AT)
        work.checks.replace(1, "discord", [first, account])
        work.checks.replace(1, "telegram", [other])
        assert work.checks.all(1) == [account, first, other]
        work.checks.replace(1, "discord", [replace(account, at=AT + HOUR)])
        assert work.checks.all(1) == [replace(account, at=AT + HOUR), other]
        assert work.checks.all(2) == []

    def test_what_was_refused_is_counted_by_its_cause_and_never_by_person(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        own, room = work.rooms.direct(1, "web", ann.id), self.room(work, "general")
        causes = [(own, "refused", RefusalCause.BLOCKED), (own, "refused", RefusalCause.BLOCKED)]
        causes += [(room, "refused", RefusalCause.GONE), (room, "malformed", None)]
        for number, (to, state, cause) in enumerate(causes):
            message = Outgoing((Paragraph((Text("hi"),)),))
            work.outbox.add(1, Sending(f"k{number}", to.ref, message, DeliveryClass.AT_LEAST_ONCE), AT)
            (row,) = work.outbox.claim(("web",), at=AT, limit=5)
            work.outbox.park(row.id, state, "why", cause=cause)  # type: ignore[arg-type]
        found = [(p.state, p.cause, p.room, p.count) for p in work.outbox.problems(1, since=AT)]
        assert found[0] == ("refused", RefusalCause.BLOCKED, False, 2)
        assert sorted(found[1:]) == [
            ("malformed", RefusalCause.OTHER, True, 1),
            ("refused", RefusalCause.GONE, True, 1),
        ]
        assert work.outbox.problems(1, since=AT + HOUR) == work.outbox.problems(2, since=AT) == []

    def test_a_community_changes_its_language_and_zone(self, work: UnitOfWork) -> None:
        changed = work.communities.configure(1, language="zh", timezone="Asia/Shanghai")
        assert work.communities.get(1) == changed
        assert (changed.language, changed.timezone) == ("zh", "Asia/Shanghai")
        with pytest.raises(NotFound):
            work.communities.configure(9, language="zh", timezone="UTC")
