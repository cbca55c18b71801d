"""`WebMessenger`: how the rest of the program speaks to the web community. Knows the store; knows no page."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

from adapters.web import codec
from adapters.web.capabilities import BOT_ACCOUNT, MAX_NOTICE, MAX_THREAD, PLATFORM
from adapters.web.live import Hub
from adapters.web.render import plain
from adapters.web.updates import RoomPart
from bot.domain.incoming import MessagePosted, RoomKind, Sender
from bot.domain.outgoing import Outgoing, Receipt
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.text import clean, clean_line, clip
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadTraits, ThreadWork
from bot.errors import DeliveryError, Refused, StoreUnavailable, Unreachable
from bot.ports import Clock, Store


class WebMessenger:
    """Sending is storing: the message is a row of its room, and open pages are told by the store's commit."""

    def __init__(self, store: Store, community_id: int, clock: Clock, hub: Hub, *, name: str = "Studyhall") -> None:
        self._store, self._community_id, self._clock, self._hub = store, community_id, clock, hub
        self._sender = Sender(AccountRef(PLATFORM, BOT_ACCOUNT), name, bot=True)

    @property
    def platform(self) -> str:
        return PLATFORM

    @property
    def forms(self) -> bool:
        return True

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        """Stored once per `key`: a repetition after a crash finds the message there."""
        return await asyncio.to_thread(self._send, room, message, key)

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        return await asyncio.to_thread(self._edit, ref, message)

    @property
    def threads(self) -> ThreadTraits:
        return ThreadTraits(finds_again=True, everywhere=True)

    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:
        """A room of its own below the one that the card is in; the same `key` is the same thread."""
        return await asyncio.to_thread(self._work_on_thread, room, work, key)

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:  # noqa: ARG002  shown on any page
        if to is not None and (line := clip(clean_line(text, limit=MAX_NOTICE * 2), MAX_NOTICE)):
            self._hub.notify(to, line)

    def _send(self, ref: RoomRef, message: Outgoing, key: str) -> Receipt:
        at = self._clock.now()
        posted_as = MessageRef(ref, native_id(key))
        try:
            with self._store.write() as uow:
                room = uow.rooms.by_ref(self._community_id, ref)
                if room is None:
                    raise Refused("no such room")
                ours = uow.members.resolve(self._community_id, self._sender, at)
                place = RoomPart.of(room).place()
                posted = MessagePosted(posted_as, place, self._sender, clean(plain(message)), at)
                _, new = uow.messages.add(room, ours, posted, payload=codec.dumps(message))
                if new:
                    uow.commit()
        except StoreUnavailable as error:
            raise Unreachable(str(error), maybe_delivered=False) from error
        return Receipt((posted_as,))

    def _edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        try:
            with self._store.write() as uow:
                known = uow.messages.by_ref(self._community_id, ref)
                if known is None or known.deleted_at is not None:
                    raise Refused("the message is gone")
                if not known.by_bot:
                    raise DeliveryError("only the bot's own messages are edited by it")
                text, payload = clean(plain(message)), codec.dumps(message)
                # A clock that was set back must not make this edit look older than the one before.
                at = max(self._clock.now(), known.edited_at or known.at)
                if uow.messages.edit(self._community_id, ref, text, at, payload=payload) is not None:
                    uow.commit()
        except StoreUnavailable as error:
            raise Unreachable(str(error), maybe_delivered=False) from error
        return Receipt((ref,))

    def _work_on_thread(self, ref: RoomRef, work: ThreadWork, key: str) -> RoomRef:
        try:
            with self._store.write() as uow:
                where = work.on.room if isinstance(work, OpenThread) else ref
                room = uow.rooms.by_ref(self._community_id, where)
                if room is None:
                    raise Refused("no such room", cause=RefusalCause.GONE)
                place = RoomPart.of(room).place()
                match work:
                    case OpenThread(name=name):
                        ref = RoomRef(PLATFORM, room.ref.native_id, native_id(key))
                        named = replace(place, room=ref, name=named_thread(name), kind=RoomKind.THREAD, topic="")
                        uow.rooms.ensure(self._community_id, named)
                    case NameThread(name=name):
                        uow.rooms.ensure(self._community_id, replace(place, name=named_thread(name)))
                    case CloseThread():
                        uow.rooms.lock(room.id, locked=True)
                uow.commit()
        except StoreUnavailable as error:
            raise Unreachable(str(error), maybe_delivered=False) from error
        return ref


def named_thread(name: str) -> str:
    return clip(clean_line(name, limit=2 * MAX_THREAD), MAX_THREAD) or "-"


def native_id(key: str) -> str:
    """The message id that belongs to a send's key: the same key can never make two messages."""
    return f"b{hashlib.sha256(key.encode()).hexdigest()[:32]}"
