"""When something is due for somebody, and which occurrences were claimed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, literal_column, or_, select, update

from bot.domain.digests import DigestFigures, DigestSettings, Section
from bot.domain.people import Member
from bot.domain.schedules import Frequency, Job, Occurrence, Outcome, Schedule
from bot.errors import NotFound
from bot.ports import Planned
from storage.repositories.digest_figures import digest_figures
from storage.scope import Record, Scope, chunks
from storage.tables import DIGESTS, MEMBERS, OCCURRENCES, OUTBOX, SCHEDULES

_S = SCHEDULES.c
_O = OCCURRENCES.c


_SET_NEXT: Final = (
    update(SCHEDULES)
    .where(
        _S.community_id == bindparam("b_community"),
        _S.job == bindparam("b_job"),
        _S.recipient == bindparam("b_recipient"),
    )
    .values(planned=True, next_at=bindparam("next_at"))
)
_FINISH: Final = (
    update(OCCURRENCES)
    .where(
        _O.community_id == bindparam("b_community"),
        _O.job == bindparam("b_job"),
        _O.recipient == bindparam("b_recipient"),
        _O.period == bindparam("b_period"),
    )
    .values(outcome=bindparam("outcome"), note=bindparam("note"))
)


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

    def next_at(self, community_id: int, job: Job, recipient: str) -> datetime | None:
        mine = and_(_S.community_id == community_id, _S.job == job.value, _S.recipient == recipient)
        at: datetime | None = self._scope.value(select(_S.next_at).where(mine, _S.enabled.is_(True), _S.planned))
        return at

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
        return None if row is None else _occurrence(row)

    def last_many(self, community_id: int, job: Job, recipients: Collection[str]) -> dict[str, Occurrence]:
        found: dict[str, Occurrence] = {}
        for part in chunks(recipients):
            mine = and_(_O.community_id == community_id, _O.job == job.value, _O.recipient.in_(part))
            for row in self._scope.rows(select(OCCURRENCES).where(mine).order_by(_O.due_at, _O.id)):
                found[row.recipient] = _occurrence(row)
        return found

    def set_next_many(self, community_id: int, job: Job, moments: Mapping[str, datetime | None]) -> None:
        of = {"b_community": community_id, "b_job": job.value}
        self._scope.run(_SET_NEXT, [of | {"b_recipient": who, "next_at": at} for who, at in moments.items()])

    def claim_many(self, community_id: int, occurrences: Sequence[Occurrence], *, at: datetime) -> list[Occurrence]:
        new: set[tuple[str, str]] = set()
        claim = self._scope.insert(OCCURRENCES).on_conflict_do_nothing().returning(_O.recipient, _O.period)
        for part in chunks(occurrences):
            rows = [
                _key(one)
                | {"community_id": community_id, "due_at": one.due_at, "claimed_at": at}
                | {"outcome": Outcome.CLAIMED.value, "note": ""}
                for one in part
            ]
            new.update((row[0], row[1]) for row in self._scope.rows(claim, rows))
        return [one for one in occurrences if (one.recipient, one.period) in new]

    def take_over(self, community_id: int, job: Job, *, before: datetime, at: datetime, limit: int) -> list[Occurrence]:
        left = and_(
            _O.community_id == community_id,
            _O.job == job.value,
            _O.outcome == Outcome.CLAIMED.value,
            _O.claimed_at < before,
        )
        oldest = select(_O.id).where(left).order_by(_O.due_at, _O.id).limit(limit).with_for_update(skip_locked=True)
        taken = update(OCCURRENCES).where(_O.id.in_(oldest)).values(claimed_at=at).returning(OCCURRENCES)
        return sorted(map(_occurrence, self._scope.rows(taken)), key=lambda one: (one.due_at, one.recipient))

    def left_open(self, community_id: int, job: Job, *, before: datetime) -> bool:
        left = and_(
            _O.community_id == community_id,
            _O.job == job.value,
            _O.outcome == literal_column(f"'{Outcome.CLAIMED.value}'"),
            _O.claimed_at < before,
        )
        return self._scope.value(select(_O.id).where(left).limit(1)) is not None

    def held(self, community_id: int, occurrences: Sequence[Occurrence], *, at: datetime) -> list[Occurrence]:
        mine: set[tuple[str, str, str]] = set()
        for part in chunks(occurrences):
            held = and_(
                _O.community_id == community_id,
                _O.outcome == Outcome.CLAIMED.value,
                _O.claimed_at == at,
                _O.recipient.in_([one.recipient for one in part]),
            )
            wanted = select(_O.job, _O.recipient, _O.period).where(held).with_for_update()
            mine.update((row[0], row[1], row[2]) for row in self._scope.rows(wanted))
        return [one for one in occurrences if (one.job.value, one.recipient, one.period) in mine]

    def finish_many(self, community_id: int, ended: Sequence[tuple[Occurrence, Outcome, str]]) -> None:
        rows = [
            {f"b_{name}": value for name, value in _key(one).items()}
            | {"b_community": community_id, "outcome": outcome.value, "note": note}
            for one, outcome, note in ended
        ]
        self._scope.run(_FINISH, rows)

    def outcomes(self, community_id: int, job: Job) -> dict[str, int]:
        wanted = and_(_O.community_id == community_id, _O.job == job.value)
        rows = self._scope.rows(select(_O.outcome, func.count()).where(wanted).group_by(_O.outcome))
        return {row[0]: row[1] for row in rows}


class SqlDigests:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, member_id: int) -> DigestSettings:
        return self.some([member_id])[member_id]

    def some(self, member_ids: Iterable[int]) -> dict[int, DigestSettings]:
        found = {member_id: DigestSettings(member_id) for member_id in member_ids}
        for part in chunks(list(found)):
            rows = self._scope.rows(select(DIGESTS).where(DIGESTS.c.member_id.in_(part)))
            found.update((row.member_id, _settings(row)) for row in rows)
        return found

    def note(self, notes: Mapping[int, str]) -> None:
        rows = [{"b_member": member, "last_note": note} for member, note in notes.items()]
        mine = DIGESTS.c.member_id == bindparam("b_member")
        self._scope.run(update(DIGESTS).where(mine).values(last_note=bindparam("last_note")), rows)
        skipped = [{"b_member": member} for member, note in notes.items() if note == "skipped"]
        self._scope.run(update(DIGESTS).where(mine).values(skip_next=False), skipped)

    def reached(self, member_id: int, *, reached: bool) -> int:
        count = 0 if reached else DIGESTS.c.unreachable + 1
        changed = update(DIGESTS).where(DIGESTS.c.member_id == member_id).values(unreachable=count)
        return int(self._scope.value(changed.returning(DIGESTS.c.unreachable)) or 0)

    def figures(self, community_id: int, *, days: int, at: datetime) -> DigestFigures:
        return digest_figures(self._scope, community_id, days=days, at=at)

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
            "minute": settings.minute,
            "length": settings.length,
            "language": settings.language,
            "platform": settings.platform,
            "sections": sorted(settings.sections),
            "quiet_start": settings.quiet_start,
            "quiet_end": settings.quiet_end,
            "skip_next": settings.skip_next,
            "paused_until": settings.paused_until,
            "last_note": settings.last_note,
            "unreachable": settings.unreachable,
            "hint": settings.hint,
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
            at=settings.at,
            enabled=settings.enabled and settings.frequency is not Frequency.OFF,
            paused_until=settings.paused_until,
            since=before.since if before is not None else None,
        )
        now = self._scope.now()
        if isinstance(now, datetime) and (before is None or _moment(_schedule(before)) != _moment(schedule)):
            # Nothing from before the change is owed: a new day must not bring a letter for a day that is over.
            schedule = replace(schedule, since=now)
        put_schedule(self._scope, community_id, schedule)
        _reckon_anew(self._scope, community_id, settings.member_id)


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


def follow_timezone(scope: Scope, member: Member) -> None:
    """What is due for a member by the clock is so in the zone where they are now."""
    theirs = and_(_S.community_id == member.community_id, _S.recipient == f"member:{member.id}")
    moved: dict[str, Any] = {"timezone": member.timezone, "planned": False, "next_at": None}
    if isinstance(now := scope.now(), datetime):
        # Nothing is owed for hours that were only leapt over on the way.
        moved["since"] = now
    if scope.run(update(SCHEDULES).where(theirs, _S.timezone != member.timezone).values(moved)):
        scope.topics.add("schedules")
        _reckon_anew(scope, member.community_id, member.id)


def _reckon_anew(scope: Scope, community_id: int, member_id: int) -> None:
    """A digest that waits for the end of quiet hours waits for those of now: it is looked at again at once, and the
    gate says when it may go. One that was tried and failed keeps its pause; nothing else was promised for an hour."""
    waits = and_(
        OUTBOX.c.community_id == community_id,
        OUTBOX.c.member_id == member_id,
        OUTBOX.c.unsolicited.is_(True),
        OUTBOX.c.state == "pending",
        OUTBOX.c.attempts == 0,
        OUTBOX.c.key.startswith(f"digest:member:{member_id}:"),
    )
    if scope.run(update(OUTBOX).where(waits, OUTBOX.c.due_at > scope.now()).values(due_at=scope.now())):
        scope.topics.add("outbox")


def _key(occurrence: Occurrence) -> dict[str, Any]:
    return {"job": occurrence.job.value, "recipient": occurrence.recipient, "period": occurrence.period}


def _occurrence(row: Record) -> Occurrence:
    return Occurrence(Job(row.job), row.recipient, row.period, row.due_at)


def _settings(row: Record) -> DigestSettings:
    return DigestSettings(
        member_id=row.member_id,
        enabled=row.enabled,
        frequency=Frequency(row.frequency),
        weekday=row.weekday,
        hour=row.hour,
        minute=row.minute,
        length=row.length,
        language=row.language,
        platform=row.platform,
        sections=frozenset(map(Section, row.sections)),
        quiet_start=row.quiet_start,
        quiet_end=row.quiet_end,
        skip_next=row.skip_next,
        paused_until=row.paused_until,
        last_note=row.last_note,
        unreachable=row.unreachable,
        hint=row.hint,
    )


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
