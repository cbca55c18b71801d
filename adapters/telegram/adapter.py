"""`TelegramMessenger`: how the rest of the program speaks to Telegram. Knows the client and the renderer; no store."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from telegram.error import TelegramError

from adapters.files.loose import as_id, as_object
from adapters.telegram import topics
from adapters.telegram.capabilities import MAX_NOTICE, PLATFORM
from adapters.telegram.client import Client
from adapters.telegram.errors import never_opened, no_text, too_old, translated, unchanged
from adapters.telegram.files import edit_file, send_file
from adapters.telegram.invitations import Invitations
from adapters.telegram.presses import Presses
from adapters.telegram.render import Key, Part, Rendered, render, render_caption, render_one
from bot.domain.outgoing import Button, Outgoing, Paragraph, Picture, Receipt, Text
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.text import clean_line, clip
from bot.domain.threads import OpenThread, ThreadTraits, ThreadWork
from bot.errors import ConfigError, MalformedMessage, Refused, Unreachable
from bot.wording import choose

log = logging.getLogger(__name__)

BETWEEN_PARTS: Final = 1.05
"""Seconds between the parts of one message: one a second is what a chat takes."""
WORDS_WITHIN: Final = 0.5
"""Seconds in which the words of a press follow what it changed, if there are any."""
_REMEMBERED: Final = 1000
_OURS: Final = "dm-"

Kept = Callable[[str], bytes | None]
"""The content of a file of ours by its key; None: it is gone."""
Chats = Callable[[RoomRef], str | None]
"""The chat behind a room that we addressed ourselves (``dm-<member id>``); None: there is none on Telegram."""


class TelegramMessenger:
    """Telegram knows no key of ours, so a send whose answer was lost may arrive twice; who calls decides by its class.

    Of a message in several parts, those that have arrived are remembered by its key: what could not go on because of a
    limit goes on where it stopped.
    """

    def __init__(
        self,
        client: Client,
        chats: Chats,
        presses: Presses,
        *,
        files: Kept | None = None,
        invitations: Invitations | None = None,
        public_url: str = "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        in_thread: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._client, self._chats, self._presses = client, chats, presses
        self._files: Kept = files or dict[str, bytes]().get
        self._public_url, self._sleep, self._in_thread = public_url, sleep, in_thread
        self._invitations = invitations or Invitations()
        self._username = ""
        self._begun: OrderedDict[str, list[MessageRef]] = OrderedDict()

    @property
    def platform(self) -> str:
        return PLATFORM

    @property
    def forms(self) -> bool:
        return False

    def known_as(self, username: str) -> None:
        """The bot's own name, which its links are made of."""
        self._username = username

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        rendered = render(message, public_url=self._public_url)
        if not rendered.parts:
            raise MalformedMessage("there is nothing to show")
        room = await self._address(room)
        done, degraded = self._begun.get(key, []), dict.fromkeys(rendered.degraded)
        for number, part in enumerate(rendered.parts[len(done) :]):
            if number:
                await self._sleep(BETWEEN_PARTS)
            where = self._where(room) | {"disable_notification": message.silent or None}
            result, shown = await self._sent(room, where, part)
            degraded |= shown
            sent = as_object(result)
            # It has arrived, whatever the answer looks like: an id that we cannot read must not make us send it again.
            done.append(MessageRef(room, as_id(sent.get("message_id")) or "unknown"))
            if len(rendered.parts) > 1:
                self._remember(key, done)
        self._begun.pop(key, None)
        self._presses.soon(room.native_id, WORDS_WITHIN)
        return Receipt(tuple(done), tuple(degraded))

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        rendered = render_one(message, public_url=self._public_url)
        if not rendered.parts:
            raise MalformedMessage("there is nothing to show")
        room = await self._address(ref.room)
        where: dict[str, object] = {"chat_id": room.native_id, "message_id": ref.native_id}
        degraded = dict.fromkeys(rendered.degraded)
        try:
            degraded |= await self._edited(where, message, rendered)
        except TelegramError as error:
            if not unchanged(error):
                raise _delivery(error) from error
        self._presses.soon(room.native_id, WORDS_WITHIN)
        return Receipt((MessageRef(room, ref.native_id),), tuple(degraded))

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Needs the right to pin; nobody is rung by it."""
        room = await self._address(ref.room)
        where: dict[str, object] = {"chat_id": room.native_id, "message_id": ref.native_id}
        try:
            if pinned:
                await self._client.call("pinChatMessage", where | {"disable_notification": True})
            else:
                await self._client.call("unpinChatMessage", where)
        except TelegramError as error:
            raise _delivery(error) from error

    @property
    def threads(self) -> ThreadTraits:
        return ThreadTraits(beside=True)

    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:  # noqa: ARG002  it knows none
        try:
            if isinstance(work, OpenThread):
                return await topics.made(self._client, work)
            await topics.changed(self._client, room, work)
        except TelegramError as error:
            raise _delivery(error) from error
        return room

    async def _edited(self, where: dict[str, object], message: Outgoing, rendered: Rendered) -> dict[str, None]:
        """What could not be shown. A message that has a file keeps it: words become its caption then."""
        (part,) = rendered.parts
        if part.file is not None:
            keyed = where | {"reply_markup": _markup(part)}
            content = await self._in_thread(self._files, part.file.file.key)
            if content is not None and await edit_file(self._client, keyed, part, content):
                return {}
        try:
            await self._client.call("editMessageText", where | as_text_message(part))
        except TelegramError as error:
            if not no_text(error):
                raise
            caption = render_caption(message, public_url=self._public_url)
            (short,) = caption.parts
            values = where | {"caption": short.html, "parse_mode": "HTML", "reply_markup": _markup(short)}
            await self._client.call("editMessageCaption", values)
            return dict.fromkeys(caption.degraded)
        return {_lost(part): None} if part.file is not None else {}

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:  # noqa: ARG002  shown where pressed
        """The answer to the oldest press of that account. Without one there is nowhere to show it."""
        press = self._presses.take(to.native_id) if to is not None else None
        if press is not None:
            await self._answer(press.query, clip(clean_line(text, limit=2 * MAX_NOTICE), MAX_NOTICE))

    async def answer_late(self) -> int:
        """End the spinners of presses that no words have come for; how many there were."""
        late = self._presses.late()
        for press in late:
            await self._answer(press.query, "")
        return len(late)

    async def _answer(self, query: str, text: str) -> None:
        try:
            await self._client.call("answerCallbackQuery", {"callback_query_id": query, "text": text or None})
        except TelegramError as error:
            if not too_old(error):
                raise _delivery(error) from error

    async def _sent(self, room: RoomRef, where: Mapping[str, object], part: Part) -> tuple[object, dict[str, None]]:
        """The message, and what could not be shown."""
        try:
            if part.file is None:
                return await self._client.call("sendMessage", {**where, **as_text_message(part)}), {}
            content = await self._in_thread(self._files, part.file.file.key)
            if content is not None:
                keyed = {**where, "reply_markup": _markup(part)}
                sent = await send_file(self._client, keyed, part, content)
                if sent is not None:
                    return sent, {}
            return await self._client.call("sendMessage", {**where, **as_text_message(part)}), {_lost(part): None}
        except TelegramError as error:
            if never_opened(error):
                await self._invite(room.native_id)
            raise _delivery(error) from error

    async def _invite(self, account: str) -> None:
        """Tell them where they asked. That this does not arrive changes nothing about the answer that did not."""
        asked = self._invitations.take(account)
        if asked is None or not self._username:
            return
        words = choose(asked.language)
        link = f"https://t.me/{self._username}?start=group"
        message = Outgoing(
            (Paragraph((Text(words.say("telegram-open-me")),)),),
            ((Button(words.say("telegram-open-button"), url=link),),),
        )
        answer = {"message_id": int(asked.message), "allow_sending_without_reply": True}
        (part,) = render(message).parts
        values = {"chat_id": asked.chat, "reply_parameters": answer, "disable_notification": True} | as_text_message(
            part
        )
        try:
            await self._client.call("sendMessage", values)
        except TelegramError as error:
            log.info("an invitation was not sent: %s", type(error).__name__)

    async def _address(self, room: RoomRef) -> RoomRef:
        if not room.native_id.startswith(_OURS):
            return room
        chat = await self._in_thread(self._chats, room)
        if chat is None:
            raise Refused("the member has no account on Telegram")
        return RoomRef(PLATFORM, chat)

    def _where(self, room: RoomRef) -> dict[str, object]:
        return {"chat_id": room.native_id, "message_thread_id": room.thread_id}

    def _remember(self, key: str, done: list[MessageRef]) -> None:
        self._begun[key] = done
        self._begun.move_to_end(key)
        while len(self._begun) > _REMEMBERED:
            self._begun.popitem(last=False)


def _delivery(error: TelegramError) -> Exception:
    """A token that is refused is a matter of settings: what is queued stays, and goes out when it is mended."""
    meant = translated(error)
    return Unreachable(str(meant), maybe_delivered=False) if isinstance(meant, ConfigError) else meant


def as_text_message(part: Part) -> dict[str, object]:
    """As a text; in the place of a file stand the words for it."""
    return {
        "text": "\n\n".join(filter(None, (part.html, part.instead))),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": _markup(part),
    }


def _markup(part: Part) -> dict[str, object]:
    return {"inline_keyboard": [[_button(key) for key in row] for row in part.keyboard]}


def _lost(part: Part) -> str:
    return "pictures" if isinstance(part.file, Picture) else "documents"


def _button(key: Key) -> dict[str, str]:
    made = {"text": key.label, **({"callback_data": key.code} if key.code else {"url": key.url})}
    return made | ({"style": key.style} if key.style else {})
