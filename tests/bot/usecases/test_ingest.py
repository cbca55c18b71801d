"""What is said in rooms becomes posts and signals, and leaves without a trace when it is taken back."""

from __future__ import annotations

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.incoming import CommandInvoked, MemberJoined, MessagePosted, ReactionChanged, RoomMoved, Sender
from bot.domain.permissions import PUBLIC, room_audience
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from tests.bot.reading import items, words_of
from tests.bot.world import FAKE, World

QUESTION = "How do I cancel a rust task that waits for a lock?"
REPLY = "Use a cancellation token and select between it and the lock of the mutex."


@pytest.fixture
def open_world(world: World) -> World:
    """Everybody who talks here allowed everything."""
    for who in ("lin", "mei", "ola"):
        world.arrives(who, consent=frozenset(ConsentKind))
    return world


def found(world: World, words: str, who: str = "lin") -> list[str]:
    world.index()
    return items(world.asks(who, "learn", words).message)


def test_a_question_is_a_post_at_once_and_small_talk_is_none(world: World) -> None:
    post = world.post(world.says("mei", QUESTION))
    assert post is not None
    assert (post.title, post.room_name, post.author_name, post.audience) == (QUESTION, "general", "Mei", PUBLIC)
    assert world.post(world.says("mei", "Good morning to all of you here.")) is None
    assert world.post(world.says("mei", "Why?")) is None


def test_what_others_take_up_becomes_a_post(world: World) -> None:
    root = world.says("mei", "Today I wrote a small allocator in rust.")
    assert world.post(root) is None
    world.says("robot", "Your message was very nice to read.", reply_to=root, bot=True)
    assert world.post(root) is None
    world.says("ola", REPLY, reply_to=root)
    post = world.post(root)
    assert post is not None
    assert post.replies == 1


def test_two_reactions_take_something_up_too(world: World) -> None:
    root = world.says("mei", "Today I wrote a small allocator in rust.")
    world.reacts("lin", root)
    assert world.post(root) is None
    world.reacts("ola", root)
    assert world.post(root) is not None
    world.reacts("ola", root, present=False)
    assert world.post(root) is None


def test_answers_can_be_found_and_marked_as_the_solution(world: World) -> None:
    root = world.says("mei", QUESTION)
    reply = world.says("ola", REPLY, reply_to=root)
    post = world.post(root)
    assert post is not None
    assert not post.solved
    assert found(world, "cancellation token select mutex") == [post.item]
    world.reacts("mei", reply, "✅")
    after = world.post(root)
    assert after is not None
    assert (after.solved, after.replies, after.participants) == (True, 1, 2)


def test_edits_are_found_and_the_old_words_are_not(world: World) -> None:
    root = world.says("mei", "How do I bake a quiche lorraine in a small oven?")
    assert found(world, "quiche lorraine")
    world.edits(root, QUESTION)
    post = world.post(root)
    assert post is not None
    assert post.title == QUESTION
    answer = world.asks("lin", "learn", "quiche lorraine")
    assert "quiche" not in "\n".join(words_of(answer.message).splitlines()[1:])
    assert found(world, "cancel task lock") == [post.item]


def test_an_edit_can_take_the_question_out(world: World) -> None:
    root = world.says("mei", QUESTION)
    world.edits(root, "Never mind, I have found it out myself.")
    assert world.post(root) is None


def test_what_is_deleted_is_gone_at_once(open_world: World) -> None:
    world = open_world
    root = world.says("mei", QUESTION)
    reply = world.says("ola", "The secret word is xylophone, and a cancellation token.", reply_to=root)
    assert found(world, "xylophone")
    before = world.post(root)
    assert before is not None
    world.deletes(reply)
    # Not indexed again: the old vector and the old words must be gone already.
    for name in ("learn", "ask"):
        answer = words_of(world.asks("lin", name, "xylophone").message)
        assert "secret word" not in answer
    world.deletes(root)
    assert world.post(root) is None
    assert items(world.asks("lin", "learn", QUESTION).message) == []
    with world.store.read() as uow:
        assert uow.items.get(world.community.id, [before.item]) == {}
        tombstone = uow.messages.by_ref(world.community.id, root)
    assert tombstone is not None
    assert (tombstone.text, tombstone.deleted_at) == ("", world.clock.now())


