"""Who is in which private thread, as Discord told it since this connection began. Stores nothing.

Discord lists the members of a thread only to a bot that may know members (the members intent), and only of threads that
it is in itself. What is not known here is read by nobody; a list from before a break of the connection is not trusted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import discord

from adapters.discord import observed
from adapters.discord.errors import within
from adapters.discord.updates import RoomPart

_PATIENCE = 5.0


class ClosedThreads:
    """Belongs to the event loop. `told`: the bot may know members."""

    def __init__(self, *, told: bool) -> None:
        self._told = told
        self._members: dict[int, set[int]] = {}
        self._went: dict[int, set[int]] = {}
        self._turn = asyncio.Lock()

    def forget(self) -> None:
        self._members.clear()

    async def learn(self, thread: discord.Thread) -> RoomPart | None:
        """Its room, once it is known who is in it; None: that is not known."""
        if not self._told:
            return None
        async with self._turn:
            if thread.id not in self._members:
                # Whoever leaves while the list is on its way may still be on it.
                self._went[thread.id] = set()
                found = await within(_PATIENCE, thread.fetch_members())
                went = self._went.pop(thread.id)
                if found is None:
                    return None
                self._members[thread.id] = {member.id for member in found} - went
        return observed.closed_thread(thread)

    def changed(self, thread: int, came: Iterable[int], went: Iterable[int]) -> None:
        if thread in self._went:
            self._went[thread].update(went)
        if (members := self._members.get(thread)) is not None:
            members.update(came)
            members.difference_update(went)

    def readable(self, member: discord.Member) -> dict[str, RoomPart]:
        """The private threads that a member is in and whose channel they may view, by id."""
        found = {}
        for thread in member.guild.threads:
            parent = thread.parent
            there = thread.is_private() and member.id in self._members.get(thread.id, ())
            if there and parent is not None and parent.permissions_for(member).view_channel:
                found[str(thread.id)] = observed.closed_thread(thread)
        return found
