"""Who may see what and who may do what: the choke points `visible` and `may`. Knows no platform and no SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

Audience = NewType("Audience", str)
"""Who may read a thing: ``public`` (every member of the community), ``room:<id>`` or ``member:<id>``."""

PUBLIC: Final = Audience("public")


def room_audience(room_id: int) -> Audience:
    return Audience(f"room:{room_id}")


def member_audience(member_id: int) -> Audience:
    return Audience(f"member:{member_id}")


class Role(StrEnum):
    """What a member is in a community."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


STAFF: Final = frozenset({Role.MODERATOR, Role.OWNER})
"""To whom the program itself reports, such as a training that failed. What somebody may do is asked of `may`."""


class StaffAction(StrEnum):
    """Everything that not everybody may do. What is not listed for a role, the role may not do."""

    CURATE = "curate"
    """Pin, ban, boost."""
    MAKE_ROOMS = "make-rooms"
    SCHEDULE = "schedule"
    """The weekly suggestion of a room."""
    SEE_DEMAND = "see-demand"
    SEE_REPORTS = "see-reports"
    SEE_PERSONAS = "see-personas"
    DECIDE_PATHS = "decide-paths"
    MARK = "mark"
    """A rating that counts as an expert's."""
    HOST_EVENTS = "host-events"
    """Make events, and manage everybody's."""
    SETUP = "setup"
    """Rooms to index, language, time zone; the checklist."""
    TRUST = "trust"
    """Who else is staff: which groups and servers are ours, and whose roles there count."""


_MAY: Final[Mapping[Role, frozenset[StaffAction]]] = MappingProxyType(
    {
        Role.OWNER: frozenset(StaffAction),
        Role.MODERATOR: frozenset(
            {
                StaffAction.CURATE,
                StaffAction.MAKE_ROOMS,
                StaffAction.SCHEDULE,
                StaffAction.SEE_DEMAND,
                StaffAction.SEE_REPORTS,
                StaffAction.SEE_PERSONAS,
                StaffAction.DECIDE_PATHS,
                StaffAction.MARK,
                StaffAction.HOST_EVENTS,
                StaffAction.SETUP,
            }
        ),
    }
)


def may(role: Role, action: StaffAction) -> bool:
    """The one question behind every staff command and button. Who is in no list may do nothing."""
    return action in _MAY.get(role, frozenset())


@dataclass(frozen=True, slots=True)
class PlatformRole:
    """What somebody is in a group or server now, by that platform's own word.

    `where`: its id there. `role` is never more than a moderator's: who owns a group does not own the community.
    `groups`: ids of the platform's own named roles, which count where the owner said so.
    """

    where: str
    role: Role = Role.MEMBER
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Home:
    """A group or server that is proved to be the community's own: whoever runs it is staff here.

    `admins`: those who administer it count as moderators. `groups`: ids of named roles that count too.
    """

    platform: str
    native_id: str
    name: str = ""
    admins: bool = True
    groups: frozenset[str] = frozenset()

    def makes_staff(self, standing: PlatformRole) -> bool:
        administers = self.admins and standing.role in STAFF
        return standing.where == self.native_id and (administers or not self.groups.isdisjoint(standing.groups))


def effective_role(stored: Role, platform: str, standings: Iterable[PlatformRole], homes: Iterable[Home]) -> Role:
    """Who somebody is for us now: what is stored, or a moderator by what they are in a home of that platform.

    Whatever they are in a group that nobody proved to be ours makes no difference.
    """
    if stored is not Role.MEMBER:
        return stored
    known = [home for home in homes if home.platform == platform]
    native = any(home.makes_staff(standing) for standing in standings for home in known)
    return Role.MODERATOR if native else stored


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: a member, or a room (`member_id` None) for which public answers are made.

    `role`: who they are at this moment.
    """

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
