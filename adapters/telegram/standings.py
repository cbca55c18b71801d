"""Who people are in the groups that matter, by Telegram's own word, not older than a minute. Knows the client and which
groups matter; decides nothing.

Asked before a command, a press or words to the bot alone are stored: who administers a home is staff there, and who is
in a private group may read it, at that moment and not since somebody last told us. Where Telegram does not say in time,
nobody is anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from telegram.error import TelegramError

from adapters.files.loose import as_id, as_list, as_object, as_text
from adapters.telegram.capabilities import PLATFORM
from bot.domain.incoming import RoomKind
from bot.domain.permissions import PUBLIC
from bot.domain.refs import AccountRef
from bot.domain.rooms import Room
from bot.ports import Store

log = logging.getLogger(__name__)

LIVES: Final = 60.0
"""Seconds that an answer of Telegram's counts."""
_FAILED_LIVES: Final = 5.0
_WITHIN: Final = 1.5
"""Seconds for all questions about one batch of updates: nobody waits for them longer."""
_AT_ONCE: Final = 8
_REMEMBERED: Final = 10_000
_CHANGES: Final = ("chat_member", "my_chat_member")

_IN: Final = frozenset({"creator", "administrator", "member"})

Statuses = Mapping[str, str]
"""Status by chat: ``creator``, ``administrator``, ``member``, ``left``, ``kicked``; what is not known is not there."""


InThread = Callable[..., Awaitable[Any]]


class Calls(Protocol):
    """What is needed of the client. Raises TelegramError."""

    async def call(self, method: str, values: Mapping[str, object], *, patience: float | None = None) -> object: ...


@dataclass(frozen=True, slots=True)
class Chat:
    """A group that matters for somebody. `home`: roles in it count. `private`: who is in it matters; `inside`: the
    store has them in it."""

    native_id: str
    title: str
    home: bool = False
    private: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who does something that depends on who they are. `number` is that of the update."""

    account: str
    user: Mapping[str, object]


def asker_of(update: object) -> Asker | None:
    """None: whoever it is from, nothing depends on who they are."""
    raw = as_object(update)
    for kind in ("callback_query", "inline_query"):
        if kind in raw:
            return _person(as_object(raw[kind]))
    message = as_object(raw.get("message"))
    if "sender_chat" in message or not message:
        return None  # in the name of a chat: that is nobody
    alone = as_object(message.get("chat")).get("type") == "private"
    commands = as_text(message.get("text")).lstrip()[:1] in ("/", "／")
    return _person(message) if alone or commands else None


def _person(raw: Mapping[str, object]) -> Asker | None:
    user = as_object(raw.get("from"))
    account = as_id(user.get("id"))
    return None if account is None or user.get("is_bot") is True else Asker(account, user)


@dataclass(frozen=True, slots=True)
class Told:
    """What goes with one update: `standings` of whoever it is from, and what has to be stored before it."""

    standings: Statuses
    changes: Sequence[tuple[str, dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Telegram's answers about those who did something, by account."""

    chats: Mapping[str, Sequence[Chat]]
    statuses: Mapping[str, Statuses]

    def about(self, update: object, date: int) -> Told | None:
        """None: nothing depends on who it is from."""
        asker = asker_of(update)
        if asker is None or asker.account not in self.chats:
            return None
        chats, statuses = self.chats[asker.account], self.statuses.get(asker.account, {})
        homes = {chat.native_id: statuses[chat.native_id] for chat in chats if chat.home and chat.native_id in statuses}
        return Told(homes, membership_changes(asker, chats, statuses, date))


