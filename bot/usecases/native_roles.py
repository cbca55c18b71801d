"""What platforms say about their roles goes into the store, and events that ask for one are looked at again. Knows
homes: of places that nobody proved to be ours nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.admission import BY_STANDING
from bot.domain.events import EventState, door
from bot.domain.incoming import RolesListed, Sender
from bot.domain.people import Member
from bot.domain.permissions import PlatformRole
from bot.domain.refs import AccountRef
from bot.domain.text import clean_line
from bot.ports import UnitOfWork

_STATES: Final = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)
LISTED: Final = 500
"""Roles of one place at most; the platform that has the most allows 250."""


def standing_news(uow: UnitOfWork, member: Member, sender: Sender) -> bool:
    """Whether the platform says otherwise than the store."""
    mine = [one for platform, one in known_of(uow, member) if platform == sender.account.platform]

    def kept(where: str) -> PlatformRole:
        return next((one for one in mine if one.where == where), PlatformRole(where))

    return any(kept(one.where) != one for one in sender.standings)


def known_of(uow: UnitOfWork, member: Member) -> list[tuple[str, PlatformRole]]:
    """By platform, what their accounts are in places of ours."""
    return uow.native_roles.of([member.id]).get(member.id, [])


def note_standing(
    uow: UnitOfWork, community_id: int, account: AccountRef, standing: PlatformRole, at: datetime
) -> None:
    """Whose turn it is may be another's now, where they wait for a seat."""
    if uow.native_roles.note(community_id, account, standing, at):
        _look_again(uow, community_id, at)


def note_roles(uow: UnitOfWork, community_id: int, heard: RolesListed) -> None:
    homes = {(home.platform, home.native_id) for home in uow.homes.all(community_id)}
    if (heard.platform, heard.where) not in homes:
        return
    named = [replace(role, name=clean_line(role.name, limit=100) or role.native_id) for role in heard.roles[:LISTED]]
    if uow.native_roles.replace(community_id, heard.platform, heard.where, named):
        _look_again(uow, community_id, heard.at)


def _look_again(uow: UnitOfWork, community_id: int, at: datetime) -> None:
    for event in uow.hosted.all(community_id, states=_STATES, ends_after=at):
        if event.admission.kind in BY_STANDING:
            uow.moments.arm(community_id, [door(event, at)], again=True)
