"""Objects of the SDK -> raw updates, purely. Knows discord.py's types; stores nothing, decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar, cast

import discord

from adapters.discord.updates import (
    About,
    ByPart,
    Clear,
    Command,
    Delete,
    Edit,
    FilePart,
    Interaction,
    PollPart,
    Post,
    Press,
    React,
    Room,
    RoomPart,
    StandingPart,
    Submit,
    Votes,
)
from bot.domain.incoming import RoomKind

Row = tuple[str, Post | Edit | Delete | React | Clear | Votes | Command | Press | Submit | Room]
"""The id under which the inbox knows an update (a second delivery has the same), and the update."""

_WRITTEN: Final = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)
_MAX_NAME: Final = 200

Known = TypeVar("Known", bound=Command | Press | Post | Submit)
"""Updates in which it can matter who somebody is."""


def room_of(channel: object) -> RoomPart | None:
    """The room behind a channel, a thread or a direct channel; None: none that a community talks in.

    Private is what @everyone may not view. A private thread is none here: who may read it is decided thread by thread,
    see `closed_thread`.
    """
    match channel:
        case discord.Thread():
            return _thread(channel)
        case discord.abc.GuildChannel():
            default: discord.Role | None = channel.guild.default_role
            everyone = channel.permissions_for(default) if default is not None else discord.Permissions.none()
            return RoomPart(
                id=str(channel.id),
                name=channel.name[:_MAX_NAME],
                private=not everyone.view_channel,
                topic=(getattr(channel, "topic", None) or "")[:2000],
                group=channel.category.name if channel.category is not None else "",
                server=str(channel.guild.id),
            )
        case discord.DMChannel() if channel.recipient is not None:
            return RoomPart.own(channel.recipient.id, channel.recipient.display_name)
        case _:
            return None


def _thread(thread: discord.Thread) -> RoomPart | None:
    return None if thread.is_private() else _within(thread)


def closed_thread(thread: discord.Thread) -> RoomPart:
    """The room of a private thread, for those who are in it."""
    return _within(thread).model_copy(update={"private": True, "closed": True})


def _within(thread: discord.Thread) -> RoomPart:
    parent = room_of(thread.parent) if thread.parent is not None else None
    return RoomPart(
        id=str(thread.parent_id),
        thread=str(thread.id),
        name=thread.name[:_MAX_NAME],
        kind=RoomKind.THREAD,
        # Until the channel around it is known, nobody else reads it.
        private=parent is None or parent.private,
        group=parent.name if parent is not None else "",
        server=str(thread.guild.id),
    )


def by_of(user: discord.abc.User, *, locale: str | None = None) -> ByPart:
    name = getattr(user, "display_name", "") or getattr(user, "name", "")
    return ByPart(id=str(user.id), name=name[:_MAX_NAME], bot=bool(user.bot), locale=locale)


def standing_of(member: discord.Member) -> StandingPart:
    """By the roles in the server, not by what a channel adds to them."""
    rights = member.guild_permissions
    manages = member.id == member.guild.owner_id or rights.administrator or rights.manage_guild
    roles = tuple(str(role.id) for role in member.roles if not role.is_default())
    return StandingPart(server=str(member.guild.id), manages=manages, roles=roles)


def as_who(update: Known, standing: StandingPart | None) -> Known:
    """The update of somebody whose standing was looked up."""
    by = update.by.model_copy(update={"standing": standing})
    return cast("Known", update.model_copy(update={"by": by}))


def posted(message: discord.Message, room: RoomPart) -> Row | None:
    """None: the platform's own pointer to a message that is elsewhere."""
    if message.type is discord.MessageType.thread_starter_message:
        return None
    service = message.type not in _WRITTEN
    return f"m{message.id}", Post(
        at=message.created_at,
        room=room,
        by=_author(message),
        message=str(message.id),
        text="" if service else _text(message),
        reply_to=None if service else _reply(message),
        edited_at=message.edited_at,
        service=service,
        # The opening message of a forum post has the id of the thread that it opens.
        opens=not service and room.thread == str(message.id),
        files=tuple(FilePart(name=one.filename, media=one.content_type or "") for one in message.attachments),
        poll=_poll(message),
    )


def edited(message: discord.Message, room: RoomPart) -> Row | None:
    """None: the platform changed something about the message (a preview, a pin), nobody its text."""
    if message.edited_at is None or message.type not in _WRITTEN:
        return None
    update = Edit(at=message.edited_at, room=room, message=str(message.id), text=_text(message), by=_author(message))
    return f"e{message.id}:{message.edited_at.timestamp():.3f}", update


def deleted(message_id: int, room: RoomPart, at: datetime) -> Row:
    return f"d{message_id}", Delete(at=at, room=room, message=str(message_id))


def reacted(event: discord.RawReactionActionEvent, room: RoomPart, at: datetime, *, present: bool) -> Row | None:
    """None: an emoji that is gone has no name any more."""
    name = emoji_name(event.emoji)
    if not name:
        return None
    by = by_of(event.member) if event.member is not None else ByPart(id=str(event.user_id), name="")
    return reaction(by, event.message_id, name, room, at, present=present)


def reaction(by: ByPart, message_id: int, emoji: str, room: RoomPart, at: datetime, *, present: bool) -> Row:
    key = f"r{message_id}:{by.id}:{emoji}:{int(present)}:{at.timestamp():.6f}"
    return key, React(at=at, room=room, by=by, message=str(message_id), emoji=emoji, present=present)


