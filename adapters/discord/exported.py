"""One message of a DiscordChatExporter file to what happened. Pure; knows a message's fields, not the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.files.choices import HistoryChoices
from adapters.files.loose import RowProblem, as_count, as_id, as_list, as_object, as_text
from adapters.files.times import moment_of
from bot.domain.incoming import (
    Attachment,
    Incoming,
    MemberJoined,
    MessagePosted,
    Place,
    ReactionChanged,
    RoomKind,
    Sender,
)
from bot.domain.refs import AccountRef, MessageRef
from bot.domain.text import MAX_TEXT, clean, clean_line

PLATFORM: Final = "discord"

_DIRECT: Final = frozenset({"DirectTextChat", "DirectGroupTextChat"})
_WRITTEN: Final = frozenset({"Default", "Reply", "0", "19", "20", "23"})
"""What people and bots write; 20 and 23 are answers to slash and context menu commands, which have no name there."""

_SERVICE: Final = frozenset(
    {
        "RecipientAdd",
        "RecipientRemove",
        "Call",
        "ChannelNameChange",
        "ChannelIconChange",
        "ChannelPinnedMessage",
        "GuildMemberJoin",
        "ThreadCreated",
    }
)
_MAX_EMOJI: Final = 32


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel or thread of a file: its place, and the exporter's own id of it."""

    native_id: str
    place: Place


def channel_of(header: dict[str, object], choices: HistoryChoices) -> Channel:
    """Raises RowProblem where the channel is none that a community reads.

    A thread lives in the channel that is its parent, which the format calls category: threads came later.
    """
    raw = as_object(header.get("channel"))
    native_id, kind = as_id(raw.get("id")), as_text(raw.get("type"))
    if native_id is None or len(native_id) > 100:
        raise RowProblem("channel", "a channel without a usable id")
    if kind in _DIRECT:
        raise RowProblem("channel", "direct messages are left out: only the channels of a server are imported")
    name = clean_line(as_text(raw.get("name"))) or native_id
    topic, group = clean(as_text(raw.get("topic")), limit=2000), clean_line(as_text(raw.get("category")))
    parent = as_id(raw.get("categoryId"))
    thread = kind.endswith("Thread")
    if thread and parent is not None and len(parent) <= 100:
        room = choices.room(PLATFORM, parent, parent, native_id)
    else:
        room = choices.room(PLATFORM, native_id, native_id)
    private = choices.private or kind == "GuildPrivateThread"
    return Channel(native_id, Place(room, name, RoomKind.THREAD if thread else RoomKind.CHANNEL, private, topic, group))


def to_incoming(
    raw: dict[str, object], native_id: str, channel: Channel, choices: HistoryChoices
) -> Iterator[Incoming]:
    """The message, its reactions, and who joined by it. Raises RowProblem before the first."""
    kind = as_text(raw.get("type"))
    service = kind in _SERVICE or (kind.isdecimal() and kind not in _WRITTEN)
    if not service and kind not in _WRITTEN:
        raise RowProblem("type", f"unknown type {kind[:40]!r}")
    at = _at(raw.get("timestamp"), choices)
    sender = _sender(raw.get("author"))
    if sender is None:
        raise RowProblem("author", "a message without an author's id")
    ref = MessageRef(channel.place.room, native_id)
    yield MessagePosted(
        ref,
        channel.place,
        sender,
        _text(raw),
        at,
        reply_to=None if service else _reply(raw.get("reference"), native_id, channel),
        edited_at=_edited(raw.get("timestampEdited"), choices),
        service=service,
        # The opening message of a forum post has the id of the thread that it opens.
        opens_thread=not service and native_id == channel.native_id and channel.place.kind is RoomKind.THREAD,
        attachments=tuple(_attachments(raw)),
    )
    for reaction in as_list(raw.get("reactions")):
        yield from _reactions(as_object(reaction), ref, at)
    if kind == "GuildMemberJoin":
        yield MemberJoined(channel.place, sender, at)


def _at(raw: object, choices: HistoryChoices) -> datetime:
    if raw is None:
        raise RowProblem("timestamp", "a message without a date")
    try:
        return choices.checked(moment_of(raw, choices.timezone))
    except ValueError as error:
        raise RowProblem("timestamp", str(error)) from None


def _edited(raw: object, choices: HistoryChoices) -> datetime | None:
    try:
        return choices.checked(moment_of(raw, choices.timezone))
    except ValueError:
        return None


def _sender(raw: object) -> Sender | None:
    author = as_object(raw)
    native_id = as_id(author.get("id"))
    if native_id is None:
        return None
    name = clean_line(as_text(author.get("nickname"))) or clean_line(as_text(author.get("name"))) or native_id
    return Sender(AccountRef(PLATFORM, native_id), name, bot=author.get("isBot") is True)


def _text(raw: dict[str, object]) -> str:
    """What was written; of a forwarded message its text, of a message of cards only (bots) their titles and texts."""
    forwarded = as_object(raw.get("forwardedMessage"))
    written = as_text(raw.get("content")) or as_text(forwarded.get("content"))
    if written:
        return clean(written)
    cards = [as_object(card) for card in as_list(raw.get("embeds"))[:10]]
    parts = [as_text(card.get(key))[:MAX_TEXT] for card in cards for key in ("title", "description")]
    return clean("\n".join(part for part in parts if part))


def _reply(raw: object, native_id: str, channel: Channel) -> str | None:
    """The answered message of the same channel; a forward refers too, and is no answer."""
    reference = as_object(raw)
    answered = as_id(reference.get("messageId"))
    elsewhere = as_id(reference.get("channelId")) not in (None, channel.native_id)
    if answered == native_id or elsewhere or reference.get("type") == "Forward":
        return None
    return answered


def _attachments(raw: dict[str, object]) -> Iterator[Attachment]:
    for holder in (raw, as_object(raw.get("forwardedMessage"))):
        for each in as_list(holder.get("attachments"))[:50]:
            name = clean_line(as_text(as_object(each).get("fileName")), limit=200)
            yield Attachment(name or "file", "file")
        for each in as_list(holder.get("stickers"))[:10]:
            name = clean_line(as_text(as_object(each).get("name")), limit=200)
            yield Attachment(name or "sticker", "sticker")


def _reactions(raw: dict[str, object], ref: MessageRef, at: datetime) -> Iterator[ReactionChanged]:
    """Who reacted, where the exporter asked for it; the rest as a count. The format has no time of reactions."""
    emoji = _emoji(as_object(raw.get("emoji")))
    if not emoji:
        return
    named: set[AccountRef] = set()
    for user in as_list(raw.get("users")):
        sender = _sender(user)
        if sender is not None and sender.account not in named:
            named.add(sender.account)
            yield ReactionChanged(ref, sender, emoji, present=True, at=at)
    rest = as_count(raw.get("count")) - len(named)
    if rest > 0:
        yield ReactionChanged(ref, None, emoji, present=True, at=at, count=rest)


def _emoji(raw: dict[str, object]) -> str:
    name = clean_line(as_text(raw.get("name")), limit=_MAX_EMOJI)
    return f":{name}:" if name and as_text(raw.get("id")) else name
