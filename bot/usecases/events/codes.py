"""The code that guests type to check in. Knows letters only."""

from __future__ import annotations

from typing import Final

from bot.ports import Ids

_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Those that nobody takes for one another when they are read from a screen."""


def check_in_code(ids: Ids) -> str:
    """Four letters for the screen."""
    return "".join(_LETTERS[ord(char) * 7 % len(_LETTERS)] for char in ids.code()[:4])
