"""The live connection to Discord: starts and stops it, stores what it hears, answers in time. Decides nothing.

Intents. Always: guilds (which channels there are and who may view them), guild_messages and dm_messages (that something
was said, also what was said to the bot by name), guild_reactions, guild_polls. Only by setting, because Discord
asks for a reason: ``content`` (what people say among themselves, for discussions) and ``members`` (who joins and
leaves, who is in a private thread). Without both, commands, buttons, mentions and direct messages work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import access, commands, lookover, observed, roles, rooms
from adapters.discord.capabilities import LONGEST_WAIT, PLATFORM
from adapters.discord.client import UNREADABLE, Ears, HearingClient, ShardedClient, forgive
from adapters.discord.door import Door
from adapters.discord.errors import translated, within
from adapters.discord.history_gap import Gap
from adapters.discord.inbound import parse
from adapters.discord.interactions import Interactions
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.mirror import Mirror
from adapters.discord.polls import Polls
from adapters.discord.suggestions import Suggestions
from adapters.discord.threads import ClosedThreads
from adapters.discord.updates import Join, Leave, Press, RoomPart, StandingPart, Update
from adapters.discord.whispers import Whispers
from adapters.discord.windows import Windows, sent, token_of
from adapters.lookovers import Lookovers
from bot.domain.permissions import Home
from bot.domain.setup import Check
from bot.errors import ConfigError, RateLimited, StoreUnavailable, Unreachable
from bot.ports import Clock, Messenger, Parse, Store
from bot.wording import choose

log = logging.getLogger(__name__)

_API_VERSION: Final = "v10"
_INTENTS: Final = frozenset({"content", "members"})
_LOOKUP: Final = 1.0
"""Seconds that Discord is given to say who somebody is before they are answered as a stranger."""
_PATIENCE: Final = 5.0
"""Seconds for looking up a channel that the SDK does not know."""
_TELL_AGAIN: Final = 900.0
"""Seconds until Discord is told the commands again that it did not take several times."""
_RETRIES: Final = (1.0, 5.0, 15.0, 60.0)


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """`server`: the id of the community's own; None: the only one that the bot is in. `noted`: where it is remembered
    which commands Discord was told. Addresses are empty for Discord's own."""

    token: str = field(repr=False)
    noted: Path
    server: int | None = None
    intents: frozenset[str] = frozenset()
    layouts: bool = True
    sharded: bool = False
    language: str = "en"
    rest_url: str = ""
    gateway_url: str = ""

    def __post_init__(self) -> None:
        if unknown := self.intents - _INTENTS:
            raise ConfigError(f"STUDYHALL_DISCORD_INTENTS knows content and members, not {', '.join(sorted(unknown))}.")


