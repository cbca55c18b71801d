"""The history of channels and threads from DiscordChatExporter's JSON. Knows files and folders; needs no SDK.

The exporter writes one file per channel, thread or part of one; a folder of them is read file by file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from adapters.discord.exported import Channel, channel_of, to_incoming
from adapters.files.choices import HistoryChoices
from adapters.files.cursor import JsonCursor, TooDeep
from adapters.files.loose import RowProblem, as_id
from adapters.files.reading import open_text
from adapters.files.seen import SeenIds
from bot.domain.incoming import Incoming
from bot.domain.refs import RoomRef
from bot.errors import BadInput
from bot.ports import SkippedRow

_HEADER: Final = ("guild", "channel")
_ASSETS: Final = "_Files"
"""The exporter puts downloaded attachments into ``<file>_Files``; JSON in there is somebody's upload."""


def read_history(
    path: Path,
    *,
    encoding: str | None = None,
    timezone: tzinfo | None = None,
    adopt: str | None = None,
    private: bool = False,
    now: datetime | None = None,
) -> Iterator[Incoming | SkippedRow]:
    """What happened, in the order of the file (of files, by name); what cannot be used is a SkippedRow with its line.

    Options: see `HistoryChoices`; private threads are private without being told. Raises BadInput, while iterating,
    where a file is broken or cut off: what came before has been yielded by then.
    """
    choices = HistoryChoices(encoding, timezone, adopt, private, now)
    seen: dict[RoomRef, SeenIds] = {}
    if not path.is_dir():
        yield from _file(path, choices, seen)
        return
    # One file that is none of the exporter's spoils nothing in a folder; one that is broken does.
    files = exported_files(path)
    if not files:
        raise BadInput(f"{path.name} is a folder without JSON files.", hint='Export in the "JSON" format.')
    for file in files:
        if not _is_export(file, encoding):
            yield SkippedRow(1, "", f"{file.name}: not a DiscordChatExporter file")
            continue
        for found in _file(file, choices, seen):
            yield replace(found, problem=f"{file.name}: {found.problem}") if isinstance(found, SkippedRow) else found


def exported_files(folder: Path) -> list[Path]:
    """The JSON files of a folder and its folders, parts of a channel in their order (part 2 before part 10)."""
    found = (file for pattern in ("*.json", "*.json.gz") for file in folder.rglob(pattern) if file.is_file())
    own = (file for file in found if not any(part.endswith(_ASSETS) for part in file.relative_to(folder).parts[:-1]))
    return sorted(own, key=_natural)


def _is_export(path: Path, encoding: str | None) -> bool:
    with open_text(path, encoding) as source:
        cursor = JsonCursor(source)
        if cursor.peek() != "{":
            return False
        keys = set()
        for key in cursor.members():
            keys.add(key)
            if {"channel", "messages"} <= keys:
                return True
            cursor.skip()
    return False


def _natural(file: Path) -> list[tuple[int, str]]:
    pieces = re.split(r"(\d+)", str(file).removesuffix(".gz").removesuffix(".json"))
    return [(int(piece[:50]), "") if piece.isdecimal() else (-1, piece) for piece in pieces]


def _file(path: Path, choices: HistoryChoices, seen: dict[RoomRef, SeenIds]) -> Iterator[Incoming | SkippedRow]:
    with open_text(path, choices.encoding) as source:
        cursor = JsonCursor(source)
        if cursor.peek() != "{":
            raise BadInput(f"{cursor.name} is not a DiscordChatExporter file: it does not start with an object.")
        header: dict[str, object] = {}
        told = False
        for key in cursor.members():
            if key in _HEADER:
                header[key] = _small(cursor)
            elif key == "messages":
                told = True
                # The exporter writes the header first; a file that another tool has rewritten may not.
                found = header if "channel" in header else _header(path, choices)
                yield from _messages(cursor, found, choices, seen)
            else:
                cursor.skip()
        cursor.end()
        if not told:
            raise BadInput(f"{cursor.name} holds no messages.", hint='Export the channel in the "JSON" format.')


def _messages(
    cursor: JsonCursor, header: dict[str, object], choices: HistoryChoices, seen: dict[RoomRef, SeenIds]
) -> Iterator[Incoming | SkippedRow]:
    line = cursor.line
    try:
        channel = channel_of(header, choices)
    except RowProblem as problem:
        cursor.skip()
        yield SkippedRow(line, problem.column, problem.problem)
        return
    if cursor.peek() != "[":
        cursor.skip()
        yield SkippedRow(line, "messages", "expected a list of messages")
        return
    ids = seen.setdefault(channel.place.room, SeenIds())
    for line in cursor.elements():
        try:
            raw = cursor.value()
        except TooDeep as error:
            cursor.skip()
            yield SkippedRow(line, "", str(error))
            continue
        try:
            yield from _message(raw, channel, choices, ids)
        except RowProblem as problem:
            yield SkippedRow(line, problem.column, problem.problem)


def _message(raw: object, channel: Channel, choices: HistoryChoices, ids: SeenIds) -> Iterator[Incoming]:
    if not isinstance(raw, dict):
        raise RowProblem("messages", "expected a message, found something else")
    native_id = as_id(raw.get("id"))
    if native_id is None:
        raise RowProblem("id", "a message without a usable id")
    if not ids.add(native_id):
        raise RowProblem("id", f"message {native_id[:40]} is there twice; the first one counts")
    yield from to_incoming(raw, native_id, channel, choices)


def _header(path: Path, choices: HistoryChoices) -> dict[str, object]:
    found: dict[str, object] = {}
    with open_text(path, choices.encoding) as source:
        cursor = JsonCursor(source)
        for key in cursor.members():
            if key in _HEADER:
                found[key] = _small(cursor)
            else:
                cursor.skip()
    return found


def _small(cursor: JsonCursor) -> object:
    try:
        return cursor.value()
    except TooDeep:
        cursor.skip()
        return None
