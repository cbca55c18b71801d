"""Which messages of people a message of ours repeats. Knows blocks; knows no store."""

from __future__ import annotations

from bot.domain.outgoing import Block, Bullets, Card, Inlines, MessageLink, Outgoing, Quote
from bot.domain.refs import MessageRef


def quoted(message: Outgoing) -> frozenset[MessageRef]:
    """Those whose words are in it: quotes with their source, cards of discussions, and lines that link to them."""
    return frozenset(ref for block in message.blocks for ref in quoted_in(block))


def quoted_in(block: Block) -> frozenset[MessageRef]:
    match block:
        case Quote(source=source):
            return linked(source)
        case Card(title_link=MessageLink(ref=ref)):
            return frozenset((ref,))
        case Bullets(items=items):
            return frozenset(ref for item in items for ref in linked(item))
        case _:
            return frozenset()


def linked(inlines: Inlines) -> frozenset[MessageRef]:
    return frozenset(inline.ref for inline in inlines if isinstance(inline, MessageLink))
