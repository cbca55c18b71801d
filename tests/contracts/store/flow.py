"""What any store keeps of schedules, inbox and outbox, and how it answers what it cannot keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from bot.domain.consent import Consent
from bot.domain.digests import DigestSettings, Section
from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Receipt, Sending, Text
from bot.domain.paths import Decision, Prerequisite
from bot.domain.quality import CourseQuality, Mark
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.schedules import Frequency, Job
from bot.errors import BadInput, NotFound
from bot.ports import AuditRow, UnitOfWork
from tests.contracts.store.base import AT, COURSE, HOUR, StoreCase


class Flow(StoreCase):
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