class DiscordAdapter:
    """`run` it as a task. `messenger` may be used at any time: without a connection it says so."""

    def __init__(
        self, store: Store, community_id: int, clock: Clock, options: DiscordOptions, *, monotonic: Callable[[], float]
    ) -> None:
        self._store, self._community_id, self._clock = store, community_id, clock
        self._options, self._monotonic = options, monotonic
        self._door = Door(store, community_id, clock)
        self._whispers = Whispers(monotonic)
        self._windows = Windows(store, community_id, clock)
        self._interactions = Interactions(store, community_id, clock, self._door, self._whispers, self._access_of)
        self._threads = ClosedThreads(told="members" in options.intents)
        self._polls = Polls(self._voted)
        self._catching_up = asyncio.Lock()
        self.mirror = Mirror(store, community_id, options.language, clock.now, monotonic=monotonic)
        self._suggestions = Suggestions(store, community_id, monotonic)
        self._messenger = DiscordMessenger(
            store, community_id, self, self._whispers, self._windows, layouts=options.layouts
        )
        self._current: discord.Client | None = None
        self._telling: asyncio.Task[None] | None = None
        self._direct: dict[int, RoomPart] = {}
        self._strange: set[int] = set()
        self._well_at = monotonic()
        self._lookovers = Lookovers(store, community_id, PLATFORM, self._look)

    @property
    def platform(self) -> str:
        return PLATFORM

    @property
    def messenger(self) -> Messenger:
        return self._messenger

    @property
    def parse(self) -> Parse:
        return parse

    # Life

    async def run(self) -> None:
        """Until it is cancelled. Raises ConfigError where only the operator can help; the rest is tried again."""
        # At its most talkative the SDK writes whole events: what people said, and tokens.
        logging.getLogger("discord").setLevel(logging.INFO)
        keeping = asyncio.create_task(self.mirror.keep(self.server), name="calendar")
        looking = asyncio.create_task(self._lookovers.run(), name="discord set-up")
        try:
            await self._connected()
        finally:
            for task in filter(None, (keeping, looking, self._telling)):
                task.cancel()

    async def _connected(self) -> None:
        failures = 0
        while True:
            client = self.connect()
            try:
                async with client:
                    await client.start(self._options.token)
                failures = 0
            except Exception as error:
                told = translated(error)
                if isinstance(told, ConfigError):
                    raise told from error
                foreseen = isinstance(told, Unreachable | RateLimited)
                log.warning("the connection to Discord ended: %s", told, exc_info=None if foreseen else error)
                pause = _RETRIES[min(failures, len(_RETRIES) - 1)]
                failures += 1
                await asyncio.sleep(pause)

    def look_again(self) -> None:
        self._lookovers.again()

    def age(self) -> float:
        """Seconds since the connection was last known to be there, for a watchdog."""
        now = self._monotonic()
        if self.connected:
            self._well_at = now
        return now - self._well_at

    @property
    def connected(self) -> bool:
        return self._current is not None and self._current.is_ready() and not self._current.is_closed()

    def connect(self) -> discord.Client:
        """A fresh client of the SDK with everything attached; it is not started yet."""
        options = self._options
        if options.rest_url:
            Route.BASE = rest_base(options.rest_url)
        if options.gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(options.gateway_url)
        kind = ShardedClient if options.sharded else HearingClient
        client = kind(
            intents=intents(options.intents),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=LONGEST_WAIT,
            enable_raw_presences=False,
        )
        assert isinstance(client, Ears)
        forgive(client)
        client.hearing = self
        client.tree = app_commands.CommandTree(client)
        client.tree.error(self._failed)
        commands.Commands(self._invoked, self._suggestions).add_to(client.tree)
        self._current = client
        return client

    # What the messenger asks

    def client(self) -> discord.Client:
        if self._current is None or self._current.application_id is None:
            raise Unreachable("not connected to Discord yet", maybe_delivered=False)
        return self._current

    def server(self) -> discord.Guild | None:
        """The community's own, once it is known."""
        return self._guild(self._current) if self._current is not None and self.connected else None

    def guild_of(self, channel: int) -> int | None:
        found = self._current.get_channel(channel) if self._current is not None else None
        return found.guild.id if isinstance(found, discord.abc.GuildChannel | discord.Thread) else None

    # What the ears tell

    async def prepare(self, client: discord.Client) -> None:
        assert isinstance(client, Ears)
        await self._interactions.recall()
        await client.tree.set_translator(commands.WordingTranslator())
        if not await self._told(client):
            self._telling = asyncio.create_task(self._tell(client), name="discord commands")

    async def _told(self, client: discord.Client) -> bool:
        """Whether Discord knows our commands. What it knew of them before works without it."""
        assert isinstance(client, Ears)
        who = f"{client.application_id} {Route.BASE}"
        try:
            if await commands.sync(client.tree, self._options.noted, who):
                log.info("Discord was told the commands")
        except (*UNREADABLE, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Discord did not take the commands: %s", translated(error))
            return False
        return True

    async def _tell(self, client: discord.Client) -> None:
        for pause in chain(_RETRIES, repeat(_TELL_AGAIN)):
            await asyncio.sleep(pause)
            if client.is_closed() or await self._told(client):
                return

    async def heard(self, rows: Iterable[tuple[str, Update]]) -> None:
        await self._door.put(rows)

    async def arrived(self, interaction: discord.Interaction, row: observed.Row) -> None:
        if not self.ours(interaction.guild_id):
            await self._elsewhere(interaction)
            return
        opens = isinstance(row[1], Press) and await self._windows.pressed(interaction, row[1].code)
        if not opens:
            await self._interactions.arrived(interaction, row)

    async def submitted(self, interaction: discord.Interaction) -> None:
        """A form was sent from its window; the last of several windows is what counts."""
        if not self.ours(interaction.guild_id):
            await self._elsewhere(interaction)
            return
        values = await self._windows.submitted(interaction, layouts=self._options.layouts)
        if values is None:
            return
        code = sent(interaction)
        await self._interactions.arrived(interaction, observed.submitted(interaction, code, values, self.now()))
        await self._windows.taken(interaction.user.id, token_of(code))

    async def asked_directly(self, client: discord.Client, user: discord.abc.User) -> StandingPart | None:
        """Somebody asks outside an interaction: what they may read, and who they are, is looked up first."""
        guild = self._guild(client)
        if guild is None or user.bot:
            return None
        rows, standing = await self._access(guild, user)
        await self.heard(rows)
        return standing

    async def came_or_left(self, user: discord.abc.User, guild: int, *, present: bool) -> None:
        client = self.client()
        if not self.ours(guild) or user.bot:
            return
        by, at = observed.by_of(user), self.now()
        if not present:
            await self._stands(by.id, StandingPart(server=str(guild), manages=False))
            await self.heard(await asyncio.to_thread(access.changes, self._store, self._community_id, by, {}, at))
        server = client.get_guild(guild)
        room = observed.room_of(server.system_channel) if server is not None and server.system_channel else None
        if room is not None:
            kind = Join if present else Leave
            await self.heard(
                [(f"{kind.__name__[0].lower()}{user.id}:{at.timestamp():.6f}", kind(at=at, room=room, by=by))]
            )

    async def catch_up(self, client: discord.Client) -> None:
        """What happened while nobody listened. What was closed meanwhile is closed before anything else."""
        self._threads.forget()
        try:
            await self._lookovers.look()
        except StoreUnavailable as error:
            log.warning("what Discord said about our set-up cannot be kept now: %s", error)
        except UNREADABLE:
            log.warning("what Discord said about our set-up cannot be read", exc_info=True)
        guild = self._guild(client)
        if guild is None or guild.unavailable:
            return
        await self.rooms_changed(guild)
        me: discord.Member | None = guild.me
        if not client.intents.message_content or me is None:
            return
        async with self._catching_up:

            async def room_of(channel: object) -> RoomPart | None:
                return observed.room_of(channel) or await self._closed(channel)

            gap = Gap(self._store, self._community_id, guild, room_of, self.now)
            async for rows in gap.rows():
                await self.heard(rows)

    async def rooms_changed(self, guild: discord.Guild) -> None:
        await self.heard(await asyncio.to_thread(rooms.changes, self._store, self._community_id, guild, self.now()))

    async def roles_changed(self, guild: discord.Guild) -> None:
        await self.heard(await asyncio.to_thread(roles.listed, self._store, self._community_id, guild, self.now()))

    async def member_changed(self, client: discord.Client, payload: Mapping[str, Any]) -> None:
        guild = self._guild(client)
        found = roles.standing_in(guild, payload) if guild is not None else None
        if found is not None:
            await self._stands(*found)

    async def _stands(self, account: str, standing: StandingPart) -> None:
        at = self.now()
        rows = await asyncio.to_thread(roles.changed, self._store, self._community_id, account, standing, at)
        await self.heard(rows)

    async def room_gone(self, channel: discord.abc.GuildChannel) -> None:
        await self.heard([observed.changed(RoomPart(id=str(channel.id), private=True), self.now(), gone=True)])

    async def thread_gone(self, channel_id: int, thread_id: int) -> None:
        room = RoomPart(id=str(channel_id), thread=str(thread_id), private=True)
        await self.heard([observed.changed(room, self.now(), gone=True)])

    async def thread_members(self, thread: int, came: list[int], went: list[int]) -> None:
        self._threads.changed(thread, came, went)

    def voted(self, client: discord.Client, channel_id: int, message_id: int) -> None:
        self._polls.voted(client, channel_id, message_id)

    async def room_of(self, client: discord.Client, channel_id: int, channel: object = None) -> RoomPart | None:
        """The room of a channel that the SDK may not know: archived threads, direct channels after a restart."""
        there = channel or client.get_channel(channel_id)
        known = observed.room_of(there) or self._direct.get(channel_id) or await self._closed(there)
        # A channel that is known and yet no room of ours is not asked for again and again.
        asked = there is None or isinstance(there, discord.PartialMessageable | discord.DMChannel)
        if known is None and asked:
            known = observed.room_of(await within(_PATIENCE, client.fetch_channel(channel_id)))
        if known is not None and known.id.startswith("@"):
            self._direct[channel_id] = known
        return known

    def ours(self, guild_id: int | None) -> bool:
        """Only the community's own server: what is said in one must never be shown in another."""
        if guild_id is None or self._current is None:
            return guild_id is None
        guild = self._guild(self._current)
        if guild is not None and guild.id == guild_id:
            return True
        if guild_id not in self._strange:
            self._strange.add(guild_id)
            log.warning("server %d is not the community's: set STUDYHALL_DISCORD_SERVER to the one that is", guild_id)
        return False

    async def _look(self, homes: Sequence[Home]) -> Sequence[Check] | None:
        client = self._current
        if client is None or not self.connected:
            return None
        guild = self._guild(client)
        if guild is not None:
            await asyncio.to_thread(self._at_home, guild, homes, lookover.rooms_of(guild))
            await self.roles_changed(guild)
        return lookover.look_over(client, guild, self._options.intents, self.now())

    def _at_home(self, guild: discord.Guild, homes: Sequence[Home], rooms: Sequence[RoomPart]) -> None:
        chosen = self._options.server is not None
        lookover.be_at_home(
            self._store, self._community_id, guild.id, guild.name, homes, rooms, self.now(), chosen=chosen
        )

    def now(self) -> datetime:
        return self._clock.now()

    # In detail

    async def _elsewhere(self, interaction: discord.Interaction) -> None:
        """Nobody is left without an answer, also where nothing is kept of what they do."""
        words = choose(str(interaction.locale)).say("discord-elsewhere")
        await within(_LOOKUP, interaction.response.send_message(words, ephemeral=True))

    async def _failed(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """A command that Discord still shows and we do not know any more, such as one of an older version."""
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            words = choose(str(interaction.locale)).say("discord-changed")
            await within(_LOOKUP, interaction.response.send_message(words, ephemeral=True))
        else:
            log.error("a command failed", exc_info=error)

    async def _invoked(self, interaction: discord.Interaction, ours: commands.Ours) -> None:
        room = observed.room_of(interaction.channel) if ours.here else None
        row = observed.invoked(interaction, ours.name, ours.words, self.now(), room=room, about=ours.about)
        await self.arrived(interaction, row)

    async def _closed(self, channel: object) -> RoomPart | None:
        if not isinstance(channel, discord.Thread) or not channel.is_private():
            return None
        return await self._threads.learn(channel)

    async def _voted(self, message: discord.Message) -> None:
        room = await self.room_of(self.client(), message.channel.id, message.channel)
        row = observed.voted(message, room, self.now()) if room is not None else None
        await self.heard([row] if row is not None else [])

    async def _access_of(self, interaction: discord.Interaction) -> tuple[Sequence[access.Row], StandingPart | None]:
        guild = self._guild(interaction.client)
        return await self._access(guild, interaction.user) if guild is not None else ((), None)

    async def _access(
        self, guild: discord.Guild, user: discord.abc.User
    ) -> tuple[Sequence[access.Row], StandingPart | None]:
        """Where Discord does not say in time who they are, they may read nothing private and are nobody."""
        member = user if isinstance(user, discord.Member) and user.guild.id == guild.id else None
        member = member or await within(_LOOKUP, guild.fetch_member(user.id))
        try:
            may_read = {**access.readable(member), **self._threads.readable(member)} if member is not None else {}
            standing = observed.standing_of(member) if member is not None else None
        except UNREADABLE:
            log.warning("what Discord said of somebody's rights cannot be read", exc_info=True)
            may_read, standing = {}, None
        by = observed.by_of(user)
        rows = await asyncio.to_thread(access.changes, self._store, self._community_id, by, may_read, self.now())
        return rows, standing

    def _guild(self, client: discord.Client) -> discord.Guild | None:
        if self._options.server is not None:
            return client.get_guild(self._options.server)
        return client.guilds[0] if len(client.guilds) == 1 else None


def rest_base(url: str) -> str:
    """The SDK puts its paths right after the version, which an address may be given without."""
    given = yarl.URL(url.rstrip("/"))
    match given.path.rstrip("/"):
        case "":
            given = given / "api" / _API_VERSION
        case path if path.endswith("/api"):
            given = given / _API_VERSION
        case _:
            pass
    return str(given)


def intents(chosen: frozenset[str]) -> discord.Intents:
    """As few as possible; see the first lines of this module."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.guild_reactions = True
    wanted.guild_polls = True
    wanted.message_content = "content" in chosen
    wanted.members = "members" in chosen
    return wanted
