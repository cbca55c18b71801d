"""What members did with items: stored once, only with consent, and undone without a trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    type_coerce,
)

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.permissions import PUBLIC
from bot.errors import NotFound
from recsys.gathering import ActionColumns
from storage.repositories.communities import next_sequence
from storage.scope import Record, Scope, chunks
from storage.tables import COMMUNITIES, CONSENTS, INTERACTIONS, ITEMS, MEMBERS, WITHDRAWALS

_N = INTERACTIONS.c
_W = WITHDRAWALS.c
_M = MEMBERS.c

_COLUMNS: Final = ("member_id", "item", "signal", "at", "key", "value", "reason")
_KEYS: Final = select(_N.key).where(
    _N.community_id == bindparam("b_community"), _N.key.in_(bindparam("b_keys", expanding=True))
)
_WITHDRAW: Final = (
    delete(INTERACTIONS)
    .where(_N.community_id == bindparam("b_community"), _N.key == bindparam("b_key"))
    .returning(INTERACTIONS)
)
_BOTS: Final = select(_M.id, _M.bot).where(
    _M.community_id == bindparam("b_community"), _M.id.in_(bindparam("b_members", expanding=True))
)
_GRANTED: Final = select(CONSENTS).where(CONSENTS.c.member_id.in_(bindparam("b_members", expanding=True)))
_ADD: Final = insert(INTERACTIONS)
PAGE: Final = 50_000
"""Rows in memory as Python values at once."""
_NEEDS: Final = {signal.value: signal.consent for signal in Signal}


class SqlInteractions:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, community_id: int, interaction: Interaction) -> bool:
        """False when its key was there, when the member has not allowed this kind of signal, and for bots."""
        return self.add_many(community_id, [interaction]) == 1

    def add_many(self, community_id: int, interactions: Sequence[Interaction]) -> int:
        """How many were new and allowed. Raises NotFound for a member of no or of another community."""
        added = 0
        for part in chunks(interactions):
            allowed = self._allowed(community_id, {interaction.member_id for interaction in part})
            wanted: dict[str, Interaction] = {}
            for interaction in part:
                if interaction.signal.value in allowed[interaction.member_id]:
                    wanted.setdefault(interaction.key, interaction)
            known = [{"b_community": community_id, "b_keys": list(wanted)}]
            for row in self._scope.rows(_KEYS, known) if wanted else ():
                del wanted[row.key]
            if not wanted:
                continue
            sequence = next_sequence(self._scope, community_id, len(wanted))
            rows = [
                _values(interaction) | {"community_id": community_id, "sequence": number}
                for number, interaction in zip(sequence, wanted.values(), strict=True)
            ]
            # The counter's row is locked: nobody can have added one of these keys meanwhile.
            self._scope.run(_ADD, rows)
            self._scope.topics.add("interactions")
            added += len(rows)
        return added

    def withdraw(self, community_id: int, key: str) -> bool:
        gone = self._scope.rows(_WITHDRAW, [{"b_community": community_id, "b_key": key}])
        if not gone:
            return False
        values = {name: getattr(gone[0], name) for name in _COLUMNS}
        sequence = next_sequence(self._scope, community_id, 1)
        self._scope.run(insert(WITHDRAWALS).values(values | {"community_id": community_id, "sequence": sequence[0]}))
        self._scope.topics.add("interactions")
        return True

    def of_member(self, member_id: int, *, limit: int = 300) -> list[Interaction]:
        """Oldest first, the newest `limit`, of the kinds that the member allows now."""
        newest = allowed_now().where(_N.member_id == member_id).order_by(_N.at.desc(), _N.sequence.desc()).limit(limit)
        return [_interaction(row) for row in reversed(self._scope.rows(newest))]

    def of_members(self, member_ids: Iterable[int], *, limit: int = 300) -> dict[int, list[Interaction]]:
        found: dict[int, list[Interaction]] = {}
        place = func.row_number().over(partition_by=_N.member_id, order_by=(_N.at.desc(), _N.sequence.desc()))
        for part in chunks(set(member_ids)):
            numbered = allowed_now().where(_N.member_id.in_(part)).add_columns(place.label("place")).subquery()
            newest = select(numbered).where(numbered.c.place <= limit)
            order = numbered.c.member_id, numbered.c.at, numbered.c.sequence
            for row in self._scope.rows(newest.order_by(*order)):
                found.setdefault(row.member_id, []).append(_interaction(row))
        return found

    def known(self, member_id: int) -> dict[Signal, list[ItemId]]:
        return self.known_of([member_id]).get(member_id, {})

    def known_of(self, member_ids: Iterable[int]) -> dict[int, dict[Signal, list[ItemId]]]:
        latest = func.max(_N.at).label("latest")
        found: dict[int, dict[Signal, list[ItemId]]] = {}
        for part in chunks(set(member_ids)):
            mine = allowed_now().where(_N.member_id.in_(part))
            wanted = mine.with_only_columns(_N.member_id, _N.signal, _N.item, latest)
            grouped = wanted.group_by(_N.member_id, _N.signal, _N.item).order_by(latest.desc(), _N.item)
            for row in self._scope.rows(grouped):
                found.setdefault(row.member_id, {}).setdefault(Signal(row.signal), []).append(ItemId(row.item))
        return found

    def keys_of(self, member_id: int, item: ItemId, signal: Signal) -> list[str]:
        mine = and_(_N.member_id == member_id, _N.item == item, _N.signal == signal.value)
        return [str(key) for key in self._scope.values(select(_N.key).where(mine).order_by(_N.sequence))]

    def after(self, community_id: int, sequence: int, *, limit: int) -> list[tuple[int, Interaction]]:
        """In order of sequence, which withdrawals share; only kinds that the member allows now."""
        wanted = allowed_now().where(_N.community_id == community_id, _N.sequence > sequence)
        rows = self._scope.rows(wanted.order_by(_N.sequence).limit(limit))
        return [(row.sequence, _interaction(row)) for row in rows]

    def withdrawn_after(self, community_id: int, sequence: int) -> list[tuple[int, Interaction]]:
        wanted = select(WITHDRAWALS).where(_W.community_id == community_id, _W.sequence > sequence)
        return [(row.sequence, _interaction(row)) for row in self._scope.rows(wanted.order_by(_W.sequence))]

    def for_training(self, community_id: int, signals: frozenset[str]) -> ActionColumns:
        """Who may be learnt from, and what, is asked once, not once a row: there may be millions."""
        people = select(_M.id).where(_M.community_id == community_id, _M.bot.is_(False), _granted(_M.id))
        members = np.sort(np.asarray(self._scope.values(people), dtype=np.int64))
        listed = ITEMS.c.deleted.is_(True) | (ITEMS.c.audience != PUBLIC)
        barred = set(self._scope.values(select(ITEMS.c.item).where(ITEMS.c.community_id == community_id, listed)))
        words = tuple(sorted(signals))
        wanted = (
            select(_N.member_id, _N.item, _N.signal, type_coerce(_N.at, String), _N.value, _N.sequence)
            .where(_N.community_id == community_id, _N.signal.in_(words))
            .order_by(_N.sequence)
        )
        code_of: dict[str, int] = {}
        signal_of = {word: code for code, word in enumerate(words)}
        pages: list[ActionColumns] = []
        for rows in self._scope.pages(wanted, PAGE):
            users, items, signs, times, values, sequence = zip(*rows, strict=True)
            codes = [code_of.setdefault(item, len(code_of)) for item in items]
            page = ActionColumns(
                np.asarray(users, dtype=np.int64),
                np.asarray(codes, dtype=np.int32),
                np.asarray([signal_of[sign] for sign in signs], dtype=np.int8),
                _seconds(times),
                np.asarray(values, dtype=np.float32),
                np.asarray(sequence, dtype=np.int64),
                (),
                words,
            )
            at = np.minimum(np.searchsorted(members, page.users), max(len(members) - 1, 0))
            pages.append(page.where(members[at] == page.users if len(members) else np.zeros(len(page), dtype=np.bool_)))
        names = tuple(code_of)
        open_ = np.asarray([name not in barred for name in names], dtype=np.bool_)
        return _joined([page.where(open_[page.items]) for page in pages], names, words)

    def explicit(
        self, community_id: int, signals: frozenset[str], *, since: datetime | None = None
    ) -> Iterable[Interaction]:
        gone_or_private = exists().where(
            ITEMS.c.community_id == community_id,
            ITEMS.c.item == _N.item,
            or_(ITEMS.c.deleted.is_(True), ITEMS.c.audience != PUBLIC),
        )
        wanted = allowed_now().where(
            _N.community_id == community_id,
            _N.signal.in_(sorted(signals)),
            _granted(_N.member_id),
            ~gone_or_private,
            exists().where(_M.id == _N.member_id, _M.bot.is_(False)),
        )
        if since is not None:
            wanted = wanted.where(_N.at >= since)
        for row in self._scope.stream(wanted.order_by(_N.at, _N.sequence)):
            yield _interaction(row)

    def newer_for_training(self, community_id: int, signals: frozenset[str], after: int) -> tuple[int, set[ItemId]]:
        newer = _N.community_id == community_id, _N.sequence > after, _N.signal.in_(sorted(signals))
        rows = self._scope.rows(select(_N.item, func.count()).where(*newer).group_by(_N.item))
        return sum(row[1] for row in rows), {ItemId(row.item) for row in rows}

    def pressed(self, community_id: int, signals: frozenset[str], *, since: datetime) -> dict[ItemId, int]:
        on_cards = and_(_N.key.startswith("press:"), _N.signal.in_(sorted(signals)), _N.at >= since)
        wanted = select(_N.item, func.count()).where(_N.community_id == community_id, on_cards).group_by(_N.item)
        return {ItemId(row[0]): row[1] for row in self._scope.rows(wanted)}

    def count(self, community_id: int) -> int:
        return int(self._scope.value(select(func.count()).where(_N.community_id == community_id)))

    def last(self, community_id: int) -> int:
        return self._scope.value(select(COMMUNITIES.c.sequence).where(COMMUNITIES.c.id == community_id)) or 0

    def _allowed(self, community_id: int, member_ids: set[int]) -> dict[int, set[str]]:
        """Which signals of each member may be stored."""
        those = {"b_members": sorted(member_ids)}
        bots = {row.id: row.bot for row in self._scope.rows(_BOTS, [those | {"b_community": community_id}])}
        for member_id in member_ids - bots.keys():
            raise NotFound(f"There is no member {member_id} in this community.")
        granted: dict[int, set[str | None]] = {member_id: {None} for member_id in member_ids}
        for row in self._scope.rows(_GRANTED, [those]):
            granted[row.member_id].add(row.kind)
        return {
            member_id: set()
            if bots[member_id]
            else {signal for signal, need in _NEEDS.items() if (need.value if need else None) in granted[member_id]}
            for member_id in member_ids
        }


def _granted(member: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(CONSENTS.c.member_id == member, CONSENTS.c.kind == ConsentKind.ENROLMENTS.value)


def _seconds(times: Sequence[Any]) -> NDArray[np.float64]:
    """Since the epoch; SQLite keeps a time as words in UTC, other databases give it as a value."""
    if times and not isinstance(times[0], str):
        return np.asarray([time.timestamp() for time in times], dtype=np.float64)
    return np.asarray(times, dtype="datetime64[us]").astype(np.int64) / 1e6


def _joined(pages: Sequence[ActionColumns], names: tuple[str, ...], words: tuple[str, ...]) -> ActionColumns:
    """All pages as one; of none, columns of no rows but the right kinds."""
    empty = ActionColumns(
        np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int8), np.zeros(0), np.zeros(0, np.float32),
        np.zeros(0, np.int64), names, words,
    )  # fmt: skip
    pages = pages or [empty]
    return ActionColumns(
        np.concatenate([page.users for page in pages]),
        np.concatenate([page.items for page in pages]),
        np.concatenate([page.signals for page in pages]),
        np.concatenate([page.at for page in pages]),
        np.concatenate([page.values for page in pages]),
        np.concatenate([page.sequence for page in pages]),
        names,
        words,
    )


def _consents(kind: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(CONSENTS.c.member_id == _N.member_id, CONSENTS.c.kind == kind)


def allowed_now() -> Select[Any]:
    """Interactions whose kind of signal the member allows now: consent may be taken back after they were stored."""
    free = [signal for signal, need in _NEEDS.items() if need is None]
    kind = case({signal: need.value for signal, need in _NEEDS.items() if need is not None}, value=_N.signal)
    return select(INTERACTIONS).where(or_(_N.signal.in_(free), _consents(kind)))


def _values(interaction: Interaction) -> dict[str, Any]:
    return {
        "member_id": interaction.member_id,
        "item": interaction.item,
        "signal": interaction.signal.value,
        "at": interaction.at,
        "key": interaction.key,
        "value": interaction.value,
        "reason": interaction.reason,
    }


def _interaction(row: Record) -> Interaction:
    return Interaction(
        member_id=row.member_id,
        item=ItemId(row.item),
        signal=Signal(row.signal),
        at=row.at,
        key=row.key,
        value=row.value,
        reason=row.reason,
    )
