"""Threads of events on Telegram: topics of a forum, made, named, closed. Knows the calls; knows no event.

Telegram knows no key of ours: a topic that was asked for and not noted cannot be found again, because a bot is told of
no list of topics. So it is asked for at most once, and whoever asked decides what an unknown outcome means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from telegram.error import BadRequest, TelegramError

from adapters.files.loose import as_id, as_object
from adapters.telegram.capabilities import PLATFORM
from bot.domain.refs import RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.text import clean_line
from bot.domain.threads import CloseThread, NameThread, OpenThread
from bot.errors import Refused, Unreachable

MAX_NAME: Final = 128
"""Characters of a topic's name, counted here in UTF-16 units, which are never fewer."""
_NOT_MODIFIED: Final = "topic_not_modified"
_NO_FORUM: Final = "the chat is not a forum"


class Calls(Protocol):
    """What is needed of the client. Raises TelegramError."""

    async def call(self, method: str, values: Mapping[str, object], *, patience: float | None = None) -> object: ...


def named(name: str) -> str:
    """One line of plain text, 1-128 characters."""
    line = clean_line(name, limit=MAX_NAME)
    while len(line.encode("utf-16-le")) // 2 > MAX_NAME:
        line = line[:-1]
    return line.strip() or "-"


async def made(client: Calls, work: OpenThread) -> RoomRef:
    """A new topic in the group of the card. Raises TelegramError, Refused, Unreachable."""
    chat = work.on.room.native_id
    try:
        topic = as_object(await client.call("createForumTopic", {"chat_id": chat, "name": named(work.name)}))
    except BadRequest as error:
        if _NO_FORUM in error.message.lower():
            raise Refused("there are no topics in this group", cause=RefusalCause.OTHER) from error
        raise
    thread = as_id(topic.get("message_thread_id"))
    if thread is None:
        # It was made, and where is not known: asking again would make a second one.
        raise Unreachable("the answer does not say which topic was made", maybe_delivered=True)
    return RoomRef(PLATFORM, chat, thread)


async def changed(client: Calls, room: RoomRef, work: NameThread | CloseThread) -> None:
    where: dict[str, object] = {"chat_id": room.native_id, "message_thread_id": room.thread_id}
    try:
        match work:
            case NameThread(name=name):
                await client.call("editForumTopic", where | {"name": named(name)})
            case CloseThread():
                await client.call("closeForumTopic", where)
    except TelegramError as error:
        if _NOT_MODIFIED not in error.message.lower():
            raise
