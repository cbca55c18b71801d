"""What members must be able to rely on: nobody writes over others, consent and deletion reach far, stop is stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Signal
from bot.domain.items import Event
from bot.domain.outgoing import Bullets, Card, MessageLink, Outgoing, Paragraph, Quote, Text
from bot.domain.people import Role
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.schedules import Job, Occurrence, Outcome
from bot.usecases.digest_send import QueueDigests
from bot.usecases.indexing import COURSES_AT_ONCE, EmbedEverything, EmbedPending
from bot.usecases.quotes import without
from bot.usecases.signin import CreateMember
from recsys.encoders import EncoderUnavailable, HashingEncoder
from recsys.types import Matrix, Progress
from tests.bot.reading import act_of, buttons_of, items, titles, words_of
from tests.bot.world import Sent, World, course
from tests.fakes.encoder import InProcessEncoder

QUESTION = "How do I keep a container image small when it needs a compiler?"
ANSWER = "Use two stages: compile in the first, copy only the binary into the second, and start from a slim base."


def test_a_personal_answer_never_replaces_what_others_read(stocked: World) -> None:
    stocked.says("mei", QUESTION)
    public = stocked.asks("ada", "ask", QUESTION, room="general")
    assert public.sending.room == RoomRef("fake", "general")
    mine = stocked.asks("eve", "foryou")
    code = next(button.code for button in buttons_of(mine.message) if act_of(button) == "fresh")
    (answer,) = stocked.happens(stocked.pressing("eve", code, public.ref))
    assert answer.sending.edits is None
    assert answer.sending.room != public.sending.room


def test_a_public_answer_is_checked_with_the_eyes_of_everybody(stocked: World) -> None:
    root = stocked.says("mei", QUESTION, "library")
    stocked.says("ola", ANSWER, "library", reply_to=root)
    stocked.index()
    stocked.put(*[])
    with stocked.store.write() as uow:
        room = uow.rooms.by_ref(stocked.community.id, RoomRef("fake", "library"))
        assert room is not None
        uow.rooms.join(room.id, stocked.member("mei").id, stocked.clock.now())
        uow.commit()
    with stocked.store.read() as uow:
        post = stocked.post(root)
        assert post is not None
    answer = stocked.asks("mei", "ask", QUESTION, room="general")
    assert post.item in answer.sending.items
    # The room is closed before a second, identical answer goes out: its member may see it, the public room may not.
    stocked.says("ola", "from now on this is ours", "library", private=True)
    row = next(iter([answer.sending]))
    with stocked.store.write() as uow:
        uow.outbox.add(stocked.community.id, replace(row, key="again"), stocked.clock.now())
        uow.commit()
    assert stocked.deliver() == []
    assert stocked.dropped[-1].key == "again"


def test_whoever_comes_first_after_an_import_owns_the_community(world: World) -> None:
    world.says("imported", "hello there, I am from the old group")
    create = CreateMember(world.store, world.clock, world.community.id)
    assert create("Ada", "en", "UTC").role is Role.OWNER
    assert create("Bob", "en", "UTC").role is Role.MEMBER


def test_an_old_form_does_not_switch_consent_back_on(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    stocked.press("lin", stocked.asks("lin", "profile"), "c-enrolments")
    assert not stocked.member("lin").consent.allows(ConsentKind.ENROLMENTS)
    stocked.presses("lin", form, "skip")
    assert not stocked.member("lin").consent.allows(ConsentKind.ENROLMENTS)


def test_a_consent_taken_back_leaves_the_running_engine(stocked: World) -> None:
    everything = frozenset(ConsentKind)
    stocked.arrives("bob", consent=everything)
    root = stocked.says("bob", QUESTION)
    post = stocked.post(root)
    assert post is not None
    engine = stocked.app.engine
    engine.refresh()
    bob = f"member:{stocked.member('bob').id}"
    assert engine.shelf.participation.people_of(post.item) == (bob,)
    stocked.press("bob", stocked.asks("bob", "profile"), "c-messages")
    engine.refresh()
    assert engine.shelf.participation.people_of(post.item) == ()


def test_a_deleted_message_is_no_interaction_any_more(stocked: World) -> None:
    stocked.arrives("bob", consent=frozenset(ConsentKind))
    root = stocked.says("mei", QUESTION)
    reply = stocked.says("bob", ANSWER, reply_to=root)
    assert [signal for signal, _ in stocked.history("bob")] == ["reply"]
    stocked.deletes(reply)
    assert stocked.history("bob") == []


def test_what_was_done_long_ago_still_excludes(stocked: World) -> None:
    stocked.arrives("lin", language="en")
    long_ago = stocked.clock.now() - timedelta(days=900)
    stocked.does("lin", Signal.COMPLETE, "course:rust-start", at=long_ago)
    stocked.does("lin", Signal.DISMISS, "course:python-data", at=long_ago)
    stocked.does("lin", Signal.SAVE, "course:sql", at=long_ago)
    for number in range(320):
        stocked.does("lin", Signal.CLICK, "course:linux", at=long_ago + timedelta(days=1, minutes=number))
    shown = stocked.everything_for("lin")
    assert not {"course:rust-start", "course:python-data"} & set(shown)
    assert "course:sql" in items(stocked.asks("lin", "saved").message)


def test_dismissed_courses_do_not_empty_a_search(world: World) -> None:
    alike = [
        course(f"rust-{number}", f"Rust in practice, part {number}", "Ownership and borrowing") for number in range(8)
    ]
    world.add_courses(*alike)
    world.arrives("lin")
    first = world.asks("lin", "learn", "rust in practice")
    for item in items(first.message):
        world.press("lin", first, "hide", item=item)
    again = world.asks("lin", "learn", "rust in practice")
    assert len(items(again.message)) == 3
    assert not set(items(again.message)) & set(items(first.message))


def subscribed(world: World) -> Sent:
    """Lin, who gets the letter on Fridays at 18:00; the settings as they stand there."""
    world.arrives("lin", language="en")
    world.does("lin", Signal.COMPLETE, "course:rust-start")
    lin = world.member("lin")
    world.change(replace(lin, profile=replace(lin.profile, topics=("rust", "python"))))
    return world.press("lin", world.asks("lin", "digest"), "on")


def test_stop_stops_a_letter_that_waits_for_the_morning(stocked: World) -> None:
    sheet = subscribed(stocked)
    stocked.clock.set(datetime(2027, 1, 8, 23, 0, tzinfo=UTC))
    now = stocked.clock.now()
    occurrence = Occurrence(Job.DIGEST, f"member:{stocked.member('lin').id}", "2027-01-08", now)
    prepared = stocked.app.prepare_digests(stocked.community, [occurrence], now)
    ((_, outcome, _),) = QueueDigests(stocked.store)(stocked.community, prepared, now)
    assert outcome is Outcome.DONE
    assert stocked.deliver() == []
    stocked.press("lin", sheet, "stop")
    stocked.clock.set(datetime(2027, 1, 9, 9, 0, tzinfo=UTC))
    assert stocked.deliver() == []
    assert stocked.dropped[-1].unsolicited


def test_moving_the_day_past_today_brings_no_letter_at_once(stocked: World) -> None:
    sheet = stocked.press("lin", subscribed(stocked), "p-when")
    stocked.clock.set(datetime(2027, 1, 6, 20, 0, tzinfo=UTC))  # a Wednesday, after the hour
    planner = stocked.app.letters()
    for day in (5, 6, 0, 1, 2):  # Friday ... Tuesday, Wednesday
        stocked.press("lin", sheet, f"d{day}")
        tick = planner.tick()
        assert (tick.done, tick.skipped, tick.missed) == (0, 0, 0)
    assert stocked.deliver() == []


class _Picky(InProcessEncoder):
    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        if any("poison" in text for text in texts):
            raise EncoderUnavailable("the child died on this text")
        return super().encode(texts, progress=progress)


def test_one_text_that_the_encoder_refuses_holds_nobody_up(stocked: World) -> None:
    with stocked.store.write() as uow:
        uow.courses.upsert_many(
            stocked.community.id,
            [course("bad", "A poison pill"), *(course(f"good-{n}", f"Good course {n}") for n in range(5))],
        )
        uow.commit()
    embed = EmbedPending(stocked.store, _Picky())
    assert embed(stocked.community.id) == 5
    assert embed(stocked.community.id) == 0
    with stocked.store.read() as uow:
        assert uow.items.pending_count(stocked.community.id, _Picky().name) == 1


class _Questions(HashingEncoder):
    @property
    def name(self) -> str:
        return "questions#1"

    def encode_questions(self, texts: Sequence[str]) -> Matrix:
        return self.encode(texts)


def test_courses_wait_for_their_second_vector_and_nothing_else_does(stocked: World) -> None:
    with stocked.store.write() as uow:
        uow.courses.upsert_many(stocked.community.id, [course(f"n-{n}", f"Course {n}") for n in range(30)])
        uow.events.upsert(stocked.community.id, Event("live", "Live coding", stocked.clock.now()))
        uow.commit()
    first, second = InProcessEncoder(), _Questions()
    kinds = frozenset({"course"})
    embed = EmbedEverything(
        EmbedPending(stocked.store, first), EmbedPending(stocked.store, second, title_share=0.0, kinds=kinds)
    )
    with stocked.store.read() as uow:
        waiting = uow.items.pending_count(stocked.community.id, second.name, kinds=kinds)
        everything = uow.items.pending_count(stocked.community.id, second.name)
    assert waiting >= 30
    assert everything > waiting
    # A slice is a second's work, so that a new message is not kept waiting by a catalogue.
    assert embed(stocked.community.id, limit=256) == 31 + COURSES_AT_ONCE
    while embed(stocked.community.id, limit=256):
        continue
    with stocked.store.read() as uow:
        assert uow.items.pending_count(stocked.community.id, second.name) == everything - waiting == 1


def _ref(number: str) -> MessageRef:
    return MessageRef(RoomRef("web", "general"), number)


def test_a_deleted_message_leaves_quotes_cards_and_links() -> None:
    root, reply, other = _ref("1"), _ref("2"), _ref("3")
    link = MessageLink("t", reply)
    shown = Outgoing(
        (
            Paragraph((Text("found"),)),
            Quote((Text("secret words"),), (link,)),
            Quote((Text("kept"),), (MessageLink("t", other),)),
            Card("Discussion", "t", "post:1", title_link=MessageLink("t", root), body="says secret words"),
            Bullets(((link, Text("x")), (MessageLink("t", other),))),
        )
    )
    after = without(shown, reply, root)
    assert "secret words" not in words_of(after)
    assert "kept" in words_of(after)
    assert titles(after) == ["t"]
    assert titles(without(shown, root, root)) == []
    assert without(after, _ref("9"), _ref("9")) == after
