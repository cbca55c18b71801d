"""How many messages the platform takes: per chat, per group, in total. Knows a clock that is handed in."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.telegram_server.errors import too_many


@dataclass
class Rates:
    """core.telegram.org/bots/faq: one a second in a chat, 20 a minute in a group, 30 a second in all. 0: no limit."""

    monotonic: Callable[[], float]
    chat: int = 1
    group: int = 20
    total: int = 30
    refused: int = 0
    _log: dict[object, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, chat_id: int, *, group: bool) -> None:
        """Raises 429 with the whole seconds until it would be taken."""
        now = self.monotonic()
        windows = [(("total",), self.total, 1.0), ((chat_id, "chat"), self.chat, 1.0)]
        if group:
            windows.append(((chat_id, "group"), self.group, 60.0))
        wait = 0.0
        for key, count, seconds in windows:
            log = self._log[key]
            while log and log[0] + seconds <= now:
                log.popleft()
            if count and len(log) >= count:
                wait = max(wait, log[-count] + seconds - now)
        if wait > 0:
            self.refused += 1
            raise too_many(max(1, math.ceil(wait)))
        for key, _, _ in windows:
            self._log[key].append(now)
