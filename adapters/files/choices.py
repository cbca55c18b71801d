"""What whoever imports a history decides, and how it shows in addresses. Knows refs; knows no format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.domain.refs import RoomRef

FUTURE = timedelta(days=1)
"""How far ahead of `now` a moment may be: clocks and time zones differ, years do not."""


@dataclass(frozen=True, slots=True)
class HistoryChoices:
    """`timezone`: where times without an offset are from. `adopt`: the platform whose rooms the history continues in.

    `private`: its rooms are not for every member. `now`: messages of later than a day after it are refused.
    """

    encoding: str | None = None
    timezone: tzinfo | None = None
    adopt: str | None = None
    private: bool = False
    now: datetime | None = None

    def room(self, platform: str, native_id: str, bare_id: str, thread_id: str | None = None) -> RoomRef:
        """The address of a room: on its own platform, or under `adopt` as ``<platform>-<bare id>``."""
        if self.adopt is None:
            return RoomRef(platform, native_id, thread_id)
        return RoomRef(self.adopt, f"{platform}-{bare_id}", thread_id)

    def checked(self, at: datetime) -> datetime:
        """`at`, or ValueError where it lies in the future."""
        if self.now is not None and at > self.now + FUTURE:
            raise ValueError(f"{at.isoformat()} is in the future")
        return at
