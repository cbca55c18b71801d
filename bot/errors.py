"""Errors named by what the caller does next.

BotError
|- BadInput            tell the person what to do; nothing was changed
|  `- NotFound         the named thing does not exist, or may not be seen
|- NotAllowed          the person may not do this here
|- ConfigError         the operator must change a setting
|- StoreUnavailable    try again later: disk full, locked, read-only
`- DeliveryError       a send failed
   |- RateLimited      wait `retry_after` seconds, then send again
   |- Unreachable      `maybe_delivered` says whether sending again could double
   |- RoomMoved        send to `new` instead
   |- Refused          never send this to that recipient again
   `- MalformedMessage park it: sending again cannot help
"""

from __future__ import annotations

from bot.domain.refs import RoomRef
from bot.domain.setup import RefusalCause


class BotError(Exception):
    """Base of everything that Studyhall raises on purpose."""


class BadInput(BotError):
    """What a person gave cannot be used; `hint` says what to do."""

    def __init__(self, problem: str, *, hint: str = "") -> None:
        super().__init__(f"{problem} {hint}".strip())
        self.problem = problem
        self.hint = hint


class NotFound(BadInput):
    """No such thing, or none that the asker may see (the two are never told apart)."""


class NotAllowed(BotError):
    """The asker's role does not permit this."""


class ConfigError(BotError):
    """A setting is wrong; the text names it and says what to do."""


class StoreUnavailable(BotError):
    """The store cannot take writes now (full, locked, read-only); nothing was acknowledged."""


class DeliveryError(BotError):
    """A message could not be sent."""


class RateLimited(DeliveryError):
    """`everywhere`: the platform said that the limit is not the room's but the bot's own."""

    def __init__(self, retry_after: float, *, everywhere: bool = False) -> None:
        super().__init__(f"rate limited, retry after {retry_after:g} s")
        self.retry_after = retry_after
        self.everywhere = everywhere


class Unreachable(DeliveryError):
    def __init__(self, reason: str, *, maybe_delivered: bool) -> None:
        super().__init__(reason)
        self.maybe_delivered = maybe_delivered


class RoomMoved(DeliveryError):
    def __init__(self, new: RoomRef) -> None:
        super().__init__("the room has moved")
        self.new = new


class Refused(DeliveryError):
    """Blocked, kicked, closed: the recipient does not want or cannot get it. `cause`: which of them, for moderators."""

    def __init__(self, reason: str, *, cause: RefusalCause = RefusalCause.OTHER) -> None:
        super().__init__(reason)
        self.cause = cause


class MalformedMessage(DeliveryError):
    """The platform says that the message itself is wrong."""
