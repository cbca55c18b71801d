"""Untrusted values to typed ones: what has another type counts as absent. Knows no format."""

from __future__ import annotations

from bot.domain.refs import MAX_NATIVE_ID
from bot.domain.text import clean_line


class RowProblem(ValueError):
    """What is wrong with a row, and in which column."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


def as_text(value: object) -> str:
    """Text as it is; anything else is empty."""
    return value if isinstance(value, str) else ""


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def as_object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def as_count(value: object) -> int:
    """A whole number from 0 to a thousand million; anything else is 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**9 else 0


def as_id(value: object) -> str | None:
    """An id of a platform as text; None where there is none that an address can hold."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NATIVE_ID or clean_line(value) != value:
        return None
    return value
