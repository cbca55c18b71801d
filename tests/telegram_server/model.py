"""People, chats and messages on the platform, and which of it the bot is told. Knows no HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import bad
from tests.telegram_server.markup import finished
from tests.telegram_server.rates import Rates
from tests.telegram_server.updates import Updates

if TYPE_CHECKING:
    from tests.telegram_server.people import Person

Json = dict[str, Any]
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories", "can_pin_messages", "can_manage_topics"),
)
PERMISSIONS = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    "can_edit_tag",
    "can_react_to_messages",
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
        if "poll" in self.extra:
            made["poll"] = self.extra["poll"].json()
        if self.chat.type == "channel":
            del made["from"]
            made["sender_chat"] = self.chat.json()
        if self.text:
            made["caption" if self.has_file else "text"] = self.text
            if self.entities:
                made["caption_entities" if self.has_file else "entities"] = self.entities
        optional = {"sender_chat": self.sender_chat, "edit_date": self.edit_date, "reply_markup": self.markup}
        made |= {key: value for key, value in optional.items() if value is not None}
        if self.thread is not None:
            made |= {"message_thread_id": self.thread, "is_topic_message": True}
        if not nested:
            answered = self.reply_to or (self.chat.find(self.thread) if self.thread is not None else None)
            if answered is not None and answered is not self:
                made["reply_to_message"] = answered.json(nested=True)
        return made

    @property
    def has_file(self) -> bool:
        return any(kind in self.extra for kind in ("photo", "document", "video", "audio", "animation"))

    @property
    def buttons(self) -> list[Json]:
        return [button for row in (self.markup or {}).get("inline_keyboard", []) for button in row]


@dataclass(eq=False)
class Chat:
    """`anonymous`: reactions are told by number only."""

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
    makers: dict[int, int] = field(default_factory=dict)
    """Of topics: the user who made each."""
    closed: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    """Topics that were deleted."""
    pinned: list[int] = field(default_factory=list)
    requests: set[int] = field(default_factory=set)
    rights: dict[str, bool] = field(default_factory=dict)
    """The bot's own as an administrator; what is not named it has."""
    migrated_to: int | None = None
    deactivated: bool = False
    anonymous: bool = False
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def is_group(self) -> bool:
        return self.type in ("group", "supergroup")

    def find(self, message_id: int | None) -> Sent | None:
        return next((m for m in reversed(self.messages) if m.id == message_id), None)

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


@dataclass
class Asked:
    """One inline query. `answer`: what was given to answerInlineQuery, each result with what it would post as `shown`.
    `remembered`: the platform had it already and did not ask."""

    id: str
    by: Person
    at: float
    words: str
    offset: str = ""
    answer: Json | None = None
    remembered: bool = False


@dataclass(eq=False)
class PollState:
    """One poll and who voted for what. `by`: whose it is; of others' polls a bot is told no votes."""

    id: str
    question: str
    options: list[str]
    by: int
    anonymous: bool = True
    several: bool = False
    closed: bool = False
    votes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    voters: dict[int, Json] = field(default_factory=dict)

    def json(self) -> Json:
        tally = [sum(number in chosen for chosen in self.votes.values()) for number in range(len(self.options))]
        options = [
            {"persistent_id": str(number), "text": text, "voter_count": votes}
            for number, (text, votes) in enumerate(zip(self.options, tally, strict=True))
        ]
        return {
            "id": self.id,
            "question": self.question,
            "options": options,
            "total_voter_count": len(self.votes),
            "is_closed": self.closed,
            "is_anonymous": self.anonymous,
            "type": "regular",
            "allows_multiple_answers": self.several,
            "allows_revoting": True,
            "members_only": False,
        }