def test_deleting_the_answer_takes_its_words_out_of_the_post(world: World) -> None:
    root = world.says("mei", QUESTION)
    reply = world.says("ola", REPLY, reply_to=root)
    world.deletes(reply)
    post = world.post(root)
    assert post is not None
    assert (post.replies, "cancellation" in post.text) == (0, False)


def test_signals_need_consent(open_world: World) -> None:
    root = open_world.says("mei", QUESTION)
    reply = open_world.says("ola", REPLY, reply_to=root)
    open_world.reacts("lin", reply)
    open_world.reacts("mei", reply)
    open_world.reacts("ola", reply)
    open_world.says("sam", "I would like to know that as well, please.", reply_to=root)
    open_world.reacts("sam", reply)
    post = open_world.post(root)
    assert post is not None
    assert open_world.history("mei") == [("post", post.item), ("react", post.item)]
    assert open_world.history("ola") == [("reply", post.item)], "a reaction to one's own words is no signal"
    assert open_world.history("lin") == [("react", post.item)]
    assert open_world.history("sam") == [], "a newcomer allowed enrolments only"


def test_a_reaction_taken_back_is_no_signal(open_world: World) -> None:
    root = open_world.says("mei", QUESTION)
    open_world.reacts("lin", root)
    open_world.reacts("lin", root)
    assert len(open_world.history("lin")) == 1
    open_world.reacts("lin", root, present=False)
    assert open_world.history("lin") == []
    open_world.reacts("lin", root)
    assert len(open_world.history("lin")) == 1


def test_anonymous_reactions_are_counted(world: World) -> None:
    root = world.says("mei", QUESTION)
    world.happens(ReactionChanged(root, None, "👍", True, world.clock.now(), count=7))
    post = world.post(root)
    assert post is not None
    assert post.reactions == 7


def test_bots_and_the_platform_itself_are_not_heard(open_world: World) -> None:
    assert open_world.post(open_world.says("robot", QUESTION, bot=True)) is None
    assert open_world.post(open_world.says("mei", QUESTION, service=True)) is None
    assert open_world.history("robot") == []


def test_commands_and_talk_with_the_bot_are_no_posts(open_world: World) -> None:
    ref = MessageRef(RoomRef(FAKE, "general"), "typed")
    place, sender, at = open_world.place("general"), open_world.sender("lin"), open_world.clock.now()
    open_world.happens(CommandInvoked(place, sender, "ask", "how do I cancel a rust task?", at, ref))
    with open_world.store.read() as uow:
        message = uow.messages.by_ref(open_world.community.id, ref)
        assert message is not None
        assert message.text == "/ask how do I cancel a rust task?"
        assert uow.posts.all(open_world.community.id) == []
    assert open_world.tells("lin", QUESTION)
    with open_world.store.read() as uow:
        assert uow.posts.all(open_world.community.id) == []
    assert open_world.history("lin") == []


def test_a_room_that_is_not_indexed_gives_no_posts(world: World) -> None:
    root = world.says("mei", QUESTION, "staff", private=True)
    assert world.post(root) is None
    with world.store.write() as uow:
        uow.rooms.configure(world.room("staff").id, indexed=True)
        uow.commit()
    again = world.says("mei", QUESTION, "staff", private=True)
    post = world.post(again)
    assert post is not None
    assert post.audience == room_audience(world.room("staff").id)


