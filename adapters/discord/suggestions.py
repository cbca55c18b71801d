"""What fits to the beginning of an option: skills and titles of courses. Knows the store; knows no SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from adapters.discord.capabilities import MAX_CHOICES
from bot.ports import Store
from bot.usecases.onboarding import common_topics

_FRESH: Final = 60.0
_TOPICS: Final = 200


class Suggestions:
    """Asked at every key that somebody presses, so the lists are kept for a minute. `monotonic` gives seconds."""

    def __init__(self, store: Store, community_id: int, monotonic: Callable[[], float]) -> None:
        self._store, self._community_id, self._monotonic = store, community_id, monotonic
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def __call__(self, kind: str, current: str) -> Sequence[str]:
        """At most 25: those that begin so, then those that contain it."""
        known = self._known.get(kind)
        if known is None or self._monotonic() - known[0] > _FRESH:
            known = self._known[kind] = (self._monotonic(), await asyncio.to_thread(self._load, kind))
        typed = current.strip().casefold()
        begin = [one for one in known[1] if one.casefold().startswith(typed)]
        inside = [one for one in known[1] if typed in one.casefold() and not one.casefold().startswith(typed)]
        return [*begin, *inside][:MAX_CHOICES]

    def _load(self, kind: str) -> tuple[str, ...]:
        with self._store.read() as uow:
            if kind == "skill":
                return common_topics(uow, self._community_id, n=_TOPICS)
            return tuple(sorted(course.title for course in uow.courses.all(self._community_id)))
