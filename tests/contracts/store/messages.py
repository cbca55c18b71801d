"""What any store keeps of messages, reactions and votes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.incoming import Attachment, Poll
from bot.domain.outgoing import DeliveryClass, MessageLink, Outgoing, Paragraph, Quote, Receipt, Sending, Text
from bot.domain.refs import MessageRef, PollRef, RoomRef
from bot.domain.rooms import Reaction
from bot.ports import UnitOfWork
from tests.contracts.store.base import AT, HOUR, StoreCase


class Messages(StoreCase):
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

    def test_answers_are_accepted_when_somebody_else_marks_them_and_as_long_as_they_do(self, work: UnitOfWork) -> None:
        ann, ben, room = self.person(work, "ann"), self.person(work, "ben"), self.room(work)
        root = self.say(work, room, ann, "1")
        answer, later, gone = (self.say(work, room, ben, native, reply_to="1") for native in ("2", "3", "4"))
        check = {"✅", "☑️"}

        def accepted(since: datetime = AT - HOUR) -> dict[int, list[datetime]]:
            found = work.messages.marked([ann.id, ben.id], check, since=since)
            return {member: sorted(moments) for member, moments in found.items()}

        # An opening is no answer, one's own mark no acceptance, a thumb no mark.
        work.messages.react(1, root.ref, ben.id, "✅", present=True, at=AT)
        work.messages.react(1, answer.ref, ben.id, "✅", present=True, at=AT)
        work.messages.react(1, answer.ref, ann.id, "👍", present=True, at=AT)
        assert accepted() == {}
        work.messages.react(1, answer.ref, ann.id, "☑️", present=True, at=AT + 2 * HOUR)
        work.messages.react(1, answer.ref, ann.id, "✅", present=True, at=AT + HOUR)
        work.messages.react(1, gone.ref, ann.id, "✅", present=True, at=AT + HOUR)
        work.messages.react(1, later.ref, ann.id, "✅", present=True, at=AT + 3 * HOUR)
        work.messages.delete(1, gone.ref, AT + 2 * HOUR)
        assert accepted() == {ben.id: [AT + HOUR, AT + 3 * HOUR]}
        assert accepted(AT + HOUR) == {ben.id: [AT + 3 * HOUR]}
        work.messages.react(1, later.ref, ann.id, "✅", present=False, at=AT + 4 * HOUR)
        assert accepted(AT + HOUR) == {}
        assert work.messages.marked([ann.id], check, since=AT) == {}

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
