"""Telegram as a part of the running program: who we are, menus, updates in, answers out. Decides nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from telegram.error import EndPointNotFound, InvalidToken, TelegramError

from adapters.files.loose import as_list, as_object, as_text
from adapters.lookovers import Lookovers
from adapters.telegram.adapter import TelegramMessenger
from adapters.telegram.capabilities import ANSWER_WITHIN, PLATFORM, UPDATES
from adapters.telegram.client import Access, Client
from adapters.telegram.commands import Menu, menus
from adapters.telegram.envelope import Me
from adapters.telegram.errors import translated
from adapters.telegram.inbound import Reading, parse
from adapters.telegram.inline import Inline, Look
from adapters.telegram.invitations import Invitations
from adapters.telegram.lookover import look_over, refused
from adapters.telegram.presses import Presses
from adapters.telegram.receiving import Receiving
from adapters.telegram.standings import Standings
from bot.domain.events import EventState
from bot.domain.incoming import Incoming
from bot.domain.permissions import Home
from bot.domain.refs import RoomRef
from bot.domain.setup import Check
from bot.errors import DeliveryError
from bot.ports import Clock, Store

log = logging.getLogger(__name__)

_LONGEST_PAUSE: Final = 60.0
_LOOK_AT_HOOK: Final = 30.0
_LOOK_FOR_LATE: Final = 0.25
_MOST_GROUPS: Final = 50


@dataclass(frozen=True, slots=True)
class Hook:
    """Where Telegram brings updates to, instead of being asked: `url` as it is reached from outside."""

    url: str
    secret: str = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


class Telegram:
    """Made without touching the network; `run` it as a task of the event loop."""

    def __init__(
        self,
        access: Access,
        store: Store,
        community_id: int,
        clock: Clock,
        *,
        monotonic: Callable[[], float],
        open_chats: Iterable[str] = (),
        public_url: str = "",
        hook: Hook | None = None,
        look: Look | None = None,
    ) -> None:
        """`look`: the search over what is public, for whoever names the bot anywhere; without it nobody is answered."""
        self.hook, self._me = hook, Me("0")
        self._store, self._community_id = store, community_id
        self._reading = Reading(open_chats=frozenset(open_chats))
        self._client = Client(access)
        presses, invitations = Presses(monotonic, ANSWER_WITHIN), Invitations()
        self._inline = Inline(self._client, look, monotonic=monotonic, public_url=public_url) if look else None
        aside = self._inline.aside if self._inline else list
        self._clock = clock
        self._lookovers = Lookovers(store, community_id, PLATFORM, self._look)
        standings = Standings(
            self._client, store, community_id, monotonic=monotonic, rights_changed=self._lookovers.again
        )
        self._receiving = Receiving(
            store,
            community_id,
            clock,
            presses,
            invitations,
            monotonic=monotonic,
            standings=standings,
            aside=aside,
        )
        self.messenger = TelegramMessenger(
            self._client, self._chat_of, presses, files=self._file, invitations=invitations, public_url=public_url
        )

    @property
    def platform(self) -> str:
        return PLATFORM

    def knows(self, commands: Iterable[str]) -> None:
        """Commands that are answered in a group also where they are not addressed to us."""
        self._reading = replace(self._reading, known=frozenset(commands))

    def parse(self, raw: str) -> tuple[Incoming, ...]:
        return parse(raw, self._reading)

    def age(self) -> float:
        return self._receiving.age()

    def rushed(self) -> bool:
        """Whether Telegram has more for us than it may give at once."""
        return self._receiving.rushed()

    def hurried(self) -> list[str]:
        """Updates for which somebody waits, by the names that they are stored under; each is told once."""
        return self._receiving.hurried()

    def look_again(self) -> None:
        self._lookovers.again()

    async def run(self) -> None:
        """Until cancelled. Raises ConfigError where the token is refused; waits for a platform that is down."""
        await self._client.open()
        try:
            self._me = await self._introduced()
            self.messenger.known_as(self._me.username)
            if self._inline is not None:
                self._inline.known_as(self._me.username)
            log.info("on Telegram as @%s", self._me.username)
            if self.hook is None:
                await self._client.unhook()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._menus(), name="telegram menus")
                tasks.create_task(self._late(), name="telegram presses")
                tasks.create_task(self._lookovers.run(), name="telegram set-up")
                updates = self._receiving.poll(self._client, self._me) if self.hook is None else self._hooked(self.hook)
                tasks.create_task(updates, name="telegram updates")
        finally:
            if self._inline is not None:
                await self._inline.leave()
            await self._client.leave()

    async def _introduced(self) -> Me:
        pause = 1.0
        while True:
            try:
                me = await self._client.who()
            except (InvalidToken, EndPointNotFound) as error:
                raise translated(error) from error
            except TelegramError as error:
                log.warning("Telegram cannot be reached: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return me

    async def _look(self, homes: Sequence[Home]) -> list[Check] | None:
        """What was known stays, and grows old, while Telegram cannot be reached."""
        hook = self.hook.url if self.hook is not None else ""
        try:
            others = await asyncio.to_thread(self._announced_in)
            return await look_over(self._client, homes, self._clock.now(), hook=hook, others=others)
        except (InvalidToken, EndPointNotFound) as error:
            return [refused(error, self._clock.now())]
        except TelegramError as error:
            log.info("Telegram cannot be asked about our set-up: %s", type(error).__name__)
            return None

    def _announced_in(self) -> dict[str, str]:
        """Groups in which something is planned to be announced, by id: their name."""
        ahead = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)
        with self._store.read() as uow:
            events = uow.hosted.all(self._community_id, states=ahead, ends_after=self._clock.now())
            found = {number: uow.rooms.get(number) for event in events for number in event.rooms}
        rooms = [room for room in found.values() if room is not None and room.ref.platform == PLATFORM]
        return {room.ref.native_id: room.group or room.name for room in rooms[:_MOST_GROUPS]}

    async def take(self, body: bytes) -> bool:
        """One update that a webhook was given. Before we know who we are, it has to come again."""
        return self._me.id != "0" and await self._receiving.take(self._me, body)

    async def _hooked(self, hook: Hook) -> None:
        """Tell Telegram where to bring updates, one at a time so that they stay in order, and see that it stays so."""
        wanted = {"url": hook.url, "secret_token": hook.secret, "max_connections": 1}
        told = False
        while True:
            try:
                known = as_object(await self._client.call("getWebhookInfo", {})) if told else {}
                if known.get("url") != hook.url:
                    await self._client.call("setWebhook", wanted | {"allowed_updates": list(UPDATES)})
                    told = True
                self._receiving.there()
                if as_text(known.get("last_error_message")):
                    log.warning("Telegram could not bring an update: %s", as_text(known.get("last_error_message")))
            except TelegramError as error:
                log.warning("the webhook is not set: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_AT_HOOK)

    async def _menus(self) -> None:
        """Set what has changed. Without menus the bot works as well, so a refusal ends nothing."""
        for menu in menus():
            try:
                await self._set(menu)
            except TelegramError as error:
                log.warning("the menu for %s was not set: %s", menu.scope, type(error).__name__)

    async def _set(self, menu: Menu) -> None:
        where = {"scope": {"type": menu.scope}, "language_code": menu.language or None}
        known: list[object] | None = None
        try:
            known = [as_object(each) for each in as_list(await self._client.call("getMyCommands", where))]
        except TelegramError as error:
            log.info("Telegram does not say which menu is set: %s", type(error).__name__)
        wanted = [{"command": name, "description": text} for name, text in menu.commands]
        if known != wanted:
            await self._client.call("setMyCommands", where | {"commands": wanted})

    async def _late(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_FOR_LATE)
            try:
                await self.messenger.answer_late()
            except DeliveryError as error:
                log.info("a press was not answered: %s", error)

    def _file(self, key: str) -> bytes | None:
        with self._store.read() as uow:
            kept = uow.files.get(self._community_id, key)
        return kept.content if kept is not None else None

    def _chat_of(self, room: RoomRef) -> str | None:
        number = room.native_id.removeprefix("dm-")
        if not number.isdecimal():
            return None
        with self._store.read() as uow:
            member = uow.members.get(int(number))
            accounts = [identity.account for identity in uow.members.identities(member.id)] if member else []
        return next((account.native_id for account in accounts if account.platform == PLATFORM), None)
