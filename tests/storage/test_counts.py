"""The counts that grow with each message are those that counting everything gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.incoming import RoomKind
from bot.domain.people import Member
from storage import SqlStore, open_store
from storage.repositories.suggestable_posts import recount_posts
from tests.storage.people import AT, MINUTE, World, person, place, posted, settle

_rooms = count()
speakers = st.integers(0, 3)
natives = st.integers(0, 6).map(str)
acts = st.one_of(
    st.tuples(st.just("say"), speakers, natives, st.none() | natives),
    st.tuples(st.just("react"), speakers, natives, st.booleans()),
    st.tuples(st.just("count"), st.just(0), natives, st.integers(0, 3)),
    st.tuples(st.just("delete"), st.just(0), natives, st.none()),
    st.tuples(st.just("promote"), st.just(0), natives, st.none()),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[tuple[SqlStore, World, list[Member]]]:
    file = tmp_path_factory.mktemp("counts") / "s.db"
    shutil.copy(migrated, file)
    store = open_store(f"sqlite:///{file}")
    world = settle(store)
    with store.write() as uow:
        people = [world.ann, world.ben, person(uow, 1, "cem"), person(uow, 1, "robot", bot=True)]
        uow.commit()
    yield store, world, people
    store.close()


@given(history=st.lists(acts, min_size=1, max_size=25), thread=st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counting_as_it_grows_is_counting_everything(
    shared: tuple[SqlStore, World, list[Member]], history: list[tuple[str, int, str, object]], thread: bool
) -> None:
    store, world, people = shared
    with store.write() as uow:
        kind = RoomKind.THREAD if thread else RoomKind.CHANNEL
        room = uow.rooms.ensure(world.community.id, place(f"r{next(_rooms)}", kind=kind))
        for minute, (act, who, native, more) in enumerate(history):
            at = AT + minute * MINUTE
            ref = posted(room, native).ref
            message = uow.messages.by_ref(1, ref)
            if act == "say":
                reply_to = more if isinstance(more, str) else None
                uow.messages.add(room, people[who], posted(room, native, minute=minute % 5, reply_to=reply_to))
            elif act == "react":
                uow.messages.react(1, ref, people[who].id, "👍", present=bool(more), at=at)
            elif act == "count":
                uow.messages.react_count(1, ref, "👍", int(str(more)))
            elif act == "delete":
                uow.messages.delete(1, ref, at)
            elif message is not None and message.root_id == message.id and message.deleted_at is None:
                uow.posts.promote(message.id, title="t", text="words", language="en", solved=False)
        grown = {post.id: post for post in uow.posts.all(1) if post.room_id == room.id}
        roots = [message.id for message in uow.messages.page(room.id, limit=99)]
        recount_posts(uow._scope, roots)
        assert uow.posts.get(grown) == grown
        for post in grown.values():
            item = uow.items.get(1, [post.item])[post.item]
            assert (item.replies, item.participants, item.reactions) == (
                post.replies,
                post.participants,
                post.reactions,
            )


def test_a_post_that_joins_a_deleted_opening_is_withdrawn(shared: tuple[SqlStore, World, list[Member]]) -> None:
    store, world, (ann, *_) = shared
    with store.write() as uow:
        room = uow.rooms.ensure(world.community.id, place(f"r{next(_rooms)}"))
        uow.messages.add(room, ann, posted(room, "0"))
        uow.messages.delete(1, posted(room, "0").ref, AT)
        later, _ = uow.messages.add(room, ann, posted(room, "2", reply_to="1"))
        post, _ = uow.posts.promote(later.id, title="t", text="words", language="en", solved=False)
        uow.messages.add(room, ann, posted(room, "1", reply_to="0"))
        assert post.id not in {other.id for other in uow.posts.all(1)}
        assert uow.items.get(1, [post.item]) == {}


def test_who_spoke_before_is_not_counted_again(shared: tuple[SqlStore, World, list[Member]]) -> None:
    store, world, (ann, ben, cem, _) = shared
    with store.write() as uow:
        room = uow.rooms.ensure(world.community.id, place(f"r{next(_rooms)}"))
        opening, _ = uow.messages.add(room, ann, posted(room, "0"))
        elsewhere = [(room, who, posted(room, f"other {who.id}")) for who in (ben, cem)]
        uow.messages.add_many(elsewhere)
        uow.posts.promote(opening.id, title="t", text="words", language="en", solved=False)
        counted: list[tuple[int, int]] = []
        for at, who in enumerate((ben, ann, ben, cem), start=1):
            uow.messages.add(room, who, posted(room, str(at), reply_to="0"))
            post = uow.posts.by_root(opening.id)
            assert post is not None
            counted.append((post.replies, post.participants))
    assert counted == [(1, 2), (2, 2), (3, 2), (4, 3)]


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_replies_are_all_counted_however_few_are_read(shared: tuple[SqlStore, World, list[Member]], limit: int) -> None:
    store, world, (ann, ben, *_) = shared
    with store.write() as uow:
        room = uow.rooms.ensure(world.community.id, place(f"r{next(_rooms)}"))
        opening, _ = uow.messages.add(room, ann, posted(room, "0"))
        uow.messages.add_many([(room, ben, posted(room, str(at), reply_to="0")) for at in (1, 2, 3)])
        gone = posted(room, "3").ref
        uow.messages.delete(world.community.id, gone, AT)
        assert uow.messages.discussion(opening.id, limit=limit)[0].replies == 2
