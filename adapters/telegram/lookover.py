"""What Telegram says about how we are set up, as checks. Knows the questions; stores nothing, decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol

from telegram.error import TelegramError

from adapters.files.loose import as_id, as_list, as_object, as_text
from adapters.telegram.capabilities import PLATFORM, UPDATES
from adapters.telegram.client import Access, Client
from adapters.telegram.errors import translated
from bot.domain.permissions import Home
from bot.domain.setup import Check, CheckName
from bot.domain.text import clean_line

WITHIN: Final = 5.0
"""Seconds that Telegram is given to say who we are."""
_IN: Final = frozenset({"creator", "administrator", "member", "restricted"})
_ADMINISTERS: Final = frozenset({"creator", "administrator"})


class Calls(Protocol):
    """What is needed of the client. Raises TelegramError."""

    async def call(self, method: str, values: Mapping[str, object], *, patience: float | None = None) -> object: ...


async def look_over(
    client: Calls,
    homes: Sequence[Home],
    at: datetime,
    *,
    hook: str = "",
    others: Mapping[str, str] = MappingProxyType({}),
) -> list[Check]:
    """Everything at once. `hook`: where updates are brought to; empty: we ask for them. `others`: names of further
    groups, by their ids, in which events are announced: they are asked about threads only.

    Raises TelegramError where nothing can be asked; what one group does not say is a line of its own."""
    me = as_object(await client.call("getMe", {}))
    checks = [account(me, at)]
    info = as_object(await client.call("getWebhookInfo", {}))
    checks.append(_updates(info, at))
    if hook:
        checks.append(_webhook(info, hook, at))
    for home in homes:
        checks += await _group(client, me, home, at)
    for native_id, name in others.items():
        if native_id not in {home.native_id for home in homes}:
            checks += await _threads(client, me, native_id, name, at)
    return checks


async def ask_live(access: Access, at: datetime, *, within: float = WITHIN) -> Check:
    """One question without a connection: whose token it is. For the doctor; never raises."""
    client = Client(access)
    try:
        async with asyncio.timeout(within):
            await client.open()
            try:
                return account(as_object(await client.call("getMe", {})), at)
            finally:
                await client.leave()
    except TelegramError as error:
        return refused(error, at)
    except (TimeoutError, OSError) as error:
        detail = f"it cannot be reached: {type(error).__name__}"
        return Check(PLATFORM, CheckName.ACCOUNT, ok=False, at=at, detail=detail)


def account(me: Mapping[str, object], at: datetime) -> Check:
    name = clean_line(as_text(me.get("username")), limit=64)
    return Check(PLATFORM, CheckName.ACCOUNT, ok=True, at=at, detail=f"@{name}")


def refused(error: TelegramError, at: datetime) -> Check:
    """Nothing could be asked. The address with the token is never in it."""
    return Check(PLATFORM, CheckName.ACCOUNT, ok=False, at=at, detail=clean_line(str(translated(error)), limit=200))


def _updates(info: Mapping[str, object], at: datetime) -> Check:
    """Telegram remembers what was asked for last, also while we poll."""
    missing = sorted(set(UPDATES) - {as_text(kind) for kind in as_list(info.get("allowed_updates"))})
    return Check(PLATFORM, CheckName.UPDATES, ok=not missing, at=at, detail=", ".join(missing))


def _webhook(info: Mapping[str, object], hook: str, at: datetime) -> Check:
    problem = clean_line(as_text(info.get("last_error_message")), limit=120)
    if info.get("url") != hook:
        problem = "another address is set" if info.get("url") else "no address is set"
    return Check(PLATFORM, CheckName.WEBHOOK, ok=not problem, at=at, detail=problem)


async def _group(client: Calls, me: Mapping[str, object], home: Home, at: datetime) -> list[Check]:
    def said(name: CheckName, *, ok: bool, detail: str = "") -> Check:
        return Check(PLATFORM, name, ok, at, home.native_id, home.name, detail)

    try:
        asked = {"chat_id": home.native_id, "user_id": as_id(me.get("id"))}
        status = as_text(as_object(await client.call("getChatMember", asked)).get("status"))
    except TelegramError as error:
        return [said(CheckName.ROOM, ok=False, detail=clean_line(error.message, limit=120))]
    if status not in _IN:
        return [said(CheckName.ROOM, ok=False, detail="membership")]
    administers = status in _ADMINISTERS
    threads = await _threads(client, me, home.native_id, home.name, at)
    hears = administers or me.get("can_read_all_group_messages") is True
    return [said(CheckName.HEARS, ok=hears), said(CheckName.ADMINISTRATOR, ok=administers), *threads]


async def _threads(client: Calls, me: Mapping[str, object], native_id: str, name: str, at: datetime) -> list[Check]:
    """Whether events can have topics there. What Telegram does not say is not known."""
    try:
        chat = as_object(await client.call("getChat", {"chat_id": native_id}))
        asked = {"chat_id": native_id, "user_id": as_id(me.get("id"))}
        member = as_object(await client.call("getChatMember", asked)) if chat.get("is_forum") is True else {}
    except TelegramError:
        return []
    lacking = ""
    if member and member.get("status") not in _ADMINISTERS:
        lacking = "administrator, can_manage_topics"
    elif member.get("status") == "administrator" and member.get("can_manage_topics") is not True:
        lacking = "can_manage_topics"
    ok = bool(member) and not lacking
    return [Check(PLATFORM, CheckName.THREADS, ok, at, native_id, clean_line(name, limit=100), lacking)]
