"""Interactions that can still be answered, by person. Knows tokens and how long they live; sends nothing.

A command shows "thinking" until its first answer takes that place; a press only changes the message that it is under.
Which answer belongs to which command is their order: the inbox is worked off in order, and so is somebody's own room.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.discord.capabilities import TOKEN_LIVES

_MAX_PEOPLE: Final = 10_000
_MAX_EACH: Final = 20


@dataclass(eq=False, slots=True)
class Whisper:
    """`on`: the message whose button was pressed. `thinking`: its first answer has a place that waits for it.

    `acknowledged` is set once Discord has heard from us; `dead`: it cannot be answered. `shown`: something was.
    `made`: the messages that were sent with this token, which only this token can change without a press.
    """

    user: int
    token: str
    since: float
    on: int | None = None
    thinking: bool = False
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    dead: bool = False
    shown: bool = False
    made: set[int] = field(default_factory=set)


class Whispers:
    """Belongs to the event loop. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._by_user: OrderedDict[int, list[Whisper]] = OrderedDict()

    def begin(
        self, user: int, token: str, *, on: int | None = None, thinking: bool = False, age: float = 0.0
    ) -> Whisper:
        whisper = Whisper(user, token, self._monotonic() - age, on, thinking)
        known = self._alive(user)
        self._by_user[user] = [*known, whisper][-_MAX_EACH:]
        self._by_user.move_to_end(user)
        while len(self._by_user) > _MAX_PEOPLE:
            self._by_user.popitem(last=False)
        return whisper

    def to_answer(self, user: int) -> Whisper | None:
        """The longest waiting command, or else whatever was done last."""
        alive = self._alive(user)
        return next((one for one in alive if one.thinking), alive[-1] if alive else None)

    def to_notice(self, user: int) -> Whisper | None:
        """The last one: a notice follows its cause at once."""
        alive = self._alive(user)
        return alive[-1] if alive else None

    def to_edit(self, user: int, message: int) -> Whisper | None:
        """The newest that may change this message: its button was pressed, or it was sent with that token."""
        fitting = (one for one in reversed(self._alive(user)) if one.on == message or message in one.made)
        return next(fitting, None)

    def _alive(self, user: int) -> list[Whisper]:
        oldest = self._monotonic() - TOKEN_LIVES
        return [one for one in self._by_user.get(user, ()) if not one.dead and one.since > oldest]
