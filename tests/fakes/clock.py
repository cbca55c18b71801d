"""A clock that stands still until it is told to go on, and ids that come in a known order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

START: Final = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"


class FakeClock:
    def __init__(self, at: datetime = START) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def go_on(self, **passed: float) -> None:
        """As `timedelta(**passed)` later."""
        self._at += timedelta(**passed)

    def set(self, at: datetime) -> None:
        self._at = at


class SeededIds:
    """Codes of the real form; the same seed gives the same codes."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)

    def code(self) -> str:
        return "".join(self._random.choices(_ALPHABET, k=16))
