"""Which platform an exported history is from, told from its content, and its reader. Knows both formats by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final, Literal, assert_never

from adapters.discord import history as discord
from adapters.files.cursor import JsonCursor
from adapters.files.reading import open_text
from adapters.telegram import history as telegram
from bot.domain.incoming import Incoming
from bot.errors import BadInput
from bot.ports import SkippedRow

Source = Literal["telegram", "discord"]

_TELEGRAM_FILE: Final = "result.json"
_UNDERSTOOD: Final = (
    "Two formats are understood: Telegram Desktop's chat export as JSON (result.json) and DiscordChatExporter's JSON"
    " (a file, or a folder of them)."
)


def sniff_history(path: Path, *, encoding: str | None = None) -> Source:
    """The platform of a file or folder, by the keys at its top. Raises BadInput where it is neither."""
    return _found(path, encoding)[0]


def open_history(
    path: Path,
    *,
    encoding: str | None = None,
    timezone: tzinfo | None = None,
    adopt: str | None = None,
    private: bool = False,
    now: datetime | None = None,
) -> Iterator[Incoming | SkippedRow]:
    """What happened, read by the reader of the file's platform; see its `read_history`.

    Raises BadInput here where the format is not known, and while iterating where the file is broken.
    """
    source, file = _found(path, encoding)
    match source:
        case "telegram":
            read = telegram.read_history
        case "discord":
            read = discord.read_history
        case _:
            assert_never(source)
    return read(file, encoding=encoding, timezone=timezone, adopt=adopt, private=private, now=now)


def _found(path: Path, encoding: str | None) -> tuple[Source, Path]:
    if not path.is_dir():
        return _of_file(path, encoding), path
    if (path / _TELEGRAM_FILE).is_file():
        return _of_file(path / _TELEGRAM_FILE, encoding), path / _TELEGRAM_FILE
    files = discord.exported_files(path)
    if not files:
        raise BadInput(f"{path.name} is a folder without an exported history.", hint=_UNDERSTOOD)
    for file in files:
        if _platform(file, encoding) == "discord":
            return "discord", path
    return _of_file(files[0], encoding), files[0]


def _of_file(path: Path, encoding: str | None) -> Source:
    found = _platform(path, encoding)
    if found is None:
        raise BadInput(f"{path.name} is not an exported history.", hint=_UNDERSTOOD)
    return found


def _platform(path: Path, encoding: str | None) -> Source | None:
    with open_text(path, encoding) as text:
        cursor = JsonCursor(text, hex_escapes=True)
        if cursor.peek() == "{":
            keys: set[str] = set()
            for key in cursor.members():
                keys.add(key)
                if {"guild", "channel"} <= keys:
                    return "discord"
                if keys & {"chats", "left_chats"} or {"type", "id", "messages"} <= keys:
                    return "telegram"
                cursor.skip()
    return None
