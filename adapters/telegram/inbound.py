"""Raw update of the Bot API -> what happened, purely. Knows the update kinds and the slash grammar; needs no SDK.

One update may say several things (two reactions changed, three people were added) or nothing that concerns us. What
cannot be read raises ValueError, so that it is parked with its reason and stops nothing after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters.files.loose import as_count, as_id, as_list, as_object, as_text
from adapters.telegram import envelope
from adapters.telegram.capabilities import PLATFORM
from adapters.telegram.envelope import Envelope
from adapters.telegram.message import (
    Raw,
    answered,
    attachments,
    chat_of,
    emoji_of,
    moment,
    needed,
    person_of,
    place_of,
    poll_of,
    ref_of,
    sender_of,
    text_of,
)
from bot.domain.incoming import (
    Blocked,
    ButtonPressed,
    CommandInvoked,
    Incoming,
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessagePosted,
    Place,
    ReactionChanged,
    RoomChanged,
    RoomKind,
    RoomMoved,
    StandingChanged,
    VotesCounted,
)
from bot.domain.permissions import PlatformRole, Role
from bot.domain.refs import MessageRef, PollRef, RoomRef

# The full-width slash is what a Chinese keyboard types, and names may be Chinese words, which Telegram itself does not
# mark as commands. A path such as /usr/bin is no command: the name ends at "@", at white space or at the end.
_COMMAND: Final = re.compile(r"[/／]([^\W\d_]\w{0,31})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?\Z", re.DOTALL)
_SERVICE: Final = (
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "message_auto_delete_timer_changed",
    "pinned_message",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "boost_added",
    "new_chat_members",
    "left_chat_member",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
)
_CONTENT: Final = ("text", "caption", "poll")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading depends on. `open_chats`: ids of groups without a public address whose content every member of the
    community may read. `known`: commands that are ours in a group without being addressed to us."""

    open_chats: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()


def parse(raw: str, reading: Reading) -> tuple[Incoming, ...]:
    """What an inbox row says. Raises ValueError with what is wrong, never with what was said."""
    return to_incoming(envelope.loads(raw), reading)


def to_incoming(kept: Envelope, reading: Reading) -> tuple[Incoming, ...]:
    """In the order in which it happened; empty: nothing that concerns us."""
    update = kept.update
    for key in ("message", "channel_post"):
        if key in update:
            return tuple(_message(as_object(update[key]), kept, reading))
    for key in ("edited_message", "edited_channel_post"):
        if key in update:
            return tuple(_edited(as_object(update[key]), reading))
    if "callback_query" in update:
        return tuple(_pressed(as_object(update["callback_query"]), kept, reading))
    if "message_reaction" in update:
        return tuple(_reacted(as_object(update["message_reaction"]), reading))
    if "message_reaction_count" in update:
        return tuple(_counted(as_object(update["message_reaction_count"]), reading))
    if "poll" in update:
        return tuple(_voted(as_object(update["poll"]), kept))
    if "my_chat_member" in update:
        return tuple(_ourselves(as_object(update["my_chat_member"]), reading))
    if "chat_member" in update:
        return tuple(_membership(as_object(update["chat_member"]), kept, reading))
    return ()


def _message(raw: Raw, kept: Envelope, reading: Reading) -> Iterator[Incoming]:
    place, at = place_of(raw, reading.open_chats), moment(raw.get("date"))
    for key in ("migrate_to_chat_id", "migrate_from_chat_id"):
        if key in raw:
            here, other = place.room, RoomRef(PLATFORM, needed(raw[key], key))
            yield RoomMoved(here, other, at) if key == "migrate_to_chat_id" else RoomMoved(other, here, at)
            return
    yield from _arrivals(raw, place, at, kept)
    if any(key in raw for key in _SERVICE):
        return
    sender, ref, text = sender_of(raw), ref_of(raw, place), text_of(raw)
    if place.kind is RoomKind.DIRECT or "sender_chat" not in raw:
        sender = replace(sender, standings=standings_of(kept))
    files, poll = tuple(attachments(raw)), poll_of(raw)
    if not text and not files and poll is None:
        return
    if "text" in raw and _may_command(raw):
        found = command(text)
        if found is not None:
            name, words, bot = found
            if _for_us(name, bot, place, kept, reading):
                to = answered(raw)
                about = MessageRef(place.room, to) if to is not None else None
                carrier = ref if place.kind is RoomKind.DIRECT else None
                yield CommandInvoked(place, sender, name, words, at, carrier, about)
            return
    yield MessagePosted(ref, place, sender, text, at, reply_to=answered(raw), attachments=files, poll=poll)


def standings_of(kept: Envelope) -> tuple[PlatformRole, ...]:
    """What whoever an update is from was in our groups when it came. Who owns a group administers it."""
    return tuple(
        PlatformRole(chat, Role.MODERATOR if status in _ADMINISTERS else Role.MEMBER) for chat, status in kept.standings
    )


_ADMINISTERS: Final = frozenset({"creator", "administrator"})


def command(text: str) -> tuple[str, str, str] | None:
    """(name, words, addressed bot) of ``/name@bot words``; None when `text` is no command."""
    match = _COMMAND.match(text.strip())
    return None if match is None else (match[1].lower(), (match[3] or "").strip(), (match[2] or "").lower())


def _may_command(raw: Raw) -> bool:
    """Only what a person wrote here and now, in their own name: nothing passed on, nothing in the name of a chat."""
    passed_on = any(key in raw for key in ("forward_origin", "forward_date", "via_bot", "sender_chat"))
    person = person_of(raw.get("from"))
    return not passed_on and person is not None and not person.bot


