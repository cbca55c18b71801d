"""Writes what was said in the platforms' own export formats. Knows formats and Said; decides nothing.

Telegram: the machine-readable JSON of Telegram Desktop for one supergroup with forum topics. A message that opens a
conversation in a topic refers to the service message that created the topic, as in real exports.
Discord: the JSON of DiscordChatExporter, one file per channel or thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.sample import COMMUNITY
from bot.sample.interests import Course
from bot.sample.people import Person
from bot.sample.rooms import ROOMS, Room
from bot.sample.talk import Said

TELEGRAM_GROUP: Final = 9_990_000_001
DISCORD_GUILD: Final = 100_000_000_000_000_001
_DISCORD_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_MARKUP: Final = re.compile(
    r"```(?P<lang>\w*)\n(?P<pre>.*?)```|`(?P<code>[^`\n]+)`|(?P<link>https?://[^\s)）》，。]+)", re.DOTALL
)
_NOT_INCLUDED: Final = "(File not included. Change data exporting settings to download.)"
_CODES: Final = {
    "👍": "thumbsup",
    "❤️": "heart",
    "🔥": "fire",
    "🙏": "pray",
    "💯": "100",
    "🎉": "tada",
    "👏": "clap",
    "👋": "wave",
    "✅": "white_check_mark",
}


def write_json(path: Path, content: object) -> Path:
    """UTF-8, one space of indentation, `\\n` line ends, the same bytes on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    return path


# --- Telegram Desktop ------------------------------------------------------------------------------------------------


def write_telegram(
    folder: Path, said: Sequence[Said], members: Sequence[Person], founder: Person, opened: datetime
) -> Path:
    """``telegram/result.json``: joins, topics and messages in one rising sequence of ids."""
    group = {"name": COMMUNITY, "type": "private_supergroup", "id": TELEGRAM_GROUP}
    messages = list(_telegram_messages(said, members, founder, opened))
    return write_json(folder / "telegram" / "result.json", {**group, "messages": messages})


def _telegram_messages(
    said: Sequence[Said], members: Sequence[Person], founder: Person, opened: datetime
) -> Iterator[dict[str, Any]]:
    topics: dict[str, int] = {}
    numbers: dict[int, int] = {}
    yield _service(1, opened, founder, action="create_channel", title=COMMUNITY)
    number = 1
    for room in ROOMS:
        if room.platform == "telegram":
            number += 1
            topics[room.key] = number
            yield _service(number, opened, founder, action="topic_created", title=room.name)
    joins: list[tuple[datetime, Said | Person]] = [
        (person.joined, person) for person in members if person.telegram is not None and person is not founder
    ]
    for at, what in sorted(joins + [(message.at, message) for message in said], key=lambda pair: pair[0]):
        number += 1
        if isinstance(what, Person):
            yield _service(number, at, what, action="join_group_by_link", inviter="Group")
            continue
        numbers[id(what)] = number
        target = numbers[id(what.reply_to)] if what.reply_to else topics[what.room.key]
        yield _telegram_message(number, what, target)
        if what.pinned:
            number += 1
            yield _service(number, at + timedelta(seconds=20), what.author, action="pin_message", message_id=number - 1)


def _stamp(name: str, at: datetime) -> dict[str, str]:
    return {name: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), f"{name}_unixtime": str(int(at.timestamp()))}


def _service(number: int, at: datetime, actor: Person, **more: object) -> dict[str, Any]:
    return {
        "id": number,
        "type": "service",
        **_stamp("date", at),
        "actor": actor.name,
        "actor_id": f"user{actor.telegram}",
        **more,
        "text": "",
        "text_entities": [],
    }


def _telegram_message(number: int, message: Said, target: int) -> dict[str, Any]:
    entities = list(_entities(message))
    body: dict[str, Any] = {"id": number, "type": "message", **_stamp("date", message.at)}
    if message.edited:
        body |= _stamp("edited", message.edited)
    body |= {"from": message.author.name, "from_id": f"user{message.author.telegram}", "reply_to_message_id": target}
    if message.picture:
        body |= {"photo": _NOT_INCLUDED, "width": 1280, "height": 800}
    if message.poll:
        answers = [{"text": text, "voters": votes, "chosen": False} for text, votes in message.poll]
        total = sum(votes for _, votes in message.poll)
        body["poll"] = {"question": message.text, "closed": False, "total_voters": total, "answers": answers}
        entities = []
    body["text"] = _telegram_text(entities)
    body["text_entities"] = entities
    if message.reactions:
        body["reactions"] = [_telegram_reaction(emoji, who, message.at) for emoji, who in message.reactions.items()]
    return body


