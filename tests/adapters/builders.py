"""Short ways to write the values that histories are expected to give."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.incoming import Incoming, Place, RoomKind, Sender
from bot.domain.refs import AccountRef, RoomRef
from bot.ports import SkippedRow

Found = Incoming | SkippedRow


def utc(day: int, hour: int, minute: int = 0, second: int = 0, micro: int = 0, *, month: int = 3) -> datetime:
    """A moment of 2024."""
    return datetime(2024, month, day, hour, minute, second, micro, tzinfo=UTC)


def telegram_user(native_id: str, name: str) -> Sender:
    return Sender(AccountRef("telegram", native_id), name)


def discord_user(native_id: str, name: str, *, bot: bool = False) -> Sender:
    return Sender(AccountRef("discord", native_id), name, bot=bot)


def thread(room: RoomRef, name: str, group: str) -> Place:
    return Place(room, name, RoomKind.THREAD, group=group)


def topic(room: RoomRef, name: str, group: str) -> Place:
    """A forum topic is a room of its own with many discussions."""
    return Place(room, name, RoomKind.CHANNEL, group=group)
