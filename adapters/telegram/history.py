"""The history of groups and channels from Telegram Desktop's JSON export. Knows the file; needs no SDK.

Both shapes are read: one chat (``result.json`` of "Export chat history") and the whole account (``chats.list``).
Forum topics are not named in messages: a topic is opened by a service message, and what is written in it answers that
message or another message of the topic. So a topic is found by following the answers back; where the answered message
is not in the file, the message goes to the general room.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from adapters.files.choices import HistoryChoices
from adapters.files.cursor import JsonCursor, TooDeep
from adapters.files.loose import RowProblem, as_id, as_text
from adapters.files.reading import open_text
from adapters.files.seen import SeenIds
from adapters.files.times import NoZone
from adapters.telegram.exported import PERSONAL, PLATFORM, Chat, ExportClock, chat_of, to_incoming
from bot.domain.incoming import Incoming, Place, RoomKind
from bot.domain.refs import MessageRef
from bot.domain.text import clean_line
from bot.errors import BadInput
from bot.ports import SkippedRow

_HEADER: Final = ("id", "type", "name")
_LARGEST_TOPIC: Final = 2**62


def read_history(
    path: Path,
    *,
    encoding: str | None = None,
    timezone: tzinfo | None = None,
    adopt: str | None = None,
    private: bool = False,
    now: datetime | None = None,
) -> Iterator[Incoming | SkippedRow]:
    """What happened, in the order of the file; a message that cannot be used is a SkippedRow with its line.

    Options: see `HistoryChoices`. A text is cut at `bot.domain.text.MAX_TEXT`. Raises BadInput, while iterating, where
    the file as a whole is broken or cut off (what came before has been yielded by then), or gives local times only.
    """
    choices = HistoryChoices(encoding, timezone, adopt, private, now)
    export = _Export(path, choices)
    with open_text(path, encoding) as source:
        yield from export.document(JsonCursor(source, hex_escapes=True))


class _Export:
    """One file on its way from front to back."""

    def __init__(self, path: Path, choices: HistoryChoices) -> None:
        self._path = path
        self._choices = choices
        self._clock = ExportClock(choices)
        self._chats = 0
        self._told_personal = False
        self._headers: list[dict[str, object]] | None = None

    def document(self, cursor: JsonCursor) -> Iterator[Incoming | SkippedRow]:
        if cursor.peek() != "{":
            raise BadInput(f"{cursor.name} is not a Telegram export: it does not start with an object.")
        yield from self._chat(cursor, top=True)
        cursor.end()
        if not self._chats:
            raise BadInput(f"{cursor.name} holds no chats.", hint='Export the chat history in the "JSON" format.')

    def _chat(self, cursor: JsonCursor, *, top: bool = False) -> Iterator[Incoming | SkippedRow]:
        header: dict[str, object] = {}
        for key in cursor.members():
            if key in _HEADER:
                header[key] = _scalar(cursor)
            elif key == "messages":
                yield from self._messages(cursor, header)
            elif top and key in ("chats", "left_chats") and cursor.peek() == "{":
                yield from self._list(cursor)
            else:
                cursor.skip()

    def _list(self, cursor: JsonCursor) -> Iterator[Incoming | SkippedRow]:
        for key in cursor.members():
            if key != "list" or cursor.peek() != "[":
                cursor.skip()
                continue
            for line in cursor.elements():
                if cursor.peek() == "{":
                    yield from self._chat(cursor)
                else:
                    cursor.skip()
                    yield SkippedRow(line, "list", "expected a chat")

    def _messages(self, cursor: JsonCursor, header: dict[str, object]) -> Iterator[Incoming | SkippedRow]:
        ordinal = self._chats
        self._chats += 1
        if not {"id", "type"} <= header.keys():
            # The exporter writes them first; a tool that sorts keys does not.
            self._headers = _headers(self._path, self._choices) if self._headers is None else self._headers
            header = self._headers[ordinal] if ordinal < len(self._headers) else header
        line = cursor.line
        try:
            chat = chat_of(header)
        except RowProblem as problem:
            cursor.skip()
            personal = header.get("type") in PERSONAL
            if not personal or not self._told_personal:
                # An export of a whole account has private chats too; they are nobody's to import.
                yield SkippedRow(line, problem.column, problem.problem, harmless=personal)
            self._told_personal |= personal
            return
        if cursor.peek() != "[":
            cursor.skip()
            yield SkippedRow(line, "messages", "expected a list of messages")
            return
        room = _Room(chat, self._choices, self._clock, cursor.name)
        for line in cursor.elements():
            try:
                raw = cursor.value()
            except TooDeep as error:
                cursor.skip()
                yield SkippedRow(line, "", str(error))
                continue
            yield from room.read(line, raw)


class _Room:
    """One chat: its topics, and what was told already."""

    def __init__(self, chat: Chat, choices: HistoryChoices, clock: ExportClock, file: str) -> None:
        self._chat = chat
        self._choices = choices
        self._clock = clock
        self._file = file
        self._seen = SeenIds()
        general = choices.room(PLATFORM, chat.native_id, chat.bare_id)
        self._places: dict[int, Place] = {0: Place(general, chat.name, private=choices.private)}

    def read(self, line: int, raw: object) -> Iterator[Incoming | SkippedRow]:
        if not isinstance(raw, dict):
            yield SkippedRow(line, "messages", "expected a message, found something else")
            return
        native_id = as_id(raw.get("id"))
        if native_id is None:
            yield SkippedRow(line, "id", "a message without a usable id")
            return
        topic, reply_to = self._thread(native_id, raw)
        if not self._seen.add(native_id, topic):
            yield SkippedRow(line, "id", f"message {native_id[:40]} is in the file twice; the first one counts")
            return
        kind = raw.get("type")
        if kind not in ("message", "service"):
            unsupported = "Telegram Desktop could not export this kind of message"
            known = kind == "unsupported"
            problem = unsupported if known else f"unknown type {as_text(kind)[:40]!r}"
            yield SkippedRow(line, "type", problem, harmless=True)
            return
        place = self._places[topic]
        ref = MessageRef(place.room, native_id)
        try:
            yield from to_incoming(raw, ref, place, self._chat, reply_to=reply_to, clock=self._clock)
        except NoZone as error:
            if not self._clock.knows_offset:
                raise BadInput(
                    f"{self._file}: the time in line {line} has no time zone: {error.args[0]}.",
                    hint="Give the zone of the computer that exported it, such as --timezone Asia/Shanghai.",
                ) from None
            yield SkippedRow(line, "date", str(error))
        except RowProblem as problem:
            yield SkippedRow(line, problem.column, problem.problem)

    def _thread(self, native_id: str, raw: dict[str, object]) -> tuple[int, str | None]:
        """The topic that a message belongs to (0: none) and the message that it answers, if any."""
        if raw.get("action") == "topic_created" and native_id.isdecimal() and 0 < int(native_id) < _LARGEST_TOPIC:
            self._places.setdefault(int(native_id), self._topic(native_id, as_text(raw.get("title"))))
            return int(native_id), None
        reply_to = as_id(raw.get("reply_to_message_id"))
        if reply_to is None or reply_to == native_id or raw.get("reply_to_peer_id"):
            return 0, None
        if reply_to.isdecimal() and int(reply_to) in self._places:
            topic, answered = int(reply_to), None
        else:
            topic, answered = self._seen.thread_of(reply_to), reply_to
        title = as_text(raw.get("new_title"))
        if topic and title and raw.get("action") == "topic_edit":
            self._places[topic] = self._topic(str(topic), title)
        return topic, answered

    def _topic(self, native_id: str, title: str) -> Place:
        room = self._choices.room(PLATFORM, self._chat.native_id, self._chat.bare_id, native_id)
        name = clean_line(title) or native_id
        # A forum topic lives for years and holds many discussions: a room of its own, not one thread.
        return Place(room, name, RoomKind.CHANNEL, private=self._choices.private, group=self._chat.name)


def _headers(path: Path, choices: HistoryChoices) -> list[dict[str, object]]:
    """The header of every chat, in the order of their messages, from a pass of its own."""
    found: list[dict[str, object]] = []

    def chat(cursor: JsonCursor, *, top: bool) -> None:
        header: dict[str, object] = {}
        for key in cursor.members():
            if key in _HEADER:
                header[key] = _scalar(cursor)
            elif top and key in ("chats", "left_chats") and cursor.peek() == "{":
                for name in cursor.members():
                    if name != "list" or cursor.peek() != "[":
                        cursor.skip()
                        continue
                    for _ in cursor.elements():
                        if cursor.peek() == "{":
                            chat(cursor, top=False)
                        else:
                            cursor.skip()
            else:
                if key == "messages":
                    found.append(header)
                cursor.skip()

    with open_text(path, choices.encoding) as source:
        chat(JsonCursor(source, hex_escapes=True), top=True)
    return found


def _scalar(cursor: JsonCursor) -> object:
    if cursor.peek() in ("[", "{"):
        cursor.skip()
        return None
    return cursor.value()