class Standings:
    """Belongs to one event loop. `rights_changed` is called when our own rights in a group were; `within`: seconds for
    all questions about one batch of updates."""

    def __init__(
        self,
        client: Calls,
        store: Store,
        community_id: int,
        *,
        monotonic: Callable[[], float],
        rights_changed: Callable[[], None] = lambda: None,
        within: float = _WITHIN,
    ) -> None:
        self._client, self._store, self._community_id = client, store, community_id
        self._monotonic, self._within, self._rights_changed = monotonic, within, rights_changed
        self._known: OrderedDict[tuple[str, str], tuple[str | None, float]] = OrderedDict()

    def noted(self, updates: Sequence[object]) -> None:
        """Forget what these updates change."""
        for update in updates:
            raw = as_object(update)
            for kind in _CHANGES:
                if kind in raw:
                    change = as_object(raw[kind])
                    member = as_object(as_object(change.get("new_chat_member")).get("user"))
                    # A change of our own rights says nothing about others, but may let us see more of them.
                    ours = kind == "my_chat_member"
                    self._forget(_chat(change), None if ours else as_id(member.get("id")))
                    if ours:
                        self._rights_changed()
            message = as_object(raw.get("message"))
            moved = [*as_list(message.get("new_chat_members")), message.get("left_chat_member")]
            for one in moved:
                if (account := as_id(as_object(one).get("id"))) is not None:
                    self._forget(_chat(message), account)

    def _forget(self, chat: str | None, account: str | None) -> None:
        for key in [key for key in self._known if key[0] == chat and account in (None, key[1])]:
            del self._known[key]

    def chats(self, askers: Iterable[Asker]) -> dict[str, tuple[Chat, ...]]:
        """By account, the groups that matter, from the store: call it in a thread."""
        with self._store.read() as uow:
            homes = uow.homes.all(self._community_id, PLATFORM)
            rooms = [room for room in uow.rooms.all(self._community_id) if _is_private_group(room)]
            found = {}
            for asker in askers:
                member = uow.members.by_account(self._community_id, AccountRef(PLATFORM, asker.account))
                seen = uow.rooms.viewer(member).audiences if member is not None else frozenset()
                chats = {home.native_id: Chat(home.native_id, home.name, home=True) for home in homes}
                for room in rooms:
                    native, inside = room.ref.native_id, room.audience in seen
                    if inside or room.indexed:
                        chats[native] = Chat(native, room.name, native in chats, private=True, inside=inside)
                found[asker.account] = tuple(sorted(chats.values(), key=lambda chat: (not chat.home, not chat.inside)))
        return found

    async def asked(self, updates: Sequence[object], in_thread: InThread) -> Asked:
        """All that has to be known before these updates are stored. Raises StoreUnavailable."""
        askers = {asker.account: asker for asker in map(asker_of, updates) if asker is not None}
        if not askers:
            return Asked({}, {})
        chats = await in_thread(self.chats, list(askers.values()))
        return Asked(chats, await self.of(chats))

    async def of(self, chats: Mapping[str, Sequence[Chat]]) -> dict[str, dict[str, str]]:
        """By account, the statuses in its chats; never raises, and takes a moment at most."""
        wanted = [(chat.native_id, account) for account, several in chats.items() for chat in several]
        gate = asyncio.Semaphore(_AT_ONCE)
        tasks = [asyncio.ensure_future(self._one(gate, chat, account)) for chat, account in wanted]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._within)
            for task in late:
                task.cancel()
            if late:
                log.warning("Telegram did not say in time who somebody is in %d groups", len(late))
        found: dict[str, dict[str, str]] = {account: {} for account in chats}
        for (chat, account), task in zip(wanted, tasks, strict=True):
            status = task.result() if task.done() and not task.cancelled() else None
            if status is not None:
                found[account][chat] = status
        return found

    async def _one(self, gate: asyncio.Semaphore, chat: str, account: str) -> str | None:
        key, now = (chat, account), self._monotonic()
        known = self._known.get(key)
        if known is not None and now < known[1]:
            return known[0]
        status: str | None = None
        try:
            async with gate:
                member = as_object(await self._client.call("getChatMember", {"chat_id": chat, "user_id": account}))
            status = _status(member)
        except TelegramError as error:
            log.info("Telegram does not say who somebody is in a group: %s", type(error).__name__)
        self._known[key] = (status, now + (LIVES if status is not None else _FAILED_LIVES))
        self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return status


def _status(member: Mapping[str, object]) -> str | None:
    status = as_text(member.get("status"))
    if status == "restricted":
        return "member" if member.get("is_member") is True else "left"
    return status or None


def membership_changes(
    asker: Asker, chats: Sequence[Chat], statuses: Statuses, date: int
) -> list[tuple[str, dict[str, object]]]:
    """(chat, update) for every private group in which the store has it otherwise than Telegram, in Telegram's own form.
    Whom Telegram says nothing about is not in."""
    changes: list[tuple[str, dict[str, object]]] = []
    for chat in chats:
        now = statuses.get(chat.native_id) in _IN
        if not chat.private or chat.inside == now:
            continue
        old, new = ("member" if inside else "left" for inside in (chat.inside, now))
        change = {
            "chat": {"id": _number(chat.native_id), "type": "supergroup", "title": chat.title},
            "from": asker.user,
            "date": date,
            "old_chat_member": {"user": asker.user, "status": old},
            "new_chat_member": {"user": asker.user, "status": new},
        }
        changes.append((chat.native_id, {"chat_member": change}))
    return changes


def _is_private_group(room: Room) -> bool:
    whole = room.ref.platform == PLATFORM and room.ref.thread_id is None
    return whole and room.kind is not RoomKind.DIRECT and room.audience != PUBLIC


def _number(native_id: str) -> int | str:
    return int(native_id) if native_id.lstrip("-").isdecimal() else native_id


def _chat(raw: Mapping[str, object]) -> str | None:
    return as_id(as_object(raw.get("chat")).get("id"))
