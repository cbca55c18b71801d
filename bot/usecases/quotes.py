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
    Inlines,
    MessageLink,
    Note,
    Outgoing,
    Quote,
    Sending,
    Text,
)
from bot.domain.refs import MessageRef
from bot.domain.rooms import Message
from bot.ports import UnitOfWork
from bot.wording import choose

_OUTGOING: Final = TypeAdapter(Outgoing)


def withdraw_quotes(uow: UnitOfWork, community_id: int, deleted: Message, at: datetime) -> int:
    """Queue edits of the bot's messages that still show a deleted message; returns how many."""
    root = uow.messages.get(deleted.root_id)
    refs = {deleted.ref} | ({root.ref} if root else set())
    edits = 0
    for message in uow.messages.quoting(community_id, sorted(refs)):
        try:
            shown = _OUTGOING.validate_json(message.payload)
        except ValidationError:
            # Not written by this version; its text cannot be told apart, so all of it goes.
            shown = Outgoing((), language="en")
        kept = without(shown, deleted.ref, root.ref if root else deleted.ref)
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
        case Quote(source=source) if deleted in _linked(source):
            return None
        case Card(title_link=MessageLink(ref=ref)) if ref == deleted:
            return None
        case Card(title_link=MessageLink(ref=ref)) if ref == root:
            return replace(block, body="")
        case Bullets(items=items):
            kept = tuple(item for item in items if deleted not in _linked(item))
            return replace(block, items=kept) if kept else None
        case _:
            return block


def _linked(inlines: Inlines) -> set[MessageRef]:
    return {inline.ref for inline in inlines if isinstance(inline, MessageLink)}
