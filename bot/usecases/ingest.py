"""What members say and do in rooms goes into the store. Knows discussions and consent; knows no platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import assert_never

from bot.domain.events import Moment, MomentKind
from bot.domain.incoming import (
    Attachment,
    Blocked,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    Poll,
    ReactionChanged,
    ReactionsCleared,
    RolesListed,
    RoomChanged,
    RoomKind,
    RoomMoved,
    Sender,
    StandingChanged,
    VotesCounted,
)
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Post
from bot.domain.people import Member
from bot.domain.rooms import Message, Room
from bot.domain.text import clean, clean_line
from bot.ports import Store, UnitOfWork
from bot.usecases.discussions import refresh_post
from bot.usecases.native_roles import note_roles, note_standing
from bot.usecases.quotes import withdraw_quotes
from bot.usecases.unasked import note_blocked

Heard = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ReactionsCleared
    | VotesCounted
    | MemberJoined
    | MemberLeft
    | Blocked
    | RoomChanged
    | RoomMoved
    | StandingChanged
    | RolesListed
)


def cleaned_sender(sender: Sender) -> Sender:
    """The same with a name that cannot break or deceive; an empty one never renames anybody."""
    return replace(sender, name=clean_line(sender.name, limit=80))


def cleaned_place(place: Place) -> Place:
    """The same with names that cannot break or deceive."""
    return replace(
        place,
        name=clean_line(place.name, limit=120),
        topic=clean(place.topic, limit=1000),
        group=clean_line(place.group, limit=120),
    )


def cleaned(posted: MessagePosted) -> MessagePosted:
    """The same with all of people's text cleaned: the entry gate."""
    return replace(
        posted,
        text=clean(posted.text),
        sender=cleaned_sender(posted.sender),
        place=cleaned_place(posted.place),
        attachments=tuple(
            Attachment(clean_line(a.name, limit=200), clean_line(a.media, limit=60)) for a in posted.attachments
        ),
        poll=posted.poll
        and Poll(
            clean_line(posted.poll.question),
            tuple((clean_line(text), votes) for text, votes in posted.poll.options),
            posted.poll.id,
        ),
    )


def said(member: Member, message: Message, post: Post | None) -> list[Interaction]:
    """What a new message says of its discussion, as at most one interaction."""
    if post is None or member.bot:
        return []
    signal = Signal.POST if message.root_id == message.id else Signal.REPLY
    return [Interaction(member.id, post.item, signal, message.at, f"said:{message.id}")]


@dataclass(frozen=True, slots=True)
class Mark:
    """A reaction that changed something: whose (None: nobody knows), and the key of what it says of the discussion."""

    message: Message
    member: Member | None
    key: str
    present: bool
    at: datetime


def liked(mark: Mark, post: Post | None) -> list[Interaction]:
    """What a reaction says of its discussion, as at most one interaction; liking oneself says nothing."""
    member = mark.member
    if post is None or member is None or member.bot or not mark.present or member.id == mark.message.member_id:
        return []
    return [Interaction(member.id, post.item, Signal.REACT, mark.at, mark.key)]


