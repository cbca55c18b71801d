"""The community's events in Discord's own calendar, as far as its rights allow. Compares both and mends the difference.

Only what everybody may see. Nothing is queued: what is wanted stands in the store, what is there is asked of Discord,
so a crash at any moment is mended by the next look, and what was made but not noted is recognised instead of made
again. What somebody took away there is let be. Being interested there is no seat here: it is only counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import discord

from adapters.discord import markdown as md
from adapters.discord.capabilities import PLATFORM
from bot.domain.events import EventState, HostedEvent, Moment, MomentKind
from bot.domain.permissions import PUBLIC
from bot.domain.refs import RoomRef
from bot.errors import StoreUnavailable
from bot.ports import MirrorRow, Store
from bot.wording import choose

log = logging.getLogger(__name__)

EVERY: Final = 15.0
"""Seconds between looks at the store; Discord is asked only when something is to be done, or its counts are old."""
COUNTS_EVERY: Final = 300.0
MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 1_000
MAX_LOCATION: Final = 100
MAX_OPEN: Final = 100
"""Events that a server may have open."""
_GONE: Final = 10070
"""Unknown scheduled event."""
_KEPT: Final = frozenset({EventState.PUBLISHED, EventState.CANCELLED})
_OVER: Final = frozenset({discord.EventStatus.completed, discord.EventStatus.cancelled})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event as Discord's calendar is to show it. `channel`: a voice or stage channel, otherwise `location`."""

    name: str
    description: str
    start: datetime
    end: datetime
    location: str = ""
    channel: int | None = None

    @property
    def stamp(self) -> str:
        return hashlib.blake2b(repr(self).encode(), digest_size=12).hexdigest()


def wanted(event: HostedEvent, language: str, channel: int | None) -> Wanted:
    """Within Discord's limits: a name of 1-100, a description of at most 1,000, a place of 1-100 characters."""
    nowhere = choose(language).say("event-no-place")
    place = "" if channel is not None else _line(event.venue.text, MAX_LOCATION) or _line(nowhere, MAX_LOCATION) or "-"
    return Wanted(
        name=_line(event.title, MAX_NAME) or "-",
        description=md.clipped(md.escaped(event.description), MAX_DESCRIPTION),
        start=event.starts_at,
        end=event.ends_at,
        location=place,
        channel=channel,
    )


