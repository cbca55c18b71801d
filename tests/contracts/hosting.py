"""What the application relies on from a store of hosted events. Subclasses give `work` as `StoreContract` does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.admission import Admission, AdmissionKind
from bot.domain.events import EventState, HostedEvent, Moment, MomentKind, PlaceKind, Venue
from bot.domain.guests import Guest, Standing
from bot.domain.incoming import Place, RoomKind, Sender
from bot.domain.items import Event
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Member
from bot.domain.refs import AccountRef, RoomRef
from bot.domain.rooms import Room
from bot.domain.setup import RefusalCause
from bot.domain.threads import ThreadState
from bot.ports import CardRow, MirrorRow, ThreadRow, UnitOfWork

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def person(uow: UnitOfWork, name: str) -> Member:
    return uow.members.resolve(1, Sender(AccountRef("web", name), name), AT)


def general(uow: UnitOfWork) -> Room:
    return uow.rooms.ensure(1, Place(RoomRef("web", "general"), "general"))


def hosted(uow: UnitOfWork, event_id: str = "live", **more: Any) -> HostedEvent:
    values = {"token": f"token-{event_id}", "timezone": "UTC", "host_id": person(uow, "host").id, "host_name": "host"}
    return uow.hosted.put(1, HostedEvent(event_id, "Live coding", AT, **(values | more)))


class HostingContract:
    def test_an_event_that_is_removed_is_suggested_to_nobody(self, work: UnitOfWork) -> None:
        event = Event("live", "Live coding", AT)
        work.events.upsert(1, event)
        assert work.events.remove(1, "live")
        assert not work.events.remove(1, "live")
        assert work.events.get(1, ["live"]) == {}
        assert work.items.get(1, [event.item]) == {}
        assert work.events.upsert(1, event) == "added"

    def test_a_hosted_event_is_kept_whole_and_found_by_all_its_names(self, work: UnitOfWork) -> None:
        whole = hosted(
            work,
            description="words",
            venue=Venue(PlaceKind.LINK, "https://example.org"),
            admission=Admission(AdmissionKind.LEVEL, "beginner"),
            reminders=(60,),
            rooms=(general(work).id,),
            longest_offer=2 * HOUR,
            publish_at=AT,
            changed_at=AT,
        )
        assert work.hosted.get(1, "live") == work.hosted.numbered(1, whole.number) == whole
        assert work.hosted.by_token(1, "token-live") == whole
        assert work.hosted.put(1, replace(whole, title="Another")).number == whole.number
        assert work.hosted.get(2, "live") is None

    def test_hosted_events_come_in_order_by_state_and_time(self, work: UnitOfWork) -> None:
        first = hosted(work, "b", state=EventState.PUBLISHED)
        second = work.hosted.put(1, replace(first, id="a", token="t2", starts_at=AT + HOUR, series="s", number=0))
        draft = work.hosted.put(1, replace(first, id="c", token="t3", state=EventState.DRAFT, number=0))
        assert [event.id for event in work.hosted.all(1)] == ["b", "c", "a"]
        assert work.hosted.all(1, states=[EventState.DRAFT]) == [draft]
        assert work.hosted.all(1, ends_after=AT + HOUR) == [second]
        assert [event.id for event in work.hosted.all(1, ends_before=AT + HOUR)] == ["b", "c"]
        assert work.hosted.all(1, series="s") == [second]
        assert len(work.hosted.all(1, limit=2)) == 2

    def test_guests_around_a_decision_are_enough_for_it(self, work: UnitOfWork) -> None:
        event = hosted(work)
        standings = [Standing.GOING, Standing.GOING, Standing.WAITING, Standing.OFFERED, Standing.MAYBE, Standing.OUT]
        people = [person(work, f"g{number}") for number in range(len(standings))]
        guests = [
            Guest(p.id, s, AT, number, AT + HOUR if s is Standing.OFFERED else None, platform="web")
            for number, (p, s) in enumerate(zip(people, standings, strict=True))
        ]
        work.guests.put(1, event.number, guests)
        assert list(work.guests.all(event.number).guests.values()) == guests
        near = work.guests.around(event.number, people[0].id)
        assert near.guests.keys() == {people[0].id, people[2].id, people[3].id}
        assert (near.others_seated, near.held) == (1, 3)
        assert work.guests.around(event.number).held == 3
        assert work.guests.counts(event.number)[Standing.GOING] == {"web": 2}
        work.guests.put(1, event.number, [replace(guests[0], standing=Standing.CANT, platform="discord", remind=True)])
        assert work.guests.counts(event.number)[Standing.CANT] == {"discord": 1}
        mine = work.guests.of_member(1, people[0].id, standings=[Standing.CANT])
        assert mine == {event.number: replace(guests[0], standing=Standing.CANT, platform="discord", remind=True)}
        assert work.guests.of_member(2, people[0].id, standings=list(Standing)) == {}

    def test_who_is_reminded_by_night_too(self, work: UnitOfWork) -> None:
        ann, ben = person(work, "ann"), person(work, "ben")
        work.guests.set_always(1, ann.id, always=True)
        assert work.guests.always([ann.id, ben.id]) == {ann.id}
        work.guests.set_always(1, ann.id, always=False)
        assert work.guests.always([ann.id, ben.id]) == set()

    def test_cards_of_an_event(self, work: UnitOfWork) -> None:
        event, room = hosted(work), general(work)
        work.cards.put(1, event.number, CardRow(room.id, "card"))
        work.cards.put(1, event.number, CardRow(room.id, "card", "hash", 2, lost=True))
        assert work.cards.all(event.number) == [CardRow(room.id, "card", "hash", 2, lost=True)]

    def test_threads_of_events_one_on_each_platform(self, work: UnitOfWork) -> None:
        event, other, room = hosted(work), hosted(work, "other"), general(work)
        inside = work.rooms.ensure(1, Place(RoomRef("web", "general", "t1"), "t", RoomKind.THREAD))
        asked = ThreadRow("web", room.id, "thread:1:web:0", name="Live coding")
        work.threads.put(1, event.number, asked)
        assert work.threads.all(event.number) == [asked]
        assert work.threads.event_of(inside.id) is None
        there = replace(asked, state=ThreadState.OPEN, thread_id=inside.id, changes=2, told=("name",))
        work.threads.put(1, event.number, there)
        assert work.threads.all(event.number) == [there]
        assert work.threads.event_of(inside.id) == event.number
        assert work.threads.others(1, event.number) == frozenset()
        assert work.threads.others(1, other.number) == {inside.id}
        assert work.threads.others(2, other.number) == frozenset()

    def test_a_thread_is_lost_with_itself_and_with_its_room_once(self, work: UnitOfWork) -> None:
        room, found = general(work), {}
        for name, state in (("a", ThreadState.OPEN), ("b", ThreadState.CLOSED), ("c", ThreadState.OPEN)):
            inside = work.rooms.ensure(1, Place(RoomRef("web", "general", name), name, RoomKind.THREAD))
            event = hosted(work, name)
            work.threads.put(1, event.number, ThreadRow("web", room.id, name, state, inside.id))
            found[name] = (event.number, inside.id)
        assert work.threads.lose(found["a"][1]) == [found["a"][0]]
        assert work.threads.lose(found["a"][1]) == []
        assert work.threads.lose(room.id) == [found["c"][0]], "what was closed is not missed"
        assert [row.state for row in work.threads.all(found["c"][0])] == [ThreadState.GONE]

    def test_cards_and_threads_go_along_where_two_rooms_become_one(self, work: UnitOfWork) -> None:
        """A group that becomes a supergroup, and somebody spoke there before we were told."""
        old, new = general(work), work.rooms.ensure(1, Place(RoomRef("web", "hall"), "hall"))
        event, both = hosted(work), hosted(work, "both")
        work.cards.put(1, event.number, CardRow(old.id, "a"))
        work.threads.put(1, event.number, ThreadRow("web", old.id, "thread:1:web:0"))
        for room in (old, new):
            work.cards.put(1, both.number, CardRow(room.id, f"b{room.id}"))
        assert work.rooms.move(1, old.ref, new.ref)
        assert work.rooms.get(old.id) is None
        assert work.cards.all(event.number) == [CardRow(new.id, "a")]
        assert [row.room_id for row in work.threads.all(event.number)] == [new.id]
        assert work.cards.all(both.number) == [CardRow(new.id, f"b{new.id}")]

    def test_who_is_interested_is_counted_by_platform(self, work: UnitOfWork) -> None:
        event = hosted(work)
        work.mirrors.put(1, "discord", MirrorRow(event.number, "9", interested=3))
        work.mirrors.put(1, "elsewhere", MirrorRow(event.number, "10"))
        assert work.mirrors.interested(event.number) == {"discord": 3}

    def test_why_something_was_refused(self, work: UnitOfWork) -> None:
        room = general(work)
        for key, cause in (("a", RefusalCause.GONE), ("b", None), ("c", None)):
            work.outbox.add(1, Sending(key, room.ref, Outgoing(()), DeliveryClass.AT_LEAST_ONCE), AT)
            (row,) = work.outbox.claim(["web"], at=AT, limit=1)
            work.outbox.park(row.id, "refused" if key != "c" else "malformed", "no", cause=cause)
        found = [work.outbox.cause(1, key) for key in ("a", "b", "c", "x")]
        assert found == [RefusalCause.GONE, RefusalCause.OTHER, None, None]

    def test_a_moment_is_done_once_and_comes_again_only_when_asked(self, work: UnitOfWork) -> None:
        event = hosted(work)
        remind, refresh = Moment(event.number, "remind:15@x", AT), Moment(event.number, "refresh", AT + HOUR)
        work.moments.arm(1, [remind, refresh])
        assert work.moments.due(1, AT, limit=9) == [remind]
        assert work.moments.due(2, AT, limit=9) == []
        assert work.moments.finish(event.number, "remind:15@x", "done", AT)
        assert not work.moments.finish(event.number, "remind:15@x", "done", AT)
        work.moments.arm(1, [remind])
        assert work.moments.due(1, AT, limit=9) == [], "it was done"
        work.moments.arm(1, [replace(refresh, due_at=AT)])
        assert [moment.what for moment in work.moments.due(1, AT, limit=9)] == ["refresh"], "it was moved"
        assert work.moments.defer(event.number, "refresh", AT + HOUR) == 1
        assert work.moments.defer(event.number, "refresh", AT + HOUR) == 2
        assert work.moments.waiting(event.number) == [replace(refresh, attempts=2)]
        work.moments.disarm(event.number, [MomentKind.LAPSE])
        assert len(work.moments.waiting(event.number)) == 1
        work.moments.disarm(event.number)
        assert work.moments.outcomes(event.number) == {"remind:15@x": "done", "refresh": "disarmed"}

    def test_what_is_touched_comes_after_a_pause_and_no_later_than_it_would(self, work: UnitOfWork) -> None:
        event = hosted(work)
        refresh = Moment(event.number, "refresh", AT)
        work.moments.touch(1, refresh, HOUR)
        assert work.moments.due(1, AT, limit=1) == [refresh]
        work.moments.finish(event.number, "refresh", "done", AT)
        work.moments.touch(1, refresh, HOUR)
        assert work.moments.waiting(event.number) == [replace(refresh, due_at=AT + HOUR)]
        work.moments.touch(1, replace(refresh, due_at=AT + 9 * HOUR), HOUR)
        assert work.moments.waiting(event.number) == [replace(refresh, due_at=AT + HOUR)]

    def test_what_waits_to_be_sent_is_revised_or_withdrawn_until_somebody_sends_it(self, work: UnitOfWork) -> None:
        room = general(work)

        def sending(key: str, text: str) -> Sending:
            return Sending(key, room.ref, Outgoing((Paragraph((Text(text),)),)), DeliveryClass.AT_LEAST_ONCE)

        work.outbox.add(1, sending("a", "old"), AT)
        assert work.outbox.revise(1, sending("a", "new"))
        assert not work.outbox.revise(1, sending("b", "new"))
        (row,) = work.outbox.claim(["web"], at=AT, limit=1)
        assert row.sending == sending("a", "new")
        assert work.outbox.state(1, "a") == "sending"
        assert not work.outbox.revise(1, sending("a", "newest"))
        assert work.outbox.withdraw(1, ["a"]) == 0
        work.outbox.add(1, sending("c", "old"), AT)
        assert work.outbox.withdraw(1, ["a", "c"]) == 1
        assert (work.outbox.state(1, "c"), work.outbox.state(1, "x")) == ("dropped", "")
