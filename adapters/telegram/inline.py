"""``@bot words`` anywhere: answered from the search over what is public, within seconds, without inbox and outbox.

A query is worth nothing once the next letter was typed, so none is stored: what was asked here is nobody's business a
moment later, and after a crash nobody waits. Knows the client and a search that is handed in; knows no store.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from telegram.error import TelegramError

from adapters.buckets import Buckets
from adapters.files.loose import as_id, as_object, as_text
from adapters.telegram.capabilities import MAX_QUERY
from adapters.telegram.client import Client
from adapters.telegram.errors import too_old
from adapters.telegram.render import render_one
from bot.domain.text import clean_line, clip
from bot.usecases.look_up import LookedUp, PublicCard
from bot.wording import Wording, choose

log = logging.getLogger(__name__)

WITHIN: Final = 2.5
"""Seconds after which a query is answered without results: people have typed on by then."""
AT_ONCE: Final = 2
"""Searches in threads at the same time; those that wait longer than `WITHIN` for one of them are told so."""
KEPT: Final = 60
"""Seconds for which Telegram may give the same answer again without asking."""
BURST: Final = 20.0
RATE: Final = 2.0
"""Queries of one person at once, and a second for ever: faster than anybody types."""
_MOST: Final = 500
"""Queries on their way; more are not taken on."""
_MAX_TITLE: Final = 120
_MAX_LINE: Final = 180
_START: Final = "inline"


class Look(Protocol):
    def __call__(self, words: str, *, language: str | None = None, skip: int = 0) -> LookedUp: ...


@dataclass(frozen=True, slots=True)
class Query:
    id: str
    account: str
    words: str
    language: str | None
    skip: int


class Inline:
    """Belongs to one event loop. `public_url`: where our own paths lead, if anywhere."""

    def __init__(
        self,
        client: Client,
        look: Look,
        *,
        monotonic: Callable[[], float],
        public_url: str = "",
        within: float = WITHIN,
        in_thread: Callable[..., Awaitable[LookedUp]] = asyncio.to_thread,
    ) -> None:
        self._client, self._look, self._public_url = client, look, public_url
        self._within, self._in_thread = within, in_thread
        self._allowed = Buckets(BURST, RATE, monotonic)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._username = ""

    def known_as(self, username: str) -> None:
        self._username = username

    def aside(self, updates: Sequence[object]) -> list[object]:
        """Begin to answer the queries among the updates; returns the others."""
        others: list[object] = []
        for update in updates:
            query = query_of(update)
            if query is None:
                others.append(update)
            elif len(self._running) < _MOST:
                self._begin(query)
        return others

    async def leave(self) -> None:
        """Nobody is answered any more."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _begin(self, query: Query) -> None:
        """The newest query of a person ends the one before, which nobody looks at any more."""
        before = self._asked.pop(query.account, None)
        if before is not None:
            before.cancel()
        task = asyncio.create_task(self._answer(query), name="telegram inline query")
        self._asked[query.account] = task
        self._running.add(task)
        task.add_done_callback(lambda done: self._over(query.account, done))

    def _over(self, account: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._asked.get(account) is task:
            del self._asked[account]

    async def _answer(self, query: Query) -> None:
        try:
            values = await self._values(query)
            await self._client.call("answerInlineQuery", {"inline_query_id": query.id} | values)
        except TelegramError as error:
            if not too_old(error):
                log.warning("an inline query was not answered: %s", type(error).__name__)

    async def _values(self, query: Query) -> dict[str, object]:
        words = choose(query.language)
        if self._allowed.take(query.account):
            return self._nothing(words, "telegram-inline-slower", kept=0)
        if not query.words:
            return self._nothing(words, "telegram-inline-type", kept=KEPT)
        try:
            async with asyncio.timeout(self._within):
                found = await self._looked(query)
        except TimeoutError:
            return self._nothing(words, "telegram-inline-later", kept=0)
        except Exception:  # whatever it was, whoever typed gets an answer
            log.exception("an inline query could not be looked up")
            return self._nothing(words, "telegram-inline-later", kept=0)
        if not found.cards and not query.skip:
            return self._nothing(found.wording, "telegram-inline-nothing", kept=KEPT, personal=not found.shared)
        return {
            "results": [self._result(found.wording, card) for card in found.cards],
            "cache_time": KEPT,
            "is_personal": not found.shared,
            "next_offset": str(found.following) if found.following is not None else "",
        }

    async def _looked(self, query: Query) -> LookedUp:
        """The place of a search is free again when its thread is done, whoever still waits for it."""
        await self._free.acquire()
        work = asyncio.ensure_future(self._in_thread(self._look, query.words, language=query.language, skip=query.skip))
        work.add_done_callback(self._freed)
        return await asyncio.shield(work)

    def _freed(self, work: asyncio.Future[LookedUp]) -> None:
        self._free.release()
        if not work.cancelled():
            work.exception()  # looked at here where nobody waits any more

    def _nothing(self, words: Wording, message: str, *, kept: int, personal: bool = True) -> dict[str, object]:
        button = {"text": words.say(message), "start_parameter": _START}
        return {"results": [], "cache_time": kept, "is_personal": personal, "button": button}

    def _result(self, words: Wording, card: PublicCard) -> dict[str, object]:
        (part,) = render_one(card.message, public_url=self._public_url).parts
        made: dict[str, Any] = {
            "type": "article",
            "id": result_id(card.item),
            "title": clip(clean_line(card.title), _MAX_TITLE) or "…",
            "description": clip(clean_line(card.line), _MAX_LINE),
            "input_message_content": {
                "message_text": part.html,
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            },
        }
        if self._username:
            link = f"https://t.me/{self._username}?start={_START}"
            keys = [[{"text": words.say("telegram-inline-more"), "url": link}]]
            made["reply_markup"] = {"inline_keyboard": keys}
        return made


def result_id(item: str) -> str:
    """The same for an item for ever, within 64 bytes whatever the item is called."""
    return hashlib.sha256(item.encode()).hexdigest()[:32]


def query_of(update: object) -> Query | None:
    """None: the update is something else, or nothing that could be answered."""
    raw: Mapping[str, object] = as_object(as_object(update).get("inline_query"))
    query_id, sender = as_id(raw.get("id")), as_object(raw.get("from"))
    account = as_id(sender.get("id"))
    if query_id is None or account is None:
        return None
    offset = as_text(raw.get("offset"))
    return Query(
        query_id,
        account,
        clean_line(as_text(raw.get("query")), limit=MAX_QUERY),
        as_text(sender.get("language_code"))[:16] or None,
        int(offset) if offset.isascii() and offset.isdecimal() and len(offset) < 4 else 0,
    )
