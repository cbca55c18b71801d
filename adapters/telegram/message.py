"""The fields of one message of the Bot API: place, sender, text, attachments, poll. Pure; knows no update around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from adapters.files.loose import as_count, as_id, as_list, as_object, as_text
from adapters.telegram import utf16
from adapters.telegram.capabilities import PLATFORM
from bot.domain.incoming import Attachment, Place, Poll, RoomKind, Sender
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.text import clean, clean_line

Raw = Mapping[str, object]

IMPERSONAL: Final = frozenset({"1087968824", "777000", "136817688"})
"""Accounts that stand for others: anonymous administrators, linked channels, channels as senders."""
_LAST_SECOND: Final = 253_402_300_799
_MEDIA: Final = ("document", "video", "audio", "voice", "animation", "video_note")


def moment(value: object) -> datetime:
    """Raises ValueError for what is no time."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LAST_SECOND:
        raise ValueError("telegram update: date: no time")
    return datetime.fromtimestamp(value, UTC)


def needed(value: object, name: str) -> str:
    native_id = as_id(value)
    if native_id is None:
        raise ValueError(f"telegram update: {name}: no id")
    return native_id


def chat_of(raw: Raw) -> tuple[Raw, str, str]:
    """(chat, id, type) of a message or another thing that has a chat."""
    chat = as_object(raw.get("chat"))
    return chat, needed(chat.get("id"), "chat.id"), as_text(chat.get("type"))


def place_of(raw: Raw, open_chats: frozenset[str]) -> Place:
    """Where a message is. A group without a public address is private unless it is one of `open_chats`."""
    chat, native_id, kind = chat_of(raw)
    if kind == "private":
        return Place(RoomRef(PLATFORM, native_id), full_name(chat), RoomKind.DIRECT, private=True)
    title = clean_line(as_text(chat.get("title")))
    private = not as_text(chat.get("username")) and native_id not in open_chats
    topic = as_id(raw.get("message_thread_id")) if raw.get("is_topic_message") is True else None
    if topic is None:
        return Place(RoomRef(PLATFORM, native_id), title, private=private, group=title, server=native_id)
    topic_room = RoomRef(PLATFORM, native_id, topic)
    return Place(topic_room, _topic_name(raw), private=private, group=title, server=native_id)


def ref_of(raw: Raw, place: Place) -> MessageRef:
    return MessageRef(place.room, needed(raw.get("message_id"), "message_id"))


def full_name(person: Raw) -> str:
    return clean_line(" ".join(filter(None, (as_text(person.get("first_name")), as_text(person.get("last_name"))))))


def person_of(raw: object) -> Sender | None:
    """A user of the platform; None where there is none."""
    person = as_object(raw)
    native_id = as_id(person.get("id"))
    if native_id is None:
        return None
    name = full_name(person) or clean_line(as_text(person.get("username"))) or "?"
    bot = person.get("is_bot") is True or native_id in IMPERSONAL
    return Sender(AccountRef(PLATFORM, native_id), name, bot, as_text(person.get("language_code"))[:16] or None)


def sender_of(raw: Raw) -> Sender:
    """Who wrote it. Whoever writes in the name of a chat (anonymous administrators, channels) is that chat."""
    chat = as_object(raw.get("sender_chat"))
    native_id = as_id(chat.get("id"))
    if native_id is not None:
        return Sender(AccountRef(PLATFORM, native_id), clean_line(as_text(chat.get("title"))) or "?")
    person = person_of(raw.get("from"))
    if person is not None:
        return person
    where, chat_id, _ = chat_of(raw)
    return Sender(AccountRef(PLATFORM, chat_id), clean_line(as_text(where.get("title"))) or "?")


def text_of(raw: Raw) -> str:
    """Text or caption; a link keeps its address where the text does not show it."""
    key = "text" if "text" in raw else "caption"
    text = as_text(raw.get(key))
    links = [as_object(each) for each in as_list(raw.get("entities" if key == "text" else "caption_entities"))[:1000]]
    hidden = [each for each in links if each.get("type") == "text_link"]
    for each in sorted(hidden, key=lambda one: as_count(one.get("offset")), reverse=True):
        url = as_text(each.get("url"))
        start = utf16.index(text, as_count(each.get("offset")))
        end = utf16.index(text, as_count(each.get("offset")) + as_count(each.get("length")))
        if url and url.strip("/") not in text[start:end]:
            text = f"{text[:end]} ({url}){text[end:]}"
    return clean(text)


def answered(raw: Raw) -> str | None:
    """The message that this one answers, in the same room. In a topic, everything hangs on the topic's first."""
    other = as_object(raw.get("reply_to_message"))
    if "forum_topic_created" in other or not other:
        return None
    return as_id(other.get("message_id"))


def attachments(raw: Raw) -> Iterator[Attachment]:
    """By name only. Telegram gives an animation also as a document: it is named once."""
    if as_list(raw.get("photo")):
        yield Attachment("photo", "photo")
    for kind in _MEDIA:
        file = as_object(raw.get(kind))
        if not file or (kind == "document" and "animation" in raw):
            continue
        media = clean_line(as_text(file.get("mime_type")), limit=60)
        yield Attachment(clean_line(as_text(file.get("file_name")), limit=200) or kind, media or kind)
    sticker = as_object(raw.get("sticker"))
    if sticker:
        yield Attachment(clean_line(as_text(sticker.get("emoji")), limit=32) or "sticker", "sticker")
    # Phone numbers and coordinates stay behind: nobody in the community asked for them.
    for kind in ("contact", "location", "venue", "game", "invoice"):
        if as_object(raw.get(kind)) and not (kind == "location" and "venue" in raw):
            titled = as_text(as_object(raw.get(kind)).get("title"))
            yield Attachment(clean_line(titled) or kind, kind)


def poll_of(raw: Raw) -> Poll | None:
    poll = as_object(raw.get("poll"))
    options = [as_object(each) for each in as_list(poll.get("options"))[:100]]
    question = clean_line(as_text(poll.get("question")))
    if not question and not options:
        return None
    votes = tuple((clean_line(as_text(o.get("text"))), as_count(o.get("voter_count"))) for o in options)
    return Poll(question, votes, as_id(poll.get("id")) or "")


def emoji_of(value: object) -> str:
    """One kind of reaction as text; empty where it cannot be told."""
    kind = as_object(value)
    match kind.get("type"):
        case "emoji":
            return clean_line(as_text(kind.get("emoji")), limit=32)
        case "custom_emoji":
            return f":{clean_line(as_text(kind.get('custom_emoji_id')), limit=30) or 'custom'}:"
        case "paid":
            return "⭐"
        case _:
            return ""


def _topic_name(raw: Raw) -> str:
    """Every message of a topic hangs on the one that opened it, which has the name."""
    opened = raw if "forum_topic_created" in raw else as_object(raw.get("reply_to_message"))
    created = as_object(opened.get("forum_topic_created"))
    edited = as_object(raw.get("forum_topic_edited"))
    return clean_line(as_text(edited.get("name")) or as_text(created.get("name")))
