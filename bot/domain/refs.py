"""Addresses as values. Knows that platforms exist; must not know which one does what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_NATIVE_ID: Final = 200


def _check(name: str, value: str) -> None:
    if not value or len(value) > MAX_NATIVE_ID:
        raise ValueError(f"{name} must have 1-{MAX_NATIVE_ID} characters, got {value[:40]!r}")


@dataclass(frozen=True, slots=True, order=True)
class RoomRef:
    """Where something is said: a chat or channel, or one thread (forum topic) inside it."""

    platform: str
    native_id: str
    thread_id: str | None = None

    def __post_init__(self) -> None:
        _check("platform", self.platform)
        _check("native_id", self.native_id)
        if self.thread_id is not None:
            _check("thread_id", self.thread_id)


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """An account on a platform; a `Member` (a person) may have several."""

    platform: str
    native_id: str

    def __post_init__(self) -> None:
        _check("platform", self.platform)
        _check("native_id", self.native_id)

    @property
    def key(self) -> str:
        """The form used in import files: ``platform:native_id``."""
        return f"{self.platform}:{self.native_id}"

    @classmethod
    def parse(cls, key: str) -> AccountRef:
        """Read ``platform:native_id``; raises ValueError with what is wrong."""
        platform, colon, native_id = key.partition(":")
        if not colon:
            raise ValueError(f"an account is written platform:id, got {key[:60]!r}")
        return cls(platform, native_id)


@dataclass(frozen=True, slots=True, order=True)
class PollRef:
    """A poll, where a platform tells how it stands without saying which messages show it."""

    platform: str
    native_id: str

    def __post_init__(self) -> None:
        _check("platform", self.platform)
        _check("native_id", self.native_id)


@dataclass(frozen=True, slots=True, order=True)
class MessageRef:
    """One message of one room."""

    room: RoomRef
    native_id: str

    def __post_init__(self) -> None:
        _check("native_id", self.native_id)
