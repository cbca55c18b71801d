"""What happened while nobody listened, from Discord's history. Knows the SDK and the store; stores nothing.

Discord replays what was missed only for a short break of the connection. After a longer one, and after a restart, every
room that is known is read: what came after its last known message, and of the newest known ones what is different now:
edited, deleted, reactions, votes. A room that was made meanwhile is read from its beginning.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import discord

from adapters.discord import observed
from adapters.discord.capabilities import PLATFORM
from adapters.discord.observed import Row
from adapters.discord.updates import ByPart, RoomPart
from bot.domain.rooms import Message
from bot.ports import Store

log = logging.getLogger(__name__)

_MOST: Final = 2_000
"""Messages fetched per room: a gap larger than that is for an import."""
_AGAIN: Final = 100
"""Known messages per room that are looked at again: as many as Discord gives at once."""
_REACTORS: Final = 200
"""Questions "who reacted" in one round: each is one to Discord, which allows few of them."""

RoomOf = Callable[[discord.abc.Messageable], Awaitable[RoomPart | None]]


@dataclass(frozen=True, slots=True)
class _Known:
    """A room as far as the store knows it: its newest messages, oldest first, and who reacted to them."""

    newest: int
    messages: tuple[Message, ...]
    reactors: Mapping[int, Mapping[str, frozenset[str]]]


class Gap:
    """One reading of all rooms. `room_of` says what a channel is to us now, None: nothing."""

    def __init__(
        self, store: Store, community_id: int, guild: discord.Guild, room_of: RoomOf, now: Callable[[], datetime]
    ) -> None:
        self._store, self._community_id, self._guild = store, community_id, guild
        self._room_of, self._now = room_of, now
        self._questions = _REACTORS

    async def rows(self) -> AsyncIterator[list[Row]]:
        """Room by room. One that cannot be read any more is left out."""
        known = await asyncio.to_thread(self._known)
        newest = max((room.newest for room in known.values()), default=None)
        for channel in self._guild.text_channels + self._guild.voice_channels + list(self._guild.threads):
            before = known.get(channel.id)
            made_since = newest is not None and channel.id > newest
            if before is None and not made_since:
                continue
            room = await self._room_of(channel)
            if room is None:
                continue
            try:
                async for rows in self._room(channel, room, before):
                    yield rows
            except discord.HTTPException as error:
                log.warning("the history of a room cannot be read: %d (%d)", error.status, error.code)

    async def _room(
        self, channel: discord.abc.Messageable, room: RoomPart, known: _Known | None
    ) -> AsyncIterator[list[Row]]:
        me, rows = self._guild.me.id, []
        after = discord.Object(known.newest if known is not None else 0)
        async for message in channel.history(limit=_MOST, after=after, oldest_first=True):
            if message.author.id != me and (row := observed.posted(message, room)) is not None:
                rows.append(row)
            if len(rows) >= _AGAIN:
                yield rows
                rows = []
        yield rows
        if known is not None and known.messages:
            yield await self._compared(channel, room, known)

    async def _compared(self, channel: discord.abc.Messageable, room: RoomPart, known: _Known) -> list[Row]:
        until = discord.Object(known.newest + 1)
        found = {message.id: message async for message in channel.history(limit=_AGAIN, before=until)}
        oldest = min(found) if len(found) >= _AGAIN else 0
        rows: list[Row] = []
        for before in known.messages:
            native = int(before.ref.native_id)
            if (message := found.get(native)) is None:
                if native >= oldest:
                    rows.append(observed.deleted(native, room, self._now()))
                continue
            rows += self._changed(message, room, before)
            rows += await self._reactions(message, room, known.reactors.get(before.id, {}))
        return rows

    def _changed(self, message: discord.Message, room: RoomPart, before: Message) -> list[Row]:
        rows: list[Row] = []
        known = message.edited_at is None or (before.edited_at is not None and message.edited_at <= before.edited_at)
        if not known and message.content:
            row = observed.edited(message, room)
            rows += [row] if row is not None else []
        if message.poll is not None and before.poll is not None:
            row = observed.voted(message, room, self._now())
            counted = tuple(votes for _, votes in before.poll.options)
            rows += [row] if row is not None and tuple(a.vote_count for a in message.poll.answers) != counted else []
        return rows

    async def _reactions(
        self, message: discord.Message, room: RoomPart, before: Mapping[str, frozenset[str]]
    ) -> list[Row]:
        """Where the numbers differ, who it is."""
        rows: list[Row] = []
        at = self._now()
        now = {name: one for one in message.reactions if (name := observed.emoji_name(one.emoji))}
        for emoji in before.keys() - now.keys():
            rows += [self._gone(native, message.id, emoji, room, at) for native in sorted(before[emoji])]
        for emoji, reaction in now.items():
            known = before.get(emoji, frozenset())
            if reaction.count - int(reaction.me) == len(known) or self._questions <= 0:
                continue
            self._questions -= 1
            there = {str(user.id): user async for user in reaction.users(limit=None) if user.id != self._guild.me.id}
            rows += [
                observed.reaction(observed.by_of(user), message.id, emoji, room, at, present=True)
                for native, user in there.items()
                if native not in known
            ]
            rows += [self._gone(native, message.id, emoji, room, at) for native in sorted(known - there.keys())]
        return rows

    def _gone(self, native: str, message: int, emoji: str, room: RoomPart, at: datetime) -> Row:
        return observed.reaction(ByPart(id=native, name=""), message, emoji, room, at, present=False)

    def _known(self) -> dict[int, _Known]:
        """By the id of a channel or thread; the bot's own rooms with people have no history of their own."""
        found = {}
        with self._store.read() as uow:
            for room in uow.rooms.all(self._community_id):
                native = room.ref.thread_id or room.ref.native_id
                last = uow.messages.last_native(room.id)
                if room.ref.platform != PLATFORM or not native.isdecimal() or last is None or not last.isdecimal():
                    continue
                messages = tuple(
                    one
                    for one in uow.messages.page(room.id, limit=_AGAIN)
                    if one.deleted_at is None and one.ref.native_id.isdecimal()
                )
                reactors = uow.messages.reacted_by([one.id for one in messages], PLATFORM)
                found[int(native)] = _Known(int(last), messages, reactors)
        return found
