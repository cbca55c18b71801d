"""The checklist: what it shows, what its buttons change, who may press them, and that nothing is suggested unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.incoming import CommandInvoked, MessagePosted, Place, RoomMoved
from bot.domain.permissions import Home, PlatformRole, Role
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.rooms import Room
from bot.domain.schedules import Job
from bot.domain.setup import Check, CheckName, CodePurpose
from bot.wording import Wording
from tests.bot.reading import buttons_of, items, words_of
from tests.bot.world import FAKE, Sent, World

SAY = Wording("en").say
QUESTION = "How do I cancel a task that waits for a lock in async Rust?"


def place(room: str, server: str = "g1", *, private: bool = False) -> Place:
    return Place(RoomRef(FAKE, room), room, private=private, server=server)


@pytest.fixture
def hall(stocked: World) -> World:
    """An owner, a moderator and a member; a home with two rooms, of which nothing may be suggested yet."""
    for who in ("ola", "mod", "lin"):
        stocked.arrives(who, language="en")
    stocked.change(replace(stocked.member("ola"), role=Role.OWNER))
    stocked.change(replace(stocked.member("mod"), role=Role.MODERATOR))
    with stocked.store.write() as uow:
        uow.homes.put(stocked.community.id, Home(FAKE, "g1", "Ferris"), stocked.clock.now())
        uow.commit()
    for room in ("rust", "lounge"):
        posts(stocked, room, f"{QUESTION} ({room})")
    return stocked


def posts(world: World, room: str, text: str, *, server: str = "g1", who: str = "lin", private: bool = False) -> None:
    where = place(room, server, private=private)
    ref = MessageRef(where.room, f"{room}-{len(world.updates)}")
    world.happens(MessagePosted(ref, where, world.sender(who), text, world.clock.now()))


def opens(world: World, who: str, words: str = "") -> Sent:
    return world.asks(who, "setup", words)


def press(world: World, who: str, on: Sent, label: str) -> Sent:
    code = next(button.code for button in buttons_of(on.message) if button.label.startswith(label))
    (answer,) = world.happens(world.pressing(who, code, on.ref))
    return answer


def room(world: World, name: str) -> Room:
    return world.room(name)


def listed(world: World, who: str = "lin") -> list[str]:
    return [item for item in items(world.asks(who, "learn", "cancel a task").message) if item.startswith("post:")]


def settle(world: World) -> None:
    """What the running program does by itself within seconds."""
    while world.app.take_in_rooms(world.community.id):
        pass
    world.index()
    world.app.engine.refresh()


def audit(world: World) -> list[tuple[str, str]]:
    with world.store.read() as uow:
        return [(row.action, row.target) for row in uow.audit.all(world.community.id)]


def test_nothing_is_suggested_from_a_room_that_no_moderator_allowed(hall: World) -> None:
    settle(hall)
    assert listed(hall) == []
    checklist = opens(hall, "mod")
    assert "❌ To do: Nothing is suggested from any of 2 rooms" in words_of(checklist.message)
    rooms = press(hall, "mod", checklist, "Rooms")
    done = press(hall, "mod", rooms, "Switch on rust")
    assert done.notice == SAY("setup-notice-on")
    assert room(hall, "rust").indexed
    assert not room(hall, "lounge").indexed
    settle(hall)
    (found,) = listed(hall)
    with hall.store.read() as uow:
        number = int(found.removeprefix("post:"))
        assert uow.posts.get([number])[number].text.endswith("(rust)")
    assert audit(hall)[0] == ("room.index", f"room:{room(hall, 'rust').id}")


def test_a_room_that_is_switched_off_is_gone_at_once(hall: World) -> None:
    rooms = press(hall, "mod", press(hall, "mod", opens(hall, "mod"), "Rooms"), "Switch on rust")
    settle(hall)
    assert len(listed(hall)) == 1
    before = hall.asks("lin", "learn", "cancel a task")
    press(hall, "mod", rooms, "Switch off rust")
    # Nothing has refreshed the index: what is read decides.
    assert listed(hall) == []
    again = hall.press("lin", before, "kind-event")
    assert [item for item in items(again.message) if item.startswith("post:")] == []
    settle(hall)
    assert listed(hall) == []


def test_a_message_on_its_way_is_held_back_when_its_room_is_switched_off(hall: World) -> None:
    rooms = press(hall, "mod", press(hall, "mod", opens(hall, "mod"), "Rooms"), "Switch on rust")
    settle(hall)
    hall.put(CommandInvoked(hall.home("lin"), hall.sender("lin"), "learn", "cancel a task", hall.clock.now()))
    hall.dispatcher.drain()
    with hall.store.write() as uow:
        uow.rooms.configure(room(hall, "rust").id, indexed=False)
        uow.commit()
    assert rooms
    assert hall.deliver() == []
    assert len(hall.dropped) == 1


def test_never_is_never_whatever_else_is_switched(hall: World) -> None:
    rooms = press(hall, "mod", opens(hall, "mod"), "Rooms")
    rooms = press(hall, "mod", rooms, "Never")  # of the first: lounge
    assert room(hall, "lounge").never
    rooms = press(hall, "mod", rooms, "All public on")
    assert room(hall, "rust").indexed
    assert not room(hall, "lounge").indexed
    with hall.store.write() as uow:
        assert not uow.rooms.configure(room(hall, "lounge").id, indexed=True)
    rooms = press(hall, "mod", rooms, "Allow lounge again")
    assert not room(hall, "lounge").never
    assert not room(hall, "lounge").indexed
    press(hall, "mod", rooms, "All off")
    assert not room(hall, "rust").indexed
    assert [action for action, _ in audit(hall)] == ["room.unindex", "room.lift", "room.index", "room.never"]


def test_a_press_twice_is_a_press_once(hall: World) -> None:
    rooms = press(hall, "mod", opens(hall, "mod"), "Rooms")
    press(hall, "mod", rooms, "Switch on rust")
    again = press(hall, "mod", rooms, "Switch on rust")
    assert again.notice == SAY("setup-notice-same")
    assert room(hall, "rust").indexed
    assert [action for action, _ in audit(hall)] == ["room.index"]


def test_buttons_are_for_who_asked_and_only_while_they_are_staff(hall: World) -> None:
    rooms = press(hall, "mod", opens(hall, "mod"), "Rooms")
    assert press(hall, "lin", rooms, "Switch on rust").notice == SAY("notice-not-yours")
    assert press(hall, "ola", rooms, "Switch on rust").notice == SAY("notice-not-yours")
    hall.restart()
    hall.change(replace(hall.member("mod"), role=Role.MEMBER))
    assert press(hall, "mod", rooms, "Switch on rust").notice == SAY("setup-staff-only")
    assert not room(hall, "rust").indexed
    hall.change(replace(hall.member("mod"), role=Role.MODERATOR))
    press(hall, "mod", rooms, "Switch on rust")
    assert room(hall, "rust").indexed


def test_threads_follow_their_room(hall: World) -> None:
    thread = Place(RoomRef(FAKE, "rust", "t1"), "a thread", server="g1")
    ref = MessageRef(thread.room, "x1")
    hall.happens(MessagePosted(ref, thread, hall.sender("lin"), f"{QUESTION} (thread)", hall.clock.now()))

    def state() -> tuple[bool, bool]:
        with hall.store.read() as uow:
            found = uow.rooms.by_ref(hall.community.id, thread.room)
        assert found is not None
        return found.indexed, found.never

    assert state() == (False, False)
    with hall.store.write() as uow:
        uow.rooms.configure(room(hall, "rust").id, indexed=True)
        uow.commit()
    assert state() == (True, False)
    settle(hall)
    assert len(listed(hall)) == 2
    with hall.store.write() as uow:
        uow.rooms.rule_out(room(hall, "rust").id, never=True)
        uow.commit()
    assert state() == (False, True)
    assert listed(hall) == []


def test_taking_in_goes_on_after_a_restart_and_repeats_nothing(hall: World) -> None:
    for number in range(230):
        posts(hall, "rust", f"{QUESTION} number {number}")
    press(hall, "mod", press(hall, "mod", opens(hall, "mod"), "Rooms"), "Switch on rust")
    assert hall.app.take_in_rooms(hall.community.id) == 100
    hall.restart()
    assert hall.app.take_in_rooms(hall.community.id) == 100
    assert hall.app.take_in_rooms(hall.community.id) == 31
    assert hall.app.take_in_rooms(hall.community.id) == 0
    with hall.store.read() as uow:
        assert uow.stats(hall.community.id)["posts"] == 231


def test_what_private_rooms_say_stays_in_them_and_all_on_leaves_them_off(hall: World) -> None:
    posts(hall, "board", f"{QUESTION} (board)", private=True, who="mod")
    rooms = press(hall, "mod", opens(hall, "mod", "rooms"), "All public on")
    assert not room(hall, "board").indexed
    press(hall, "mod", rooms, "Switch on board")
    assert room(hall, "board").indexed
    settle(hall)
    assert len(listed(hall, "mod")) == 3
    assert len(listed(hall, "lin")) == 2


def test_rooms_of_a_group_that_nobody_proved_cannot_be_switched_on(hall: World) -> None:
    posts(hall, "elsewhere", f"{QUESTION} (elsewhere)", server="g9")
    page = opens(hall, "mod", "rooms")
    assert "elsewhere" not in words_of(page.message)
    press(hall, "mod", page, "All public on")
    assert not room(hall, "elsewhere").indexed
    assert "elsewhere" in words_of(opens(hall, "mod").message)


def test_a_code_proves_a_group_once(hall: World) -> None:
    code, _ = hall.app.setup_code(hall.community.id, CodePurpose.HOME, by="cli")
    strange = place("new", "g2")
    admin = replace(hall.sender("eve"), standings=(PlatformRole("g2", Role.MODERATOR),))

    def says(words: str) -> str:
        sent = hall.happens(CommandInvoked(strange, admin, "setup", words, hall.clock.now()))
        return words_of(sent[0].message)

    assert says("") == SAY("setup-not-home")
    assert says("a" * 16) == SAY("setup-proved-wrong")
    assert words_of(opens(hall, "lin", code).message) == SAY("setup-proved-elsewhere")
    assert says(code.upper()) == SAY("setup-proved-home")
    assert "Setup of Ferris Hall" in says("")
    assert says(code) == SAY("setup-proved-wrong")
    assert ("home.add", f"{FAKE}:g2") in audit(hall)
    # The platform moves the group: it stays ours.
    hall.happens(RoomMoved(strange.room, RoomRef(FAKE, "g2"), hall.clock.now()))


def test_a_group_that_moves_stays_a_home(hall: World) -> None:
    group = Place(RoomRef(FAKE, "g1"), "Ferris", server="g1")
    hall.happens(MessagePosted(MessageRef(group.room, "1"), group, hall.sender("lin"), "hello", hall.clock.now()))
    hall.happens(RoomMoved(RoomRef(FAKE, "g1"), RoomRef(FAKE, "g1-new"), hall.clock.now()))
    with hall.store.read() as uow:
        (home,) = uow.homes.all(hall.community.id)
        assert home.native_id == "g1-new"
        moved = uow.rooms.by_ref(hall.community.id, RoomRef(FAKE, "g1-new"))
        assert moved is not None
        assert moved.server == "g1-new"


def test_a_code_ends_after_an_hour_and_makes_an_owner_only_alone(hall: World) -> None:
    late, until = hall.app.setup_code(hall.community.id, CodePurpose.OWNER, by="cli")
    assert until - hall.clock.now() == timedelta(hours=1)
    hall.clock.go_on(hours=1)
    assert words_of(opens(hall, "lin", late).message) == SAY("setup-proved-wrong")
    code, _ = hall.app.setup_code(hall.community.id, CodePurpose.OWNER, by="cli")
    sent = hall.happens(CommandInvoked(place("rust"), hall.sender("lin"), "setup", code, hall.clock.now()))
    assert words_of(sent[0].message) == SAY("setup-proved-elsewhere")
    assert hall.member("lin").role is Role.MEMBER
    assert words_of(opens(hall, "lin", code).message) == SAY("setup-proved-owner")
    assert hall.member("lin").role is Role.OWNER
    assert words_of(opens(hall, "mod", code).message) == SAY("setup-proved-wrong")
    assert code not in str(audit(hall))


def test_only_the_owner_decides_who_is_staff(hall: World) -> None:
    def staff(role: PlatformRole) -> bool:
        sender = replace(hall.sender("kim"), standings=(role,))
        sent = hall.happens(CommandInvoked(hall.home("kim"), sender, "wanted", "", hall.clock.now()))
        return SAY("wanted-staff-only") not in words_of(sent[0].message)

    admin, named = PlatformRole("g1", Role.MODERATOR), PlatformRole("g1", groups=frozenset({"123456789"}))
    assert staff(admin)
    assert not staff(named)
    assert words_of(opens(hall, "mod", "role 123456789").message) == SAY("setup-owner-only")
    assert not any(b.label.startswith("Admins of") for b in buttons_of(opens(hall, "mod", "staff").message))
    opens(hall, "ola", "role <@&123456789>")
    assert staff(named)
    page = opens(hall, "ola", "staff")
    page = press(hall, "ola", page, "Admins of Ferris")
    assert not staff(admin)
    assert staff(named)
    opens(hall, "ola", "role 123456789 off")
    assert not staff(named)
    page = press(hall, "ola", page, "Count admins")
    assert staff(admin)
    press(hall, "mod", press(hall, "mod", opens(hall, "mod"), "Rooms"), "Switch on rust")
    press(hall, "ola", page, "Not ours any more")
    assert not staff(admin)
    assert not room(hall, "rust").indexed
    done = [action for action, _ in audit(hall)]
    assert done[:2] == ["room.unindex", "home.remove"]
    assert {"home.role", "home.no-role", "home.admins", "home.no-admins"} <= set(done)


def test_language_and_time_zone_hold_from_the_next_word_on(hall: World) -> None:
    hall.commands("mod", "suggest", "fri 9:00", room="general")
    page = press(hall, "mod", opens(hall, "mod"), "Language: 中文")
    assert "✅" in words_of(page.message)
    with hall.store.read() as uow:
        assert uow.communities.all()[0].language == "zh"
    # Who has chosen no language and speaks none that we know is answered in the community's.
    answer = hall.happens(CommandInvoked(hall.home("new"), hall.sender("new"), "help", "", hall.clock.now()))
    assert "我" in words_of(answer[0].message)
    assert hall.app.community.language == "zh"
    page = press(hall, "mod", press(hall, "mod", opens(hall, "mod"), "Time zone"), "Asia/Shanghai")
    assert "Asia/Shanghai" in words_of(page.message)
    opens(hall, "mod", "Asia/Tokyo")
    with hall.store.read() as uow:
        assert uow.communities.all()[0].timezone == "Asia/Tokyo"
        (weekly,) = uow.schedules.all(hall.community.id, Job.SUGGEST)
        assert weekly.timezone == "Asia/Tokyo"
    assert [action for action, _ in audit(hall)][:3] == ["community.timezone"] * 2 + ["community.language"]


def test_the_weekly_suggestion_by_buttons(hall: World) -> None:
    page = press(hall, "mod", opens(hall, "mod"), "Weekly suggestion")
    page = press(hall, "mod", page, "rust: on")
    page = press(hall, "mod", page, "+ 1 h")
    stale = page
    page = press(hall, "mod", page, "Next day")
    press(hall, "mod", stale, "Next day")  # the same once more: it says what should be, not what to add
    with hall.store.read() as uow:
        (schedule,) = uow.schedules.all(hall.community.id, Job.SUGGEST)
    assert (schedule.enabled, schedule.weekday, schedule.at.hour) == (True, 1, 10)
    assert "#rust gets" in words_of(opens(hall, "mod").message)
    press(hall, "mod", page, "rust: off")
    assert "No room gets" in words_of(opens(hall, "mod").message)


def test_every_answer_of_a_platform_is_a_line_with_what_to_do(hall: World) -> None:
    now = hall.clock.now()
    with hall.store.write() as uow:
        checks = [
            Check(FAKE, name, ok, now, subject=f"{name.value}{ok}", title="Ferris", detail="42")
            for name in CheckName
            for ok in (True, False)
        ]
        uow.checks.replace(hall.community.id, FAKE, checks)
        uow.commit()
    for language in ("en", "zh"):
        hall.change(replace(hall.member("mod"), language=language))
        text = words_of(opens(hall, "mod").message)
        assert text.count("❌") == len(CheckName) + 1  # and that no room is on
        assert text.count("→") == len(CheckName) + 1
        assert "{" not in text
    hall.clock.go_on(hours=3)
    assert "3 小时" in words_of(opens(hall, "mod").message)


def test_what_is_no_setup_order_is_explained(hall: World) -> None:
    for words in ("rooms please", "language tlh", "role x", "../etc/passwd"):
        assert words_of(opens(hall, "mod", words).message) == SAY("setup-usage")
    assert words_of(opens(hall, "lin").message) == SAY("setup-staff-only")


def test_pages_of_many_rooms_turn(hall: World) -> None:
    for number in range(14):
        posts(hall, f"room{number:02d}", "hello there")
    first = opens(hall, "mod", "rooms")
    assert "◂" not in [button.label for button in buttons_of(first.message)]
    second = press(hall, "mod", first, "▸")
    third = press(hall, "mod", second, "▸")
    assert "▸" not in [button.label for button in buttons_of(third.message)]
    assert "#rust" in words_of(third.message)
    press(hall, "mod", second, "Switch on room05")
    assert room(hall, "room05").indexed
