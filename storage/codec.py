"""Outgoing messages as JSON and back, for the outbox. Knows the domain's types; knows no table."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from bot.domain.outgoing import Outgoing, Sending
from bot.errors import BadInput

T = TypeVar("T")

_SENDING: Final[TypeAdapter[Sending]] = TypeAdapter(Sending)
_OUTGOING: Final[TypeAdapter[Outgoing]] = TypeAdapter(Outgoing)


def sending_to_json(sending: Sending) -> str:
    """Raises BadInput for text that cannot be encoded (half of a surrogate pair)."""
    return _dump(_SENDING, sending)


def sending_from_json(text: str) -> Sending:
    """Raises ValueError for what `sending_to_json` did not write."""
    return _load(_SENDING, text)


def outgoing_to_json(message: Outgoing) -> str:
    """Raises BadInput for text that cannot be encoded (half of a surrogate pair)."""
    return _dump(_OUTGOING, message)


def outgoing_from_json(text: str) -> Outgoing:
    """Raises ValueError for what `outgoing_to_json` did not write."""
    return _load(_OUTGOING, text)


def _dump(adapter: TypeAdapter[T], value: T) -> str:
    try:
        return adapter.dump_json(value).decode()
    except (PydanticSerializationError, UnicodeError) as error:
        raise BadInput(f"The message cannot be kept: {error}.") from error


def _load(adapter: TypeAdapter[T], text: str) -> T:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise ValueError(f"this is no message of ours: {error}") from error
