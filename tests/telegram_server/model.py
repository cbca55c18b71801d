"""People, chats and messages on the platform, and what people do in them. Knows no HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.telegram_server.errors import bad
from tests.telegram_server.markup import finished
from tests.telegram_server.rates import Rates
from tests.telegram_server.updates import Updates

Json = dict[str, Any]
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories"),
)
IN = ("creator", "administrator", "member", "restricted")


@dataclass(eq=False)
class Sent:
    """One message. `reactions`: by user id."""

    id: int
    chat: Chat
    by: Json
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    thread: int | None = None
    reply_to: Sent | None = None
    markup: Json | None = None
    extra: Json = field(default_factory=dict)
    """Everything else that the message has: media, service fields, where it was forwarded from."""
    edit_date: int | None = None
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    sender_chat: Json | None = None

    def json(self, *, nested: bool = False) -> Json:
        made: Json = {"message_id": self.id, "date": self.date, "chat": self.chat.json(), "from": self.by, **self.extra}
        caption = any(kind in self.extra for kind in ("photo", "document"))
        if self.text:
            made["caption" if caption else "text"] = self.text
            if self.entities:
                made["caption_entities" if caption else "entities"] = self.entities
        optional = {"sender_chat": self.sender_chat, "edit_date": self.edit_date, "reply_markup": self.markup}
        made |= {key: value for key, value in optional.items() if value is not None}
        if self.thread is not None:
            made |= {"message_thread_id": self.thread, "is_topic_message": True}
        if not nested:
            answered = self.reply_to or (self.chat.find(self.thread) if self.thread is not None else None)
            if answered is not None:
                made["reply_to_message"] = answered.json(nested=True)
        return made

    @property
    def buttons(self) -> list[Json]:
        return [button for row in (self.markup or {}).get("inline_keyboard", []) for button in row]


@dataclass(eq=False)
class Chat:
    id: int
    type: str
    title: str = ""
    username: str = ""
    forum: bool = False
    owner: Person | None = None
    """Of a private chat."""
    members: dict[int, str] = field(default_factory=dict)
    messages: list[Sent] = field(default_factory=list)
    topics: dict[int, str] = field(default_factory=dict)
    migrated_to: int | None = None
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def is_group(self) -> bool:
        return self.type in ("group", "supergroup")

    def find(self, message_id: int | None) -> Sent | None:
        return next((m for m in self.messages if m.id == message_id), None)

    def json(self) -> Json:
        if self.owner is not None:
            made = {k: v for k, v in self.owner.user.items() if k in ("id", "first_name", "last_name", "username")}
            return {**made, "type": "private"}
        made = {"id": self.id, "type": self.type, "title": self.title}
        if self.username:
            made["username"] = self.username
        return made | ({"is_forum": True} if self.forum else {})

    def role(self, user_id: int) -> str:
        return self.members.get(user_id, "left")


@dataclass
class Pressed:
    """One press of a button, and the answer to it."""

    id: str
    by: Person
    at: float
    answer: Json | None = None


class World:
    """The whole platform around one bot. Every method may be called from any thread."""

    def __init__(
        self, now: Callable[[], float], rates: Rates, *, username: str = "studyhall_bot", privacy: bool = True
    ) -> None:
        self.now, self.rates, self.privacy = now, rates, privacy
        self.lock = threading.RLock()
        self.bot: Json = {"id": 7_000_001, "is_bot": True, "first_name": "Studyhall", "username": username}
        self.updates = Updates()
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.pressed: dict[str, Pressed] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.files: dict[str, bytes] = {}
        self.actions: list[tuple[int, str]] = []
        self.wake: Callable[[], None] = lambda: None
        self._ids = count(1)

    # Making things

    def person(self, name: str, *, language: str = "en", username: str = "") -> Person:
        with self.lock:
            user = {"id": 5_000_000 + next(self._ids), "is_bot": False, "first_name": name, "language_code": language}
            person = Person(self, user | ({"username": username} if username else {}))
            self.people[person.id] = person
            self.chats[person.id] = person.private
            return person

    def group(
        self, title: str, *, supergroup: bool = True, username: str = "", forum: bool = False, bot: str = "member"
    ) -> Chat:
        """With the bot in it, as `bot` says: ``member``, ``administrator`` or ``left``."""
        with self.lock:
            number = next(self._ids)
            native = -1_001_000_000_000 - number if supergroup else -1000 - number
            chat = Chat(native, "supergroup" if supergroup else "group", title, username, forum)
            self.chats[native] = chat
            chat.members[self.bot["id"]] = bot
            return chat

    def promote(self, chat: Chat, who: Person | None = None, status: str = "administrator") -> None:
        """`who` None: the bot itself."""
        with self.lock:
            user = who.user if who else self.bot
            self._member_changed(chat, user, status, by=user)

    def migrate(self, chat: Chat) -> Chat:
        """The group becomes a supergroup: a new address, messages counted anew."""
        with self.lock:
            new = self.group(chat.title, username=chat.username)
            new.members = dict(chat.members)
            anyone = next((p.user for p in self.people.values() if p.id in chat.members), self.bot)
            self.post(chat, anyone, extra={"migrate_to_chat_id": new.id})
            chat.migrated_to = new.id
            self.post(new, anyone, extra={"migrate_from_chat_id": chat.id})
            return new

    def topic(self, chat: Chat, name: str, by: Json | None = None) -> int:
        with self.lock:
            sent = self.post(chat, by or self.bot, extra={"forum_topic_created": {"name": name, "icon_color": 7322096}})
            sent.thread = sent.id
            chat.topics[sent.id] = name
            return sent.id

    # What happens

    def post(self, chat: Chat, by: Json, text: str = "", **more: Any) -> Sent:
        """A message appears; the bot hears of it where Telegram would tell it."""
        text, entities = finished(text, more.pop("entities", []))
        sent = Sent(next(chat.numbers), chat, by, int(self.now()), text, entities, **more)
        chat.messages.append(sent)
        if by["id"] != self.bot["id"] and self.hears(sent):
            self.tell("channel_post" if chat.type == "channel" else "message", sent.json())
        return sent

    def hears(self, sent: Sent) -> bool:
        """Privacy mode: in groups only commands, mentions, answers to the bot and service messages, unless an admin."""
        chat, me = sent.chat, self.bot["id"]
        if chat.owner is not None:
            return True
        if chat.role(me) not in IN:
            return False
        if chat.role(me) == "administrator" or not self.privacy or (not sent.text and "document" not in sent.extra):
            return True
        if sent.reply_to is not None and sent.reply_to.by["id"] == me:
            return True
        name = self.bot["username"].lower()
        for entity in sent.entities:
            piece = _slice(sent.text, entity)
            if entity["type"] == "bot_command" and ("@" not in piece or piece.lower().endswith(f"@{name}")):
                return True
            if entity["type"] == "mention" and piece.lower() == f"@{name}":
                return True
        return False

    def tell(self, kind: str, content: Json) -> None:
        if self.updates.add(kind, content) is not None:
            self.wake()

    def is_admin(self, chat: Chat) -> bool:
        return chat.role(self.bot["id"]) in ("administrator", "creator")

    def _member_changed(self, chat: Chat, user: Json, status: str, *, by: Json) -> None:
        old = chat.role(user["id"])
        chat.members[user["id"]] = status
        change = {
            "chat": chat.json(),
            "from": by,
            "date": int(self.now()),
            "old_chat_member": member_json(user, old),
            "new_chat_member": member_json(user, status),
        }
        if user["id"] == self.bot["id"]:
            self.tell("my_chat_member", change)
        elif self.is_admin(chat):
            self.tell("chat_member", change)


class Person:
    """What a test does on the platform as somebody."""

    def __init__(self, world: World, user: Json) -> None:
        self.world, self.user, self.id = world, user, int(user["id"])
        self.private = Chat(self.id, "private", owner=self)
        self.started = self.blocked = self.deactivated = False

    def sends(
        self, chat: Chat | None, text: str, *, reply_to: Sent | None = None, topic: int | None = None, **extra: Any
    ) -> Sent:
        """`chat` None: to the bot alone."""
        world = self.world
        with world.lock:
            chat = chat or self.private
            if chat.owner is not None:
                self.started, self.blocked = True, False
            elif chat.role(self.id) not in IN:
                raise bad("the person is not in that chat")
            return world.post(chat, self.user, text, reply_to=reply_to, thread=topic, extra=extra)

    def edits(self, sent: Sent, text: str) -> None:
        with self.world.lock:
            sent.text, sent.entities = finished(text, [])
            sent.edit_date = int(self.world.now())
            if self.world.hears(sent):
                self.world.tell("edited_message", sent.json())

    def reacts(self, sent: Sent, *emoji: str) -> None:
        """All reactions of this person to the message from now on; none: taken back."""
        world = self.world
        with world.lock:
            old = sent.reactions.get(self.id, [])
            sent.reactions[self.id] = new = [{"type": "emoji", "emoji": each} for each in emoji]
            if old == new or not (world.is_admin(sent.chat) or sent.chat.owner is not None):
                return
            change = {"chat": sent.chat.json(), "message_id": sent.id, "user": self.user, "date": int(world.now())}
            world.tell("message_reaction", change | {"old_reaction": old, "new_reaction": new})

    def presses(self, sent: Sent, code: str) -> Pressed:
        """A button by its code, or by the beginning of its label."""
        world = self.world
        with world.lock:
            found = [b for b in sent.buttons if b.get("callback_data") == code or b["text"].startswith(code)]
            if not found:
                raise LookupError(f"no button {code!r} among {[b['text'] for b in sent.buttons]}")
            pressed = Pressed(f"q{next(world._ids)}", self, world.now())
            world.pressed[pressed.id] = pressed
            query = {"id": pressed.id, "from": self.user, "message": sent.json(), "chat_instance": str(sent.chat.id)}
            world.tell("callback_query", query | {"data": found[0]["callback_data"]})
            return pressed

    def joins(self, chat: Chat) -> None:
        with self.world.lock:
            self.world._member_changed(chat, self.user, "member", by=self.user)
            self.world.post(chat, self.user, extra={"new_chat_members": [self.user]})

    def leaves(self, chat: Chat) -> None:
        with self.world.lock:
            self.world._member_changed(chat, self.user, "left", by=self.user)
            self.world.post(chat, self.user, extra={"left_chat_member": self.user})

    def blocks_bot(self) -> None:
        with self.world.lock:
            self.blocked = True
            change = {"chat": self.private.json(), "from": self.user, "date": int(self.world.now())}
            old, new = member_json(self.world.bot, "member"), member_json(self.world.bot, "kicked")
            self.world.tell("my_chat_member", change | {"old_chat_member": old, "new_chat_member": new})

    @property
    def notices(self) -> list[str]:
        """Words shown to this person in passing, as answers to presses."""
        with self.world.lock:
            answers = [p.answer for p in self.world.pressed.values() if p.by is self and p.answer is not None]
            return [answer["text"] for answer in answers if answer.get("text")]

    @property
    def inbox(self) -> list[Sent]:
        """What the bot wrote to this person alone, oldest first."""
        with self.world.lock:
            return [m for m in self.private.messages if m.by["id"] == self.world.bot["id"]]


def member_json(user: Json, status: str) -> Json:
    made: Json = {"user": user, "status": status}
    if status == "restricted":
        made |= {"is_member": True}
    if status == "kicked":
        made |= {"until_date": 0}
    if status == "creator":
        made |= {"is_anonymous": False}
    if status == "administrator":
        made |= dict.fromkeys(RIGHTS, False)
    return made


def _slice(text: str, entity: Json) -> str:
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le", "replace")
