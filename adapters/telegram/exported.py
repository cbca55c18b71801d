"""One message of a Telegram Desktop export to what happened. Pure; knows a message's fields, not the file around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from adapters.files.choices import HistoryChoices
from adapters.files.loose import RowProblem, as_count, as_id, as_list, as_object, as_text
from adapters.files.times import NoZone, epoch, moment_of
from bot.domain.incoming import (
    Attachment,
    Incoming,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    Place,
    Poll,
    ReactionChanged,
    Sender,
)
from bot.domain.refs import MAX_NATIVE_ID, AccountRef, MessageRef
from bot.domain.text import MAX_TEXT, clean, clean_line

PLATFORM: Final = "telegram"
GROUPS: Final = frozenset({"private_group", "public_group"})
SUPERGROUPS: Final = frozenset({"private_supergroup", "public_supergroup", "private_channel", "public_channel"})
PERSONAL: Final = frozenset({"personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"})

DELETED: Final = "Deleted account"
"""What Telegram shows for an account that is gone; exports have null there."""

_MAX_EMOJI: Final = 32
_PEER: Final = re.compile(r"(user|channel|chat)(\d{1,20})")
_PREFIX: Final = {"user": "", "chat": "-", "channel": "-100"}
_JOINS: Final = frozenset({"join_group_by_link", "join_group_by_request", "create_group"})


@dataclass(frozen=True, slots=True)
class Chat:
    """`native_id` as the Bot API writes it (groups are negative, channels begin with -100), `bare_id` as exported."""

    native_id: str
    bare_id: str
    name: str


def chat_of(header: dict[str, object]) -> Chat:
    """Raises RowProblem where the chat is none that a community reads."""
    kind = as_text(header.get("type"))
    bare = as_id(header.get("id"))
    if kind in PERSONAL:
        raise RowProblem("type", "private chats and saved messages are left out: only groups and channels are imported")
    if kind not in GROUPS | SUPERGROUPS:
        raise RowProblem(
            "type", f"chats of the type {kind[:40]!r} are not known: only groups and channels are imported"
        )
    if bare is None or len(bare) > MAX_NATIVE_ID // 2:
        raise RowProblem("id", "a chat without a usable id")
    prefix = "" if bare.startswith("-") else _PREFIX["chat" if kind in GROUPS else "channel"]
    return Chat(prefix + bare, bare, clean_line(as_text(header.get("name"))) or bare)


class ExportClock:
    """When things happened: epoch seconds where the export has them; what is local needs a zone.

    Exports write local times of the exporting computer without an offset; beside an epoch they give the offset away.
    """

    def __init__(self, choices: HistoryChoices) -> None:
        self._choices = choices
        self._offset: timezone | None = None

    @property
    def knows_offset(self) -> bool:
        return self._offset is not None

    def of(self, raw: dict[str, object]) -> datetime:
        """The time of a message. Raises NoZone or RowProblem."""
        seconds, local = raw.get("date_unixtime"), raw.get("date")
        if seconds is None and local is None:
            raise RowProblem("date", "a message without a date")
        try:
            if isinstance(seconds, str | int) and not isinstance(seconds, bool):
                at = epoch(str(seconds))
                self._learn(local, at)
            else:
                at = moment_of(local, self._choices.timezone)
            return self._choices.checked(at)
        except NoZone:
            raise
        except ValueError as error:
            raise RowProblem("date", str(error)) from None

    def near(self, raw: object, default: datetime) -> datetime:
        """A time beside a message (an edit, a reaction); `default` where it cannot be told."""
        try:
            return self._choices.checked(moment_of(raw, self._offset or self._choices.timezone))
        except ValueError:
            return default

    def _learn(self, local: object, at: datetime) -> None:
        try:
            naive = datetime.fromisoformat(as_text(local))
            ahead = naive - at.replace(tzinfo=None)
            if naive.tzinfo is None and abs(ahead) <= timedelta(hours=15) and not ahead % timedelta(minutes=15):
                self._offset = timezone(ahead)
        except (ValueError, TypeError, OverflowError):
            return


def to_incoming(
    raw: dict[str, object], ref: MessageRef, place: Place, chat: Chat, *, reply_to: str | None, clock: ExportClock
) -> Iterator[Incoming]:
    """The message, its reactions, and who joined or left by it. Raises RowProblem or NoZone before the first."""
    at = clock.of(raw)
    service = raw.get("type") == "service"
    sender = _sender(raw, "actor" if service else "from", chat)
    edited = raw.get("edited_unixtime", raw.get("edited"))
    text = _service_text(raw) if service else flat_text(raw.get("text", raw.get("text_entities")))
    yield MessagePosted(
        ref,
        place,
        sender,
        text,
        at,
        reply_to=reply_to,
        edited_at=clock.near(edited, at) if edited is not None else None,
        service=service,
        attachments=tuple(_attachments(raw)),
        poll=_poll(raw.get("poll")),
    )
    for reaction in as_list(raw.get("reactions")):
        yield from _reactions(as_object(reaction), ref, at, clock)
    if service:
        yield from _membership(raw, place, sender, at)


def flat_text(value: object) -> str:
    """Text of a string or a list of strings and entities; a link keeps its address where the text does not show it."""
    pieces: list[str] = []
    length = 0
    for part in [value] if isinstance(value, str | dict) else as_list(value):
        piece = part if isinstance(part, str) else as_text(as_object(part).get("text"))
        href = as_text(as_object(part).get("href"))
        if href and href.strip("/") not in piece:
            piece = f"{piece} ({href})"
        pieces.append(piece)
        length += len(piece)
        if length > 2 * MAX_TEXT:  # what follows would be cut off
            break
    return clean("".join(pieces))


def _sender(raw: dict[str, object], key: str, chat: Chat) -> Sender:
    name = clean_line(as_text(raw.get(key)))
    native_id = as_id(raw.get(f"{key}_id"))
    if native_id is None:
        if name:
            return Sender(AccountRef(PLATFORM, f"name:{name}"[:MAX_NATIVE_ID]), name)
        return Sender(AccountRef(PLATFORM, chat.native_id), chat.name)
    peer = _PEER.fullmatch(native_id)
    account = AccountRef(PLATFORM, _PREFIX[peer[1]] + peer[2] if peer else native_id)
    return Sender(account, name or (chat.name if account.native_id == chat.native_id else DELETED))


def _service_text(raw: dict[str, object]) -> str:
    """The platform's own word for what it wrote, with the title it is about."""
    words = as_text(raw.get("action")).replace("_", " ") or flat_text(raw.get("information_text"))
    title = as_text(raw.get("title")) or as_text(raw.get("new_title"))
    return clean_line(f"{words}: {title}" if title else words)


