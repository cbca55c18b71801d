"""Interactions that can still be answered, by person. Knows tokens and how long they live, and who answers first.

A command shows "thinking" until its first answer takes that place; a press only changes the message that it is under.
Which answer belongs to which command is their order: the inbox is worked off in order, and so is somebody's own room.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import discord

from adapters.discord.capabilities import TOKEN_LIVES
from adapters.discord.errors import ANSWERED, translated
from adapters.discord.windows import Window

log = logging.getLogger(__name__)

_MAX_PEOPLE: Final = 10_000
_MAX_EACH: Final = 20
_PROMPT: Final = 60.0


@dataclass(eq=False, slots=True)
class Whisper:
    """`on`: the message whose button was pressed. `thinking`: its first answer has a place that waits for it.

    `acknowledged` is set once Discord has heard from us; `dead`: it cannot be answered. `shown`: something was.
    `made`: the messages that were sent with this token, which only this token can change without a press. `first`:
    tells Discord that the answer follows, where nobody has said anything yet; `window`: shows a form instead, where
    Discord allows it. `recalled`: from before a restart.
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
    recalled: bool = False
    first: Callable[[], Awaitable[None]] | None = None
    window: Callable[[Window], Awaitable[None]] | None = None
    tasks: set[asyncio.Future[bool]] = field(default_factory=set)

    @property
    def open(self) -> bool:
        """Whether the first answer is still to be given: only that one can be a form."""
        return self.first is not None and not self.dead

    async def acknowledge(self, instead: Callable[[], Awaitable[None]] | None = None) -> bool:
        """The first answer: that another one follows, or `instead`. False: it was given before, or did not arrive."""
        first, self.first = self.first, None
        if first is None:
            await self.acknowledged.wait()
            return False
        try:
            await (instead or first)()
        except discord.HTTPException as error:
            self.dead = self.dead or error.code != ANSWERED
            log.warning("an interaction was not acknowledged: %s", translated(error))
            return False
        except OSError as error:
            self.dead = True
            log.warning("an interaction was not acknowledged: %s", type(error).__name__)
            return False
        finally:
            self.acknowledged.set()
        return True

    def acknowledge_in(self, seconds: float) -> None:
        """Leave the first answer to whoever has one, for so long."""
        asyncio.get_running_loop().call_later(max(seconds, 0.0), self._late)

    def _late(self) -> None:
        if self.first is not None:
            task = asyncio.ensure_future(self.acknowledge())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)


class Whispers:
    """Belongs to the event loop. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._by_user: OrderedDict[int, list[Whisper]] = OrderedDict()

    def begin(
        self,
        user: int,
        token: str,
        *,
        on: int | None = None,
        thinking: bool = False,
        age: float = 0.0,
        made: Iterable[int] = (),
        recalled: bool = False,
        first: Callable[[], Awaitable[None]] | None = None,
        window: Callable[[Window], Awaitable[None]] | None = None,
    ) -> Whisper:
        whisper = Whisper(
            user, token, self._monotonic() - age, on, thinking, made=set(made), recalled=recalled, first=first
        )
        whisper.window = window
        known = self._alive(user)
        self._by_user[user] = [*known, whisper][-_MAX_EACH:]
        self._by_user.move_to_end(user)
        while len(self._by_user) > _MAX_PEOPLE:
            self._by_user.popitem(last=False)
        return whisper

    def to_answer(self, user: int, *, prompt: bool = True) -> Whisper | None:
        """The longest waiting command, or else whatever was done last. `prompt`: only a moment ago, so that a letter
        that comes by itself is no answer to what somebody did ten minutes before."""
        alive = self._alive(user)
        oldest = self._monotonic() - _PROMPT if prompt else float("-inf")
        last = next((one for one in reversed(alive) if one.since > oldest and not (prompt and one.recalled)), None)
        return next((one for one in alive if one.thinking), last)

    def to_open(self, user: int) -> Whisper | None:
        """The longest waiting one whose first answer may still be a form."""
        return next((one for one in self._alive(user) if one.open and one.window is not None), None)

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