def _for_us(name: str, bot: str, place: Place, kept: Envelope, reading: Reading) -> bool:
    if bot:
        return bot == kept.me.username.lower()
    return place.kind is RoomKind.DIRECT or not reading.known or name in reading.known


def _edited(raw: Raw, reading: Reading) -> Iterator[Incoming]:
    place = place_of(raw, reading.open_chats)
    if not any(key in raw for key in _CONTENT):
        return  # a live location moves, a game is scored: no text has changed
    at = moment(raw.get("edit_date", raw.get("date")))
    yield MessageEdited(ref_of(raw, place), text_of(raw), at, sender_of(raw))


def _pressed(raw: Raw, kept: Envelope, reading: Reading) -> Iterator[Incoming]:
    sender, carrier, code = person_of(raw.get("from")), as_object(raw.get("message")), as_text(raw.get("data"))
    if sender is None:
        raise ValueError("telegram update: from: no id")
    if not carrier or not code:
        return  # a game, or a button on a message that was sent in somebody's name
    place = place_of(carrier, reading.open_chats)
    sender = replace(sender, standings=standings_of(kept))
    yield ButtonPressed(place, sender, code, kept.at, ref_of(carrier, place))


def _reacted(raw: Raw, reading: Reading) -> Iterator[Incoming]:
    place, at = place_of(raw, reading.open_chats), moment(raw.get("date"))
    ref, sender = MessageRef(place.room, needed(raw.get("message_id"), "message_id")), person_of(raw.get("user"))
    if sender is None or sender.bot:
        return  # a chat reacted: that is nobody's vote
    old, new = ([e for each in as_list(raw.get(key)) if (e := emoji_of(each))] for key in _BEFORE_AND_AFTER)
    for emoji in old:
        if emoji not in new:
            yield ReactionChanged(ref, sender, emoji, present=False, at=at)
    for emoji in new:
        if emoji not in old:
            yield ReactionChanged(ref, sender, emoji, present=True, at=at)


_BEFORE_AND_AFTER: Final = ("old_reaction", "new_reaction")


def _counted(raw: Raw, reading: Reading) -> Iterator[Incoming]:
    place, at = place_of(raw, reading.open_chats), moment(raw.get("date"))
    ref = MessageRef(place.room, needed(raw.get("message_id"), "message_id"))
    for each in as_list(raw.get("reactions")):
        count, emoji = as_count(as_object(each).get("total_count")), emoji_of(as_object(each).get("type"))
        if emoji:
            yield ReactionChanged(ref, None, emoji, present=count > 0, at=at, count=max(count, 1))


def _voted(raw: Raw, kept: Envelope) -> Iterator[Incoming]:
    """Polls of people: Telegram tells a bot how one stands when it was ended."""
    votes = tuple(as_count(as_object(option).get("voter_count")) for option in as_list(raw.get("options"))[:100])
    yield VotesCounted(PollRef(PLATFORM, needed(raw.get("id"), "poll.id")), votes, kept.at)


def _membership(raw: Raw, kept: Envelope, reading: Reading) -> Iterator[Incoming]:
    _, _, kind = chat_of(raw)
    old, new = as_object(raw.get("old_chat_member")), as_object(raw.get("new_chat_member"))
    sender = person_of(new.get("user"))
    if kind == "private" or sender is None or sender.account.native_id == kept.me.id:
        return
    place, at = place_of(raw, reading.open_chats), moment(raw.get("date"))
    was, now = _is_in(old), _is_in(new)
    if now and not was:
        yield MemberJoined(place, sender, at)
    elif was and not now:
        yield MemberLeft(place, sender, at)
    administered, administers = (as_text(one.get("status")) in _ADMINISTERS for one in (old, new))
    chat = as_id(as_object(raw.get("chat")).get("id"))
    if chat is not None and administers != administered:
        role = Role.MODERATOR if administers else Role.MEMBER
        yield StandingChanged(sender.account, PlatformRole(chat, role), at)


def _ourselves(raw: Raw, reading: Reading) -> Iterator[Incoming]:
    """What became of us there. Who is in a closed group is not told any more where we are not: nobody reads it then.

    One with a public address stays what it is; taking the bot out and in again is how its privacy mode is changed.
    """
    _, _, kind = chat_of(raw)
    at, there = moment(raw.get("date")), _is_in(as_object(raw.get("new_chat_member")))
    sender = person_of(raw.get("from"))
    if kind == "private":
        if not there and sender is not None:
            yield Blocked(sender, at)
        return
    place = place_of(raw, reading.open_chats)
    yield RoomChanged(place, at, gone=not there and place.private)


def _is_in(member: Raw) -> bool:
    status = member.get("status")
    return status in ("creator", "administrator", "member") or (
        status == "restricted" and member.get("is_member") is True
    )


def _arrivals(raw: Raw, place: Place, at: datetime, kept: Envelope) -> Iterator[Incoming]:
    """The room, not the topic, is what people join."""
    whole = Place(
        RoomRef(PLATFORM, place.room.native_id),
        place.group,
        private=place.private,
        group=place.group,
        server=place.server,
    )
    for each in as_list(raw.get("new_chat_members")):
        sender = person_of(each)
        if sender is not None and sender.account.native_id != kept.me.id:
            yield MemberJoined(whole, sender, at)
    gone = person_of(raw.get("left_chat_member"))
    if gone is not None and as_id(as_object(raw.get("left_chat_member")).get("id")) != kept.me.id:
        yield MemberLeft(whole, gone, at)