def _attachments(raw: dict[str, object]) -> Iterator[Attachment]:
    media = clean_line(as_text(raw.get("media_type")), limit=60)
    if "photo" in raw:
        yield Attachment(_file_name(raw["photo"]) or "photo", "photo")
    if media == "sticker":
        emoji = clean_line(as_text(raw.get("sticker_emoji")), limit=_MAX_EMOJI)
        yield Attachment(emoji or _file_name(raw.get("file")) or "sticker", "sticker")
    elif "file" in raw:
        media = media or clean_line(as_text(raw.get("mime_type")), limit=60) or "file"
        yield Attachment(_file_name(raw.get("file_name")) or _file_name(raw["file"]) or media, media)
    # Phone numbers and coordinates stay behind: nobody in the community asked for them.
    if "contact_information" in raw:
        yield Attachment("contact", "contact")
    if "location_information" in raw:
        yield Attachment(clean_line(as_text(raw.get("place_name"))) or "location", "location")
    for key, media in (("game_title", "game"), ("invoice_information", "invoice")):
        if key in raw:
            title = as_text(raw[key]) or as_text(as_object(raw[key]).get("title"))
            yield Attachment(clean_line(title) or media, media)


def _file_name(value: object) -> str:
    """The last part of a path; empty where a notice in brackets says that the file was left out."""
    path = as_text(value)
    if path.startswith("("):
        return ""
    return clean_line(PurePosixPath(PureWindowsPath(path[-1000:]).as_posix()).name, limit=200)


def _poll(value: object) -> Poll | None:
    raw = as_object(value)
    question = clean_line(flat_text(raw.get("question")))
    answers = [as_object(answer) for answer in as_list(raw.get("answers"))[:100]]
    options = tuple((clean_line(flat_text(each.get("text"))), as_count(each.get("voters"))) for each in answers)
    return Poll(question, options) if question or options else None


def _reactions(raw: dict[str, object], ref: MessageRef, at: datetime, clock: ExportClock) -> Iterator[ReactionChanged]:
    emoji = _emoji(raw)
    if not emoji:
        return
    named: set[AccountRef] = set()
    for each in as_list(raw.get("recent")):
        who = as_object(each)
        peer = _PEER.fullmatch(as_id(who.get("from_id")) or "")
        if peer is None:
            continue
        account = AccountRef(PLATFORM, _PREFIX[peer[1]] + peer[2])
        if account in named:
            continue
        named.add(account)
        sender = Sender(account, clean_line(as_text(who.get("from"))) or DELETED)
        yield ReactionChanged(ref, sender, emoji, present=True, at=clock.near(who.get("date"), at))
    rest = as_count(raw.get("count")) - len(named)
    if rest > 0:
        yield ReactionChanged(ref, None, emoji, present=True, at=at, count=rest)


def _emoji(raw: dict[str, object]) -> str:
    emoji = clean_line(as_text(raw.get("emoji")), limit=_MAX_EMOJI)
    match raw.get("type"):
        case "paid":
            return emoji or "⭐"
        case "custom_emoji":
            stem = PurePosixPath(_file_name(raw.get("document_id"))).stem[: _MAX_EMOJI - 2]
            return emoji or f":{stem or 'custom'}:"
        case _:
            return emoji


def _membership(raw: dict[str, object], place: Place, sender: Sender, at: datetime) -> Iterator[Incoming]:
    """Exports give only names of those who were added or removed; the account is known where it is the actor's own."""
    action = as_text(raw.get("action"))
    names = [clean_line(as_text(name)) for name in as_list(raw.get("members"))]
    alone = names == [sender.name]
    if action in _JOINS or (action == "invite_members" and alone):
        yield MemberJoined(place, sender, at)
    elif action == "remove_members" and alone:
        yield MemberLeft(place, sender, at)
