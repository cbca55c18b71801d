"""Who may come to an event: everyone, staff, what members declared, a platform's own roles, a named segment. Knows no
storage, no platform and no sentence.

A role is asked of every account that is linked to the member: one that has it is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.domain.people import Level, Member
from bot.domain.permissions import STAFF, Home, PlatformRole, effective_role

ADMINS: Final = "admins"
"""`native_id` of "whoever administers this place", which every platform has, also one without named roles."""
MOST_ROLES: Final = 10


class AdmissionKind(StrEnum):
    EVERYONE = "everyone"
    STAFF = "staff"
    TOPIC = "topic"
    LEVEL = "level"
    ROLE = "role"
    SEGMENT = "segment"


BY_STANDING: Final = frozenset({AdmissionKind.ROLE, AdmissionKind.STAFF})
"""Kinds that ask what platforms say of somebody."""


@dataclass(frozen=True, slots=True)
class NativeRole:
    """A role of a group or server, by that platform's own ids. `where`: the id of the group or server."""

    platform: str
    where: str
    native_id: str
    name: str

    @property
    def key(self) -> str:
        """What stays the same when it is renamed."""
        return f"{self.platform}:{self.where}:{self.native_id}"

    def held_by(self, platform: str, standing: PlatformRole) -> bool:
        if (platform, standing.where) != (self.platform, self.where):
            return False
        return standing.role in STAFF if self.native_id == ADMINS else self.native_id in standing.groups


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may come. TOPIC and LEVEL ask what members declared in their profile; ROLE whether they have any of `roles`
    now; SEGMENT whether they are in the segment `value`, which is called `label`."""

    kind: AdmissionKind = AdmissionKind.EVERYONE
    value: str = ""
    roles: tuple[NativeRole, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        if self.kind is AdmissionKind.LEVEL:
            Level(self.value)
        elif (self.kind in {AdmissionKind.TOPIC, AdmissionKind.SEGMENT}) != bool(self.value):
            raise ValueError(f"{self.kind.value} does not go with {self.value!r}")
        if (self.kind is AdmissionKind.ROLE) != bool(self.roles) or len(self.roles) > MOST_ROLES:
            raise ValueError(f"{self.kind.value} does not go with {len(self.roles)} roles")

    def knowing(self, known: Iterable[NativeRole]) -> tuple[Admission, tuple[NativeRole, ...]]:
        """The same with the names that its roles have now, and those of them that are gone.

        Where all are gone it is for staff: nobody is let in whom the host did not mean. Of a place about which nothing
        is known, nothing is gone.
        """
        if self.kind is not AdmissionKind.ROLE:
            return self, ()
        there = {role.key: role for role in known}
        places = {(role.platform, role.where) for role in there.values()}
        kept = [there.get(role.key, role) for role in self.roles]
        left = tuple(role for role in kept if role.key in there or (role.platform, role.where) not in places)
        gone = tuple(role for role in self.roles if role.key not in {one.key for one in left})
        return (replace(self, roles=left) if left else Admission(AdmissionKind.STAFF)), gone


FOR_ALL: Final = Admission()


def is_staff(member: Member, held: Iterable[tuple[str, PlatformRole]], homes: Iterable[Home]) -> bool:
    """By what is stored, or by what any of their accounts is in a place of ours."""
    known = list(homes)
    return any(effective_role(member.role, platform, (one,), known) in STAFF for platform, one in held) or (
        member.role in STAFF
    )


def with_admins(roles: Iterable[NativeRole], homes: Iterable[Home]) -> list[NativeRole]:
    """The named roles of places that are ours, and for each such place those who administer it."""
    known = list(homes)
    ours = {(home.platform, home.native_id) for home in known}
    named = [role for role in roles if (role.platform, role.where) in ours]
    return [*named, *(NativeRole(home.platform, home.native_id, ADMINS, home.name or home.native_id) for home in known)]
