"""The SDK's client with our ears: every event becomes a raw update in the inbox. Knows events; decides nothing.

Only raw events are listened to, which need no cache of messages. A handler takes its picture of the event before it
waits for anything, so that what is stored keeps the order in which it came.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, Self

import discord
from discord import app_commands
from discord.ui import Button, DynamicItem

from adapters.discord import observed
from adapters.discord.render import code_of_id
from adapters.discord.updates import Command, Post, RoomPart, StandingPart, Update

log = logging.getLogger(__name__)

UNREADABLE = (AttributeError, KeyError, OverflowError, TypeError, ValueError, discord.DiscordException)
"""What an event that is not as Discord describes it comes to (an id may name a time that no clock knows); the events
after it are heard."""


_BEGINNINGS: Final = frozenset({"READY", "RESUMED"})
"""Without these there is no connection; whoever cannot read them has to begin anew."""
_UNSAID: Final[Mapping[str, Mapping[str, object]]] = {
    "INTERACTION_CREATE": {"version": 1, "attachment_size_limit": 10 * 1024 * 1024}
}
"""What the SDK insists on and nothing here depends on."""


class Hearing(Protocol):
    """Who is told what was heard. Nothing here raises."""

    async def prepare(self, client: discord.Client) -> None: ...
    async def heard(self, rows: Iterable[tuple[str, Update]]) -> None: ...
    async def arrived(self, interaction: discord.Interaction, row: observed.Row) -> None: ...
    async def submitted(self, interaction: discord.Interaction) -> None: ...
    async def came_or_left(self, user: discord.abc.User, guild: int, *, present: bool) -> None: ...
    async def catch_up(self, client: discord.Client) -> None: ...
    async def room_of(self, client: discord.Client, channel_id: int, channel: object = None) -> RoomPart | None: ...
    async def thread_members(self, thread: int, came: list[int], went: list[int]) -> None: ...
    async def roles_changed(self, guild: discord.Guild) -> None: ...
    async def member_changed(self, client: discord.Client, payload: Mapping[str, Any]) -> None: ...
    async def rooms_changed(self, guild: discord.Guild) -> None: ...
    async def room_gone(self, channel: discord.abc.GuildChannel) -> None: ...
    async def thread_gone(self, channel_id: int, thread_id: int) -> None: ...
    def voted(self, client: discord.Client, channel_id: int, message_id: int) -> None: ...
    async def asked_directly(self, client: discord.Client, user: discord.abc.User) -> StandingPart | None: ...
    def look_again(self) -> None: ...
    def ours(self, guild_id: int | None) -> bool: ...
    def now(self) -> Any: ...


class Ears:
    """The events, for either kind of client."""

    hearing: Hearing
    tree: app_commands.CommandTree[Any]

    @property
    def _client(self) -> discord.Client:
        assert isinstance(self, discord.Client)
        return self

    async def setup_hook(self) -> None:
        self._client.add_dynamic_items(StoredButton)
        await self.hearing.prepare(self._client)

    async def on_ready(self) -> None:
        """Also after a connection that could not be resumed: what happened meanwhile is fetched."""
        await self.hearing.catch_up(self._client)

    async def on_message(self, message: discord.Message) -> None:
        client = self._client
        if client.user is None or message.author.id == client.user.id or not self.hearing.ours(_guild(message)):
            return
        channel: object = message.channel
        if isinstance(channel, discord.DMChannel) and channel.recipient is None:
            room: RoomPart | None = RoomPart.own(message.author.id, message.author.display_name)
        else:
            room = observed.room_of(channel) or await self.hearing.room_of(client, message.channel.id, channel)
        if room is None:
            return
        direct = room.id.startswith("@")
        row = None if direct else observed.addressed(message, room, client.user.id)
        row = row or observed.posted(message, room)
        if direct or (row is not None and isinstance(row[1], Command)):
            standing = await self.hearing.asked_directly(client, message.author)
            if row is not None and isinstance(row[1], Command | Post):
                row = row[0], observed.as_who(row[1], standing)
        if row is not None:
            await self.hearing.heard([row])

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        client, message = self._client, event.message
        if client.user is None or message.author.id == client.user.id or not self.hearing.ours(event.guild_id):
            return
        at = self.hearing.now()
        room = observed.room_of(message.channel) or await self.hearing.room_of(client, event.channel_id)
        if room is None:
            return
        # Without the right to read messages an edit comes without its text: that is no empty text.
        edited = observed.edited(message, room) if message.content else None
        await self.hearing.heard(row for row in (edited, observed.voted(message, room, at)) if row is not None)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self._deleted(event.guild_id, event.channel_id, [event.message_id])

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        await self._deleted(event.guild_id, event.channel_id, sorted(event.message_ids))

    async def _deleted(self, guild_id: int | None, channel_id: int, messages: list[int]) -> None:
        if not self.hearing.ours(guild_id):
            return
        at = self.hearing.now()
        room = await self.hearing.room_of(self._client, channel_id)
        if room is not None:
            await self.hearing.heard(observed.deleted(one, room, at) for one in messages)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Commands and presses come by themselves; a form's window is not remembered by the SDK, so any may be sent."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.hearing.submitted(interaction)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        await self._reacted(event, present=True)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        await self._reacted(event, present=False)

    async def _reacted(self, event: discord.RawReactionActionEvent, *, present: bool) -> None:
        client = self._client
        ours = client.user is not None and event.user_id == client.user.id
        if ours or not self.hearing.ours(event.guild_id):
            return
        at = self.hearing.now()
        room = await self.hearing.room_of(client, event.channel_id)
        row = observed.reacted(event, room, at, present=present) if room is not None else None
        if row is not None:
            await self.hearing.heard([row])

    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        await self._cleared(event, None)

    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        await self._cleared(event, event.emoji)

    async def _cleared(
        self,
        event: discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent,
        emoji: discord.PartialEmoji | None,
    ) -> None:
        if not self.hearing.ours(event.guild_id):
            return
        at = self.hearing.now()
        room = await self.hearing.room_of(self._client, event.channel_id)
        row = observed.cleared(event.message_id, emoji, room, at) if room is not None else None
        if row is not None:
            await self.hearing.heard([row])

    async def on_raw_poll_vote_add(self, event: discord.RawPollVoteActionEvent) -> None:
        if self.hearing.ours(event.guild_id):
            self.hearing.voted(self._client, event.channel_id, event.message_id)

    async def on_raw_poll_vote_remove(self, event: discord.RawPollVoteActionEvent) -> None:
        await self.on_raw_poll_vote_add(event)

    # Rooms

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Discord had lost the server for a while: what happened meanwhile is fetched."""
        if self.hearing.ours(guild.id):
            await self.hearing.catch_up(self._client)

    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        self.hearing.look_again()
        if self.hearing.ours(after.guild.id):
            await self.hearing.rooms_changed(after.guild)

    async def on_guild_role_update(self, _: discord.Role, after: discord.Role) -> None:
        """What everybody may view is a right of a role, and so is what we may."""
        self.hearing.look_again()
        if after.is_default() and self.hearing.ours(after.guild.id):
            await self.hearing.rooms_changed(after.guild)
        await self._roles(after.guild)

    async def on_guild_role_create(self, role: discord.Role) -> None:
        await self._roles(role.guild)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self.hearing.look_again()
        await self._roles(role.guild)

    async def _roles(self, guild: discord.Guild) -> None:
        if self.hearing.ours(guild.id):
            await self.hearing.roles_changed(guild)

    async def on_thread_update(self, _: discord.Thread, after: discord.Thread) -> None:
        if self.hearing.ours(after.guild.id):
            await self.hearing.rooms_changed(after.guild)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if self.hearing.ours(channel.guild.id):
            await self.hearing.room_gone(channel)

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        if self.hearing.ours(event.guild_id):
            await self.hearing.thread_gone(event.parent_id, event.thread_id)

    async def on_thread_member_join(self, member: discord.ThreadMember) -> None:
        await self.hearing.thread_members(member.thread_id, [member.id], [])

    async def on_raw_thread_member_remove(self, event: discord.RawThreadMembersUpdate) -> None:
        await self.hearing.thread_members(
            event.thread_id, [], [int(one) for one in event.data.get("removed_member_ids", [])]
        )

    # People

    async def on_member_join(self, member: discord.Member) -> None:
        await self.hearing.came_or_left(member, member.guild.id, present=True)

    async def on_raw_member_remove(self, event: discord.RawMemberRemoveEvent) -> None:
        await self.hearing.came_or_left(event.user, event.guild_id, present=False)

    async def on_member_told(self, payload: Mapping[str, Any]) -> None:
        """Somebody's roles, or anything else about them. The SDK itself tells of nobody whom it does not keep."""
        if self.hearing.ours(int(payload["guild_id"])):
            await self.hearing.member_changed(self._client, payload)

    # What may change how we are set up

    async def on_guild_join(self, _: discord.Guild) -> None:
        self.hearing.look_again()

    async def on_guild_remove(self, _: discord.Guild) -> None:
        self.hearing.look_again()

    async def on_guild_update(self, _: discord.Guild, __: discord.Guild) -> None:
        self.hearing.look_again()

    async def on_guild_channel_create(self, _: discord.abc.GuildChannel) -> None:
        self.hearing.look_again()

    async def on_error(self, event: str, /, *_: Any, **__: Any) -> None:
        error = sys.exc_info()[1]
        known = isinstance(error, UNREADABLE)
        log.log(logging.WARNING if known else logging.ERROR, "%s could not be taken in", event, exc_info=error)


