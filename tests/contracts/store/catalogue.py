"""What any store keeps of posts, courses, events and the items made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bot.domain.items import Course, Event
from bot.ports import ToEmbed, UnitOfWork
from tests.contracts.store.base import AT, COURSE, HOUR, StoreCase


class Catalogue(StoreCase):
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
