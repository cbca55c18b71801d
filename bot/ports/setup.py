"""Homes, what the platforms said about them, one-time codes: needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.permissions import Home
from bot.domain.setup import Check, CodePurpose


class Homes(Protocol):
    """Groups and servers that are proved to be the community's own."""

    def all(self, community_id: int, platform: str | None = None) -> list[Home]: ...
    def put(self, community_id: int, home: Home, at: datetime) -> bool:
        """Make or replace; False when just that was there."""
        ...

    def remove(self, community_id: int, platform: str, native_id: str) -> bool: ...


class Checks(Protocol):
    """What the platforms said last about what we need."""

    def all(self, community_id: int) -> list[Check]:
        """By platform, then for all of it before its groups and rooms."""
        ...

    def replace(self, community_id: int, platform: str, checks: Sequence[Check]) -> None:
        """All that is known of a platform, now; what is not among them any more is forgotten."""
        ...


class SetupCodes(Protocol):
    """One-time codes of the owner's; only a digest of each is kept."""

    def add(self, community_id: int, code: str, purpose: CodePurpose, *, at: datetime, until: datetime) -> None: ...
    def use(self, community_id: int, code: str, purpose: CodePurpose, at: datetime) -> bool:
        """True once, before its end and for its purpose."""
        ...

    def good(self, community_id: int, code: str, purpose: CodePurpose, at: datetime) -> bool:
        """Whether `use` would say True."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget those that ended before; returns how many."""
        ...
