"""From the inbox to the use-cases: each update once, a bad one parked, its neighbours unharmed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.dispatch import ALIASES, ATTEMPTS, BATCH, TOGETHER, Dispatcher
from bot.domain.incoming import CommandInvoked, MessagePosted
from bot.domain.outgoing import Outgoing
from bot.domain.refs import MessageRef
from bot.errors import BadInput, StoreUnavailable
from bot.ports import InboxRow
from bot.usecases.turn import Turn
from tests.bot.reading import items, words_of
from tests.bot.world import FAKE, World

QUESTION = "How do I cancel a rust task that waits for a lock?"


@dataclass
class Failing:
    """A command that fails so many times before it works."""

    error: Exception
    times: int = 1_000
    called: list[str] = field(default_factory=list)

    def __call__(self, turn: Turn, words: str) -> None:
        self.called.append(words)
        if len(self.called) <= self.times:
            raise self.error


def with_command(world: World, name: str, command: Failing) -> None:
    world.dispatcher = replace(world.dispatcher, commands={**world.dispatcher.commands, name: command})


def posted(world: World, native: str, text: str = QUESTION) -> MessagePosted:
    place = world.place("general")
    return MessagePosted(MessageRef(place.room, native), place, world.sender("mei"), text, world.clock.now())


def invoked(world: World, name: str, words: str = "", who: str = "lin") -> CommandInvoked:
    return CommandInvoked(world.home(who), world.sender(who), name, words, world.clock.now())


def rows(world: World) -> list[InboxRow]:
    with world.store.read() as uow:
        return uow.inbox.pending(limit=100)


def test_what_cannot_be_read_is_parked_and_its_neighbours_are_handled(world: World) -> None:
    world.put(posted(world, "a"), ValueError("no such field\n in \x00 it"), posted(world, "b"), None, RuntimeError("?"))
    world.put(posted(world, "c"))
    assert world.dispatcher.drain() == 6
    assert world.inbox() == {"done": 4, "parked": 2}
    for native in "abc":
        assert world.post(MessageRef(world.place("general").room, native)) is not None
    assert world.dispatcher.drain() == 0


def test_an_update_of_an_unknown_platform_is_parked(world: World) -> None:
    with world.store.write() as uow:
        uow.inbox.put(world.community.id, "icq", [("1", "{}")], world.clock.now())
        uow.commit()
    world.dispatcher.drain()
    assert world.inbox() == {"parked": 1}


def test_what_fails_is_tried_three_times_then_parked_and_the_member_is_told(world: World) -> None:
    failing = Failing(ZeroDivisionError("inner secret"))
    with_command(world, "learn", failing)
    world.put(invoked(world, "learn", "rust"))
    for attempt in range(1, ATTEMPTS + 1):
        assert world.dispatcher.drain() == 1
        assert len(failing.called) == attempt
        assert bool(world.deliver()) == (attempt == ATTEMPTS)
    assert world.inbox() == {"parked": 1}
    (told,) = world.sent
    assert words_of(told.message).startswith("Something went wrong on my side")
    assert "inner secret" not in words_of(told.message)
    assert world.dispatcher.drain() == 0


def test_what_works_the_second_time_is_done(world: World) -> None:
    failing = Failing(ZeroDivisionError(), times=1)
    with_command(world, "learn", failing)
    world.put(invoked(world, "learn", "rust"))
    world.dispatcher.drain()
    world.dispatcher.drain()
    assert world.inbox() == {"done": 1}
    assert world.sent == []


def test_bad_input_is_not_tried_again(world: World) -> None:
    failing = Failing(BadInput("that is no date", hint="write 2027-01-04"))
    with_command(world, "learn", failing)
    (told,) = world.happens(invoked(world, "learn", "rust"))
    assert len(failing.called) == 1
    assert world.inbox() == {"parked": 1}
    assert told.message.blocks


def test_a_full_disk_loses_nothing(world: World) -> None:
    failing = Failing(StoreUnavailable("disk full"), times=1)
    with_command(world, "learn", failing)
    world.put(invoked(world, "learn", "rust"), posted(world, "a"))
    with pytest.raises(StoreUnavailable):
        world.dispatcher.drain()
    assert len(rows(world)) == 2
    assert rows(world)[0].attempts == 0
    world.dispatcher.drain()
    assert world.inbox() == {"done": 2}


def test_one_bad_message_does_not_hold_up_its_batch(world: World) -> None:
    @dataclass(frozen=True)
    class Picky:
        def __call__(self, community_id: int, heard: object, *, cause: int | None = None) -> None:
            if isinstance(heard, MessagePosted) and heard.text == "poison":
                raise ZeroDivisionError
            ingest(community_id, heard, cause=cause)  # type: ignore[arg-type]

    ingest = world.dispatcher.ingest
    world.dispatcher = replace(world.dispatcher, ingest=Picky())  # type: ignore[arg-type]
    world.put(posted(world, "a"), posted(world, "b", "poison"), posted(world, "c"))
    for _ in range(ATTEMPTS):
        world.dispatcher.drain()
    assert world.inbox() == {"done": 2, "parked": 1}
    for native in "ac":
        assert world.post(MessageRef(world.place("general").room, native)) is not None


def test_what_was_said_before_a_command_is_known_to_it(world: World) -> None:
    world.put(posted(world, "a"), invoked(world, "learn", "cancel rust task"), posted(world, "b", QUESTION + " Again."))
    world.dispatcher.drain()
    (answer,) = world.deliver()
    assert len(items(answer.message)) == 1


@dataclass(frozen=True)
class Crashing(Dispatcher):
    """Falls over right after the use-case has committed."""

    crashed: list[int] = field(default_factory=list)

    def _finish(self, row: InboxRow) -> None:
        if not self.crashed:
            self.crashed.append(row.id)
            raise KeyboardInterrupt
        super()._finish(row)


def test_a_crash_after_the_commit_has_its_effect_once(stocked: World) -> None:
    fields = {name: getattr(stocked.dispatcher, name) for name in Dispatcher.__slots__}
    crashing = Crashing(**fields)
    stocked.put(invoked(stocked, "learn", "rust"))
    with pytest.raises(KeyboardInterrupt):
        crashing.drain()
    stocked.restart()
    stocked.dispatcher.drain()
    assert len(stocked.deliver()) == 1
    assert stocked.demand() == [stocked.demand()[0]]
    assert stocked.inbox() == {"done": 1}


def test_a_crash_before_the_commit_is_done_again(stocked: World) -> None:
    stocked.put(invoked(stocked, "learn", "rust"))
    with_command(stocked, "learn", Failing(KeyboardInterrupt()))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        stocked.dispatcher.drain()
    stocked.restart()
    stocked.dispatcher.drain()
    assert len(stocked.deliver()) == 1


def test_the_same_update_delivered_twice_is_one(stocked: World) -> None:
    stocked.put(invoked(stocked, "learn", "rust"))
    with stocked.store.write() as uow:
        assert uow.inbox.put(stocked.community.id, "fake", [("update-0", "update-0")], stocked.clock.now()) == 0
        uow.commit()
    stocked.dispatcher.drain()
    assert len(stocked.deliver()) == 1


def test_plain_words_said_to_the_bot_alone(stocked: World) -> None:
    (answer,) = stocked.tells("lin", "What is cancel safety?")
    assert words_of(answer.message).startswith("❓ What is cancel safety?")
    (found,) = stocked.tells("lin", "async rust")
    assert words_of(found.message).startswith("🔎 async rust")
    (chinese,) = stocked.tells("wei", "怎么学异步")
    assert chinese.message.language == "zh"
    assert stocked.tells("lin", "   ") == []


def test_plain_words_in_a_room_are_not_for_the_bot(stocked: World) -> None:
    assert stocked.happens(posted(stocked, "a")) == []


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("学", "🔎"),
        ("学习", "🔎"),
        ("找", "🔎"),
        ("search", "🔎"),
        ("推荐", "⭐"),
        ("recommend", "⭐"),
        ("问", "❓"),
        ("提问", "❓"),
        ("收藏", "🔖"),
        ("资料", "🧭"),
        ("设置", "🧭"),
        ("settings", "🧭"),
        ("privacy", "🧭"),
        ("周报", "📬 Your digest"),
    ],
)
def test_other_names_of_commands(stocked: World, name: str, begins: str) -> None:
    assert words_of(stocked.asks("lin", name, "rust").message).startswith(begins)


def test_every_alias_is_a_command(world: World) -> None:
    assert set(ALIASES.values()) <= set(world.dispatcher.commands)
    assert not set(ALIASES) & set(world.dispatcher.commands)


def test_help_and_what_is_unknown(world: World) -> None:
    answer = words_of(world.asks("lin", "help").message)
    staff = {"suggest", "wanted", "room", "rec", "report", "personas", "newevent", "ideas", "segments", "setup"}
    for name in world.dispatcher.commands.keys() - {"help", *staff}:
        assert f"/{name}" in answer
    assert not any(f"/{name}" in answer for name in staff)
    unknown = words_of(world.asks("lin", "frobnicate").message)
    assert "I don't know /frobnicate." in unknown
    assert "/help" in unknown
    assert "我不认识 /跳舞" in words_of(world.asks("lin", "跳舞", "现在请跳舞").message)


def test_bots_command_nothing(stocked: World) -> None:
    robot = stocked.sender("robot", bot=True)
    shown = stocked.asks("lin", "foryou")
    command = CommandInvoked(stocked.home("robot"), robot, "learn", "rust", stocked.clock.now())
    press = replace(stocked.pressing("lin", "v1:fresh:abcdefghijklmnop", shown.ref), sender=robot)
    said = MessagePosted(
        MessageRef(stocked.home("robot").room, "x"), stocked.home("robot"), robot, "async rust", stocked.clock.now()
    )
    assert stocked.happens(command, press, said) == []
    assert stocked.inbox() == {"done": 4}


def test_a_button_that_is_too_old_says_so(stocked: World) -> None:
    (told,) = stocked.happens(stocked.pressing("lin", "v1:more:abcdefghijklmnop"))
    assert told.notice.startswith("This button is too old")
    assert told.message.blocks == ()


def test_who_waits_is_told_when_an_answer_is_ready(world: World) -> None:
    woken: list[int] = []
    world.dispatcher = replace(world.dispatcher, answered=lambda: woken.append(1))
    world.happens(invoked(world, "help"), posted(world, "a"))
    assert woken == [1]


def test_in_a_rush_little_is_handled_at_a_time(world: World) -> None:
    rush = [True]
    world.dispatcher = replace(world.dispatcher, rushed=lambda: rush[0])
    world.put(*(posted(world, f"m{number}") for number in range(40)))
    assert world.dispatcher.drain() == TOGETHER
    assert world.inbox() == {"done": TOGETHER, "pending": 40 - TOGETHER}
    rush[0] = False
    assert world.dispatcher.drain() == 40 - TOGETHER
    assert world.inbox() == {"done": 40}


def test_whoever_waits_comes_before_a_backlog_and_in_order_without_one(world: World) -> None:
    said, command = [posted(world, f"m{number}") for number in range(3 * BATCH)], Failing(BadInput("none"), times=0)
    with_command(world, "look", command)
    world.put(*said, invoked(world, "look", "first"), invoked(world, "look", "second"))
    names = [f"update-{number}" for number in (3 * BATCH, 3 * BATCH + 1)]
    hints = [names]
    world.dispatcher = replace(world.dispatcher, hurried=lambda: {FAKE: hints.pop() if hints else []})
    world.dispatcher.drain()
    assert command.called == ["first", "second"]
    assert world.inbox()["pending"] == 2 * BATCH
    while world.dispatcher.drain():
        pass
    assert command.called == ["first", "second"]
    assert world.inbox() == {"done": 3 * BATCH + 2}


@pytest.mark.parametrize(
    ("words", "client", "chinese"),
    [
        ("rust", "zh-hans", True),
        ("async rust", "zh-hans", True),
        ("how do I cancel a task", "zh-hans", False),
        ("怎么取消任务", "en", True),
        ("rust", "en", False),
        ("rust", None, False),
    ],
)
def test_a_few_names_of_things_say_no_language(world: World, words: str, client: str | None, chinese: bool) -> None:
    (answer,) = world.commands("lin", "learn", words, language=client)
    assert any("\u4e00" <= each <= "\u9fff" for each in labels(answer.message)) is chinese


def labels(message: Outgoing) -> str:
    return "".join(button.label for row in message.buttons for button in row)
