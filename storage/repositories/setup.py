"""Homes, what the platforms said about them, and one-time codes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from bot.domain.permissions import Home
from bot.domain.refs import RoomRef
from bot.domain.setup import Check, CheckName, CodePurpose
from storage.scope import Scope
from storage.tables import CHECKS, HOMES, SETUP_CODES

_H = HOMES.c
_C = CHECKS.c
_S = SETUP_CODES.c


class SqlHomes:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def all(self, community_id: int, platform: str | None = None) -> list[Home]:
        where = [_H.community_id == community_id]
        if platform is not None:
            where.append(_H.platform == platform)
        rows = self._scope.rows(select(HOMES).where(*where).order_by(_H.platform, _H.added_at, _H.native_id))
        return [Home(row.platform, row.native_id, row.name, row.admins, frozenset(row.groups)) for row in rows]

    def put(self, community_id: int, home: Home, at: datetime) -> bool:
        if home in self.all(community_id, home.platform):
            return False
        values = {"name": home.name, "admins": home.admins, "groups": sorted(home.groups)}
        key = {"community_id": community_id, "platform": home.platform, "native_id": home.native_id}
        self._scope.run(
            self._scope.insert(HOMES)
            .values(key | values | {"added_at": at})
            .on_conflict_do_update(index_elements=[_H.community_id, _H.platform, _H.native_id], set_=values)
        )
        self._scope.topics.add("homes")
        return True

    def remove(self, community_id: int, platform: str, native_id: str) -> bool:
        gone = self._scope.run(delete(HOMES).where(_one(community_id, platform, native_id))) > 0
        if gone:
            self._scope.topics.add("homes")
        return gone

    def move(self, community_id: int, old: RoomRef, new: RoomRef) -> bool:
        known = {home.native_id for home in self.all(community_id, old.platform)}
        if old.native_id not in known or old.native_id == new.native_id:
            return False
        if new.native_id in known:
            return self.remove(community_id, old.platform, old.native_id)
        here = _one(community_id, old.platform, old.native_id)
        self._scope.run(update(HOMES).where(here).values(platform=new.platform, native_id=new.native_id))
        self._scope.topics.add("homes")
        return True


class SqlChecks:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def all(self, community_id: int) -> list[Check]:
        rows = self._scope.rows(
            select(CHECKS).where(_C.community_id == community_id).order_by(_C.platform, _C.subject != "", _C.place)
        )
        return [
            Check(row.platform, CheckName(row.name), row.ok, row.at, row.subject, row.title, row.detail) for row in rows
        ]

    def replace(self, community_id: int, platform: str, checks: Sequence[Check]) -> None:
        here = and_(_C.community_id == community_id, _C.platform == platform)
        self._scope.run(delete(CHECKS).where(here))
        rows = [
            {
                "community_id": community_id,
                "platform": platform,
                "subject": check.subject,
                "name": check.name.value,
                "place": place,
                "ok": check.ok,
                "title": check.title,
                "detail": check.detail,
                "at": check.at,
            }
            for place, check in enumerate(checks)
        ]
        self._scope.run(insert(CHECKS), rows)


class SqlSetupCodes:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, code: str, purpose: CodePurpose, *, at: datetime, until: datetime) -> None:
        values = {"community_id": community_id, "digest": _digest(code), "purpose": purpose.value}
        self._scope.run(insert(SETUP_CODES).values(values | {"made_at": at, "ends_at": until, "used_at": None}))

    def use(self, community_id: int, code: str, purpose: CodePurpose, at: datetime) -> bool:
        fits = _usable(community_id, code, purpose, at)
        return self._scope.run(update(SETUP_CODES).where(fits).values(used_at=at)) == 1

    def good(self, community_id: int, code: str, purpose: CodePurpose, at: datetime) -> bool:
        fits = _usable(community_id, code, purpose, at)
        return self._scope.first(select(_S.digest).where(fits)) is not None

    def sweep(self, before: datetime) -> int:
        return self._scope.run(delete(SETUP_CODES).where(_S.ends_at < before))


def _one(community_id: int, platform: str, native_id: str) -> ColumnElement[bool]:
    return and_(_H.community_id == community_id, _H.platform == platform, _H.native_id == native_id)


def _usable(community_id: int, code: str, purpose: CodePurpose, at: datetime) -> ColumnElement[bool]:
    return and_(
        _S.community_id == community_id,
        _S.digest == _digest(code),
        _S.purpose == purpose.value,
        _S.used_at.is_(None),
        _S.ends_at > at,
    )


def _digest(code: str) -> str:
    """Codes have 80 random bits, so nothing slower is needed to keep them from being found again."""
    return hashlib.sha256(f"setup:{code.strip().casefold()}".encode()).hexdigest()
