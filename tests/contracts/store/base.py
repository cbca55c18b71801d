"""What all parts of the store contract start from: an empty store, people, rooms and messages in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bot.domain.incoming import MessagePosted, Place, Sender
from bot.domain.items import Course
from bot.domain.people import Level, Member
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Message, Room
from bot.ports import Store, UnitOfWork

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COURSE = Course(
    "async-rust", "Async Rust", "Build a chat server.", "https://example.org/a", ("rust", "async"), Level.INTERMEDIATE,
    "en", "Ferris School", 6.0, 99.0, "CNY", ("ownership",), "2024-05", {"isbn": "1"},
)  # fmt: skip


class EmptyStore:
    """`store` is a subclass's: empty, at the port."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def work(self, store: Store) -> Any:
        """An open unit of work in a store with one community."""
        with store.write() as uow:
            uow.communities.add("Rustaceans", language="en", timezone="UTC", sample=False)
            uow.commit()
        with store.write() as uow:
            yield uow


class StoreCase(EmptyStore):
    community = 1

    def person(self, uow: UnitOfWork, name: str, *, bot: bool = False) -> Member:
        return uow.members.resolve(self.community, Sender(AccountRef("web", name), name, bot=bot), AT)

    def room(self, uow: UnitOfWork, name: str = "general", **place: Any) -> Room:
        return uow.rooms.ensure(self.community, Place(RoomRef("web", name), name, **{"indexed": True, **place}))

    def say(
        self, uow: UnitOfWork, room: Room, member: Member, native: str, text: str = "words", **more: Any
    ) -> Message:
        return uow.messages.add(room, member, self.posted(room, native, text, **more))[0]

    def posted(self, room: Room, native: str, text: str = "words", **more: Any) -> MessagePosted:
        at = AT + more.pop("hours", 0) * HOUR
        sender = Sender(AccountRef("web", "x"), "x")
        return MessagePosted(MessageRef(room.ref, native), Place(room.ref), sender, text, at, **more)

    def suggest(self, uow: UnitOfWork, root: Message, text: str = "words", *, solved: bool = False) -> Any:
        return uow.posts.promote(root.id, title="a title", text=text, language="en", solved=solved)

    def items(self, uow: UnitOfWork) -> list[str]:
        changes = uow.items.changed(1, "e", after=0, limit=99)
        return [change.item for change in changes if change.ranked is not None]

    def embed(self, uow: UnitOfWork, encoder: str = "e") -> None:
        todo = uow.items.pending(1, encoder, limit=99)
        uow.items.embedded(encoder, [(one, np.array([1.0, 0.0], dtype=np.float32)) for one in todo])
