"""Telegram's numbers in one place (core.telegram.org/bots/api, Bot API 10). Knows limits; does nothing."""

from __future__ import annotations

from typing import Final

from adapters.telegram.exported import PLATFORM

__all__ = ["PLATFORM"]

MAX_TEXT: Final = 4096
"""UTF-16 code units of a message after its entities were parsed."""
MAX_CAPTION: Final = 1024
MAX_PHOTO: Final = 10 * 1024 * 1024
MAX_FILE: Final = 50 * 1024 * 1024
"""Bytes that a bot may send."""
MAX_ENTITIES: Final = 100
MAX_BUTTONS: Final = 100
MAX_IN_ROW: Final = 8
MAX_LABEL: Final = 60
"""Code points of a button's label; the platform takes more, a phone shows less."""
MAX_NOTICE: Final = 200
"""Characters of the answer to a press."""
MAX_QUERY: Final = 256
"""Characters of an inline query."""
MAX_START: Final = 64
"""Characters of a deep link's payload: letters, digits, underscore and hyphen."""

POLL_SECONDS: Final = 25
BATCH: Final = 100
ANSWER_WITHIN: Final = 8.0
"""Seconds after which a press is answered without words: the platform forgets a press after some fifteen."""

UPDATES: Final = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "inline_query",
    "poll",
    "message_reaction",
    "message_reaction_count",
    "chat_member",
    "my_chat_member",
)
"""What is asked for. Reactions and memberships come only when they are named, and only to an administrator."""