class Mirror:
    """One community's events in one server's calendar."""

    def __init__(
        self,
        store: Store,
        community_id: int,
        language: str,
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float],
    ) -> None:
        self._store, self._community_id, self._language = store, community_id, language
        self._now, self._monotonic = now, monotonic
        self._counted_at = float("-inf")
        self._full = False

    async def keep(self, guild_of: Callable[[], discord.Guild | None]) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            guild = guild_of()
            if guild is None or guild.unavailable:
                continue
            try:
                await self.look(guild)
            except (discord.HTTPException, OSError, TimeoutError, StoreUnavailable) as error:
                log.warning("the calendar is looked at again later: %s", type(error).__name__)
            except Exception:
                log.exception("the calendar could not be brought in step")

    async def look(self, guild: discord.Guild) -> int:
        """Bring the server's calendar in step once; how many of its events were made, changed or cancelled."""
        me: discord.Member | None = guild.me
        may = me.guild_permissions if me is not None else discord.Permissions.none()
        if not (may.manage_events or may.create_events):
            return 0
        events, known, channels = await asyncio.to_thread(self._state)
        todo = [one for one in events if self._differs(one, known.get(one.number), channels)]
        old = self._monotonic() - self._counted_at > COUNTS_EVERY
        if not todo and not (old and known):
            return 0
        there = {one.id: one for one in await guild.fetch_scheduled_events(with_counts=True)}
        self._counted_at = self._monotonic()
        changed = 0
        noted = {int(row.native_id) for row in known.values() if row.native_id.isdecimal()}
        for event in todo:
            changed += await self._mend(guild, event, known.get(event.number), there, channels, noted)
        await asyncio.to_thread(self._count, {number: row for number, row in known.items() if not row.lost}, there)
        return changed

    def _differs(self, event: HostedEvent, known: MirrorRow | None, channels: Mapping[int, int]) -> bool:
        if event.ends_at <= self._now() or (known is not None and known.lost):
            return False
        if event.state is EventState.CANCELLED:
            return known is not None
        if known is None:
            return event.starts_at > self._now()
        return known.posted != self._wanted(event, channels).stamp

    async def _mend(
        self,
        guild: discord.Guild,
        event: HostedEvent,
        known: MirrorRow | None,
        there: dict[int, discord.ScheduledEvent],
        channels: Mapping[int, int],
        noted: Collection[int],
    ) -> bool:
        want = self._wanted(event, channels)
        try:
            if known is None:
                return await self._make(guild, event, want, there, noted)
            native = there.get(int(known.native_id))
            if native is None or native.status in _OVER:
                await self._note(replace(known, lost=True))
                return False
            if event.state is EventState.CANCELLED:
                await self._cancel(native)
                await self._note(replace(known, lost=True))
            else:
                await native.edit(**self._details(guild, want, started=native.status is discord.EventStatus.active))
                await self._note(replace(known, posted=want.stamp))
        except discord.HTTPException as error:
            if error.status >= 500 or error.status in (401, 403, 429):
                raise
            # Refused as it is, or gone: asking again would not help.
            log.warning("an event is not in Discord's calendar: %d (%d)", error.status, error.code)
            await self._note(MirrorRow(event.number, known.native_id if known else "0", want.stamp, lost=True))
            return False
        return True

    async def _make(
        self,
        guild: discord.Guild,
        event: HostedEvent,
        want: Wanted,
        there: dict[int, discord.ScheduledEvent],
        noted: Collection[int],
    ) -> bool:
        made = _ours_already(guild, want, there.values(), noted)
        if made is None:
            if sum(one.status not in _OVER for one in there.values()) >= MAX_OPEN:
                if not self._full:
                    log.warning("Discord's calendar is full: %d events are open", MAX_OPEN)
                self._full = True
                return False
            self._full = False
            made = await guild.create_scheduled_event(
                **self._details(guild, want), privacy_level=discord.PrivacyLevel.guild_only
            )
            there[made.id] = made
        await self._note(MirrorRow(event.number, str(made.id), want.stamp))
        return True

    def _details(self, guild: discord.Guild, want: Wanted, *, started: bool = False) -> dict[str, Any]:
        details: dict[str, Any] = {"name": want.name, "description": want.description, "end_time": want.end}
        if not started:  # the start of what has begun cannot be moved
            details["start_time"] = want.start
        channel = guild.get_channel(want.channel) if want.channel is not None else None
        if isinstance(channel, discord.VoiceChannel | discord.StageChannel):
            stage = isinstance(channel, discord.StageChannel)
            kind = discord.EntityType.stage_instance if stage else discord.EntityType.voice
            return details | {"entity_type": kind, "channel": channel}
        location = want.location or (f"#{channel.name}"[:MAX_LOCATION] if channel is not None else "-")
        return details | {"entity_type": discord.EntityType.external, "location": location}

    async def _cancel(self, native: discord.ScheduledEvent) -> None:
        if native.status is discord.EventStatus.active:
            await native.end()
        else:
            await native.cancel()

    def _wanted(self, event: HostedEvent, channels: Mapping[int, int]) -> Wanted:
        room = event.venue.room_id
        return wanted(event, self._language, channels.get(room) if room is not None else None)

    def _state(self) -> tuple[Sequence[HostedEvent], dict[int, MirrorRow], dict[int, int]]:
        """Events that everybody may see, what is known of their mirrors, and channels by the room that they are."""
        with self._store.read() as uow:
            events = [
                one
                for one in uow.hosted.all(self._community_id, states=_KEPT, ends_after=self._now())
                if one.audience == PUBLIC
            ]
            known = uow.mirrors.all(self._community_id, PLATFORM)
            rooms = {one.venue.room_id: uow.rooms.get(one.venue.room_id) for one in events if one.venue.room_id}
        refs: dict[int, RoomRef] = {number: room.ref for number, room in rooms.items() if number and room is not None}
        channels = {
            number: int(ref.native_id)
            for number, ref in refs.items()
            if ref.platform == PLATFORM and ref.thread_id is None and ref.native_id.isdecimal()
        }
        return events, known, channels

    def _count(self, known: Mapping[int, MirrorRow], there: Mapping[int, discord.ScheduledEvent]) -> None:
        with self._store.write() as uow:
            now = uow.mirrors.all(self._community_id, PLATFORM)
            for number, row in known.items():
                native = there.get(int(row.native_id)) if row.native_id.isdecimal() else None
                interested = (native.user_count or 0) if native is not None else row.interested
                if number in now and interested != now[number].interested:
                    uow.mirrors.put(self._community_id, PLATFORM, replace(now[number], interested=interested))
                    # Its cards say so, beside how many are going.
                    due = Moment(number, MomentKind.REFRESH.value, self._now())
                    uow.moments.touch(self._community_id, due, timedelta(0))
            uow.commit()

    async def _note(self, row: MirrorRow) -> None:
        await asyncio.to_thread(self._put, row)

    def _put(self, row: MirrorRow) -> None:
        with self._store.write() as uow:
            uow.mirrors.put(self._community_id, PLATFORM, row)
            uow.commit()


def _ours_already(
    guild: discord.Guild, want: Wanted, there: Iterable[discord.ScheduledEvent], noted: Collection[int]
) -> discord.ScheduledEvent | None:
    """Made by us before a crash, and not noted."""
    for one in there:
        ours = one.creator_id == guild.me.id and one.id not in noted and one.status not in _OVER
        if ours and (one.name, one.start_time) == (want.name, want.start):
            return one
    return None


def _line(text: str, limit: int) -> str:
    """One line of plain text: names and places of events have no markup."""
    return md.clipped(" ".join(md.encodable(text).split()), limit)
