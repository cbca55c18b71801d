"""Raw update of the web community -> `Incoming`, purely. Knows the update shapes and the slash grammar."""

from __future__ import annotations

import re
from typing import Final, assert_never

from adapters.web import updates
from bot.domain.incoming import (
    ButtonPressed,
    CommandInvoked,
    FormSubmitted,
    Incoming,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionChanged,
)
from bot.domain.refs import MessageRef
from bot.domain.text import clean

# The full-width slash is what a Chinese keyboard types, and names may be Chinese words. A path such as /usr/bin is no
# command: the name ends at white space or at the end. "/learn@studyhall" addresses us as people know it from elsewhere.
_COMMAND: Final = re.compile(r"[/／]([^\W\d_]\w{0,31})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?\Z", re.DOTALL)
_OURS: Final = "studyhall"


def command(text: str) -> tuple[str, str] | None:
    """(name, words) of ``/name words``; None when `text` is no command, or one for another bot."""
    match = _COMMAND.match(text.strip())
    if match is None or (match[2] and match[2].lower() != _OURS):
        return None
    return match[1].lower(), (match[3] or "").strip()


def parse(raw: str) -> Incoming | None:
    """One update. None: nothing to do; ValueError: park it with the reason."""
    update = updates.loads(raw)
    place, sender = update.room.place(), update.by.sender()
    match update:
        case updates.Post():
            ref = MessageRef(place.room, update.message)
            return MessagePosted(ref, place, sender, _text(update.text), update.at, reply_to=update.reply_to)
        case updates.Edit():
            return MessageEdited(MessageRef(place.room, update.message), _text(update.text), update.at, sender)
        case updates.Delete():
            return MessageDeleted(MessageRef(place.room, update.message), update.at)
        case updates.React():
            ref = MessageRef(place.room, update.message)
            return ReactionChanged(ref, sender, update.emoji, update.present, update.at)
        case updates.Command():
            parts = command(clean(update.text))
            if parts is None:
                raise ValueError("web update: text: no command")
            carrier = MessageRef(place.room, update.message) if update.message else None
            about = MessageRef(place.room, update.reply_to) if update.reply_to else None
            return CommandInvoked(place, sender, parts[0], parts[1], update.at, carrier, about)
        case updates.Press():
            on = MessageRef(place.room, update.message) if update.message else None
            return ButtonPressed(place, sender, update.code, update.at, on)
        case updates.Submit():
            on = MessageRef(place.room, update.message) if update.message else None
            return FormSubmitted(place, sender, update.code, update.values, update.at, on)
        case updates.Join():
            return MemberJoined(place, sender, update.at)
        case _:
            assert_never(update)


def _text(text: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        raise ValueError("web update: text: empty")
    return cleaned
