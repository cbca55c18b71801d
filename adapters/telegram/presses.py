"""Presses that wait for their answer. A person sees a spinner until then, and Telegram forgets a press after a while.

What is shown is decided by a use-case, which may have to wait for an encoder; so an answer without words goes out when
none has come in time. Presses live in memory only: after a restart they are too old to be answered anyway.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Press:
    query: str
    chat: str
    until: float


class Presses:
    """Belongs to one event loop. `within`: seconds after which a press is answered without words."""

    def __init__(self, monotonic: Callable[[], float], within: float) -> None:
        self._monotonic, self._within = monotonic, within
        self._waiting: OrderedDict[str, deque[Press]] = OrderedDict()

    def add(self, account: str, query: str, chat: str) -> None:
        """What comes again, because it could not be stored, is one press."""
        waiting = self._waiting.setdefault(account, deque())
        if all(press.query != query for press in waiting):
            waiting.append(Press(query, chat, self._monotonic() + self._within))
        while len(self._waiting) > _MOST:
            self._waiting.popitem(last=False)

    def take(self, account: str) -> Press | None:
        """The oldest press of an account: its answers come in the order of its presses."""
        waiting = self._waiting.get(account)
        if not waiting:
            return None
        press = waiting.popleft()
        if not waiting:
            del self._waiting[account]
        return press

    def soon(self, chat: str, seconds: float) -> None:
        """Something was shown in that chat: what was pressed there is done, unless words come within `seconds`."""
        until = self._monotonic() + seconds
        for waiting in self._waiting.values():
            if waiting[0].chat == chat and waiting[0].until > until:
                waiting[0] = replace(waiting[0], until=until)

    def late(self) -> list[Press]:
        """Those whose time has come, taken out."""
        now = self._monotonic()
        found: list[Press] = []
        for account, waiting in list(self._waiting.items()):
            while waiting and waiting[0].until <= now:
                found.append(waiting.popleft())
            if not waiting:
                del self._waiting[account]
        return found
