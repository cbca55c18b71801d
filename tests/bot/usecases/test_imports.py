"""Files that become courses, histories and interactions: all or nothing, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.incoming import Incoming, MemberJoined, MessagePosted, ReactionChanged
from bot.domain.interactions import RawInteraction, Signal
from bot.domain.items import Course, ItemId
from bot.domain.refs import AccountRef, MessageRef
from bot.errors import BadInput
from bot.ports import SkippedRow
from bot.usecases.imports import BrokenFile, ImportCourses, ImportHistory, ImportInteractions, ImportReport
from tests.bot.world import CATALOGUE, FAKE, World
from tests.fakes.clock import START

Row = TypeVar("Row")
BAD = SkippedRow(3, "hours", "is no number")
LEFT_OUT = SkippedRow(4, "type", "a kind of message that is not kept", harmless=True)


def file(*rows: Row | SkippedRow | BadInput) -> Callable[[], Iterator[Row | SkippedRow]]:
    """A reader that can be asked again and again; an error is where the file ends in the middle."""

    def read() -> Iterator[Row | SkippedRow]:
        for row in rows:
            if isinstance(row, BadInput):
                raise row
            yield row

    return read


def stats(world: World) -> dict[str, int]:
    with world.store.read() as uow:
        return uow.stats(world.community.id)


def pending(world: World) -> int:
    with world.store.read() as uow:
        return uow.items.pending_count(world.community.id, world.encoder.name)


def courses(world: World, *rows: Course | SkippedRow | BadInput, skip_bad: bool = False) -> ImportReport:
    return ImportCourses(world.store)(world.community.id, file(*rows), skip_bad=skip_bad)


def test_courses_are_added_once(world: World) -> None:
    seen: list[tuple[int, int]] = []
    report = ImportCourses(world.store)(
        world.community.id, file(*CATALOGUE), progress=lambda done, total: seen.append((done, total))
    )
    assert (report.read, report.added, report.updated, report.unchanged) == (11, 11, 0, 0)
    assert seen == [(11, 11)]
    again = courses(world, *CATALOGUE)
    assert (again.read, again.added, again.updated, again.unchanged) == (11, 0, 0, 11)
    assert pending(world) == 11


def test_only_what_changed_is_embedded_again(stocked: World) -> None:
    assert pending(stocked) == 0
    first, second, *rest = CATALOGUE
    changed = replace(first, summary="Quite another description of Rust.")
    dearer = replace(second, price=12.5)
    report = courses(stocked, changed, dearer, *rest)
    assert (report.updated, report.unchanged) == (2, 9)
    assert pending(stocked) == 1
    encoded = stocked.encoder.encoded
    assert stocked.index() == 1
    assert 0 < stocked.encoder.encoded - encoded <= 2
    assert pending(stocked) == 0


def test_a_broken_row_stops_everything_before_anything_is_written(world: World) -> None:
    with pytest.raises(BrokenFile, match="line 3, hours: is no number") as refused:
        courses(world, *CATALOGUE, BAD, LEFT_OUT)
    assert refused.value.skipped == (BAD,)
    assert "nothing was imported" in str(refused.value)
    assert "--skip-bad" in str(refused.value)
    assert stats(world)["courses"] == 0


def test_many_broken_rows_are_counted_and_the_first_are_shown(world: World) -> None:
    with pytest.raises(BrokenFile, match="and 15 more"):
        courses(world, *(SkippedRow(n, "", "broken") for n in range(20)))


def test_broken_rows_may_be_skipped(world: World) -> None:
    report = courses(world, CATALOGUE[0], BAD, CATALOGUE[1], skip_bad=True)
    assert (report.read, report.added, report.skipped) == (2, 2, [BAD])


def test_harmless_rows_hold_up_nothing(world: World) -> None:
    report = courses(world, CATALOGUE[0], LEFT_OUT)
    assert (report.added, report.skipped) == (1, [LEFT_OUT])


def test_a_file_that_breaks_off(world: World) -> None:
    with pytest.raises(BadInput, match="ends in the middle"):
        courses(world, CATALOGUE[0], BadInput("the file ends in the middle"))
    assert stats(world)["courses"] == 0
    report = courses(world, CATALOGUE[0], BadInput("the file ends in the middle"), skip_bad=True)
    assert report.added == 1
    assert [row.problem for row in report.skipped] == ["the file ends in the middle"]


def raw(line: int, who: str, item: str, signal: Signal = Signal.ENROL, value: float = 1.0) -> RawInteraction:
    return RawInteraction(AccountRef(FAKE, who), ItemId(item), signal, value, START, f"{who}:{item}:{signal}", line)


def test_interactions_make_members_and_are_kept_once(stocked: World) -> None:
    stocked.arrives("lin")
    rows = [raw(1, "lin", "course:sql"), raw(2, "mei", "course:sql"), raw(3, "mei", "course:linux", Signal.COMPLETE)]
    run = ImportInteractions(stocked.store)
    report = run(stocked.community.id, file(*rows))
    assert (report.read, report.added, report.members) == (3, 3, 1)
    assert stocked.history("mei") == [("enrol", "course:sql"), ("complete", "course:linux")]
    again = run(stocked.community.id, file(*rows))
    assert (again.added, again.unchanged, again.members) == (0, 3, 0)
    assert "course:sql" not in stocked.everything_for("lin")


def test_items_that_no_catalogue_has_are_kept_and_named(stocked: World) -> None:
    rows = [
        raw(1, "lin", "course:sqll"),
        raw(2, "mei", "course:sql"),
        raw(3, "mei", "course:sqll"),
        raw(4, "mei", "course:r"),
    ]
    report = ImportInteractions(stocked.store)(stocked.community.id, file(*rows))
    assert (report.added, report.unknown) == (4, {"course:sqll": 2, "course:r": 1})
    assert stocked.history("lin") == [("enrol", "course:sqll")]


def test_interactions_of_who_said_no_are_not_kept(stocked: World) -> None:
    stocked.arrives("lin", consent=())
    report = ImportInteractions(stocked.store)(stocked.community.id, file(raw(1, "lin", "course:sql")))
    assert (report.added, report.unchanged) == (0, 1)
    assert stocked.history("lin") == []


def test_broken_interactions_are_not_half_imported(stocked: World) -> None:
    with pytest.raises(BrokenFile):
        ImportInteractions(stocked.store)(stocked.community.id, file(raw(1, "lin", "course:sql"), BAD))
    assert stats(stocked)["members"] == 0


QUESTION = "How do I cancel a rust task that waits for a lock?"
REPLY = "Is it a cancellation token that you are looking for, perhaps?"


def message(world: World, native: str, who: str, text: str, *, minute: int, **more: object) -> MessagePosted:
    place = more.pop("place", world.place("general"))
    at = START - timedelta(days=30) + timedelta(minutes=minute)
    return MessagePosted(MessageRef(place.room, native), place, world.sender(who), text, at, **more)  # type: ignore[arg-type, attr-defined]


def past(world: World) -> list[Incoming]:
    """A short history in which an answer stands before its question."""
    general = world.place("general")
    at = START - timedelta(days=30)
    return [
        MemberJoined(general, world.sender("mei"), at),
        message(world, "2", "ola", REPLY, minute=2, reply_to="1"),
        message(world, "1", "mei", QUESTION, minute=1),
        message(world, "3", "mei", "Thanks, that was it.", minute=3, reply_to="2"),
        ReactionChanged(MessageRef(general.room, "2"), None, "👍\u202e", True, at, count=3),
        ReactionChanged(MessageRef(general.room, "2"), world.sender("mei"), "✅", True, at),
        ReactionChanged(MessageRef(general.room, "99"), None, "👍", True, at),
        message(world, "4", "sam", "Good morning to all of you here.", minute=4),
        message(world, "5", "sam", "How do we keep this to ourselves, in this room?", minute=5,
                place=world.place("staff", private=True)),
    ]  # fmt: skip


def history(world: World, rows: list[Incoming]) -> ImportReport:
    return ImportHistory(world.store, world.dispatcher.ingest)(world.community.id, file(*rows))


def everything(world: World) -> object:
    with world.store.read() as uow:
        posts = uow.posts.all(world.community.id)
        messages = [uow.messages.page(room.id) for room in uow.rooms.all(world.community.id)]
        return (
            {name: n for name, n in uow.stats(world.community.id).items() if n},
            posts,
            messages,
            uow.interactions.after(world.community.id, 0, limit=100),
            uow.items.revision(world.community.id),
        )


def test_a_history_becomes_rooms_members_and_discussions(world: World) -> None:
    world.arrives("mei", consent=frozenset(ConsentKind))
    report = history(world, past(world))
    assert (report.read, report.messages, report.replies, report.reactions) == (8, 5, 2, 2)
    assert (report.rooms, report.members) == (2, 2)
    with world.store.read() as uow:
        (post,) = uow.posts.all(world.community.id)
    assert (post.title, post.replies, post.participants, post.solved) == (QUESTION, 2, 2, True)
    assert post.reactions >= 0
    assert world.history("mei") == [("post", post.item), ("reply", post.item)]
    assert world.history("ola") == [], "who was only imported allowed enrolments only"
    staff = world.room("staff")
    assert staff.audience == f"room:{staff.id}"
    assert not staff.indexed
    with world.store.read() as uow:
        assert uow.rooms.members_of(staff.id) == [world.member("sam").id]
        reply = uow.messages.by_ref(world.community.id, MessageRef(world.place("general").room, "2"))
    assert reply is not None
    assert {(reaction.emoji, reaction.count) for reaction in reply.reactions} == {("👍", 3), ("✅", 1)}


def test_the_same_history_twice_changes_nothing(world: World) -> None:
    world.arrives("mei", consent=frozenset(ConsentKind))
    history(world, past(world))
    before = everything(world)
    again = history(world, past(world))
    assert (again.added, again.messages, again.reactions, again.rooms, again.members) == (0, 0, 0, 0, 0)
    assert again.unchanged == again.read == 8
    assert everything(world) == before


def test_more_of_a_history_adds_only_what_is_new(world: World) -> None:
    rows = past(world)
    history(world, rows[:3])
    report = history(world, rows)
    assert report.messages == 3
    with world.store.read() as uow:
        (post,) = uow.posts.all(world.community.id)
    assert post.replies == 2


def test_what_was_heard_live_is_not_imported_again(world: World) -> None:
    live = message(world, "1", "mei", QUESTION, minute=1)
    world.happens(live)
    assert history(world, [live]).messages == 0


@pytest.mark.parametrize("cut", ["before the discussions", "between two batches"])
def test_an_import_that_was_cut_off_is_completed_by_repeating_it(
    world: World, make_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    world.arrives("mei", consent=frozenset(ConsentKind))
    run = ImportHistory(world.store, world.dispatcher.ingest)
    with monkeypatch.context() as broken:
        if cut == "before the discussions":
            broken.setattr(ImportHistory, "_discussions", _fall_over)
        else:
            broken.setattr("bot.usecases.imports.BATCH", 3)
            broken.setattr("bot.usecases.imports.batches", _fall_over_after_one)
        with pytest.raises(KeyboardInterrupt):
            run(world.community.id, file(*past(world)))
    with world.store.read() as uow:
        assert uow.posts.all(world.community.id) == []
    history(world, past(world))
    whole = make_world()
    whole.arrives("mei", consent=frozenset(ConsentKind))
    history(whole, past(whole))
    with world.store.read() as here, whole.store.read() as there:
        assert here.posts.all(world.community.id) == there.posts.all(whole.community.id)
    assert world.history("mei") == whole.history("mei")


def _fall_over(*_: object) -> None:
    raise KeyboardInterrupt


def _fall_over_after_one(rows: Iterator[Incoming], size: int = 3) -> Iterator[list[Incoming]]:
    yield [next(rows) for _ in range(3)]
    raise KeyboardInterrupt


def test_a_broken_history_writes_nothing(world: World) -> None:
    with pytest.raises(BrokenFile):
        ImportHistory(world.store, world.dispatcher.ingest)(world.community.id, file(*past(world), BAD))
    assert stats(world)["messages"] == 0
    report = ImportHistory(world.store, world.dispatcher.ingest)(
        world.community.id, file(*past(world), BAD, LEFT_OUT), skip_bad=True
    )
    assert (report.messages, report.skipped) == (5, [BAD, LEFT_OUT])