def test_who_joins_reads_and_who_leaves_does_not(world: World) -> None:
    world.says("mei", "Hello to the few of us.", "staff", private=True)
    with world.store.write() as uow:
        uow.rooms.configure(world.room("staff").id, indexed=True)
        uow.commit()
    root = world.says("mei", QUESTION, "staff", private=True)
    post = world.post(root)
    assert post is not None
    assert found(world, QUESTION, "lin") == []
    world.joins("lin", "staff", private=True)
    assert found(world, QUESTION, "lin") == [post.item]
    world.leaves("lin", "staff", private=True)
    assert found(world, QUESTION, "lin") == []
    assert found(world, QUESTION, "mei") == [post.item]


def test_replies_in_a_circle_end(world: World) -> None:
    place, at = world.place("general"), world.clock.now()
    refs = [MessageRef(place.room, f"c{n}") for n in range(3)]
    for n in range(3):
        text = f"{QUESTION} Circle number {n}."
        world.happens(
            MessagePosted(refs[n], place, world.sender("mei"), text, at, reply_to=refs[(n + 1) % 3].native_id)
        )
    own = MessageRef(place.room, "self")
    world.happens(MessagePosted(own, place, world.sender("mei"), QUESTION, at, reply_to="self"))
    assert world.inbox() == {"done": 4}
    with world.store.read() as uow:
        assert 1 <= len(uow.posts.all(world.community.id)) <= 2
    assert found(world, "circle number")


def test_an_answer_that_comes_before_its_question_finds_it(world: World) -> None:
    place, at = world.place("general"), world.clock.now()
    root, reply = MessageRef(place.room, "root"), MessageRef(place.room, "reply")
    early = "Is it perhaps a cancellation token that you look for?"
    world.happens(MessagePosted(reply, place, world.sender("ola"), early, at, reply_to="root"))
    assert world.post(reply) is not None
    world.happens(MessagePosted(root, place, world.sender("mei"), QUESTION, at))
    post = world.post(root)
    assert post is not None
    assert post.replies == 1
    with world.store.read() as uow:
        assert [p.item for p in uow.posts.all(world.community.id)] == [post.item]


def test_the_same_message_twice_is_one(open_world: World) -> None:
    for _ in range(2):
        ref = open_world.says("mei", QUESTION, ref="same")
    assert open_world.post(ref) is not None
    assert len(open_world.history("mei")) == 1
    with open_world.store.read() as uow:
        assert uow.stats(open_world.community.id)["messages"] == 1


def test_names_that_deceive_are_cleaned_whoever_brings_them(world: World) -> None:
    root = world.says("mei", QUESTION)
    evil = Sender(AccountRef(FAKE, "evil"), "Mod\u202erotare\ud800\x00")
    at = world.clock.now()
    world.happens(ReactionChanged(root, evil, "👍\u202e", True, at))
    joining = Sender(AccountRef(FAKE, "joiner"), "Jo\x00iner")
    world.happens(MemberJoined(world.place("general"), joining, at))
    assert world.inbox() == {"done": 3}
    assert world.member("evil").name == "Modrotare"
    assert world.member("joiner").name == "Joiner"


def test_a_nameless_account_renames_nobody(world: World) -> None:
    root = world.says("mei", QUESTION)
    world.happens(ReactionChanged(root, Sender(AccountRef(FAKE, "mei"), ""), "👍", True, world.clock.now()))
    assert world.member("mei").name == "Mei"


def test_a_room_may_move(world: World) -> None:
    root = world.says("mei", QUESTION)
    world.happens(RoomMoved(root.room, RoomRef(FAKE, "general-2"), world.clock.now()))
    assert world.room("general-2").name == "general"


def test_changes_of_what_is_unknown_are_harmless(world: World) -> None:
    ghost = MessageRef(RoomRef(FAKE, "nowhere"), "ghost")
    world.edits(ghost, "text")
    world.deletes(ghost)
    world.reacts("lin", ghost)
    assert world.inbox() == {"done": 3}
