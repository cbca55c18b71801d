"""Reads messages of ours as a person would: their words, their cards, their buttons."""

from __future__ import annotations

from typing import assert_never

from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    Card,
    Document,
    Heading,
    Inlines,
    Note,
    Outgoing,
    Paragraph,
    Picture,
    Quote,
    Strong,
)


def words_of(message: Outgoing) -> str:
    """Everything that is written in it, one block or button a line."""
    lines = [line for block in message.blocks for line in _lines(block)]
    return "\n".join([*lines, *(button.label for row in message.buttons for button in row)])


def _lines(block: Block) -> list[str]:
    match block:
        case Heading():
            return [block.text]
        case Paragraph() | Note():
            return [_joined(block.inlines)]
        case Bullets():
            return [_joined(item) for item in block.items]
        case Quote():
            return [_joined(block.inlines), _joined(block.source)]
        case Picture():
            return [block.alt]
        case Document():
            return [block.title]
        case Card():
            labels = [button.label for row in block.buttons for button in row]
            return [block.kind, block.title, *block.facts, block.body, *block.reasons, block.state, *labels]
        case _:
            assert_never(block)


def _joined(inlines: Inlines) -> str:
    return "".join(inline.fallback if inline.type == "time" else _text(inline) for inline in inlines)


def _text(inline: object) -> str:
    return str(getattr(inline, "text", "") or getattr(inline, "name", ""))


def cards(message: Outgoing) -> list[Card]:
    return [block for block in message.blocks if isinstance(block, Card)]


def items(message: Outgoing) -> list[str]:
    return [card.item for card in cards(message)]


def titles(message: Outgoing) -> list[str]:
    return [card.title for card in cards(message)]


def card_of(message: Outgoing, item: str) -> Card:
    return next(card for card in cards(message) if card.item == item)


def buttons_of(message: Outgoing) -> list[Button]:
    rows = [row for card in cards(message) for row in card.buttons] + list(message.buttons)
    return [button for row in rows for button in row]


def acts(message: Outgoing) -> list[str]:
    return [act_of(button) for button in buttons_of(message)]


def act_of(button: Button) -> str:
    return button.code.split(":")[1]


def labels(message: Outgoing) -> list[str]:
    return [button.label for button in buttons_of(message)]


def strong(message: Outgoing) -> list[str]:
    return [
        inline.text
        for block in message.blocks
        if isinstance(block, Paragraph)
        for inline in block.inlines
        if isinstance(inline, Strong)
    ]
