"""When something is due for somebody, and which occurrences were claimed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from bot.domain.schedules import DigestSettings, Frequency, Job, Occurrence, Outcome, Schedule
from bot.errors import NotFound
from bot.ports import Planned
from storage.scope import Record, Scope
from storage.tables import DIGESTS, MEMBERS, OCCURRENCES, SCHEDULES

_S = SCHEDULES.c
_O = OCCURRENCES.c


class SqlSchedules:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, schedule: Schedule) -> None:
        put_schedule(self._scope, community_id, schedule)

    def due_before(self, community_id: int, at: datetime, *, jobs: Collection[Job], limit: int) -> list[Planned]:
        mine = and_(_S.community_id == community_id, _S.enabled.is_(True), _S.job.in_([job.value for job in jobs]))
        # Two questions, each a walk along the index: asked with OR, every tick would read and sort all schedules.
        new = select(SCHEDULES).where(mine, _S.planned.is_(False)).order_by(_S.id).limit(limit)
        found = [Planned(_schedule(row), None) for row in self._scope.rows(new)]
        due = and_(mine, _S.planned.is_(True), _S.next_at <= at)
        longest = select(SCHEDULES).where(due).order_by(_S.next_at, _S.id).limit(limit - len(found))
        return found + [Planned(_schedule(row), row.next_at) for row in self._scope.rows(longest)]

    def set_next(self, community_id: int, job: Job, recipient: str, at: datetime | None) -> None:
        mine = and_(_S.community_id == community_id, _S.job == job.value, _S.recipient == recipient)
        self._scope.run(update(SCHEDULES).where(mine).values(planned=True, next_at=at))

    def all(self, community_id: int, job: Job | None = None) -> list[Schedule]:
        wanted = select(SCHEDULES).where(_S.community_id == community_id).order_by(_S.id)
        if job is not None:
            wanted = wanted.where(_S.job == job.value)
        return [_schedule(row) for row in self._scope.rows(wanted)]

    def claim(self, community_id: int, occurrence: Occurrence, *, at: datetime) -> int | None:
        row = _key(occurrence) | {"community_id": community_id, "due_at": occurrence.due_at, "claimed_at": at}
        token: int | None = self._scope.value(
            self._scope.insert(OCCURRENCES)
            .values(row | {"outcome": Outcome.CLAIMED.value, "note": ""})
            .on_conflict_do_nothing()
            .returning(_O.id)
        )
        return token

    def finish(self, community_id: int, occurrence: Occurrence, outcome: Outcome, *, note: str = "") -> None:
        key = _key(occurrence)
        mine = and_(_O.community_id == community_id, *(_O[name] == value for name, value in key.items()))
        self._scope.run(update(OCCURRENCES).where(mine).values(outcome=outcome.value, note=note))

    def last(self, community_id: int, job: Job, recipient: str) -> Occurrence | None:
        row = self._scope.first(
            select(OCCURRENCES)
            .where(_O.community_id == community_id, _O.job == job.value, _O.recipient == recipient)
            .order_by(_O.due_at.desc(), _O.id.desc())
            .limit(1)
        )
        return None if row is None else Occurrence(Job(row.job), row.recipient, row.period, row.due_at)

    def outcomes(self, community_id: int, job: Job) -> dict[str, int]:
        wanted = and_(_O.community_id == community_id, _O.job == job.value)
        rows = self._scope.rows(select(_O.outcome, func.count()).where(wanted).group_by(_O.outcome))
        return {row[0]: row[1] for row in rows}


class SqlDigests:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, member_id: int) -> DigestSettings:
        row = self._scope.first(select(DIGESTS).where(DIGESTS.c.member_id == member_id))
        if row is None:
            return DigestSettings(member_id)
        return DigestSettings(
            member_id=row.member_id,
            enabled=row.enabled,
            frequency=Frequency(row.frequency),
            weekday=row.weekday,
            hour=row.hour,
            length=row.length,
            language=row.language,
            platform=row.platform,
            quiet_start=row.quiet_start,
            quiet_end=row.quiet_end,
            skip_next=row.skip_next,
            paused_until=row.paused_until,
            last_note=row.last_note,
        )

    def put(self, community_id: int, settings: DigestSettings) -> None:
        mine = and_(MEMBERS.c.id == settings.member_id, MEMBERS.c.community_id == community_id)
        timezone = self._scope.value(select(MEMBERS.c.timezone).where(mine))
        if timezone is None:
            raise NotFound(f"There is no member {settings.member_id}.")
        values = {
            "community_id": community_id,
            "enabled": settings.enabled,
            "frequency": settings.frequency.value,
            "weekday": settings.weekday,
            "hour": settings.hour,
            "length": settings.length,
            "language": settings.language,
            "platform": settings.platform,
            "quiet_start": settings.quiet_start,
            "quiet_end": settings.quiet_end,
            "skip_next": settings.skip_next,
            "paused_until": settings.paused_until,
            "last_note": settings.last_note,
        }
        self._scope.run(
            self._scope.insert(DIGESTS)
            .values(values | {"member_id": settings.member_id})
            .on_conflict_do_update(index_elements=[DIGESTS.c.member_id], set_=values)
        )
        recipient = f"member:{settings.member_id}"
        mine = and_(_S.community_id == community_id, _S.job == Job.DIGEST.value, _S.recipient == recipient)
        before = next(iter(self._scope.rows(select(SCHEDULES).where(mine))), None)
        schedule = Schedule(
            job=Job.DIGEST,
            recipient=recipient,
            timezone=timezone,
            frequency=settings.frequency,
            weekday=settings.weekday,
            at=time(settings.hour),
            enabled=settings.enabled and settings.frequency is not Frequency.OFF,
            paused_until=settings.paused_until,
            since=before.since if before is not None else None,
        )
        now = self._scope.now()
        if isinstance(now, datetime) and (before is None or _moment(_schedule(before)) != _moment(schedule)):
            # Nothing from before the change is owed: a new day must not bring a letter for a day that is over.
            schedule = replace(schedule, since=now)
        put_schedule(self._scope, community_id, schedule)


def _moment(schedule: Schedule) -> tuple[Any, ...]:
    return schedule.enabled, schedule.frequency, schedule.weekday, schedule.at, schedule.timezone


def put_schedule(scope: Scope, community_id: int, schedule: Schedule) -> None:
    values: dict[str, Any] = {
        "timezone": schedule.timezone,
        "frequency": schedule.frequency.value,
        "weekday": schedule.weekday,
        "at": schedule.at,
        "enabled": schedule.enabled,
        "paused_until": schedule.paused_until,
        "since": schedule.since,
    }
    row = {"community_id": community_id, "job": schedule.job.value, "recipient": schedule.recipient}
    unplanned = values | {"planned": False, "next_at": None}
    changed = scope.run(
        scope.insert(SCHEDULES)
        .values(row | unplanned)
        .on_conflict_do_update(
            index_elements=[_S.community_id, _S.job, _S.recipient],
            set_=unplanned,
            where=or_(*(_S[name].is_distinct_from(value) for name, value in values.items())),
        )
    )
    if changed:
        scope.topics.add("schedules")


def _key(occurrence: Occurrence) -> dict[str, Any]:
    return {"job": occurrence.job.value, "recipient": occurrence.recipient, "period": occurrence.period}


def _schedule(row: Record) -> Schedule:
    return Schedule(
        job=Job(row.job),
        recipient=row.recipient,
        timezone=row.timezone,
        frequency=Frequency(row.frequency),
        weekday=row.weekday,
        at=row.at,
        enabled=row.enabled,
        paused_until=row.paused_until,
        since=row.since,
    )
