"""Roles of platforms, who has them, named segments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, insert, select

from bot.domain.admission import NativeRole
from bot.domain.permissions import PlatformRole, Role
from bot.domain.refs import AccountRef
from bot.domain.segments import Rule, Segment
from storage.scope import Record, Scope, chunks
from storage.tables import HOMES, IDENTITIES, NATIVE_ROLES, SEGMENTS, STANDINGS

_R = NATIVE_ROLES.c
_S = STANDINGS.c
_I = IDENTITIES.c
_G = SEGMENTS.c
_H = HOMES.c
_RULES: Final[TypeAdapter[tuple[Rule, ...]]] = TypeAdapter(tuple[Rule, ...])


class SqlNativeRoles:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def all(self, community_id: int) -> list[NativeRole]:
        wanted = select(NATIVE_ROLES).where(_R.community_id == community_id)
        rows = self._scope.rows(wanted.order_by(_R.platform, _R.server, _R.place, _R.native_id))
        return [NativeRole(row.platform, row.server, row.native_id, row.name) for row in rows]

    def replace(self, community_id: int, platform: str, where: str, roles: Sequence[NativeRole]) -> bool:
        known = [r for r in self.all(community_id) if (r.platform, r.where) == (platform, where)]
        if known == list(roles):
            return False
        here = and_(_R.community_id == community_id, _R.platform == platform, _R.server == where)
        self._scope.run(delete(NATIVE_ROLES).where(here))
        rows = [
            {
                "community_id": community_id,
                "platform": platform,
                "server": where,
                "native_id": role.native_id,
                "name": role.name,
                "place": place,
            }
            for place, role in enumerate(roles)
        ]
        if rows:
            self._scope.run(insert(NATIVE_ROLES), rows)
        return True

    def note(self, community_id: int, account: AccountRef, standing: PlatformRole, at: datetime) -> bool:
        ours = and_(_H.community_id == community_id, _H.platform == account.platform, _H.native_id == standing.where)
        whose = and_(
            _I.community_id == community_id, _I.platform == account.platform, _I.native_id == account.native_id
        )
        identity = self._scope.value(select(_I.id).where(whose))
        if identity is None or self._scope.first(select(_H.native_id).where(ours)) is None:
            return False
        mine = and_(_S.identity_id == identity, _S.server == standing.where)
        row = self._scope.first(select(STANDINGS).where(mine))
        before = _standing(row) if row is not None else PlatformRole(standing.where)
        if before == standing:
            return False
        if standing == PlatformRole(standing.where):
            self._scope.run(delete(STANDINGS).where(mine))
            return True
        values = {"role": standing.role.value, "groups": sorted(standing.groups), "at": at}
        self._scope.run(
            self._scope.insert(STANDINGS)
            .values(values | {"identity_id": identity, "server": standing.where, "community_id": community_id})
            .on_conflict_do_update(index_elements=[_S.identity_id, _S.server], set_=values)
        )
        return True

    def of(self, member_ids: Collection[int]) -> dict[int, list[tuple[str, PlatformRole]]]:
        found: dict[int, list[tuple[str, PlatformRole]]] = {}
        both = STANDINGS.join(IDENTITIES, _S.identity_id == _I.id)
        wanted = select(_I.member_id, _I.platform, _S.server, _S.role, _S.groups).select_from(both)
        for part in chunks(member_ids):
            for row in self._scope.rows(wanted.where(_I.member_id.in_(part)).order_by(_S.identity_id, _S.server)):
                found.setdefault(row.member_id, []).append((row.platform, _standing(row)))
        return found


class SqlSegments:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, segment: Segment, *, by: str, at: datetime) -> None:
        values = {
            "name": segment.name,
            "rules": _RULES.dump_python(segment.rules, mode="json"),
            "made_by": by,
            "made_at": at,
        }
        self._scope.run(
            self._scope.insert(SEGMENTS)
            .values(values | {"community_id": community_id, "slug": segment.slug})
            .on_conflict_do_update(index_elements=[_G.community_id, _G.slug], set_=values)
        )

    def get(self, community_id: int, slug: str) -> Segment | None:
        row = self._scope.first(select(SEGMENTS).where(_G.community_id == community_id, _G.slug == slug))
        return None if row is None else _segment(row)

    def all(self, community_id: int) -> list[Segment]:
        wanted = select(SEGMENTS).where(_G.community_id == community_id).order_by(_G.name, _G.slug)
        return [_segment(row) for row in self._scope.rows(wanted)]

    def remove(self, community_id: int, slug: str) -> bool:
        return self._scope.run(delete(SEGMENTS).where(_G.community_id == community_id, _G.slug == slug)) > 0


def _standing(row: Record) -> PlatformRole:
    return PlatformRole(row.server, Role(row.role), frozenset(row.groups))


def _segment(row: Record) -> Segment:
    return Segment(row.slug, row.name, _RULES.validate_python(row.rules))
