"""What was shown to whom, why, and in which message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select, update

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Exposure, ScorePart
from bot.domain.items import ItemId
from bot.domain.permissions import PUBLIC
from bot.domain.refs import MessageRef
from storage.scope import Record, Scope, chunks
from storage.tables import CONSENTS, EXPOSURES, ITEMS, MEMBERS, RECEIPTS

_E = EXPOSURES.c
_R = RECEIPTS.c


class SqlExposures:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, exposures: Sequence[Exposure]) -> None:
        rows = [_values(community_id, exposure) for exposure in exposures]
        self._scope.run(self._scope.insert(EXPOSURES).on_conflict_do_nothing(), rows)

    def get(self, community_id: int, key: str) -> Exposure | None:
        row = self._scope.first(select(EXPOSURES).where(_E.community_id == community_id, _E.key == key))
        return None if row is None else _exposure(row)

    def shown(self, member_id: int, *, since: datetime, surface: str | None = None) -> dict[ItemId, int]:
        surfaces = () if surface is None else (surface,)
        return self.shown_to([member_id], since=since, surfaces=surfaces).get(member_id, {})

    def shown_to(
        self, member_ids: Iterable[int], *, since: datetime, surfaces: Collection[str] = ()
    ) -> dict[int, dict[ItemId, int]]:
        found: dict[int, dict[ItemId, int]] = {}
        for part in chunks(set(member_ids)):
            wanted = select(_E.member_id, _E.item, func.count()).where(_E.member_id.in_(part), _E.at >= since)
            if surfaces:
                wanted = wanted.where(_E.surface.in_(surfaces))
            for row in self._scope.rows(wanted.group_by(_E.member_id, _E.item)):
                found.setdefault(row[0], {})[ItemId(row[1])] = row[2]
        return found

    def keyed(self, community_id: int, prefix: str) -> set[ItemId]:
        mine = _E.community_id == community_id, _E.key >= prefix, _E.key < f"{prefix}\U0010ffff"
        return {ItemId(item) for item in self._scope.values(select(_E.item).where(*mine).distinct())}

    def last_on(self, member_ids: Iterable[int], *, surface: str) -> dict[int, datetime]:
        found: dict[int, datetime] = {}
        for part in chunks(set(member_ids)):
            mine = _E.member_id.in_(part), _E.surface == surface
            rows = self._scope.rows(select(_E.member_id, func.max(_E.at)).where(*mine).group_by(_E.member_id))
            found.update((row[0], row[1]) for row in rows)
        return found

    def traffic(
        self, community_id: int, *, since: datetime, today: datetime
    ) -> tuple[dict[ItemId, tuple[int, int, int]], int]:
        mine = (_E.community_id == community_id) & _E.member_id.is_not(None)
        met = func.count(func.distinct(case((_E.at >= today, _E.member_id))))
        drawn = func.count(case((_E.policy == "explore", 1)))
        wanted = select(_E.item, func.count(), met, drawn).where(mine, _E.at >= since).group_by(_E.item)
        found = {ItemId(row[0]): (row[1], row[2], row[3]) for row in self._scope.rows(wanted)}
        people = select(func.count(func.distinct(_E.member_id))).where(mine, _E.at >= today)
        return found, int(self._scope.value(people))

    def all(self, community_id: int, *, since: datetime) -> Iterable[Exposure]:
        wanted = select(EXPOSURES).where(_E.community_id == community_id, _E.at >= since)
        for row in self._scope.stream(wanted.order_by(_E.at, _E.id)):
            yield _exposure(row)

    def for_training(self, community_id: int, *, since: datetime, limit: int) -> Iterable[Exposure]:
        gone_or_private = exists().where(
            ITEMS.c.community_id == community_id,
            ITEMS.c.item == _E.item,
            or_(ITEMS.c.deleted.is_(True), ITEMS.c.audience != PUBLIC),
        )
        consents = exists().where(CONSENTS.c.member_id == _E.member_id, CONSENTS.c.kind == ConsentKind.ENROLMENTS.value)
        person = exists().where(MEMBERS.c.id == _E.member_id, MEMBERS.c.bot.is_(False))
        wanted = select(EXPOSURES).where(
            _E.community_id == community_id, _E.at >= since, person, consents, ~gone_or_private
        )
        newest = wanted.order_by(_E.at.desc(), _E.id.desc()).limit(limit).subquery()
        for row in self._scope.stream(select(newest).order_by(newest.c.at, newest.c.id)):
            yield _exposure(row)

    def place(self, community_id: int, keys: Sequence[str], message: MessageRef) -> None:
        place_exposures(self._scope, community_id, keys, add_receipt(self._scope, community_id, message))


def add_receipt(
    scope: Scope, community_id: int, message: MessageRef, outbox_id: int | None = None, part: int = 0
) -> int:
    """The row that stands for a message of ours; platform ids are kept there and nowhere else."""
    address = {
        "platform": message.room.platform,
        "native_id": message.room.native_id,
        "thread_id": message.room.thread_id or "",
        "message_native_id": message.native_id,
    }
    if outbox_id is None:
        same = and_(_R.community_id == community_id, *(_R[name] == value for name, value in address.items()))
        known = scope.value(select(_R.id).where(same).order_by(_R.id).limit(1))
        if known is not None:
            return int(known)
    row = {"community_id": community_id, "outbox_id": outbox_id, "part": part} | address
    statement = (
        scope.insert(RECEIPTS)
        .values(row)
        .on_conflict_do_update(index_elements=[_R.outbox_id, _R.part], set_=address)
        .returning(_R.id)
    )
    return int(scope.value(statement))


def place_exposures(scope: Scope, community_id: int, keys: Sequence[str], receipt_id: int) -> None:
    for part in chunks(keys):
        mine = (_E.community_id == community_id) & _E.key.in_(part)
        scope.run(update(EXPOSURES).where(mine).values(receipt_id=receipt_id))


def _values(community_id: int, exposure: Exposure) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "member_id": exposure.member_id,
        "item": exposure.item,
        "rank": exposure.rank,
        "score": exposure.score,
        "parts": [_part(part) for part in exposure.parts],
        "policy": exposure.policy,
        "surface": exposure.surface,
        "at": exposure.at,
        "key": exposure.key,
        "propensity": exposure.propensity,
        "receipt_id": None,
        "slate": [list(each) for each in exposure.slate] or None,
    }


def _part(part: ScorePart) -> list[Any]:
    said = [part.source, part.value, list(part.items), part.count, part.note]
    if part.of or part.times:
        return [*said, part.plain, part.of, part.times]
    return said if part.plain is None else [*said, part.plain]


def _parts(kept: list[list[Any]]) -> tuple[ScorePart, ...]:
    return tuple(
        ScorePart(source, value, tuple(map(ItemId, items)), count, note, *more)
        for source, value, items, count, note, *more in kept
    )


def _exposure(row: Record) -> Exposure:
    return Exposure(
        member_id=row.member_id,
        item=ItemId(row.item),
        rank=row.rank,
        score=row.score,
        parts=_parts(row.parts),
        policy=row.policy,
        surface=row.surface,
        at=row.at,
        key=row.key,
        propensity=row.propensity,
        slate=tuple((ItemId(item), score, chance) for item, score, chance in row.slate or ()),
    )
