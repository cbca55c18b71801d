"""One person with accounts on several platforms: codes, how far a link has come, and what the joined member is like.

Knows what two members become together and again apart; knows no storage and no platform.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from bot.domain.consent import Consent, ConsentKind
from bot.domain.people import Member, Profile
from bot.domain.permissions import Role

CODE_LIVES: Final = timedelta(minutes=10)
QUESTION_LIVES: Final = timedelta(hours=1)
"""How long both sides have to say yes after the code was given."""
_RANDOM: Final = "abcdefghijklmnopqrstuvwxyz234567"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it looks like something else in it."""
_SHOWN: Final = str.maketrans(_RANDOM, _ALPHABET)
_MEANT: Final = str.maketrans("OIL", "011")
_CODE: Final = re.compile(f"[{_ALPHABET}]{{8}}")


class LinkState(StrEnum):
    """`OFFERED`: there is a code. `ASKED`: it was given elsewhere, and both are asked. `VOID`: replaced, or read by
    others."""

    OFFERED = "offered"
    ASKED = "asked"
    JOINED = "joined"
    PARTED = "parted"
    REFUSED = "refused"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Link:
    """`first` made the code, `second` gave it; the platforms are those on which they did. Once joined, what was the
    second's is the first's."""

    id: int
    community_id: int
    first_id: int
    second_id: int | None
    first_platform: str
    second_platform: str
    state: LinkState
    made_at: datetime
    expires_at: datetime
    first_agreed: bool = False
    second_agreed: bool = False
    joined_at: datetime | None = None

    @property
    def agreed(self) -> bool:
        return self.first_agreed and self.second_agreed

    def open_at(self, at: datetime) -> bool:
        """Whether it still waits for somebody."""
        return self.state in {LinkState.OFFERED, LinkState.ASKED} and at < self.expires_at


def new_code(random: str) -> str:
    """Eight characters (40 bits) of a random id in base 32 (`bot.ports.Ids`), as they are typed."""
    code = random[:8].translate(_SHOWN)
    if not _CODE.fullmatch(code):
        raise ValueError("a code is made of a random id of at least 8 characters in base 32")
    return code


def shown_code(code: str) -> str:
    """``7K3M-P9QR``: in two halves."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(words: str) -> str | None:
    """The code that somebody typed, in any case and width, with or without the dash; None: that is none."""
    plain = unicodedata.normalize("NFKC", words[:64]).upper()
    plain = re.sub(r"[\s\-\u2010-\u2015\u2212_.]", "", plain).translate(_MEANT)
    return plain if _CODE.fullmatch(plain) else None


def joined(first: Member, second: Member) -> Member:
    """What the first is while the two are one: their own profile, and of the second what they had not said.

    A signal is on only where both had it on. The higher role counts.
    """
    mine, theirs = first.profile, second.profile
    profile = Profile(
        topics=mine.topics or theirs.topics,
        level=mine.level or theirs.level,
        goal=mine.goal or theirs.goal,
        weekly_hours=mine.weekly_hours if mine.weekly_hours is not None else theirs.weekly_hours,
        muted=mine.muted | theirs.muted,
        surprises=mine.surprises and theirs.surprises,
    )
    return replace(
        first,
        language=first.language or second.language,
        timezone=second.timezone if first.timezone == "UTC" else first.timezone,
        role=_higher(first.role, second.role),
        profile=profile,
        consent=Consent(first.consent.granted & second.consent.granted),
        joined_at=_earlier(first.joined_at, second.joined_at),
        onboarded_at=_earlier(first.onboarded_at, second.onboarded_at),
    )


def parted(before: Member, together: Member, now: Member, second: Member) -> tuple[Member, Member]:
    """The two again. What was changed since they became one stays with the first; all else is as it was before.

    before, together: the first right before and right after; now: as it is; second: as it was left.
    Nobody gets back by unlinking what was taken from them meanwhile: neither a role nor a switch that was turned off.
    """
    first = replace(_kept(before, together, now), profile=_kept(before.profile, together.profile, now.profile))
    lost = together.consent.granted - now.consent.granted
    gained = now.consent.granted - together.consent.granted
    role = before.role if now.role is together.role else now.role
    first = replace(first, consent=_switched(before, lost, gained), role=role)
    other = second.role if now.role is together.role else _lower(second.role, now.role)
    return first, replace(second, consent=_switched(second, lost, frozenset()), role=other)


def _kept(before: Any, together: Any, now: Any) -> Any:
    """Field by field: as before where nobody has changed it since."""
    old = {
        field.name: getattr(before, field.name)
        for field in fields(now)
        if getattr(now, field.name) == getattr(together, field.name)
    }
    return replace(now, **old)


def _switched(member: Member, lost: frozenset[ConsentKind], gained: frozenset[ConsentKind]) -> Consent:
    return Consent((member.consent.granted - lost) | gained)


_RANKS: Final = list(Role)


def _higher(one: Role, other: Role) -> Role:
    return max(one, other, key=_RANKS.index)


def _lower(one: Role, other: Role) -> Role:
    return min(one, other, key=_RANKS.index)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other