def forgive(client: discord.Client) -> None:
    """Let an event that the SDK cannot read pass: otherwise it ends the connection, and what comes with it is late.
    And hear of changes of members whom it does not keep, which it drops.

    The table of readers is the SDK's own, and nothing of its interface leads to it.
    """
    readers: dict[str, Callable[[Any], Any]] = client._connection.parsers  # noqa: SLF001  see above
    for event, read in list(readers.items()):
        if event not in _BEGINNINGS:
            readers[event] = _forgiving(event, read)
    tell = readers["GUILD_MEMBER_UPDATE"]

    def told(payload: Any) -> Any:
        client.dispatch("member_told", payload)
        return tell(payload)

    readers["GUILD_MEMBER_UPDATE"] = told


def _forgiving(event: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def reading(payload: Any) -> Any:
        try:
            return read({**_UNSAID.get(event, {}), **payload})
        except UNREADABLE as error:
            log.warning("an event %s cannot be read: %s", event, type(error).__name__)
            return None

    return reading


class HearingClient(Ears, discord.Client):
    """One connection."""


class ShardedClient(Ears, discord.AutoShardedClient):
    """As many connections as Discord asks for."""


class StoredButton(DynamicItem[Button[Any]], template=r"(?P<code>[\s\S]{1,100})"):
    """Every button of ours, of any age: what its code means is in the store, so a restart loses none."""

    def __init__(self, item: Button[Any], code: str) -> None:
        super().__init__(item)
        self.code = code

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /) -> Self:  # noqa: ARG003  the signature is the SDK's
        return cls(item, code_of_id(match["code"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        client = interaction.client
        assert isinstance(client, Ears)
        row = observed.pressed(interaction, self.code, client.hearing.now())
        await client.hearing.arrived(interaction, row)


def _guild(message: discord.Message) -> int | None:
    return message.guild.id if message.guild is not None else None
