"""Events that the community holds itself, their guests, their cards, and what is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from bot.domain.events import EventState, HostedEvent, Moment, MomentKind
from bot.domain.guests import HOLDING, QUEUE, Guest, GuestList, Standing
from bot.ports import CardRow, MirrorRow
from storage.scope import Record, Scope, chunks
from storage.tables import (
    EVENT_CARDS,
    EVENT_GUESTS,
    EVENT_MIRRORS,
    EVENT_MOMENTS,
    EVENT_SETTINGS,
    HOSTED_EVENTS,
)

_H = HOSTED_EVENTS.c
_G = EVENT_GUESTS.c
_C = EVENT_CARDS.c
_X = EVENT_MIRRORS.c
_M = EVENT_MOMENTS.c
_S = EVENT_SETTINGS.c
_EVENT: Final[TypeAdapter[HostedEvent]] = TypeAdapter(HostedEvent)


class SqlHostedEvents:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, event: HostedEvent) -> HostedEvent:
        values = {
            "token": event.token,
            "state": event.state.value,
            "starts_at": event.starts_at,
            "ends_at": event.ends_at,
            "series": event.series,
            "document": _EVENT.dump_python(replace(event, number=0), mode="json"),
        }
        # An insert that ends as an update would use up a number all the same, and people type these.
        mine = (_H.community_id == community_id, _H.slug == event.id)
        number = self._scope.value(update(HOSTED_EVENTS).where(*mine).values(values).returning(_H.id))
        if number is None:
            fresh = values | {"community_id": community_id, "slug": event.id}
            number = self._scope.value(insert(HOSTED_EVENTS).values(fresh).returning(_H.id))
        return replace(event, number=number)

    def get(self, community_id: int, event_id: str) -> HostedEvent | None:
        return self._one(community_id, _H.slug == event_id)

    def numbered(self, community_id: int, number: int) -> HostedEvent | None:
        return self._one(community_id, _H.id == number)

    def by_token(self, community_id: int, token: str) -> HostedEvent | None:
        return self._one(community_id, _H.token == token)

    def all(
        self,
        community_id: int,
        *,
        states: Collection[EventState] = (),
        ends_after: datetime | None = None,
        ends_before: datetime | None = None,
        series: str = "",
        limit: int = 500,
    ) -> list[HostedEvent]:
        wanted = select(HOSTED_EVENTS).where(_H.community_id == community_id).order_by(_H.starts_at, _H.id).limit(limit)
        if states:
            wanted = wanted.where(_H.state.in_([state.value for state in states]))
        if ends_after is not None:
            wanted = wanted.where(_H.ends_at > ends_after)
        if ends_before is not None:
            wanted = wanted.where(_H.ends_at <= ends_before)
        if series:
            wanted = wanted.where(_H.series == series)
        return [_event(row) for row in self._scope.rows(wanted)]

    def _one(self, community_id: int, where: Any) -> HostedEvent | None:
        row = self._scope.first(select(HOSTED_EVENTS).where(_H.community_id == community_id, where))
        return None if row is None else _event(row)


class SqlGuests:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def around(self, event: int, member_id: int | None = None) -> GuestList:
        near: ColumnElement[bool] = _G.standing.in_([standing.value for standing in QUEUE])
        if member_id is not None:
            near = or_(near, _G.member_id == member_id)
        known = self._of(select(EVENT_GUESTS).where(_G.event_id == event, near))
        holding = _G.standing.in_([standing.value for standing in HOLDING])
        held = self._scope.value(select(func.count()).select_from(EVENT_GUESTS).where(_G.event_id == event, holding))
        return GuestList(known, held - sum(guest.standing in HOLDING for guest in known.values()))

    def all(self, event: int) -> GuestList:
        return GuestList(self._of(select(EVENT_GUESTS).where(_G.event_id == event).order_by(_G.at, _G.member_id)))

    def put(self, community_id: int, event: int, guests: Sequence[Guest]) -> None:
        for guest in guests:
            values = {
                "standing": guest.standing.value,
                "at": guest.at,
                "place": guest.place,
                "until": guest.until,
                "told": guest.told,
                "platform": guest.platform,
                "remind": guest.remind,
            }
            mine = {"event_id": event, "member_id": guest.member_id, "community_id": community_id}
            self._scope.run(
                self._scope.insert(EVENT_GUESTS)
                .values(values | mine)
                .on_conflict_do_update(index_elements=[_G.event_id, _G.member_id], set_=values)
            )

    def counts(self, event: int) -> dict[Standing, dict[str, int]]:
        rows = self._scope.rows(
            select(_G.standing, _G.platform, func.count())
            .where(_G.event_id == event)
            .group_by(_G.standing, _G.platform)
            .order_by(_G.standing, _G.platform)
        )
        found: dict[Standing, dict[str, int]] = {}
        for standing, platform, count in rows:
            found.setdefault(Standing(standing), {})[platform] = count
        return found

    def always(self, member_ids: Collection[int]) -> set[int]:
        wanted = select(_S.member_id).where(_S.always.is_(True))
        parts = (self._scope.values(wanted.where(_S.member_id.in_(part))) for part in chunks(member_ids))
        return {member_id for part in parts for member_id in part}

    def set_always(self, community_id: int, member_id: int, *, always: bool) -> None:
        self._scope.run(
            self._scope.insert(EVENT_SETTINGS)
            .values(community_id=community_id, member_id=member_id, always=always)
            .on_conflict_do_update(index_elements=[_S.member_id], set_={"always": always})
        )

    def of_member(self, community_id: int, member_id: int, *, standings: Collection[Standing]) -> dict[int, Guest]:
        words = [standing.value for standing in standings]
        wanted = select(EVENT_GUESTS).where(
            _G.community_id == community_id, _G.member_id == member_id, _G.standing.in_(words)
        )
        return {row.event_id: _guest(row) for row in self._scope.rows(wanted)}

    def _of(self, wanted: Any) -> dict[int, Guest]:
        return {row.member_id: _guest(row) for row in self._scope.rows(wanted)}


class SqlEventCards:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, event: int, card: CardRow) -> None:
        values = {"key": card.key, "posted": card.posted, "edits": card.edits, "lost": card.lost}
        mine = {"event_id": event, "room_id": card.room_id, "community_id": community_id}
        self._scope.run(
            self._scope.insert(EVENT_CARDS)
            .values(values | mine)
            .on_conflict_do_update(index_elements=[_C.event_id, _C.room_id], set_=values)
        )

    def all(self, event: int) -> list[CardRow]:
        rows = self._scope.rows(select(EVENT_CARDS).where(_C.event_id == event).order_by(_C.room_id))
        return [CardRow(row.room_id, row.key, row.posted, row.edits, row.lost) for row in rows]


class SqlEventMirrors:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, platform: str, mirror: MirrorRow) -> None:
        values = {
            "native_id": mirror.native_id,
            "posted": mirror.posted,
            "interested": mirror.interested,
            "lost": mirror.lost,
        }
        mine = {"event_id": mirror.event, "platform": platform, "community_id": community_id}
        self._scope.run(
            self._scope.insert(EVENT_MIRRORS)
            .values(values | mine)
            .on_conflict_do_update(index_elements=[_X.event_id, _X.platform], set_=values)
        )

    def all(self, community_id: int, platform: str) -> dict[int, MirrorRow]:
        mine = and_(_X.community_id == community_id, _X.platform == platform)
        return {
            row.event_id: MirrorRow(row.event_id, row.native_id, row.posted, row.interested, row.lost)
            for row in self._scope.rows(select(EVENT_MIRRORS).where(mine))
        }

    def interested(self, event: int) -> dict[str, int]:
        wanted = select(_X.platform, _X.interested).where(_X.event_id == event, _X.interested > 0)
        return {row.platform: row.interested for row in self._scope.rows(wanted.order_by(_X.platform))}


class SqlMoments:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def arm(self, community_id: int, moments: Sequence[Moment], *, again: bool = False) -> None:
        for moment in moments:
            fresh = {"due_at": moment.due_at, "attempts": 0, "outcome": ""}
            row = {"event_id": moment.event, "what": moment.what, "community_id": community_id}
            self._scope.run(
                self._scope.insert(EVENT_MOMENTS)
                .values(fresh | row)
                .on_conflict_do_update(
                    index_elements=[_M.event_id, _M.what], set_=fresh, where=None if again else _M.outcome == ""
                )
            )
        if moments:
            self._scope.topics.add("moments")

    def touch(self, community_id: int, moment: Moment, pause: timedelta) -> None:
        mine = and_(_M.event_id == moment.event, _M.what == moment.what)
        row = self._scope.first(select(EVENT_MOMENTS).where(mine))
        due_at = moment.due_at
        if row is not None and row.done_at is not None:
            due_at = max(due_at, row.done_at + pause)
        if row is not None and row.outcome == "" and row.due_at <= due_at:
            return
        self.arm(community_id, [replace(moment, due_at=due_at)], again=True)

    def disarm(self, event: int, kinds: Collection[MomentKind] = ()) -> None:
        for moment in self.waiting(event):
            if not kinds or moment.kind in kinds:
                gone = and_(_M.event_id == event, _M.what == moment.what)
                self._scope.run(update(EVENT_MOMENTS).where(gone).values(outcome="disarmed"))

    def waiting(self, event: int) -> list[Moment]:
        wanted = select(EVENT_MOMENTS).where(_M.event_id == event, _M.outcome == "")
        return [_moment(row) for row in self._scope.rows(wanted.order_by(_M.due_at, _M.what))]

    def due(self, community_id: int, at: datetime, *, limit: int) -> list[Moment]:
        wanted = select(EVENT_MOMENTS).where(_M.community_id == community_id, _M.outcome == "", _M.due_at <= at)
        return [_moment(row) for row in self._scope.rows(wanted.order_by(_M.due_at, _M.event_id, _M.what).limit(limit))]

    def finish(self, event: int, what: str, outcome: str, at: datetime) -> bool:
        if not outcome:
            raise ValueError("how it ended needs a word")
        mine = and_(_M.event_id == event, _M.what == what, _M.outcome == "")
        return self._scope.run(update(EVENT_MOMENTS).where(mine).values(outcome=outcome, done_at=at)) == 1

    def defer(self, event: int, what: str, until: datetime) -> int:
        mine = and_(_M.event_id == event, _M.what == what, _M.outcome == "")
        later = update(EVENT_MOMENTS).where(mine).values(due_at=until, attempts=_M.attempts + 1).returning(_M.attempts)
        return int(self._scope.value(later) or 0)

    def outcomes(self, event: int) -> dict[str, str]:
        rows = self._scope.rows(select(_M.what, _M.outcome).where(_M.event_id == event).order_by(_M.due_at))
        return {row.what: row.outcome for row in rows}


def seat_again(scope: Scope, event: int, was: Mapping[str, Any]) -> dict[str, Any]:
    """How somebody stands who held no seat for a while: as they did, unless their seat is another's by now."""
    seated = was["standing"] in {standing.value for standing in HOLDING}
    document = scope.value(select(_H.document).where(_H.id == event))
    capacity = _EVENT.validate_python(document).capacity if document is not None else 0
    full = capacity > 0 and SqlGuests(scope).around(event).held >= capacity
    # Nobody queues before them: their place is that of who never had to queue.
    return {"standing": Standing.WAITING.value, "until": None, "told": False} if seated and full else dict(was)


def _event(row: Record) -> HostedEvent:
    return replace(_EVENT.validate_python(row.document), number=row.id)


def _guest(row: Record) -> Guest:
    return Guest(
        row.member_id, Standing(row.standing), row.at, row.place, row.until, row.told, row.platform, row.remind
    )


def _moment(row: Record) -> Moment:
    return Moment(row.event_id, row.what, row.due_at, row.attempts)
