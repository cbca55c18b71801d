"""Whom to invite to a private chat, and where: people who commanded in a group and never opened the bot.

Telegram lets a bot write to nobody who has not opened it, so a personal answer would be lost without a word. In memory
only: whoever asks again after a restart is invited again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Where somebody commanded last, by which message, in which language."""

    chat: str
    message: str
    language: str | None = None


class Invitations:
    def __init__(self) -> None:
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._invited: OrderedDict[str, None] = OrderedDict()

    def note(self, account: str, asked: Asked) -> None:
        self._asked[account] = asked
        self._asked.move_to_end(account)
        while len(self._asked) > _MOST:
            self._asked.popitem(last=False)

    def take(self, account: str) -> Asked | None:
        """Once an account; None: nothing was asked in a group, or the invitation has been sent."""
        asked = self._asked.pop(account, None)
        if asked is None or account in self._invited:
            return None
        self._invited[account] = None
        while len(self._invited) > _MOST:
            self._invited.popitem(last=False)
        return asked
