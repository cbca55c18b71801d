"""What was written as JSON, read back. Knows shapes; never repeats what was in one that is wrong."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

Shape = TypeVar("Shape")


def validated(shape: TypeAdapter[Shape], raw: str, what: str) -> Shape:
    """Raises ValueError saying which field of `what` is wrong, never quoting what was in it: reasons are logged."""
    try:
        return shape.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ValueError(f"{what}: {where or 'whole'}: {first['type']}") from None
