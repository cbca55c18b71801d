"""Rooms, messages and discussions: what the application needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.incoming import MessagePosted, Place
from bot.domain.items import Post
from bot.domain.people import Member
from bot.domain.permissions import Viewer
from bot.domain.refs import MessageRef, PollRef, RoomRef
from bot.domain.rooms import Message, Room
from bot.ports.catalogue import Change


class Rooms(Protocol):
    def get(self, room_id: int) -> Room | None: ...
    def by_ref(self, community_id: int, ref: RoomRef) -> Room | None: ...
    def ensure(self, community_id: int, place: Place) -> Room:
        """The room behind an address; made when it is new, renamed when the platform renamed it.

        A private room's audience is ``room:<id>``; a direct room's is ``member:<id>`` once `join` says whose it is. A
        thread has the audience of a private room around it, unless it is closed.
        """
        ...

    def direct(self, community_id: int, platform: str, member_id: int) -> Room:
        """The room in which the bot and a member talk; made when it is new, address ``dm-<member id>``."""
        ...

    def directs(self, community_id: int, platform: str, member_ids: Iterable[int]) -> dict[int, Room]:
        """Those direct rooms that are there, by member."""
        ...

    def viewers(self, members: Iterable[Member]) -> dict[int, Viewer]:
        """`viewer` of many at once, by member."""
        ...

    def join(self, room_id: int, member_id: int, at: datetime) -> None: ...
    def leave(self, room_id: int, member_id: int, at: datetime) -> None: ...
    def close(self, room_id: int, at: datetime) -> None:
        """It is gone from its platform, with its threads: nobody reads it any more, and nothing of it is suggested."""
        ...

    def members_of(self, room_id: int) -> list[int]: ...
    def all(self, community_id: int) -> list[Room]: ...
    def viewer(self, member: Member) -> Viewer:
        """What a member may read now: public, own direct rooms, private rooms joined and not left."""
        ...

    def configure(self, room_id: int, *, indexed: bool) -> bool:
        """May the discussions of the room and of its threads be suggested? At once gone when not; when they may, those
        that were held are listed by `catching_up`. False, and nothing changed: it is ruled out."""
        ...

    def rule_out(self, room_id: int, *, never: bool) -> None:
        """Never to be suggested from, whatever else is switched; or not ruled out any more, and still off."""
        ...

    def lock(self, room_id: int, *, locked: bool) -> None:
        """Nobody is to write there any more, where that is for us to say; or they may again."""
        ...

    def catching_up(self, community_id: int) -> list[tuple[Room, int]]:
        """Rooms that have just been switched on, and up to which opening message (its id) they were looked through."""
        ...

    def caught_up(self, room_id: int, until: int | None) -> None:
        """Looked through up to that opening message; None: all of it."""
        ...

    def move(self, community_id: int, old: RoomRef, new: RoomRef) -> bool:
        """The platform gave a room another address; where it was a home of the community, it stays one."""
        ...


class Messages(Protocol):
    def add(self, room: Room, member: Member, posted: MessagePosted, *, payload: str = "") -> tuple[Message, bool]:
        """Store a message; False when it was there already (redelivery). An older redelivery changes nothing.

        Text must be clean. Finds its discussion by `reply_to` (also when the answered message comes later).
        """
        ...

    def add_many(self, rows: Sequence[tuple[Room, Member, MessagePosted]]) -> list[tuple[Message, bool]]:
        """The same for imports: one statement per kind of change, order kept."""
        ...

    def get(self, message_id: int) -> Message | None: ...
    def by_ref(self, community_id: int, ref: MessageRef) -> Message | None: ...
    def within(self, community_id: int, ref: MessageRef) -> Message | None:
        """The same, also where it is in a thread of that room: some platforms name only the room."""
        ...

    def edit(self, community_id: int, ref: MessageRef, text: str, at: datetime, *, payload: str = "") -> Message | None:
        """None when unknown, unchanged, deleted, or when a later edit is already stored."""
        ...

    def delete(self, community_id: int, ref: MessageRef, at: datetime) -> Message | None:
        """Removes the text (and payload, attachments, poll) at once and leaves a tombstone."""
        ...

    def quoting(self, community_id: int, refs: Sequence[MessageRef]) -> list[Message]:
        """The bot's messages whose payload names one of these messages (candidates: look before you change them)."""
        ...

    def react(
        self, community_id: int, ref: MessageRef, member_id: int, emoji: str, *, present: bool, at: datetime
    ) -> bool:
        """Whether anything changed."""
        ...

    def react_count(self, community_id: int, ref: MessageRef, emoji: str, count: int) -> bool:
        """Reactions known only by number (anonymous or from an export that names nobody)."""
        ...

    def clear_reactions(
        self, community_id: int, ref: MessageRef, at: datetime, *, emoji: str | None = None
    ) -> list[tuple[int, str]]:
        """All of them (of one emoji) are gone, but those given after `at`; returns whose, as (member id, emoji)."""
        ...

    def reacted_by(self, message_ids: Sequence[int], platform: str) -> dict[int, dict[str, frozenset[str]]]:
        """Of each message, by emoji, the accounts on that platform whose reaction is there."""
        ...

    def marked(self, members: Collection[int], emoji: Collection[str], *, since: datetime) -> dict[int, list[datetime]]:
        """Of each member, when answers of theirs were first marked so by somebody else, after `since`, one moment for
        each answer; only while the mark and the answer are there. Rooms that are not read count for nothing."""
        ...

    def count_votes(self, community_id: int, ref: MessageRef | PollRef, votes: Sequence[int]) -> bool:
        """How a poll stands, wherever it is shown; whether anything changed. Another number of options than it has
        changes nothing."""
        ...

    def page(
        self, room_id: int, *, before: int | None = None, limit: int = 50, viewer_id: int | None = None
    ) -> list[Message]:
        """The newest `limit` messages older than message id `before`, in order of time, reactions filled in."""
        ...

    def since(self, room_id: int, after: int, *, limit: int = 200) -> list[Message]: ...
    def discussion(self, root_id: int, *, limit: int = 200, viewer_id: int | None = None) -> list[Message]:
        """The opening message and its answers, in order of time."""
        ...

    def openings(self, room_id: int, *, after: int, limit: int) -> list[int]:
        """Ids above `after` of messages that opened a discussion and are still there, in order."""
        ...

    def last_native(self, room_id: int) -> str | None: ...


class Posts(Protocol):
    """Discussions worth suggesting; the store keeps their counts. Of a room that is switched off nothing is read."""

    def promote(self, root_id: int, *, title: str, text: str, language: str, solved: bool) -> tuple[Post, Change]:
        """Make or refresh the Post of an opening message (counts are computed); its item is marked
        to be embedded when its text changed."""
        ...

    def withdraw(self, root_id: int) -> bool:
        """The opening message is gone: remove the post, its item, its vectors."""
        ...

    def get(self, post_ids: Iterable[int]) -> dict[int, Post]: ...
    def by_root(self, root_id: int) -> Post | None: ...
    def all(self, community_id: int, *, since: datetime | None = None, limit: int = 1000) -> list[Post]: ...
    def participants(self, post_id: int) -> list[int]: ...