@dataclass(frozen=True, slots=True)
class Ingest:
    """Store one thing heard. Everything can come twice; the second time changes nothing."""

    store: Store

    def __call__(self, community_id: int, *heard: Heard, cause: int | None = None) -> None:
        """All that one cause says, or nothing where it raises."""
        with self.store.write() as uow:
            if cause is not None and not uow.inbox.finish(cause):
                return
            for one in heard:
                self.apply(uow, community_id, one)
            uow.commit()

    def together(self, community_id: int, run: Sequence[tuple[int, Sequence[Heard]]]) -> None:
        """The same for (cause, what it says) that came one after the other: all of it, or nothing where it raises.

        Neighbouring messages go in as a set, and with the reactions among them each of their discussions is looked at
        once: a reaction changes nothing that a message after it depends on.
        """
        with self.store.write() as uow:
            mine = uow.inbox.finish_all([cause for cause, _ in run])
            fresh = [one for cause, heard in run if cause in mine for one in heard]
            for talk, neighbours in groupby(fresh, lambda one: isinstance(one, MessagePosted | ReactionChanged)):
                if talk:
                    self._talked(uow, community_id, list(neighbours))
                    continue
                for heard in neighbours:
                    self.apply(uow, community_id, heard)
            uow.commit()

    def apply(self, uow: UnitOfWork, community_id: int, heard: Heard) -> None:
        """The same inside a unit of work of the caller's."""
        match heard:
            case MessagePosted() | ReactionChanged():
                self._talked(uow, community_id, [heard])
            case MessageEdited():
                message = uow.messages.edit(community_id, heard.ref, clean(heard.text), heard.at)
                self._refresh(uow, message)
            case MessageDeleted():
                message = uow.messages.delete(community_id, heard.ref, heard.at)
                if message is not None:
                    uow.interactions.withdraw(community_id, f"said:{message.id}")
                    withdraw_quotes(uow, community_id, message, heard.at)
                    uow.inbox.forget(community_id, heard.ref.room.platform, heard.ref.native_id)
                self._refresh(uow, message)
            case ReactionsCleared():
                self._cleared(uow, community_id, heard)
            case VotesCounted():
                uow.messages.count_votes(community_id, heard.ref, heard.votes)
            case MemberJoined() | MemberLeft():
                member = uow.members.resolve(community_id, cleaned_sender(heard.sender), heard.at)
                room = uow.rooms.ensure(community_id, cleaned_place(heard.place))
                came = isinstance(heard, MemberJoined)
                (uow.rooms.join if came else uow.rooms.leave)(room.id, member.id, heard.at)
            case Blocked():
                if (blocker := uow.members.by_account(community_id, heard.sender.account)) is not None:
                    note_blocked(uow, blocker, heard.sender.account.platform)
            case RoomChanged() | RoomMoved() | StandingChanged() | RolesListed():
                self._around(uow, community_id, heard)
            case _:
                assert_never(heard)

    def _around(
        self, uow: UnitOfWork, community_id: int, heard: RoomChanged | RoomMoved | StandingChanged | RolesListed
    ) -> None:
        """What the platforms say of their rooms and roles."""
        match heard:
            case RoomChanged():
                self._room(uow, community_id, heard)
            case RoomMoved():
                uow.rooms.move(community_id, heard.old, heard.new)
            case StandingChanged():
                note_standing(uow, community_id, heard.account, heard.standing, heard.at)
            case RolesListed():
                note_roles(uow, community_id, heard)
            case _:
                assert_never(heard)

    def _talked(self, uow: UnitOfWork, community_id: int, run: Sequence[Heard]) -> None:
        new = self._posted(uow, community_id, [one for one in run if isinstance(one, MessagePosted)])
        reacted = (self._reacted(uow, community_id, one) for one in run if isinstance(one, ReactionChanged))
        marks = [mark for mark in reacted if mark is not None]
        rooms_of: dict[int, Room | None] = {message.root_id: room for room, _, message in new}
        for mark in marks:
            if mark.message.root_id not in rooms_of:
                rooms_of[mark.message.root_id] = uow.rooms.get(mark.message.room_id)
        posts = {
            root_id: refresh_post(uow, room, root_id) if room is not None else None
            for root_id, room in rooms_of.items()
        }
        acts = [act for _, member, message in new for act in said(member, message, posts[message.root_id])]
        # Given and taken back at once is taken back: what is left of each key is its last.
        last = {mark.key: mark for mark in marks if mark.key}
        for mark in last.values():
            if not mark.present and mark.member is not None:
                _take_back(uow, mark.member, mark.key)
        acts += [act for mark in last.values() for act in liked(mark, posts[mark.message.root_id])]
        if acts:
            uow.interactions.add_many(community_id, acts)

    def _posted(
        self, uow: UnitOfWork, community_id: int, run: Sequence[MessagePosted]
    ) -> list[tuple[Room, Member, Message]]:
        """Store messages; those that are new."""
        if not run:
            return []
        rooms: dict[Place, Room] = {}
        members: dict[Sender, Member] = {}
        rows: list[tuple[Room, Member, MessagePosted]] = []
        for posted in map(cleaned, run):
            member = members.get(posted.sender)
            if member is None:
                member = members[posted.sender] = uow.members.resolve(community_id, posted.sender, posted.at)
            room = rooms.get(posted.place)
            if room is None:
                room = rooms[posted.place] = uow.rooms.ensure(community_id, posted.place)
            if room.kind is RoomKind.DIRECT or posted.place.private:
                uow.rooms.join(room.id, member.id, posted.at)
            rows.append((room, member, posted))
        return [
            (room, member, message)
            for (room, member, _), (message, is_new) in zip(rows, uow.messages.add_many(rows), strict=True)
            if is_new
        ]

    def _refresh(self, uow: UnitOfWork, message: Message | None) -> Post | None:
        if message is None:
            return None
        room = uow.rooms.get(message.room_id)
        return refresh_post(uow, room, message.root_id) if room is not None else None

    def _reacted(self, uow: UnitOfWork, community_id: int, heard: ReactionChanged) -> Mark | None:
        """Store a reaction; None: nothing changed."""
        emoji = clean_line(heard.emoji, limit=64)
        message = uow.messages.within(community_id, heard.ref) if emoji else None
        if message is None:
            return None
        if heard.sender is None:
            count = heard.count if heard.present else 0
            changed = uow.messages.react_count(community_id, message.ref, emoji, count)
            return Mark(message, None, "", heard.present, heard.at) if changed else None
        member = uow.members.resolve(community_id, cleaned_sender(heard.sender), heard.at)
        if not uow.messages.react(community_id, message.ref, member.id, emoji, present=heard.present, at=heard.at):
            return None
        return Mark(message, member, _reaction_key(message.id, member.id, emoji), heard.present, heard.at)

    def _room(self, uow: UnitOfWork, community_id: int, heard: RoomChanged) -> None:
        """Of rooms that nothing was heard in, nothing is kept."""
        if (room := uow.rooms.by_ref(community_id, heard.place.room)) is None:
            return
        if heard.gone:
            uow.rooms.close(room.id, heard.at)
            for number in uow.threads.lose(room.id):
                uow.moments.touch(community_id, Moment(number, MomentKind.THREAD.value, heard.at), timedelta(0))
        else:
            uow.rooms.ensure(community_id, cleaned_place(heard.place))

    def _cleared(self, uow: UnitOfWork, community_id: int, heard: ReactionsCleared) -> None:
        message = uow.messages.within(community_id, heard.ref)
        if message is None:
            return
        emoji = None if heard.emoji is None else clean_line(heard.emoji, limit=64)
        gone = uow.messages.clear_reactions(community_id, message.ref, heard.at, emoji=emoji)
        self._refresh(uow, message)
        members = {member.id: member for member in uow.members.some(member_id for member_id, _ in gone)}
        for member_id, which in gone:
            if member_id in members:
                _take_back(uow, members[member_id], _reaction_key(message.id, member_id, which))


def _reaction_key(message_id: int, member_id: int, emoji: str) -> str:
    return f"react:{message_id}:{member_id}:{emoji}"


def _take_back(uow: UnitOfWork, member: Member, key: str) -> None:
    """Also what they gave under the number that they had before they became one with another."""
    if uow.interactions.withdraw(member.community_id, key):
        return
    _, message, _, emoji = key.split(":", 3)
    for link in uow.links.of(member.id):
        uow.interactions.withdraw(member.community_id, _reaction_key(int(message), link.second_id or 0, emoji))
