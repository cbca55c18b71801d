"""A world on several platforms: ``mei@discord`` is an account there, in a room of its own with the bot."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incoming import CommandInvoked, Place, RoomKind, Sender
from bot.domain.outgoing import Outgoing
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from tests.bot.reading import words_of
from tests.bot.world import FAKE, Sent, World


def account(who: str) -> AccountRef:
    name, _, platform = who.partition("@")
    return AccountRef(platform or FAKE, name)


class Platforms(World):
    platforms = (FAKE, "web", "telegram", "discord")

    def sender(self, who: str, *, bot: bool = False, language: str | None = None) -> Sender:
        return Sender(account(who), account(who).native_id.title(), bot, language)

    def place(self, room: str, *, private: bool = False) -> Place:
        """``hall@discord``."""
        name, _, platform = room.partition("@")
        return Place(RoomRef(platform or FAKE, name), name, private=private)

    def home(self, who: str) -> Place:
        ref = account(who)
        return Place(RoomRef(ref.platform, f"dm-of-{ref.native_id}"), ref.native_id, RoomKind.DIRECT, private=True)

    def command(self, who: str, name: str, words: str = "") -> CommandInvoked:
        return CommandInvoked(self.home(who), self.sender(who), name, words, self.clock.now())

    def in_room(self, who: str, room: str, name: str, words: str = "", *, read: bool) -> list[Sent]:
        """A command in a room with others, who have read it or not."""
        place = self.home(who) if room == "home" else self.place(room)
        ref = MessageRef(place.room, f"said-{len(self.updates)}") if read else None
        return self.happens(CommandInvoked(place, self.sender(who), name, words, self.clock.now(), ref))

    def code(self, who: str) -> str:
        """A code of theirs."""
        (answer,) = self.commands(who, "link")
        return code_in(answer.message)

    def link(self, first: str, second: str) -> None:
        """From the code to one person."""
        asked = self.commands(second, "link", self.code(first))
        self.presses(first, to(asked, first), "yes")
        self.presses(second, to(asked, second), "yes")

    def unlink(self, who: str, number: int = 0) -> list[Sent]:
        shown = self.asks(who, "unlink")
        code = shown.message.buttons[number][0].code
        (confirm,) = self.happens(self.pressing(who, code, shown.ref))
        return self.presses(who, confirm, "part-yes")


def to(sent: Sequence[Sent], who: str) -> Sent:
    """The one message that went to that account's own room."""
    found = [one for one in sent if one.sending.room.platform == account(who).platform]
    assert len(found) == 1, [words_of(one.message) for one in sent]
    return found[0]


def code_in(message: Outgoing) -> str:
    (code,) = (part.text for block in message.blocks if block.type == "paragraph" for part in block.inlines
               if part.type == "code")  # fmt: skip
    return code
