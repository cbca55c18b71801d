"""Who may see what: the one choke point `visible`. Knows audiences and viewers; knows no platform and no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

Audience = NewType("Audience", str)
"""Who may read a thing: ``public`` (every member of the community), ``room:<id>`` or ``member:<id>``."""

PUBLIC: Final = Audience("public")


def room_audience(room_id: int) -> Audience:
    return Audience(f"room:{room_id}")


def member_audience(member_id: int) -> Audience:
    return Audience(f"member:{member_id}")


class Role(StrEnum):
    """What a member may do in a community; the adapters map the platforms' own roles to these."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


STAFF: Final = frozenset({Role.MODERATOR, Role.OWNER})


def may_curate(role: Role) -> bool:
    """May this role decide what is suggested: pin, ban, boost?"""
    return role in STAFF


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: a member, or a room (`member_id` None) for which public answers are made."""

    community_id: int
    member_id: int | None
    audiences: frozenset[Audience]
    role: Role = Role.MEMBER

    @classmethod
    def of_public(cls, community_id: int) -> Viewer:
        """Whoever reads a public room: sees what everybody sees."""
        return cls(community_id, None, frozenset({PUBLIC}))


def visible(viewer: Viewer, audience: Audience) -> bool:
    """May `viewer` read what is addressed to `audience`? Every read that reaches a person asks this."""
    return audience in viewer.audiences
