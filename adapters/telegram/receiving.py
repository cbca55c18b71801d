"""Updates from Telegram into the inbox: stored in one transaction, and only then confirmed by the next question.

Knows the long poll and the store; reads no more of an update than its number and whether somebody pressed a button.
What is stored twice is stored once: an update that comes again after a crash finds itself there.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from telegram.error import Conflict, RetryAfter, TelegramError

from adapters.files.loose import as_id, as_list, as_object, as_text
from adapters.telegram import envelope
from adapters.telegram.capabilities import BATCH, PLATFORM, POLL_SECONDS, UPDATES
from adapters.telegram.client import Client
from adapters.telegram.envelope import Me
from adapters.telegram.errors import seconds_of
from adapters.telegram.invitations import Asked as AskedThere
from adapters.telegram.invitations import Invitations
from adapters.telegram.presses import Presses
from adapters.telegram.standings import Asked, Standings
from bot.errors import StoreUnavailable
from bot.ports import Clock, Store

log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_MOST_HURRIED: Final = 2_000
_CONFLICT: Final = "another program polls with the same token; stop one of the two"
_SHORTEST_ROUND: Final = 0.2
"""Seconds between two questions that nothing came of: a server need not wait as long as it is asked to."""
InThread = Callable[..., Awaitable[Any]]
Aside = Callable[[Sequence[object]], Sequence[object]]
"""Takes out of a batch what is answered at once and never stored; returns the rest."""


class Receiving:
    """Takes updates in, by polling or from a webhook."""

    def __init__(
        self,
        store: Store,
        community_id: int,
        clock: Clock,
        presses: Presses,
        invitations: Invitations,
        *,
        monotonic: Callable[[], float],
        standings: Standings | None = None,
        in_thread: InThread = asyncio.to_thread,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        poll_seconds: int = POLL_SECONDS,
        aside: Aside = lambda updates: updates,
    ) -> None:
        self._store, self._community_id, self._clock, self._presses = store, community_id, clock, presses
        self._invitations, self._standings = invitations, standings
        self._monotonic, self._in_thread, self._sleep = monotonic, in_thread, sleep
        self._poll_seconds, self._aside = poll_seconds, aside
        self._seen_at = monotonic()
        self._rushed = False
        self._hurried: deque[str] = deque(maxlen=_MOST_HURRIED)

    def age(self) -> float:
        """Seconds since Telegram was last known to be there, for a watchdog."""
        return self._monotonic() - self._seen_at

    def rushed(self) -> bool:
        """Whether there was more than one batch takes when it was asked last."""
        return self._rushed

    def hurried(self) -> list[str]:
        """The names of stored updates for which somebody waits, since this was asked last. From any thread."""
        taken: list[str] = []
        while self._hurried:
            taken.append(self._hurried.popleft())
        return taken

    def there(self) -> None:
        """Telegram has answered."""
        self._seen_at = self._monotonic()

    async def poll(self, client: Client, me: Me) -> None:
        """Until cancelled. Nothing that the platform sends or does ends it."""
        offset: int | None = None
        pause = _FIRST_PAUSE
        while True:
            began = self._monotonic()
            try:
                updates = await self._asked(client, offset)
                self.there()
                self._rushed = len(updates) >= BATCH
                stored = self._aside(updates)
                self.noted(stored)  # before anybody can answer them
                await self._keep(me, stored)
            except RetryAfter as error:
                self._rushed = False
                await self._sleep(min(seconds_of(error), _LONGEST_PAUSE))
            except (TelegramError, StoreUnavailable) as error:
                self._rushed = False
                hooked = isinstance(error, Conflict) and "webhook" in error.message.lower()
                said = _CONFLICT if isinstance(error, Conflict) and not hooked else ""
                log.warning("no updates from Telegram: %s", said or type(error).__name__)
                if hooked:
                    await client.unhook()
                await self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception:  # whatever it was, the updates after it are asked for again
                self._rushed = False
                log.exception("a round of receiving failed")
                await self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                offset = max((n for u in updates if (n := _number(u)) is not None), default=(offset or 1) - 1) + 1
                pause = _FIRST_PAUSE
                if not updates and self._monotonic() - began < _SHORTEST_ROUND:
                    await self._sleep(_SHORTEST_ROUND)

    async def _asked(self, client: Client, offset: int | None) -> Sequence[object]:
        asked = {"offset": offset, "timeout": self._poll_seconds, "limit": BATCH, "allowed_updates": list(UPDATES)}
        return as_list(await client.call("getUpdates", asked, patience=self._poll_seconds))

    async def take(self, me: Me, body: bytes) -> bool:
        """Store what a webhook was given; False: it must come again."""
        self.there()
        updates = self._aside([webhook_update(body)])
        self.noted(updates)
        try:
            await self._keep(me, updates)
        except StoreUnavailable as error:
            log.warning("an update cannot be stored now: %s", error)
            return False
        return True

    async def _keep(self, me: Me, updates: Sequence[object]) -> None:
        """Who they are is asked first: what they may do and read depends on it."""
        asked = [] if self._standings is None else [await self._standings.asked(updates, self._in_thread)]
        await self._in_thread(self.keep, me, updates, *asked)

    def keep(self, me: Me, updates: Sequence[object], asked: Asked | None = None) -> int:
        """Store what came, all or nothing; how many were new. Raises StoreUnavailable: nothing is confirmed then."""
        if not updates:
            return 0
        at = self._clock.now()
        rows: list[tuple[str, str]] = []
        for update in updates:
            name = f"{me.id}.{_name(update)}"
            told = asked.about(update, int(at.timestamp())) if asked is not None else None
            if told is not None:
                # What changed about who may read what comes before what is asked with it.
                rows += [(f"{name}.{chat}", envelope.dumps(change, me, at)) for chat, change in told.changes]
            rows.append((name, envelope.dumps(update, me, at, told.standings if told is not None else None)))
        with self._store.write() as uow:
            new = uow.inbox.put(self._community_id, PLATFORM, rows, at)
            uow.commit()
        self._hurried.extend(f"{me.id}.{_name(update)}" for update in updates if _somebody_waits(update))
        return new

    def noted(self, updates: Sequence[object]) -> None:
        """Remember the presses among them, so that somebody answers each, and where people commanded; forget what they
        change about who is what."""
        if self._standings is not None:
            self._standings.noted(updates)
        for update in updates:
            raw = as_object(update)
            query, message = as_object(raw.get("callback_query")), as_object(raw.get("message"))
            number, who = as_id(query.get("id")), _from(query)
            if number is not None and who is not None:
                self._presses.add(who, number, _chat(as_object(query.get("message"))) or who)
            who, chat, at = _from(message), _chat(message), as_id(message.get("message_id"))
            if (
                who
                and chat
                and at
                and chat != who
                and at.isdecimal()
                and as_text(message.get("text"))[:1] in ("/", "／")
            ):
                spoken = as_text(as_object(message.get("from")).get("language_code")) or None
                self._invitations.note(who, AskedThere(chat, at, spoken))


def _somebody_waits(update: object) -> bool:
    """A press, words to the bot alone, or what looks like a command."""
    raw = as_object(update)
    message = as_object(raw.get("message"))
    alone = as_object(message.get("chat")).get("type") == "private"
    return "callback_query" in raw or alone or as_text(message.get("text"))[:1] in ("/", "／")


def _from(raw: Mapping[str, object]) -> str | None:
    return as_id(as_object(raw.get("from")).get("id"))


def _chat(raw: Mapping[str, object]) -> str | None:
    return as_id(as_object(raw.get("chat")).get("id"))


def _number(update: object) -> int | None:
    number = as_object(update).get("update_id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _name(update: object) -> str:
    """Its number, which is this bot's alone; of what has none, a mark of its content."""
    number = _number(update)
    if number is not None:
        return str(number)
    return f"x{hashlib.sha256(json.dumps(update, sort_keys=True).encode()).hexdigest()[:32]}"


def webhook_update(body: bytes) -> object:
    """The update that a webhook was given. What is no JSON is kept as it came: refused, it would come for ever."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {"unreadable": body.decode("utf-8", "replace")}
