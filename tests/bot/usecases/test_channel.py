"""The weekly word in a room: public discussions that members took up, and nothing personal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle

from bot.domain.incoming import ButtonPressed
from bot.domain.items import Event
from bot.domain.outgoing import Bullets, MessageLink
from bot.domain.permissions import Role
from bot.domain.schedules import Job, Occurrence, Outcome
from bot.usecases.channel import SuggestInRoom
from tests.bot.reading import labels, words_of
from tests.bot.world import Sent, World


def suggest(world: World, room: str = "general", period: str = "2027-01-04") -> tuple[Outcome, str]:
    job = SuggestInRoom(world.store, world.app.engine, world.clock, world.ids)
    recipient = f"room:{world.room(room).id}"
    return job(world.community, Occurrence(Job.SUGGEST, recipient, period, world.clock.now()))


def talk(world: World, *topics: str, room: str = "general", private: bool = False) -> None:
    for topic, who in zip(topics, cycle(("mei", "ann", "sam"))):
        root = world.says(who, f"How do you learn about {topic} in the evening?", room, private=private)
        world.says("ola", f"I read about {topic} and then build something small.", room, reply_to=root, private=private)
    world.index()


def test_public_discussions_of_the_week_are_listed_with_links(world: World) -> None:
    talk(world, "lifetimes", "closures")
    assert suggest(world) == (Outcome.DONE, "2 discussions")
    (sent,) = world.deliver()
    assert sent.sending.unsolicited
    assert sent.sending.room == world.place("general").room
    assert sent.sending.to_member is None
    (bullets,) = [block for block in sent.message.blocks if isinstance(block, Bullets)]
    assert all(isinstance(item[1], MessageLink) for item in bullets.items)
    assert "How do you learn about lifetimes in the evening? — #general, 1 reply" in words_of(sent.message)
    assert "Nothing personal was used." in words_of(sent.message)
    assert len(sent.sending.exposures) == 2


def test_once_a_period(world: World) -> None:
    talk(world, "lifetimes", "closures")
    assert suggest(world)[0] is Outcome.DONE
    assert suggest(world) == (Outcome.SKIPPED, "nothing good enough")
    assert len(world.deliver()) == 1


def test_a_discussion_is_posted_in_a_room_once(world: World) -> None:
    talk(world, "lifetimes", "closures", "threads")
    suggest(world)
    first = world.deliver()[0].sending
    talk(world, "macros", "channels")
    world.clock.go_on(days=1)
    assert suggest(world, period="2027-01-11")[0] is Outcome.DONE
    (second,) = world.deliver()
    assert not set(first.items) & set(second.sending.items)


def test_last_weeks_is_taken_down_when_the_new_one_is_pinned(world: World) -> None:
    talk(world, "lifetimes", "closures")
    suggest(world)
    (first,) = world.deliver()
    assert (first.sending.pins, first.sending.unpins) == (True, ())
    talk(world, "macros", "channels")
    suggest(world, period="2027-01-11")
    (second,) = world.deliver()
    assert second.sending.unpins == (first.ref,)


def vote(world: World, who: str, sent: Sent, act: str) -> str:
    """Pressed in the room itself, where everybody may."""
    code = sent.message.buttons[0][0].code.replace("up1", act)
    press = ButtonPressed(world.place("general"), world.sender(who), code, world.clock.now(), sent.ref)
    (answer,) = world.happens(press)
    assert answer.message.blocks == ()
    return answer.notice


def test_a_number_below_it_is_a_vote_of_whoever_pressed(world: World) -> None:
    talk(world, "lifetimes", "closures")
    suggest(world)
    (sent,) = world.deliver()
    assert labels(sent.message) == ["👍 1", "👍 2", "👎 1", "👎 2"]
    world.restart()
    item = sent.sending.items[1]
    assert vote(world, "lin", sent, "up2") == "Noted: more like this."
    assert world.history("lin") == [("helpful", item)]
    assert vote(world, "lin", sent, "down2") == "Noted: less like this."
    assert world.history("lin") == [("unhelpful", item)]
    assert vote(world, "lin", sent, "down2") == "Undone."
    assert world.history("lin") == []
    assert vote(world, "mei", sent, "up1") == "Noted: more like this."
    assert ("helpful", sent.sending.items[0]) in world.history("mei")
    for act in ("up0", "up3", "up99999999", "sideways"):
        assert "no longer there" in vote(world, "lin", sent, act)


def test_events_of_the_week_stand_below(world: World) -> None:
    talk(world, "lifetimes", "closures")
    now = world.clock.now()
    world.add_events(Event("soon", "Profiling together", now + timedelta(days=2)),
                     Event("later", "Far away", now + timedelta(days=20)))  # fmt: skip
    suggest(world)
    (sent,) = world.deliver()
    assert "Profiling together" in words_of(sent.message)
    assert "Far away" not in words_of(sent.message)


def test_an_event_stands_below_once_and_its_announcement_not_at_all(world: World) -> None:
    talk(world, "lifetimes", "closures")
    world.says("ann", "📅 Profiling together: who comes and brings a slow program to look at?")
    world.index()
    starts = world.clock.now() + timedelta(days=6, hours=23)
    world.add_events(Event("soon", "Profiling together", starts))
    assert suggest(world) == (Outcome.DONE, "2 discussions")
    (sent,) = world.deliver()
    assert words_of(sent.message).count("Profiling together") == 1
    # The moderators have it posted earlier in the week from now on.
    world.clock.go_on(days=5)
    talk(world, "macros", "channels")
    suggest(world, period="2027-01-09")
    (sent,) = world.deliver()
    assert "Profiling together" not in words_of(sent.message)


def test_no_person_fills_it(world: World) -> None:
    for topic in ("lifetimes", "closures", "threads", "macros"):
        world.says("mei", f"How do you learn about {topic} in the evening?")
    world.says("ann", "How do you learn about channels in the evening?")
    world.index()
    assert suggest(world) == (Outcome.DONE, "3 discussions")


def test_moderators_pause_it_in_words_and_go_on(world: World) -> None:
    talk(world, "lifetimes")
    world.arrives("mod", language="en")
    world.change(replace(world.member("mod"), role=Role.MODERATOR))

    def asks(words: str) -> str:
        return words_of(world.asks("mod", "suggest", words, room="general").message)

    assert "gets no weekly suggestion" in asks("pause 2 weeks")
    asks("mon 9:00")
    assert "Paused: it comes again from Fri, Dec 3, 2027 on" in asks("pause until 3 dec")
    assert "no day I can read" in asks("pause until 31 feb")
    with world.store.read() as uow:
        (schedule,) = uow.schedules.all(world.community.id, Job.SUGGEST)
        done = [row.action for row in uow.audit.all(world.community.id)]
    assert schedule.paused_until == date(2027, 12, 3)
    assert {"suggest.on", "suggest.pause"} <= set(done)
    assert "Paused" not in asks("resume")


def test_nothing_private_is_listed_anywhere(world: World) -> None:
    talk(world, "lifetimes", "closures")
    talk(world, "salaries", "layoffs", "budgets", room="staff", private=True)
    with world.store.write() as uow:
        uow.rooms.configure(world.room("staff").id, indexed=True)
        uow.commit()
    talk(world, "promotions", room="staff", private=True)
    for room in ("general", "staff"):
        assert suggest(world, room)[0] is Outcome.DONE
    for sent in world.deliver():
        text = words_of(sent.message)
        assert "lifetimes" in text
        assert not any(word in text for word in ("salaries", "layoffs", "budgets", "promotions"))


def test_too_little_or_too_old_says_nothing(world: World) -> None:
    talk(world, "lifetimes")
    assert suggest(world)[0] is Outcome.SKIPPED
    talk(world, "closures")
    world.clock.go_on(days=8)
    assert suggest(world) == (Outcome.SKIPPED, "nothing good enough")
    assert world.deliver() == []


def test_a_room_that_is_gone_is_skipped(world: World) -> None:
    job = SuggestInRoom(world.store, world.app.engine, world.clock, world.ids)
    outcome, note = job(world.community, Occurrence(Job.SUGGEST, "room:999", "2027-01-04", world.clock.now()))
    assert (outcome, note) == (Outcome.SKIPPED, "the room is gone")


def test_what_is_deleted_before_it_goes_out_takes_the_message_with_it(world: World) -> None:
    talk(world, "lifetimes", "closures")
    suggest(world)
    with world.store.write() as uow:
        post = uow.posts.all(world.community.id)[0]
        uow.messages.delete(world.community.id, post.root, world.clock.now())
        uow.commit()
    assert world.deliver() == []
    assert len(world.dropped) == 1
