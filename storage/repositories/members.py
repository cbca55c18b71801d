"""People, their accounts, and what they allow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, delete, exists, func, insert, literal_column, select, update

from bot.domain.consent import DEFAULT_CONSENT, Consent, ConsentKind
from bot.domain.incoming import Sender
from bot.domain.links import LinkState
from bot.domain.people import Goal, Identity, Level, Member, Profile
from bot.domain.permissions import Role
from bot.domain.refs import AccountRef
from bot.errors import NotFound
from storage.repositories.communities import next_sequence
from storage.repositories.schedules import follow_timezone
from storage.scope import Record, Scope, chunks
from storage.tables import CONSENT_CHANGES, CONSENTS, IDENTITIES, LINKS, MEMBERS

_M = MEMBERS.c
_I = IDENTITIES.c
_L = LINKS.c

JOINED: Final = _L.state == LinkState.JOINED.value
ELSEWHERE: Final = select(_L.second_id).where(JOINED)
"""Members who are one with another for now, and nobody by themselves."""
# Asked for each member who is wanted: of a list of all who are linked, every lot of digests would read the whole.
# Written out: with a parameter here, SQLite does not see that the partial index covers it.
_THEMSELVES: Final = ~exists().where(_L.second_id == _M.id, _L.state == literal_column(f"'{LinkState.JOINED.value}'"))

# Made once: building a statement takes longer than running it. What a member allows comes in the member's row.
_GRANTED: Final = (
    select(func.aggregate_strings(CONSENTS.c.kind, ","))
    .where(CONSENTS.c.member_id == _M.id)
    .scalar_subquery()
    .label("granted")
)
_MEMBERS: Final = select(MEMBERS, _GRANTED)
_HOLDER: Final = select(_L.first_id).where(_L.second_id == bindparam("b_id"), JOINED).scalar_subquery()
_BY_ID: Final = _MEMBERS.where(_M.id == func.coalesce(_HOLDER, bindparam("b_id")))
_ACCOUNT: Final = and_(
    _I.community_id == bindparam("b_community"),
    _I.platform == bindparam("b_platform"),
    _I.native_id == bindparam("b_native"),
)
_IDENTITY: Final = select(IDENTITIES).where(_ACCOUNT)
_BY_ACCOUNT: Final = (
    _MEMBERS.add_columns(_I.id.label("identity_id"), _I.name.label("identity_name"))
    .join(IDENTITIES, _I.member_id == _M.id)
    .where(_ACCOUNT)
)


class SqlMembers:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, member_id: int) -> Member | None:
        rows = self._scope.rows(_BY_ID, [{"b_id": member_id}])
        return _member(rows[0]) if rows else None

    def by_account(self, community_id: int, account: AccountRef) -> Member | None:
        row = self._at(_BY_ACCOUNT, community_id, account)
        return None if row is None else _member(row)

    def resolve(self, community_id: int, sender: Sender, at: datetime) -> Member:
        row = self._at(_BY_ACCOUNT, community_id, sender.account)
        if row is None:
            return self._newcomer(community_id, sender, sender.name or sender.account.native_id, at)
        member = _member(row)
        changes: dict[str, Any] = {}
        if sender.name and row.identity_name != sender.name:
            self._scope.run(update(IDENTITIES).where(_I.id == row.identity_id).values(name=sender.name))
            # A name that the member chose here, or that another account gave, is not this account's to change.
            if member.name == row.identity_name:
                changes["name"] = sender.name
        if sender.bot and not member.bot:
            changes["bot"] = True
        if not changes:
            return member
        self._scope.run(update(MEMBERS).where(_M.id == member.id).values(changes))
        changed = self.get(member.id)
        assert changed is not None, "it was there"
        return changed

    def create(self, member: Member, accounts: Sequence[AccountRef]) -> Member:
        for account in accounts:
            if self._identity(member.community_id, account) is not None:
                raise ValueError(f"the account {account.key} belongs to somebody")
        member_id = self._scope.value(
            insert(MEMBERS).values({"community_id": member.community_id} | _values(member)).returning(_M.id)
        )
        self._grant(member.community_id, member_id, member.consent.granted)
        for kind in member.consent.granted ^ DEFAULT_CONSENT:
            self._record(member.community_id, member_id, kind, granted=kind in member.consent.granted)
        for account in accounts:
            self._add_identity(member.community_id, member_id, account, member.name)
        created = self.get(member_id)
        assert created is not None, "it was inserted"
        return created

    def update(self, member: Member) -> None:
        before = self.get(member.id)
        if before is None or before.id != member.id:
            # Read before the two became one: what was meant then must not be written over what is now.
            raise NotFound(f"There is no member {member.id} by itself.")
        values = _values(member)
        if _declared(before) != _declared(member):
            values["declared"] = next_sequence(self._scope, before.community_id, 1)[0]
        self._scope.run(update(MEMBERS).where(_M.id == member.id).values(values))
        for kind in before.consent.granted ^ member.consent.granted:
            self._record(before.community_id, member.id, kind, granted=kind in member.consent.granted)
        gone = before.consent.granted - member.consent.granted
        self._scope.run(delete(CONSENTS).where(CONSENTS.c.member_id == member.id, CONSENTS.c.kind.in_(sorted(gone))))
        self._grant(before.community_id, member.id, member.consent.granted - before.consent.granted)
        if before.timezone != member.timezone:
            follow_timezone(self._scope, member)

    def attach(self, member_id: int, account: AccountRef, name: str) -> Identity:
        member = self.get(member_id)
        if member is None:
            raise NotFound(f"There is no member {member_id}.")
        identity = self._identity(member.community_id, account)
        if identity is None:
            return self._add_identity(member.community_id, member.id, account, name)
        if identity.member_id != member.id:
            raise ValueError(f"the account {account.key} belongs to somebody else")
        if identity.name != name:
            self._scope.run(update(IDENTITIES).where(_I.id == identity.id).values(name=name))
        return Identity(identity.id, member.id, account, name)

    def identities(self, member_id: int) -> list[Identity]:
        rows = self._scope.rows(select(IDENTITIES).where(_I.member_id == member_id).order_by(_I.id))
        return [Identity(row.id, row.member_id, AccountRef(row.platform, row.native_id), row.name) for row in rows]

    def all(self, community_id: int, *, include_bots: bool = False) -> list[Member]:
        wanted = _MEMBERS.where(_M.community_id == community_id, _M.id.not_in(ELSEWHERE)).order_by(_M.id)
        if not include_bots:
            wanted = wanted.where(_M.bot.is_(False))
        return [_member(row) for row in self._scope.rows(wanted)]

    def some(self, member_ids: Iterable[int]) -> list[Member]:
        found: list[Member] = []
        for part in chunks(set(member_ids)):
            found += [_member(row) for row in self._scope.rows(_MEMBERS.where(_M.id.in_(part), _THEMSELVES))]
        return found

    def declared_after(self, community_id: int, sequence: int) -> list[tuple[int, int]]:
        wanted = select(_M.declared, _M.id).where(_M.community_id == community_id, _M.declared > sequence)
        return [(row.declared, row.id) for row in self._scope.rows(wanted.order_by(_M.declared))]

    def consent_revision(self, community_id: int) -> int:
        changes = CONSENT_CHANGES.c
        newest = select(changes.id).where(changes.community_id == community_id).order_by(changes.id.desc()).limit(1)
        return int(self._scope.value(newest) or 0)

    def names(self, member_ids: Iterable[int]) -> dict[int, str]:
        names: dict[int, str] = {}
        for part in chunks(set(member_ids)):
            names.update((row.id, row.name) for row in self._scope.rows(select(_M.id, _M.name).where(_M.id.in_(part))))
        return names

    def _newcomer(self, community_id: int, sender: Sender, name: str, at: datetime) -> Member:
        newcomer = Member(0, community_id, name, joined_at=at, bot=sender.bot)
        member_id = self._scope.value(
            insert(MEMBERS).values({"community_id": community_id} | _values(newcomer)).returning(_M.id)
        )
        claim = (
            self._scope.insert(IDENTITIES)
            .values(_identity_values(community_id, member_id, sender.account, name))
            .on_conflict_do_nothing()
            .returning(_I.id)
        )
        if self._scope.value(claim) is None:
            # Another transaction made the member meanwhile (possible only where many may write).
            self._scope.run(delete(MEMBERS).where(_M.id == member_id))
            return self.resolve(community_id, sender, at)
        self._grant(community_id, member_id, newcomer.consent.granted)
        created = self.get(member_id)
        assert created is not None, "it was inserted"
        return created

    def _identity(self, community_id: int, account: AccountRef) -> Record | None:
        return self._at(_IDENTITY, community_id, account)

    def _at(self, wanted: Select[Any], community_id: int, account: AccountRef) -> Record | None:
        where = {"b_community": community_id, "b_platform": account.platform, "b_native": account.native_id}
        return next(iter(self._scope.rows(wanted, [where])), None)

    def _add_identity(self, community_id: int, member_id: int, account: AccountRef, name: str) -> Identity:
        row = _identity_values(community_id, member_id, account, name)
        identity_id = self._scope.value(insert(IDENTITIES).values(row).returning(_I.id))
        return Identity(identity_id, member_id, account, name)

    def _grant(self, community_id: int, member_id: int, kinds: Iterable[ConsentKind]) -> None:
        rows = [{"member_id": member_id, "kind": kind.value, "community_id": community_id} for kind in sorted(kinds)]
        self._scope.run(insert(CONSENTS), rows)

    def _record(self, community_id: int, member_id: int, kind: ConsentKind, *, granted: bool) -> None:
        row = {"community_id": community_id, "member_id": member_id, "kind": kind.value, "granted": granted}
        self._scope.run(insert(CONSENT_CHANGES).values(row | {"at": self._scope.now()}))


def _identity_values(community_id: int, member_id: int, account: AccountRef, name: str) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "member_id": member_id,
        "platform": account.platform,
        "native_id": account.native_id,
        "name": name,
    }


def _declared(member: Member) -> tuple[object, ...]:
    """What somebody is counted by among others."""
    return member.profile.topics, member.profile.level, member.language


def _values(member: Member) -> dict[str, Any]:
    """Everything of a member that may change; accounts and consent are rows of their own."""
    profile = member.profile
    return {
        "name": member.name,
        "language": member.language,
        "timezone": member.timezone,
        "role": member.role.value,
        "topics": list(profile.topics),
        "level": profile.level.value if profile.level else None,
        "goal": profile.goal.value if profile.goal else None,
        "weekly_hours": profile.weekly_hours,
        "muted": sorted(profile.muted),
        "surprises": profile.surprises,
        "joined_at": member.joined_at,
        "onboarded_at": member.onboarded_at,
        "sample": member.sample,
        "bot": member.bot,
    }


def _member(row: Record) -> Member:
    granted: frozenset[ConsentKind] = (
        frozenset(map(ConsentKind, row.granted.split(","))) if row.granted else frozenset()
    )
    profile = Profile(
        topics=tuple(row.topics),
        level=Level(row.level) if row.level else None,
        goal=Goal(row.goal) if row.goal else None,
        weekly_hours=row.weekly_hours,
        muted=frozenset(row.muted),
        surprises=row.surprises,
    )
    return Member(
        id=row.id,
        community_id=row.community_id,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        role=Role(row.role),
        profile=profile,
        consent=Consent(granted),
        joined_at=row.joined_at,
        onboarded_at=row.onboarded_at,
        sample=row.sample,
        bot=row.bot,
    )
