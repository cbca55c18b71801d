"""Every act of a member becomes a raw update in the inbox, in one transaction with the question whether they may.

Knows who may write where; knows no HTTP. Whatever returns from here is durable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from adapters.web import codec, updates
from adapters.web.capabilities import MAX_TEXT, PLATFORM
from adapters.web.inbound import command
from adapters.web.problems import Problem, not_found
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import MAX_CODE
from bot.domain.people import Member
from bot.domain.permissions import visible
from bot.domain.rooms import Message, Room
from bot.domain.text import clean, clean_line
from bot.ports import Clock, Store, UnitOfWork
from bot.usecases.signin import account_here

Given = tuple[tuple[str, tuple[str, ...]], ...]
"""Of each field its values."""

MAX_ANSWERS: Final = 40
MAX_NAME: Final = 24

_ACTION: Final = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


@dataclass(frozen=True, slots=True)
class Accepted:
    """`native_id`: of the message that will appear, where one will. `new` False: this action had come before."""

    action: str
    native_id: str | None
    new: bool


def checked_text(text: str) -> str:
    """`text` as it will be stored; raises Problem with what to do."""
    text = clean(text, limit=MAX_TEXT + 1)
    if not text:
        raise Problem(400, "web-error-empty")
    if len(text) > MAX_TEXT:
        raise Problem(400, "web-error-too-long", {"limit": MAX_TEXT})
    return text


def writable(room: Room) -> bool:
    """Rooms that live on another platform are read here, not written: an answer could not reach their members. In one
    that is closed nobody writes."""
    return room.ref.platform == PLATFORM and not room.locked


def _is_emoji(emoji: str) -> bool:
    # Close enough to keep words out; which pictures exist changes every year.
    return (
        1 <= len(emoji) <= 16
        and clean_line(emoji) == emoji
        and not emoji.isascii()
        and not any(char.isalpha() or char.isspace() for char in emoji)
    )


@dataclass(frozen=True, slots=True)
class Writes:
    """`action` is the browser's own id of one act: sent twice, it happens once."""

    store: Store
    clock: Clock
    community_id: int

    def post(self, member_id: int, room_id: int, text: str, reply_to: int | None, action: str) -> Accepted:
        text, native = checked_text(text), self._native(member_id, action)
        with self.store.write() as uow:
            member, room = self._where(uow, member_id, room_id)
            stamped = self._stamp(uow, member, room)
            answered = self._message(uow, room, reply_to).ref.native_id if reply_to is not None else None
            if command(text) is not None:
                # In their own room a command stays to be read, like on any chat; in a shared room it is for us alone.
                carrier = native if room.kind is RoomKind.DIRECT else None
                update: updates.Update = updates.Command(**stamped, message=carrier, text=text, reply_to=answered)
                return self._put(uow, native, update, carrier)
            update = updates.Post(**stamped, message=native, text=text, reply_to=answered)
            return self._put(uow, native, update, native)

    def edit(self, member_id: int, room_id: int, message_id: int, text: str, action: str) -> Accepted:
        text, native = checked_text(text), self._native(member_id, action)
        with self.store.write() as uow:
            member, room, message = self._own(uow, member_id, room_id, message_id)
            stamped = self._stamp(uow, member, room)
            update = updates.Edit(**stamped, message=message.ref.native_id, text=text)
            return self._put(uow, native, update, None)

    def delete(self, member_id: int, room_id: int, message_id: int, action: str) -> Accepted:
        native = self._native(member_id, action)
        with self.store.write() as uow:
            member, room, message = self._own(uow, member_id, room_id, message_id)
            stamped = self._stamp(uow, member, room)
            update = updates.Delete(**stamped, message=message.ref.native_id)
            return self._put(uow, native, update, None)

    def react(
        self, member_id: int, room_id: int, message_id: int, emoji: str, action: str, *, present: bool
    ) -> Accepted:
        native = self._native(member_id, action)
        if present and not _is_emoji(emoji):
            raise Problem(400, "web-error-bad-request")
        with self.store.write() as uow:
            member, room = self._where(uow, member_id, room_id)
            message = self._message(uow, room, message_id)
            stamped = self._stamp(uow, member, room)
            update = updates.React(**stamped, message=message.ref.native_id, emoji=emoji, present=present)
            return self._put(uow, native, update, None)

    def press(self, member_id: int, room_id: int, message_id: int, code: str, action: str) -> Accepted:
        """What the code means, and for whom, is asked when the update is handled."""
        native = self._native(member_id, action)
        with self.store.write() as uow:
            stamped, message = self._carried(uow, member_id, room_id, message_id, code)
            update = updates.Press(**stamped, message=message.ref.native_id, code=code)
            return self._put(uow, native, update, None)

    def submit(self, member_id: int, room_id: int, message_id: int, code: str, filled: Given, action: str) -> Accepted:
        """A form that a message of the bot asks; whether the answers fit is asked when the update is handled."""
        native = self._native(member_id, action)
        if len(filled) > MAX_ANSWERS or any(not 1 <= len(name) <= MAX_NAME for name, _ in filled):
            raise Problem(400, "web-error-bad-request")
        with self.store.write() as uow:
            stamped, message = self._carried(uow, member_id, room_id, message_id, code)
            update = updates.Submit(**stamped, message=message.ref.native_id, code=code, values=filled)
            return self._put(uow, native, update, None)

    def _carried(
        self, uow: UnitOfWork, member_id: int, room_id: int, message_id: int, code: str
    ) -> tuple[updates.Stamp, Message]:
        """A code is taken only from the message that carries it."""
        if not 1 <= len(code.encode(errors="replace")) <= MAX_CODE or not code.isprintable():
            raise Problem(400, "web-error-bad-request")
        member, room = self._where(uow, member_id, room_id)
        message = self._message(uow, room, message_id)
        if not message.by_bot or code not in codec.codes(message.payload):
            raise Problem(400, "web-error-bad-request")
        return self._stamp(uow, member, room), message

    def joined(self, uow: UnitOfWork, member: Member) -> None:
        """A newcomer is here: told in the transaction that makes them."""
        room = uow.rooms.direct(self.community_id, PLATFORM, member.id)
        update = updates.Join(**self._stamp(uow, member, room))
        uow.inbox.put(self.community_id, PLATFORM, [(f"join-{member.id}", updates.dumps(update))], update.at)

    def _put(self, uow: UnitOfWork, native: str, update: updates.Update, shown: str | None) -> Accepted:
        new = uow.inbox.put(self.community_id, PLATFORM, [(native, updates.dumps(update))], update.at)
        uow.commit()
        return Accepted(native.partition(".")[2], shown, new > 0)

    def _native(self, member_id: int, action: str) -> str:
        if not _ACTION.match(action):
            raise Problem(400, "web-error-bad-request")
        return f"m{member_id}.{action}"

    def _where(self, uow: UnitOfWork, member_id: int, room_id: int) -> tuple[Member, Room]:
        member, room = uow.members.get(member_id), uow.rooms.get(room_id)
        if member is None or member.community_id != self.community_id:
            raise Problem(401, "web-error-signed-out")
        if room is None or room.community_id != self.community_id:
            raise not_found()
        if not visible(uow.rooms.viewer(member), room.audience):
            raise not_found()
        if not writable(room):
            raise Problem(403, "web-error-read-only")
        return member, room

    def _stamp(self, uow: UnitOfWork, member: Member, room: Room) -> updates.Stamp:
        account = account_here(uow, member.id)
        if account is None:
            # Their web account went with whom it came from: they come in anew by their personal link.
            raise Problem(401, "web-error-signed-out")
        return updates.stamp(member, account, room, self.clock.now())

    def _message(self, uow: UnitOfWork, room: Room, message_id: int) -> Message:
        message = uow.messages.get(message_id)
        if message is None or message.room_id != room.id or message.deleted_at is not None:
            raise not_found()
        return message

    def _own(self, uow: UnitOfWork, member_id: int, room_id: int, message_id: int) -> tuple[Member, Room, Message]:
        member, room = self._where(uow, member_id, room_id)
        message = self._message(uow, room, message_id)
        if message.member_id != member.id:
            raise Problem(403, "web-error-not-yours")
        return member, room, message
