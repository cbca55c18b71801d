"""A thread for an event: what a platform is asked to do with one, how far it is. Knows no platform and no sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal

from bot.domain.refs import MessageRef

CLOSES_AFTER: Final = timedelta(hours=48)
"""After the end of an event, or after it was cancelled, nobody writes in its thread any more."""


@dataclass(frozen=True, slots=True)
class OpenThread:
    """Open a thread that hangs on the message `on`, as far as the platform's threads hang on messages.

    `name` is people's text; every platform cuts it to what it takes. `lasts`: for how long it will be wanted.
    """

    name: str
    on: MessageRef
    lasts: timedelta = CLOSES_AFTER
    type: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class NameThread:
    name: str
    type: Literal["name"] = "name"


@dataclass(frozen=True, slots=True)
class CloseThread:
    """What was said stays to be read."""

    type: Literal["close"] = "close"


ThreadWork = OpenThread | NameThread | CloseThread


@dataclass(frozen=True, slots=True)
class ThreadTraits:
    """What threads are on a platform.

    `finds_again`: a thread that was asked for twice is one thread. `everywhere`: every room has them, and no right is
    needed. `beside`: a room that is a thread itself can have one, which then stands beside it.
    """

    finds_again: bool = False
    everywhere: bool = False
    beside: bool = False


class ThreadState(StrEnum):
    """OPENING: asked for. OPEN: it is there. CLOSED: nobody is to write in it any more. GONE: somebody took it away,
    and the host does not know yet. NONE: there is none on this platform, and nothing is tried there again by itself."""

    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"
    NONE = "none"


class Prospect(StrEnum):
    """Whether a room can have a thread, as far as is known."""

    YES = "yes"
    UNKNOWN = "unknown"
    """Nobody has said; it is tried."""
    RIGHTS = "rights"
    """A right is missing."""
    INSIDE = "inside"
    """The room is a thread itself."""
    NEVER = "never"
    """There are no threads in that room, or on that platform."""

    @property
    def hopeful(self) -> bool:
        return self in (Prospect.YES, Prospect.UNKNOWN)
