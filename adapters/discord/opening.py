"""Threads of events on Discord: opened from the message of a card, a post in a forum, named, closed. Knows the SDK.

A message has at most one thread, which has the message's own id: asking twice finds the first. A post in a forum is a
thread that its first message begins. Discord knows no key for it, so a post of ours with the same name and the same
buttons is taken for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, Literal

import discord

from adapters.discord import markdown as md
from adapters.discord.capabilities import PLATFORM
from adapters.discord.messages import allowed, files_of, rows_of
from adapters.discord.render import Part
from bot.domain.outgoing import Card, Heading, Outgoing, Paragraph, Strong, Text
from bot.domain.refs import RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.threads import CloseThread, NameThread, OpenThread
from bot.errors import Refused

MAX_NAME: Final = 100
_Minutes = Literal[60, 1440, 4320, 10080]
_ARCHIVES: Final[tuple[_Minutes, ...]] = (60, 1440, 4320, 10080)
"""After so many minutes without a word Discord takes a thread off its list. No other times are allowed."""
_THERE_ALREADY: Final = 160004
"""A thread has already been created for this message."""


def named(name: str) -> str:
    """One line of plain text, 1-100 characters. In names nothing is markup."""
    return md.clipped(" ".join(md.encodable(name).split()), MAX_NAME) or "-"


def name_of(message: Outgoing) -> str:
    """What a post is called: its heading, otherwise how it begins."""
    for block in message.blocks:
        match block:
            case Heading(text=text) | Card(title=text):
                return text
            case Paragraph(inlines=inlines):
                return " ".join(one.text for one in inlines if isinstance(one, Text | Strong))
            case _:
                continue
    return ""


def archived_after(lasts: timedelta) -> _Minutes:
    """The shortest time in which a thread that nobody writes in stays on the list for as long as it is wanted; a week
    at most."""
    minutes = lasts / timedelta(minutes=1)
    return next((one for one in _ARCHIVES if one >= minutes), _ARCHIVES[-1])


async def opened(client: discord.Client, guild: int | None, work: OpenThread) -> RoomRef:
    """Where the thread is that hangs on the card; the card of a forum is the beginning of its own."""
    card, channel = work.on, int(work.on.room.native_id)
    if card.room.thread_id is not None:
        return card.room
    native = int(card.native_id)
    there = RoomRef(PLATFORM, card.room.native_id, card.native_id)
    if await found(client, native) is not None:
        return there
    room = client.get_partial_messageable(channel, guild_id=guild)
    try:
        await room.get_partial_message(native).create_thread(
            name=named(work.name), auto_archive_duration=archived_after(work.lasts)
        )
    except discord.HTTPException as error:
        if error.code != _THERE_ALREADY:
            raise
    return there


async def found(client: discord.Client, thread: int) -> discord.Thread | None:
    """A thread, as Discord has it now."""
    try:
        channel = await client.fetch_channel(thread)
    except (discord.NotFound, discord.InvalidData):
        return None
    return channel if isinstance(channel, discord.Thread) else None


async def posted(
    forum: discord.ForumChannel, me: int, name: str, part: Part, files: Mapping[str, bytes]
) -> tuple[int, int]:
    """A post in a forum; the ids of its thread and of its message."""
    there = await _there_already(forum, me, named(name), codes_of(part.components))
    if there is not None:
        return there
    made = await forum.create_thread(
        name=named(name),
        auto_archive_duration=_ARCHIVES[-1],
        content=part.content or discord.utils.MISSING,
        view=rows_of(part),
        files=files_of(part, files),
        allowed_mentions=allowed(part),
    )
    return made.thread.id, made.message.id


async def _there_already(
    forum: discord.ForumChannel, me: int, name: str, codes: frozenset[str]
) -> tuple[int, int] | None:
    """Made before a crash, and not noted. A message without buttons is told from no other."""
    for thread in forum.threads if codes else ():
        if thread.owner_id != me or thread.name != name:
            continue
        async for first in thread.history(limit=1, oldest_first=True):
            if codes_of([one.to_dict() for one in first.components]) == codes:
                return thread.id, first.id
    return None


def codes_of(components: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Of all buttons among these components, as Discord describes them."""
    found: set[str] = set()
    for one in components:
        found |= {str(one["custom_id"])} if one.get("custom_id") else set()
        found |= codes_of(one.get("components") or ())
    return frozenset(found)


async def changed(client: discord.Client, room: RoomRef, work: NameThread | CloseThread) -> None:
    """What somebody closed by hand keeps its name: opening it again for that would undo what they did."""
    thread = await found(client, int(room.thread_id or room.native_id))
    if thread is None:
        raise Refused("the thread is gone", cause=RefusalCause.GONE)
    match work:
        case NameThread(name=name):
            if thread.name != named(name) and not thread.locked:
                await thread.edit(name=named(name), archived=False)
        case CloseThread():
            await _close(thread)


async def _close(thread: discord.Thread) -> None:
    """Without the right to lock it, it is at least taken off the list; that it is not locked is said all the same."""
    if thread.locked and thread.archived:
        return
    try:
        await thread.edit(locked=True, archived=True)
    except discord.Forbidden:
        if not thread.archived:
            await thread.edit(archived=True)
        raise
