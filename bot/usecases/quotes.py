"""What was deleted leaves the bot's own messages too: quotes, cards and links. Knows `Outgoing`; sends nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.domain.outgoing import (
    Block,
    Bullets,
    Card,
    DeliveryClass,
    MessageLink,
    Note,
    Outgoing,
    Quote,
    Sending,
    Text,
)
from bot.domain.quoting import linked
from bot.domain.refs import MessageRef
from bot.domain.rooms import Message
from bot.ports import UnitOfWork
from bot.wording import choose

_OUTGOING: Final = TypeAdapter(Outgoing)


def withdraw_quotes(uow: UnitOfWork, community_id: int, deleted: Message, at: datetime) -> int:
    """Queue edits of the bot's messages that still show a deleted message; returns how many.

    Wherever they are: in rooms whose messages are stored, and on platforms that only told us where they put them. Of
    one that is still waiting to go out, the words are taken before it does.
    """
    root = uow.messages.get(deleted.root_id)
    opening = root.ref if root else deleted.ref
    refs = {deleted.ref, opening}
    edits = _stored(uow, community_id, deleted, opening, at)
    for shown in uow.outbox.showing(community_id, sorted(refs)):
        kept = without(shown.sending.message, deleted.ref, opening)
        if kept == shown.sending.message:
            continue
        edits += 1
        if not shown.refs:
            uow.outbox.reword(shown.id, replace(shown.sending, message=kept))
            continue
        uow.outbox.forget(shown.id)
        words = choose(kept.language).say("quote-deleted")
        rest = Outgoing((Note((Text(words),)),), language=kept.language)
        for part, ref in enumerate(shown.refs):
            change = Sending(
                key=f"unquote:sent-{shown.id}-{part}:{deleted.id}",
                room=ref.room,
                # What does not fit into its first part any more is not worth a deleted word that stays behind.
                message=kept if part == 0 else rest,
                delivery=DeliveryClass.IDEMPOTENT_EDIT,
                edits=ref,
                to_member=shown.sending.to_member,
            )
            uow.outbox.add(community_id, change, at)
    return edits


def _stored(uow: UnitOfWork, community_id: int, deleted: Message, opening: MessageRef, at: datetime) -> int:
    edits, refs = 0, {deleted.ref, opening}
    for message in uow.messages.quoting(community_id, sorted(refs)):
        try:
            shown = _OUTGOING.validate_json(message.payload)
        except ValidationError:
            # Not written by this version; its text cannot be told apart, so all of it goes.
            shown = Outgoing((), language="en")
        kept = without(shown, deleted.ref, opening)
        if kept == shown:
            continue
        edits += uow.outbox.add(
            community_id,
            Sending(
                key=f"unquote:{message.id}:{deleted.id}",
                room=message.ref.room,
                message=kept,
                delivery=DeliveryClass.IDEMPOTENT_EDIT,
                edits=message.ref,
            ),
            at,
        )
    return edits


def without(shown: Outgoing, deleted: MessageRef, root: MessageRef) -> Outgoing:
    """The same without what the deleted message said.

    A quote of it goes; a card of its discussion goes when it opened the discussion, otherwise only the card's text.
    """
    blocks: list[Block] = []
    for block in shown.blocks:
        kept = _kept(block, deleted, root)
        if kept is not None:
            blocks.append(kept)
    if len(blocks) < len(shown.blocks):
        gone = choose(shown.language).say("quote-deleted")
        blocks.append(Note((Text(gone),)))
    return replace(shown, blocks=tuple(blocks))


def _kept(block: Block, deleted: MessageRef, root: MessageRef) -> Block | None:
    match block:
        case Quote(source=source) if deleted in linked(source):
            return None
        case Card(title_link=MessageLink(ref=ref)) if ref == deleted:
            return None
        case Card(title_link=MessageLink(ref=ref)) if ref == root:
            return replace(block, body="")
        case Bullets(items=items):
            kept = tuple(item for item in items if deleted not in linked(item))
            return replace(block, items=kept) if kept else None
        case _:
            return block
