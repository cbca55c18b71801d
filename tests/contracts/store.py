"""What the application relies on from any store. Subclasses give `store`, a fixture: an empty store at the port."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from bot.domain.calendar import CalendarFeed
from bot.domain.consent import Consent, ConsentKind
from bot.domain.digests import DigestSettings, Section
from bot.domain.incoming import Attachment, MessagePosted, Place, Poll, RoomKind, Sender
from bot.domain.interactions import Exposure, Interaction, ScorePart, Signal
from bot.domain.introductions import Introduction, Outcome
from bot.domain.items import Course, Event, ItemId
from bot.domain.outgoing import DeliveryClass, MessageLink, Outgoing, Paragraph, Quote, Receipt, Sending, Text
from bot.domain.paths import Decision, Prerequisite
from bot.domain.people import Goal, Level, Member, Profile
from bot.domain.permissions import PUBLIC, Home, Role, member_audience, room_audience, visible
from bot.domain.quality import CourseQuality, Mark
from bot.domain.refs import AccountRef, MessageRef, PollRef, RoomRef
from bot.domain.rooms import Message, Reaction, Room
from bot.domain.rules import Rule, RuleAction
from bot.domain.schedules import Frequency, Job
from bot.domain.setup import Check, CheckName, CodePurpose, RefusalCause
from bot.errors import BadInput, NotFound
from bot.ports import AuditRow, ButtonRow, Store, ToEmbed, UnitOfWork

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COURSE = Course(
    "async-rust", "Async Rust", "Build a chat server.", "https://example.org/a", ("rust", "async"), Level.INTERMEDIATE,
    "en", "Ferris School", 6.0, 99.0, "CNY", ("ownership",), "2024-05", {"isbn": "1"},
)  # fmt: skip


class StoreContract:
    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def work(self, store: Store) -> Any:
        """An open unit of work in a store with one community."""
        with store.write() as uow:
            uow.communities.add("Rustaceans", language="en", timezone="UTC", sample=False)
            uow.commit()
        with store.write() as uow:
            yield uow

    community = 1

    def person(self, uow: UnitOfWork, name: str, *, bot: bool = False) -> Member:
        return uow.members.resolve(self.community, Sender(AccountRef("web", name), name, bot=bot), AT)

    def room(self, uow: UnitOfWork, name: str = "general", **place: Any) -> Room:
        return uow.rooms.ensure(self.community, Place(RoomRef("web", name), name, **{"indexed": True, **place}))

    def say(
        self, uow: UnitOfWork, room: Room, member: Member, native: str, text: str = "words", **more: Any
    ) -> Message:
        return uow.messages.add(room, member, self.posted(room, native, text, **more))[0]

    def posted(self, room: Room, native: str, text: str = "words", **more: Any) -> MessagePosted:
        at = AT + more.pop("hours", 0) * HOUR
        sender = Sender(AccountRef("web", "x"), "x")
        return MessagePosted(MessageRef(room.ref, native), Place(room.ref), sender, text, at, **more)

    def suggest(self, uow: UnitOfWork, root: Message, text: str = "words", *, solved: bool = False) -> Any:
        return uow.posts.promote(root.id, title="a title", text=text, language="en", solved=solved)

    # Transactions

    def test_nothing_stays_without_commit(self, store: Store) -> None:
        with store.write() as uow:
            uow.communities.add("lost", language="en", timezone="UTC", sample=False)
        with store.write() as uow:
            uow.communities.add("rolled back", language="en", timezone="UTC", sample=False)
            uow.rollback()
        with pytest.raises(ZeroDivisionError), store.write() as uow:  # noqa: PT012 - the whole unit
            uow.communities.add("failed", language="en", timezone="UTC", sample=False)
            raise ZeroDivisionError
        with store.read() as uow:
            assert uow.communities.all() == []

    def test_what_is_committed_is_read(self, store: Store) -> None:
        with store.write() as uow:
            community = uow.communities.add("kept", language="zh", timezone="Asia/Shanghai", sample=True)
            uow.commit()
        with store.read() as uow:
            assert uow.communities.all() == [community]
            assert uow.communities.get(community.id) == community
            assert uow.communities.get(99) is None

    def test_reading_cannot_commit(self, store: Store) -> None:
        with pytest.raises(RuntimeError, match="write"), store.read() as uow:
            uow.commit()

    def test_a_reader_sees_one_moment(self, store: Store) -> None:
        with store.read() as reader:
            assert reader.communities.all() == []
            with store.write() as uow:
                uow.communities.add("later", language="en", timezone="UTC", sample=False)
                uow.commit()
            assert reader.communities.all() == []
        with store.read() as reader:
            assert len(reader.communities.all()) == 1

    def test_topics_are_told_after_commit_and_a_broken_listener_loses_nothing(self, store: Store) -> None:
        heard: list[frozenset[str]] = []

        def broken(topics: frozenset[str]) -> None:
            raise ZeroDivisionError

        store.on_commit(broken)
        store.on_commit(heard.append)
        with store.write() as uow:
            uow.communities.add("x", language="en", timezone="UTC", sample=False)
            uow.inbox.put(1, "web", [("1", "{}")], AT)
            assert heard == []
            uow.commit()
        assert heard == [frozenset({"inbox"})]

    def test_a_batch_is_read_by_its_own_thread(self, store: Store) -> None:
        heard: list[frozenset[str]] = []
        store.on_commit(heard.append)
        with store.batch():
            for name in ("one", "two"):
                with store.write() as uow:
                    uow.communities.add(name, language="en", timezone="UTC", sample=False)
                    uow.inbox.put(1, "web", [(name, "{}")], AT)
                    uow.commit()
            with store.read() as uow:
                assert len(uow.communities.all()) == 2
        assert frozenset().union(*heard) == {"inbox"}

    # People

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

    # Setting up

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

    # Rooms

    def test_a_room_is_made_once_and_renamed(self, work: UnitOfWork) -> None:
        room = self.room(work, "general")
        assert (room.audience, room.indexed, room.kind) == (PUBLIC, True, RoomKind.CHANNEL)
        assert self.room(work, "general") == room
        renamed = work.rooms.ensure(1, Place(room.ref, "lobby", topic="all", group="Rust"))
        assert (renamed.id, renamed.name, renamed.topic, renamed.group) == (room.id, "lobby", "all", "Rust")
        assert work.rooms.ensure(1, Place(room.ref)) == renamed
        assert work.rooms.by_ref(1, room.ref) == work.rooms.get(room.id) == renamed
        assert work.rooms.by_ref(2, room.ref) is None

    def test_private_rooms_are_for_those_who_are_in_them(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        room = self.room(work, "staff", private=True)
        assert room.audience == room_audience(room.id)
        assert not room.indexed
        work.rooms.join(room.id, ann.id, AT)
        assert visible(work.rooms.viewer(ann), room.audience)
        assert not visible(work.rooms.viewer(ben), room.audience)
        assert work.rooms.members_of(room.id) == [ann.id]
        work.rooms.leave(room.id, ann.id, AT + HOUR)
        work.rooms.join(room.id, ann.id, AT)  # told again, late
        assert not visible(work.rooms.viewer(ann), room.audience)
        assert work.rooms.members_of(room.id) == []
        work.rooms.join(room.id, ann.id, AT + 2 * HOUR)
        work.rooms.leave(room.id, ann.id, AT + HOUR)  # told again, late
        assert work.rooms.members_of(room.id) == [ann.id]

    def test_a_room_that_turns_private_takes_its_threads_and_posts_along(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        room = self.room(work, "general")
        thread = work.rooms.ensure(1, Place(RoomRef("web", "general", "7"), "topic", RoomKind.THREAD))
        assert (thread.parent_id, thread.audience) == (room.id, PUBLIC)
        self.suggest(work, self.say(work, thread, ann, "1"))
        assert self.items(work) == ["post:1"]
        closed = self.room(work, "general", private=True)
        assert closed.audience == room_audience(room.id)
        after = work.rooms.get(thread.id)
        assert after is not None
        assert after.audience == closed.audience
        assert self.items(work) == []
        assert self.room(work, "general", private=False) == closed
        late = work.rooms.ensure(1, Place(RoomRef("web", "general", "8"), "another", RoomKind.THREAD))
        assert late.audience == closed.audience

    def test_a_closed_thread_is_for_those_who_are_in_it_whatever_is_around_it(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        for name, private in (("open", False), ("staff", True)):
            parent = self.room(work, name, private=private)
            work.rooms.join(parent.id, ben.id, AT)
            ref = RoomRef("web", name, "t1")
            thread = work.rooms.ensure(1, Place(ref, "t", RoomKind.THREAD, private=True, closed=True))
            work.rooms.join(thread.id, ann.id, AT)
            assert thread.audience == room_audience(thread.id)
            assert [visible(work.rooms.viewer(one), thread.audience) for one in (ann, ben)] == [True, False]

    def test_a_room_that_is_gone_is_read_by_nobody(self, work: UnitOfWork) -> None:
        ann, room, staff = self.person(work, "ann"), self.room(work), self.room(work, "staff", private=True)
        work.rooms.join(staff.id, ann.id, AT)
        thread = work.rooms.ensure(1, Place(RoomRef("web", "general", "t1"), "t", RoomKind.THREAD))
        for one in (room, thread):
            self.suggest(work, self.say(work, one, ann, "1"))
        for one in (room, staff):
            work.rooms.close(one.id, AT + HOUR)
        for one in (room, thread, staff):
            now = work.rooms.get(one.id)
            assert now is not None
            assert not now.indexed
            assert not visible(work.rooms.viewer(ann), now.audience)
        assert all(item.deleted or item.audience != PUBLIC for item in self.items(work))

    def test_a_direct_room_is_its_members_alone(self, work: UnitOfWork) -> None:
        ann, bot = self.person(work, "ann"), self.person(work, "robot", bot=True)
        room = self.room(work, "chat7", kind=RoomKind.DIRECT)
        assert room.audience == room_audience(room.id)
        work.rooms.join(room.id, bot.id, AT)
        work.rooms.join(room.id, ann.id, AT)
        found = work.rooms.get(room.id)
        assert found is not None
        assert (found.audience, found.indexed) == (member_audience(ann.id), False)
        assert work.rooms.direct(1, "web", ann.id) == found
        ben = self.person(work, "ben")
        made = work.rooms.direct(1, "web", ben.id)
        assert (made.ref, made.audience) == (RoomRef("web", f"dm-{ben.id}"), member_audience(ben.id))
        assert work.rooms.direct(1, "web", ben.id) == made
        work.rooms.join(found.id, ben.id, AT)
        assert not visible(work.rooms.viewer(ben), found.audience)

    def test_a_moved_room_keeps_its_past_apart_from_new_numbers(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        old = self.room(work, "group")
        thread = work.rooms.ensure(1, Place(RoomRef("web", "group", "5"), "topic", RoomKind.THREAD))
        said = self.say(work, old, ann, "1", "before the move")
        new = RoomRef("web", "supergroup")
        assert work.rooms.move(1, old.ref, new)
        assert not work.rooms.move(1, old.ref, new)
        moved = work.rooms.by_ref(1, new)
        assert moved is not None
        assert moved.id == old.id
        followed = work.rooms.get(thread.id)
        assert followed is not None
        assert followed.ref == RoomRef("web", "supergroup", "5")
        message, added = work.messages.add(moved, ann, self.posted(moved, "1", "after the move"))
        assert added
        assert {said.id, message.id} == {one.id for one in work.messages.page(moved.id)}

    def test_a_move_into_a_room_that_is_known_joins_the_two(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        old, new = self.room(work, "group", private=True), self.room(work, "supergroup")
        work.rooms.join(old.id, ann.id, AT)
        work.rooms.join(new.id, ben.id, AT)
        self.say(work, old, ann, "1")
        self.say(work, new, ben, "1")
        assert work.rooms.move(1, old.ref, new.ref)
        assert work.rooms.get(old.id) is None
        joined = work.rooms.get(new.id)
        assert joined is not None
        assert joined.audience == room_audience(new.id)
        assert len(work.messages.page(new.id)) == 2
        assert work.rooms.members_of(new.id) == [ann.id, ben.id]

    # Messages

    def test_a_redelivery_changes_nothing(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        files = (Attachment("a.png", "image/png"),)
        poll = Poll("Which?", (("A", 2), ("B", 0)))
        posted = self.posted(room, "1", "hello 你好 🦀", attachments=files, poll=poll)
        first, new = work.messages.add(room, ann, posted, payload='{"blocks":[]}')
        again, renewed = work.messages.add(room, ann, replace(posted, text="other"))
        assert (new, renewed) == (True, False)
        assert again == first == work.messages.get(first.id)
        assert (first.attachments, first.poll, first.root_id) == (files, poll, first.id)
        assert work.messages.last_native(room.id) == "1"

    def test_a_redelivery_with_a_later_edit_is_an_edit(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        rows = [
            self.posted(room, "1", "first"),
            self.posted(room, "1", "second", edited_at=AT + HOUR),
            self.posted(room, "1", "older", edited_at=AT + HOUR / 2),
        ]
        added = work.messages.add_many([(room, ann, row) for row in rows])
        assert [(message.text, new) for message, new in added] == [
            ("first", True), ("second", False), ("second", False),
        ]  # fmt: skip
        (stored,) = work.messages.page(room.id)
        assert (stored.text, stored.edited_at) == ("second", AT + HOUR)

    def test_edits_apply_in_order_of_their_time(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        ref = self.say(work, room, ann, "1", "zero").ref
        assert work.messages.edit(1, ref, "zero", AT + HOUR) is None
        second = work.messages.edit(1, ref, "two", AT + 2 * HOUR)
        assert second is not None
        assert (second.text, second.edited_at) == ("two", AT + 2 * HOUR)
        assert work.messages.edit(1, ref, "one", AT + HOUR) is None
        assert work.messages.by_ref(1, ref) == second
        assert work.messages.edit(1, MessageRef(room.ref, "9"), "x", AT) is None
        assert work.messages.edit(2, ref, "x", AT + 9 * HOUR) is None

    def test_a_deletion_leaves_a_tombstone_and_takes_the_post(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        files = (Attachment("a.png"),)
        root = self.say(work, room, ann, "1", "secret", attachments=files, poll=Poll("?"))
        answer = self.say(work, room, ann, "2", reply_to="1")
        self.suggest(work, root, "secret")
        self.embed(work)
        gone = work.messages.delete(1, root.ref, AT + HOUR)
        assert gone is not None
        assert (gone.text, gone.payload, gone.attachments, gone.poll, gone.deleted_at) == ("", "", (), None, AT + HOUR)
        assert work.messages.get(root.id) == replace(gone, replies=1)
        assert work.messages.delete(1, root.ref, AT + HOUR) is None
        assert work.messages.edit(1, root.ref, "back", AT + 2 * HOUR) is None
        late = self.posted(room, "1", "back", edited_at=AT + 3 * HOUR)
        assert work.messages.add(room, ann, late)[0].text == ""
        assert work.posts.by_root(root.id) is None
        assert self.items(work) == []
        assert work.stats(1)["vectors"] == 0
        assert [one.id for one in work.messages.discussion(root.id)] == [root.id, answer.id]
        with pytest.raises(ValueError, match="deleted"):
            self.suggest(work, root)

    def test_pages_go_back_in_time_whatever_the_order_of_arrival(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        for hours in (3, 1, 2, 0):
            self.say(work, room, ann, str(hours), hours=hours)
        newest = work.messages.page(room.id, limit=2)
        assert [message.ref.native_id for message in newest] == ["2", "3"]
        older = work.messages.page(room.id, before=newest[0].id, limit=2)
        assert [message.ref.native_id for message in older] == ["0", "1"]
        assert [message.ref.native_id for message in work.messages.since(room.id, 1)] == ["1", "2", "0"]
        assert work.messages.last_native(room.id) == "3"
        assert work.messages.last_native(99) is None

    def test_reactions_count_once_each_and_old_news_is_ignored(self, work: UnitOfWork) -> None:
        ann, ben, room = self.person(work, "ann"), self.person(work, "ben"), self.room(work)
        ref = self.say(work, room, ann, "1").ref
        assert not work.messages.react(1, ref, ben.id, "👍", present=False, at=AT)
        assert work.messages.react(1, ref, ben.id, "👍", present=True, at=AT + HOUR)
        assert not work.messages.react(1, ref, ben.id, "👍", present=True, at=AT + HOUR)
        assert work.messages.react(1, ref, ann.id, "👍", present=True, at=AT + HOUR)
        assert work.messages.react(1, ref, ann.id, "🎉", present=True, at=AT + HOUR)
        assert work.messages.react(1, ref, ann.id, "🎉", present=False, at=AT + 2 * HOUR)
        assert not work.messages.react(1, ref, ann.id, "🎉", present=True, at=AT + HOUR)
        assert work.messages.react_count(1, ref, "👍", 3)
        assert not work.messages.react_count(1, ref, "👍", 3)
        (message,) = work.messages.page(room.id, viewer_id=ben.id)
        assert message.reactions == (Reaction("👍", 5, mine=True),)
        assert not work.messages.react(1, MessageRef(room.ref, "9"), ben.id, "👍", present=True, at=AT)

    def test_cleared_reactions_are_gone_with_those_known_by_number_but_not_later_ones(self, work: UnitOfWork) -> None:
        ann, ben, room = self.person(work, "ann"), self.person(work, "ben"), self.room(work)
        root = self.say(work, room, ann, "1")
        post, _ = self.suggest(work, root)
        for who, emoji, hours in ((ann, "👍", 0), (ben, "👍", 2), (ben, "🎉", 0)):
            work.messages.react(1, root.ref, who.id, emoji, present=True, at=AT + hours * HOUR)
        work.messages.react_count(1, root.ref, "👍", 4)
        known = work.messages.reacted_by([root.id, 99], "web")
        assert known == {root.id: {"👍": frozenset({"ann", "ben"}), "🎉": frozenset({"ben"})}}
        assert work.messages.reacted_by([root.id], "elsewhere") == {}
        assert work.messages.clear_reactions(1, root.ref, AT + HOUR, emoji="👍") == [(ann.id, "👍")]
        (message,) = work.messages.page(room.id)
        assert message.reactions == (Reaction("🎉", 1), Reaction("👍", 1))
        assert work.posts.get([post.id])[post.id].reactions == 2
        assert set(work.messages.clear_reactions(1, root.ref, AT + 3 * HOUR)) == {(ben.id, "👍"), (ben.id, "🎉")}
        assert work.messages.page(room.id)[0].reactions == ()
        assert work.messages.clear_reactions(1, root.ref, AT + 3 * HOUR) == []

    def test_votes_are_those_counted_last(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        asked = self.say(work, room, ann, "1", poll=Poll("Which?", (("A", 0), ("B", 0))))
        plain = self.say(work, room, ann, "2")
        assert work.messages.count_votes(1, asked.ref, (2, 1))
        assert not work.messages.count_votes(1, asked.ref, (2, 1))
        assert not work.messages.count_votes(1, asked.ref, (2, 1, 3))
        assert not work.messages.count_votes(1, plain.ref, (1,))
        stored = work.messages.get(asked.id)
        assert stored is not None
        assert stored.poll == Poll("Which?", (("A", 2), ("B", 1)))

    def test_a_poll_is_counted_wherever_it_is_shown(self, work: UnitOfWork) -> None:
        ann, room, other = self.person(work, "ann"), self.room(work), self.room(work, "other")
        poll, platform = Poll("Which?", (("A", 0), ("B", 0)), "9"), room.ref.platform
        shown = [self.say(work, where, ann, "1", poll=poll) for where in (room, other)]
        another = self.say(work, room, ann, "2", poll=Poll("Which?", (("A", 0), ("B", 0)), "10"))
        for platform_, community, poll_id in (("elsewhere", 1, "9"), (platform, 2, "9"), (platform, 1, "11")):
            assert not work.messages.count_votes(community, PollRef(platform_, poll_id), (2, 1))
        assert work.messages.count_votes(1, PollRef(platform, "9"), (2, 1))
        assert not work.messages.count_votes(1, PollRef(platform, "9"), (2, 1))
        counted = replace(poll, options=(("A", 2), ("B", 1)))
        found = [work.messages.get(message.id) for message in (*shown, another)]
        assert [m.poll for m in found if m is not None] == [counted, counted, another.poll]
        work.messages.delete(1, shown[0].ref, AT + HOUR)
        assert work.messages.count_votes(1, PollRef(platform, "9"), (3, 1))
        gone = work.messages.get(shown[0].id)
        assert gone is not None
        assert gone.poll is None

    def test_what_was_sent_is_kept_only_where_it_repeats_somebody_and_only_as_it_is_seen(
        self, work: UnitOfWork
    ) -> None:
        room = RoomRef("web", "elsewhere")
        named, other = MessageRef(room, "m1"), MessageRef(room, "m2")
        words = Outgoing((Quote((Text("secret"),), (MessageLink("ann", named),)),))
        for key, message in (("quote", words), ("plain", Outgoing((Paragraph((Text("hi"),)),)))):
            work.outbox.add(1, Sending(key, RoomRef("web", key), message, DeliveryClass.NONCE), AT)
        work.outbox.add(1, Sending("waits", room, words, DeliveryClass.NONCE, not_before=AT + HOUR), AT)
        assert [one.refs for one in work.outbox.showing(1, [named])] == [(), ()]
        for row in work.outbox.claim(["web"], at=AT, limit=9):
            work.outbox.sent(row.id, Receipt((MessageRef(row.sending.room, "b1"),)), AT)
        sent, waits = work.outbox.showing(1, [named])
        assert (sent.refs, waits.refs) == ((MessageRef(RoomRef("web", "quote"), "b1"),), ())
        assert work.outbox.showing(1, [other]) == []
        assert work.outbox.showing(1, []) == []
        work.outbox.reword(waits.id, replace(waits.sending, message=Outgoing(())))
        assert [one.id for one in work.outbox.showing(1, [named])] == [sent.id]
        edit = replace(sent.sending, key="page", edits=sent.refs[0], message=Outgoing(()))
        work.outbox.add(1, edit, AT)
        (row,) = work.outbox.claim(["web"], at=AT, limit=9)
        work.outbox.sent(row.id, Receipt(sent.refs), AT)
        assert work.outbox.showing(1, [named]) == []

    def test_words_that_were_sent_are_forgotten_in_time(self, work: UnitOfWork) -> None:
        room = RoomRef("web", "elsewhere")
        named = MessageRef(room, "m1")
        words = Outgoing((Quote((Text("secret"),), (MessageLink("ann", named),)),))
        for number in range(2):
            work.outbox.add(1, Sending(str(number), RoomRef("web", f"r{number}"), words, DeliveryClass.NONCE), AT)
        for row in work.outbox.claim(["web"], at=AT, limit=9):
            work.outbox.sent(row.id, Receipt((MessageRef(row.sending.room, "b1"),)), AT + row.id * HOUR)
        first, second = work.outbox.showing(1, [named])
        assert work.outbox.sweep(AT + 2 * HOUR) == 1
        assert [one.id for one in work.outbox.showing(1, [named])] == [second.id]
        work.outbox.forget(second.id)
        assert work.outbox.showing(1, [named]) == []
        assert first.id != second.id

    # Posts, courses, events and the items made of them

    def test_a_post_counts_what_people_said(self, work: UnitOfWork) -> None:
        ann, ben, bot = self.person(work, "ann"), self.person(work, "ben"), self.person(work, "robot", bot=True)
        room = self.room(work)
        root = self.say(work, room, ann, "1")
        post, change = self.suggest(work, root)
        assert (change, post.replies, post.participants) == ("added", 0, 1)
        assert self.suggest(work, root) == (post, "unchanged")
        answer = self.say(work, room, ben, "2", reply_to="1", hours=1)
        self.say(work, room, bot, "3", reply_to="1", hours=2)
        work.messages.react(1, answer.ref, ann.id, "👍", present=True, at=AT)
        counted = work.posts.get([post.id])[post.id]
        assert (counted.replies, counted.participants, counted.reactions) == (1, 2, 1)
        assert counted.last_at == AT + HOUR
        assert work.posts.participants(post.id) == [ann.id, ben.id]
        assert work.items.get(1, [post.item])[post.item].replies == 1
        work.messages.delete(1, answer.ref, AT + HOUR)
        recounted = work.posts.get([post.id])[post.id]
        assert (recounted.replies, recounted.participants) == (0, 1)
        assert work.posts.all(1, since=AT) == [recounted]
        assert work.posts.all(1, since=AT + HOUR) == []
        with pytest.raises(ValueError, match="answer"):
            self.suggest(work, self.say(work, room, ben, "4", reply_to="1"))

    def test_a_withdrawn_post_is_gone_and_its_number_is_not_used_again(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        root = self.say(work, room, ann, "1")
        post, _ = self.suggest(work, root)
        assert work.posts.withdraw(root.id)
        assert not work.posts.withdraw(root.id)
        assert self.items(work) == []
        assert self.suggest(work, root)[0].id > post.id

    def test_a_room_that_is_not_indexed_suggests_nothing(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        post, _ = self.suggest(work, self.say(work, room, ann, "1"))
        self.embed(work)
        work.rooms.configure(room.id, indexed=False)
        assert self.items(work) == []
        assert work.stats(1)["vectors"] == 0
        last = work.items.changed(1, "e", after=0, limit=9)[-1]
        assert (last.item, last.ranked, last.vector) == (post.item, None, None)
        work.rooms.configure(room.id, indexed=True)
        assert self.items(work) == [post.item]

    def test_courses_say_what_changed(self, work: UnitOfWork) -> None:
        assert work.courses.upsert(1, COURSE) == "added"
        assert work.courses.upsert(1, COURSE) == "unchanged"
        cheaper = replace(COURSE, price=79.0)
        other = Course("b", "B")
        assert work.courses.upsert_many(1, [cheaper, other, other]) == ["updated", "added", "unchanged"]
        assert work.courses.get(1, ["async-rust", "none"]) == {"async-rust": cheaper}
        assert work.courses.all(1) == [cheaper, other]
        assert work.courses.all(2) == []
        ranked = work.items.get(1, [COURSE.item])[COURSE.item]
        assert (ranked.level, ranked.hours, ranked.price, ranked.tags) == (1, 6.0, 79.0, ("rust", "async"))
        assert ranked.created_at == datetime(2024, 5, 1, tzinfo=UTC).timestamp()
        assert work.courses.remove(1, "b")
        assert not work.courses.remove(1, "b")
        assert self.items(work) == ["course:async-rust"]

    def test_events_say_what_changed(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        event = Event(
            "live", "Live coding", AT, "A chat server.", 90, "Asia/Shanghai", "#stage", ann.id, "ann", 20, 3, ("rust",)
        )
        assert work.events.upsert(1, event) == "added"
        assert work.events.upsert(1, event) == "unchanged"
        moved = replace(event, starts_at=AT + HOUR)
        assert work.events.upsert(1, moved) == "updated"
        assert work.events.get(1, ["live"]) == {"live": moved}
        assert work.events.all(1, since=AT + HOUR) == [moved]
        assert work.events.all(1, since=AT + 2 * HOUR) == []
        assert work.items.get(1, [event.item])[event.item].starts_at == (AT + HOUR).timestamp()

    def test_what_has_no_vector_is_pending_until_it_has_one(self, work: UnitOfWork) -> None:
        work.courses.upsert_many(1, [COURSE, Course("b", "B")])
        first, second = work.items.pending(1, "e", limit=9)
        assert work.items.pending_count(1, "e") == 2
        vector = np.array([0.6, 0.8], dtype=np.float32)
        assert work.items.embedded("e", [(first, vector)]) == 1
        assert work.items.pending(1, "e", limit=9) == [second]
        assert work.items.pending_count(1, "other") == 2
        assert work.items.pending(1, "e", limit=9, kinds=frozenset({"course"})) == [second]
        assert work.items.pending(1, "e", limit=9, kinds=frozenset({"event"})) == []
        assert work.items.pending_count(1, "other", kinds=frozenset({"event"})) == 0
        found = work.items.vectors("e", [first.row, second.row])
        assert list(found) == [first.row]
        assert np.array_equal(found[first.row], vector)
        assert work.items.vectors("other", [first.row]) == {}
        work.courses.upsert(1, replace(COURSE, summary="New."))
        assert work.items.vectors("e", [first.row]) == {}
        stale = ToEmbed(second.row, second.item, second.text, "another hash")
        assert work.items.embedded("e", [(first, vector), (stale, vector)]) == 0
        assert work.items.pending_count(1, "e") == 2

    def test_changes_come_in_order_with_their_vectors(self, work: UnitOfWork) -> None:
        work.courses.upsert_many(1, [COURSE, Course("b", "B")])
        (todo, _) = work.items.pending(1, "e", limit=9)
        vector = np.array([0.6, 0.8], dtype=np.float32)
        work.items.embedded("e", [(todo, vector)])
        changes = work.items.changed(1, "e", after=0, limit=9)
        assert [change.item for change in changes] == ["course:b", "course:async-rust"]
        assert changes[0].vector is None
        assert changes[1].vector is not None
        assert np.array_equal(changes[1].vector, vector)
        assert changes[1].revision == work.items.revision(1) == 3
        assert [c.item for c in work.items.changed(1, "e", after=0, limit=1)] == ["course:b"]
        assert work.items.changed(1, "e", after=3, limit=9) == []
        assert [c.revision for c in work.items.changed(1, "e", after=0, until=2, limit=9)] == [2]
        assert all(c.vector is None for c in work.items.changed(1, "e", after=0, limit=9, vectors=False))
        work.courses.remove(1, COURSE.id)
        (last,) = work.items.changed(1, "e", after=3, limit=9)
        assert (last.row, last.ranked, last.vector) == (todo.row, None, None)

    def test_only_vectors_of_one_encoder_are_kept(self, work: UnitOfWork) -> None:
        work.courses.upsert(1, COURSE)
        for encoder in ("old", "new"):
            self.embed(work, encoder)
        assert work.items.forget_vectors(1, keep="new") == 1
        assert (work.items.pending_count(1, "old"), work.items.pending_count(1, "new")) == (1, 0)

    # What members do

    def test_marks_move_with_whatever_lists_rest_on(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        seen = [work.communities.marks(1)]
        work.courses.upsert(1, COURSE)
        seen.append(work.communities.marks(1))
        assert (seen[-1].revision, seen[-1].sequence) > (seen[-2].revision, seen[-2].sequence)
        saved = Interaction(ann.id, ItemId("course:a"), Signal.SAVE, AT, "k1")
        for step in (
            lambda: work.interactions.add(1, saved),
            lambda: work.interactions.withdraw(1, "k1"),
            lambda: work.members.update(replace(ann, consent=Consent(frozenset()))),
            lambda: work.courses.remove(1, COURSE.id),
        ):
            step()
            seen.append(work.communities.marks(1))
        assert len(set(seen)) == len(seen)
        assert work.communities.marks(1) == seen[-1]
        assert work.communities.marks(99) == type(seen[0])()

    def test_an_interaction_counts_once_and_is_undone_without_trace(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        saved = Interaction(ann.id, ItemId("course:a"), Signal.SAVE, AT, "k1", 1.0, "because")
        assert work.interactions.add(1, saved)
        assert not work.interactions.add(1, saved)
        more = [replace(saved, key=key, at=AT + HOUR) for key in ("k1", "k2", "k2", "k3")]
        assert work.interactions.add_many(1, more) == 2
        assert [one.key for one in work.interactions.of_member(ann.id, limit=2)] == ["k2", "k3"]
        log = work.interactions.after(1, 0, limit=9)
        assert [one.key for _, one in log] == ["k1", "k2", "k3"]
        assert log[0][1] == saved
        assert work.interactions.withdraw(1, "k1")
        assert not work.interactions.withdraw(1, "k1")
        ((sequence, undone),) = work.interactions.withdrawn_after(1, log[-1][0])
        assert undone == saved
        assert work.interactions.withdrawn_after(1, sequence) == []
        assert work.interactions.count(1) == 2
        assert work.interactions.add(1, saved)
        assert work.interactions.after(1, sequence, limit=9)[0][1] == saved
        with pytest.raises(NotFound):
            work.interactions.add(1, replace(saved, member_id=99, key="new"))

    @pytest.mark.parametrize("signal", Signal)
    def test_no_signal_without_its_consent(self, work: UnitOfWork, signal: Signal) -> None:
        ann, bot = self.person(work, "ann"), self.person(work, "robot", bot=True)
        one = Interaction(ann.id, ItemId("course:a"), signal, AT, "k")
        work.members.update(replace(ann, consent=Consent(frozenset())))
        assert work.interactions.add(1, one) is (signal.consent is None)
        everything = Consent(frozenset(ConsentKind))
        work.members.update(replace(ann, consent=everything))
        assert work.interactions.add(1, replace(one, key="k2"))
        work.members.update(replace(bot, consent=everything))
        assert not work.interactions.add(1, replace(one, member_id=bot.id, key="k3"))

    def test_consent_taken_back_counts_for_what_was_stored(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        for signal in (Signal.SAVE, Signal.ENROL):
            assert work.interactions.add(1, Interaction(ann.id, ItemId("course:a"), signal, AT, signal.value))
        work.members.update(replace(ann, consent=Consent(frozenset())))
        assert [one.signal for one in work.interactions.of_member(ann.id)] == [Signal.SAVE]
        assert [one.signal for _, one in work.interactions.after(1, 0, limit=9)] == [Signal.SAVE]

    def test_training_uses_only_public_explicit_consented_actions(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        staff = self.room(work, "staff", private=True)
        work.rooms.configure(staff.id, indexed=True)
        secret, _ = self.suggest(work, self.say(work, staff, ann, "1"))
        work.courses.upsert(1, COURSE)
        for member in (ann, ben):
            for item in (COURSE.item, secret.item, ItemId("course:gone")):
                for signal in (Signal.ENROL, Signal.SAVE, Signal.CLICK):
                    key = f"{member.id}{item}{signal}"
                    work.interactions.add(1, Interaction(member.id, item, signal, AT, key))
        work.courses.upsert(1, Course("gone", "Gone"))
        work.courses.remove(1, "gone")
        work.members.update(replace(ben, consent=Consent(frozenset())))
        used = work.interactions.for_training(1, frozenset({"enrol", "save"}))
        rows = zip(used.users.tolist(), used.items.tolist(), used.signals.tolist(), strict=True)
        assert [(member, used.names[item], used.words[signal]) for member, item, signal in rows] == [
            (ann.id, COURSE.item, Signal.ENROL),
            (ann.id, COURSE.item, Signal.SAVE),
        ]
        assert used.at.tolist() == [AT.timestamp()] * 2
        assert used.values.tolist() == [1.0, 1.0]
        assert (np.diff(used.sequence) > 0).all()
        assert len(work.interactions.for_training(2, frozenset({"enrol"}))) == 0
        single = list(work.interactions.explicit(1, frozenset({"enrol", "save"}), since=AT))
        assert [(one.member_id, one.item, one.signal) for one in single] == [
            (ann.id, COURSE.item, Signal.ENROL),
            (ann.id, COURSE.item, Signal.SAVE),
        ]
        assert list(work.interactions.explicit(1, frozenset({"enrol", "save"}), since=AT + HOUR)) == []

    def test_what_is_newer_is_counted_at_a_glance(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        for number, signal in enumerate((Signal.ENROL, Signal.SAVE, Signal.REPLY)):
            work.interactions.add(1, Interaction(ann.id, ItemId(f"course:{number}"), signal, AT, str(number)))
        learnt = frozenset({"enrol", "save"})
        assert work.interactions.newer_for_training(1, learnt, 0) == (2, {"course:0", "course:1"})
        last = int(work.interactions.for_training(1, learnt).sequence.max())
        assert work.interactions.newer_for_training(1, learnt, last - 1) == (1, {"course:1"})
        assert work.interactions.newer_for_training(1, learnt, last) == (0, set())

    def test_only_consented_public_exposures_teach(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        work.courses.upsert(1, COURSE)
        work.courses.upsert(1, Course("gone", "Gone"))
        work.courses.remove(1, "gone")
        work.members.update(replace(ben, consent=Consent(frozenset())))
        part = ScorePart("popular", 0.2, plain=0.4)
        shown = Exposure(ann.id, COURSE.item, 1, 0.2, (part,), "main", "foryou", AT, "t1")
        others = [
            replace(shown, key="t2", at=AT + HOUR),
            replace(shown, key="t3", member_id=ben.id),
            replace(shown, key="t4", member_id=None),
            replace(shown, key="t5", item=ItemId("course:gone")),
            replace(shown, key="t6", at=AT - HOUR),
        ]
        work.exposures.add(1, [shown, *others])
        taught = list(work.exposures.for_training(1, since=AT, limit=10))
        assert [one.key for one in taught] == ["t1", "t2"]
        assert taught[0] == shown
        assert [one.key for one in work.exposures.for_training(1, since=AT, limit=1)] == ["t2"]
        assert list(work.exposures.for_training(2, since=AT, limit=10)) == []

    def test_a_member_has_one_calendar_address_at_a_time(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        first = CalendarFeed(ann.id, "a" * 16, "hash", AT)
        work.calendars.put(1, first)
        work.calendars.put(1, CalendarFeed(ben.id, "b" * 16, "hash", AT))
        assert work.calendars.by_selector(1, "a" * 16) == work.calendars.of_member(ann.id) == first
        assert work.calendars.by_selector(2, "a" * 16) is None
        second = CalendarFeed(ann.id, "c" * 16, "other", AT + HOUR, maybe=False, alarm=0)
        work.calendars.put(1, second)
        assert work.calendars.by_selector(1, "a" * 16) is None
        assert work.calendars.of_member(ann.id) == second
        assert work.calendars.end(ann.id)
        assert not work.calendars.end(ann.id)
        assert work.calendars.of_member(ann.id) is None
        assert work.calendars.of_member(ben.id) is not None

    def test_the_latest_choice_about_somebody_counts(self, work: UnitOfWork) -> None:
        ann, bob, eve = (self.person(work, name) for name in ("ann", "bob", "eve"))
        hello = Introduction(ann.id, bob.id, Outcome.HELLO, AT)
        assert work.introductions.put(1, hello)
        assert not work.introductions.put(1, hello)
        declined = Introduction(ann.id, bob.id, Outcome.DECLINED, AT)
        assert work.introductions.put(1, declined)
        theirs = Introduction(eve.id, ann.id, Outcome.HELLO, AT)
        work.introductions.put(1, theirs)
        work.introductions.put(1, Introduction(bob.id, eve.id, Outcome.HELLO, AT))
        assert work.introductions.about(ann.id) == [declined, theirs]
        assert work.introductions.withdraw(ann.id, bob.id)
        assert not work.introductions.withdraw(ann.id, bob.id)
        assert work.introductions.about(ann.id) == [theirs]

    def test_rules_end_and_are_replaced(self, work: UnitOfWork) -> None:
        pin = Rule(RuleAction.PIN, COURSE.item, "exam week", "member:1", AT)
        ban = replace(pin, action=RuleAction.BAN, scope="kind:course", until=AT + HOUR)
        work.rules.put(1, pin)
        work.rules.put(1, ban)
        assert work.rules.active(1, AT) == [ban, pin]
        assert work.rules.active(1, AT + HOUR) == [pin]
        assert work.rules.active(2, AT) == []
        again = replace(pin, reason="still", made_at=AT + HOUR)
        work.rules.put(1, again)
        assert work.rules.active(1, AT) == [again, ban]
        assert work.rules.end(1, RuleAction.PIN, COURSE.item, None, AT) == 1
        assert work.rules.end(1, RuleAction.PIN, COURSE.item, None, AT) == 0
        assert work.rules.end(1, RuleAction.BAN, COURSE.item, "community", AT) == 0
        assert work.rules.active(1, AT) == [ban]

    def test_traffic_counts_places_people_and_presses(self, work: UnitOfWork) -> None:
        ann, ben = self.person(work, "ann"), self.person(work, "ben")
        slate = ((ItemId("course:a"), 0.25, 0.75), (ItemId("course:b"), 0.5, 0.25))
        drawn = Exposure(ann.id, ItemId("course:a"), 5, 0.25, (), "explore", "foryou", AT, "x1", 0.75, slate)
        work.exposures.add(1, [drawn, replace(drawn, key="x2", policy="main", slate=(), at=AT + HOUR)])
        work.exposures.add(1, [replace(drawn, key="x3", member_id=ben.id, at=AT + HOUR)])
        work.exposures.add(1, [replace(drawn, key="x4", member_id=None), replace(drawn, key="x5", at=AT - HOUR)])
        assert work.exposures.get(1, "x1") == drawn
        assert work.exposures.traffic(1, since=AT, today=AT + HOUR) == ({"course:a": (3, 2, 2)}, 2)
        assert work.exposures.traffic(2, since=AT, today=AT) == ({}, 0)
        assert [one.key for one in work.exposures.all(1, since=AT)] == ["x1", "x4", "x2", "x3"]
        saved = Interaction(ann.id, ItemId("course:a"), Signal.SAVE, AT, "press:x1:save")
        work.interactions.add_many(1, [saved, replace(saved, key="elsewhere")])
        assert work.interactions.pressed(1, frozenset({"save"}), since=AT) == {"course:a": 1}
        assert work.interactions.pressed(1, frozenset({"enrol"}), since=AT) == {}

    def test_exposures_are_kept_as_shown(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        rule = ScorePart("collaborative", 0.1, (ItemId("course:b"),), 37, "rule", of=60, times=3.1)
        parts = (ScorePart("popular", 0.25, (ItemId("course:b"),), 3, "11 people"), rule, ScorePart("fresh", 0.5))
        shown = Exposure(ann.id, ItemId("course:a"), 1, 0.75, parts, "main", "foryou", AT, "e1", 0.5)
        work.exposures.add(1, [shown, replace(shown, key="e2", member_id=None)])
        work.exposures.add(1, [shown])
        assert work.exposures.get(1, "e1") == shown
        assert work.exposures.get(2, "e1") is None
        assert work.exposures.shown(ann.id, since=AT) == {"course:a": 1}
        assert work.exposures.shown(ann.id, since=AT + HOUR) == {}
        work.exposures.place(1, ["e1", "e2"], MessageRef(RoomRef("web", "r"), "5"))

    def test_buttons_and_forms_survive(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        row = ButtonRow("abc", "enrol", {"item": "course:a", "n": [1, 2]}, ann.id, AT, AT + HOUR)
        work.buttons.add(1, [row, replace(row, code="without end", expires_at=None, created_at=AT + 3 * HOUR)])
        assert work.buttons.get(1, "abc") == row
        assert work.buttons.get(2, "abc") is None
        assert work.buttons.sweep(AT + 2 * HOUR) == 1
        assert work.buttons.get(1, "abc") is None
        assert work.buttons.get(1, "without end") is not None
        work.conversations.put(ann.id, "onboarding", {"step": 1}, AT)
        work.conversations.put(ann.id, "onboarding", {"step": 2, "topics": ["rust"]}, AT)
        assert work.conversations.get(ann.id, "onboarding") == {"step": 2, "topics": ["rust"]}
        work.conversations.end(ann.id, "onboarding")
        assert work.conversations.get(ann.id, "onboarding") is None
        work.conversations.put(ann.id, "view:old", {}, AT)
        work.conversations.put(ann.id, "view:new", {}, AT + HOUR)
        assert work.conversations.sweep(AT + HOUR) == 1
        assert work.conversations.get(ann.id, "view:new") == {}

    # Schedules, inbox, outbox

    def test_a_digest_keeps_its_schedule_in_step(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        assert work.digests.get(ann.id) == DigestSettings(ann.id)
        wanted = DigestSettings(
            ann.id, True, Frequency.DAILY, 2, 7, 30, 3, "zh", "web", frozenset({Section.HELP}), 21, 6, True,
            date(2027, 2, 1), "n", 1, "de",
        )  # fmt: skip
        work.digests.put(1, wanted)
        assert work.digests.get(ann.id) == wanted
        (schedule,) = work.schedules.all(1, Job.DIGEST)
        assert (schedule.recipient, schedule.at, schedule.enabled) == (f"member:{ann.id}", time(7, 30), True)
        assert (schedule.frequency, schedule.weekday, schedule.paused_until) == (Frequency.DAILY, 2, date(2027, 2, 1))
        work.members.update(replace(ann, timezone="Asia/Shanghai"))
        assert work.schedules.all(1)[0].timezone == "Asia/Shanghai"
        work.digests.put(1, replace(wanted, frequency=Frequency.OFF))
        assert not work.schedules.all(1)[0].enabled

    def test_an_update_is_taken_in_once(self, work: UnitOfWork) -> None:
        assert work.inbox.put(1, "web", [("1", "{}"), ("2", "{}"), ("1", "[]")], AT) == 2
        assert work.inbox.put(1, "web", [("2", "{}"), ("3", "{}")], AT) == 1
        assert work.inbox.put(1, "telegram", [("1", "{}")], AT) == 1
        first, second, *_ = work.inbox.pending(limit=9)
        assert (first.native_id, first.raw, first.attempts) == ("1", "{}", 0)
        assert work.inbox.finish(first.id)
        assert not work.inbox.finish(first.id)
        assert work.inbox.finish_all([first.id, 10**9]) == set()
        assert (work.inbox.retry(second.id, "boom"), work.inbox.retry(second.id, "boom")) == (1, 2)
        work.inbox.park(second.id, "bad JSON")
        assert not work.inbox.finish(second.id)
        assert work.inbox.counts() == {"done": 1, "parked": 1, "pending": 2}
        third, fourth = work.inbox.pending(limit=9)
        assert work.inbox.pending_of(1, "web", ["1", "2", "3", "9"]) == [third]
        assert work.inbox.pending_of(1, "telegram", ["1"]) == [fourth]
        assert work.inbox.pending_of(2, "web", ["3"]) == []
        assert work.inbox.finish_all([third.id, second.id, first.id]) == {third.id}
        assert [row.id for row in work.inbox.pending(limit=9)] == [fourth.id]
        assert work.inbox.sweep(AT + HOUR) == 3  # what is done, and what was parked
        assert work.inbox.sweep(AT + HOUR) == 0
        assert work.inbox.put(1, "web", [("1", "{}")], AT) == 0

    def test_a_cause_is_queued_once_and_its_receipt_is_kept(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), RoomRef("web", "r", "7")
        words = Outgoing((Paragraph((Text("hello"),)),))
        work.exposures.add(1, [Exposure(ann.id, ItemId("course:a"), 1, 1.0, (), "main", "digest", AT, "e1")])
        sending = Sending("k", room, words, DeliveryClass.NONCE, items=("course:a",), exposures=("e1",))
        assert work.outbox.add(1, sending, AT)
        assert not work.outbox.add(1, sending, AT)
        (row,) = work.outbox.claim(["web"], at=AT, limit=9)
        assert (row.sending, row.attempts, row.created_at) == (sending, 0, AT)
        refs = (MessageRef(room, "1"), MessageRef(room, "2"))
        work.outbox.sent(row.id, Receipt(refs), AT)
        work.outbox.sent(row.id, Receipt(refs), AT)
        assert work.outbox.receipts(1, "k") == refs
        edit = replace(sending, key="edit", edits=refs[0], exposures=())
        work.outbox.add(1, edit, AT)
        (row,) = work.outbox.claim(["web"], at=AT, limit=9)
        work.outbox.sent(row.id, Receipt(refs[:1]), AT)
        assert work.outbox.receipts(1, "edit") == refs[:1]
        assert work.outbox.receipts(1, "k") == refs
        assert not work.outbox.add(1, sending, AT)

    def test_staff_and_demand_are_written_down(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        rows = [AuditRow(AT + hours * HOUR, "member:1", "configure", "room:1", "spam") for hours in range(3)]
        for row in rows:
            work.audit.add(1, row)
        assert work.audit.all(1, limit=2) == [rows[2], rows[1]]
        work.demand.add(1, ann.id, "search", "async rust", 0.2, AT)
        work.demand.add(1, None, "ask", "lifetimes", 0.9, AT)
        work.demand.add(1, None, "ask", "生命周期", 0.1, AT + HOUR)
        assert work.demand.all(1, since=AT, below=0.5) == [
            ("search", "async rust", 0.2, AT), ("ask", "生命周期", 0.1, AT + HOUR),
        ]  # fmt: skip

    def test_proposals_are_replaced_and_decisions_stay(self, work: UnitOfWork) -> None:
        work.courses.upsert(self.community, COURSE)
        first = Prerequisite("async-rust", "threads", "sequence", 0.8, 31, 40)
        second = Prerequisite("async-rust", "closures", "asked", 0.6, note="closures")
        assert work.prerequisites.propose(self.community, [first, second], AT) == 2
        numbers = {p.needs: p.id for p in work.prerequisites.all(self.community)}
        assert [p.needs for p in work.prerequisites.all(self.community)] == ["threads", "closures"]
        decided = work.prerequisites.decide(
            self.community, numbers["threads"], Decision.CONFIRMED, by="member:1", at=AT + HOUR
        )
        assert decided is not None
        assert (decided.state, decided.decided_by, decided.decided_at) == (Decision.CONFIRMED, "member:1", AT + HOUR)
        assert work.items.get(self.community, [COURSE.item])[COURSE.item].prerequisites == (
            "course:ownership", "course:threads",
        )  # fmt: skip
        # A later look has other thoughts: what was decided on stays as it is, what was only proposed follows.
        third = Prerequisite("async-rust", "closures", "sequence", 0.7, 12, 13)
        later = [replace(first, confidence=0.1), third]
        assert work.prerequisites.propose(self.community, later, AT + HOUR) == 0
        now = {p.needs: p for p in work.prerequisites.all(self.community)}
        assert (now["threads"].confidence, now["threads"].state) == (0.8, Decision.CONFIRMED)
        assert (now["closures"].id, now["closures"].count) == (numbers["closures"], 12)
        assert work.prerequisites.propose(self.community, [], AT + HOUR) == 0
        assert work.prerequisites.get(self.community, numbers["closures"]) is None
        assert work.prerequisites.decide(self.community, 999, Decision.REFUSED, by="x", at=AT) is None
        refused = work.prerequisites.decide(self.community, numbers["threads"], Decision.REFUSED, by="x", at=AT)
        assert refused is not None
        assert work.items.get(self.community, [COURSE.item])[COURSE.item].prerequisites == ("course:ownership",)
        assert work.courses.remove(self.community, "async-rust")
        assert work.prerequisites.all(self.community) == []

    def test_quality_reaches_the_item_and_leaves_with_the_course(self, work: UnitOfWork) -> None:
        ann = self.person(work, "ann")
        work.courses.upsert(self.community, COURSE)
        good = CourseQuality("async-rust", 0.731, 0.6, 0.8, {"ratings": 0.231}, (4.2, 3.9, 4.5), 7, 3, 9)
        assert work.qualities.put(self.community, [good, replace(good, course="gone")], AT) == 1
        assert work.qualities.get(self.community) == {"async-rust": good}
        assert work.items.get(self.community, [COURSE.item])[COURSE.item].quality == 0.73
        # What nobody would notice is kept, yet leaves the item alone.
        before = work.items.revision(self.community)
        nearly = replace(good, value=0.732, ratings=8)
        assert work.qualities.put(self.community, [nearly], AT) == 0
        assert work.qualities.get(self.community, ["async-rust"]) == {"async-rust": nearly}
        assert work.items.revision(self.community) == before
        mark = Mark(ann.id, "async-rust", 4, "clear", AT)
        assert work.qualities.put_mark(self.community, mark)
        assert not work.qualities.put_mark(self.community, replace(mark, at=AT + HOUR))
        assert work.qualities.put_mark(self.community, replace(mark, stars=5))
        assert work.qualities.marks(self.community, ["async-rust"]) == [replace(mark, stars=5)]
        assert work.qualities.forget(self.community, ["async-rust"]) == 1
        assert work.items.get(self.community, [COURSE.item])[COURSE.item].quality is None
        assert work.courses.remove(self.community, "async-rust")
        assert work.qualities.marks(self.community) == []

    def test_evidence_of_quality_is_what_people_allow(self, work: UnitOfWork) -> None:
        ann, bot = self.person(work, "ann"), self.person(work, "bot", bot=True)
        said = [
            Interaction(ann.id, COURSE.item, Signal.ENROL, AT - 2 * HOUR, "a"),
            Interaction(ann.id, COURSE.item, Signal.RATE, AT, "b", 4.0),
            Interaction(ann.id, COURSE.item, Signal.DISMISS, AT, "c", reason="hard"),
            Interaction(ann.id, COURSE.item, Signal.CLICK, AT - 9 * HOUR, "d"),
            Interaction(ann.id, ItemId("post:1"), Signal.DISMISS, AT, "e"),
            Interaction(bot.id, COURSE.item, Signal.RATE, AT, "f", 1.0),
        ]
        work.interactions.add_many(self.community, said)
        found = work.qualities.evidence(self.community, ["async-rust"])
        assert [(act.signal, act.value, act.reason) for act in found] == [
            ("enrol", 1.0, ""), ("rate", 4.0, ""), ("dismiss", 1.0, "hard"),
        ]  # fmt: skip
        assert {act.since for act in found} == {AT - 9 * HOUR}
        assert work.qualities.evidence(self.community) == found
        assert work.qualities.evidence(self.community, ["other"]) == []
        work.members.update(replace(ann, consent=Consent(frozenset())))
        assert [act.signal for act in work.qualities.evidence(self.community)] == ["dismiss"]

    def test_communities_do_not_see_each_other(self, work: UnitOfWork) -> None:
        other = work.communities.add("Pythonistas", language="en", timezone="UTC", sample=False).id
        ann, room = self.person(work, "ann"), self.room(work)
        ref = self.say(work, room, ann, "1").ref
        work.courses.upsert(1, COURSE)
        work.interactions.add(1, Interaction(ann.id, COURSE.item, Signal.SAVE, AT, "k"))
        assert set(work.stats(other).values()) == {0}
        assert work.messages.by_ref(other, ref) is None
        assert work.messages.delete(other, ref, AT) is None
        assert work.items.get(other, [COURSE.item]) == {}
        assert work.items.revision(other) == 0
        assert work.interactions.after(other, 0, limit=9) == []
        assert not work.interactions.withdraw(other, "k")
        with pytest.raises(NotFound):
            work.interactions.add(other, Interaction(ann.id, COURSE.item, Signal.SAVE, AT, "k"))
        assert work.courses.upsert(other, COURSE) == "added"
        assert work.stats(1)["courses"] == 1

    @pytest.mark.parametrize("text", ["half \ud83d of a pair", "nul \0 inside"])
    def test_what_cannot_be_kept_is_refused_clearly(self, work: UnitOfWork, text: str) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        with pytest.raises(BadInput):
            self.say(work, room, ann, "1", text)
        with pytest.raises(BadInput):
            work.conversations.put(ann.id, "form", {"deep": [{"er": text}]}, AT)
        with pytest.raises(BadInput):
            work.courses.upsert(1, replace(COURSE, tags=(text,)))
        with pytest.raises(BadInput):
            work.inbox.put(1, "web", [("9", "x"), ("10", text)], AT)

    def test_a_number_that_is_too_large_is_refused_clearly(self, work: UnitOfWork) -> None:
        ann, room = self.person(work, "ann"), self.room(work)
        ref = self.say(work, room, ann, "1").ref
        with pytest.raises(BadInput, match="too large"):
            work.messages.react_count(1, ref, "👍", 2**63)

    def items(self, uow: UnitOfWork) -> list[str]:
        changes = uow.items.changed(1, "e", after=0, limit=99)
        return [change.item for change in changes if change.ranked is not None]

    def embed(self, uow: UnitOfWork, encoder: str = "e") -> None:
        todo = uow.items.pending(1, encoder, limit=99)
        uow.items.embedded(encoder, [(one, np.array([1.0, 0.0], dtype=np.float32)) for one in todo])
