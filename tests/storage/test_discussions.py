"""Discussions come out the same in whatever order their messages arrive, circles and threads included."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.incoming import RoomKind
from bot.domain.refs import MessageRef
from storage import SqlStore, open_store
from tests.storage.people import World, place, posted, settle

_rooms = count()


@dataclass(frozen=True)
class Said:
    native: str
    reply_to: str | None
    minute: int
    opens: bool
    service: bool


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """Messages that answer any other, later ones, themselves and ones that never come, in any order of arrival."""
    size = draw(st.integers(1, 12))
    said = [
        Said(
            native=str(number),
            reply_to=draw(st.none() | st.integers(0, size + 1).map(str)),
            minute=draw(st.integers(0, 5)),
            opens=draw(st.integers(0, 9)) == 0,
            service=draw(st.integers(0, 9)) == 0,
        )
        for number in range(size)
    ]
    return draw(st.permutations(said))


def expected_roots(history: list[Said], *, thread: bool) -> dict[str, str]:
    """The plain model: follow what each message answers; in a circle, the first of the circle is the root."""
    by_native = {said.native: said for said in history}

    def precedence(native: str) -> tuple[bool, bool, int, str]:
        said = by_native[native]
        return (not said.opens, said.service, said.minute, native)

    if thread:
        first = min(by_native, key=precedence)
        return dict.fromkeys(by_native, first)
    roots = {}
    for native in by_native:
        path = [native]
        while True:
            said = by_native[path[-1]]
            if said.opens or said.reply_to not in by_native or said.reply_to == said.native:
                roots[native] = path[-1]
                break
            if said.reply_to in path:
                roots[native] = min(path[path.index(said.reply_to) :], key=precedence)
                break
            path.append(said.reply_to)
    return roots


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[tuple[SqlStore, World]]:
    """One store for all examples: each has a room of its own."""
    file = tmp_path_factory.mktemp("discussions") / "s.db"
    shutil.copy(migrated, file)
    store = open_store(f"sqlite:///{file}")
    yield store, settle(store)
    store.close()


@given(history=histories(), cuts=st.lists(st.integers(1, 12), max_size=4), thread=st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_roots_do_not_depend_on_the_order_of_arrival(
    shared: tuple[SqlStore, World], history: list[Said], cuts: list[int], thread: bool
) -> None:
    store, world = shared
    with store.write() as uow:
        kind = RoomKind.THREAD if thread else RoomKind.CHANNEL
        room = uow.rooms.ensure(world.community.id, place(f"r{next(_rooms)}", kind=kind))
        rest = list(history)
        for cut in [*cuts, 99]:
            part, rest = rest[:cut], rest[cut:]
            answers = uow.messages.add_many(
                [
                    (
                        room,
                        world.ann,
                        posted(
                            room,
                            said.native,
                            minute=said.minute,
                            reply_to=said.reply_to,
                            opens=said.opens,
                            service=said.service,
                        ),
                    )
                    for said in part
                ]
            )
            for message, new in answers:
                assert new
                stored = uow.messages.get(message.id)
                assert stored is not None
                assert (stored.root_id, stored.reply_to_id) == (message.root_id, message.reply_to_id)
        found = {message.id: message for message in uow.messages.page(room.id, limit=99)}
        natives = {identity: message.ref.native_id for identity, message in found.items()}
        roots = {natives[identity]: natives[message.root_id] for identity, message in found.items()}
        assert roots == expected_roots(history, thread=thread)
        for said in history:
            one = uow.messages.by_ref(world.community.id, MessageRef(room.ref, said.native))
            assert one is not None
            answered = said.reply_to if said.reply_to in natives.values() and said.reply_to != said.native else None
            assert (natives[one.reply_to_id] if one.reply_to_id else None) == answered
        for root in set(roots.values()):
            opening = uow.messages.by_ref(world.community.id, MessageRef(room.ref, root))
            assert opening is not None
            listed = [said.ref.native_id for said in uow.messages.discussion(opening.id)]
            assert listed[0] == root
            assert set(listed) == {native for native, its in roots.items() if its == root}


def test_a_post_moves_with_its_discussion_when_an_older_opening_comes(store: SqlStore) -> None:
    world = settle(store)
    with store.write() as uow:
        answer, _ = uow.messages.add(world.room, world.ann, posted(world.room, "2", reply_to="1"))
        post, _ = uow.posts.promote(answer.id, title="t", text="some words", language="en", solved=False)
        opening, _ = uow.messages.add(world.room, world.ben, posted(world.room, "1", minute=-1))
        moved = uow.posts.by_root(opening.id)
        assert uow.posts.by_root(answer.id) is None
        assert moved is not None
        assert (moved.id, moved.replies, moved.participants, moved.author_id) == (post.id, 1, 2, world.ben.id)
        uow.commit()


def test_of_two_posts_that_become_one_the_older_stays(store: SqlStore) -> None:
    world = settle(store)
    with store.write() as uow:
        natives = ("2", "3")
        answers = [uow.messages.add(world.room, world.ann, posted(world.room, n, reply_to="1"))[0] for n in natives]
        posts = [
            uow.posts.promote(answer.id, title="t", text="some words", language="en", solved=False)[0]
            for answer in answers
        ]
        opening, _ = uow.messages.add(world.room, world.ben, posted(world.room, "1", minute=-1))
        kept = uow.posts.by_root(opening.id)
        assert kept is not None
        assert kept.id == posts[0].id
        assert uow.posts.get([posts[1].id]) == {}
        gone = [
            change.item for change in uow.items.changed(world.community.id, "e", after=0, limit=9) if not change.ranked
        ]
        assert gone == [posts[1].item]
        uow.commit()
