"""People and their communities: what the application needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.digests import DigestFigures, DigestSettings
from bot.domain.incoming import Sender
from bot.domain.introductions import Introduction
from bot.domain.links import Link, LinkState
from bot.domain.people import Community, Identity, Member
from bot.domain.refs import AccountRef


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the counters of a community have come: items' revision, the sequence of interactions, withdrawals and
    what members declare, the number of the last change of anybody's consent, and the sequence when two members last
    became one or parted. As long as all of them stand, nothing that lists rest on changed.
    """

    revision: int = 0
    sequence: int = 0
    consents: int = 0
    links: int = 0


class Communities(Protocol):
    def add(self, name: str, *, language: str, timezone: str, sample: bool) -> Community: ...
    def get(self, community_id: int) -> Community | None: ...
    def all(self) -> list[Community]: ...
    def configure(self, community_id: int, *, language: str, timezone: str) -> Community:
        """As it is then. Raises NotFound."""
        ...

    def marks(self, community_id: int) -> Marks:
        """In one look; all 0 for a community that is not there."""
        ...


class Members(Protocol):
    """People and their accounts."""

    def get(self, member_id: int) -> Member | None:
        """Whoever has this number now: of two who are one person, that person, under either number."""
        ...

    def by_account(self, community_id: int, account: AccountRef) -> Member | None: ...
    def resolve(self, community_id: int, sender: Sender, at: datetime) -> Member:
        """The member behind an account; made, with an identity, when the account is new. Names follow the platform."""
        ...

    def create(self, member: Member, accounts: Sequence[AccountRef]) -> Member:
        """`member.id` is ignored; returns it with its id. ValueError when an account belongs to somebody."""
        ...

    def update(self, member: Member) -> None:
        """Name, language, timezone, role, profile, consent (changes of consent are kept as history with the time).

        NotFound also for who has become one with another since it was read."""
        ...

    def attach(self, member_id: int, account: AccountRef, name: str) -> Identity: ...
    def identities(self, member_id: int) -> list[Identity]: ...
    def all(self, community_id: int, *, include_bots: bool = False) -> list[Member]: ...
    def some(self, member_ids: Iterable[int]) -> list[Member]:
        """Those who are there and nobody else's part, in no order."""
        ...

    def names(self, member_ids: Iterable[int]) -> dict[int, str]: ...
    def declared_after(self, community_id: int, sequence: int) -> list[tuple[int, int]]:
        """(sequence, member id) of who changed topics, level or language after `sequence`, in that order; the sequence
        is that of interactions."""
        ...

    def consent_revision(self, community_id: int) -> int:
        """Grows with every change of anybody's consent: what was counted before must be counted anew."""
        ...


class Digests(Protocol):
    def get(self, member_id: int) -> DigestSettings: ...
    def some(self, member_ids: Iterable[int]) -> dict[int, DigestSettings]:
        """Also of who never said anything: the settings that hold then."""
        ...

    def note(self, notes: Mapping[int, str]) -> None:
        """What became of members' last digest, for those who have settings. ``skipped`` also ends a wish to skip."""
        ...

    def reached(self, member_id: int, *, reached: bool) -> int:
        """Count what could not be delivered; returns how often in a row, 0 where it could."""
        ...

    def put(self, community_id: int, settings: DigestSettings) -> None:
        """Also keeps the member's `Schedule` row in step, and has what waits for them looked at again."""
        ...

    def figures(self, community_id: int, *, days: int, at: datetime) -> DigestFigures:
        """How digests did in the last `days`, in numbers of people, bots left out."""
        ...


@dataclass(frozen=True, slots=True)
class Sought:
    """Something looked for: `kind` of asking, `best` the score of what was found (0-1)."""

    member_id: int | None
    kind: str
    words: str
    best: float
    at: datetime


class Demand(Protocol):
    """Searches and questions, and how well they could be answered: what members need."""

    def add(
        self, community_id: int, member_id: int | None, kind: str, words: str, best: float, at: datetime
    ) -> None: ...
    def all(self, community_id: int, *, since: datetime, below: float) -> list[tuple[str, str, float, datetime]]: ...
    def sought(self, community_id: int, *, since: datetime, below: float) -> list[Sought]:
        """The same with who looked, oldest first: to count people, never to show them."""
        ...


class Introductions(Protocol):
    """What members chose about each other."""

    def put(self, community_id: int, introduction: Introduction) -> bool:
        """False when just this was chosen before; the latest choice of a member about another replaces the former."""
        ...

    def withdraw(self, member_id: int, other_id: int) -> bool: ...
    def about(self, member_id: int) -> list[Introduction]:
        """What the member chose about others, and others about the member; oldest first."""
        ...


class Links(Protocol):
    """Members who are one person: codes, answers, and everything that is theirs going along and back."""

    def offer(self, link: Link, code: str) -> Link:
        """`link.id` is ignored. `code`: a hash of it. Codes that this member made before are void."""
        ...

    def by_code(self, community_id: int, code: str) -> Link | None:
        """The link whose code waits to be given; of whatever age."""
        ...

    def get(self, community_id: int, link_id: int) -> Link | None: ...
    def ask(self, link_id: int, second_id: int, platform: str, *, until: datetime) -> bool:
        """The code was given: it is used up, and both are asked. False when somebody was faster."""
        ...

    def agree(self, link_id: int, *, first: bool) -> Link | None:
        """One side says yes; None when nobody is asked any more."""
        ...

    def end(self, link_id: int, state: LinkState, at: datetime) -> bool:
        """It comes to nothing (refused, void); False when it had ended or come true."""
        ...

    def join(self, link_id: int, at: datetime) -> Member | None:
        """The two become one, with all that is theirs. None when it is not so far: both must have agreed."""
        ...

    def part(self, link_id: int, at: datetime) -> bool:
        """The second has all of theirs back. False when the two were not one."""
        ...

    def of(self, member_id: int) -> list[Link]:
        """Those by which others are one with this member, oldest first."""
        ...

    def revision(self, community_id: int) -> int:
        """Grows whenever two become one or part: what was counted before must be counted anew."""
        ...
