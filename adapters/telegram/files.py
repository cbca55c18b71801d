"""Pictures and documents on their way to Telegram: as what, and what is said where they cannot be shown.

Knows the client and its limits; where the bytes are, it is told. A picture that is none, or is too large to be one,
goes as a document; a file that is gone or that the room does not take is told in words instead.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from telegram import InputFile, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

from adapters.telegram.capabilities import MAX_FILE, MAX_PHOTO
from adapters.telegram.client import Client
from adapters.telegram.errors import not_as_file
from adapters.telegram.render import Part
from bot.domain.outgoing import Document, Picture

log = logging.getLogger(__name__)

_UPLOAD_SECONDS: Final = 40.0
Values = Mapping[str, object]


def kinds_for(file: Picture | Document, content: bytes) -> tuple[str, ...]:
    """As what it may be sent, the best first; nothing: only in words."""
    if not content or len(content) > MAX_FILE:
        return ()
    if isinstance(file, Picture) and len(content) <= MAX_PHOTO:
        return ("photo", "document")
    return ("document",)


async def send_file(client: Client, where: Values, part: Part, content: bytes) -> object | None:
    """The message; None: the platform does not take it as a file. Raises TelegramError for everything else."""
    assert part.file is not None
    for kind in kinds_for(part.file, content):
        values = {
            **where,
            "caption": part.html,
            "parse_mode": "HTML",
            kind: InputFile(content, filename=part.file.file.name, attach=True),
        }
        try:
            method = "sendPhoto" if kind == "photo" else "sendDocument"
            sent: object = await client.call(method, values, patience=_UPLOAD_SECONDS)
        except (BadRequest, NetworkError, Forbidden) as error:
            _unless_file(error, kind)
        else:
            return sent
    return None


async def edit_file(client: Client, where: Values, part: Part, content: bytes) -> bool:
    """Whether the message shows the file now. Raises TelegramError as above."""
    assert part.file is not None
    for kind in kinds_for(part.file, content):
        made = InputMediaPhoto if kind == "photo" else InputMediaDocument
        media = made(content, caption=part.html, parse_mode="HTML", filename=part.file.file.name)
        try:
            await client.call("editMessageMedia", {**where, "media": media}, patience=_UPLOAD_SECONDS)
        except (BadRequest, NetworkError, Forbidden) as error:
            _unless_file(error, kind)
        else:
            return True
    return False


def _unless_file(error: TelegramError, kind: str) -> None:
    if not not_as_file(error):
        raise error
    log.info("a file was not taken as a %s: %s", kind, type(error).__name__)
