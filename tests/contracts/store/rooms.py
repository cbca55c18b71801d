"""What any store keeps of rooms, and who may read them."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incoming import Place, RoomKind
from bot.domain.permissions import PUBLIC, member_audience, room_audience, visible
from bot.domain.refs import RoomRef
from bot.ports import UnitOfWork
from tests.contracts.store.base import AT, HOUR, StoreCase


class Rooms(StoreCase):
    def test_a_room_is_locked_and_opened_again_and_stays_what_it_is(self, work: UnitOfWork) -> None:
        room = work.rooms.ensure(1, Place(RoomRef("web", "general"), "general"))
        assert not room.locked
        work.rooms.lock(room.id, locked=True)
        assert work.rooms.get(room.id) == replace(room, locked=True)
        assert work.rooms.ensure(1, Place(RoomRef("web", "general"), "hall")).locked
        work.rooms.lock(room.id, locked=False)
        assert work.rooms.get(room.id) == replace(room, name="hall")

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
