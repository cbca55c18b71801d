"""What people do with commands and buttons: stored first, then acknowledged in time. Decides nothing.

Discord wants a first answer within three seconds, and a form can only be that first answer. So it is left to whoever
answers, until half of the time is over; then Discord is told that the answer follows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import discord

from adapters.discord import access, observed
from adapters.discord.capabilities import PLATFORM, STORE_PATIENCE, TOKEN_LIVES
from adapters.discord.door import Door
from adapters.discord.errors import within
from adapters.discord.updates import Command, Press, StandingPart, Submit, Update, loads
from adapters.discord.whispers import Whispers
from adapters.discord.windows import Window, show
from bot.errors import StoreUnavailable
from bot.ports import Clock, Store
from bot.wording import choose

log = logging.getLogger(__name__)

_RECENT: Final = 5_000
"""Interactions of the last quarter of an hour that are looked at after a start."""

_ANSWERS: Final = ("answer", "set")
"""What the keys of answers to a command begin with; the number of its row in the inbox follows."""

Asked = Command | Press | Submit
"""What somebody waits for an answer to."""

Access = Callable[[discord.Interaction], Awaitable[tuple[Sequence[access.Row], StandingPart | None]]]
"""What the store has to learn of what somebody may read, before they are answered, and who they are now."""


class Interactions:
    """Belongs to the event loop."""

    def __init__(
        self, store: Store, community_id: int, clock: Clock, door: Door, whispers: Whispers, access_of: Access
    ) -> None:
        self._store, self._community_id, self._clock = store, community_id, clock
        self._door, self._whispers, self._access_of = door, whispers, access_of

    async def arrived(self, interaction: discord.Interaction, row: observed.Row) -> None:
        """Returns when it is stored. Acknowledged in time even where the store is slow."""
        native_id, update = row
        assert isinstance(update, Command | Press | Submit)
        loop = asyncio.get_running_loop()
        until = loop.time() + STORE_PATIENCE
        thinking = _thinks(update)
        whisper = self._whispers.begin(
            interaction.user.id,
            interaction.token,
            on=_on(update),
            thinking=thinking,
            first=_first(interaction, update),
            # A form that was sent cannot be answered with the next one at once: Discord does not allow it.
            window=None if isinstance(update, Submit) else _window(interaction),
        )
        storing = asyncio.ensure_future(self._take_in(interaction, native_id, update))
        done, _ = await asyncio.wait({storing}, timeout=STORE_PATIENCE)
        refused = bool(done) and isinstance(storing.exception(), StoreUnavailable)
        if refused:
            whisper.dead = True
            await whisper.acknowledge(lambda: self._refuse(interaction))
        elif done:
            whisper.acknowledge_in(until - loop.time())
        else:
            await whisper.acknowledge()
        try:
            await storing
        except StoreUnavailable as error:
            log.warning("an interaction could not be stored: %s", error)
            if not refused:
                await within(STORE_PATIENCE, interaction.followup.send(_sorry(interaction), ephemeral=True))

    async def recall(self) -> None:
        """After a start: what was done in the last quarter of an hour can be answered, and its answers changed."""
        for known in await asyncio.to_thread(self._recent):
            self._whispers.begin(**known, recalled=True).acknowledged.set()

    async def _take_in(self, interaction: discord.Interaction, native_id: str, update: Update) -> None:
        changes, standing = await self._access_of(interaction)
        assert isinstance(update, Command | Press | Submit)
        await self._door.put([*changes, (native_id, observed.as_who(update, standing))], patient=False)

    async def _refuse(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(_sorry(interaction), ephemeral=True)

    def _recent(self) -> list[dict[str, Any]]:
        now, found = self._clock.now(), []
        with self._store.read() as uow:
            pending = {row.id for row in uow.inbox.pending(limit=_RECENT)}
            for row in uow.inbox.since(
                self._community_id, PLATFORM, now - timedelta(seconds=TOKEN_LIVES), limit=_RECENT
            ):
                try:
                    update = loads(row.raw)
                except ValueError:
                    continue  # it is parked with its reason when its turn comes
                if not isinstance(update, Command | Press | Submit) or update.interaction is None:
                    continue
                keys = [f"{kind}:{row.id}" for kind in _ANSWERS]
                made = [ref for key in keys for ref in uow.outbox.receipts(self._community_id, key)]
                waits = row.id in pending or bool(uow.outbox.waiting(self._community_id, keys))
                found.append(
                    {
                        "user": int(update.by.id),
                        "token": update.interaction.token,
                        "on": _on(update),
                        "thinking": _thinks(update) and not made and waits,
                        "age": max((now - update.at).total_seconds(), 0.0),
                        "made": {int(ref.native_id) for ref in made if ref.native_id.isdecimal()},
                    }
                )
        return found


def _first(interaction: discord.Interaction, update: Asked) -> Callable[[], Awaitable[None]]:
    """ "The answer follows": a command holds a place for it, a press only stops waiting."""

    async def defer() -> None:
        if _thinks(update):
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()

    return defer


def _window(interaction: discord.Interaction) -> Callable[[Window], Awaitable[None]]:
    async def open_(window: Window) -> None:
        await show(interaction, window)

    return open_


def _thinks(update: Asked) -> bool:
    """Whether Discord shows a place that waits for the answer."""
    return isinstance(update, Command) or (isinstance(update, Submit) and update.message is None)


def _on(update: Asked) -> int | None:
    return int(update.message) if not isinstance(update, Command) and update.message else None


def _sorry(interaction: discord.Interaction) -> str:
    return choose(str(interaction.locale)).say("discord-store-unavailable")
