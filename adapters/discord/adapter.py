"""The live connection to Discord: starts and stops it, stores what it hears, answers in time. Decides nothing.

Intents. Always: guilds (which channels there are and who may view them), guild_messages and dm_messages (that something
was said, also what was said to the bot by name), guild_reactions. Only by setting, because Discord asks for a reason:
``content`` (what people say among themselves, for discussions) and ``members`` (who joins and leaves). Without both,
commands, buttons, mentions and direct messages work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import access, commands, observed
from adapters.discord.capabilities import LONGEST_WAIT, PLATFORM, STORE_PATIENCE, TOKEN_LIVES
from adapters.discord.client import Ears, HearingClient, ShardedClient, within
from adapters.discord.door import Door
from adapters.discord.errors import ANSWERED, translated
from adapters.discord.history_gap import gap
from adapters.discord.inbound import parse
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.suggestions import Suggestions
from adapters.discord.updates import Command, Join, Leave, Press, RoomPart, Update, loads
from adapters.discord.whispers import Whisper, Whispers
from bot.errors import ConfigError, RateLimited, StoreUnavailable, Unreachable
from bot.ports import Clock, Messenger, Parse, Store
from bot.wording import choose

log = logging.getLogger(__name__)

_INTENTS: Final = frozenset({"content", "members"})
_LOOKUP: Final = 1.0
"""Seconds that Discord is given to say who somebody is before they are answered as a stranger."""
_PATIENCE: Final = 5.0
"""Seconds for looking up a channel that the SDK does not know."""
_RETRIES: Final = (1.0, 5.0, 15.0, 60.0)
_PENDING: Final = 1_000


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
        self._suggestions = Suggestions(store, community_id, monotonic)
        self._messenger = DiscordMessenger(store, community_id, self, self._whispers, layouts=options.layouts)
        self._current: discord.Client | None = None
        self._direct: dict[int, RoomPart] = {}
        self._strange: set[int] = set()
        self._well_at = monotonic()

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
            Route.BASE = options.rest_url.rstrip("/")
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
        client.hearing = self
        client.tree = app_commands.CommandTree(client)
        commands.Commands(self._invoked, self._suggestions).add_to(client.tree)
        self._current = client
        return client

    # What the messenger asks

    def client(self) -> discord.Client:
        if self._current is None or self._current.application_id is None:
            raise Unreachable("not connected to Discord yet", maybe_delivered=False)
        return self._current

    def guild_of(self, channel: int) -> int | None:
        found = self._current.get_channel(channel) if self._current is not None else None
        return found.guild.id if isinstance(found, discord.abc.GuildChannel | discord.Thread) else None

    # What the ears tell

    async def prepare(self, client: discord.Client) -> None:
        assert isinstance(client, Ears)
        for whisper in await asyncio.to_thread(self._unanswered):
            self._whispers.begin(**whisper).acknowledged.set()
        await client.tree.set_translator(commands.WordingTranslator())
        who = f"{client.application_id} {Route.BASE}"
        if await commands.sync(client.tree, self._options.noted, who):
            log.info("Discord was told the commands")

    async def heard(self, rows: Iterable[tuple[str, Update]]) -> None:
        for native_id, update in rows:
            await self._door.put(native_id, update)

    async def arrived(self, interaction: discord.Interaction, row: observed.Row) -> None:
        """Stored, then acknowledged in time; in time even where the store is slow."""
        native_id, update = row
        assert isinstance(update, Command | Press)
        if not self.ours(interaction.guild_id):
            return
        on = int(update.message) if isinstance(update, Press) and update.message else None
        thinking = isinstance(update, Command)
        whisper = self._whispers.begin(interaction.user.id, interaction.token, on=on, thinking=thinking)
        storing = asyncio.ensure_future(self._take_in(interaction, native_id, update))
        done, _ = await asyncio.wait({storing}, timeout=STORE_PATIENCE)
        refused = bool(done) and isinstance(storing.exception(), StoreUnavailable)
        await self._acknowledge(interaction, whisper, thinking=thinking, refused=refused)
        try:
            await storing
        except StoreUnavailable as error:
            log.warning("an interaction could not be stored: %s", error)
            if not refused:
                await within(STORE_PATIENCE, interaction.followup.send(self._sorry(interaction), ephemeral=True))

    async def asked_directly(self, client: discord.Client, user: discord.abc.User) -> None:
        """Somebody asks outside an interaction: what they may read is looked up first."""
        guild = self._guild(client)
        if guild is not None and not user.bot:
            await self.heard(await self._access(guild, user))

    async def came_or_left(self, user: discord.abc.User, guild: int, *, present: bool) -> None:
        client = self.client()
        if not self.ours(guild) or user.bot:
            return
        by, at = observed.by_of(user), self.now()
        if not present:
            await self.heard(await asyncio.to_thread(access.changes, self._store, self._community_id, by, {}, at))
        server = client.get_guild(guild)
        room = observed.room_of(server.system_channel) if server is not None and server.system_channel else None
        if room is not None:
            kind = Join if present else Leave
            await self.heard(
                [(f"{kind.__name__[0].lower()}{user.id}:{at.timestamp():.6f}", kind(at=at, room=room, by=by))]
            )

    async def catch_up(self, client: discord.Client) -> None:
        """What was said while nobody listened; only where something was heard before, and never what is private."""
        guild = self._guild(client)
        if guild is not None and client.intents.message_content:
            async for row in gap(self._store, self._community_id, guild):
                await self.heard([row])

    async def room_of(self, client: discord.Client, channel_id: int, channel: object = None) -> RoomPart | None:
        """The room of a channel that the SDK may not know: archived threads, direct channels after a restart."""
        there = channel or client.get_channel(channel_id)
        known = observed.room_of(there) or self._direct.get(channel_id)
        # A channel that is known and yet no room of ours (a private thread) is not asked for again and again.
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

    def now(self) -> datetime:
        return self._clock.now()

    # In detail

    async def _invoked(self, interaction: discord.Interaction, ours: commands.Ours) -> None:
        room = observed.room_of(interaction.channel) if ours.here else None
        row = observed.invoked(interaction, ours.name, ours.words, self.now(), room=room, about=ours.about)
        await self.arrived(interaction, row)

    async def _take_in(self, interaction: discord.Interaction, native_id: str, update: Update) -> None:
        guild = self._guild(interaction.client)
        if guild is not None:
            for changed_id, changed in await self._access(guild, interaction.user):
                await self._door.put(changed_id, changed, patient=False)
        await self._door.put(native_id, update, patient=False)

    async def _access(self, guild: discord.Guild, user: discord.abc.User) -> Sequence[access.Row]:
        """Where Discord does not say in time who they are, they may read nothing private."""
        member = user if isinstance(user, discord.Member) and user.guild.id == guild.id else None
        member = member or await within(_LOOKUP, guild.fetch_member(user.id))
        may_read = access.readable(member) if member is not None else {}
        by = observed.by_of(user)
        return await asyncio.to_thread(access.changes, self._store, self._community_id, by, may_read, self.now())

    async def _acknowledge(
        self, interaction: discord.Interaction, whisper: Whisper, *, thinking: bool, refused: bool
    ) -> None:
        try:
            if refused:
                whisper.dead = True
                await interaction.response.send_message(self._sorry(interaction), ephemeral=True)
            elif thinking:
                await interaction.response.defer(ephemeral=True, thinking=True)
            else:
                await interaction.response.defer()
        except discord.HTTPException as error:
            whisper.dead = error.code != ANSWERED
            log.warning("an interaction was not acknowledged: %s", translated(error))
        except OSError as error:
            whisper.dead = True
            log.warning("an interaction was not acknowledged: %s", type(error).__name__)
        finally:
            whisper.acknowledged.set()

    def _sorry(self, interaction: discord.Interaction) -> str:
        return choose(str(interaction.locale)).say("discord-store-unavailable")

    def _unanswered(self) -> list[dict[str, Any]]:
        """Interactions that were stored and not handled before the program ended, and can still be answered."""
        found = []
        with self._store.read() as uow:
            rows = [row for row in uow.inbox.pending(limit=_PENDING) if row.platform == PLATFORM]
        for row in rows:
            try:
                update = loads(row.raw)
            except ValueError:
                continue  # it is parked with its reason when its turn comes
            if not isinstance(update, Command | Press) or update.interaction is None:
                continue
            age = (self.now() - update.at).total_seconds()
            if age < TOKEN_LIVES:
                press = isinstance(update, Press)
                on = int(update.message) if press and update.message else None
                found.append(
                    {
                        "user": int(update.by.id),
                        "token": update.interaction.token,
                        "on": on,
                        "thinking": not press,
                        "age": max(age, 0.0),
                    }
                )
        return found

    def _guild(self, client: discord.Client) -> discord.Guild | None:
        if self._options.server is not None:
            return client.get_guild(self._options.server)
        return client.guilds[0] if len(client.guilds) == 1 else None


def intents(chosen: frozenset[str]) -> discord.Intents:
    """As few as possible; see the first lines of this module."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.guild_reactions = True
    wanted.message_content = "content" in chosen
    wanted.members = "members" in chosen
    return wanted
