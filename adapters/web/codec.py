"""`Outgoing` as JSON, the form in which the web community keeps the bot's messages. Knows no HTML and no storage."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from adapters.validated import validated
from bot.domain.outgoing import Card, Outgoing

_OUTGOING: Final = TypeAdapter(Outgoing)


def dumps(message: Outgoing) -> str:
    return _OUTGOING.dump_json(message, exclude_defaults=False).decode()


def codes(payload: str) -> frozenset[str]:
    """What the buttons and the form of a stored message carry; empty for what cannot be read."""
    try:
        message = loads(payload)
    except ValueError:
        return frozenset()
    rows = [*message.buttons, *(row for block in message.blocks if isinstance(block, Card) for row in block.buttons)]
    found = {button.code for row in rows for button in row if button.code}
    return frozenset(found | {message.form.code} if message.form else found)


def loads(payload: str) -> Outgoing:
    """Raises ValueError for anything that `dumps` did not write; the reason quotes none of the text."""
    return validated(_OUTGOING, payload, "stored message")