def emoji_name(emoji: discord.PartialEmoji | discord.Emoji | str) -> str:
    """Empty: one that was deleted from its server. A server's own stands between colons."""
    if isinstance(emoji, str):
        return emoji[:64]
    return emoji.name[:64] if emoji.id is None else f":{emoji.name[:60]}:" if emoji.name else ""


def cleared(message_id: int, emoji: discord.PartialEmoji | None, room: RoomPart, at: datetime) -> Row | None:
    """Without `emoji`: of all kinds. None: an emoji that is gone has no name any more."""
    name = emoji_name(emoji) if emoji is not None else None
    if name == "":
        return None
    key = f"c{message_id}:{name or ''}:{at.timestamp():.6f}"
    return key, Clear(at=at, room=room, message=str(message_id), emoji=name)


def voted(message: discord.Message, room: RoomPart, at: datetime) -> Row | None:
    """How its poll stands; None: it has none, or nothing is said about it without the right to read messages."""
    if message.poll is None:
        return None
    votes = tuple(max(answer.vote_count, 0) for answer in message.poll.answers)
    key = f"v{message.id}:{at.timestamp():.6f}"
    return key, Votes(at=at, room=room, message=str(message.id), votes=votes)


def changed(room: RoomPart, at: datetime, *, gone: bool = False) -> Row:
    key = f"o{room.id}:{room.thread or ''}:{int(gone)}:{at.timestamp():.6f}"
    return key, Room(at=at, room=room, gone=gone)


def addressed(message: discord.Message, room: RoomPart, me: int) -> Row | None:
    """A question put to the bot by naming it first: works without the right to read what others say."""
    text = message.content.strip()
    for mention in (f"<@{me}>", f"<@!{me}>"):
        if text.startswith(mention) and (words := text.removeprefix(mention).strip()):
            return f"m{message.id}", Command(
                at=message.created_at,
                room=room,
                by=_author(message),
                name="ask",
                words=words,
                message=str(message.id),
            )
    return None


def invoked(
    interaction: discord.Interaction,
    name: str,
    words: str,
    at: datetime,
    *,
    room: RoomPart | None = None,
    about: discord.Message | None = None,
) -> Row:
    """An app command. Its answers are the member's own, wherever it was given, unless `room` is what it is about."""
    return f"i{interaction.id}", Command(
        at=at,
        room=room or _own(interaction),
        by=by_of(interaction.user, locale=str(interaction.locale)),
        name=name,
        words=words,
        interaction=Interaction(id=str(interaction.id), token=interaction.token),
        about=_about(interaction, about) if about is not None else None,
    )


def _about(interaction: discord.Interaction, message: discord.Message) -> About:
    match interaction.channel:
        case discord.Thread() as thread:
            return About(room=str(thread.parent_id), thread=str(thread.id), message=str(message.id))
        case discord.abc.GuildChannel() as channel:
            return About(room=str(channel.id), message=str(message.id))
        case _:
            return About(room=_own(interaction).id, message=str(message.id))


def pressed(interaction: discord.Interaction, code: str, at: datetime) -> Row:
    """A button. Under a message that only this person sees, or in a direct channel, it is in their own room."""
    message = interaction.message
    ephemeral = message is not None and message.flags.ephemeral
    room = None if ephemeral or interaction.guild_id is None else room_of(interaction.channel)
    return f"i{interaction.id}", Press(
        at=at,
        room=room or _own(interaction),
        by=by_of(interaction.user, locale=str(interaction.locale)),
        code=code,
        interaction=Interaction(id=str(interaction.id), token=interaction.token),
        message=str(message.id) if message is not None else None,
        ephemeral=ephemeral,
    )


def submitted(interaction: discord.Interaction, code: str, values: Mapping[str, tuple[str, ...]], at: datetime) -> Row:
    """A form that was sent. A message that others read too is not theirs to be changed."""
    message = interaction.message
    theirs = message is not None and (message.flags.ephemeral or interaction.guild_id is None)
    return f"i{interaction.id}", Submit(
        at=at,
        room=_own(interaction),
        by=by_of(interaction.user, locale=str(interaction.locale)),
        code=code,
        values=tuple(values.items()),
        interaction=Interaction(id=str(interaction.id), token=interaction.token),
        message=str(message.id) if theirs and message is not None else None,
    )


def _own(interaction: discord.Interaction) -> RoomPart:
    return RoomPart.own(interaction.user.id, interaction.user.display_name[:_MAX_NAME])


def _author(message: discord.Message) -> ByPart:
    by = by_of(message.author)
    return by.model_copy(update={"bot": True}) if message.webhook_id is not None else by


def _text(message: discord.Message) -> str:
    """What was written; of a forwarded message its text, of a message of cards only (bots) their titles and texts."""
    if message.content:
        return message.content
    forwarded = [shot.content for shot in message.message_snapshots if shot.content]
    if forwarded:
        return "\n".join(forwarded)
    parts = [part for card in message.embeds[:10] for part in (card.title, card.description) if part]
    return "\n".join(parts) if message.author.bot else ""


def _reply(message: discord.Message) -> str | None:
    """The answered message of the same channel; a forward refers too, and is no answer."""
    reference = message.reference
    if reference is None or reference.message_id is None or reference.channel_id != message.channel.id:
        return None
    return None if reference.type is discord.MessageReferenceType.forward else str(reference.message_id)


def _poll(message: discord.Message) -> PollPart | None:
    if message.poll is None:
        return None
    options = tuple((answer.text or "", answer.vote_count) for answer in message.poll.answers)
    return PollPart(question=message.poll.question or "", options=options)
