"""Roles of platforms, who has them, named segments: what the application needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.admission import NativeRole
from bot.domain.permissions import PlatformRole
from bot.domain.refs import AccountRef
from bot.domain.segments import Segment


class NativeRoles(Protocol):
    """What the platforms said last about their own roles, and about who has them."""

    def all(self, community_id: int) -> list[NativeRole]:
        """Named roles, by platform and place, each place's in its own order."""
        ...

    def replace(self, community_id: int, platform: str, where: str, roles: Sequence[NativeRole]) -> bool:
        """All roles of a place, now; False when just those were known."""
        ...

    def note(self, community_id: int, account: AccountRef, standing: PlatformRole, at: datetime) -> bool:
        """What an account is in a place now; False when that was known. Of accounts that nobody here has, and of
        places that are not ours, nothing is kept."""
        ...

    def of(self, member_ids: Collection[int]) -> dict[int, list[tuple[str, PlatformRole]]]:
        """By member, over all accounts that are theirs now: platform and standing."""
        ...


class Segments(Protocol):
    """The named segments that moderators made."""

    def put(self, community_id: int, segment: Segment, *, by: str, at: datetime) -> None:
        """Make, or replace by its slug."""
        ...

    def get(self, community_id: int, slug: str) -> Segment | None: ...
    def all(self, community_id: int) -> list[Segment]:
        """By name."""
        ...

    def remove(self, community_id: int, slug: str) -> bool: ...