class World:
    """The whole platform around one bot. Every method may be called from any thread.

    `inline`: the bot takes queries from anywhere (``/setinline``); `inline_feedback`: it is told what was chosen.
    """

    def __init__(
        self, now: Callable[[], float], rates: Rates, *, username: str = "studyhall_bot", privacy: bool = True
    ) -> None:
        self.now, self.rates, self.privacy = now, rates, privacy
        self.inline, self.inline_feedback = True, False
        self.lock = threading.RLock()
        self.bot: Json = {"id": 7_000_001, "is_bot": True, "first_name": "Studyhall", "username": username}
        self.updates = Updates()
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.pressed: dict[str, Pressed] = {}
        self.asked: dict[str, Asked] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.files: dict[str, bytes] = {}
        self.paths: set[str] = set()
        """Of files that getFile was asked for: only they can be fetched."""
        self.actions: list[tuple[int, str]] = []
        self.wake: Callable[[], None] = lambda: None
        self._kept_answers: dict[tuple[int | None, str, str], tuple[float, Json]] = {}
        self._ids = count(1)

    # Making things

    def new_id(self, letter: str) -> str:
        return f"{letter}{next(self._ids)}"

    def person(self, name: str, *, language: str = "en", username: str = "") -> Person:
        from tests.telegram_server.people import Person

        with self.lock:
            user = {"id": 5_000_000 + next(self._ids), "is_bot": False, "first_name": name}
            user |= ({"language_code": language} if language else {}) | ({"username": username} if username else {})
            person = Person(self, user)
            self.people[person.id] = person
            self.chats[person.id] = person.private
            return person

    def group(
        self,
        title: str,
        *,
        supergroup: bool = True,
        username: str = "",
        forum: bool = False,
        bot: str = "member",
        channel: bool = False,
    ) -> Chat:
        """With the bot in it, as `bot` says: ``member``, ``administrator``, ``restricted``, ``left`` or ``kicked``."""
        with self.lock:
            number = next(self._ids)
            native = -1_001_000_000_000 - number if supergroup or channel else -1000 - number
            kind = "channel" if channel else "supergroup" if supergroup else "group"
            chat = Chat(native, kind, title, username, forum)
            self.chats[native] = chat
            chat.members[self.bot["id"]] = bot
            return chat

    def promote(self, chat: Chat, who: Person | None = None, status: str = "administrator") -> None:
        """`who` None: the bot itself."""
        with self.lock:
            user = who.user if who else self.bot
            self.member_changed(chat, user, status, by=user)

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
            chat.topics[sent.id], chat.makers[sent.id] = name, sent.by["id"]
            return sent.id

    def close_topic(self, chat: Chat, thread: int, by: Json | None = None, *, again: bool = False) -> None:
        """`again`: opened again."""
        with self.lock:
            (chat.closed.discard if again else chat.closed.add)(thread)
            self.post(
                chat, by or self.bot, thread=thread, extra={f"forum_topic_{'reopened' if again else 'closed'}": {}}
            )

    def drop_topic(self, chat: Chat, thread: int) -> None:
        """With all that was said in it; nobody is told."""
        with self.lock:
            chat.topics.pop(thread, None)
            chat.closed.discard(thread)
            chat.gone.add(thread)
            chat.messages = [m for m in chat.messages if m.thread != thread]

    def kept(self, content: bytes) -> Json:
        """A file of the platform; what every message says of one."""
        file_id = f"file{len(self.files) + 1}"
        self.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)}

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
        said = sent.text or sent.has_file or "poll" in sent.extra
        if chat.role(me) == "administrator" or not self.privacy or not said:
            return True
        if sent.extra.get("via_bot", {}).get("id") == me:
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

    def member_changed(self, chat: Chat, user: Json, status: str, *, by: Json) -> None:
        """The bot is told of itself always, of others as an administrator and when it asked for such updates."""
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

    def counted(self, sent: Sent) -> None:
        """Reactions told by their numbers."""
        tally: dict[str, int] = {}
        for each in (reaction["emoji"] for many in sent.reactions.values() for reaction in many):
            tally[each] = tally.get(each, 0) + 1
        counts = [{"type": {"type": "emoji", "emoji": e}, "total_count": n} for e, n in sorted(tally.items())]
        change = {"chat": sent.chat.json(), "message_id": sent.id, "date": int(self.now()), "reactions": counts}
        self.tell("message_reaction_count", change)

    # Polls

    def new_poll(
        self, question: str, options: Sequence[str], *, by: int, anonymous: bool = True, several: bool = False
    ) -> PollState:
        if not 1 <= len(question) <= 300:
            raise bad("poll question length must not exceed 300" if question else "poll question must be non-empty")
        if len(options) < 2:
            raise bad("poll must have at least 2 option")
        if len(options) > 12:
            raise bad("poll can't have more than 12 options")
        for each in options:
            if not 1 <= len(each) <= 100:
                raise bad("poll options length must not exceed 100" if each else "poll option must be non-empty")
        return PollState(self.new_id("9"), question, list(options), by, anonymous, several)

    def vote(self, user: Json, sent: Sent, options: Sequence[int]) -> None:
        with self.lock:
            poll: PollState = sent.extra["poll"]
            if poll.closed:
                raise bad("poll has already been closed")
            if len(options) > 1 and not poll.several:
                raise bad("OPTIONS_TOO_MUCH")
            poll.votes[user["id"]] = tuple(options)
            if not options:
                del poll.votes[user["id"]]
            if poll.by != self.bot["id"]:
                return
            self.tell("poll", poll.json())
            if not poll.anonymous:
                ids = list(options)
                persistent = [str(number) for number in ids]
                answer = {"poll_id": poll.id, "user": user, "option_ids": ids, "option_persistent_ids": persistent}
                self.tell("poll_answer", answer)

    def end_poll(self, sent: Sent) -> None:
        """The bot is told of every poll that ends where it is."""
        with self.lock:
            poll: PollState = sent.extra["poll"]
            poll.closed = True
            if poll.by == self.bot["id"] or self.hears(sent):
                self.tell("poll", poll.json())

    # Answers that the platform remembers

    def remember(self, asked: Asked, answer: Json) -> None:
        asked.answer = answer
        whose = asked.by.id if answer["is_personal"] else None
        if answer["cache_time"] > 0:
            until = self.now() + answer["cache_time"]
            self._kept_answers[whose, asked.words, asked.offset] = until, answer

    def remembered(self, person: int, words: str, offset: str) -> Json | None:
        for whose in (person, None):
            kept = self._kept_answers.get((whose, words, offset))
            if kept is not None and kept[0] > self.now():
                return kept[1]
        return None


def member_json(user: Json, status: str) -> Json:
    made: Json = {"user": user, "status": status}
    if status == "restricted":
        made |= {"is_member": True, "until_date": 0} | dict.fromkeys(PERMISSIONS, False)
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