def _telegram_text(entities: Sequence[Mapping[str, Any]]) -> str | list[object]:
    if not entities:
        return ""
    if len(entities) == 1 and entities[0]["type"] == "plain":
        return str(entities[0]["text"])
    return [part["text"] if part["type"] == "plain" else dict(part) for part in entities]


def _entities(message: Said) -> Iterator[dict[str, Any]]:
    text = message.text
    if message.mention is not None:
        at_name = f"@{message.mention.name}"
        text = text.removeprefix(at_name)
        yield {"type": "mention_name", "text": at_name, "user_id": message.mention.telegram}
    end = 0
    for match in _MARKUP.finditer(text):
        if match.start() > end:
            yield {"type": "plain", "text": text[end : match.start()]}
        if match["pre"] is not None:
            yield {"type": "pre", "text": match["pre"].rstrip("\n"), "language": match["lang"]}
        elif match["code"] is not None:
            yield {"type": "code", "text": match["code"]}
        else:
            yield {"type": "link", "text": match["link"]}
        end = match.end()
    if end < len(text):
        yield {"type": "plain", "text": text[end:]}


def _telegram_reaction(emoji: str, who: Sequence[Person], at: datetime) -> dict[str, Any]:
    """At most three of the people who reacted are named, the newest first, as Telegram does."""
    recent = [
        {
            "from": person.name,
            "from_id": f"user{person.telegram}",
            "date": (at + timedelta(minutes=7 * (place + 1))).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        for place, person in enumerate(who)
    ]
    return {"type": "emoji", "count": len(who), "emoji": emoji.replace("\ufe0f", ""), "recent": recent[::-1][:3]}


# --- DiscordChatExporter ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Snowflakes:
    """Discord's ids: milliseconds since 2015 in the upper bits, a counter below."""

    count: int = 0

    def __call__(self, at: datetime) -> int:
        self.count += 1
        return (int((at - _DISCORD_EPOCH).total_seconds() * 1000) << 22) | (self.count & 0x3FFFFF)


def write_discord(
    folder: Path,
    said: Sequence[Said],
    threads: Sequence[Room],
    members: Sequence[Person],
    known: Mapping[str, Course],
    opened: datetime,
    now: datetime,
) -> dict[str, Path]:
    """``discord/*.json`` by room key: every channel, and every thread as a file of its own."""
    flake = _Snowflakes()
    channels = {room.key: flake(opened + timedelta(seconds=10 + n)) for n, room in enumerate(ROOMS)}
    by_room: dict[str, list[Said]] = {}
    for message in said:
        by_room.setdefault(message.room.key, []).append(message)
    channels |= {room.key: flake(by_room[room.key][0].at) for room in threads}
    ids = {id(message): flake(message.at) for message in said}
    writer = _Discord(channels, ids, {course.url: course for course in known.values()}, flake)
    written = {}
    for room in [room for room in ROOMS if room.platform == "discord"] + list(threads):
        bodies = [writer.message(message) for message in by_room.get(room.key, [])]
        if room.key == "dc-welcome":
            bodies += [writer.joined(person) for person in members if person.discord is not None]
        bodies += [writer.opened(thread, by_room[thread.key][0]) for thread in threads if thread.parent == room.key]
        bodies.sort(key=lambda body: (body["timestamp"], int(body["id"])))
        name = re.sub(r'[\\/:*?"<>|]', "_", f"{COMMUNITY} - {room.category} - {room.name} [{channels[room.key]}].json")
        written[room.key] = write_json(folder / "discord" / name, writer.file(room, bodies, now))
    return written


@dataclass(slots=True)
class _Discord:
    channels: dict[str, int]
    ids: dict[int, int]
    by_url: dict[str, Course]
    flake: _Snowflakes

    def file(self, room: Room, messages: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
        parent = self.channels[room.parent] if room.parent else 1000 + sum(map(ord, room.category))
        return {
            "guild": {"id": str(DISCORD_GUILD), "name": COMMUNITY, "iconUrl": _icon(0)},
            "channel": {
                "id": str(self.channels[room.key]),
                "type": "GuildPublicThread" if room.parent else "GuildTextChat",
                "categoryId": str(parent),
                "category": room.category,
                "name": room.name,
                "topic": room.topic or None,
            },
            "dateRange": {"after": None, "before": None},
            "exportedAt": _iso(now),
            "messages": messages,
            "messageCount": len(messages),
        }

    def message(self, said: Said) -> dict[str, Any]:
        body = self._body(self.ids[id(said)], "Reply" if said.reply_to else "Default", said.at, said.author, said.text)
        body["timestampEdited"] = _iso(said.edited) if said.edited else None
        body["isPinned"] = said.pinned
        if said.picture:
            number = str(self.flake(said.at))
            picture = {"id": number, "url": f"files/{said.picture}", "fileName": said.picture, "fileSizeBytes": 48213}
            body["attachments"] = [picture]
        links = (match["link"] for match in _MARKUP.finditer(said.text) if match["link"])
        body["embeds"] = [_embed(self.by_url[url]) for url in links if url in self.by_url]
        body["reactions"] = [
            {"emoji": _emoji(emoji), "count": len(who), "users": [_user(person, roles=False) for person in who]}
            for emoji, who in said.reactions.items()
        ]
        body["mentions"] = [_user(said.mention)] if said.mention else []
        if said.reply_to:
            channel = self.channels[said.reply_to.room.key]
            body["reference"] = _reference("Default", self.ids[id(said.reply_to)], channel)
        return body

    def joined(self, person: Person) -> dict[str, Any]:
        return self._body(self.flake(person.joined), "GuildMemberJoin", person.joined, person, "Joined the server.")

    def opened(self, thread: Room, first: Said) -> dict[str, Any]:
        """The notice in the parent channel; in a real guild the thread has the same id as this message."""
        number = self.channels[thread.key]
        body = self._body(number, "ThreadCreated", first.at, first.author, "Started a thread.")
        body["reference"] = _reference("Default", None, number)
        return body

    def _body(self, number: int, kind: str, at: datetime, author: Person, text: str) -> dict[str, Any]:
        return {
            "id": str(number),
            "type": kind,
            "timestamp": _iso(at),
            "timestampEdited": None,
            "callEndedTimestamp": None,
            "isPinned": False,
            "content": text,
            "author": _user(author),
            "attachments": [],
            "embeds": [],
            "stickers": [],
            "reactions": [],
            "mentions": [],
            "inlineEmojis": [],
        }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _icon(number: int) -> str:
    return f"https://cdn.discordapp.com/embed/avatars/{number % 6}.png"


def _user(person: Person, *, roles: bool = True) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": str(person.discord),
        "name": f"sample_{person.number:02d}",
        "discriminator": "0000",
        "nickname": person.name,
        "color": "#2ECC71" if person.moderator else None,
        "isBot": False,
    }
    if roles:
        moderator = {"id": str(DISCORD_GUILD + 1), "name": "Moderator", "color": "#2ECC71", "position": 2}
        body["roles"] = [moderator] if person.moderator else []
    return {**body, "avatarUrl": _icon(person.number)}


def _emoji(emoji: str) -> dict[str, Any]:
    points = "-".join(f"{ord(character):x}" for character in emoji if character != "\ufe0f")
    image = f"https://cdn.jsdelivr.net/gh/twitter/twemoji@latest/assets/svg/{points}.svg"
    return {"id": "", "name": emoji, "code": _CODES[emoji], "isAnimated": False, "imageUrl": image}


def _reference(kind: str, message: int | None, channel: int) -> dict[str, Any]:
    number = str(message) if message is not None else None
    return {"type": kind, "messageId": number, "channelId": str(channel), "guildId": str(DISCORD_GUILD)}


def _embed(course: Course) -> dict[str, Any]:
    empty: dict[str, Iterable[object]] = {"images": [], "fields": [], "inlineEmojis": []}
    return {"title": course.title, "url": course.url, "timestamp": None, "description": course.summary, **empty}
