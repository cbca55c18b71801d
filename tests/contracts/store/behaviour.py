"""What any store keeps of what members do, and what of it may teach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.domain.calendar import CalendarFeed
from bot.domain.consent import Consent, ConsentKind
from bot.domain.interactions import Exposure, Interaction, ScorePart, Signal
from bot.domain.introductions import Introduction, Outcome
from bot.domain.items import Course, ItemId
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.rules import Rule, RuleAction
from bot.errors import NotFound
from bot.ports import ButtonRow, UnitOfWork
from tests.contracts.store.base import AT, COURSE, HOUR, StoreCase


class Behaviour(StoreCase):
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
