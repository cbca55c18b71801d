"""What a test does on the platform as somebody: write, vote, press, search from anywhere, come and go. No HTTP."""

from __future__ import annotations

from typing import Any

from tests.telegram_server.errors import bad
from tests.telegram_server.markup import finished
from tests.telegram_server.model import IN, Asked, Chat, Json, Pressed, Sent, World, member_json

LONGEST_QUERY = 256


class Person:
    """One account. `world.person(...)` makes it."""

    def __init__(self, world: World, user: Json) -> None:
        self.world, self.user, self.id = world, user, int(user["id"])
        self.private = Chat(self.id, "private", owner=self)
        self.started = self.blocked = self.deactivated = False

    # Writing

    def sends(
        self, chat: Chat | None, text: str, *, reply_to: Sent | None = None, topic: int | None = None, **extra: Any
    ) -> Sent:
        """`chat` None: to the bot alone. `extra`: whatever else the message has, such as a document."""
        world = self.world
        with world.lock:
            chat = chat or self.private
            if chat.owner is not None:
                self.started = True
                self._unblocked()
            elif chat.role(self.id) not in IN:
                raise bad("the person is not in that chat")
            elif topic is not None and topic in chat.closed and chat.role(self.id) not in ("creator", "administrator"):
                raise bad("TOPIC_CLOSED")
            return world.post(chat, self.user, text, reply_to=reply_to, thread=topic, extra=extra)

    def sends_file(
        self, chat: Chat | None, name: str, content: bytes, *, caption: str = "", photo: bool = False
    ) -> Sent:
        """A file that the bot can fetch by getFile."""
        with self.world.lock:
            about = self.world.kept(content)
            if photo:
                return self.sends(chat, caption, photo=[about | {"width": 90, "height": 90}])
            return self.sends(
                chat, caption, document=about | {"file_name": name, "mime_type": "application/octet-stream"}
            )

    def opens(self, payload: str = "") -> Sent:
        """Follow a link ``t.me/<bot>?start=<payload>``."""
        if len(payload) > 64 or not all(char.isascii() and (char.isalnum() or char in "_-") for char in payload):
            raise bad("START_PARAM_INVALID")
        return self.sends(None, f"/start {payload}".strip())

    def edits(self, sent: Sent, text: str) -> None:
        with self.world.lock:
            sent.text, sent.entities = finished(text, [])
            sent.edit_date = int(self.world.now())
            if self.world.hears(sent):
                self.world.tell("edited_message", sent.json())

    def reacts(self, sent: Sent, *emoji: str) -> None:
        """All reactions of this person to the message from now on; none: taken back. In a channel nobody knows whose
        they are: only numbers are told."""
        world = self.world
        with world.lock:
            old = sent.reactions.get(self.id, [])
            sent.reactions[self.id] = new = [{"type": "emoji", "emoji": each} for each in emoji]
            if old == new or not (world.is_admin(sent.chat) or sent.chat.owner is not None):
                return
            if sent.chat.type == "channel" or sent.chat.anonymous:
                world.counted(sent)
                return
            change = {"chat": sent.chat.json(), "message_id": sent.id, "user": self.user, "date": int(world.now())}
            world.tell("message_reaction", change | {"old_reaction": old, "new_reaction": new})

    # Polls

    def polls(self, chat: Chat, question: str, *options: str, **more: Any) -> Sent:
        """A poll of this person's own. The bot hears of the message, never of the votes, and of its end."""
        with self.world.lock:
            poll = self.world.new_poll(question, options, by=self.id, **more)
            return self.world.post(chat, self.user, extra={"poll": poll})

    def votes(self, sent: Sent, *options: int) -> None:
        """These options, by number from 0, and no others from now on; none: taken back."""
        self.world.vote(self.user, sent, options)

    def ends_poll(self, sent: Sent) -> None:
        self.world.end_poll(sent)

    # Buttons and searches

    def presses(self, sent: Sent, code: str) -> Pressed:
        """A button by its code, or by the beginning of its label."""
        world = self.world
        with world.lock:
            found = [b for b in sent.buttons if b.get("callback_data") == code or b["text"].startswith(code)]
            if not found:
                raise LookupError(f"no button {code!r} among {[b['text'] for b in sent.buttons]}")
            pressed = Pressed(world.new_id("q"), self, world.now())
            world.pressed[pressed.id] = pressed
            query = {"id": pressed.id, "from": self.user, "message": sent.json(), "chat_instance": str(sent.chat.id)}
            world.tell("callback_query", query | {"data": found[0]["callback_data"]})
            return pressed

    def searches(self, words: str, *, offset: str = "", where: str = "supergroup") -> Asked:
        """Type ``@bot words`` somewhere. What was answered for others too is shown at once, without asking the bot."""
        world = self.world
        with world.lock:
            words = words[:LONGEST_QUERY]
            asked = Asked(world.new_id("i"), self, world.now(), words, offset)
            kept = world.remembered(self.id, words, offset)
            if kept is not None:
                asked.answer, asked.remembered = kept, True
                return asked
            if not world.inline:
                return asked  # the platform does not ask a bot that is not made for it
            world.asked[asked.id] = asked
            query = {"id": asked.id, "from": self.user, "query": words, "offset": offset, "chat_type": where}
            world.tell("inline_query", query)
            return asked

    def chooses(self, asked: Asked, number: int, chat: Chat) -> Sent:
        """One of the results, sent to a chat in this person's name, through the bot."""
        world = self.world
        with world.lock:
            if asked.answer is None:
                raise LookupError("nothing was answered")
            result = asked.answer["results"][number]
            shown = result["shown"]
            sent = world.post(
                chat,
                self.user,
                shown["text"],
                entities=shown["entities"],
                markup=result.get("reply_markup"),
                extra={"via_bot": world.bot},
            )
            if world.inline_feedback:
                world.tell("chosen_inline_result", {"result_id": result["id"], "from": self.user, "query": asked.words})
            return sent

    # Coming and going

    def joins(self, chat: Chat) -> None:
        with self.world.lock:
            if chat.role(self.id) == "kicked":
                raise bad("USER_BANNED_IN_CHANNEL")
            self.world.member_changed(chat, self.user, "member", by=self.user)
            self.world.post(chat, self.user, extra={"new_chat_members": [self.user]})

    def asks_to_join(self, chat: Chat) -> None:
        """Told to an administrator who may invite, and only when such updates were asked for."""
        world = self.world
        with world.lock:
            chat.requests.add(self.id)
            if world.is_admin(chat):
                asking = {"chat": chat.json(), "from": self.user, "user_chat_id": self.id, "date": int(world.now())}
                world.tell("chat_join_request", asking)

    def leaves(self, chat: Chat) -> None:
        with self.world.lock:
            self.world.member_changed(chat, self.user, "left", by=self.user)
            self.world.post(chat, self.user, extra={"left_chat_member": self.user})

    def removes_bot(self, chat: Chat, status: str = "kicked") -> None:
        """`status` ``left`` after ``kicked``: let back in."""
        with self.world.lock:
            self.world.member_changed(chat, self.world.bot, status, by=self.user)

    def adds_bot(self, chat: Chat, status: str = "member") -> None:
        with self.world.lock:
            self.world.member_changed(chat, self.world.bot, status, by=self.user)
            self.world.post(chat, self.user, extra={"new_chat_members": [self.world.bot]})

    def blocks_bot(self) -> None:
        with self.world.lock:
            self.blocked = True
            self._told_of_bot("member", "kicked")

    def _unblocked(self) -> None:
        if self.blocked:
            self.blocked = False
            self._told_of_bot("kicked", "member")

    def _told_of_bot(self, before: str, after: str) -> None:
        world = self.world
        change = {"chat": self.private.json(), "from": self.user, "date": int(world.now())}
        old, new = member_json(world.bot, before), member_json(world.bot, after)
        world.tell("my_chat_member", change | {"old_chat_member": old, "new_chat_member": new})

    # What is seen

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
