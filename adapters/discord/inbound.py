"""Raw update of Discord -> `Incoming`, purely. Knows the update shapes and what addressing the bot looks like."""

from __future__ import annotations

import re
from typing import Final, assert_never

from adapters.discord import updates
from adapters.discord.capabilities import PLATFORM
from bot.domain.admission import NativeRole
from bot.domain.incoming import (
    Attachment,
    ButtonPressed,
    CommandInvoked,
    FormSubmitted,
    Incoming,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Poll,
    ReactionChanged,
    ReactionsCleared,
    RolesListed,
    RoomChanged,
    RoomKind,
    StandingChanged,
    VotesCounted,
)
from bot.domain.refs import AccountRef, MessageRef
from bot.domain.text import clean, clean_line

# In the room of their own people write commands as they know them from elsewhere; the full-width slash is what a
# Chinese keyboard types.
_COMMAND: Final = re.compile(r"[/／]([^\W\d_]\w{0,31})(?:\s+(.*))?\Z", re.DOTALL)
_MAX_FILES: Final = 50


def parse(raw: str) -> Incoming | None:
    """One update. None: nothing to do; ValueError: park it with the reason."""
    return to_incoming(updates.loads(raw))


def to_incoming(update: updates.Update) -> Incoming | None:
    match update:
        case updates.Roles():
            roles = tuple(NativeRole(PLATFORM, update.server, one.id, clean_line(one.name)) for one in update.roles)
            return RolesListed(PLATFORM, update.server, roles, update.at)
        case updates.Standing():
            return StandingChanged(AccountRef(PLATFORM, update.account), update.standing.standing(), update.at)
        case _:
            return _in_a_room(update)


def _in_a_room(update: updates.InRoom) -> Incoming | None:
    place = update.room.place()
    match update:
        case updates.Post():
            return _posted(update)
        case updates.Edit():
            ref = MessageRef(place.room, update.message)
            return MessageEdited(ref, clean(update.text), update.at, update.by.sender() if update.by else None)
        case updates.Delete():
            return MessageDeleted(MessageRef(place.room, update.message), update.at)
        case updates.React():
            ref, emoji = MessageRef(place.room, update.message), clean_line(update.emoji, limit=64)
            return ReactionChanged(ref, update.by.sender(), emoji, update.present, update.at) if emoji else None
        case updates.Clear():
            which = None if update.emoji is None else clean_line(update.emoji, limit=64)
            return None if which == "" else ReactionsCleared(MessageRef(place.room, update.message), update.at, which)
        case updates.Votes():
            return VotesCounted(MessageRef(place.room, update.message), update.votes, update.at)
        case updates.Command() | updates.Press() | updates.Submit():
            return _asked(update)
        case updates.Join():
            return MemberJoined(place, update.by.sender(), update.at)
        case updates.Leave():
            return MemberLeft(place, update.by.sender(), update.at)
        case updates.Room():
            return RoomChanged(place, update.at, update.gone)
        case _:
            assert_never(update)


def _asked(update: updates.Command | updates.Press | updates.Submit) -> Incoming:
    """What somebody waits for an answer to."""
    place, sender = update.room.place(), update.by.sender()
    ref = MessageRef(place.room, update.message) if update.message else None
    match update:
        case updates.Command():
            about = update.about.ref if update.about else None
            return CommandInvoked(place, sender, update.name, clean(update.words), update.at, ref, about)
        case updates.Press():
            return ButtonPressed(place, sender, update.code, update.at, ref, update.values)
        case updates.Submit():
            return FormSubmitted(place, sender, update.code, update.values, update.at, ref)
        case _:
            assert_never(update)


def _posted(update: updates.Post) -> Incoming | None:
    place, sender, text = update.room.place(), update.by.sender(), clean(update.text)
    ref = MessageRef(place.room, update.message)
    if place.kind is RoomKind.DIRECT and (command := _COMMAND.match(text)) is not None:
        about = MessageRef(place.room, update.reply_to) if update.reply_to else None
        return CommandInvoked(place, sender, command[1].lower(), (command[2] or "").strip(), update.at, ref, about)
    files = tuple(
        Attachment(clean_line(one.name, limit=200) or "file", clean_line(one.media, limit=60))
        for one in update.files[:_MAX_FILES]
    )
    asked = update.poll
    poll = None
    if asked is not None:
        votes = tuple((clean_line(option), max(count, 0)) for option, count in asked.options)
        poll = Poll(clean_line(asked.question), votes)
    if not text and not files and poll is None and not update.service:
        return None  # without the right to read messages there is nothing in them
    return MessagePosted(
        ref,
        place,
        sender,
        text,
        update.at,
        reply_to=update.reply_to,
        edited_at=update.edited_at,
        service=update.service,
        opens_thread=update.opens,
        attachments=files,
        poll=poll,
    )
