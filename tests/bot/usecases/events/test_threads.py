"""A thread for an event: made once at its card, told to who goes, named and closed with it, and missed by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.events import EventState, MomentKind, refresh
from bot.domain.incoming import MessagePosted, Place, RoomChanged, RoomKind
from bot.domain.outgoing import Mention, MessageLink, Paragraph, Receipt
from bot.domain.permissions import PUBLIC, Role
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.setup import Check, CheckName, RefusalCause
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadState, ThreadTraits
from bot.ports import MirrorRow, OutboxRow, ThreadRow
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.thread_chat import wanted_by_default
from tests.bot.reading import buttons_of, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts, planned, to, words
from tests.bot.world import FAKE, Sent, World
from tests.fakes.clock import START


@pytest.fixture
def hosts(world: World) -> Hosts:
    made = Hosts(world)
    world.threads[FAKE] = ThreadTraits(finds_again=True)
    for who in ("lin", "sam"):
        world.arrives(who, language="en")
    return made


def rows(hosts: Hosts) -> list[ThreadRow]:
    with hosts.world.store.read() as uow:
        return uow.threads.all(hosts.event().number)


def thread(hosts: Hosts) -> RoomRef:
    """Where it is, as the store knows it."""
    (row,) = rows(hosts)
    with hosts.world.store.read() as uow:
        room = uow.rooms.get(row.thread_id) if row.thread_id is not None else None
    assert room is not None
    return room.ref


def asked(sent: Sequence[Sent], kind: type) -> list[Sent]:
    return [one for one in sent if isinstance(one.sending.thread, kind)]


def said_in(hosts: Hosts, ref: RoomRef) -> list[str]:
    return [words_of(one.message) for one in hosts.world.sent if one.ref.room == ref and one.message.blocks]


def says(*checks: tuple[bool, str]) -> list[Check]:
    return [Check(FAKE, CheckName.THREADS, ok, START, "general", detail=detail) for ok, detail in checks]


def told(hosts: Hosts) -> list[str]:
    return [words_of(one) for one in to(hosts.world.sent, "hana", hosts.world) if "thread" in words_of(one)]


def check(hosts: Hosts, *, ok: bool, detail: str = "") -> None:
    with hosts.world.store.write() as uow:
        uow.checks.replace(hosts.world.community.id, FAKE, says((ok, detail)))
        uow.commit()


def asking(hosts: Hosts) -> OutboxRow:
    """Published, and everything went out up to the thread: the platform has just been asked for it."""
    hosts.publish("general", settle=False, thread=True)
    world, moments = hosts.world, hosts.world.app.moments(hosts.world.threads)
    while True:
        moments.tick()
        with world.store.write() as uow:
            for row in uow.outbox.claim([FAKE], at=world.clock.now(), limit=9):
                if isinstance(row.sending.thread, OpenThread):
                    uow.commit()
                    return row
                uow.outbox.sent(row.id, Receipt((MessageRef(row.sending.room, f"out-{row.id}"),)), world.clock.now())
                world.app.ended(uow, row, "sent")
            uow.commit()


def crash(hosts: Hosts) -> dict[str, int]:
    """The program dies and starts anew: what was being sent goes back or into doubt."""
    with hosts.world.store.write() as uow:
        found = uow.outbox.recover(hosts.world.clock.now())
        uow.commit()
    hosts.world.restart()
    return found


def live_until(hosts: Hosts, at: datetime) -> None:
    """In big steps, and from a little before in small ones."""
    hosts.live_until(at - timedelta(minutes=6), timedelta(hours=6))
    hosts.live_until(at)


# Made


def test_a_thread_is_made_at_the_card_once_and_everybody_is_told_where_it_is(hosts: Hosts) -> None:
    hosts.publish("general", thread=True, title="Rust night <b>@everyone</b>")
    hosts.go_on(seconds=5)
    (opening,) = asked(hosts.world.sent, OpenThread)
    assert isinstance(opening.sending.thread, OpenThread)
    assert opening.sending.thread.on == hosts.card().ref
    assert opening.sending.thread.name == "Rust night <b>@everyone</b>"
    (first,) = said_in(hosts, thread(hosts))
    assert "Rust night" in first
    assert "This thread belongs to the event" in first
    assert "48 hours after the end" in first
    links = [one for block in hosts.card().message.blocks if isinstance(block, Paragraph) for one in block.inlines]
    (link,) = [one for one in links if isinstance(one, MessageLink)]
    assert link.ref.room == thread(hosts)
    own = hosts.world.asks("lin", "event", "Rust")
    assert "the thread of this event" in words_of(own.message)
    hosts.world.restart()
    hosts.go_on(hours=1)
    assert len(asked(hosts.world.sent, OpenThread)) == 1


def test_an_event_that_wants_none_and_a_platform_without_any_get_none(hosts: Hosts) -> None:
    hosts.publish("general", thread=False)
    hosts.world.threads.clear()
    hosts.publish("general", thread=True, id="other", token="t" * 12)
    hosts.go_on(minutes=5)
    assert asked(hosts.world.sent, OpenThread) == []


def test_a_thread_of_a_closed_room_is_read_by_who_may_read_the_room(hosts: Hosts) -> None:
    world = hosts.world
    world.joins("lin", "secret", private=True)
    room = world.room("secret")
    hosts.publish("secret:private", thread=True, audience=room.audience)
    hosts.go_on(seconds=5)
    with world.store.read() as uow:
        made = uow.rooms.by_ref(world.community.id, thread(hosts))
    assert made is not None
    assert made.audience == room.audience != PUBLIC
    assert made.kind is RoomKind.THREAD


def test_of_two_rooms_the_one_that_everybody_may_read_has_the_thread(hosts: Hosts) -> None:
    hosts.publish("staffroom:private", "general", thread=True)
    hosts.go_on(seconds=5)
    assert thread(hosts).native_id == "general"
    assert len(asked(hosts.world.sent, OpenThread)) == 1
    (hidden,) = [one for one in hosts.world.sent if one.ref.room.native_id == "staffroom"][-1:]
    assert "the thread of this event" in words_of(hidden.message), "who reads the closed room may read the open thread"


def test_a_card_for_everybody_does_not_link_a_thread_for_few(hosts: Hosts) -> None:
    """Only the closed room can have threads; the public card must not show a way in."""
    with hosts.world.store.write() as uow:
        uow.checks.replace(hosts.world.community.id, FAKE, [Check(FAKE, CheckName.THREADS, False, START, "general")])
        uow.commit()
    hosts.publish("staffroom:private", "general", thread=True)
    hosts.go_on(seconds=5)
    assert thread(hosts).native_id == "staffroom"
    assert "the thread of this event" not in words_of(hosts.card("general").message)
    assert "the thread of this event" in words_of(hosts.card("staffroom").message)


def test_each_event_of_a_series_has_its_own(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    hosts.publish("general", thread=True, id="rust-night-1", token="another-token", starts_at=EVENING)
    hosts.go_on(seconds=5)
    names = {one.ref.room for one in asked(hosts.world.sent, OpenThread)}
    assert len(names) == 2


# Rights, refusals, doubt


def test_without_the_right_the_host_is_told_once_and_nothing_else_fails(hosts: Hosts) -> None:
    check(hosts, ok=False, detail="create public threads")
    hosts.publish("general", thread=True)
    hosts.go_on(hours=1)
    (letter,) = told(hosts)
    assert "I lack Create Public Threads" in letter
    assert asked(hosts.world.sent, OpenThread) == []
    hosts.presses("lin", "go")
    hosts.go_on(minutes=1)
    assert "1 going" in words_of(hosts.card().message)
    assert len(told(hosts)) == 1


def test_with_the_right_it_is_tried_again_from_manage(hosts: Hosts) -> None:
    hosts.world.change(replace(hosts.world.member("hana"), role=Role.MODERATOR))
    check(hosts, ok=False, detail="create public threads")
    hosts.publish("general", thread=True)
    hosts.go_on(minutes=1)
    check(hosts, ok=True)
    manage = hosts.presses("hana", "manage")[-1]
    assert "m-thread" in [button.code.split(":")[1] for button in buttons_of(manage.message)]
    hosts.presses("hana", "m-thread", manage)
    hosts.go_on(seconds=5)
    assert thread(hosts).native_id == "general"


@pytest.mark.parametrize(
    ("state", "cause", "words"),
    [
        ("refused", RefusalCause.FORBIDDEN, "I was not allowed to make a thread"),
        ("refused", RefusalCause.GONE, "could not be made"),
        ("malformed", None, "could not be made"),
        ("in_doubt", None, "I do not ask again by myself"),
    ],
)
def test_whatever_a_platform_answers_the_host_knows_and_the_event_goes_on(
    hosts: Hosts, state: str, cause: RefusalCause | None, words: str
) -> None:
    row = asking(hosts)
    with hosts.world.store.write() as uow:
        uow.outbox.park(row.id, state, "as it happens", cause=cause)  # type: ignore[arg-type]
        hosts.world.app.ended(uow, row, state)
        uow.commit()
    hosts.go_on(hours=1)
    (letter,) = told(hosts)
    assert words in letter
    assert rows(hosts)[0].state is ThreadState.NONE
    hosts.go_on(hours=1)
    assert len(told(hosts)) == 1


def test_where_asking_twice_would_make_two_it_is_asked_once(hosts: Hosts) -> None:
    """A crash between making it and noting it: the store does not know, so nobody asks again."""
    hosts.world.threads[FAKE] = ThreadTraits(finds_again=False)
    asking(hosts)
    assert crash(hosts)["in_doubt"] == 1
    hosts.go_on(hours=1)
    assert asked(hosts.world.sent, OpenThread) == []
    assert any("I do not ask again by myself" in letter for letter in told(hosts))


def test_where_asking_twice_finds_the_first_it_is_asked_again(hosts: Hosts) -> None:
    asking(hosts)
    assert crash(hosts)["again"] == 1
    hosts.go_on(seconds=5)
    assert thread(hosts).native_id == "general"


# Following


def test_its_name_follows_the_title_and_it_says_that_the_event_moved(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    hosts.go_on(seconds=5)
    hosts.change(title="Rust evening")
    hosts.change(title="Rust morning", starts_at=EVENING + timedelta(hours=14))
    hosts.go_on(seconds=5)
    names = [one.sending.thread for one in asked(hosts.world.sent, NameThread)]
    assert names == [NameThread("Rust morning")], "a rush of titles is one"
    assert "The time has changed. It was to be" in said_in(hosts, thread(hosts))[-1]
    hosts.change(starts_at=EVENING)
    hosts.go_on(seconds=5)
    assert len([text for text in said_in(hosts, thread(hosts)) if "The time has changed" in text]) == 2
    assert len(asked(hosts.world.sent, NameThread)) == 1


def test_it_is_closed_two_days_after_the_end_once_however_late(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    hosts.live_until(EVENING + timedelta(hours=49), timedelta(hours=6))
    assert asked(hosts.world.sent, CloseThread) == []
    hosts.world.restart()
    hosts.go_on(days=30)
    hosts.world.restart()
    hosts.go_on(days=1)
    assert len(asked(hosts.world.sent, CloseThread)) == 1
    assert rows(hosts)[0].state is ThreadState.CLOSED
    with hosts.world.store.read() as uow:
        actions = [row.action for row in uow.audit.all(hosts.world.community.id)]
    assert actions.count("event.thread") == actions.count("event.thread.close") == 1


def test_it_is_closed_two_days_after_a_cancellation_and_says_so_at_once(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    hosts.go_on(seconds=5)
    hosts.cancel("The roof leaks.")
    assert "The roof leaks.\nThis thread closes in 48 hours." in said_in(hosts, thread(hosts))[-1]
    hosts.live_until(hosts.world.clock.now() + timedelta(hours=47), timedelta(hours=12))
    assert asked(hosts.world.sent, CloseThread) == []
    hosts.go_on(hours=2)
    assert len(asked(hosts.world.sent, CloseThread)) == 1


def test_who_may_not_close_it_tells_the_host_once(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    hosts.go_on(seconds=5)
    hosts.world.unreachable.add(thread(hosts))
    hosts.world.cause = RefusalCause.FORBIDDEN
    hosts.live_until(EVENING + timedelta(days=4), timedelta(hours=12))
    assert [letter for letter in told(hosts) if "stays open" in letter] == [told(hosts)[-1]]


def test_a_thread_that_somebody_deleted_is_missed_once_and_the_event_goes_on(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    hosts.go_on(seconds=5)
    place = Place(thread(hosts), kind=RoomKind.THREAD, private=True)
    hosts.world.happens(RoomChanged(place, hosts.world.clock.now(), gone=True))
    hosts.go_on(minutes=1)
    (letter,) = told(hosts)
    assert "is gone" in letter
    assert "the thread of this event" not in words_of(hosts.card().message)
    hosts.change(title="Rust evening")
    hosts.live_until(EVENING + timedelta(days=4), timedelta(hours=12))
    assert len(told(hosts)) == 1
    assert asked(hosts.world.sent, NameThread) == asked(hosts.world.sent, CloseThread) == []
    assert hosts.event().state is EventState.OVER


# Reminders


def reminded(hosts: Hosts) -> list[Sent]:
    return [one for one in hosts.world.sent if ":room:" in one.sending.key]


def silenced(hosts: Hosts) -> None:
    for who in ("lin", "sam"):
        hosts.presses(who, "go")
    hosts.go_on(seconds=5)
    with hosts.world.store.read() as uow:
        room = uow.rooms.direct(hosts.world.community.id, FAKE, hosts.world.member("lin").id)
    hosts.world.unreachable.add(room.ref)


def test_who_cannot_be_written_to_is_named_in_the_thread_and_nobody_else(hosts: Hosts) -> None:
    hosts.publish("general", thread=True)
    silenced(hosts)
    live_until(hosts, EVENING - timedelta(hours=24) + timedelta(minutes=4))
    (reminder,) = reminded(hosts)
    assert reminder.ref.room == thread(hosts)
    named = [
        one
        for block in reminder.message.blocks
        if isinstance(block, Paragraph)
        for one in block.inlines
        if isinstance(one, Mention)
    ]
    assert [(one.account.native_id, one.ping) for one in named] == [("lin", True)]
    (letter,) = [one for one in to(hosts.world.sent, "sam", hosts.world) if "Starts in" in words_of(one)][:1]
    assert "the thread of this event" in words_of(letter)


@pytest.mark.parametrize("cause", [RefusalCause.GONE, RefusalCause.FORBIDDEN])
def test_a_reminder_that_the_thread_does_not_take_is_read_in_the_room(hosts: Hosts, cause: RefusalCause) -> None:
    hosts.publish("general", thread=True)
    silenced(hosts)
    hosts.world.unreachable.add(thread(hosts))
    hosts.world.cause = cause
    live_until(hosts, EVENING - timedelta(hours=24) + timedelta(minutes=4))
    (reminder,) = reminded(hosts)
    assert reminder.ref.room == RoomRef(FAKE, "general")
    assert len(told(hosts)) == 1
    live_until(hosts, EVENING - timedelta(minutes=11))
    assert [one.ref.room for one in reminded(hosts)] == 2 * [RoomRef(FAKE, "general")]


# Recap


def test_the_recap_is_made_of_the_thread_at_any_time_and_of_no_other_events_thread(hosts: Hosts) -> None:
    world = hosts.world
    hosts.publish("general", thread=True)
    hosts.publish("general", thread=True, id="other", token="another-token", title="Another night")
    hosts.go_on(seconds=5)
    with world.store.read() as uow:
        others = uow.threads.others(world.community.id, hosts.event().number)
        (other,) = [room.ref for number in others if (room := uow.rooms.get(number)) is not None]
    for number, (where, text) in enumerate(
        (
            (thread(hosts), "What should we have installed before we come?"),
            (thread(hosts), "The slides: https://slides.example/rust"),
            (other, "Is this the thread of another evening altogether?"),
        )
    ):
        place = Place(where, "t", RoomKind.THREAD, indexed=True)
        ref = MessageRef(where, f"early{number}")
        world.happens(MessagePosted(ref, place, world.sender("lin"), text, world.clock.now()))
    hosts.presses("lin", "go")
    sent = hosts.live_until(EVENING + timedelta(hours=3), timedelta(minutes=30))
    (draft,) = [one for one in sent if ":recap:" in one.sending.key and "Rust night" in words_of(one.message)]
    text = words_of(draft.message)
    assert "installed before we come" in text
    assert "slides.example/rust" in text
    assert "another evening" not in text
    assert "The thread of this event closes" in text


def test_what_is_due_for_threads_survives_any_number_of_looks(hosts: Hosts) -> None:
    event = hosts.publish("general", thread=True)
    for _ in range(5):
        hosts.world.restart()
        hosts.go_on(seconds=10)
    with hosts.world.store.read() as uow:
        waiting = [moment.kind for moment in uow.moments.waiting(event.number)]
    assert MomentKind.THREAD not in waiting
    assert len(said_in(hosts, thread(hosts))) == 1
    assert words(hosts.world.sent).count("This thread belongs to the event") == 1


# Before it is published


def draft(hosts: Hosts, *rooms: str, **more: object) -> Sent:
    """As its host sees it."""
    world = hosts.world
    world.change(replace(world.member("hana"), role=Role.MODERATOR))
    with world.store.write() as uow:
        ids = tuple(uow.rooms.ensure(world.community.id, hosts._place(room)).id for room in rooms)
        hosting = Hosting(uow, world.community, world.clock.now(), "test")
        hosting.create(planned(hosts.hana.id, rooms=ids, **({"thread": True} | more)))
        uow.commit()
    return managed(hosts)


def managed(hosts: Hosts) -> Sent:
    token = hosts.event().token
    return hosts.world.happens(hosts.world.pressing("hana", f"v1:manage:{token}"))[-1]


@pytest.mark.parametrize(
    ("check_of", "line"),
    [
        ((True, ""), "A thread for it in #general (fake), closed 48 hours after the end"),
        ((True, "manage threads"), "I cannot close it in the end: I lack Manage Threads"),
        ((False, "can_manage_topics"), "No thread in #general (fake): I lack Manage Topics"),
        ((False, ""), "No thread in #general (fake): there are none there"),
        (None, "if I may make one there: I have not asked yet"),
    ],
)
def test_the_preview_says_truly_where_there_will_be_one(
    hosts: Hosts, check_of: tuple[bool, str] | None, line: str
) -> None:
    if check_of is not None:
        check(hosts, ok=check_of[0], detail=check_of[1])
    assert line in words_of(draft(hosts, "general").message)


def test_a_room_that_is_a_thread_has_none_unless_they_stand_side_by_side(hosts: Hosts) -> None:
    world = hosts.world
    ref = RoomRef(FAKE, "general", "7")
    with world.store.write() as uow:
        room = uow.rooms.ensure(world.community.id, Place(ref, "announcements", RoomKind.THREAD))
        uow.commit()
    preview = draft(hosts)
    hosts.change(rooms=(room.id,))
    assert "No thread: it is announced in no room" in words_of(preview.message)
    assert "it is a thread itself" in words_of(managed(hosts).message)
    world.threads[FAKE] = ThreadTraits(beside=True)
    assert "I have not asked yet" in words_of(managed(hosts).message)


def test_a_button_says_whether_and_switches_it(hosts: Hosts) -> None:
    preview = draft(hosts, "general")
    (button,) = [one for one in buttons_of(preview.message) if ":m-thread:" in one.code]
    assert (button.label, button.pressed) == ("🧵 Thread: yes", True)
    after = hosts.presses("hana", "m-thread", preview)[-1]
    assert after.notice == "No thread is made. One that is there stays until its time."
    assert "No thread for it" in words_of(after.message)
    assert not hosts.event().thread
    hosts.presses("hana", "m-publish", after)
    hosts.go_on(seconds=5)
    assert asked(hosts.world.sent, OpenThread) == []
    hosts.presses("hana", "m-thread", managed(hosts))
    hosts.go_on(seconds=5)
    assert thread(hosts).native_id == "general"
    shown = managed(hosts)
    assert "Its threads" in words_of(shown.message)
    assert not [one for one in buttons_of(shown.message) if ":m-thread:" in one.code]


def test_nobody_else_switches_it(hosts: Hosts) -> None:
    draft(hosts, "general")
    hosts.world.happens(hosts.world.pressing("lin", f"v1:m-thread:{hosts.event().token}"))
    assert hosts.event().thread


def test_a_new_draft_follows_the_last_event_of_its_room(hosts: Hosts) -> None:
    draft(hosts, "general", thread=False)
    with hosts.world.store.read() as uow:
        community = hosts.world.community.id
        assert not wanted_by_default(uow, community, hosts.world.room("general"))
        assert wanted_by_default(uow, community, None)


def test_who_is_interested_elsewhere_is_shown_apart_from_who_is_going(hosts: Hosts) -> None:
    event = hosts.publish("general")
    hosts.presses("lin", "go")
    with hosts.world.store.write() as uow:
        uow.mirrors.put(hosts.world.community.id, "discord", MirrorRow(event.number, "9", interested=7))
        uow.moments.touch(hosts.world.community.id, refresh(event, hosts.world.clock.now()), timedelta(0))
        uow.commit()
    hosts.go_on(seconds=5)
    text = words_of(hosts.card().message)
    assert "1 going" in text
    assert "⭐ 7 interested on Discord, beside those who are going" in text


def test_where_there_can_be_none_nothing_is_to_be_tried_again(hosts: Hosts) -> None:
    check(hosts, ok=False)
    hosts.world.change(replace(hosts.world.member("hana"), role=Role.MODERATOR))
    hosts.publish("general", thread=True)
    hosts.go_on(minutes=1)
    assert told(hosts) == []
    assert not [one for one in buttons_of(managed(hosts).message) if ":m-thread:" in one.code]
    check(hosts, ok=True)
    assert [one for one in buttons_of(managed(hosts).message) if ":m-thread:" in one.code]
    assert all(len(row) <= 5 for row in managed(hosts).message.buttons)


def test_a_room_that_is_added_later_can_have_the_thread(hosts: Hosts) -> None:
    check(hosts, ok=False)
    hosts.publish("general", thread=True)
    hosts.go_on(minutes=1)
    assert rows(hosts)[0].state is ThreadState.NONE
    with hosts.world.store.write() as uow:
        events = uow.rooms.ensure(hosts.world.community.id, hosts.world.place("events"))
        uow.commit()
    hosts.change(rooms=(*hosts.event().rooms, events.id))
    hosts.go_on(minutes=1)
    assert thread(hosts).native_id == "events"
    assert told(hosts) == []
