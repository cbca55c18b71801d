"""Coming in by the web community's door. Knows members and rooms; knows no cookies and no HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.people import LANGUAGES, Community, Member
from bot.domain.permissions import Role
from bot.domain.refs import AccountRef
from bot.domain.text import clean_line
from bot.errors import BadInput, NotAllowed, NotFound
from bot.ports import Clock, Store, UnitOfWork

PLATFORM: Final = "web"
MAX_NAME: Final = 40


def web_account(member_id: int) -> AccountRef:
    """The account that a member gets who comes in by this door for the first time: ``web:m<member id>``."""
    return AccountRef(PLATFORM, f"m{member_id}")


def account_here(uow: UnitOfWork, member_id: int) -> AccountRef | None:
    """The account in which a member uses the web community; it may have come with a link. None: they never came in."""
    accounts = (identity.account for identity in uow.members.identities(member_id))
    return next((account for account in accounts if account.platform == PLATFORM), None)


def may_sign_in(community: Community, member: Member, *, has_account: bool) -> bool:
    """Whether anybody at the door may come in as `member`.

    Sample members are nobody's, and in a sample community everybody who was made there is for trying out. A real
    member comes back with a personal link only.
    """
    return not member.bot and (member.sample or (community.sample and has_account))


@dataclass(frozen=True, slots=True)
class SignIn:
    """A member comes in: their web account and their room with the bot exist afterwards. Repeating changes nothing."""

    store: Store
    clock: Clock
    community_id: int

    def __call__(self, member_id: int, *, invited: bool = False) -> Member:
        """`invited`: they hold their personal link. Raises NotFound, or NotAllowed when a link is needed."""
        with self.store.write() as uow:
            member = uow.members.get(member_id)
            community = uow.communities.get(self.community_id)
            if member is None or community is None or member.community_id != community.id or member.bot:
                raise NotFound("no such member")
            has_account = account_here(uow, member.id) is not None
            if not (invited or may_sign_in(community, member, has_account=has_account)):
                raise NotAllowed("this member comes in by a personal link")
            if not has_account:
                uow.members.attach(member.id, web_account(member.id), member.name)
            uow.rooms.direct(community.id, PLATFORM, member.id)
            uow.commit()
        return member


@dataclass(frozen=True, slots=True)
class CreateMember:
    """A newcomer gives a name, a language and a time zone, and comes in.

    `joined` is called inside the transaction, so that what the door wants to tell the rest of the program (the newcomer
    is here) is stored exactly when the newcomer is.
    """

    store: Store
    clock: Clock
    community_id: int

    def __call__(
        self,
        name: str,
        language: str,
        timezone: str,
        *,
        joined: Callable[[UnitOfWork, Member], None] | None = None,
    ) -> Member:
        """Raises BadInput naming the field: ``name``, ``language`` or ``timezone``."""
        name = clean_line(name)
        if not 1 <= len(name) <= MAX_NAME:
            raise BadInput("name", hint=f"1-{MAX_NAME}")
        if language not in LANGUAGES:
            raise BadInput("language", hint=", ".join(LANGUAGES))
        if not is_zone(timezone):
            raise BadInput("timezone")
        now = self.clock.now()
        with self.store.write() as uow:
            # Whoever comes in first by this door runs the community; somebody has to be able to set it up. People of an
            # imported history are no owners: nobody of them has been here.
            first = all(member.role is not Role.OWNER for member in uow.members.all(self.community_id))
            role = Role.OWNER if first else Role.MEMBER
            newcomer = Member(
                0, self.community_id, name, language=language, timezone=timezone, role=role, joined_at=now
            )
            member = uow.members.create(newcomer, ())
            uow.members.attach(member.id, web_account(member.id), name)
            uow.rooms.direct(self.community_id, PLATFORM, member.id)
            if joined is not None:
                joined(uow, member)
            uow.commit()
        return member


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """A member wants to be spoken to in another language, on the page and by the bot."""

    store: Store

    def __call__(self, member_id: int, language: str) -> None:
        if language not in LANGUAGES:
            raise BadInput("language", hint=", ".join(LANGUAGES))
        with self.store.write() as uow:
            member = uow.members.get(member_id)
            if member is None:
                raise NotFound("no such member")
            if member.language != language:
                uow.members.update(replace(member, language=language))
                uow.commit()


def is_zone(timezone: str) -> bool:
    # ZoneInfo reads files by name: a name that is no plain key (absolute, "..") must not reach it.
    if not timezone or len(timezone) > 64 or not timezone.isascii():
        return False
    try:
        ZoneInfo(timezone)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError, see below
        return False
    except KeyError:
        return False
    return True
