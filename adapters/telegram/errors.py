"""What the SDK's errors mean for us, in one table. Knows the SDK's error tree; sends nothing.

============================================ =============================================
the SDK raises                               it becomes
============================================ =============================================
RetryAfter (429)                             RateLimited(retry_after)
ChatMigrated                                 RoomMoved(new)
Forbidden (403): blocked, kicked, no start   Refused
BadRequest: the chat or message is gone      Refused
BadRequest: anything else (the message)      MalformedMessage
InvalidToken (401, 404)                      ConfigError
Conflict (409)                               Unreachable, never delivered
no connection could be made                  Unreachable, never delivered
TimedOut, cut connections, 5xx, bad JSON     Unreachable, maybe delivered
============================================ =============================================

`BadRequest` and `TimedOut` are kinds of `NetworkError` in the SDK, so the order of the questions matters.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters.telegram.capabilities import PLATFORM
from bot.domain.refs import RoomRef
from bot.domain.setup import RefusalCause
from bot.errors import BotError, ConfigError, MalformedMessage, RateLimited, Refused, RoomMoved, Unreachable

_GONE: Final = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "peer_id_invalid",
    "topic_deleted",
    "topic_id_invalid",
    "message thread not found",
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message to be replied not found",
    "group chat was deactivated",
    "group chat was upgraded",
)
_NO_RIGHT: Final = (
    "have no rights to send",
    "not enough rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "need administrator rights",
    "topic_closed",
    "bot was kicked",
    "bot is not a member",
)
_CAUSES: Final = (
    (RefusalCause.BLOCKED, ("blocked by the user",)),
    (RefusalCause.NEVER_OPENED, ("initiate conversation",)),
    (RefusalCause.GONE, _GONE),
    (RefusalCause.FORBIDDEN, _NO_RIGHT),
)
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_UNCHANGED: Final = "message is not modified"
_NO_TEXT: Final = "there is no text in the message to edit"
_NOT_AS_FILE: Final = (
    "image_process_failed",
    "photo_invalid",
    "photo_save_file_invalid",
    "too big for a photo",
    "file is too big",
    "entity too large",
    "file must be non-empty",
    "to send photos",
    "to send documents",
    "chat_send_photos_forbidden",
    "chat_send_docs_forbidden",
    "chat_send_media_forbidden",
    "there is no media in the message to edit",
)
_TOO_OLD: Final = ("query is too old", "query id is invalid", "query_id_invalid")


def unchanged(error: TelegramError) -> bool:
    """An edit that changes nothing: done already."""
    return isinstance(error, BadRequest) and _UNCHANGED in error.message.lower()


def no_text(error: TelegramError) -> bool:
    """An edit of the text of a message that is a file with a caption."""
    return isinstance(error, BadRequest) and _NO_TEXT in error.message.lower()


def not_as_file(error: TelegramError) -> bool:
    """What is wrong is the file, or that a file is sent at all; words may go where it cannot."""
    return any(words in error.message.lower() for words in _NOT_AS_FILE)


def too_old(error: TelegramError) -> bool:
    """A press that the platform has forgotten: nobody waits for its answer."""
    return isinstance(error, BadRequest) and any(words in error.message.lower() for words in _TOO_OLD)


def never_opened(error: TelegramError) -> bool:
    """For a private chat: the person has not opened the bot yet, and only they can."""
    words = error.message.lower()
    return (isinstance(error, Forbidden) and "initiate conversation" in words) or (
        isinstance(error, BadRequest) and "chat not found" in words
    )


def seconds_of(error: RetryAfter) -> float:
    """`retry_after` is a number or a timedelta, by a setting of the SDK."""
    value = error.retry_after
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def translated(error: TelegramError) -> BotError:
    """What the caller should do. The text of the platform is kept, the address with the token never is."""
    match error:
        case RetryAfter():
            return RateLimited(seconds_of(error))
        case ChatMigrated():
            return RoomMoved(RoomRef(PLATFORM, str(error.new_chat_id)))
        case Forbidden():
            return Refused(error.message, cause=_cause(error.message))
        case InvalidToken() | EndPointNotFound():
            return ConfigError(
                "Telegram does not accept the token: set STUDYHALL_TELEGRAM_TOKEN to the one of @BotFather."
            )
        case Conflict():
            return Unreachable("another program uses the same token", maybe_delivered=False)
        case BadRequest():
            cause = _cause(error.message)
            mine = cause is RefusalCause.OTHER
            return MalformedMessage(error.message) if mine else Refused(error.message, cause=cause)
        case NetworkError() if "too many requests" in error.message.lower():
            return RateLimited(1.0)  # without the number of seconds, or with none
        case NetworkError() if "entity too large" in error.message.lower():
            return MalformedMessage(error.message)
        case NetworkError() if isinstance(error.__cause__, UnicodeError):
            return MalformedMessage("text that cannot be encoded")
        case NetworkError() if isinstance(error.__cause__, _NEVER_SENT):
            return Unreachable(f"no connection: {type(error.__cause__).__name__}", maybe_delivered=False)
        case _:
            return Unreachable(f"no clear answer: {type(error).__name__}", maybe_delivered=True)


def _cause(message: str) -> RefusalCause:
    """By the platform's own words, which are all that it gives; OTHER: it is none of these refusals."""
    said = message.lower()
    return next((cause for cause, known in _CAUSES if any(words in said for words in known)), RefusalCause.OTHER)
